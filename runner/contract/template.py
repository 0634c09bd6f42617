"""Template and Block: the contract as a gatekeeper writes it. Shapes only; the compiler closes it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, JsonValue, StringConstraints, Tag, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies import FieldName, Version
from runner.contract.values import Box, Duration, Name, OwnerRef, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = [
    "POINTS",
    "RUNGS",
    "Accept",
    "Block",
    "Close",
    "CreateTicket",
    "ExceptionUse",
    "HandoffRule",
    "Note",
    "Notify",
    "Outcome",
    "Owners",
    "Runbook",
    "Step",
    "Template",
    "Trigger",
]

RungName = Literal["primary", "secondary", "escalation_owner"]
RUNGS: tuple[RungName, ...] = ("primary", "secondary", "escalation_owner")
POINTS = ("open", "failover", "accepted", "exhausted", "exception", "handoff", "resolved", "closed")
Party = Literal["owner", "previous_owner", "primary", "secondary", "escalation_owner"]
Who = Annotated[
    Annotated[Party, Tag("party")] | Annotated[OwnerRef, Tag("ref")],
    Discriminator(lambda value: "party" if isinstance(value, str) else "ref"),
]
"""Somebody by the part played in this escalation, or by reference."""
Message = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""Liquid text, rendered when it is sent."""


class Trigger(Strict):
    """What opens an escalation."""

    on: Seq[Literal["ticket.created", "ticket.updated", "time.passed"]] = Field(min_length=1)
    """What may make the condition true: a new ticket, a change, or time alone."""
    when: dict[str, JsonValue] = Field(min_length=1)
    """A condition over ticket fields."""
    rearm: Duration | None = None
    """How long after the last close a ticket that still matches opens again; never, if not given."""


class Outcome(Strict):
    """What ends the escalation well, and by when."""

    statement: Text
    """The outcome in one sentence."""
    evidence: Seq[Name] = Field(min_length=1)
    """Evidence kinds that prove it; all are needed to resolve."""
    within: Box
    """From opening until the outcome is due."""


class Owners(Strict):
    """Who is asked first, second and last."""

    primary: OwnerRef
    """Asked first."""
    secondary: OwnerRef
    """The substitute, asked when the primary does not accept."""
    escalation_owner: OwnerRef
    """Asked last; told of every failover; holds what nobody accepts."""


class Accept(Strict):
    """How an offer is accepted."""

    within: Duration
    """The timebox of each rung."""
    checklist: Seq[Name] = Field(min_length=1)
    """Checklist items, each to be answered with yes."""
    repeat: int = Field(default=0, ge=0)
    """Extra passes through the ladder before it is exhausted."""


class HandoffRule(Strict):
    """What a handoff must carry."""

    require: Seq[Literal["reason", "next_step", "artifacts", "expected_at"]] = Field(min_length=1)
    """What the sender must give."""
    accept_within: Duration
    """The receiver's timebox; afterwards it returns to the sender."""
    at_most: int = Field(ge=0)
    """Handoffs beyond this number go to the escalation owner."""


class ExceptionUse(Strict):
    """An exception class that this template allows; what is given here replaces the class's own."""

    owner: OwnerRef | None = None
    """Another path owner."""
    within: Box | None = None
    """Another recovery time."""


class Close(Strict):
    """What proves that it may close."""

    verify: Seq[Literal["outcome_evidence", "tasks_done", "fields_consistent"]] = Field(min_length=1)
    """Checks beside acceptance, which is always verified."""
    resolution_codes: Seq[Name] = Field(min_length=1)
    """Codes that a close may carry."""


class Notify(Strict):
    """Send a message that names one accountable person."""

    who: Who = "owner"
    """Who is meant; `owner` is whoever is accountable when the step runs."""
    via: Seq[Name] = ()
    """Channels to try in this order; the person's own order if none is given."""
    room: Name | None = None
    """Post to this room instead of to the person; the message still names `who`."""
    message: Message
    """Liquid text."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.room is not None and self.via:
            raise Unfit(
                "a message goes to a person or to a room, found `via` and `room`",
                "keep `room` to post there, or `via` to choose the channels to the person",
                "via",
            )
        return self


class Note(Strict):
    """Write an internal comment to the ticket."""

    text: Message
    """Liquid text."""
    snapshot: Annotated[int, Field(ge=0, le=100)] | None = None
    """Append the ticket's fields and this many of its last history entries, read when the note is written."""


class CreateTicket(Strict):
    """Create a ticket in the same helpdesk and link it."""

    subject: Message
    """Liquid text."""
    body: Message
    """Liquid text."""
    fields: dict[FieldName, JsonValue] = {}
    """Further fields."""
    assign: Who | None = None
    """Who gets it."""
    task: bool = False
    """Whether the escalation may close only when this ticket is done."""


class Step(Strict):
    """One step of a runbook: exactly one of notify, set_fields, note, create_ticket, use."""

    notify: Notify | None = None
    """Send a message."""
    set_fields: dict[FieldName, JsonValue] | None = None
    """Write fields of the ticket."""
    note: Note | None = None
    """Write a comment."""
    create_ticket: CreateTicket | None = None
    """Create and link a ticket."""
    use: Name | None = None
    """Run a block's steps here."""
    with_: dict[Name, JsonValue] = Field(default={}, alias="with")
    """Values for the inputs of the block."""
    on_leave: Literal["cancel", "finish"] = "cancel"
    """What happens if the escalation leaves the state before the step has run."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        keys = ("notify", "set_fields", "note", "create_ticket", "use")
        given = [key for key in keys if getattr(self, key) is not None]
        if not given:
            raise Unfit("this step does nothing", f"give it one of {', '.join(keys)}")
        if len(given) > 1:
            raise Unfit(
                f"a step does one thing, found {' and '.join(given)}", "make them steps, each with its own dash"
            )
        if self.with_ and self.use is None:
            raise Unfit(
                "`with` gives inputs to a block, and this step uses none", "remove `with`, or add use: BLOCK", "with"
            )
        if self.use is not None and "on_leave" in self.model_fields_set:
            raise Unfit("`on_leave` does not go with `use`", "set it on the steps of the block", "on_leave")
        return self


class Runbook(Strict):
    """Steps by lifecycle point. The ladder never waits for them."""

    open: Seq[Step] = ()
    """When the escalation opens."""
    failover: Seq[Step] = ()
    """Each time the offer passes to the next rung."""
    accepted: Seq[Step] = ()
    """Each time an owner accepts."""
    exhausted: Seq[Step] = ()
    """When every rung was tried."""
    exception: Seq[Step] = ()
    """Each time an exception is raised."""
    handoff: Seq[Step] = ()
    """Each time a handoff is accepted."""
    resolved: Seq[Step] = ()
    """When the outcome is proven."""
    closed: Seq[Step] = ()
    """When the escalation closes."""


def _climbs(ladder: tuple[RungName, ...]) -> tuple[RungName, ...]:
    positions = [RUNGS.index(rung) for rung in ladder]
    if not positions or positions[-1] != len(RUNGS) - 1 or positions != sorted(set(positions)):
        raise Unfit(
            f"a ladder climbs from primary over secondary to escalation_owner, found {', '.join(ladder) or 'no rung'}",
            "leave rungs out if you like, but keep the order and end with escalation_owner",
        )
    return ladder


Ladder = Annotated[Seq[RungName], AfterValidator(_climbs)]
"""The rungs that are asked, in order; never empty."""


class Template(Strict):
    """The contract of one kind of escalation."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Template"]
    name: Name
    """Equal to the name of its folder."""
    summary: Text
    """One sentence: which tickets, until what."""
    trigger: Trigger
    """What opens it."""
    outcome: Outcome
    """What ends it."""
    owners: Owners
    """Who is asked."""
    ladder: Ladder = RUNGS
    """The rungs in the order in which they are asked; the last is the escalation owner."""
    accept: Accept
    """By when and with which checklist an owner accepts."""
    runbook: Runbook = Runbook()
    """What is done along the way."""
    handoff: HandoffRule
    """What a handoff must carry."""
    exceptions: dict[Name, ExceptionUse] = Field(min_length=1)
    """The exception classes that owners may raise."""
    close: Close
    """What proves that it may close."""
    on_other_match: Literal["keep"] = "keep"
    """What happens when another template matches meanwhile: this escalation goes on, the match is recorded."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class BlockInput(Strict):
    """A value that a block is given by its user."""

    type: Literal["text", "number", "boolean", "channel", "room", "person"]
    """What is accepted."""
    summary: Text
    """What it is for."""
    default: JsonValue = None
    """Used when nothing is given; without it the input is required."""


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
