"""Figures about the running service, for Prometheus. Counts only; nothing is decided from them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from runner.engine import events as ev
from runner.engine.decision import Advance
from runner.engine.intake import Intake
from runner.engine.kpis import KEPT, Figures, counted, spans_between
from runner.engine.reasons import Reason
from runner.store.port import Pending

__all__ = ["Metrics"]

_SPANS = (60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200, 604800)
"""From a minute to a week, in seconds: the times that contracts speak of."""


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
        self._spans = Histogram(
            "surety_kpi_seconds",
            "Key figures that are times, when they become known; a later one of the same escalation counts as well.",
            ["template", "figure"],
            buckets=_SPANS,
            registry=at,
        )
        self._counts = Counter("surety_kpi", "Key figures that are counted.", ["template", "figure"], registry=at)
        self._exceptions = Counter(
            "surety_exceptions", "Exceptions raised, by class.", ["template", "class"], registry=at
        )
        self._kept = Counter(
            "surety_kpi_kept",
            "What was kept or missed, when it was closed.",
            ["template", "figure", "kept"],
            registry=at,
        )
        self._impact = Counter("surety_business_impact", "Impact said at the close.", ["template"], registry=at)
        self._pending = Gauge("surety_pending", "What waits to be done, by queue.", ["queue"], registry=at)
        self._epoch = Gauge("surety_active_epoch", "The active epoch.", registry=at)
        self._refused_revision = Gauge(
            "surety_revision_refused", "1 while the head of the ref is refused.", registry=at
        )

    def decided(self, done: Advance) -> None:
        """A decision was written."""
        if done.rejected is not None:
            self._refused.labels(done.rejected.reason.value).inc()
        for event in done.events:
            key = (event.type, event.reason)
            counter = self._counted.get(key)
            if counter is None:
                counter = self._counted[key] = self._events.labels(event.type, event.reason.value)
            counter.inc()
            if done.state is not None:
                self._figure(done.state.template, event)

    def _figure(self, template: str, event: ev.Event) -> None:
        """What one event adds to the figures, whatever came before it."""
        figure = counted(event)
        if figure is not None:
            self._counts.labels(template, figure).inc()
        match event:
            case ev.ExceptionRaised():
                self._exceptions.labels(template, event.exception_class).inc()
            case ev.EscalationOpened():
                self._counts.labels(template, "repeats").inc(len(event.earlier))
            case ev.OwnersNamed():
                self._spans.labels(template, "time_to_first_owner").observe(event.waited_seconds)
            case _:
                pass

    def figured(self, before: Figures, after: Figures) -> None:
        """What an escalation's figures show after a decision that they did not show before it."""
        template = after.template
        for span, seconds in spans_between(before, after):
            self._spans.labels(template, span).observe(seconds)
        self._counts.labels(template, "handoffs").inc(after.counts["handoffs"] - before.counts["handoffs"])
        if after.ending != "closed" or before.ending == "closed":
            return
        for name in KEPT:
            if after.kept[name] is not None:
                self._kept.labels(template, name, "yes" if after.kept[name] else "no").inc()
        self._impact.labels(template).inc(max(0, after.impact or 0))

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
