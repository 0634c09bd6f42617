"""What each event means for the figures, as tables by the event's type. A new event is counted by one line here."""

from __future__ import annotations

from collections.abc import Mapping

from runner.contract.policies.words import CountMetric
from runner.engine import events as ev

__all__ = [
    "COUNTED",
    "COUNTED_FOR",
    "FAILOVERS",
    "NO_ACTION",
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
    "OutcomeReopened": "reopened",
    "EscalationReopened": "reopened",
    "TicketLinked": "linked",
    "DriftFound": "drift",
    "RollbackEnded": "rollbacks",
}
"""By event, the figure that it raises by one."""

COUNTED_FOR: Mapping[tuple[str, str], CountMetric] = {
    ("OwnerReleased", "no_progress"): "lapsed",
    ("OwnerReleased", "checklist_missed"): "lapsed",
    ("OwnerReleased", "unaccepted"): "unaccepted",
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
        "not_clarified",
        "checklist_missed",
        "unaccepted",
        "wait_over",
    )
)
"""Reasons for which the ladder's offer passes to somebody else: a silence, a rejection, an absence.

The first offer, a rung that is tried again, a manager's decision, the beginning of the service hours, the same person
once more and the offer of an exhausted ladder are none.
"""

UNANSWERED = frozenset(("no_answer", "not_told"))
"""Reasons for which an offer ended because its timebox was over."""

OVERDUE = frozenset(
    (
        "OfferEnded",
        "OwnerReleased",
        "ProgressMissed",
        "OutcomeMissed",
        "ExceptionOverdue",
        "TaskOverdue",
        "RemediationOverdue",
        "ClarificationMissed",
        "WaitingEnded",
        "PageUnanswered",
    )
)
"""Events that date with `due` what was over by then: how much later they were decided is the runner's own lateness."""

NO_ACTION = frozenset(("OwnerReleased", "ChecklistCompleted"))
"""Events of the holder's that are no action on the matter: giving it away, and finishing the acceptance."""

PAUSES = frozenset(("WaitingStarted",))
RESUMES = frozenset(("WaitingEnded",))
"""Events with which the time that is left out begins and ends."""

REOPENS = frozenset(("OutcomeReopened", "EscalationReopened"))
"""Events after which what was resolved or closed is not any more."""

RETRACTS = frozenset(("unaccepted", "checklist_missed"))
"""Reasons for which a holder is released as if the last acceptance had not been."""


def counted(event: ev.Event) -> CountMetric | None:
    """The figure that an event raises by one, whatever came before it."""
    if isinstance(event, ev.OwnerOffered):
        moved = event.purpose == "ladder" and not (event.retry or event.quiet) and event.reason in FAILOVERS
        return "failovers" if moved else None
    return COUNTED.get(event.type) or COUNTED_FOR.get((event.type, event.reason))
