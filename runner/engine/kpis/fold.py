"""The fold: the figures of one escalation while its decisions come in, one at a time. Keeps numbers, not decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from runner.contract.policies.words import CountMetric, KeptMetric, TimeMetric
from runner.engine import events as ev
from runner.engine.kpis import counting
from runner.engine.kpis.figures import COUNTS, TIMES, Ending, Figures

__all__ = ["Fold", "Happened", "figures"]

Happened = tuple[datetime, Sequence[ev.Event], str]
"""A decision as the figures see it: when, what was decided, and who gave the command."""
_NO_OFFER = ("", "")


@dataclass(slots=True)
class Fold:
    """Give it every decision of an escalation in order; ask for the figures whenever you like."""

    _opened: ev.EscalationOpened | None = None
    _start: datetime | None = None
    _epoch: int | None = None
    _took: dict[TimeMetric, float] = field(default_factory=dict)
    _count: dict[CountMetric, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    _classes: dict[str, int] = field(default_factory=dict)
    _offers: dict[int, tuple[str, str]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _first_owner: str | None = None
    _asked_first: bool = False
    _holder: str | None = None
    _acknowledging: bool = False
    _ack_missed: bool = False
    _outcome_missed: bool = False
    _late: int = 0
    _runner_late: float = 0.0
    _heard: datetime | None = None
    _silence: float = 0.0
    _paused: float = 0.0
    _paused_since: datetime | None = None
    _ending: Ending = "open"
    _closed: tuple[str, int | None] | None = None

    def add(self, now: datetime, events: Sequence[ev.Event], actor: str, epoch: int | None = None) -> None:
        """One more decision: when, its events, who gave the command, and the epoch it was made in."""
        holder, ended = self._holder, self._ending != "open"
        if self._opened is None:
            self._epoch = epoch
        heard = False
        for event in events:
            heard = heard or self._reaches(event)
            self._one(now, event)
        if self._opened is None or not events:
            return
        person = not actor.startswith("surety:")
        if person and actor == holder and not any(event.type in counting.NO_ACTION for event in events):
            self._first("time_to_first_action", now)
        if ended and self._ending == "open":
            self._heard = now  # nobody had to hear anything while it was over
        if not ended and (person or self._ending != "open" or heard):
            self._silence, self._heard = self._silence_until(now), now

    def _one(self, now: datetime, event: ev.Event) -> None:
        """Count one event."""
        raised = counting.counted(event)
        if raised is not None:
            self._count[raised] += 1
        if event.type in counting.OVERDUE:
            due = getattr(event, "due", None)
            self._runner_late = max(self._runner_late, (now - due).total_seconds() if due is not None else 0.0)
        if event.type in counting.PAUSES:
            self._paused_since = now
        elif event.type in counting.RESUMES:
            self._paused, self._paused_since = self._paused_until(now), None
        elif event.type in counting.REOPENS:
            self._reopened()
        match event:
            case ev.EscalationOpened():
                self._opened, self._start, self._heard = event, now, now
                self._count["repeats"] = len(event.earlier)
            case ev.OwnersNamed():
                self._took["time_to_first_owner"] = float(event.waited_seconds)
            case ev.RunEnded() | ev.StepRequested() | ev.StepSucceeded():
                self._step(event)
            case ev.ExceptionRaised():
                self._classes[event.exception_class] = self._classes.get(event.exception_class, 0) + 1
            case _:
                self._owners(now, event)

    def _owners(self, now: datetime, event: ev.Event) -> None:
        """Who is asked, who holds it, how it ends."""
        match event:
            case ev.OwnerOffered():
                self._offered(event)
            case ev.OfferAccepted():
                self._accepted(now, event)
            case ev.OfferEnded():
                purpose, _ = self._offers.pop(event.offer, _NO_OFFER)
                self._ack_breached(purpose == "ladder" and event.reason in counting.UNANSWERED)
            case ev.LadderExhausted():
                self._holder = None
                self._ack_breached(breached=True)
            case ev.OwnerTook():
                self._holds(now, event.person)
            case ev.OwnerReleased():
                self._released(event)
            case ev.OutcomeMissed():
                self._outcome_missed = True
            case ev.OutcomeResolved():
                self._took["time_to_resolution"] = self._since(now)
                self._first("time_to_first_action", now)
            case ev.EscalationClosed():
                self._took["time_to_close"] = self._since(now)
                self._first("time_to_first_action", now)
                self._ending, self._closed, self._holder = "closed", (event.code, event.impact), None
            case ev.EscalationCancelled():
                self._ending, self._holder = "cancelled", None
            case _:
                pass

    def _offered(self, event: ev.OwnerOffered) -> None:
        """Remember whom the ladder asks first: somebody on a rung, rather than who has it until the ladder begins."""
        self._offers[event.offer] = (event.purpose, event.on_accept)
        if event.purpose == "ladder" and not self._asked_first:
            self._first_owner, self._asked_first = event.to, event.rung is not None

    def _accepted(self, now: datetime, event: ev.OfferAccepted) -> None:
        purpose, on_accept = self._offers.pop(event.offer, _NO_OFFER)
        if on_accept == "hold":
            self._count["handoffs"] += purpose == "handoff"
            self._late = max(self._late, event.late_seconds)
            self._ack_breached(event.late_seconds > 0)
            self._holds(now, event.person)

    def _holds(self, now: datetime, person: str) -> None:
        """Somebody answers for it now; the first time, that is when it was acknowledged."""
        self._acknowledging = "time_to_acknowledge" not in self._took
        self._holder = person
        self._first("time_to_acknowledge", now)

    def _released(self, event: ev.OwnerReleased) -> None:
        """Nobody holds it any more; an acceptance that was none is not when it was acknowledged."""
        self._holder = None
        if event.reason in counting.RETRACTS and self._acknowledging:
            del self._took["time_to_acknowledge"]
            self._ack_breached(event.due is not None)

    def _ack_breached(self, breached: bool) -> None:  # noqa: FBT001 - a fact
        """A timebox passed before anybody had accepted."""
        self._ack_missed = self._ack_missed or (breached and "time_to_acknowledge" not in self._took)

    def _step(self, event: ev.StepRequested | ev.StepSucceeded | ev.RunEnded) -> None:
        """Remember whether the step under way is meant for somebody."""
        if isinstance(event, ev.StepRequested) and event.who is not None:
            self._asked.add(event.run)
        else:
            self._asked.discard(event.run)

    def _reaches(self, event: ev.Event) -> bool:
        """Whether somebody hears of it: a channel took a message, or a step meant for a person was done.

        Asking somebody whom no channel reaches is silence.
        """
        return event.type == "DeliveryTaken" or (event.type == "StepSucceeded" and event.run in self._asked)

    def _reopened(self) -> None:
        self._took.pop("time_to_resolution", None)
        self._took.pop("time_to_close", None)
        self._ending, self._closed = "open", None

    def _first(self, name: TimeMetric, now: datetime) -> None:
        self._took.setdefault(name, self._since(now))

    def _since(self, now: datetime) -> float:
        """Seconds from the opening without the time spent waiting."""
        return (now - self._start).total_seconds() - self._paused_until(now) if self._start is not None else 0.0

    def _paused_until(self, now: datetime) -> float:
        since = self._paused_since
        return self._paused + ((now - since).total_seconds() if since is not None else 0.0)

    def _silence_until(self, now: datetime) -> float:
        return max(self._silence, (now - self._heard).total_seconds() if self._heard is not None else 0.0)

    def figures(self, until: datetime | None = None) -> Figures:
        """What the decisions so far show; with `until`, as of that instant, for what goes on while nothing is decided.

        Raises ValueError before the opening.
        """
        opened, start = self._opened, self._start
        if opened is None or start is None:
            msg = "no opening among these decisions"
            raise ValueError(msg)
        going_on = until if self._ending == "open" else None
        times: dict[TimeMetric, float | None] = {name: self._took.get(name) for name in TIMES}
        times["waiting"] = self._paused_until(going_on) if going_on is not None else self._paused
        times["longest_silence"] = self._silence_until(going_on) if going_on is not None else self._silence
        code, impact = self._closed if self._closed is not None else (None, None)
        times["lateness"], times["runner_lateness"] = float(self._late), self._runner_late
        return Figures(
            template=opened.template,
            opened_at=start,
            epoch=self._epoch,
            ending=self._ending,
            first_owner=self._first_owner,
            account=None if opened.account is None else str(opened.account),
            fields=opened.fields,
            times=times,
            kept=self._kept(),
            counts=dict(self._count),
            exceptions=dict(self._classes),
            impact=impact,
            code=code,
        )

    def _kept(self) -> dict[KeptMetric, bool | None]:
        accepted = False if self._ack_missed else True if "time_to_acknowledge" in self._took else None
        proven = not {"time_to_resolution", "time_to_close"}.isdisjoint(self._took)
        outcome = False if self._outcome_missed else True if proven else None
        both = (accepted, outcome)
        sla = False if False in both else None if None in both else True
        return {"sla_compliance": sla, "acceptance_in_time": accepted, "outcome_in_time": outcome}


def figures(decisions: Iterable[Happened]) -> Figures:
    """Fold the decisions of one escalation, in order. Raises ValueError without an opening."""
    fold = Fold()
    for now, events, actor in decisions:
        fold.add(now, events, actor)
    return fold.figures()
