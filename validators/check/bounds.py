"""How long it can take until somebody knows of an escalation: that a human has accepted, or the escalation
owner was told.

Computed from the contract, not by running it. Reads no roster: whoever is on call, the bound holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from runner.contract.contract import BoxOf, Contract, RungOf
from validators.check.business_time import BusinessTime

__all__ = ["Bound", "bound_of_rungs", "bound_until_somebody_knows"]


@dataclass(frozen=True, slots=True)
class Bound:
    """The longest time until somebody knows, and how it is made up."""

    seconds: int
    """On the wall clock; 0 if the escalation owner is asked or told in the very decision that opens it."""
    start: datetime
    """The opening, UTC, after which it takes that long; the earliest of several."""
    end: datetime
    """When somebody knows, UTC."""
    rung: str
    """The first rung of the ladder: whose silence it takes."""
    box: BoxOf | None
    """The time that is waited for, that of the rung or that of the outcome; None if nothing is."""
    by_outcome: bool
    """Whether it is the outcome that falls due first, so that the escalation owner hears of it by that alone."""


def bound_until_somebody_knows(contract: Contract, times: BusinessTime) -> Bound | None:
    """The longest time from the opening of an escalation until a human has accepted or the escalation owner was told,
    over every opening in the range of `times` and every course that the engine can take.

    None if the timebox need not end within ten years, or cannot be counted by `times`.

    Told means that the message is on its way; that a channel takes a message to the escalation owner, or to the last
    resort in that person's place, is assumed. Decisions are taken when they fall due. Under this the bound is nothing
    if the ladder begins with the escalation owner; else the longest time until the first rung's timebox has ended or
    the outcome is due, whichever comes first:

    - Nobody stands on some rung at the opening: the rung is passed over in the opening itself. Whoever is asked
      instead, the escalation owner is told of it or is asked, so nothing is waited for.
    - The first is asked, and does not answer: the timebox ends, and with the failover the escalation owner is told.
    - No channel took the message: the rung is asked again when its timebox has ended, and the escalation owner is told
      so at that instant, not after the retries. A channel that says so earlier makes it earlier.
    - The outcome falls due while the first is still asked: the escalation owner is told that it is overdue.
    - The first rejects, passes it up, or raises an exception: the escalation owner is told at once; also when the
      requester is asked for what is missing and the offer stays.
    - It opens outside the service hours: the escalation owner holds it from then on. An opening in the last second of
      the hours is as long in coming to the end of a timebox in them as one at their end, which the bound is reckoned
      from; in another calendar it may be sooner.
    - Somebody accepts with a tap, or takes the acceptance back: a human had accepted.
    - Handoffs, and exceptions that are not taken, end back with somebody who has accepted; the escalation owner is
      told of each that fails. They begin after the bound is kept.
    - A manager gives it to somebody: that person has the first rung's timebox, whose end brings it to the escalation
      owner. That manager knows of it; counted from the giving, the bound is the same.
    """
    return bound_of_rungs(contract.ladder, contract.outcome_within, times)


def bound_of_rungs(ladder: Sequence[RungOf], outcome: BoxOf, times: BusinessTime) -> Bound | None:
    """As `bound_until_somebody_knows`, for a ladder, which is not empty, and the time of the outcome alone."""
    first = ladder[0]
    if first.name == "escalation_owner":
        return Bound(0, times.start, times.start, first.name, None, by_outcome=False)
    span = times.sooner(first.within, outcome)
    if span is None:
        return None
    by_outcome = times.end([first.within], span.start) > span.end
    return Bound(span.seconds, span.start, span.end, first.name, outcome if by_outcome else first.within, by_outcome)
