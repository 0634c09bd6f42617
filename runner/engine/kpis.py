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
    exceptions: int
    exhausted: int
    skipped: int
    undelivered: int
    outcome_missed: bool
    late_seconds: int
    code: str | None
    impact: int | None


def figures(decisions: Iterable[tuple[datetime, Sequence[ev.Event]]]) -> Figures:
    """Fold the decisions (instant, events) of one escalation, in order. Raises ValueError without an opening."""
    opened: ev.EscalationOpened | None = None
    start: datetime | None = None
    took: dict[str, float] = {}
    count = dict.fromkeys(("failovers", "handoffs", "exceptions", "exhausted", "skipped", "undelivered"), 0)
    handoffs: set[int] = set()
    recoveries: set[int] = set()
    missed, late, closed = False, 0, None
    for now, happened in decisions:
        for event in happened:
            match event:
                case ev.EscalationOpened():
                    opened, start = event, now
                case ev.OwnerOffered(purpose="handoff"):
                    handoffs.add(event.offer)
                case ev.OwnerOffered(purpose="exception"):
                    recoveries.add(event.offer)
                case ev.OwnerOffered(purpose="ladder", retry=False) if event.reason in _FAILOVER:
                    count["failovers"] += 1
                case ev.OfferAccepted() if event.offer not in recoveries:
                    count["handoffs"] += event.offer in handoffs
                    late = max(late, event.late_seconds)
                    took.setdefault("acknowledge", _since(start, now))
                case ev.OwnerTook():
                    took.setdefault("acknowledge", _since(start, now))
                case ev.LadderExhausted():
                    count["exhausted"] += 1
                case ev.RungSkipped():
                    count["skipped"] += 1
                case ev.ExceptionRaised():
                    count["exceptions"] += 1
                case ev.DeliveryFailed():
                    count["undelivered"] += 1
                case ev.OutcomeMissed():
                    missed = True
                case ev.OutcomeResolved():
                    took["resolution"] = _since(start, now)
                case ev.EscalationClosed():
                    took["closed"], closed = _since(start, now), event
                case _:
                    pass
    if opened is None or start is None:
        msg = "no opening among these decisions"
        raise ValueError(msg)
    return Figures(
        template=opened.template,
        opened_at=start,
        acknowledge=took.get("acknowledge"),
        resolution=took.get("resolution"),
        closed=took.get("closed"),
        outcome_missed=missed,
        late_seconds=late,
        code=closed.code if closed else None,
        impact=closed.impact if closed else None,
        **count,
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
    exceptions: int
    exhausted: int
    skipped: int
    undelivered: int
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
        exceptions=sum(each.exceptions for each in many),
        exhausted=sum(each.exhausted for each in many),
        skipped=sum(each.skipped for each in many),
        undelivered=sum(each.undelivered for each in many),
        outcomes_missed=sum(each.outcome_missed for each in many),
        impact=sum(each.impact or 0 for each in many),
    )
