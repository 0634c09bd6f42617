"""The wall clock of rotations: never seen going back, by lists of instants in many zones, and against counting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.wall_clock import first_instant, how_often, wall_clock
from runner.zones import zone

TICK = timedelta(microseconds=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "name", "time", "times", "at"),
    [
        ("an ordinary morning", "Europe/Berlin", "2026-03-03T09:00", 1, "2026-03-03T08:00"),
        ("Berlin, spring: the gap's first minute", "Europe/Berlin", "2026-03-29T02:00", 0, "2026-03-29T01:00"),
        ("Berlin, spring: inside the gap", "Europe/Berlin", "2026-03-29T02:30", 0, "2026-03-29T01:00"),
        ("Berlin, spring: its end", "Europe/Berlin", "2026-03-29T03:00", 1, "2026-03-29T01:00"),
        ("Berlin, autumn: before the hour", "Europe/Berlin", "2026-10-25T01:59", 1, "2026-10-24T23:59"),
        ("Berlin, autumn: the hour, first time", "Europe/Berlin", "2026-10-25T02:00", 2, "2026-10-25T00:00"),
        ("Berlin, autumn: in it", "Europe/Berlin", "2026-10-25T02:30", 2, "2026-10-25T00:30"),
        ("Berlin, autumn: its end comes once", "Europe/Berlin", "2026-10-25T03:00", 1, "2026-10-25T02:00"),
        ("São Paulo, no midnight", "America/Sao_Paulo", "2018-11-04T00:00", 0, "2018-11-04T03:00"),
        ("São Paulo, half past none", "America/Sao_Paulo", "2018-11-04T00:30", 0, "2018-11-04T03:00"),
        ("São Paulo, the day begins at one", "America/Sao_Paulo", "2018-11-04T01:00", 1, "2018-11-04T03:00"),
        ("São Paulo, the last hour of a day twice", "America/Sao_Paulo", "2019-02-16T23:30", 2, "2019-02-17T01:30"),
        ("São Paulo, midnight once after it", "America/Sao_Paulo", "2019-02-17T00:00", 1, "2019-02-17T03:00"),
        ("Beirut, no midnight", "Asia/Beirut", "2026-03-29T00:00", 0, "2026-03-28T22:00"),
        ("Beirut, the last hour of a day twice", "Asia/Beirut", "2026-10-24T23:00", 2, "2026-10-24T20:00"),
        ("Cairo, no midnight", "Africa/Cairo", "2026-04-24T00:15", 0, "2026-04-23T22:00"),
        ("Cairo, the last hour of a day twice", "Africa/Cairo", "2026-10-29T23:45", 2, "2026-10-29T20:45"),
        ("Lord Howe, half an hour is missing", "Australia/Lord_Howe", "2026-10-04T02:15", 0, "2026-10-03T15:30"),
        ("Lord Howe, and no more", "Australia/Lord_Howe", "2026-10-04T02:30", 1, "2026-10-03T15:30"),
        ("Lord Howe, half an hour twice", "Australia/Lord_Howe", "2026-04-05T01:45", 2, "2026-04-04T14:45"),
        ("Lord Howe, and no more", "Australia/Lord_Howe", "2026-04-05T01:29", 1, "2026-04-04T14:29"),
        ("Dublin, whose winter is the exception", "Europe/Dublin", "2026-10-25T01:30", 2, "2026-10-25T00:30"),
        ("Apia, which skipped a day", "Pacific/Apia", "2011-12-30T12:00", 0, "2011-12-30T10:00"),
        ("a zone without changes", "Asia/Kolkata", "2026-03-29T02:30", 1, "2026-03-28T21:00"),
        ("UTC", "UTC", "2026-03-29T02:30", 1, "2026-03-29T02:30"),
    ],
)
def test_a_local_time_has_one_first_instant(word: str, name: str, time: str, times: int, at: str) -> None:
    assert how_often(local(time), zone(name)) == times, word
    found = first_instant(local(time), zone(name))
    assert found == utc(at), word
    assert wall_clock(found, zone(name)) >= local(time), "the clock shows it, or is past it"
    assert wall_clock(found - TICK, zone(name)) < local(time), "and was not before"


@pytest.mark.parametrize(
    ("word", "name", "at", "shown"),
    [
        ("before the hour that comes twice", "Europe/Berlin", "2026-10-24T23:59:59", "2026-10-25T01:59:59"),
        ("its first time", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T02:30"),
        ("its second time: it stands still", "Europe/Berlin", "2026-10-25T01:00", "2026-10-25T02:59:59.999999"),
        ("until the end", "Europe/Berlin", "2026-10-25T01:59:59.999999", "2026-10-25T02:59:59.999999"),
        ("and goes on", "Europe/Berlin", "2026-10-25T02:00", "2026-10-25T03:00"),
        (
            "an evening that comes twice stays that day",
            "Africa/Cairo",
            "2026-10-29T21:30",
            "2026-10-29T23:59:59.999999",
        ),
        ("half an hour", "Australia/Lord_Howe", "2026-04-04T15:10", "2026-04-05T01:59:59.999999"),
        ("the gap is jumped", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T03:00"),
    ],
)
def test_it_is_never_seen_going_back(word: str, name: str, at: str, shown: str) -> None:
    assert wall_clock(utc(at), zone(name)) == local(shown), word


ZONES = [
    "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo",
    "Australia/Lord_Howe", "Africa/Casablanca", "America/Nuuk", "Asia/Kathmandu", "Pacific/Chatham", "UTC",
]  # fmt: skip
INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(ZONES), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_it_only_goes_forward(name: str, at: datetime, later: timedelta) -> None:
    assert wall_clock(at, zone(name)) <= wall_clock(at + later, zone(name))


@given(st.sampled_from(ZONES), INSTANTS)
def test_the_first_instant_is_the_first(name: str, at: datetime) -> None:
    time = at.replace(tzinfo=None)
    found = first_instant(time, zone(name))
    assert wall_clock(found, zone(name)) >= time > wall_clock(found - TICK, zone(name))


@pytest.mark.parametrize("name", ZONES)
def test_it_shows_the_latest_time_that_the_clock_has_shown(name: str) -> None:
    """Against reading the clock every quarter of an hour in the months in which clocks change."""
    where = zone(name)
    for month in (2, 3, 4, 10, 11):
        at, latest = datetime(2018, month, 1, tzinfo=UTC), datetime.min  # noqa: DTZ901 - naive, as a clock on a wall
        while at.month == month:
            shown, found = at.astimezone(where), wall_clock(at, where)
            latest = max(latest, shown.replace(tzinfo=None))
            assert latest <= found < latest + timedelta(minutes=15)
            assert shown.fold or found == latest
            at += timedelta(minutes=15)
