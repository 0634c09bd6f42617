"""Calendars, tried by lists of instants inside and outside, and by boxes that must end at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine.calendars import NEVER, add_time, open_intervals, time_between
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.runner.engine.worlds import T0, contract, roster

Week = tuple[tuple[tuple[int, int], ...], ...]
OFFICE: Week = (((9 * 60, 12 * 60), (13 * 60, 17 * 60)),) * 5 + ((),) * 2
NIGHT: Week = (((0, 6 * 60), (22 * 60, 24 * 60)),) * 7
ALWAYS: Week = (((0, 1440),),) * 7
EARLY: Week = (((60, 150), (180, 300)),) * 7  # 01:00-02:30 and 03:00-05:00


def calendar(week: Week, name: str = "Europe/Berlin", *closed: str) -> CalendarOf:
    return CalendarOf(zone=name, week=week, closed=closed)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def is_open(given: CalendarOf, instant: datetime) -> bool:
    start, _ = next(open_intervals(given, zone(given.zone), instant), (NEVER, NEVER))
    return start == instant


@pytest.mark.parametrize(
    ("word", "given", "inside", "outside"),
    [
        (
            "office hours with a lunch break",
            calendar(OFFICE),
            ["2026-03-03T09:00+01:00", "2026-03-03T11:59:59+01:00", "2026-03-03T13:00+01:00", "2026-03-06T16:59+01:00"],
            [
                "2026-03-03T08:59:59+01:00",
                "2026-03-03T12:00+01:00",
                "2026-03-03T12:59+01:00",
                "2026-03-03T17:00+01:00",
                "2026-03-07T10:00+01:00",
                "2026-03-08T10:00+01:00",
            ],
        ),
        (
            "a holiday",
            calendar(OFFICE, "Europe/Berlin", "2026-04-03", "2026-04-06"),
            ["2026-04-02T10:00+02:00", "2026-04-07T10:00+02:00"],
            ["2026-04-03T10:00+02:00", "2026-04-06T10:00+02:00"],
        ),
        (
            "through midnight",
            calendar(NIGHT),
            ["2026-03-03T22:00+01:00", "2026-03-03T23:59:59+01:00", "2026-03-04T00:00+01:00", "2026-03-04T05:59+01:00"],
            ["2026-03-03T21:59+01:00", "2026-03-04T06:00+01:00", "2026-03-04T12:00+01:00"],
        ),
        (
            "a holiday ends the night at midnight",
            calendar(NIGHT, "Europe/Berlin", "2026-03-04"),
            ["2026-03-03T23:59+01:00", "2026-03-05T00:00+01:00"],
            ["2026-03-04T00:00+01:00", "2026-03-04T23:00+01:00"],
        ),
        (
            "the wall clock rules when summer begins",
            calendar(OFFICE),
            ["2026-03-27T09:00+01:00", "2026-03-30T09:00+02:00", "2026-03-30T07:00+00:00"],
            ["2026-03-30T08:59+02:00", "2026-03-30T17:00+02:00"],
        ),
        (
            "and when it ends",
            calendar(OFFICE),
            ["2026-10-23T09:00+02:00", "2026-10-26T09:00+01:00"],
            ["2026-10-26T08:30+01:00", "2026-10-26T17:00+01:00"],
        ),
        (
            "the hour that does not exist",
            calendar(EARLY),
            ["2026-03-29T01:00+01:00", "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:59+02:00"],
            ["2026-03-29T00:59+01:00", "2026-03-29T05:00+02:00"],
        ),
        (
            "the hour that comes twice: open until 02:30 the first time",
            calendar(EARLY),
            ["2026-10-25T01:00+02:00", "2026-10-25T02:29+02:00", "2026-10-25T03:00+01:00"],
            ["2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:59+01:00"],
        ),
        (
            "zones that are not whole hours away",
            calendar(OFFICE, "Asia/Kathmandu"),
            ["2026-03-03T09:00+05:45", "2026-03-03T03:15+00:00"],
            ["2026-03-03T08:59+05:45"],
        ),
        (
            "always",
            calendar(ALWAYS),
            ["2026-03-29T02:30+01:00", "2026-10-25T02:30+01:00", "2026-12-31T23:59+01:00"],
            [],
        ),
        ("never", calendar(((),) * 7), [], ["2026-03-03T09:00+01:00"]),
    ],
)
def test_inside_and_outside(word: str, given: CalendarOf, inside: list[str], outside: list[str]) -> None:
    assert [text for text in inside if not is_open(given, utc(text))] == [], word
    assert [text for text in outside if is_open(given, utc(text))] == [], word


@pytest.mark.parametrize(
    ("word", "given", "start", "hours", "end"),
    [
        ("within a morning", calendar(OFFICE), "2026-03-03T09:00+01:00", 2, "2026-03-03T11:00+01:00"),
        (
            "to the end of the morning, not of lunch",
            calendar(OFFICE),
            "2026-03-03T09:00+01:00",
            3,
            "2026-03-03T12:00+01:00",
        ),
        ("across lunch", calendar(OFFICE), "2026-03-03T11:00+01:00", 2, "2026-03-03T14:00+01:00"),
        ("begun at night", calendar(OFFICE), "2026-03-03T03:00+01:00", 1, "2026-03-03T10:00+01:00"),
        ("across the weekend", calendar(OFFICE), "2026-03-06T16:00+01:00", 2, "2026-03-09T10:00+01:00"),
        (
            "across a holiday",
            calendar(OFFICE, "Europe/Berlin", "2026-03-04"),
            "2026-03-03T16:00+01:00",
            2,
            "2026-03-05T10:00+01:00",
        ),
        ("across the beginning of summer", calendar(OFFICE), "2026-03-27T16:00+01:00", 2, "2026-03-30T10:00+02:00"),
        ("a day of 23 hours", calendar(ALWAYS), "2026-03-29T00:00+01:00", 23, "2026-03-30T00:00+02:00"),
        ("a day of 25 hours", calendar(ALWAYS), "2026-10-25T00:00+02:00", 25, "2026-10-26T00:00+01:00"),
        (
            "the hour that does not exist counts once",
            calendar(EARLY),
            "2026-03-29T01:00+01:00",
            3,
            "2026-03-29T05:00+02:00",
        ),
        ("sixteen hours are two days", calendar(OFFICE), "2026-03-03T09:00+01:00", 14, "2026-03-04T17:00+01:00"),
    ],
)
def test_a_box_ends(word: str, given: CalendarOf, start: str, hours: int, end: str) -> None:
    assert add_time(given, zone(given.zone), utc(start), hours * 3600) == utc(end), word


def test_without_a_calendar_every_hour_counts() -> None:
    assert add_time(None, UTC, T0, 3600) == T0 + timedelta(hours=1)


def test_a_calendar_that_is_hardly_ever_open_never_ends_a_box() -> None:
    berlin = zone("Europe/Berlin")
    assert add_time(calendar(((),) * 7), berlin, T0, 1) == NEVER
    every_day = [(T0 + timedelta(days=day)).date().isoformat() for day in range(-2, 3700)]
    assert add_time(calendar(ALWAYS, "Europe/Berlin", *every_day), berlin, T0, 1) == NEVER


def test_the_world_counts_in_the_contracts_own_calendar() -> None:
    small = contract(calendars={"office": calendar(OFFICE)})
    world = RosterWorld(T0, roster(), zone)
    assert world.add_time(small, T0, BoxOf(seconds=3600, calendar=None)) == T0 + timedelta(hours=1)
    evening = utc("2026-03-03T18:00+01:00")
    assert world.add_time(small, evening, BoxOf(seconds=3600, calendar="office")) == utc("2026-03-04T10:00+01:00")


minutes = st.integers(0, 1440)
days = st.lists(st.tuples(minutes, minutes), max_size=2).map(
    lambda pairs: tuple((a, b) for a, b in pairwise(sorted({m for pair in pairs for m in pair})))[::2]
)
weeks: st.SearchStrategy[Week] = st.tuples(*[days] * 7)
around_changes = st.sampled_from(("2026-03-28T12:00+00:00", "2026-10-24T12:00+00:00", "2026-04-04T12:00+00:00"))


@given(weeks, st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")), around_changes)
def test_open_intervals_are_in_order_and_apart(week: Week, name: str, start: str) -> None:
    first = utc(start)
    until = first + timedelta(days=10)
    found = list(takewhile(lambda each: each[0] < until, open_intervals(calendar(week, name), zone(name), first)))
    assert all(a < b for a, b in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert all(a >= first for a, _ in found)


@given(weeks, st.sampled_from(("Europe/Berlin", "America/New_York")), st.integers(1, 200_000), st.integers(1, 200_000))
def test_boxes_add_up(week: Week, name: str, first: int, second: int) -> None:
    """Two boxes one after the other end where both together do."""
    given_calendar, tz = calendar(week, name), zone(name)
    whole = add_time(given_calendar, tz, T0, first + second)
    half = add_time(given_calendar, tz, T0, first)
    if whole != NEVER:
        assert add_time(given_calendar, tz, half, second) == whole
        assert half < whole


OPENED = CalendarOf(
    zone="Europe/Berlin",
    week=(((540, 1020),),) * 5 + ((),) * 2,
    closed=("2026-12-24", "2026-12-25"),
    open={"2026-12-24": ((540, 720),), "2026-12-19": ((600, 840),), "2026-12-18": ((540, 1020), (1140, 1200))},
)
"""Open on Christmas Eve in the morning, on a Saturday, and late on a Friday."""


@pytest.mark.parametrize(
    ("word", "text", "open_then"),
    [
        ("an ordinary Thursday", "2026-12-17T09:00+01:00", True),
        ("its evening", "2026-12-17T19:30+01:00", False),
        ("a Friday with an evening", "2026-12-18T16:59+01:00", True),
        ("before it", "2026-12-18T18:59:59+01:00", False),
        ("in it", "2026-12-18T19:00+01:00", True),
        ("after it", "2026-12-18T20:00+01:00", False),
        ("a Saturday before it opens", "2026-12-19T09:59:59+01:00", False),
        ("when it opens", "2026-12-19T10:00+01:00", True),
        ("until it closes", "2026-12-19T14:00+01:00", False),
        ("the Saturday after", "2026-12-26T11:00+01:00", False),
        ("a closed day with hours of its own", "2026-12-24T09:00+01:00", True),
        ("which has no others", "2026-12-24T12:00+01:00", False),
        ("a closed day", "2026-12-25T10:00+01:00", False),
    ],
)
def test_extra_hours(word: str, text: str, open_then: bool) -> None:
    assert is_open(OPENED, datetime.fromisoformat(text).astimezone(UTC)) is open_then, word


def test_a_box_counts_extra_hours() -> None:
    start = datetime.fromisoformat("2026-12-23T16:00+01:00").astimezone(UTC)
    assert add_time(OPENED, zone("Europe/Berlin"), start, 4 * 3600) == datetime(2026, 12, 24, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "given", "start", "end", "seconds"),
    [
        ("all time without a calendar", None, "2026-03-03T09:00+01:00", "2026-03-03T10:00:01+01:00", 3601),
        ("nothing when it ends before it starts", None, "2026-03-03T09:00+01:00", "2026-03-03T08:00+01:00", 0),
        ("backwards in open hours", calendar(OFFICE), "2026-03-03T11:00+01:00", "2026-03-03T10:00+01:00", 0),
        ("within open hours", calendar(OFFICE), "2026-03-03T09:30+01:00", "2026-03-03T11:00+01:00", 5400),
        ("over lunch", calendar(OFFICE), "2026-03-03T11:30+01:00", "2026-03-03T13:30+01:00", 3600),
        ("from closed to closed", calendar(OFFICE), "2026-03-03T18:00+01:00", "2026-03-05T08:00+01:00", 7 * 3600),
        ("over the weekend", calendar(OFFICE), "2026-03-06T16:00+01:00", "2026-03-09T10:00+01:00", 7200),
        ("a night that loses an hour", calendar(ALWAYS), "2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", 23 * 3600),
        ("a night that gains one", calendar(ALWAYS), "2026-10-24T12:00+02:00", "2026-10-25T12:00+01:00", 25 * 3600),
    ],
)
def test_how_long_it_is_open(word: str, given: CalendarOf | None, start: str, end: str, seconds: int) -> None:
    at = zone(given.zone) if given else UTC
    assert time_between(given, at, utc(start), utc(end)) == seconds, word


@given(
    week=st.sampled_from((OFFICE, NIGHT, ALWAYS, EARLY)),
    name=st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda each: each.replace(tzinfo=UTC)),  # noqa: DTZ001
    seconds=st.integers(1, 40 * 3600),
)
def test_it_is_the_reverse_of_a_box(week: Week, name: str, start: datetime, seconds: int) -> None:
    given = calendar(week, name)
    end = add_time(given, zone(name), start, seconds)
    assert time_between(given, zone(name), start, end) == seconds
    assert time_between(given, zone(name), start, end - timedelta(seconds=1)) == seconds - 1
