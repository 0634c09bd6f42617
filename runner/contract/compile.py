"""The compiler: a valid template and the policies become a closed contract."""

from __future__ import annotations

from runner.contract import policies as pol
from runner.contract.blocks import BlockInliner
from runner.contract.close_steps import step_conditions
from runner.contract.compile_acceptance import (
    ACCEPTANCE_PATHS,
    acceptance_boxes,
    acceptance_of,
    check_acceptance,
)
from runner.contract.compile_limits import check_limits
from runner.contract.compile_steps import StepCompiler
from runner.contract.condition_reader import declared_reader
from runner.contract.conditions import Condition, condition_calendars, condition_plain, timed
from runner.contract.contract import (
    BUILT_IN,
    Contract,
    DriftOf,
    EvidenceOf,
    ExceptionOf,
    HandoffOf,
    LimitsOf,
    RecordOf,
    RungOf,
    StepOf,
    closed_box,
)
from runner.contract.documents import Document, Path
from runner.contract.places import Places
from runner.contract.references import References
from runner.contract.template import POINTS, RUNGS, Template
from runner.contract.values import Box

__all__ = ["TemplateCompiler"]


class TemplateCompiler:
    """Compiles one template; findings go to `references`, positions of rules to `places`."""

    def __init__(self, references: References, inliner: BlockInliner, document: Document, template: Template) -> None:
        self.references = references
        self.inliner = inliner
        self.document = document
        self.template = template
        self.places = Places()

    def compile(self) -> Contract | None:
        """The contract; None if findings were noted."""
        before = len(self.references.findings) + len(self.inliner.findings)
        condition = self._condition()
        steps = StepCompiler(self.references, self.inliner).runbook(self.template, self.document)
        steps |= self._class_runbooks()
        self._check_owners()
        self._check_lists()
        self._check_boxes()
        check_acceptance(self.template, self.document, self.references)
        check_limits(self.template, self.document, self.references, condition)
        if len(self.references.findings) + len(self.inliner.findings) > before or not self._policies_complete():
            return None
        return self._contract(condition, steps)

    def _class_runbooks(self) -> dict[str, tuple[StepOf, ...]]:
        """What is approved for the classes of this template, and for those that only the runner raises."""
        document = self.references.documents.one("ExceptionClasses")
        if document is None:
            return {}
        classes = document.read_as(pol.ExceptionClasses).classes
        named = (*self.template.exceptions, *BUILT_IN)
        blocks = {name: block for name in named if name in classes and (block := classes[name].runbook) is not None}
        return StepCompiler(self.references, self.inliner).of_classes(document, blocks)

    def _policies_complete(self) -> bool:
        """Whether all that a contract takes in is there; what is wrong with a policy was found before."""
        documents, calendars = self.references.documents, self.references.names["calendar"]
        if not all(documents.one(kind) for kind in _NEEDED):
            return False
        classes = documents.needed(pol.ExceptionClasses).classes
        named = {*self.template.exceptions, *(name for name in BUILT_IN if name in classes)}
        return all(classes[name].within.calendar in {None, *calendars} for name in named)

    def _wrong(self, code: str, path: Path, message: str, help_text: str) -> None:
        self.references.wrong(self.document, code, path, message, help_text)

    def _condition(self) -> Condition:
        reader = declared_reader(self.references.documents)
        condition = reader.read(self.document.plain["trigger"]["when"])
        if self.references.fields is not None:
            for each in reader.problems:
                path = ("trigger", "when", *each.path)
                self.references.wrong(self.document, each.code, path, each.message, each.help, key=each.key)
        if timed(condition) and "time.passed" not in self.template.trigger.on:
            message = "the condition depends on time, but time alone does not trigger this template"
            help_text = "add time.passed to `on`, so that it also opens when nobody touches the ticket"
            self._wrong("SUR307", ("trigger", "on"), message, help_text)
        return condition

    def _check_owners(self) -> None:
        owners = self.template.owners
        for rung in RUNGS:
            self.references.owner(getattr(owners, rung), self.document, ("owners", rung))
        if owners.primary == owners.secondary:
            message = f"primary and secondary are both {owners.primary}"
            self._wrong("SUR306", ("owners", "secondary"), message, "name a substitute who is somebody else")

    def _check_lists(self) -> None:
        template, refs, doc = self.template, self.references, self.document
        for sort, names, path in (
            ("evidence kind", template.outcome.evidence, ("outcome", "evidence")),
            ("checklist item", template.accept.checklist, ("accept", "checklist")),
            ("resolution code", template.close.resolution_codes, ("close", "resolution_codes")),
        ):
            for index, name in enumerate(names):
                refs.known(sort, name, doc, (*path, index))
        for name, use in template.exceptions.items():
            refs.known("exception class", name, doc, ("exceptions", name), key=True)
            if use.owner is not None:
                refs.owner(use.owner, doc, ("exceptions", name, "owner"))
        for index, receiver in enumerate(template.handoff.sequence):
            refs.owner(receiver, doc, ("handoff", "sequence", index))
        for index, field in enumerate(template.trigger.group_by):
            refs.known("ticket field", field, doc, ("trigger", "group_by", index))
        for field in template.inputs:
            refs.known("ticket field", field, doc, ("inputs", field), key=True)
        for name, output in template.outputs.items():
            if output.evidence is not None:
                refs.known("evidence kind", output.evidence, doc, ("outputs", name, "evidence"))
            if output.field is not None:
                refs.known("ticket field", output.field, doc, ("outputs", name, "field"))

    def _check_boxes(self) -> None:
        template = self.template
        boxes: dict[Path, Box | None] = {
            ("outcome", "within"): template.outcome.within,
            **acceptance_boxes(template),
            ("handoff", "accept_within"): template.handoff.accept_within,
        }
        boxes |= {("exceptions", name, "within"): use.within for name, use in template.exceptions.items()}
        boxes |= {("ladder", index, "within"): rung.within for index, rung in enumerate(template.ladder)}
        for path, box in boxes.items():
            if box is not None:
                self.references.box(box, self.document, path)
        if template.waiting is not None:
            for key, what in (("at_most", "a bound"), ("then", "somebody whom it falls to")):
                if getattr(template.waiting, key) is None:
                    message = f"waiting has no `{key}`, so it is without {what}"
                    advice = "write at_most: 3d" if key == "at_most" else "write then: owner, or escalation_owner"
                    self.references.wrong(self.document, "SUR311", ("waiting",), message, advice, key=True)

    def _contract(self, condition: Condition, steps: dict[str, tuple[StepOf, ...]]) -> Contract:
        docs, template = self.references.documents, self.template
        checklists, evidence = docs.needed(pol.Checklists), docs.needed(pol.EvidenceKinds)
        limits, fields = docs.needed(pol.Limits), docs.needed(pol.Fields)
        exceptions, built_in = self._exceptions(), self._built_in()
        ladder, handoff = self._ladder(), self._handoff()
        boxes = [closed_box(template.outcome.within), handoff.accept_within, *(each.within for each in ladder)]
        boxes += [each.within for each in (*exceptions.values(), *built_in.values())]
        boxes += [step.within for each in steps.values() for step in each if step.within is not None]
        acceptance = acceptance_of(template, checklists)
        boxes += acceptance.boxes
        conditions = [condition, *(each for of in steps.values() for step in of for each in step_conditions(step))]
        used = {b.calendar for b in boxes if b.calendar is not None}
        calendars = sorted(used.union(*map(condition_calendars, conditions)))
        name, accept = template.name, template.accept
        self._note_places()
        return Contract(
            name=name,
            summary=template.summary,
            on=template.trigger.on,
            when=condition_plain(condition),  # type: ignore[arg-type]
            rearm=self._rearm(),
            statement=template.outcome.statement,
            evidence=tuple(
                EvidenceOf(name=kind, summary=evidence.evidence[kind].summary, field=evidence.evidence[kind].field)
                for kind in template.outcome.evidence
            ),
            outcome_within=closed_box(template.outcome.within),
            when_overdue=template.outcome.when_overdue,
            ladder=ladder,
            owners={rung: getattr(template.owners, rung) for rung in RUNGS},
            repeat=accept.repeat,
            **acceptance.fields,
            runbook={point: each for point, each in steps.items() if each},
            handoff=handoff,
            exceptions=exceptions,
            built_in=built_in,
            verify=template.close.verify,
            resolution_codes=template.close.resolution_codes,
            postmortem=template.close.postmortem,
            on_other_match=template.on_other_match,
            drift=DriftOf(**template.drift.model_dump()),
            reopen_within=template.close.reopen_within,
            group_by=template.trigger.group_by,
            group_within=template.trigger.group_within,
            calendars={each: self.references.calendar(each) for each in calendars},
            limits=LimitsOf(**{key: getattr(limits, key) for key in LimitsOf.model_fields}),
            record=RecordOf(
                state=fields.record.state,
                owner=fields.record.owner,
                accepted_at=fields.record.accepted_at,
                lifecycle=fields.lifecycle.field,
                done=fields.lifecycle.done,
                reopen_to=fields.lifecycle.reopen_to,
            ),
            override_jobs=docs.needed(pol.Governance).override_jobs,
        )

    def _rearm(self) -> int | None:
        """Seconds; as the routing says where the template says nothing."""
        routing, own = self.references.documents.policy(pol.Routing), self.template.trigger.rearm
        return routing.rearm if own is None and routing is not None else own

    def _ladder(self) -> tuple[RungOf, ...]:
        template = self.template
        return tuple(
            RungOf(
                name=each.rung,
                owner=getattr(template.owners, each.rung),
                within=closed_box(each.within or template.accept.within),
                rule=f"{template.name}#/owners/{each.rung}",
            )
            for each in template.ladder
        )

    def _handoff(self) -> HandoffOf:
        rules = self.template.handoff
        return HandoffOf(
            require=rules.require,
            accept_within=closed_box(rules.accept_within),
            at_most=rules.at_most,
            sequence=rules.sequence,
        )

    def _exceptions(self) -> dict[str, ExceptionOf]:
        classes = self.references.documents.needed(pol.ExceptionClasses).classes
        found = {}
        for name, use in self.template.exceptions.items():
            declared = classes[name]
            found[name] = ExceptionOf(
                summary=declared.summary,
                owner=use.owner or declared.owner,
                within=closed_box(use.within or declared.within),
                rule=f"{self.template.name}#/exceptions/{name}",
                requires=declared.requires,
            )
        return found

    def _built_in(self) -> dict[str, ExceptionOf]:
        """The classes that only the runner raises, as far as the policy says whose they are."""
        classes = self.references.documents.needed(pol.ExceptionClasses).classes
        return {
            name: ExceptionOf(
                summary=classes[name].summary,
                owner=classes[name].owner,
                within=closed_box(classes[name].within),
                rule=f"exceptions#/classes/{name}",
            )
            for name in BUILT_IN
            if name in classes and name not in self.template.exceptions
        }

    def _note_places(self) -> None:
        name = self.template.name
        for path in _RULE_PATHS:
            self.places.note(f"{name}#/{'/'.join(path)}", self.document, path, key=True)
        for exception in self.template.exceptions:
            self.places.note(f"{name}#/exceptions/{exception}", self.document, ("exceptions", exception), key=True)
        for point in POINTS:
            self.places.note(f"{name}#/runbook/{point}", self.document, ("runbook", point), key=True)


_NEEDED = ("Fields", "Limits", "Checklists", "EvidenceKinds", "ExceptionClasses", "Calendars", "Governance", "People")
_RULE_PATHS: tuple[tuple[str, ...], ...] = (
    ("trigger",), ("trigger", "when"), ("outcome", "within"), ("ladder",), ("accept",), ("accept", "within"),
    ("accept", "repeat"), ("accept", "checklist"), ("handoff",), ("handoff", "accept_within"), ("handoff", "at_most"),
    ("exceptions",), ("close", "verify"), ("close", "resolution_codes"), ("close", "postmortem"), ("on_other_match",),
    ("runbook",),
    ("drift",), ("drift", "owner"), ("drift", "status"), ("drift", "fields"), ("close", "reopen_within"),
    ("trigger", "group_by"),
    ("handoff", "sequence"), ("outcome", "when_overdue"), *ACCEPTANCE_PATHS,
    *(("owners", rung) for rung in RUNGS),
)  # fmt: skip
