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
from runner.contract.values import OwnerRef
from validators.check.conditions_written import add_names
from validators.check.subject import Subject

__all__ = ["Mentions"]

_FIELD: Final = re.compile(r"\bticket\.([a-z][a-z0-9_.]*)")
_REFERENCES: Final = frozenset(("person", "team", "role", "rotation", "calendar"))


class Mentions:
    """By sort, the names that are mentioned anywhere but at their own definition."""

    def __init__(self, subject: Subject) -> None:
        documents = subject.documents
        self.names: dict[str, set[str | None]] = {sort: set() for sort in _SORTS}
        self._given: set[str] = set()
        fields = documents.policy(pol.Fields)
        self._assignee = (fields.assignee if fields is not None else None) or "assignee"
        for document, template in subject.templates:
            self._template(document, template)
        self._add("calendar", *(box.calendar for _, _, box in subject.boxes))
        for _, steps in subject.steps:
            for _, step in steps:
                self._step(step)
        for form in {each.form for each in subject.texts}:
            self._text(form)
        for document in documents.all("Block"):
            for declared in document.plain.get("inputs", {}).values():
                self._give(declared.get("default"))
                self._text(str(declared.get("default")))
        self._policies(documents)

    def has(self, sort: str, name: str) -> bool:
        """Whether a definition of this sort is mentioned."""
        return name in self.names[sort] or name in self._given

    def _add(self, sort: str, *names: str | None) -> None:
        self.names[sort].update(names)

    def _template(self, document: Document, template: Template) -> None:
        names = self.names
        self._condition(document.plain["trigger"]["when"])
        self._add("ticket field", *template.trigger.group_by)
        accept, handoff, exceptions = template.accept, template.handoff, template.exceptions
        for ref in document.plain["owners"].values():
            self._inside(ref)
        for receiver in handoff.sequence:
            names[receiver.sort].add(receiver.name)
        for name, use in exceptions.items():
            names["exception class"].add(name)
            if use.owner is not None:
                names[use.owner.sort].add(use.owner.name)
        names["checklist item"].update(accept.checklist)
        names["calendar"].add(accept.hours)
        if accept.clarify is not None and isinstance(accept.clarify.who, OwnerRef):
            names[accept.clarify.who.sort].add(accept.clarify.who.name)
        names["evidence kind"].update(template.outcome.evidence)
        names["resolution code"].update(template.close.resolution_codes)
        names["ticket field"].update(template.inputs)
        for output in template.outputs.values():
            names["evidence kind"].add(output.evidence)
            names["ticket field"].add(output.field)
        if "artifacts" in handoff.require:
            names["evidence kind"].add(ANY_WITHOUT_FIELD)

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
        """What a block is given: any text in it may name anything, and what stands at a reference is one too."""
        if isinstance(value, str):
            self._given.add(value)
        elif isinstance(value, dict):
            for key, each in value.items():
                self._give(each)
                if key in _REFERENCES and isinstance(each, str):
                    self.names[key].add(each)
        elif isinstance(value, list):
            for each in value:
                self._give(each)

    def _inside(self, value: Any) -> None:  # noqa: ANN401 - plain data
        """Owners and boxes of time, at any depth."""
        if isinstance(value, dict):
            for key, each in value.items():
                if isinstance(each, dict | list):
                    self._inside(each)
                elif key in _REFERENCES and isinstance(each, str):
                    self.names[key].add(each)
        elif isinstance(value, list):
            for each in value:
                self._inside(each)

    def _text(self, text: str) -> None:
        """Fields that Liquid names; whether the text is well-formed is not asked."""
        if "ticket." in text:
            self.names["ticket field"].update(each.rstrip(".") for each in _FIELD.findall(text))

    def _condition(self, plain: object) -> None:
        if plain is not None:
            add_names(plain, self.names["ticket field"], self.names["calendar"])

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
            self._add("ticket field", fields.priority, fields.assignee, fields.tier, fields.account)
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
