"""The longest and the shortest that a box can last: by hand, and against asking at every instant of a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine.calendars import NEVER, add_time
from runner.zones import zone
from validators.check.business_time import BusinessTime, Span, starts_of
from validators.check.spoken import how_long, when

Day = tuple[tuple[int, int], ...]
HOUR = 3600
OFFICE: Day = ((9 * 60, 17 * 60),)
SHUT: Day = ()
BERLIN = zone("Europe/Berlin")


def calendar(week: Sequence[Day], *closed: str, at: str = "Europe/Berlin", **opened: Day) -> CalendarOf:
    days = {day.removeprefix("on_").replace("_", "-"): hours for day, hours in opened.items()}
    return CalendarOf(zone=at, week=tuple(week), closed=closed, open=days)


WORKDAYS = calendar([OFFICE] * 5 + [SHUT] * 2, "2026-04-03", "2026-04-06")
LUNCH = calendar([((9 * 60, 12 * 60), (13 * 60, 17 * 60))] * 5 + [SHUT] * 2)
NIGHTS = calendar([((0, 6 * 60), (22 * 60, 1440))] * 7)
AFTERNOONS = calendar([((12 * 60, 20 * 60),)] * 5 + [SHUT] * 2)
NEW_YORK = calendar([OFFICE] * 5 + [SHUT] * 2, at="America/New_York")
ONCE = calendar([SHUT] * 7, on_2026_03_10=OFFICE)
NEVER_OPEN = calendar([SHUT] * 7)
CALENDARS = {
    "workdays": WORKDAYS, "lunch": LUNCH, "nights": NIGHTS, "new-york": NEW_YORK, "once": ONCE, "shut": NEVER_OPEN,
    "afternoons": AFTERNOONS,
}  # fmt: skip


def box(hours: float, name: str | None = None) -> BoxOf:
    return BoxOf(seconds=int(hours * HOUR), calendar=name)


def times(start: str = "2026-03-03", until: str = "2027-03-05") -> BusinessTime:
    return BusinessTime.of(CALENDARS, zone, utc(f"{start}T00:00Z"), utc(f"{until}T00:00Z"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("word", "given", "until", "start", "end"),
    [
        ("Easter: from Thursday evening over two holidays", box(2, "workdays"), "2027-03-05",
         "2026-04-02 17:00", "2026-04-07 11:00"),
        ("no holiday there: a weekend", box(2, "workdays"), "2026-03-20", "2026-03-06 17:00", "2026-03-09 11:00"),
        ("the clocks go forward: an hour less than any other weekend, so an earlier one", box(2, "lunch"),
         "2026-04-04", "2026-03-06 17:00", "2026-03-09 11:00"),
        ("the clocks go back: the longest weekend of the year", box(2, "lunch"), "2027-03-05",
         "2026-10-23 17:00", "2026-10-26 11:00"),
        ("longer than a day", box(10, "workdays"), "2026-03-20", "2026-03-05 17:00", "2026-03-09 11:00"),
        ("a whole week: two weekends if it starts on Friday evening", box(41, "workdays"), "2026-03-20",
         "2026-03-06 17:00", "2026-03-16 10:00"),
        ("nights, which go on over midnight", box(9, "nights"), "2026-03-20", "2026-03-03 06:00", "2026-03-04 23:00"),
    ],
)  # fmt: skip
def test_the_longest(word: str, given: BoxOf, until: str, start: str, end: str) -> None:
    assert times(until=until).longest(given) == Span(local(start), local(end)), word


@pytest.mark.parametrize(
    ("word", "given", "start", "end"),
    [
        ("as it opens", box(8, "workdays"), "2026-03-03 09:00", "2026-03-03 17:00"),
        ("over lunch", box(7, "lunch"), "2026-03-03 09:00", "2026-03-03 17:00"),
        ("just the morning", box(3, "lunch"), "2026-03-03 09:00", "2026-03-03 12:00"),
        ("two days", box(9, "workdays"), "2026-03-03 09:00", "2026-03-04 10:00"),
    ],
)  # fmt: skip
def test_the_shortest(word: str, given: BoxOf, start: str, end: str) -> None:
    assert times().shortest(given) == Span(local(start), local(end)), word


def test_without_a_calendar_it_lasts_what_it_says() -> None:
    assert times().longest(box(2)) == times().shortest(box(2))
    found = times().longest(box(2))
    assert found is not None
    assert found.seconds == 2 * HOUR


@pytest.mark.parametrize("name", ["shut", "once", "nowhere"])
def test_what_need_not_end_has_no_longest(name: str) -> None:
    assert times().longest(box(1, name)) is None


def test_what_can_end_has_a_shortest() -> None:
    assert times().shortest(box(1, "once")) == Span(local("2026-03-10 09:00"), local("2026-03-10 10:00"))
    assert times().shortest(box(1, "shut")) is None
    assert times().shortest(box(1, "nowhere")) is None


def test_a_calendar_in_no_zone_is_not_known() -> None:
    odd = BusinessTime.of({"odd": calendar([OFFICE] * 7, at="Mars/Olympus")}, zone, *starts_of(date(2026, 3, 3), ""))
    assert (odd.knows(box(1, "odd")), odd.knows(box(1)), times().knows(box(1, "nights"))) == (False, True, True)
    assert odd.longest(box(1, "odd")) is None
    assert odd.overrun([box(1, "odd")], box(1)) is None
    assert odd.zone(box(1, "odd")) is UTC


@pytest.mark.parametrize(
    ("word", "chain", "other", "start", "end"),
    [
        ("both on the wall", [box(1), box(2)], box(4), None, None),
        ("both on the wall, and longer", [box(1), box(4)], box(4), "2026-03-03 01:00", "2026-03-03 06:00"),
        ("the same calendar: open hours against open hours", [box(5, "workdays"), box(5, "workdays")],
         box(10, "workdays"), None, None),
        ("the same calendar: what one leaves of a day is the next one's", [box(5, "workdays"), box(6, "workdays")],
         box(10, "workdays"), "2026-03-03 09:00", "2026-03-04 12:00"),
        ("the wall against a calendar: as it opens", [box(5), box(6)], box(8, "workdays"),
         "2026-03-03 09:00", "2026-03-03 20:00"),
        ("a calendar against the wall: as it closes", [box(1, "lunch"), box(1, "lunch")], box(4),
         "2026-10-23 17:00", "2026-10-26 11:00"),
    ],
)  # fmt: skip
def test_boxes_that_end_later_than_another(
    word: str, chain: list[BoxOf], other: BoxOf, start: str | None, end: str | None
) -> None:
    expected = Span(local(start), local(end)) if start and end else None
    assert times().overrun(chain, other) == expected, word


def test_against_another_calendar() -> None:
    found = times(until="2026-03-20").overrun([box(4, "workdays"), box(1)], box(8, "new-york"))
    # Asked in the last hours of a Friday in Berlin, when New York has just opened.
    assert found == Span(local("2026-03-06 15:00"), local("2026-03-09 12:00"))
    assert times(until="2026-03-20").overrun([box(4, "workdays"), box(1)], box(80, "new-york")) is None


def test_an_overrun_that_begins_and_ends_while_both_are_open() -> None:
    # From one o'clock on four hours do not fit into the day any more; from three o'clock on the other does not either.
    found = times(until="2026-03-20").overrun([box(4, "workdays")], box(5, "afternoons"))
    assert found == Span(local("2026-03-06 13:00:01"), local("2026-03-09 09:00:01"))


@pytest.mark.parametrize(("chain", "other"), [([box(1, "shut")], box(1)), ([box(1)], box(1, "shut"))])
def test_what_never_ends_is_not_compared(chain: list[BoxOf], other: BoxOf) -> None:
    assert times().overrun(chain, other) is None


@st.composite
def calendars(draw: st.DrawFn) -> CalendarOf:
    quarters = st.lists(st.integers(0, 96), max_size=4, unique=True).map(sorted)
    days = quarters.map(lambda found: tuple((a * 15, b * 15) for a, b in zip(found[::2], found[1::2], strict=False)))
    week = [draw(days) for _ in range(7)]
    closed = draw(st.lists(st.dates(date(2026, 3, 20), date(2026, 4, 20)), max_size=3, unique=True))
    name = draw(st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "UTC", "America/New_York"]))
    return calendar(week, *sorted(each.isoformat() for each in closed), at=name)


WEEKS = utc("2026-03-20T00:00Z"), utc("2026-04-20T00:00Z")
"""The clocks change in the zones above within these weeks."""


@given(given=calendars(), quarters=st.integers(1, 200), at=st.integers(0, 31 * 86400 - 1))
@settings(max_examples=80, deadline=None)
def test_no_start_lasts_longer_or_shorter(given: CalendarOf, quarters: int, at: int) -> None:
    mine = BusinessTime.of({"it": given}, zone, *WEEKS)
    asked = BoxOf(seconds=quarters * 900, calendar="it")
    longest, shortest = mine.longest(asked), mine.shortest(asked)
    start = WEEKS[0] + timedelta(seconds=at)
    end = add_time(given, zone(given.zone), start, asked.seconds)
    if longest is None:
        ends = [add_time(given, zone(given.zone), each, asked.seconds) for each in WEEKS]
        assert NEVER in ends
        return
    assert shortest is not None
    assert shortest.end - shortest.start <= end - start <= longest.end - longest.start
    for span in (longest, shortest):
        assert span.end == add_time(given, zone(given.zone), span.start, asked.seconds)


@given(
    given=st.lists(calendars(), min_size=2, max_size=2),
    chain=st.lists(st.tuples(st.sampled_from([None, "0", "1"]), st.integers(1, 60)), min_size=1, max_size=3),
    other=st.tuples(st.sampled_from([None, "0", "1"]), st.integers(1, 90)),
    at=st.lists(st.integers(0, 31 * 86400 - 1), min_size=20, max_size=20),
)
@settings(max_examples=60, deadline=None)
def test_no_start_is_overlooked_after_which_boxes_end_later(
    given: list[CalendarOf],
    chain: list[tuple[str | None, int]],
    other: tuple[str | None, int],
    at: list[int],
) -> None:
    mine = BusinessTime.of({"0": given[0], "1": given[1]}, zone, *WEEKS)
    boxes = [BoxOf(seconds=quarters * 900, calendar=name) for name, quarters in chain]
    against = BoxOf(seconds=other[1] * 900, calendar=other[0])
    soonest = mine.sooner(boxes[0], against)
    for start in (WEEKS[0] + timedelta(seconds=each) for each in at):
        if soonest is not None:
            ends = min(mine.end(boxes[:1], start), mine.end([against], start))
            assert ends - start <= soonest.end - soonest.start
    found = mine.overrun(boxes, against)
    if found is not None:
        assert mine.end(boxes, found.start) == found.end > mine.end([against], found.start)
        return
    if NEVER in (mine.end(boxes, WEEKS[1]), mine.end([against], WEEKS[1])):
        return
    quarters = [WEEKS[0] + timedelta(seconds=each // 900 * 900 + extra) for each in at for extra in (0, 1)]
    for start in (*quarters, *(WEEKS[0] + timedelta(seconds=each) for each in at)):
        if WEEKS[0] <= start < WEEKS[1]:
            assert mine.end(boxes, start) <= mine.end([against], start)


@pytest.mark.parametrize(
    ("word", "today", "horizon", "until"),
    [
        ("through the horizon", date(2026, 3, 3), "2027-12-31", "2028-01-01"),
        ("a year at least", date(2026, 3, 3), "2026-04-01", "2027-03-05"),
        ("a horizon that is past", date(2026, 3, 3), "2020-01-01", "2027-03-05"),
        ("five years at most", date(2026, 3, 3), "9999-12-31", "2031-03-08"),
        ("no date", date(2026, 3, 3), "2026-13-77", "2027-03-05"),
    ],
)
def test_the_range_of_starts(word: str, today: date, horizon: str, until: str) -> None:
    assert starts_of(today, horizon) == (utc("2026-03-03T00:00Z"), utc(f"{until}T00:00Z")), word


@pytest.mark.parametrize("today", [date.min, date.max])
def test_no_day_overflows(today: date) -> None:
    mine = BusinessTime.of(CALENDARS, zone, *starts_of(today, "9999-12-31"))
    found = mine.longest(box(1, "workdays"))
    assert found is not None
    assert found.seconds >= HOUR


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (5400, "1 hour 30 minutes"), (86400, "1 day"),
        (313200, "3 days 15 hours"), (90061, "1 day 1 hour 1 minute 1 second"),
    ],
)  # fmt: skip
def test_how_long_is_said(seconds: int, words: str) -> None:
    assert how_long(seconds) == words


def test_when_is_said() -> None:
    assert when(utc("2026-04-03T15:00Z"), BERLIN) == "Friday 2026-04-03 17:00 (Europe/Berlin)"
    assert when(utc("2026-04-05T15:00:01Z"), UTC) == "Sunday 2026-04-05 15:00:01 (UTC)"
