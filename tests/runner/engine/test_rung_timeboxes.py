"""Every rung has a timebox of its own, counted on the wall clock or in business hours."""

from __future__ import annotations

from datetime import UTC, datetime

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine import events as ev
from tests.runner.engine.worlds import HOUR, MINUTE, at, contract, hand_over, handoff, opened

DAY = ((9 * 60, 17 * 60),)
OFFICE = CalendarOf(zone="Europe/Berlin", week=(DAY,) * 5 + ((), ()), closed=())
IN_OFFICE = BoxOf(seconds=2 * HOUR, calendar="office")
FRIDAY_EVENING = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 16:30 in Berlin, half an hour before they close


def test_each_rung_ends_when_its_own_time_is_over() -> None:
    ladder = (("primary", 5 * MINUTE), ("secondary", HOUR), ("escalation_owner", 10 * MINUTE))
    life = opened(contract=contract(ladder=ladder, repeat=0))
    life.until(at(90))
    offers = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert [(e.to, e.due) for e in offers] == [("ann", at(5)), ("ben", at(65)), ("boss", at(75)), ("boss", None)]


def test_business_hours_stand_still_over_the_weekend() -> None:
    ladder = (("primary", IN_OFFICE), ("secondary", HOUR), ("escalation_owner", HOUR))
    small = contract(ladder=ladder, calendars={"office": OFFICE})
    life = opened(contract=small, now=FRIDAY_EVENING)
    (offer,) = life.live.offers.values()
    assert offer.due == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # Monday, 10:30 in Berlin


def test_a_handoff_is_counted_in_business_hours_too() -> None:
    small = contract(handoff=handoff(accept_within=IN_OFFICE), calendars={"office": OFFICE})
    life = opened(contract=small, now=FRIDAY_EVENING)
    life.accept()
    offer = life.do(hand_over("carl"), "ann").one(ev.OwnerOffered)
    assert offer.due == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
