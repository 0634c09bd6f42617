"""SUR921: no personal data goes to a room that others read. Renders no message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.blocks import Flat
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import Channels, Fields
from runner.contract.rule import Rule
from runner.contract.text import TextError, message_variables
from validators.check.inlined import Inlined
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR921",
    name="personal-data-in-public-room",
    severity=Severity.ERROR,
    summary="A message to a public room uses a ticket field that holds personal data.",
    why="People outside the company, or without need, read that room. What was posted there cannot be taken back, and "
    "keeping personal data to those who need it is the law in many countries.",
    bad="""\
message: "{{ ticket.requester | default: 'A customer' }} waits for {{ owner.name }}."
""",
    good="""\
message: "A customer waits for {{ owner.name }}: {{ ticket.url }}"
""",
    fix="Leave the field out and give the link to the ticket, which asks who is reading; or post to a room that is not "
    "public. If the field holds no personal data, remove `personal` in the Fields policy.",
)
RULES: Final = (_RULE,)
_Found = dict[tuple[str, Path, str, str], tuple[Document, list[str]]]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every message to a room, with blocks written out; nothing if no room is public or no field is personal."""
    channels, fields = subject.documents.policy(Channels), subject.documents.policy(Fields)
    rooms = frozenset(name for name, room in channels.rooms.items() if room.public) if channels else frozenset()
    personal = frozenset(name for name, each in fields.fields.items() if each.personal) if fields else frozenset()
    if not rooms or not personal:
        return
    inlined = Inlined.of(subject.blocks)
    found: _Found = {}
    for document, template in subject.templates:
        for flat in inlined.steps(document, template):
            _look(flat, template.name, rooms, personal, found)
    for (_, path, name, room), (document, templates) in found.items():
        others = f" and {len(templates) - 1} more" if len(templates) > 1 else ""
        message = f"`ticket.{name}` holds personal data, and `{templates[0]}`{others} would post it to the public room"
        help_text = "leave it out and give {{ ticket.url }} instead, or post to a room that is not public"
        yield _RULE.found(document, path, f"{message} `{room}`", help_text)


def _look(flat: Flat, template: str, rooms: frozenset[str], personal: frozenset[str], found: _Found) -> None:
    notify = flat.plain.get("notify")
    if not isinstance(notify, dict) or str(notify.get("room")) not in rooms:
        return
    if not isinstance(notify.get("message"), str):
        return
    try:
        variables = message_variables(notify["message"])
    except TextError:
        return  # SUR401
    for variable in variables:
        name = variable.removeprefix("ticket.")
        if variable != name and name in personal:
            document, path = flat.source("notify", "message")
            templates = found.setdefault((document.path, path, name, notify["room"]), (document, []))[1]
            if template not in templates:
                templates.append(template)
