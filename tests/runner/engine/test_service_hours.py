"""Service hours: nobody is asked outside them; the escalation owner holds the offer until they begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from runner.contract.contract import CalendarOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable, next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    TEXT,
    YES,
    Life,
    Outcome,
    accepted,
    at,
    away,
    box,
    contract,
    opened,
    opening,
    roster,
    step,
)

OFFICE = CalendarOf(zone="Europe/Berlin", week=(((540, 1020),),) * 5 + ((),) * 2, closed=("2026-03-04",))
SHUT = CalendarOf(zone="UTC", week=((),) * 7, closed=())
NIGHT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""A Monday evening; the office opens at 9:00 in Berlin."""
MORNING = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def served(calendar: CalendarOf = OFFICE, **changes: Any) -> Any:
    return contract(hours="office", calendars={"office": calendar}, **{"outcome_within": box(999 * HOUR), **changes})


def at_night(when: datetime = NIGHT, **changes: Any) -> Life:
    terms = served(**changes)
    life = Life(terms, now=when)
    life.open(created_at=when)
    return life


HELD = ["ladder offer 1 to boss: outside_hours", "tell boss: service_hours"]
BEGUN = ["offer 1 ends: service_hours", "ladder offer 2 to ann: first_rung", "tell ann: offer"]


def begin(when: datetime, terms: Any = None) -> Outcome:
    life = Life(terms or served(), now=when)
    return life.open(created_at=when)


@pytest.mark.parametrize(
    ("word", "when", "held"),
    [
        ("in the evening", NIGHT, True),
        ("a moment before they begin", MORNING - timedelta(microseconds=1), True),
        ("as they begin", MORNING, False),
        ("in their midst", MORNING + timedelta(hours=2, microseconds=7), False),
        ("a moment before they end", datetime(2026, 3, 3, 15, 59, 59, 999_999, tzinfo=UTC), False),
        ("as they end", datetime(2026, 3, 3, 16, 0, tzinfo=UTC), True),
        ("on a holiday", datetime(2026, 3, 4, 10, 0, tzinfo=UTC), True),
    ],
)
def test_when_the_ladder_begins(word: str, when: datetime, held: bool) -> None:
    assert (begin(when).story == HELD) is held, word


def test_hours_that_never_come_are_none() -> None:
    assert begin(NIGHT, served(SHUT)).story[0] == "ladder offer 1 to ann: first_rung"


def test_it_is_held_until_they_begin_and_told_once() -> None:
    life = at_night()
    offer = life.live.offers[1]
    assert (offer.due, offer.on_end, offer.resume, offer.rung) == (MORNING, "climb", 0, None)
    assert next_deadline(life.live) == MORNING
    assert life.until(MORNING - timedelta(seconds=1)) == []


def before_dawn(**changes: Any) -> Life:
    life = at_night(**changes)
    life.now = MORNING
    return life


@table(
    Row("they begin", before_dawn, cmd.Tick(), MORNING, BEGUN),
    Row("a moment before", at_night, cmd.Tick(), MORNING - timedelta(seconds=1), []),
    Row(
        "no failover steps",
        partial(before_dawn, runbook={"failover": (step(),)}),
        cmd.Tick(),
        MORNING,
        BEGUN,
    ),
    Row(
        "the escalation owner takes it early",
        at_night,
        cmd.Accept(offer=1, answers=YES),
        NIGHT + timedelta(hours=1),
        ["boss accepts 1: accepted"],
        "boss",
    ),
    Row(
        "and cannot reject it: nobody else is there",
        at_night,
        cmd.Reject(offer=1, why="no_capacity"),
        NIGHT,
        RejectReason.NOBODY_ABOVE,
        "boss",
    ),
    Row(
        "nor pass it up",
        at_night,
        cmd.Escalate(offer=1, text=TEXT),
        NIGHT,
        RejectReason.NOBODY_ABOVE,
        "boss",
    ),
    Row(
        "but gives it to somebody",
        at_night,
        cmd.Override(action="give", text=TEXT, to="ben"),
        NIGHT,
        [
            "offer 1 ends: override",
            "OwnerReleased boss: override",
            "ladder offer 2 to ben: override",
            "tell ben: offer",
        ],
        "boss",
    ),
    Row(
        "a conflict passes it to the last resort",
        at_night,
        cmd.Reject(offer=1, why="conflict"),
        NIGHT,
        ["offer 1 ends: rejected_conflict", "ladder offer 2 to ceo: outside_hours", "tell ceo: service_hours"],
        "boss",
    ),
)
def test_the_night(row: Row) -> None:
    play(row)


def test_the_next_rung_waits_for_the_morning_too_and_is_still_the_next() -> None:
    evening = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)
    life = at_night(evening)
    (failed,) = life.until(evening + timedelta(hours=1))
    assert failed.story == [
        "offer 1 ends: no_answer", "ladder offer 2 to boss: outside_hours", "tell boss: service_hours",
    ]  # fmt: skip
    thursday = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    (asked,) = life.until(thursday)
    assert asked.story == ["offer 2 ends: service_hours", "ladder offer 3 to ben: no_answer", "tell ben: offer"]


def test_a_new_pass_waits_for_the_morning_and_exhaustion_does_not() -> None:
    life = at_night(datetime(2026, 3, 3, 14, 0, tzinfo=UTC), repeat=0)
    life.until(datetime(2026, 3, 3, 16, 30, tzinfo=UTC))
    assert life.live.phase is Phase.EXHAUSTED
    again = at_night(datetime(2026, 3, 3, 14, 0, tzinfo=UTC), repeat=1)
    again.until(datetime(2026, 3, 3, 16, 30, tzinfo=UTC))
    assert (again.live.phase, again.live.offers[4].on_end) == (Phase.OFFERED, "climb")
    again.until(datetime(2026, 3, 5, 8, 0, tzinfo=UTC))
    assert (accountable(again.live), again.live.ladder_pass) == ("ann", 1)


def test_a_late_start_of_the_runner_at_night_asks_nobody_either() -> None:
    life = at_night()
    story = life.tick(datetime(2026, 3, 3, 20, 0, tzinfo=UTC)).story
    assert story == ["offer 1 ends: service_hours", "ladder offer 2 to boss: outside_hours", "tell boss: service_hours"]


def test_an_owner_who_escalates_at_night_brings_it_to_the_escalation_owner() -> None:
    life = Life(served(), now=MORNING)
    life.open(created_at=MORNING)
    life.accept()
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=MORNING + timedelta(hours=10))
    assert (accountable(life.live), life.live.offers[2].resume) == ("boss", 1)


def test_who_takes_it_at_night_and_thinks_better_of_it_leaves_the_ladder_as_it_was() -> None:
    life = at_night()
    life.do(cmd.Accept(offer=1, answers=YES), "boss", when=NIGHT + timedelta(hours=1))
    life.do(cmd.Unaccept(), "boss")
    life.until(life.now + timedelta(seconds=10))
    assert (accountable(life.live), [offer.on_end for offer in life.live.offers.values()]) == ("boss", ["climb"])
    life.until(MORNING)
    assert accountable(life.live) == "ann"


def test_the_last_resort_holds_it_for_an_escalation_owner_who_is_away() -> None:
    life = Life(served(), roster(away("boss", NIGHT)), now=NIGHT)
    life.open(created_at=NIGHT)
    assert accountable(life.live) == "ceo"


def test_it_is_no_failover() -> None:
    life = at_night()
    life.until(MORNING)
    offered = [event.reason for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert offered == [Reason.OUTSIDE_HOURS, Reason.FIRST_RUNG]


def test_without_hours_nothing_of_this() -> None:
    assert opened().live.offers[1].on_end == "next_rung"
    assert accepted(contract=contract()).live.holder == "ann"
    assert opening().ticket == "T-1"
    assert at(0) == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
