"""What people ask of an escalation. Imperative; free text only as digests."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import ArgsBase, Scalar, TextRef, TicketFacts
from runner.engine.commands.recovery import Task

__all__ = [
    "Accept",
    "Cancel",
    "Close",
    "EndException",
    "Escalate",
    "HandOver",
    "Override",
    "PeopleArgs",
    "Progress",
    "RaiseException",
    "Reject",
    "Resolve",
]


class Accept(ArgsBase):
    """Accept an offer with every checklist item answered; with none, where the contract lets the checklist follow.

    An answer is true for a yes, a number, one of the values of a choice, an instant in UTC, or the digest of a text.
    """

    type: Literal["Accept"] = "Accept"
    offer: int
    answers: dict[str, Scalar]


class Reject(ArgsBase):
    """Reject an offer with a reason."""

    type: Literal["Reject"] = "Reject"
    offer: int
    why: Literal["not_mine", "incomplete", "no_capacity", "conflict"]
    text: TextRef | None = None


class Escalate(ArgsBase):
    """Pass it up the ladder now. `offer` names the offer that the actor saw, None for the holder."""

    type: Literal["Escalate"] = "Escalate"
    offer: int | None
    text: TextRef


class HandOver(ArgsBase):
    """Offer the escalation to another person, or with `to` None to the next of the planned sequence."""

    type: Literal["HandOver"] = "HandOver"
    to: str | None
    reason: TextRef | None = None
    next_step: TextRef | None = None
    artifacts: tuple[TextRef, ...] = ()
    expected_at: Instant | None = None


class Progress(ArgsBase):
    """The holder says how it goes on, so that the acceptance does not lapse."""

    type: Literal["Progress"] = "Progress"
    text: TextRef


class RaiseException(ArgsBase):
    """Raise an exception of a class that the contract allows, with the plan and the tasks that the class demands."""

    type: Literal["RaiseException"] = "RaiseException"
    exception_class: str
    text: TextRef
    plan: TextRef | None = None
    tasks: tuple[Task, ...] = ()


class EndException(ArgsBase):
    """End an exception: the trouble is over."""

    type: Literal["EndException"] = "EndException"
    exception: int
    text: TextRef


class Override(ArgsBase):
    """A manager takes it, gives it to somebody, or closes it, with a written rationale."""

    type: Literal["Override"] = "Override"
    action: Literal["take", "give", "close"]
    text: TextRef
    to: str | None = None
    code: str | None = None


class Resolve(ArgsBase):
    """The outcome is reached; evidence by kind, as digests."""

    type: Literal["Resolve"] = "Resolve"
    evidence: dict[str, TextRef]
    facts: TicketFacts


class Close(ArgsBase):
    """Close with a resolution code and the business impact in whole currency units (None: not known)."""

    type: Literal["Close"] = "Close"
    code: str
    impact: int | None = None
    facts: TicketFacts


class Cancel(ArgsBase):
    """End it without an outcome: it should not have been opened."""

    type: Literal["Cancel"] = "Cancel"
    text: TextRef


PeopleArgs = (
    Accept
    | Reject
    | Escalate
    | HandOver
    | Progress
    | RaiseException
    | EndException
    | Override
    | Resolve
    | Close
    | Cancel
)
