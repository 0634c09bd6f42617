"""A contract: a template compiled and closed, named by the digest of its canonical form.

Closed means that a running escalation needs nothing else to go on: blocks are inlined, defaults written out, calendars,
exception classes, limits, checklists and field types taken in. Never inside: people, contacts, rotations, channels.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, overload

from pydantic import AfterValidator, JsonValue

from runner.contract.canonical import canonical, digest_of
from runner.contract.conditions import Condition, condition_from_plain
from runner.contract.values import Box, Closed, OwnerRef

__all__ = [
    "BUILT_IN",
    "AnswerOf",
    "BoxOf",
    "BranchOf",
    "CalendarOf",
    "CheckOf",
    "ClarifyOf",
    "Contract",
    "DriftOf",
    "EvidenceOf",
    "ExceptionOf",
    "HandoffOf",
    "LimitsOf",
    "Party",
    "RecordOf",
    "RungOf",
    "StepOf",
    "WaitingOf",
    "closed_box",
]


def _in_order(value: Any) -> Any:  # noqa: ANN401 - JSON data, or a model
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


Party = Literal["owner", "previous_owner", "primary", "secondary", "escalation_owner"]
T = TypeVar("T")
Keyed = Annotated[dict[str, T], AfterValidator(_in_order)]
"""A mapping in the order of its keys, all the way down: one compiled and one read from its bytes are alike."""


class BoxOf(Closed):
    """An amount of time: seconds, counted in a calendar's open hours if one is named."""

    seconds: int
    calendar: str | None


@overload
def closed_box(box: Box) -> BoxOf: ...
@overload
def closed_box(box: Box | None) -> BoxOf | None: ...
def closed_box(box: Box | None) -> BoxOf | None:
    """The closed form of an amount of time that a template gives; None for one that it leaves out."""
    return BoxOf(seconds=box.time, calendar=box.calendar) if box is not None else None


class RungOf(Closed):
    """A rung of the ladder with its owner, its timebox and the rule that says so."""

    name: Literal["primary", "secondary", "escalation_owner"]
    owner: OwnerRef
    within: BoxOf
    rule: str


class CheckOf(Closed):
    """A question of the checklist, and what counts as an answer; `values` are those of a choice."""

    name: str
    question: str
    answer: Literal["yes", "text", "number", "choice", "instant", "evidence"] = "yes"
    values: tuple[str, ...] = ()


class ClarifyOf(Closed):
    """Asking for what is missing: how long, who hears of it, and the exception that is raised if nothing comes."""

    within: BoxOf
    who: Party | OwnerRef | None
    exception: str | None


class WaitingOf(Closed):
    """The longest wait in all, and whom it falls to when a wait is over."""

    at_most: BoxOf
    then: Literal["owner", "escalation_owner"]


class EvidenceOf(Closed):
    """Evidence that the outcome needs; `field` may hold it on the ticket."""

    name: str
    summary: str
    field: str | None


class DriftOf(Closed):
    """What follows when somebody else changes in the helpdesk what was written: record, ticket that is done, fields."""

    owner: Literal["restore", "adopt", "flag"] = "restore"
    status: Literal["restore", "flag"] = "restore"
    fields: Literal["restore", "adopt", "flag"] = "adopt"


class HandoffOf(Closed):
    """What a handoff must carry, the receiver's timebox, and to whom it goes when no receiver is named."""

    require: tuple[Literal["reason", "next_step", "artifacts", "expected_at"], ...]
    accept_within: BoxOf
    at_most: int
    sequence: tuple[OwnerRef, ...]


class ExceptionOf(Closed):
    """An exception class with path owner, recovery time, and what must be written down to raise it."""

    summary: str
    owner: OwnerRef
    within: BoxOf
    rule: str
    requires: tuple[Literal["plan", "tasks"], ...] = ()


BUILT_IN = ("undelivered", "gone", "not_undone", "step_failed")
"""Exception classes that every contract has, whether declared or not: only the runner raises them."""


class RetryOf(Closed):
    """How many further tries a step has, and the pause before each, in seconds."""

    times: int
    every: int


class AnswerOf(Closed):
    """An answer that a question wants."""

    type: Literal["choice", "text", "number", "boolean", "person", "instant"]
    values: tuple[str, ...] = ()
    default: JsonValue = None
    required: bool = True


class BranchOf(Closed):
    """One way to go on: by a condition over the ticket, by answers given before, or (neither) in every other case.

    `start` is the position of its first step among those of the point; that of the step after the choice, if it has
    none.
    """

    name: str
    when: Keyed[JsonValue] | None
    answer: Keyed[JsonValue] | None
    start: int


class StepOf(Closed):
    """One step of a run, with block inputs filled in.

    The steps of a point stand one after the other, those inside branches behind their choice; `then` is the position of
    the step that follows (None: the next one; the number of steps: none), for a choice that of the step behind all its
    branches. `rule` points to the step in its template, followed by the chain of `use`; `args` holds the step's own
    words as the template has them (messages stay Liquid text, rendered when sent, with `inputs` at hand). `timeout` is
    in seconds, for each try; None stands for `step_within` of the limits. `within` is how long a paged person has to
    react, a question is open, a wait lasts; `otherwise` is what then happens. `undo` restores the fields that were
    written, `undo_by` is the action that takes it back, `kept` says why no rollback takes it back; `changes` is whether
    the world is another one afterwards.
    """

    kind: Literal[
        "notify", "page", "set_fields", "assign", "note", "create_ticket", "attach", "action", "ask", "approve", "wait",
        "choose",
    ]  # fmt: skip
    rule: str
    name: str | None = None
    then: int | None = None
    who: Party | OwnerRef | None
    via: tuple[str, ...]
    room: str | None
    within: BoxOf | None
    otherwise: Literal["escalate", "default", "fail", "go_on"] | None = None
    answers: Keyed[AnswerOf] = {}
    of: str | None = None
    branches: tuple[BranchOf, ...] = ()
    args: Keyed[JsonValue]
    inputs: Keyed[JsonValue]
    task: bool
    changes: bool = False
    undo: Literal["restore"] | None = None
    undo_by: str | None = None
    kept: str | None = None
    timeout: int | None
    retry: RetryOf | None
    on_error: Literal["continue", "stop"]
    on_leave: Literal["cancel", "finish"]


class CalendarOf(Closed):
    """Business hours: for each weekday (Monday first) open intervals in minutes of the local day; closed dates.

    `open` holds dates with hours of their own, instead of those of the weekday and although they may be closed.
    """

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    closed: tuple[str, ...]
    open: Keyed[tuple[tuple[int, int], ...]] = {}

    @cached_property
    def closed_days(self) -> frozenset[date]:
        """The closed dates, to be looked up."""
        return frozenset(date.fromisoformat(day) for day in self.closed)

    @cached_property
    def open_days(self) -> dict[date, tuple[tuple[int, int], ...]]:
        """The hours of the dates that have some of their own, to be looked up."""
        return {date.fromisoformat(day): hours for day, hours in self.open.items()}


class LimitsOf(Closed):
    """The limits that act at run time; seconds."""

    named_within: int
    manager_knows_within: int
    remind_every: int
    untold_retries: int
    restores_at_most: int
    step_within: int
    snooze_at_most: int = 86400


class RecordOf(Closed):
    """The ticket fields of the record, the lifecycle field, and the value that reopens a ticket."""

    state: str
    owner: str
    accepted_at: str
    lifecycle: str
    done: tuple[str, ...]
    reopen_to: str


class Contract(Closed):
    """The closed contract. Equal bytes mean equal behaviour under one semantics version."""

    format: Literal[1] = 1
    name: str
    summary: str
    on: tuple[Literal["ticket.created", "ticket.updated", "time.passed"], ...]
    when: Keyed[JsonValue]
    rearm: int | None
    statement: str
    evidence: tuple[EvidenceOf, ...]
    outcome_within: BoxOf
    when_overdue: Literal["remind", "reassign", "escalation_owner"] = "remind"
    ladder: tuple[RungOf, ...]
    owners: Keyed[OwnerRef]
    repeat: int
    progress_within: BoxOf | None = None
    checklist_within: BoxOf | None = None
    clarify: ClarifyOf | None = None
    hours: str | None = None
    waiting: WaitingOf | None = None
    checklist: tuple[CheckOf, ...]
    runbook: Keyed[tuple[StepOf, ...]]
    handoff: HandoffOf
    exceptions: Keyed[ExceptionOf]
    built_in: Keyed[ExceptionOf] = {}
    verify: tuple[Literal["outcome_evidence", "tasks_done", "fields_consistent", "delivered"], ...]
    resolution_codes: tuple[str, ...]
    postmortem: Literal["never", "when_breached", "always"] = "never"
    on_other_match: Literal["keep", "supersede"]
    drift: DriftOf = DriftOf()
    reopen_within: int | None = None
    group_by: tuple[str, ...] = ()
    group_within: int | None = None
    calendars: Keyed[CalendarOf]
    limits: LimitsOf
    record: RecordOf
    override_jobs: tuple[str, ...]

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON; what `Contract.load` reads."""
        return canonical(self.model_dump(mode="json"))

    @cached_property
    def digest(self) -> str:
        """The contract's name in records: SHA-256 of the canonical form, hexadecimal."""
        return digest_of(self.canonical)

    @cached_property
    def own_fields(self) -> frozenset[str]:
        """The ticket fields that change by what Surety itself writes for this contract."""
        record = self.record
        own = {record.state, record.owner, record.accepted_at, record.lifecycle}
        for step in (each for steps in self.runbook.values() for each in steps):
            fields, field = step.args.get("fields"), step.args.get("field")
            own |= {*fields} if step.kind == "set_fields" and isinstance(fields, dict) else set()
            own |= {field} if step.kind == "assign" and isinstance(field, str) else set()
        return frozenset(own)

    def class_of(self, name: str) -> ExceptionOf:
        """The terms of an exception class: the template's, the policy's, else those of one that only the runner raises.

        Of the last nothing is declared: it is the escalation owner's, who is reminded of it as of everything else.
        """
        declared = self.exceptions.get(name) or self.built_in.get(name)
        if declared is not None:
            return declared
        owner = self.owners["escalation_owner"]
        within = BoxOf(seconds=self.limits.remind_every, calendar=None)
        return ExceptionOf(summary=name, owner=owner, within=within, rule="limits#/remind_every")

    def knows(self, name: str) -> bool:
        """Whether a class of exceptions is declared for this contract, by its template or by the policy."""
        return name in self.exceptions or name in self.built_in

    def needs_postmortem(self, *, breached: bool) -> bool:
        """Whether a close needs one; `breached`: overdue, accepted late, or exhausted on the way."""
        return self.postmortem == "always" or (self.postmortem == "when_breached" and breached)

    @cached_property
    def condition(self) -> Condition:
        """The trigger's condition as a tree."""
        return condition_from_plain(self.when)

    @classmethod
    def load(cls, data: bytes) -> Contract:
        """The contract from its canonical bytes; raises ValueError if they are not one.

        It keeps the name that it had when it was written, although this program may know keys that are not in it.
        """
        plain = json.loads(data)
        contract = cls.model_validate(plain, strict=False)
        vars(contract)["canonical"] = canonical(plain)
        return contract
