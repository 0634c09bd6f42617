"""SUR515: what goes to many people says who is meant. Does not judge whom, nor whether the message is a good one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.blocks import BlockInliner
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import Channels, People
from runner.contract.rule import Rule
from runner.contract.template import POINTS, Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR515",
    name="broadcast-names-nobody",
    severity=Severity.WARNING,
    summary="A message goes to many people and says of nobody that it is theirs to act on.",
    why="Everybody is notified and nobody is asked: each reader trusts that another will see to it. The runner adds "
    "who is accountable, but only below a text that has asked nobody for anything. A person whose contact is a room is "
    "the same in another dress: that rung is offered to everybody at once.",
    bad="""\
- notify: {room: lobby, message: "Please look at {{ ticket.id }}."}
""",
    good="""\
- notify: {room: lobby, message: "{{ owner.name }}, please look at {{ ticket.id }}."}
""",
    fix="Begin the message with `{{ owner.name }}` and say what that person is to do; `{{ previous.name }}` and "
    "`{{ owners.escalation_owner.name }}` are at hand too. Give each person a contact of their own, and post to rooms "
    "with `room`.",
)
RULES: Final = (_RULE,)

_NAMES: Final = re.compile(
    r"\{\{[^{}]*\b(?:owner\.name|previous\.name|owners\.(?:primary|secondary|escalation_owner)\.name)\b"
)
_SILENT_POINT: Final = "closed"
"""Nobody is accountable any more, and nobody is asked for anything."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Messages to rooms, and people who are reached in one. A finding in a block is made once."""
    people, channels = subject.documents.policy(People), subject.documents.policy(Channels)
    named = _literally(people)
    inliner: BlockInliner | None = None
    known: set[tuple[str, Path]] = set()
    for document, template in subject.templates:
        if _suspect(subject, template, named):
            inliner = inliner or BlockInliner({block.name: each for each, block in subject.blocks}, complete=False)
            for where, path, room in _silent(inliner, document, template, named):
                if (where.path, path) not in known:
                    known.add((where.path, path))
                    message = f"everybody in the room `{room}` reads this, and it names nobody who is to act"
                    help_text = "say who is meant and what to do: {{ owner.name }}, please …"
                    yield _RULE.found(where, path, message, help_text)
    yield from _contacts(subject.documents.one("People"), channels)


def _suspect(subject: Subject, template: Template, named: re.Pattern[str] | None) -> bool:
    """Whether it is worth writing the blocks out once more; always, if the template was not compiled."""
    contract = subject.revision.contracts.get(template.name) if subject.revision is not None else None
    return contract is None or any(
        step.room is not None and not _asks(str(step.args.get("message")), named)
        for point, steps in contract.runbook.items()
        if point != _SILENT_POINT
        for step in steps
    )


def _silent(
    inliner: BlockInliner, document: Document, template: Template, named: re.Pattern[str] | None
) -> Iterator[tuple[Document, Path, str]]:
    runbook = document.plain.get("runbook") or {}
    for point in POINTS:
        steps = runbook.get(point) if point != _SILENT_POINT else None
        for flat in inliner.steps(document, template.name, steps, ("runbook", point)) if steps else ():
            notify: Any = flat.plain.get("notify")
            if isinstance(notify, Mapping) and notify.get("room") is not None:
                message = notify.get("message")
                if isinstance(message, str) and not _asks(message, named):
                    yield *flat.source("notify", "message"), str(notify["room"])


def _asks(text: str, named: re.Pattern[str] | None) -> bool:
    """Whether a text names somebody, by the part played or outright."""
    return _NAMES.search(text) is not None or (named is not None and named.search(text) is not None)


def _literally(people: People | None) -> re.Pattern[str] | None:
    """The names of all people as they may stand in a text."""
    if people is None or not people.people:
        return None
    names = {re.escape(each) for name, person in people.people.items() for each in (name, person.name)}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(names))})(?!\w)")


def _contacts(document: Document | None, channels: Channels | None) -> Iterator[Diagnostic]:
    """People whose contact is the address of a room."""
    if document is None or channels is None or not isinstance(document.model, People):
        return
    rooms = {(room.channel, room.address): name for name, room in channels.rooms.items()}
    for person, each in document.model.people.items():
        for channel, address in each.contacts.items():
            room = rooms.get((channel, address))
            if room is not None:
                message = f"whoever asks `{person}` on {channel} asks everybody in the room `{room}`: nobody is meant"
                help_text = "give the person an address of their own; post to rooms with `room`"
                yield _RULE.found(document, ("people", person, "contacts", channel), message, help_text)
