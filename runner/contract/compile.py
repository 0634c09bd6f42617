"""The compiler: a valid template and the policies become a closed contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.contract import policies as pol
from runner.contract.blocks import BlockInliner, Flat
from runner.contract.compile_calendar import compile_calendar
from runner.contract.condition_reader import BUILTIN_FIELDS, ConditionReader
from runner.contract.conditions import Condition, condition_plain, required_values, timed
from runner.contract.contract import (
    BoxOf,
    CheckOf,
    Contract,
    EvidenceOf,
    ExceptionOf,
    HandoffOf,
    LimitsOf,
    RecordOf,
    RungOf,
    StepOf,
)
from runner.contract.diagnostic import Location
from runner.contract.documents import Document, Path, validate
from runner.contract.misfit import Unfit, described, did_you_mean, shown
from runner.contract.references import References
from runner.contract.template import POINTS, RUNGS, Step, Template
from runner.contract.values import Box, OwnerRef, format_duration, parse_instant

__all__ = ["TemplateCompiler"]


class TemplateCompiler:
    """Compiles one template; findings go to `references`, positions of rules to `places`."""

    def __init__(self, references: References, inliner: BlockInliner, document: Document, template: Template) -> None:
        self.references = references
        self.inliner = inliner
        self.document = document
        self.template = template
        self.places: dict[str, Location] = {}

    def compile(self) -> Contract | None:
        """The contract; None if findings were noted."""
        before = len(self.references.findings) + len(self.inliner.findings)
        condition = self._condition()
        steps = {point: self._steps(point) for point in POINTS}
        self._check_owners()
        self._check_lists()
        self._check_limits(condition)
        if len(self.references.findings) + len(self.inliner.findings) > before or not self._policies_complete():
            return None
        return self._contract(condition, steps)

    def _policies_complete(self) -> bool:
        return all(self.references.documents.one(kind) for kind in _NEEDED)

    def _wrong(self, code: str, path: Path, message: str, help_text: str) -> None:
        self.references.wrong(self.document, code, path, message, help_text)

    def _condition(self) -> Condition:
        fields = self.references.fields
        reader = ConditionReader(fields.fields if fields else {})
        condition = reader.read(self.document.plain["trigger"]["when"])
        if fields is not None:
            for each in reader.problems:
                path = ("trigger", "when", *each.path)
                self.references.wrong(self.document, "SUR204", path, each.message, each.help, key=each.key)
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
        refs.box(template.outcome.within, doc, ("outcome", "within"))
        for name, use in template.exceptions.items():
            refs.known("exception class", name, doc, ("exceptions", name), key=True)
            if use.owner is not None:
                refs.owner(use.owner, doc, ("exceptions", name, "owner"))
            if use.within is not None:
                refs.box(use.within, doc, ("exceptions", name, "within"))

    def _check_limits(self, condition: Condition) -> None:
        limits = self.references.documents.policy(pol.Limits)
        fields = self.references.fields
        if limits is None or fields is None:
            return
        accept = self.template.accept
        self._check_timebox(condition, limits, fields)
        if accept.repeat > limits.repeat_at_most:
            most = limits.repeat_at_most
            message = f"{accept.repeat} extra passes are more than `repeat_at_most` of the limits allows, {most}"
            self._wrong("SUR302", ("accept", "repeat"), message, f"write {most} or less")
        handoffs = self.template.handoff.at_most
        if handoffs > limits.handoffs_at_most:
            most = limits.handoffs_at_most
            message = f"{handoffs} handoffs are more than `handoffs_at_most` of the limits allows, {most}"
            self._wrong("SUR303", ("handoff", "at_most"), message, f"write {most} or less")
        if accept.within > limits.manager_knows_within and self.template.ladder[0] != "escalation_owner":
            most_text = format_duration(limits.manager_knows_within)
            message = (
                f"the escalation owner would hear only after {format_duration(accept.within)} that nobody accepts; "
                f"`manager_knows_within` of the limits allows {most_text}"
            )
            self._wrong("SUR304", ("accept", "within"), message, f"write {most_text} or less")

    def _check_timebox(self, condition: Condition, limits: pol.Limits, fields: pol.Fields) -> None:
        """The timebox against the strictest priority that can trigger the template."""
        declared = fields.fields.get(fields.priority)
        priorities = required_values(condition).get(fields.priority) or (declared.values if declared else ())
        listed = sorted(str(value) for value in priorities if value in limits.accept_within)
        within = self.template.accept.within
        value = min(listed, key=limits.accept_within.__getitem__, default=None)
        if value is not None and within > limits.accept_within[value]:
            least = format_duration(limits.accept_within[value])
            message = (
                f"{format_duration(within)} to accept is too long: this template takes tickets of {fields.priority} "
                f"`{value}`, for which the limits allow {least}"
            )
            help_text = f"write {least} or less, or leave `{value}` out of `when`"
            self._wrong("SUR301", ("accept", "within"), message, help_text)

    def _steps(self, point: str) -> tuple[StepOf, ...]:
        plain = (self.document.plain.get("runbook") or {}).get(point) or []
        flat = self.inliner.steps(self.document, self.template.name, plain, ("runbook", point))
        compiled = []
        for each in flat:
            step, findings = validate(Step, each.plain, each.document.root, each.path, each.root)
            self.references.findings.extend(findings)
            if step is not None:
                compiled.append(self._step(step, each))
        return tuple(compiled)

    def _step(self, step: Step, flat: Flat) -> StepOf:
        refs, at = self.references, flat.source
        kind: Any
        who: Any = None
        via: tuple[str, ...] = ()
        room, task = None, False
        args: dict[str, Any]
        if step.notify is not None:
            kind, who, via, room = "notify", step.notify.who, step.notify.via, step.notify.room
            args = {"message": step.notify.message}
            for index, channel in enumerate(via):
                refs.known("channel", channel, *at("notify", "via", index))
            if room is not None:
                refs.known("room", room, *at("notify", "room"))
        elif step.set_fields is not None:
            kind, args = "set_fields", {"fields": dict(step.set_fields)}
            self._fields(step.set_fields, flat, ("set_fields",))
        elif step.note is not None:
            kind, args = "note", {"text": step.note.text, "snapshot": step.note.snapshot}
        elif step.create_ticket is not None:
            ticket = step.create_ticket
            kind, who, task = "create_ticket", ticket.assign, ticket.task
            args = {"subject": ticket.subject, "body": ticket.body, "fields": dict(ticket.fields)}
            self._fields(ticket.fields, flat, ("create_ticket", "fields"))
        else:  # pragma: no cover - `use` was inlined
            raise AssertionError(flat.rule)
        if isinstance(who, OwnerRef):
            refs.known(who.sort, who.name, *at(kind, "who" if kind == "notify" else "assign", who.sort))
        return StepOf(
            kind=kind, rule=flat.rule, who=who, via=via, room=room, args=args, inputs=flat.inputs, task=task,
            on_leave=step.on_leave,
        )  # fmt: skip

    def _fields(self, values: Mapping[str, Any], flat: Flat, path: Path) -> None:
        declared = self.references.fields
        if declared is None:
            return
        reserved = {declared.record.state, declared.record.owner, declared.record.accepted_at}
        for name, value in values.items():
            document, above = flat.source(*path)
            here = (*above, name)
            if name in reserved:
                message = f"`{name}` shows the state of the escalation, and only the runner writes it"
                self.references.wrong(document, "SUR209", here, message, "remove it here", key=True)
            elif name in BUILTIN_FIELDS:
                message = f"`{name}` is kept by the helpdesk and cannot be written"
                self.references.wrong(document, "SUR209", here, message, "remove it here", key=True)
            elif self.references.known("ticket field", name, document, here, key=True):
                wrong = _misfit(name, declared.fields[name], value)
                if wrong is not None:
                    document, here = flat.source(*path, name)
                    self.references.wrong(document, "SUR209", here, *wrong)

    def _contract(self, condition: Condition, steps: dict[str, tuple[StepOf, ...]]) -> Contract:
        docs, template = self.references.documents, self.template
        checklists, evidence = docs.needed(pol.Checklists), docs.needed(pol.EvidenceKinds)
        limits, fields = docs.needed(pol.Limits), docs.needed(pol.Fields)
        exceptions = self._exceptions()
        boxes = [_box(template.outcome.within), *(each.within for each in exceptions.values())]
        calendars = sorted({box.calendar for box in boxes if box.calendar is not None})
        name, accept = template.name, template.accept
        contract = Contract(
            name=name,
            summary=template.summary,
            on=template.trigger.on,
            when=condition_plain(condition),  # type: ignore[arg-type]
            rearm=template.trigger.rearm,
            statement=template.outcome.statement,
            evidence=tuple(
                EvidenceOf(name=kind, summary=evidence.evidence[kind].summary, field=evidence.evidence[kind].field)
                for kind in template.outcome.evidence
            ),
            outcome_within=_box(template.outcome.within),
            ladder=tuple(
                RungOf(
                    name=rung,
                    owner=getattr(template.owners, rung),
                    within=accept.within,
                    rule=f"{name}#/owners/{rung}",
                )
                for rung in template.ladder
            ),
            owners={rung: getattr(template.owners, rung) for rung in RUNGS},
            repeat=accept.repeat,
            checklist=tuple(CheckOf(name=item, question=checklists.items[item].question) for item in accept.checklist),
            runbook={point: each for point, each in steps.items() if each},
            handoff=HandoffOf(**template.handoff.model_dump()),
            exceptions=exceptions,
            verify=template.close.verify,
            resolution_codes=template.close.resolution_codes,
            on_other_match=template.on_other_match,
            calendars={each: compile_calendar(docs.needed(pol.Calendars), each) for each in calendars},
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
        self._note_places()
        # Once through its bytes, so that a contract at hand and one read back are alike to the order of their keys.
        return Contract.load(contract.canonical)

    def _exceptions(self) -> dict[str, ExceptionOf]:
        classes = self.references.documents.needed(pol.ExceptionClasses).classes
        found = {}
        for name, use in self.template.exceptions.items():
            declared = classes[name]
            found[name] = ExceptionOf(
                summary=declared.summary,
                owner=use.owner or declared.owner,
                within=_box(use.within or declared.within),
                rule=f"{self.template.name}#/exceptions/{name}",
            )
        return found

    def _note_places(self) -> None:
        name = self.template.name
        for path in _RULE_PATHS:
            self.places[f"{name}#/{'/'.join(path)}"] = self.document.at(*path, key=True)
        for exception in self.template.exceptions:
            self.places[f"{name}#/exceptions/{exception}"] = self.document.at("exceptions", exception, key=True)
        for point in POINTS:
            self.places[f"{name}#/runbook/{point}"] = self.document.at("runbook", point, key=True)


_NEEDED = ("Fields", "Limits", "Checklists", "EvidenceKinds", "ExceptionClasses", "Calendars", "Governance", "People")
_RULE_PATHS: tuple[tuple[str, ...], ...] = (
    ("trigger",), ("trigger", "when"), ("outcome", "within"), ("ladder",), ("accept",), ("accept", "within"),
    ("accept", "repeat"), ("accept", "checklist"), ("handoff",), ("handoff", "accept_within"), ("handoff", "at_most"),
    ("exceptions",), ("close", "verify"), ("close", "resolution_codes"), ("on_other_match",), ("runbook",),
    *(("owners", rung) for rung in RUNGS),
)  # fmt: skip


def _misfit(name: str, declared: pol.TicketField, value: object) -> tuple[str, str] | None:
    """Why a value cannot be written to a field, and what to do; None if it can. Nothing empties any field."""
    found = described(value)
    if value is None:
        return None
    if declared.type == "choice" and value not in declared.values:
        hint = did_you_mean(value, declared.values) if isinstance(value, str) else ""
        return f"{shown(value)} is not a value of `{name}`", f"{hint}values: {', '.join(declared.values)}"
    if declared.type == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"`{name}` is a number, found {found}", "write digits without quotes"
    if declared.type == "boolean" and not isinstance(value, bool):
        return f"`{name}` is true or false, found {found}", "write true or false, without quotes"
    if declared.type in ("text", "person", "instant") and not isinstance(value, str):
        return f"`{name}` holds a text, found {found}", "write one text, in quotes"
    if declared.type == "instant" and isinstance(value, str) and "{" not in value:
        try:
            parse_instant(value)
        except Unfit as unfit:
            return unfit.problem, unfit.advice
    return None


def _box(box: Box) -> BoxOf:
    return BoxOf(seconds=box.time, calendar=box.calendar)
