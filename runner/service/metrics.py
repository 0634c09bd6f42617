"""Figures about the running service, for Prometheus. Counts only; nothing is decided from them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from runner.engine.decision import Advance
from runner.engine.intake import Intake
from runner.engine.reasons import Reason
from runner.store.port import Pending

__all__ = ["Metrics"]


class Metrics:
    """All metrics of a process, in a registry of their own. Names begin with `surety_`; times in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self._refused = Counter("surety_commands_refused", "Commands refused, by reason.", ["reason"], registry=at)
        self._events = Counter("surety_events", "Events decided, by type and reason.", ["type", "reason"], registry=at)
        self._counted: dict[tuple[str, Reason], Counter] = {}  # a label is looked up once; there are many events
        self._routings: dict[tuple[str | None, str], Counter] = {}  # as for events
        self._routed = Counter(
            "surety_tickets_routed", "Looks at tickets, by what followed.", ["outcome", "why"], registry=at
        )
        self._unfit = Counter(
            "surety_ticket_values_unfit", "Ticket values that did not fit their declared type.", registry=at
        )
        self._effects = Counter("surety_effects", "Effects tried, by kind and result.", ["kind", "result"], registry=at)
        self._hooks = Counter("surety_webhooks", "Webhooks received, by result.", ["result"], registry=at)
        self._unreadable = Counter("surety_helpdesk_failures", "Times the helpdesk could not be read.", registry=at)
        self._lateness = Histogram(
            "surety_deadline_lateness_seconds",
            "How late deadlines were handled, in contract time.",
            buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 3600),
            registry=at,
        )
        self._pending = Gauge("surety_pending", "What waits to be done, by queue.", ["queue"], registry=at)
        self._epoch = Gauge("surety_active_epoch", "The active epoch.", registry=at)
        self._refused_revision = Gauge(
            "surety_revision_refused", "1 while the head of the ref is refused.", registry=at
        )

    def decided(self, done: Advance) -> None:
        """A decision was written."""
        if done.rejected is not None:
            self._refused.labels(done.rejected.reason.value).inc()
            return
        for event in done.events:
            key = (event.type, event.reason)
            counter = self._counted.get(key)
            if counter is None:
                counter = self._counted[key] = self._events.labels(event.type, event.reason.value)
            counter.inc()

    def looked(self, found: Intake, problems: tuple[str, ...]) -> None:
        """A ticket was looked at."""
        key = (found.case.outcome, found.why)
        counter = self._routings.get(key)
        if counter is None:
            counter = self._routings[key] = self._routed.labels(found.case.outcome or "none", found.why)
        counter.inc()
        if problems:
            self._unfit.inc(len(problems))

    def fired(self, late_seconds: float) -> None:
        """A deadline was handled."""
        self._lateness.observe(max(0.0, late_seconds))

    def performed(self, kind: str, result: str) -> None:
        """An effect was tried."""
        self._effects.labels(kind, result).inc()

    def hook(self, result: str) -> None:
        """A webhook came."""
        self._hooks.labels(result).inc()

    def unreadable(self) -> None:
        """The helpdesk could not be read."""
        self._unreadable.inc()

    def text(self, pending: Pending, epoch: int, *, refused: bool) -> bytes:
        """Everything in the exposition format."""
        for queue in ("inbox", "outbox_ready", "outbox_leased", "outbox_waiting", "dead", "hints"):
            self._pending.labels(queue).set(getattr(pending, queue))
        self._epoch.set(epoch)
        self._refused_revision.set(int(refused))
        return generate_latest(self.registry)
