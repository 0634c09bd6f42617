"""SUR505 and SUR507: what the policies define is used by something. Blocks have a rule of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from runner.contract import policies as pol
from runner.contract.condition_reader import BUILTIN_FIELDS
from runner.contract.contract import BUILT_IN
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.rule import Rule
from validators.check.doubt import unknown_sorts
from validators.check.mentions import ANY_WITHOUT_FIELD, Mentions
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR505",
    name="unused-definition",
    severity=Severity.WARNING,
    summary="Nothing uses a rotation, team, calendar, ticket field, exception class, checklist item, kind of evidence, "
    "resolution code, channel, room or action.",
    why="Whoever reads the policies takes it for something that happens, and keeps it up for nothing. Often it is the "
    "trace of a name that was meant somewhere and written otherwise there.",
    bad="""\
  lobby: {channel: chat, address: "#lobby"}
""",
    good="""\
rooms:
  counter: {channel: chat, address: "#counter"}
""",
    fix="Use it, or delete it; git keeps it.",
)
_PERSON = Rule(
    code="SUR507",
    name="person-without-part",
    severity=Severity.INFO,
    summary="A person is in no rotation, team or job, owns nothing and stands in for nobody.",
    why="Nobody will ever ask this person. That is right for somebody who has just come or gone, and otherwise a "
    "forgotten entry in a rotation.",
    bad="""\
  dan:
    name: Dan Drake
    zone: Europe/Berlin
    contacts: {chat: dan@chat.example.com}
""",
    good="""\
  dan:
    name: Dan Drake
    zone: Europe/Berlin
    jobs: [clerk]
    contacts: {chat: dan@chat.example.com}
""",
    fix="Give the person a part, or leave the entry if records of the past name it: ids are never used again.",
)
RULES: Final = (_RULE, _PERSON)


class _Sort(NamedTuple):
    """Definitions of a sort: the policy and the key under which they stand, and what could use them but not be read."""

    name: str
    kind: str
    key: str
    users: frozenset[str]
    what_to_do: str


_RUNBOOKS: Final = frozenset(("Template", "Block"))
_BY_OWNERS: Final = _RUNBOOKS | {"ExceptionClasses"}
_SORTS: Final = (
    _Sort("rotation", "Rotations", "rotations", _BY_OWNERS, "let a template ask it, or delete it"),
    _Sort("team", "People", "teams", _BY_OWNERS, "let a template ask it, or delete it"),
    _Sort("calendar", "Calendars", "calendars", _BY_OWNERS | {"Routing", "Governance"}, "count by it, or delete it"),
    _Sort(
        "ticket field", "Fields", "fields", _RUNBOOKS | {"Routing", "EvidenceKinds", "Limits", "Actions"},
        "use it in a condition, a message or a step, or delete it",
    ),
    _Sort("exception class", "ExceptionClasses", "classes", _RUNBOOKS, "allow it in a template, or delete it"),
    _Sort("checklist item", "Checklists", "items", _RUNBOOKS, "ask it in a template, or delete it"),
    _Sort("evidence kind", "EvidenceKinds", "evidence", _RUNBOOKS, "need it in a template, or delete it"),
    _Sort("resolution code", "ResolutionCodes", "codes", _RUNBOOKS, "allow it in a template, or delete it"),
    _Sort("channel", "Channels", "channels", _RUNBOOKS | {"People"}, "reach somebody by it, or delete it"),
    _Sort("room", "Channels", "rooms", _RUNBOOKS, "post to it, or delete it"),
    _Sort("action", "Actions", "actions", _RUNBOOKS, "run it in a step, or delete it"),
    _Sort(
        "person", "People", "people", _BY_OWNERS | {"Rotations", "Absences", "Governance"},
        "give them a part, or leave the entry if records of the past name it",
    ),
)  # fmt: skip
"""A sort is judged only if every document that could use it was understood, and nothing unknown of it is named."""
_EVERY_TICKET: Final = frozenset((None, "id", "url", "subject", "description", "assignee", *BUILTIN_FIELDS))
"""What a message may ask of any ticket, and what a new one gets; nobody need declare it."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each definition that nothing mentions, at its key."""
    documents = subject.documents
    if not documents.all("Template"):
        return
    mentions = Mentions(subject)
    unknown = unknown_sorts(subject.loaded)
    if _names_unknown_fields(mentions, documents.policy(pol.Fields)):
        unknown |= {"ticket field"}
    for sort in _SORTS:
        document = documents.one(sort.kind)
        if document is None or sort.users & documents.broken or sort.name in unknown:
            continue
        for name in document.plain.get(sort.key) or {}:
            if not mentions.has(sort.name, name) and not _is_ready_to_use(document, sort.name, name, mentions):
                rule = _PERSON if sort.name == "person" else _RULE
                message = f"nothing uses the {sort.name} `{name}`"
                if rule is _PERSON:
                    message = f"`{name}` has no part: no rotation, team or job, and nothing to own"
                yield rule.found(document, (sort.key, name), message, sort.what_to_do, key=True)


def _names_unknown_fields(mentions: Mentions, fields: pol.Fields | None) -> bool:
    """Whether something, a message for example (SUR402), names a ticket field that nobody declared."""
    declared = fields.fields.keys() if fields is not None else frozenset[str]()
    return any(not name.startswith("$") for name in mentions.names["ticket field"] - _EVERY_TICKET - declared if name)


def _is_ready_to_use(document: Document, sort: str, name: str, mentions: Mentions) -> bool:
    """Whether something has its use without being named: artifacts of a handoff, a channel to try things out, what
    the runner raises.
    """
    if sort == "evidence kind" and isinstance(document.model, pol.EvidenceKinds):
        free = document.model.evidence[name].field is None
        return free and mentions.has(sort, ANY_WITHOUT_FIELD)
    if sort == "exception class":
        return name in BUILT_IN
    if sort == "channel" and isinstance(document.model, pol.Channels):
        return document.model.channels[name].sender == "console"
    return False
