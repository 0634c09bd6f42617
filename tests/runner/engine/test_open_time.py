"""Elapsed open time, forwards and backwards, by lists of instants; against counting it hour by hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.conditions import HeldFor, Not, TimeFrom
from runner.contract.contract import CalendarOf
from runner.contract.values import format_instant
from runner.engine.calendars import NEVER, open_intervals
from runner.engine.conditions import Facts, atom_instants, compile_condition
from runner.engine.open_time import LONG_AGO, OpenHours, open_hours, opened_before, opened_since, turns
from runner.zones import zone

HOURS = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
OFFICE = OpenHours(
    CalendarOf(zone="Europe/Berlin", week=(HOURS, HOURS, HOURS, HOURS, HOURS, (), ()), closed=("2026-03-04",)),
    zone("Europe/Berlin"),
)
"""Tuesday 3 March 2026 is a working day, Wednesday is closed, Thursday is not."""
SHUT = OpenHours(CalendarOf(zone="UTC", week=((),) * 7, closed=()), zone("UTC"))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("word", "at", "hours", "turning"),
    [
        ("within a morning", "03-03 09:00", 2, "03-03 11:00"),
        ("over noon", "03-03 11:00", 2, "03-03 14:00"),
        ("from before it opens", "03-03 03:00", 1, "03-03 10:00"),
        ("just as it closes at noon: more only from one o'clock", "03-03 09:00", 3, "03-03 13:00"),
        ("just as it closes for a closed day and a night", "03-03 09:00", 7, "03-05 09:00"),
        ("from a closed day", "03-04 10:00", 1, "03-05 10:00"),
        ("over a weekend", "03-06 16:00", 2, "03-09 10:00"),
        ("over the change of the clocks", "03-27 16:00", 2, "03-30 10:00"),
        ("nothing: as soon as it is open", "03-03 05:00", 0, "03-03 09:00"),
        ("nothing: at once while it is open", "03-03 10:00", 0, "03-03 10:00"),
        ("before: within a morning", "03-03 11:00", -2, "03-03 09:00"),
        ("before: over noon", "03-03 14:00", -2, "03-03 11:00"),
        ("before: over the closed day", "03-05 10:00", -2, "03-03 16:00"),
        ("before: the whole afternoon", "03-03 17:00", -4, "03-03 13:00"),
        ("before: until after it closed", "03-03 20:00", -1, "03-03 16:00"),
        ("before: over a weekend", "03-09 10:00", -2, "03-06 16:00"),
    ],
)
def test_when_so_much_open_time_has_passed(word: str, at: str, hours: int, turning: str) -> None:
    assert turns(OFFICE, berlin(at), hours * 3600) == berlin(turning), word


def test_a_calendar_that_is_never_open() -> None:
    at = berlin("03-03 09:00")
    assert turns(SHUT, at, 0) == NEVER
    assert turns(SHUT, at, 1) == NEVER
    assert turns(SHUT, at, -1) == LONG_AGO


@pytest.mark.parametrize("year", [1, 1899, 1900, 9979, 9980, 9999])
@pytest.mark.parametrize("seconds", [-3600, 0, 3600])
def test_no_instant_is_too_far(year: int, seconds: int) -> None:
    for at in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)):
        assert LONG_AGO <= turns(OFFICE, at, seconds) <= NEVER


def open_for(start: datetime, end: datetime) -> timedelta:
    """Open time between two instants, by adding up what is open in between."""
    total = timedelta()
    for opens, closes in open_intervals(OFFICE.calendar, OFFICE.zone, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


MOMENT = timedelta(microseconds=1)
INSTANTS = st.integers(0, 90 * 86400).map(lambda s: berlin("02-01 00:00") + timedelta(seconds=s))
SPANS = st.integers(0, 30 * 3600) | st.integers(0, 30).map(lambda hours: hours * 3600)


@given(INSTANTS, SPANS)
def test_since_an_instant(at: datetime, seconds: int) -> None:
    box = timedelta(seconds=seconds)
    first, last = (opened_since(OFFICE, at, seconds, more=more) for more in (False, True))
    assert open_for(at, last) == box < open_for(at, last + MOMENT)
    assert open_for(at, first) == box
    assert seconds == 0 or open_for(at, first - MOMENT) < box


@given(INSTANTS, SPANS)
def test_until_an_instant(until: datetime, seconds: int) -> None:
    box = timedelta(seconds=seconds)
    last, first = (opened_before(OFFICE, until, seconds, more=more) for more in (False, True))
    assert open_for(first, until) == box < open_for(first - MOMENT, until)
    assert open_for(last, until) == box
    assert seconds == 0 or open_for(last + MOMENT, until) < box


@given(INSTANTS, INSTANTS, SPANS)
def test_conditions_count_as_adding_up_does(at: datetime, now: datetime, seconds: int) -> None:
    hours = {"office": OFFICE}
    facts = Facts({}, {"due": format_instant(at), "state": "open"}, {"state": at}, now)
    past = compile_condition(TimeFrom("due", seconds, "office"), hours)
    held = compile_condition(HeldFor("state", ("open",), seconds, "office"), hours)
    assert past(facts) is held(facts) is (now > at and open_for(at, now) > timedelta(seconds=seconds))
    assert compile_condition(Not(TimeFrom("due", seconds, "office")), hours)(facts) is not past(facts)
    if seconds:
        within = compile_condition(TimeFrom("due", -seconds, "office"), hours)
        assert within(facts) is (now >= at or open_for(now, at) < timedelta(seconds=seconds))


@given(INSTANTS, SPANS, st.booleans())
def test_a_watch_is_exact_to_the_second(at: datetime, seconds: int, before: bool) -> None:
    hours = {"office": OFFICE}
    atom = TimeFrom("due", -seconds if before else seconds, "office")
    after = {"due": format_instant(at)}
    (watch,) = atom_instants(atom, after, {}, hours)
    test = compile_condition(atom, hours)
    assert test(Facts({}, after, {}, watch))
    assert not test(Facts({}, after, {}, watch - timedelta(seconds=1)))


def test_what_never_turns_is_not_watched() -> None:
    after = {"due": format_instant(berlin("03-03 09:00"))}
    assert list(atom_instants(TimeFrom("due", 1, "shut"), after, {}, {"shut": SHUT})) == []


def test_a_calendar_that_is_missing_is_an_error_at_once() -> None:
    with pytest.raises(KeyError):
        compile_condition(TimeFrom("due", 1, "office"))


def test_calendars_get_their_zones() -> None:
    assert open_hours({"office": OFFICE.calendar}, zone) == {"office": OFFICE}
