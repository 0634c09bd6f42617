"""The compiler: a valid template and the policies become a closed contract; people and rotations become a roster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runner.contract import policies as pol
from runner.contract.blocks import BlockInliner, Flat
from runner.contract.condition_reader import ConditionReader
from runner.contract.conditions import Condition, condition_plain, required_values, timed
from runner.contract.contract import (
    BoxOf,
    CalendarOf,
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
from runner.contract.references import References, interval
from runner.contract.roster_form import AbsenceOf, PersonOf, RosterForm, RotationOf
from runner.contract.template import POINTS, RUNGS, Step, Template
from runner.contract.values import Box, OwnerRef, format_duration

__all__ = ["TemplateCompiler", "compile_roster"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
            for problem in reader.problems:
                self._wrong("SUR204", ("trigger", "when", *problem.path), problem.message, problem.help)
        if timed(condition) and "time.passed" not in self.template.trigger.on:
            message = "the condition depends on time, but time alone does not trigger this template"
            self._wrong("SUR307", ("trigger", "on"), message, "add time.passed to `on`")
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
            refs.known("exception class", name, doc, ("exceptions", name))
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
        priorities = required_values(condition).get(fields.priority) or fields.fields[fields.priority].values
        bounds = [(limits.accept_within.get(str(value), 0), str(value)) for value in priorities]
        lowest, value = min(bounds, default=(0, ""))
        if lowest and accept.within > lowest:
            message = f"{format_duration(accept.within)} to accept is more than {fields.priority} `{value}` allows, {format_duration(lowest)}"
            self._wrong(
                "SUR301",
                ("accept", "within"),
                message,
                f"write {format_duration(lowest)} or less, or trigger on lower priorities",
            )
        if accept.repeat > limits.repeat_at_most:
            message = f"{accept.repeat} extra passes are more than the limit, {limits.repeat_at_most}"
            self._wrong("SUR302", ("accept", "repeat"), message, "the limit stands in the Limits policy")
        if self.template.handoff.at_most > limits.handoffs_at_most:
            message = f"{self.template.handoff.at_most} handoffs are more than the limit, {limits.handoffs_at_most}"
            self._wrong("SUR303", ("handoff", "at_most"), message, "the limit stands in the Limits policy")
        if accept.within > limits.manager_knows_within and self.template.ladder[0] != "escalation_owner":
            message = (
                f"the escalation owner hears only after {format_duration(accept.within)}; "
                f"the limit is {format_duration(limits.manager_knows_within)}"
            )
            self._wrong("SUR304", ("accept", "within"), message, "shorten the timebox")

    def _steps(self, point: str) -> tuple[StepOf, ...]:
        plain = (self.document.plain.get("runbook") or {}).get(point) or []
        flat = self.inliner.steps(self.document, self.template.name, plain, ("runbook", point))
        compiled = []
        for each in flat:
            step, findings = validate(Step, each.plain, each.document.root, each.path)
            self.references.findings.extend(findings)
            self.places[each.rule] = each.document.at(*each.path)
            if step is not None:
                compiled.append(self._step(step, each))
        return tuple(compiled)

    def _step(self, step: Step, flat: Flat) -> StepOf:
        refs, doc, path = self.references, flat.document, flat.path
        kind: Any
        who: Any = None
        via: tuple[str, ...] = ()
        room, task, args = None, False, {}
        if step.notify is not None:
            kind, who, via, room = "notify", step.notify.who, step.notify.via, step.notify.room
            args = {"message": step.notify.message}
            for index, channel in enumerate(via):
                refs.known("channel", channel, doc, (*path, "notify", "via", index))
            if room is not None:
                refs.known("room", room, doc, (*path, "notify", "room"))
        elif step.set_fields is not None:
            kind, args = "set_fields", {"fields": dict(step.set_fields)}
            self._fields(step.set_fields, doc, (*path, "set_fields"))
        elif step.note is not None:
            kind, args = "note", {"text": step.note.text, "snapshot": step.note.snapshot}
        elif step.create_ticket is not None:
            ticket = step.create_ticket
            kind, who, task = "create_ticket", ticket.assign, ticket.task
            args = {"subject": ticket.subject, "body": ticket.body, "fields": dict(ticket.fields)}
            self._fields(ticket.fields, doc, (*path, "create_ticket", "fields"))
        else:  # pragma: no cover - `use` was inlined
            raise AssertionError(flat.rule)
        if isinstance(who, OwnerRef):
            refs.owner(who, doc, (*path, kind, "who" if kind == "notify" else "assign"))
        return StepOf(
            kind=kind, rule=flat.rule, who=who, via=via, room=room, args=args, inputs=flat.inputs, task=task,
            on_leave=step.on_leave,
        )  # fmt: skip

    def _fields(self, values: Mapping[str, Any], document: Document, path: Path) -> None:
        declared = self.references.fields
        if declared is None:
            return
        reserved = {declared.record.state, declared.record.owner, declared.record.accepted_at}
        for name, value in values.items():
            here = (*path, name)
            if name in reserved:
                self.references.wrong(
                    document, "SUR209", here, f"`{name}` is the record's own field", "leave it to the runner"
                )
            elif self.references.known("ticket field", name, document, here):
                self._value(name, declared.fields[name], value, document, here)

    def _value(self, name: str, declared: pol.TicketField, value: object, document: Document, path: Path) -> None:
        message = None
        if value is None:
            return
        if declared.type == "choice" and value not in declared.values:
            message, hint = f"`{value}` is not a value of `{name}`", f"values: {', '.join(declared.values)}"
        elif declared.type == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
            message, hint = f"`{name}` is a number, found `{value}`", "write digits without quotes"
        elif declared.type == "boolean" and not isinstance(value, bool):
            message, hint = f"`{name}` is true or false, found `{value}`", "write true or false"
        elif declared.type in ("text", "person", "instant") and not isinstance(value, str):
            message, hint = f"`{name}` is a {declared.type}, found `{value}`", "put it in quotes"
        if message is not None:
            self.references.wrong(document, "SUR209", path, message, hint)

    def _contract(self, condition: Condition, steps: dict[str, tuple[StepOf, ...]]) -> Contract:
        docs, template = self.references.documents, self.template
        checklists, evidence = docs.policy(pol.Checklists), docs.policy(pol.EvidenceKinds)
        limits, fields = docs.policy(pol.Limits), docs.policy(pol.Fields)
        governance = docs.policy(pol.Governance)
        if checklists is None or evidence is None or limits is None or fields is None or governance is None:
            raise AssertionError(template.name)
        exceptions = self._exceptions()
        boxes = [template.outcome.within, *(each.within for each in exceptions.values())]
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
            calendars={calendar: self._calendar(calendar) for calendar in calendars},
            limits=LimitsOf(**{key: getattr(limits, key) for key in LimitsOf.model_fields}),
            record=RecordOf(
                state=fields.record.state,
                owner=fields.record.owner,
                accepted_at=fields.record.accepted_at,
                lifecycle=fields.lifecycle.field,
                done=fields.lifecycle.done,
                reopen_to=fields.lifecycle.reopen_to,
            ),
            override_jobs=governance.override_jobs,
        )
        self._note_places()
        return contract

    def _exceptions(self) -> dict[str, ExceptionOf]:
        classes = self.references.documents.policy(pol.ExceptionClasses)
        found = {}
        for name, use in self.template.exceptions.items():
            declared = classes.classes[name] if classes else None
            if declared is None:
                raise AssertionError(name)
            found[name] = ExceptionOf(
                summary=declared.summary,
                owner=use.owner or declared.owner,
                within=_box(use.within or declared.within),
                rule=f"{self.template.name}#/exceptions/{name}",
            )
        return found

    def _calendar(self, name: str) -> CalendarOf:
        calendars = self.references.documents.policy(pol.Calendars)
        if calendars is None:
            raise AssertionError(name)
        calendar = calendars.calendars[name]
        week = tuple(tuple(interval(text) for text in calendar.hours.get(day, ())) for day in WEEKDAYS)  # type: ignore[call-overload]
        return CalendarOf(zone=calendar.zone, week=week, closed=tuple(sorted(calendar.closed)))

    def _note_places(self) -> None:
        name = self.template.name
        for path in _RULE_PATHS:
            self.places[f"{name}#/{'/'.join(path)}"] = self.document.at(*path)
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


def _box(box: Box) -> BoxOf:
    return BoxOf(seconds=box.time, calendar=box.calendar)


def compile_roster(people: pol.People, rotations: pol.Rotations, governance: pol.Governance) -> RosterForm:
    """The roster; the policies' references have been checked."""
    jobs: dict[str, tuple[str, ...]] = {}
    for name, person in people.people.items():
        for job in person.jobs:
            jobs[job] = (*jobs.get(job, ()), name)
    return RosterForm(
        people={name: PersonOf(jobs=person.jobs) for name, person in people.people.items()},
        teams={name: team.members for name, team in people.teams.items()},
        rotations={
            name: RotationOf(
                members=each.members,
                zone=each.zone,
                starts=datetime.fromisoformat(f"{each.starts}T{each.handover.at}").isoformat(timespec="minutes"),
                shift_days=1 if each.handover.every == "day" else 7,
            )
            for name, each in rotations.rotations.items()
        },
        absences=tuple(AbsenceOf(person=a.person, start=a.from_, end=a.until) for a in rotations.absences),
        last_resort=governance.last_resort,
        jobs=jobs,
    )
