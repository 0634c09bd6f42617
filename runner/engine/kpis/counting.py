"""What each event means for the figures, as tables by the event's type. A new event is counted by one line here."""

from __future__ import annotations

from collections.abc import Mapping

from runner.contract.policies.words import CountMetric
from runner.engine import events as ev

__all__ = [
    "COUNTED",
    "COUNTED_FOR",
    "FAILOVERS",
    "GIVEN_BACK",
    "OVERDUE",
    "PAUSES",
    "REOPENS",
    "RESUMES",
    "RETRACTS",
    "UNANSWERED",
    "counted",
]

COUNTED: Mapping[str, CountMetric] = {
    "LadderExhausted": "exhausted",
    "RungSkipped": "skipped",
    "ExceptionRaised": "exceptions",
    "DeliveryFailed": "undelivered",
    "PageUnanswered": "pages_unanswered",
}
"""By event, the figure that it raises by one."""

COUNTED_FOR: Mapping[tuple[str, str], CountMetric] = {
    ("OwnerReleased", "no_progress"): "lapsed",
    ("RunEnded", "stopped"): "runs_stopped",
}
"""By event and reason, likewise."""

FAILOVERS = frozenset(
    (
        "no_answer",
        "not_told",
        "no_progress",
        "outcome_overdue",
        "escalated",
        "repeated",
        "rejected_not_mine",
        "rejected_incomplete",
        "rejected_no_capacity",
        "rejected_conflict",
        "absent",
        "unknown_ref",
    )
)
"""Reasons for which the ladder's offer passes to somebody else: a silence, a rejection, an absence.

The first offer, a rung that is tried again, a manager's decision and the offer of an exhausted ladder are none.
"""

UNANSWERED = frozenset(("no_answer", "not_told"))
"""Reasons for which an offer ended because its timebox was over."""

OVERDUE = frozenset(
    ("OfferEnded", "OwnerReleased", "ProgressMissed", "OutcomeMissed", "ExceptionOverdue", "PageUnanswered")
)
"""Events that date a breach with `due`: how much later they were decided is the runner's own lateness."""

GIVEN_BACK = frozenset(("OwnerReleased",))
"""Events by which the holder gives it away: such a decision is no action on the matter."""

PAUSES: frozenset[str] = frozenset()
RESUMES: frozenset[str] = frozenset()
"""Events with which the time that is left out begins and ends."""

REOPENS: frozenset[str] = frozenset()
"""Events after which what was resolved or closed is not any more."""

RETRACTS: frozenset[str] = frozenset()
"""Events by which an acceptance is taken back as if it had not been."""


def counted(event: ev.Event) -> CountMetric | None:
    """The figure that an event raises by one, whatever came before it."""
    if isinstance(event, ev.OwnerOffered):
        moved = event.purpose == "ladder" and not event.retry and event.reason in FAILOVERS
        return "failovers" if moved else None
    return COUNTED.get(event.type) or COUNTED_FOR.get((event.type, event.reason))
