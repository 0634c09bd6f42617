"""On call where clocks change: never nobody, never two, and hours by the clock on the wall.

Sources: grafana/oncall 3261, 5247 and 5455 (an hour of nobody, or of two, after a change of the clocks; windows kept in
UTC that shift by an hour), target/goalert (rotations by the wall clock; midnight that does not exist).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.roster_form import LayerOf, PersonOf, RotationOf, VersionOf
from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.coverage import coverage
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody, Person, Roster
from runner.zones import zone
from tests.runner.engine.regressions.slowly import CHANGES, near_a_change, wall, where_of
from tests.runner.engine.worlds import Life, contract, layer, roster, turning

TURN = OwnerRef(rotation="turn")
ZONES = sorted({name for name, _ in CHANGES})
LENGTHS = st.sampled_from((1, 7, 14, 28)) | st.sampled_from((60, 480, 720, 1440)).map(lambda minutes: minutes / 1440)
INSTANTS = st.datetimes(datetime(2025, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
SHOWN = st.tuples(st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
SLOW = settings(max_examples=120, deadline=None)
NEAR = st.tuples(st.sampled_from(CHANGES), st.integers(-600, 600))


def company(rotation: RotationOf) -> Roster:
    return roster(
        people={name: PersonOf(jobs=()) for name in "abcd"},
        teams={},
        jobs={},
        last_resort="d",
        rotations={"turn": rotation},
    )


def starting(at: tuple[int, int], year: int = 2005) -> str:
    return f"{year}-01-03T{at[0]:02}:{at[1]:02}"


def whose(given_roster: Roster, at: datetime) -> str:
    found = given_roster.on_call(TURN, at)
    assert isinstance(found, Person), (at, found)
    return found.id


def counted(members: str, starts: str, days: float, shown: datetime) -> str:
    """Whose turn it is when a clock on the wall shows this: shifts are counted on the wall."""
    shift = (shown - datetime.fromisoformat(starts)) // timedelta(days=days)
    return members[shift % len(members)]


@SLOW
@given(st.sampled_from(ZONES), st.integers(1, 4), LENGTHS, SHOWN, INSTANTS)
def test_there_is_never_an_instant_of_nobody_and_always_exactly_one(
    name: str, members: int, days: float, handover: tuple[int, int], at: datetime
) -> None:
    people, starts, at = "abcd"[:members], starting(handover), at.replace(second=0, microsecond=0)
    given_roster = company(turning(people, starts, days=days, zone=name))
    assert whose(given_roster, at) == counted(people, starts, days, wall(at, zone(name)))


@SLOW
@given(NEAR, st.integers(1, 4), LENGTHS, SHOWN)
def test_nor_where_the_clock_is_changed(
    near: tuple[tuple[str, str], int], members: int, days: float, handover: tuple[int, int]
) -> None:
    change, minutes = near
    people, starts, at = "abcd"[:members], starting(handover), near_a_change(change, minutes)
    given_roster = company(turning(people, starts, days=days, zone=change[0]))
    assert whose(given_roster, at) == counted(people, starts, days, wall(at, where_of(change)))


@SLOW
@given(st.sampled_from(CHANGES), st.integers(2, 4), LENGTHS, SHOWN)
def test_shifts_follow_each_other_without_a_gap_and_each_is_as_long_as_on_the_wall_but_for_the_change(
    change: tuple[str, str], members: int, days: float, handover: tuple[int, int]
) -> None:
    given_roster = company(turning("abcd"[:members], starting(handover), days=days, zone=change[0]))
    start, end = near_a_change(change, -4 * 1440), near_a_change(change, 4 * 1440)
    pieces = coverage(given_roster, TURN, start, end)
    assert (pieces[0].start, pieces[-1].end) == (start, end)
    assert not [piece for piece in pieces if isinstance(piece.who, Nobody)]
    shift = timedelta(days=days)
    for before, after in pairwise(pieces):
        assert before.end == after.start
    moved = timedelta(days=1) if change[0] == "Pacific/Apia" else timedelta(hours=1)
    for piece in pieces[1:-1]:
        assert shift - moved <= piece.end - piece.start <= shift + moved


WINDOWS = st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440))


@SLOW
@given(NEAR, st.lists(WINDOWS, min_size=1, max_size=3))
def test_windows_are_open_exactly_in_the_hours_that_the_clock_on_the_wall_shows(
    near: tuple[tuple[str, str], int], windows: list[tuple[int, int, int]]
) -> None:
    change, minutes = near
    only = joined(windows)
    form = LayerOf(members=("a",), starts=starting((0, 0)), anchor=starting((0, 0)), length_minutes=1440, only=only)
    version = VersionOf(effective_from=None, layers=(form,))
    given_roster = company(RotationOf(zone=change[0], versions=(version,)))
    at = near_a_change(change, minutes)
    shown = wall(at, where_of(change))
    minute = shown.weekday() * 1440 + shown.hour * 60 + shown.minute
    inside = any(opens <= minute < closes for opens, closes in only)
    found = given_roster.on_call(TURN, at)
    assert found == (Person("a") if inside else Nobody(Reason.NOT_ON_CALL))


def joined(windows: list[tuple[int, int, int]]) -> tuple[tuple[int, int], ...]:
    """Windows as the compiler gives them: in order, apart, within the week."""
    open_minutes = sorted(
        {minute for day, at, long in windows for minute in range(day * 1440 + at, day * 1440 + at + long)}
    )
    spans: list[tuple[int, int]] = []
    for minute in open_minutes:
        if minute >= 7 * 1440:
            break
        if spans and spans[-1][1] == minute:
            spans[-1] = (spans[-1][0], minute + 1)
        else:
            spans.append((minute, minute + 1))
    return tuple(spans)


MORNING = ((540, 1020), (1980, 2460), (3420, 3900), (4860, 5340), (6300, 6780), (7740, 8220), (9180, 9660))
"""Every day from 9:00 to 17:00."""


@pytest.mark.parametrize("change", CHANGES[:12], ids=lambda each: f"{each[0]} {each[1]}")
def test_a_window_does_not_shift_by_an_hour(change: tuple[str, str]) -> None:
    """The days before and after: open from nine to five by the clock on the wall, whatever that is in UTC."""
    rotation = RotationOf(
        zone=change[0],
        versions=(VersionOf(effective_from=None, layers=(layer("a", "2005-01-03T00:00", only=MORNING),)),),
    )
    pieces = coverage(company(rotation), TURN, near_a_change(change, -2 * 1440), near_a_change(change, 2 * 1440))
    shown = [
        (piece.start.astimezone(where_of(change)), piece.end.astimezone(where_of(change)))
        for piece in pieces[1:-1]
        if isinstance(piece.who, Person)
    ]
    assert len(shown) >= 3
    assert {(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in shown} == {("09:00", "17:00")}
    assert len({start.utcoffset() for start, _ in shown}) == 2, "on both sides of the change"


@pytest.mark.parametrize(
    ("word", "change", "handover", "at_utc"),
    [
        ("New York: at the hour that does not exist", CHANGES[0], "02:30", "07:00"),
        ("New York: at the hour that comes twice", CHANGES[1], "01:30", "05:30"),
        ("Berlin: at the hour that does not exist", CHANGES[2], "02:00", "01:00"),
        ("Berlin: at the hour that comes twice", CHANGES[3], "02:59", "00:59"),
        ("Lord Howe: in the half hour that comes twice", CHANGES[4], "01:45", "14:45"),
        ("Lord Howe: in the half hour that does not exist", CHANGES[5], "02:10", "15:30"),
        ("São Paulo: at the midnight that does not exist", CHANGES[6], "00:00", "03:00"),
        ("São Paulo: at the midnight after the hour that comes twice", CHANGES[7], "00:00", "03:00"),
        ("Cairo: at the midnight that does not exist", CHANGES[8], "00:00", "22:00"),
        ("Cairo: in the last hour of a day, which comes twice", CHANGES[9], "23:30", "20:30"),
        ("Beirut: at the midnight that does not exist", CHANGES[10], "00:00", "22:00"),
        ("Beirut: at the midnight after the hour that comes twice", CHANGES[11], "00:00", "22:00"),
        ("Apia: on the day that does not exist", CHANGES[12], "12:00", "10:00"),
    ],
)
def test_a_handover_where_the_clock_is_changed_happens_once(
    word: str, change: tuple[str, str], handover: str, at_utc: str
) -> None:
    """Until then it is the one's turn, from then on the next one's, and nobody else's in these hours."""
    at = near_a_change(change, 0)
    first = (at - timedelta(hours=26)).astimezone(where_of(change)).date()
    given_roster = company(turning("abcd", f"{first.isoformat()}T{handover}", zone=change[0]))
    pieces = coverage(given_roster, TURN, at - timedelta(hours=2), at + timedelta(hours=4))
    assert [f"{piece.start:%H:%M}" for piece in pieces[1:]] == [at_utc], word
    before, after = (piece.who for piece in pieces)
    assert isinstance(before, Person)
    assert after == Person("bcda"["abcd".index(before.id)])


def test_an_escalation_that_opens_in_the_hour_of_the_handover_asks_who_has_it_then() -> None:
    """Twice 01:30 in New York: at its second time nothing is handed back, and nobody is asked twice for it."""
    people = {name: PersonOf(jobs=()) for name in (*"abcd", "boss", "ceo")}
    rotations = {
        "desk": turning("ab", "2026-10-31T01:30", zone="America/New_York"),
        "backup": turning("cd", "2026-10-31T01:30", zone="America/New_York"),
    }
    given_roster = roster(people=people, teams={}, jobs={}, last_resort="ceo", rotations=rotations)
    asked = []
    for minutes in (-31, -30, 29, 30, 89):
        life = Life(contract(), given_roster, now=near_a_change(CHANGES[1], minutes))
        life.open(created_at=life.now)
        offers = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)]
        asked.append((offers[0].to, offers[0].substitute))
    assert asked == [("a", "c"), ("b", "d"), ("b", "d"), ("b", "d"), ("b", "d")]
