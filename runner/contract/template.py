"""Template and Block: the contract as a gatekeeper writes it. Shapes only; the compiler closes it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import FieldName, Metric, Version
from runner.contract.steps import Step, Who
from runner.contract.values import Box, Duration, Name, OwnerRef, Seq, Strict, Text, check_choice, either_form
from runner.contract.waiver import Waivers

__all__ = [
    "POINTS",
    "RUNGS",
    "Accept",
    "Block",
    "BlockInput",
    "Clarify",
    "Close",
    "Drift",
    "ExceptionUse",
    "HandoffRule",
    "LadderRung",
    "Outcome",
    "Output",
    "Owners",
    "Runbook",
    "RungName",
    "Step",
    "Template",
    "TicketInput",
    "Trigger",
    "Waiting",
]

RungName = Literal["primary", "secondary", "escalation_owner"]
RUNGS: tuple[RungName, ...] = ("primary", "secondary", "escalation_owner")
POINTS = (
    "open", "offered", "failover", "accepted", "exhausted", "overdue", "exception", "handoff", "resolved", "closed",
)  # fmt: skip


class TicketInput(Strict):
    """A ticket field that this template needs."""

    summary: Text | None = None
    """What it is needed for."""
    required: bool = False
    """Whether an escalation without it is missing data."""


class Output(Strict):
    """What an escalation leaves behind: exactly one of a kind of evidence, a ticket field or an answer."""

    summary: Text
    """What it says."""
    evidence: Name | None = None
    """The kind of evidence that holds it."""
    field: FieldName | None = None
    """The ticket field that holds it."""
    answer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$", max_length=129)] | None = None
    """A question's name and the answer's, `refund-or-credit.decision`."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [key for key in ("evidence", "field", "answer") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise Unfit(f"an output is in exactly one of evidence, field or answer, found {found}", "keep one of them")
        return self


class Trigger(Strict):
    """What opens an escalation."""

    on: Seq[Literal["ticket.created", "ticket.updated", "time.passed"]] = Field(min_length=1)
    """What may make the condition true: a new ticket, a change, or time alone."""
    when: dict[str, JsonValue] = Field(min_length=1)
    """A condition over ticket fields."""
    rearm: Duration | None = None
    """How long after the last close a ticket that still matches opens again; as the routing says, if not given."""
    group_by: Seq[FieldName] = ()
    """Fields whose equal values mean one cause: a further ticket is linked to the open escalation instead of opening
    one of its own. A ticket on which one of them has no value stands for itself."""
    group_within: Duration | None = None
    """How long after its opening an escalation takes such tickets in; while it is open, if not given."""


class Outcome(Strict):
    """What ends the escalation well, and by when."""

    statement: Text
    """The outcome in one sentence."""
    evidence: Seq[Name] = Field(min_length=1)
    """Evidence kinds that prove it; all are needed to resolve."""
    within: Box
    """From opening until the outcome is due."""
    when_overdue: Literal["remind", "reassign", "escalation_owner"] = "remind"
    """What happens when that time has passed: the escalation owner is told; or also it is asked anew, from the rung
    after the holder's on; or also it goes to the escalation owner at once."""


class Owners(Strict):
    """Who is asked first, second and last."""

    primary: OwnerRef
    """Asked first."""
    secondary: OwnerRef
    """The substitute, asked when the primary does not accept."""
    escalation_owner: OwnerRef
    """Asked last; told of every failover; holds what nobody accepts."""


class Clarify(Strict):
    """What follows when an offer is rejected as incomplete: the requester is asked, and the offer stays meanwhile."""

    within: Box
    """How long the requester has to answer; then the offer passes to the next rung."""
    who: Who | None = None
    """Who is told beside the comment on the ticket: somebody who can reach the requester."""
    exception: Name | None = None
    """The exception class that is raised if no answer comes; `data-missing` if the template has that and names none."""


class Accept(Strict):
    """How an offer is accepted, and how long an acceptance lasts."""

    within: Box
    """The timebox of each rung that has none of its own."""
    checklist: Seq[Name] = Field(min_length=1)
    """Checklist items, each to be answered."""
    checklist_within: Box | None = None
    """How long after accepting with one tap the checklist may follow; at once, if not given."""
    progress_within: Box | None = None
    """How long an owner may be silent before the acceptance lapses and it is asked anew; never, if not given."""
    clarify: Clarify | None = None
    """What follows when an offer is rejected as incomplete; the next rung is asked, if not given."""
    hours: Name | None = None
    """The calendar outside whose open hours nobody is asked: until they begin, the escalation owner holds the offer."""
    repeat: int = Field(default=0, ge=0)
    """Extra passes through the ladder before it is exhausted."""


class HandoffRule(Strict):
    """What a handoff must carry."""

    require: Seq[Literal["reason", "next_step", "artifacts", "expected_at"]] = Field(min_length=1)
    """What the sender must give."""
    accept_within: Box
    """The receiver's timebox; afterwards it returns to the sender."""
    at_most: int = Field(ge=0)
    """Handoffs beyond this number go to the escalation owner, and so does one that goes back a second time between the
    same two people; planned ones do not count."""
    sequence: Seq[OwnerRef] = ()
    """Whom a handoff without a named receiver goes to, one after the other: tier one, tier two, engineering."""


class ExceptionUse(Strict):
    """An exception class that this template allows; what is given here replaces the class's own."""

    owner: OwnerRef | None = None
    """Another path owner."""
    within: Box | None = None
    """Another recovery time."""


class Waiting(Strict):
    """Waiting for a customer or a date, which stops the clocks and is bounded."""

    at_most: Box | None = None
    """The longest wait in all; a wait without it is a finding."""
    then: Literal["owner", "escalation_owner"] | None = None
    """Whom it falls to when the wait is over; a wait without it is a finding."""


class Drift(Strict):
    """What happens when somebody changes in the helpdesk what Surety had written."""

    owner: Literal["restore", "adopt", "flag"] = "restore"
    """The record of who is accountable: written again, taken as a handoff, or only reported."""
    status: Literal["restore", "flag"] = "restore"
    """A ticket that is solved without proof: set back, or only reported."""
    fields: Literal["restore", "adopt", "flag"] = "adopt"
    """Fields that steps of this escalation have written: written again, taken as they are now, or only reported."""


class Close(Strict):
    """What proves that it may close."""

    verify: Seq[Literal["outcome_evidence", "tasks_done", "fields_consistent", "delivered"]] = Field(min_length=1)
    """Checks beside acceptance, which is always verified."""
    resolution_codes: Seq[Name] = Field(min_length=1)
    """Codes that a close may carry."""
    postmortem: Literal["never", "when_breached", "always"] = "never"
    """Whether a post-mortem with a remediation owner must be there before it closes."""
    reopen_within: Duration | None = None
    """How long after the close it opens again as the same escalation; later it is a new one."""


class Runbook(Strict):
    """Steps by lifecycle point. The ladder never waits for them."""

    open: Seq[Step] = ()
    """When the escalation opens."""
    offered: Seq[Step] = ()
    """Each time somebody is asked to take it, on the ladder or by a handoff."""
    failover: Seq[Step] = ()
    """Each time the offer passes to the next rung, and when after the last one the escalation owner is asked again."""
    accepted: Seq[Step] = ()
    """Each time an owner accepts."""
    exhausted: Seq[Step] = ()
    """When every rung was tried."""
    overdue: Seq[Step] = ()
    """When the outcome's own time has passed."""
    exception: Seq[Step] = ()
    """Each time an exception is raised."""
    handoff: Seq[Step] = ()
    """Each time a handoff is accepted."""
    resolved: Seq[Step] = ()
    """When the outcome is proven."""
    closed: Seq[Step] = ()
    """When the escalation closes."""


class LadderRung(Strict):
    """A rung that is asked, and its timebox if it has one of its own."""

    rung: RungName
    """Which one."""
    within: Box | None = None
    """Its timebox; that of `accept` if not given."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: object) -> object:
        return {"rung": data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, object]:
        """The schema of both forms: a rung, or a mapping with its timebox."""
        return either_form({"type": "string", "enum": list(RUNGS)}, core_schema, handler)


def _climbs(ladder: tuple[LadderRung, ...]) -> tuple[LadderRung, ...]:
    positions = [RUNGS.index(each.rung) for each in ladder]
    if not positions or positions[-1] != len(RUNGS) - 1 or positions != sorted(set(positions)):
        found = ", ".join(each.rung for each in ladder) or "no rung"
        raise Unfit(
            f"a ladder climbs from primary over secondary to escalation_owner, found {found}",
            "leave rungs out if you like, but keep the order and end with escalation_owner",
        )
    return ladder


Ladder = Annotated[Seq[LadderRung], AfterValidator(_climbs)]
"""The rungs that are asked, in order; never empty."""


class Template(Strict):
    """The contract of one kind of escalation."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Template"]
    name: Name
    """Equal to the name of its folder."""
    summary: Text
    """One sentence: which tickets, until what."""
    source_of_truth: Text | None = None
    """Which system says what is so, when two disagree."""
    failure_mode: Text | None = None
    """What goes wrong when nobody follows up: the reason for this template."""
    metrics: Seq[Metric] = ()
    """The key figures that it is judged by."""
    inputs: dict[FieldName, TicketInput] = {}
    """The ticket fields that it needs; with any of them declared, all that it reads itself must be."""
    outputs: dict[Name, Output] = {}
    """What it leaves behind, by name."""
    trigger: Trigger
    """What opens it."""
    outcome: Outcome
    """What ends it."""
    owners: Owners
    """Who is asked."""
    ladder: Ladder = tuple(LadderRung(rung=rung) for rung in RUNGS)
    """The rungs in the order in which they are asked, each with a timebox if you like; the last is the escalation
    owner."""
    accept: Accept
    """By when and with which checklist an owner accepts."""
    waiting: Waiting | None = None
    """Whether and how long it may wait for a customer or a date; never, if not given."""
    runbook: Runbook = Runbook()
    """What is done along the way."""
    handoff: HandoffRule
    """What a handoff must carry."""
    exceptions: dict[Name, ExceptionUse] = {}
    """The exception classes that owners may raise."""
    drift: Drift = Drift()
    """What happens when somebody changes in the helpdesk what Surety had written."""
    close: Close
    """What proves that it may close."""
    on_other_match: Literal["keep", "supersede"] = "keep"
    """What happens when another template matches meanwhile: this escalation goes on and the match is recorded, or it
    ends and the other opens."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class BlockInput(Strict):
    """A value that a block is given by its user."""

    type: Literal["text", "number", "boolean", "channel", "room", "person", "duration", "choice", "field", "action"]
    """What is accepted."""
    summary: Text
    """What it is for."""
    values: Seq[Annotated[str, Field(min_length=1, max_length=64)]] = ()
    """choice: what can be chosen."""
    default: JsonValue = None
    """Used when nothing is given; without it the input is required."""

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        check_choice(self.type, self.values)
        return self


class Block(Strict):
    """A small reusable runbook that templates `use`."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Block"]
    name: Name
    """Equal to the name of its file."""
    summary: Text
    """What it does."""
    inputs: dict[Name, BlockInput] = {}
    """What its user gives."""
    steps: Seq[dict[str, JsonValue]] = Field(min_length=1)
    """Steps as in a runbook; `$name` stands for an input where it is a whole value, `{{ inputs.name }}` in a text."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
