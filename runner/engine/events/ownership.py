"""Who is asked, who holds it, who comes next."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar, TextRef
from runner.engine.events.base import EventBase
from runner.engine.reasons import Reason

__all__ = [
    "EscalationOpened",
    "LadderExhausted",
    "LadderRepeated",
    "OfferAccepted",
    "OfferEnded",
    "OutcomeMissed",
    "OwnerAway",
    "OwnerOffered",
    "OwnerReleased",
    "OwnerTook",
    "OwnersNamed",
    "OwnershipEvent",
    "ProgressAwaited",
    "ProgressMissed",
    "ProgressShown",
    "Reminded",
    "RungSkipped",
    "SubstituteNamed",
]


class EscalationOpened(EventBase):
    """It exists from now on; the outcome is due at `outcome_due`.

    `keeper` answers for it until somebody has accepted or nobody will: the one who answered for what it takes the place
    of. `account`, `earlier` and `group` are as in the command.
    """

    type: Literal["EscalationOpened"] = "EscalationOpened"
    escalation: str
    template: str
    ticket: str
    created_at: Instant
    outcome_due: Instant
    fallback: bool
    fields: dict[str, Scalar]
    keeper: str | None = None
    account: Scalar = None
    earlier: tuple[str, ...] = ()
    group: str | None = None


class OwnersNamed(EventBase):
    """Who stands on each rung now (None with the reason in `absent`); `late_seconds` beyond the limit.

    `waited_seconds` is how long the ticket had been there, if its creation was the trigger.
    """

    type: Literal["OwnersNamed"] = "OwnersNamed"
    owners: dict[str, str | None]
    absent: dict[str, Reason]
    late_seconds: int
    waited_seconds: int = 0


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
    `passed_over` says who was meant before this person, and why it is another. One that is `quiet` needs no message;
    `resume` is the position from which the ladder climbs on when the offer ends, and `resume_for` why; None for every
    other offer.
    """

    type: Literal["OwnerOffered"] = "OwnerOffered"
    offer: int
    purpose: Literal["ladder", "handoff", "exception"]
    sender: str | None
    to: str
    rung: int | None
    due: Instant | None
    on_accept: Literal["hold", "own_exception"]
    on_end: Literal["next_rung", "return", "escalation_owner", "stay", "climb"]
    exception: int | None
    substitute: str | None
    no_substitute: Reason | None
    retry: bool
    planned: int | None = None
    passed_over: dict[str, Reason] = {}
    quiet: bool = False
    resume: int | None = None
    resume_for: Reason | None = None


class SubstituteNamed(EventBase):
    """Who comes after the one who holds it now; None with `no_substitute`."""

    type: Literal["SubstituteNamed"] = "SubstituteNamed"
    substitute: str | None
    no_substitute: Reason | None


class OfferAccepted(EventBase):
    """The person took it, `late_seconds` after the timebox; `answers` are the checklist's.

    They are to follow by `checklist_due` if the person accepted with one tap; None if they are given, or not asked for.
    """

    type: Literal["OfferAccepted"] = "OfferAccepted"
    offer: int
    person: str
    late_seconds: int
    answers: dict[str, Scalar]
    checklist_due: Instant | None = None


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


class OwnerAway(EventBase):
    """The holder of what is resolved is away or unknown; the escalation owner is told, since all that is left is to
    close it.
    """

    type: Literal["OwnerAway"] = "OwnerAway"
    person: str


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


OwnershipEvent = (
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
    | OwnerAway
    | OwnerTook
    | ProgressShown
    | ProgressAwaited
    | ProgressMissed
    | OutcomeMissed
    | Reminded
)
