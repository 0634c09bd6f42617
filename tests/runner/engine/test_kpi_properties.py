"""Figures of random lives: asking in between changes nothing, and they agree with the record read the slow way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import settings

from runner.engine import events as ev
from runner.engine.decision import ReadDecision, read_decision
from runner.engine.kpis import COUNTS, TIMES, Figures, Fold, counting, figures, summarise
from tests.runner.engine.machines import BUDGET, Escalations, Silences
from tests.runner.engine.walks import Walk

NO_FAILOVER = frozenset(
    ("first_rung", "ladder_end", "last_resort", "override", "roster_moved", "reopened", "clarified", "outside_hours")
)
"""Reasons of an offer of the ladder that was nobody's failure."""


def check(rows: list[ReadDecision]) -> None:
    """Everything that holds of the figures of any life."""
    kept, before = Fold(), None
    for row in rows:
        kept.add(row.now, row.events, row.command.actor)
        found = kept.figures()
        if before is not None:
            assert all(found.counts[name] >= before.counts[name] for name in COUNTS), "a count fell"
        before = found
    whole = figures((row.now, row.events, row.command.actor) for row in rows)
    assert whole == before, "asking in between has changed the figures"
    plausible(whole, rows)
    counted(whole, [event for row in rows for event in row.events])


def plausible(whole: Figures, rows: list[ReadDecision]) -> None:
    elapsed = (rows[-1].now - rows[0].now).total_seconds()
    waited = whole.times["time_to_first_owner"]
    for name in TIMES:
        seconds = whole.times[name]
        if name not in ("time_to_first_owner", "lateness", "runner_lateness"):
            assert seconds is None or 0 <= seconds <= elapsed, name
    assert waited is not None
    silence = whole.times["longest_silence"]
    assert silence is not None
    gaps = [(after.now - before.now).total_seconds() for before, after in pairwise(rows)]
    if whole.ending == "open" and silence:
        assert silence >= min(gaps), "shorter than any pause"
    close, resolution = whole.times["time_to_close"], whole.times["time_to_resolution"]
    if close is not None and resolution is not None:
        assert resolution <= close
    assert (close is not None) == (whole.ending == "closed")
    assert whole.kept["sla_compliance"] is not True or (
        whole.kept["acceptance_in_time"] and whole.kept["outcome_in_time"]
    )
    assert summarise([whole]).counts == whole.counts


def counted(whole: Figures, events: list[ev.Event]) -> None:
    def number(kind: type[ev.EventBase]) -> int:
        return sum(isinstance(event, kind) for event in events)

    assert whole.counts["exhausted"] == number(ev.LadderExhausted)
    assert whole.counts["exceptions"] == sum(whole.exceptions.values()) == number(ev.ExceptionRaised)
    assert whole.counts["undelivered"] == number(ev.DeliveryFailed)
    reasons = {event.reason for event in events if isinstance(event, ev.OwnerOffered) and event.purpose == "ladder"}
    assert reasons <= counting.FAILOVERS | NO_FAILOVER, "a reason that nobody has judged"
    handed = {event.offer for event in events if isinstance(event, ev.OwnerOffered) and event.purpose == "handoff"}
    accepted = [event for event in events if isinstance(event, ev.OfferAccepted)]
    assert whole.counts["handoffs"] == sum(event.offer in handed for event in accepted)
    assert whole.times["lateness"] == max((event.late_seconds for event in accepted), default=0)


@pytest.mark.parametrize("number", range(40))
def test_figures_of_a_walk(number: int) -> None:
    """Any command of anybody: taken back, waited for, opened again, drifted, rolled back."""
    check([read_decision(body) for _, body, _ in Walk(number).take().life.rows])


class Figured(Escalations):
    """Random lives, whose figures are looked at in the end."""

    def teardown(self) -> None:
        check([read_decision(body) for _, body, _ in self.life.rows])


class FiguredSilences(Silences):
    """Likewise, of owners who lose it."""

    def teardown(self) -> None:
        check([read_decision(body) for _, body, _ in self.life.rows])


TestFigured = Figured.TestCase
TestFigured.settings = settings(BUDGET, max_examples=40)
TestFiguredSilences = FiguredSilences.TestCase
TestFiguredSilences.settings = settings(BUDGET, max_examples=20)
