"""Events: what was decided. Past tense, each with its reason and the rule behind it. People are ids, texts digests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.contract.values import Instant
from runner.engine.commands import Scalar, TextRef
from runner.engine.reasons import Reason
from runner.engine.work_events import (
    DeliveryFailed,
    DeliveryRequested,
    DeliveryTaken,
    EventBase,
    PageAnswered,
    PageUnanswered,
    RecordConfirmed,
    RecordFailed,
    RecordRequested,
    RunEnded,
    RunStarted,
    StepFailed,
    StepRequested,
    StepSucceeded,
)

__all__ = [
    "EVENT_TYPES",
    "DeliveryFailed",
    "DeliveryRequested",
    "DeliveryTaken",
    "EscalationCancelled",
    "EscalationClosed",
    "EscalationOpened",
    "Event",
    "ExceptionEnded",
    "ExceptionOverdue",
    "ExceptionOwned",
    "ExceptionRaised",
    "LadderExhausted",
    "LadderRepeated",
    "OfferAccepted",
    "OfferEnded",
    "OtherMatchNoted",
    "OutcomeMissed",
    "OutcomeResolved",
    "OwnerOffered",
    "OwnerReleased",
    "OwnerTook",
    "OwnersNamed",
    "PageAnswered",
    "PageUnanswered",
    "ProgressAwaited",
    "ProgressMissed",
    "ProgressShown",
    "RecordConfirmed",
    "RecordFailed",
    "RecordRequested",
    "Reminded",
    "RestoreRequested",
    "ResultIgnored",
    "RunEnded",
    "RunStarted",
    "RungSkipped",
    "StepFailed",
    "StepRequested",
    "StepSucceeded",
    "SubstituteNamed",
    "TicketBack",
    "TicketGone",
    "VerificationFailed",
]


class EscalationOpened(EventBase):
    """It exists from now on; the outcome is due at `outcome_due`."""

    type: Literal["EscalationOpened"] = "EscalationOpened"
    escalation: str
    template: str
    ticket: str
    created_at: Instant
    outcome_due: Instant
    fallback: bool
    fields: dict[str, Scalar]


class OwnersNamed(EventBase):
    """Who stands on each rung now (None with the reason in `absent`); `late_seconds` beyond the limit."""

    type: Literal["OwnersNamed"] = "OwnersNamed"
    owners: dict[str, str | None]
    absent: dict[str, Reason]
    late_seconds: int


class RungSkipped(EventBase):
    """Nobody could be asked on this rung; `passed_over` says who was meant, and why it is not that person."""

    type: Literal["RungSkipped"] = "RungSkipped"
    rung: str
    ladder_pass: int
    passed_over: dict[str, Reason] = {}


class LadderRepeated(EventBase):
    """The ladder starts again."""

    type: Literal["LadderRepeated"] = "LadderRepeated"
    ladder_pass: int


class LadderExhausted(EventBase):
    """Every rung was tried; the holder is told again and again."""

    type: Literal["LadderExhausted"] = "LadderExhausted"
    holder: str
    remind_at: Instant


class OwnerOffered(EventBase):
    """A person is asked; `due` None means until somebody answers.

    `rung` is a position in the ladder, None for offers beside it; `substitute` is who is asked next, None with
    `no_substitute`; `planned` is a position in the planned sequence of handoffs, None for every other offer.
    `passed_over` says who was meant before this person, and why it is another.
    """

    type: Literal["OwnerOffered"] = "OwnerOffered"
    offer: int
    purpose: Literal["ladder", "handoff", "exception"]
    sender: str | None
    to: str
    rung: int | None
    due: Instant | None
    on_accept: Literal["hold", "own_exception"]
    on_end: Literal["next_rung", "return", "escalation_owner", "stay"]
    exception: int | None
    substitute: str | None
    no_substitute: Reason | None
    retry: bool
    planned: int | None = None
    passed_over: dict[str, Reason] = {}


class SubstituteNamed(EventBase):
    """Who comes after the one who holds it now; None with `no_substitute`."""

    type: Literal["SubstituteNamed"] = "SubstituteNamed"
    substitute: str | None
    no_substitute: Reason | None


class OfferAccepted(EventBase):
    """The person took it, `late_seconds` after the timebox; `answers` are the checklist's."""

    type: Literal["OfferAccepted"] = "OfferAccepted"
    offer: int
    person: str
    late_seconds: int
    answers: dict[str, bool]


class OfferEnded(EventBase):
    """The offer to a person is over without acceptance; `due` dates a breach."""

    type: Literal["OfferEnded"] = "OfferEnded"
    offer: int
    person: str
    due: Instant | None
    text: TextRef | None = None


class OwnerReleased(EventBase):
    """The holder holds it no more; the ladder asks again. `due` dates an acceptance that lapsed."""

    type: Literal["OwnerReleased"] = "OwnerReleased"
    person: str
    text: TextRef | None
    due: Instant | None = None


class OwnerTook(EventBase):
    """A manager holds it now, by override."""

    type: Literal["OwnerTook"] = "OwnerTook"
    person: str
    text: TextRef


class ProgressShown(EventBase):
    """The holder says how it goes on."""

    type: Literal["ProgressShown"] = "ProgressShown"
    person: str
    text: TextRef


class ProgressAwaited(EventBase):
    """The holder has done something; the next is to follow by `due`."""

    type: Literal["ProgressAwaited"] = "ProgressAwaited"
    person: str
    due: Instant


class ProgressMissed(EventBase):
    """Nothing came from the holder until `due`; at `lapses_at` the acceptance lapses."""

    type: Literal["ProgressMissed"] = "ProgressMissed"
    person: str
    due: Instant
    lapses_at: Instant


class OutcomeMissed(EventBase):
    """The outcome's own time passed at `due`."""

    type: Literal["OutcomeMissed"] = "OutcomeMissed"
    due: Instant
    remind_at: Instant


class Reminded(EventBase):
    """The escalation owner is told again; next at `remind_at`."""

    type: Literal["Reminded"] = "Reminded"
    remind_at: Instant


class ExceptionRaised(EventBase):
    """Trouble of a declared class; recovery is due at `due`."""

    type: Literal["ExceptionRaised"] = "ExceptionRaised"
    exception: int
    exception_class: str
    by: str
    due: Instant
    text: TextRef


class ExceptionOwned(EventBase):
    """This person is accountable for recovery."""

    type: Literal["ExceptionOwned"] = "ExceptionOwned"
    exception: int
    owner: str


class ExceptionOverdue(EventBase):
    """Recovery took longer than allowed; the escalation owner takes over, and is told again at `next_due`."""

    type: Literal["ExceptionOverdue"] = "ExceptionOverdue"
    exception: int
    due: Instant
    owner: str
    next_due: Instant


class ExceptionEnded(EventBase):
    """The trouble is over."""

    type: Literal["ExceptionEnded"] = "ExceptionEnded"
    exception: int
    by: str
    text: TextRef


class OutcomeResolved(EventBase):
    """The outcome is proven; it may be closed. The escalation owner is reminded at `remind_at` until it is."""

    type: Literal["OutcomeResolved"] = "OutcomeResolved"
    by: str
    evidence: dict[str, TextRef]
    remind_at: Instant


class VerificationFailed(EventBase):
    """The ticket was solved outside, but these checks do not hold."""

    type: Literal["VerificationFailed"] = "VerificationFailed"
    noes: tuple[str, ...]


class RestoreRequested(EventBase):
    """The ticket is set back, since it was solved although these checks do not hold."""

    type: Literal["RestoreRequested"] = "RestoreRequested"
    write: int
    noes: tuple[str, ...]


class EscalationClosed(EventBase):
    """It is over, with its resolution code."""

    type: Literal["EscalationClosed"] = "EscalationClosed"
    by: str
    code: str
    impact: int | None
    text: TextRef | None


class EscalationCancelled(EventBase):
    """It is over without an outcome."""

    type: Literal["EscalationCancelled"] = "EscalationCancelled"
    by: str
    text: TextRef


class OtherMatchNoted(EventBase):
    """Another template matched the ticket; this escalation goes on."""

    type: Literal["OtherMatchNoted"] = "OtherMatchNoted"
    template: str


class TicketBack(EventBase):
    """The ticket that was out of sight can be read again."""

    type: Literal["TicketBack"] = "TicketBack"


class TicketGone(EventBase):
    """The ticket was deleted or is out of sight."""

    type: Literal["TicketGone"] = "TicketGone"


class ResultIgnored(EventBase):
    """An answer came to something that is over."""

    type: Literal["ResultIgnored"] = "ResultIgnored"
    what: str


EventUnion = (
    EscalationOpened
    | OwnersNamed
    | RungSkipped
    | LadderRepeated
    | LadderExhausted
    | OwnerOffered
    | SubstituteNamed
    | OfferAccepted
    | OfferEnded
    | OwnerReleased
    | OwnerTook
    | ProgressShown
    | ProgressAwaited
    | ProgressMissed
    | OutcomeMissed
    | Reminded
    | ExceptionRaised
    | ExceptionOwned
    | ExceptionOverdue
    | ExceptionEnded
    | OutcomeResolved
    | VerificationFailed
    | RestoreRequested
    | EscalationClosed
    | EscalationCancelled
    | RunStarted
    | StepRequested
    | StepSucceeded
    | StepFailed
    | PageAnswered
    | PageUnanswered
    | RunEnded
    | DeliveryRequested
    | DeliveryTaken
    | DeliveryFailed
    | RecordRequested
    | RecordConfirmed
    | RecordFailed
    | OtherMatchNoted
    | TicketGone
    | TicketBack
    | ResultIgnored
)
Event = Annotated[EventUnion, Field(discriminator="type")]
EVENT_TYPES: tuple[type[EventBase], ...] = EventUnion.__args__
