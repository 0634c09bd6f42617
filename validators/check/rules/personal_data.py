"""SUR921 and SUR931: no personal data goes to a room that others read. Renders no message."""

from __future__ import annotations

import re
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
from validators.check.text_places import narrowed, variable

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
_CONTACT = Rule(
    code="SUR931",
    name="contact-in-public-room",
    severity=Severity.WARNING,
    summary="A message to a public room holds somebody's e-mail address or telephone number.",
    why="People outside the company, or without need, read that room. An address that was posted there is called and "
    "written to by strangers, and it stays wrong there when the person has gone.",
    bad="""\
message: "{{ owner.name }} has it; otherwise call +49 151 2345678."
""",
    good="""\
message: "{{ owner.name }} has it; otherwise ask at the front desk."
""",
    fix="Leave it out and give the link to the ticket; or post to a room that is not public. A mailbox of a team, such "
    "as support@…, is not meant. If it is meant for everybody to read, waive this.",
)
RULES: Final = (_RULE, _CONTACT)
_LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_MAIL: Final = re.compile(r"(?<![\w.+-])(?P<who>[\w.+-]+)@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w.+-])(?:\+|00)[1-9][0-9]{0,2}(?:[ ./()-]{0,2}[0-9]){8,12}(?![\w.-]*[0-9])")
_TEAMS: Final = frozenset(
    """
    abuse accounting accounts billing contact desk finance hello help helpdesk hr info invoice invoices it legal mail
    marketing news noreply no-reply office oncall on-call operations ops orders postmaster press privacy sales security
    service status support team
    """.split()  # noqa: SIM905 - forty words in quotes would be read by nobody
)
"""What stands before the `@` of mailboxes that are nobody's own."""
_Found = dict[tuple[str, Path, str, str], tuple[Document, list[str]]]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every message to a room, with blocks written out; nothing if no room is public."""
    channels, fields = subject.documents.policy(Channels), subject.documents.policy(Fields)
    rooms = frozenset(name for name, room in channels.rooms.items() if room.public) if channels else frozenset()
    personal = frozenset(name for name, each in fields.fields.items() if each.personal) if fields else frozenset()
    if not rooms:
        return
    inlined = Inlined.of(subject.blocks)
    found: _Found = {}
    for document, template in subject.templates:
        for flat in inlined.steps(document, template):
            _look(flat, template.name, rooms, personal, found)
    for (_, path, name, room), (document, templates) in found.items():
        others = f" and {len(templates) - 1} more" if len(templates) > 1 else ""
        if name in (_A_MAIL, _A_NUMBER):
            message = f"{name} stands in a message that `{templates[0]}`{others} would post to the public room `{room}`"
            yield _CONTACT.found(document, path, message, "leave it out, or post to a room that is not public")
            continue
        message = f"`ticket.{name}` holds personal data, and `{templates[0]}`{others} would post it to the public room"
        help_text = "leave it out and give {{ ticket.url }} instead, or post to a room that is not public"
        whole = _RULE.found(document, path, f"{message} `{room}`", help_text)
        yield narrowed(whole, subject.documents.sources, document, path, variable(f"ticket.{name}"))


def _look(flat: Flat, template: str, rooms: frozenset[str], personal: frozenset[str], found: _Found) -> None:
    notify = flat.plain.get("notify")
    if not isinstance(notify, dict) or str(notify.get("room")) not in rooms:
        return
    if not isinstance(notify.get("message"), str):
        return
    for name in (*_fields(notify["message"], personal), *_contacts(notify["message"])):
        document, path = flat.source("notify", "message")
        templates = found.setdefault((document.path, path, name, notify["room"]), (document, []))[1]
        if template not in templates:
            templates.append(template)


def _fields(text: str, personal: frozenset[str]) -> Iterator[str]:
    """The fields with personal data that a text uses."""
    try:
        variables = message_variables(text) if personal else ()
    except TextError:
        return  # SUR401
    for each in variables:
        name = each.removeprefix("ticket.")
        if each != name and name in personal:
            yield name


_A_MAIL: Final = "an e-mail address"
_A_NUMBER: Final = "a telephone number"


def _contacts(text: str) -> Iterator[str]:
    """What of somebody stands literally in a text, in words: it is not repeated."""
    plain = _LIQUID.sub(" ", text)
    if "@" in plain and any(match["who"].casefold() not in _TEAMS for match in _MAIL.finditer(plain)):
        yield _A_MAIL
    if _PHONE.search(plain):
        yield _A_NUMBER
