"""Which definitions of the policies anything mentions: one pass over all documents. Judges nothing.

A name that is given to a block may stand for anything, so it counts as a mention of every sort of definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract import policies as pol
from runner.contract.documents import Document, Documents
from runner.contract.template import Template
from runner.contract.values import Box, OwnerRef
from runner.contract.written_steps import written_steps
from validators.check.conditions_written import calendars_counted, fields_asked

__all__ = ["Mentions"]

_FIELD: Final = re.compile(r"\bticket\.([a-z][a-z0-9_.]*)")
_REFERENCES: Final = frozenset(("person", "team", "role", "rotation", "calendar"))


class Mentions:
    """By sort, the names that are mentioned anywhere but at their own definition."""

    def __init__(self, documents: Documents) -> None:
        self.names: dict[str, set[str | None]] = {sort: set() for sort in _SORTS}
        self._given: set[str] = set()
        fields = documents.policy(pol.Fields)
        self._assignee = (fields.assignee if fields is not None else None) or "assignee"
        for document in documents.all("Template"):
            self._template(document, document.read_as(Template))
        for document in (*documents.all("Template"), *documents.all("Block")):
            for _, step in written_steps(document):
                self._step(step)
        for document in documents.all("Block"):
            for declared in document.plain.get("inputs", {}).values():
                self._give(declared.get("default"))
        self._policies(documents)

    def has(self, sort: str, name: str) -> bool:
        """Whether a definition of this sort is mentioned."""
        return name in self.names[sort] or name in self._given

    def _add(self, sort: str, *names: str | None) -> None:
        self.names[sort].update(names)

    def _template(self, document: Document, template: Template) -> None:
        self._condition(document.plain["trigger"]["when"])
        owners, accept, handoff = template.owners, template.accept, template.handoff
        self._owners(owners.primary, owners.secondary, owners.escalation_owner, *handoff.sequence)
        self._owners(*(each.owner for each in template.exceptions.values()))
        self._boxes(template.outcome.within, accept.within, accept.checklist_within, accept.progress_within)
        self._boxes(handoff.accept_within, template.waiting.at_most if template.waiting is not None else None)
        self._boxes(*(each.within for each in template.exceptions.values()), *(each.within for each in template.ladder))
        self._add("exception class", *template.exceptions)
        self._add("checklist item", *accept.checklist)
        self._add("evidence kind", *template.outcome.evidence)
        self._add("resolution code", *template.close.resolution_codes)
        self._add("ticket field", *template.inputs)
        for output in template.outputs.values():
            self._add("evidence kind", output.evidence)
            self._add("ticket field", output.field)
        if "artifacts" in handoff.require:
            self._add("evidence kind", ANY_WITHOUT_FIELD)

    def _owners(self, *refs: OwnerRef | None) -> None:
        for each in refs:
            if each is not None:
                self.names[each.sort].add(each.name)

    def _boxes(self, *boxes: Box | None) -> None:
        self._add("calendar", *(each.calendar for each in boxes if each is not None))

    def _step(self, step: Mapping[str, Any]) -> None:
        for kind, body in step.items():
            if kind in ("with", "undo"):
                self._give(body)
            elif kind == "choose":
                branches = body.get("branches") if isinstance(body, dict) else None
                for branch in branches if isinstance(branches, list) else ():
                    self._condition(branch.get("when") if isinstance(branch, dict) else None)
            elif isinstance(body, dict):
                self._body(kind, body)

    def _body(self, kind: str, body: dict[str, Any]) -> None:
        for value in body.values():
            if isinstance(value, str):
                self._text(value)
            elif isinstance(value, dict | list):
                self._inside(value)
        if kind == "set_fields":
            self._add("ticket field", *body)
        elif kind == "create_ticket":
            self._add("ticket field", "subject", "description", *_words(body.get("fields")))
            self._add("ticket field", self._assignee if body.get("assign") is not None else None)
        elif kind in ("action", "attach"):
            self._add("action", *_words(body.get("run")), *_words(body.get("source")))
        elif kind in ("notify", "page"):
            self._add("channel", *_words(body.get("via")))
            self._add("room", *_words(body.get("room")))
        elif kind == "wait":
            self._condition(body.get("until"))

    def _give(self, value: Any) -> None:  # noqa: ANN401 - plain data
        """What a block is given: any text in it may name anything."""
        self._given.update(_leaves(value))
        self._inside(value)

    def _inside(self, value: Any) -> None:  # noqa: ANN401 - plain data
        """Owners, boxes of time and texts, at any depth."""
        if isinstance(value, str):
            self._text(value)
        elif isinstance(value, dict):
            for key, each in value.items():
                if key in _REFERENCES and isinstance(each, str):
                    self.names[key].add(each)
                else:
                    self._inside(each)
        elif isinstance(value, list):
            for each in value:
                self._inside(each)

    def _text(self, text: str) -> None:
        """Fields that Liquid names; whether the text is well-formed is not asked."""
        if "ticket." in text:
            self.names["ticket field"].update(each.rstrip(".") for each in _FIELD.findall(text))

    def _condition(self, plain: object) -> None:
        if plain is not None:
            self._add("ticket field", *(name for name, _ in fields_asked(plain, ())))
            self._add("calendar", *calendars_counted(plain))

    def _policies(self, documents: Documents) -> None:
        for kind in ("ExceptionClasses", "Governance"):
            for document in documents.all(kind):
                self._inside(document.plain.get("classes") or document.plain.get("change_windows"))
        for document in documents.all("Routing"):
            self._condition(document.plain["scope"])
        self._people(documents)
        fields, kinds = documents.policy(pol.Fields), documents.policy(pol.EvidenceKinds)
        if fields is not None:
            record = fields.record
            self._add("ticket field", record.state, record.owner, record.accepted_at, fields.lifecycle.field)
            self._add("ticket field", fields.priority, fields.assignee)
        for each in kinds.evidence.values() if kinds is not None else ():
            self._add("ticket field", each.field)
        limits, actions = documents.policy(pol.Limits), documents.policy(pol.Actions)
        self._add("ticket field", *(limits.approval_above if limits is not None else ()))
        for action in actions.actions.values() if actions is not None else ():
            self._add("ticket field", action.amount)
            self._add("action", action.undo)
        channels = documents.policy(pol.Channels)
        for room in channels.rooms.values() if channels is not None else ():
            self._add("channel", room.channel)

    def _people(self, documents: Documents) -> None:
        people, rotations = documents.policy(pol.People), documents.policy(pol.Rotations)
        for team in people.teams.values() if people is not None else ():
            self._add("person", *team.members)
        for name, person in people.people.items() if people is not None else ():
            self._add("channel", *person.contacts)
            self._add("person", person.substitute, name if person.jobs else None)
        for rotation in rotations.rotations.values() if rotations is not None else ():
            layers = [
                layer for stack in (rotation.stack, *(each.stack for each in rotation.versions)) for layer in stack
            ]
            self._add("person", *(member for layer in layers for member in layer.members))
            self._add("person", *(each.person for each in rotation.overrides))
            self._add("rotation", *rotation.apart_from)
        absences, governance = documents.policy(pol.Absences), documents.policy(pol.Governance)
        self._add("person", *(each.person for each in (absences.swaps if absences is not None else ())))
        if governance is not None:
            turn = governance.audit_turn.members if governance.audit_turn is not None else ()
            self._add("person", *governance.gatekeepers, governance.audit_authority, governance.last_resort, *turn)


ANY_WITHOUT_FIELD: Final = ""
"""Stands among the mentioned kinds of evidence if handoffs carry artifacts, which may be of any kind."""
_SORTS: Final = (
    *sorted(_REFERENCES), "ticket field", "exception class", "checklist item", "evidence kind", "resolution code",
    "channel", "room", "action",
)  # fmt: skip


def _words(value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data, in a block of any shape
    """A text, or the texts of a list, or the keys of a mapping."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from (each for each in value if isinstance(each, str))


def _leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
