"""Business time where clocks change: what is computed fast is what one counts minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine.calendars import NEVER, add_time, open_intervals
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.runner.engine.regressions.slowly import CHANGES, is_open, minutes, near_a_change, where_of
from tests.runner.engine.worlds import contract, roster

HOURS = st.lists(st.integers(0, 1440), max_size=4, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges))] * 2, strict=False))
)
"""Up to two spans of a day, in minutes; often they lie where the clock is changed."""
NIGHTLY = st.sampled_from((((0, 90),), ((120, 180),), ((150, 1440),), ((0, 150), (180, 240)), ((0, 1440),), ()))
WEEKS = st.tuples(*[HOURS | NIGHTLY] * 7)
PLACES = st.sampled_from(CHANGES)
STARTS = st.integers(-1500, 300)
SLOW = settings(max_examples=60, deadline=None)


def calendar(week: tuple[tuple[tuple[int, int], ...], ...], change: tuple[str, str], *, shut: bool) -> CalendarOf:
    """With a holiday on the day of the change, if wanted."""
    day = near_a_change(change, 0).astimezone(where_of(change)).date().isoformat()
    return CalendarOf(zone=change[0], week=week, closed=(day,) if shut else ())


@SLOW
@given(WEEKS, PLACES, STARTS, st.booleans())
def test_open_hours_are_those_that_the_clock_on_the_wall_shows(
    week: tuple[tuple[tuple[int, int], ...], ...], change: tuple[str, str], start: int, shut: bool
) -> None:
    hours, where, begins = calendar(week, change, shut=shut), where_of(change), near_a_change(change, start)
    length = 2 * 1440
    spans = list(
        takewhile(lambda each: each[0] < begins + timedelta(minutes=length), open_intervals(hours, where, begins))
    )
    for at, shown in islice(minutes(begins, where), length):
        assert any(opens <= at < closes for opens, closes in spans) is is_open(hours, shown), (at, shown)


@SLOW
@given(WEEKS, PLACES, STARTS, st.integers(1, 1200))
def test_a_box_ends_when_so_many_open_minutes_have_been_counted(
    week: tuple[tuple[tuple[int, int], ...], ...], change: tuple[str, str], start: int, box: int
) -> None:
    hours, where, begins = calendar(week, change, shut=False), where_of(change), near_a_change(change, start)
    ends, left = None, box
    for at, shown in islice(minutes(begins, where), 4 * 1440):
        left -= is_open(hours, shown)
        if not left:
            ends = at + timedelta(minutes=1)
            break
    found = add_time(hours, where, begins, box * 60)
    assert found == ends if ends is not None else found > begins + timedelta(days=4)


@SLOW
@given(WEEKS, PLACES, STARTS, st.integers(0, 3000))
def test_the_time_between_is_the_open_minutes_counted(
    week: tuple[tuple[tuple[int, int], ...], ...], change: tuple[str, str], start: int, later: int
) -> None:
    hours, begins = calendar(week, change, shut=False), near_a_change(change, start)
    counted = sum(is_open(hours, shown) for _, shown in islice(minutes(begins, where_of(change)), later))
    terms = contract(calendars={"office": hours})
    world = RosterWorld(begins, roster(), zone)
    assert world.time_between(terms, "office", begins, begins + timedelta(minutes=later)) == counted * 60


@pytest.mark.parametrize(
    ("word", "change", "hours", "open_for"),
    [
        ("the skipped hour is no business hour", CHANGES[2], (120, 180), 0),
        ("the hour that comes twice is open twice as long", CHANGES[3], (120, 180), 120),
        ("what begins in the gap begins after it", CHANGES[2], (150, 300), 120),
        ("what ends in the gap ends before it", CHANGES[2], (60, 150), 60),
        ("half an hour is skipped on Lord Howe", CHANGES[5], (120, 180), 30),
        ("half an hour comes twice there", CHANGES[4], (90, 120), 60),
        ("the day that begins at one, in São Paulo", CHANGES[6], (0, 120), 60),
        ("the day that begins at one, in Cairo", CHANGES[8], (30, 120), 60),
        ("the day that begins at one, in Beirut", CHANGES[10], (0, 60), 0),
    ],
)
def test_the_hours_of_the_day_of_the_change(
    word: str, change: tuple[str, str], hours: tuple[int, int], open_for: int
) -> None:
    where = where_of(change)
    at = near_a_change(change, 0).astimezone(where)
    day = datetime(at.year, at.month, at.day, tzinfo=where)
    only = CalendarOf(zone=change[0], week=((),) * 7, closed=(), open={day.date().isoformat(): (hours,)})
    found = list(open_intervals(only, where, near_a_change(change, -2000)))
    total = sum(((end - start) for start, end in found), timedelta())
    assert total == timedelta(minutes=open_for), word


def test_a_day_that_the_date_line_swallowed_has_no_hours_and_lends_none_to_the_next() -> None:
    """Apia had no 30 December 2011, a Friday: its office hours are not kept on the Saturday."""
    office = ((540, 1020),)
    week = CalendarOf(zone="Pacific/Apia", week=(office, office, office, office, office, (), ()), closed=())
    apia = zone("Pacific/Apia")
    thursday = near_a_change(CHANGES[-1], -60 * 10)
    (last, monday, *_) = islice(open_intervals(week, apia, thursday), 3)
    assert last[1].astimezone(apia).isoformat() == "2011-12-29T17:00:00-10:00"
    assert monday[0].astimezone(apia).isoformat() == "2012-01-02T09:00:00+14:00"
    assert add_time(week, apia, last[1] - timedelta(minutes=1), 120) == monday[0] + timedelta(minutes=1)


def test_an_outcome_in_business_hours_ends_by_the_clock_on_the_wall() -> None:
    """Sixteen hours from Friday noon are Tuesday noon, also when the clock is put forward in between."""
    office = ((540, 1020),)
    hours = CalendarOf(zone="Europe/Berlin", week=(office,) * 5 + ((),) * 2, closed=())
    berlin = zone("Europe/Berlin")
    for friday in ("2026-03-20", "2026-03-27", "2026-10-23"):
        noon = datetime.fromisoformat(f"{friday}T12:00").replace(tzinfo=berlin)
        ends = RosterWorld(noon, roster(), zone).add_time(
            contract(calendars={"office": hours}), noon, BoxOf(seconds=16 * 3600, calendar="office")
        )
        assert ends.astimezone(berlin).strftime("%A %H:%M") == "Tuesday 12:00", friday
    assert add_time(hours, berlin, near_a_change(CHANGES[2], 0), 10**9) == NEVER
