"""Timeboxes and service hours across a change of the clocks: when somebody is asked, and until when.

Source: grafana/oncall 5247 and 5455 (windows kept in UTC shift by an hour; start plus duration is read in two ways).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runner.contract.contract import BoxOf, CalendarOf, Contract
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason
from runner.engine.state import accountable
from runner.zones import zone
from tests.runner.engine.regressions.slowly import CHANGES, near_a_change
from tests.runner.engine.worlds import HOUR, Life, contract, roster

LADDER = ("primary", "secondary", "escalation_owner")
OFFICE = ((540, 1020),) * 5 + (None, None)
AHEAD, BACK = CHANGES[2], CHANGES[3]
"""Berlin: the clock is put forward, and back."""


def office(name: str, week: Any = OFFICE) -> CalendarOf:
    return CalendarOf(zone=name, week=tuple((each,) if each is not None else () for each in week), closed=())


def asked(terms: Contract, at: datetime) -> Life:
    life = Life(terms, roster(), now=at)
    life.open(created_at=at)
    return life


def terms_of(**changes: Any) -> Contract:
    """Ann is asked first, then ben, in every year; the outcome has time."""
    people = {"primary": OwnerRef(person="ann"), "secondary": OwnerRef(person="ben")}
    return contract(owners=people, outcome=1000 * HOUR, **changes)


def boxed(box: BoxOf, **changes: Any) -> Contract:
    return terms_of(ladder=[(rung, box) for rung in LADDER], **changes)


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: f"{each[0]} {each[1]}")
@pytest.mark.parametrize("minutes", [-90, -1, 0, 30])
def test_an_hour_to_accept_is_an_hour_whatever_the_clock_shows(change: tuple[str, str], minutes: int) -> None:
    at = near_a_change(change, minutes)
    life = asked(boxed(BoxOf(seconds=HOUR, calendar=None)), at)
    assert life.live.offers[1].due == at + timedelta(hours=1)
    assert life.until(at + timedelta(minutes=59, seconds=59)) == []
    life.until(at + timedelta(hours=1))
    assert (accountable(life.live), life.live.offers[2].due) == ("ben", at + timedelta(hours=2))


@pytest.mark.parametrize(
    ("word", "name", "at", "due"),
    [
        ("Berlin, forward", "Europe/Berlin", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00"),
        ("Berlin, back", "Europe/Berlin", "2026-10-23T16:00+02:00", "2026-10-26T10:00+01:00"),
        ("New York, forward", "America/New_York", "2026-03-06T16:00-05:00", "2026-03-09T10:00-04:00"),
        ("New York, back", "America/New_York", "2026-10-30T16:00-04:00", "2026-11-02T10:00-05:00"),
        ("Lord Howe, back by half an hour", "Australia/Lord_Howe", "2026-04-03T16:00+11:00", "2026-04-06T10:00+10:30"),
        ("Lord Howe, forward", "Australia/Lord_Howe", "2026-10-02T16:00+10:30", "2026-10-05T10:00+11:00"),
        ("São Paulo, at midnight", "America/Sao_Paulo", "2018-11-02T16:00-03:00", "2018-11-05T10:00-02:00"),
        ("Cairo, at midnight, on a Friday", "Africa/Cairo", "2026-04-23T16:00+02:00", "2026-04-24T10:00+03:00"),
        ("Beirut, at midnight", "Asia/Beirut", "2026-03-27T16:00+02:00", "2026-03-30T10:00+03:00"),
        ("Apia, without a Friday", "Pacific/Apia", "2011-12-29T16:00-10:00", "2012-01-02T10:00+14:00"),
    ],
)
def test_two_business_hours_begun_at_four_end_at_ten(word: str, name: str, at: str, due: str) -> None:
    terms = boxed(BoxOf(seconds=2 * HOUR, calendar="office"), calendars={"office": office(name)})
    life = asked(terms, datetime.fromisoformat(at).astimezone(UTC))
    ends = life.live.offers[1].due
    assert ends is not None
    assert ends.astimezone(zone(name)).isoformat(timespec="minutes") == due, word
    life.until(ends)
    assert accountable(life.live) == "ben"


@pytest.mark.parametrize(
    ("word", "at", "opening"),
    [
        ("the night of the change forward", "2026-03-28T23:00+01:00", "2026-03-29T08:00+02:00"),
        ("in the hour before it", "2026-03-29T01:30+01:00", "2026-03-29T08:00+02:00"),
        ("just after it", "2026-03-29T03:00+02:00", "2026-03-29T08:00+02:00"),
        ("the night of the change back", "2026-10-24T23:00+02:00", "2026-10-25T08:00+01:00"),
        ("the first time it is half past two", "2026-10-25T02:30+02:00", "2026-10-25T08:00+01:00"),
        ("and the second", "2026-10-25T02:30+01:00", "2026-10-25T08:00+01:00"),
        ("a week before", "2026-03-21T23:00+01:00", "2026-03-22T08:00+01:00"),
    ],
)
def test_service_hours_begin_at_eight_by_the_clock_on_the_wall(word: str, at: str, opening: str) -> None:
    always = office("Europe/Berlin", ((480, 1200),) * 7)
    life = asked(terms_of(hours="service", calendars={"service": always}), datetime.fromisoformat(at).astimezone(UTC))
    held = life.live.offers[1]
    assert held.due is not None
    assert held.due.astimezone(zone("Europe/Berlin")).isoformat(timespec="minutes") == opening, word
    assert life.until(held.due - timedelta(seconds=1)) == []
    life.until(held.due)
    assert accountable(life.live) == "ann"


@pytest.mark.parametrize("change", [AHEAD, BACK])
def test_service_hours_that_begin_where_the_clock_is_changed(change: tuple[str, str]) -> None:
    """From half past two: put forward, they begin at three; put back, the first time that it is half past two."""
    nightly = office("Europe/Berlin", ((150, 1200),) * 7)
    at = near_a_change(change, -75)
    life = asked(terms_of(hours="service", calendars={"service": nightly}), at)
    due = life.live.offers[1].due
    assert due == (near_a_change(change, 0) if change is AHEAD else near_a_change(change, -30))
    life.until(near_a_change(change, 200))
    asked_at = [when for when, event in life.events if event.type == "OwnerOffered"]
    reasons = [event.reason for _, event in life.events if event.type == "OfferEnded"]
    assert asked_at[:2] == [at, due], "it begins once, not again when the hour repeats"
    assert reasons.count(Reason.SERVICE_HOURS) == 1
