"""Figures of one escalation and of many, folded from decisions. Nothing is measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from runner.engine import events as ev
from runner.engine.reasons import Reason

__all__ = ["Figures", "Summary", "figures", "summarise"]

_FAILOVER = {
    Reason.NO_ANSWER,
    Reason.NOT_TOLD,
    Reason.NO_PROGRESS,
    Reason.OUTCOME_OVERDUE,
    Reason.ESCALATED,
    Reason.REPEATED,
    Reason.REJECTED_NOT_MINE,
    Reason.REJECTED_INCOMPLETE,
    Reason.REJECTED_NO_CAPACITY,
    Reason.REJECTED_CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One escalation. Durations in seconds from opening; None where it has not happened."""

    template: str
    opened_at: datetime
    acknowledge: float | None
    resolution: float | None
    closed: float | None
    failovers: int
    handoffs: int
    lapsed: int
    exceptions: int
    exhausted: int
    skipped: int
    undelivered: int
    pages_unanswered: int
    runs_stopped: int
    outcome_missed: bool
    late_seconds: int
    code: str | None
    impact: int | None


_COUNTED = {
    "LadderExhausted": "exhausted",
    "RungSkipped": "skipped",
    "ExceptionRaised": "exceptions",
    "DeliveryFailed": "undelivered",
    "PageUnanswered": "pages_unanswered",
}
"""Event to the figure that it raises by one."""


class _Fold:
    """The figures of one escalation while its decisions are read."""

    def __init__(self) -> None:
        self.opened: ev.EscalationOpened | None = None
        self.start: datetime | None = None
        self.took: dict[str, float] = {}
        self.count = dict.fromkeys(("failovers", "handoffs", "lapsed", "runs_stopped", *_COUNTED.values()), 0)
        self.purposes: dict[int, str] = {}
        self.missed = False
        self.late = 0
        self.closed: ev.EscalationClosed | None = None

    def add(self, now: datetime, event: ev.Event) -> None:
        """Count one event."""
        if event.type in _COUNTED:
            self.count[_COUNTED[event.type]] += 1
        match event:
            case ev.EscalationOpened():
                self.opened, self.start = event, now
            case ev.OwnerOffered():
                self.purposes[event.offer] = event.purpose
                self.count["failovers"] += event.purpose == "ladder" and not event.retry and event.reason in _FAILOVER
            case ev.OfferAccepted() if self.purposes[event.offer] != "exception":
                self.count["handoffs"] += self.purposes[event.offer] == "handoff"
                self.late = max(self.late, event.late_seconds)
                self._first("acknowledge", now)
            case ev.OwnerTook():
                self._first("acknowledge", now)
            case ev.OwnerReleased():
                self.count["lapsed"] += event.reason is Reason.NO_PROGRESS
            case ev.RunEnded():
                self.count["runs_stopped"] += event.reason is Reason.STOPPED
            case ev.OutcomeMissed():
                self.missed = True
            case ev.OutcomeResolved():
                self.took["resolution"] = _since(self.start, now)
            case ev.EscalationClosed():
                self.took["closed"], self.closed = _since(self.start, now), event
            case _:
                pass

    def _first(self, name: str, now: datetime) -> None:
        self.took.setdefault(name, _since(self.start, now))


def figures(decisions: Iterable[tuple[datetime, Sequence[ev.Event]]]) -> Figures:
    """Fold the decisions (instant, events) of one escalation, in order. Raises ValueError without an opening."""
    fold = _Fold()
    for now, happened in decisions:
        for event in happened:
            fold.add(now, event)
    if fold.opened is None or fold.start is None:
        msg = "no opening among these decisions"
        raise ValueError(msg)
    return Figures(
        template=fold.opened.template,
        opened_at=fold.start,
        acknowledge=fold.took.get("acknowledge"),
        resolution=fold.took.get("resolution"),
        closed=fold.took.get("closed"),
        outcome_missed=fold.missed,
        late_seconds=fold.late,
        code=fold.closed.code if fold.closed else None,
        impact=fold.closed.impact if fold.closed else None,
        **fold.count,
    )


def _since(start: datetime | None, now: datetime) -> float:
    return (now - start).total_seconds() if start is not None else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """Many escalations. Medians in seconds over those in which it happened; None where it never did."""

    count: int
    acknowledged: int
    resolved: int
    closed: int
    acknowledge_median: float | None
    resolution_median: float | None
    failovers: int
    handoffs: int
    lapsed: int
    exceptions: int
    exhausted: int
    skipped: int
    undelivered: int
    pages_unanswered: int
    runs_stopped: int
    outcomes_missed: int
    impact: int


def summarise(many: Sequence[Figures]) -> Summary:
    """Sums and medians over escalations."""
    acknowledged = [each.acknowledge for each in many if each.acknowledge is not None]
    resolved = [each.resolution for each in many if each.resolution is not None]
    return Summary(
        count=len(many),
        acknowledged=len(acknowledged),
        resolved=len(resolved),
        closed=sum(each.closed is not None for each in many),
        acknowledge_median=median(acknowledged) if acknowledged else None,
        resolution_median=median(resolved) if resolved else None,
        failovers=sum(each.failovers for each in many),
        handoffs=sum(each.handoffs for each in many),
        lapsed=sum(each.lapsed for each in many),
        exceptions=sum(each.exceptions for each in many),
        exhausted=sum(each.exhausted for each in many),
        skipped=sum(each.skipped for each in many),
        undelivered=sum(each.undelivered for each in many),
        pages_unanswered=sum(each.pages_unanswered for each in many),
        runs_stopped=sum(each.runs_stopped for each in many),
        outcomes_missed=sum(each.outcome_missed for each in many),
        impact=sum(each.impact or 0 for each in many),
    )
