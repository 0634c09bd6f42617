"""Whose turn it is: layers one above the other, hours of the week, versions; and where clocks skip or repeat hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runner.contract.roster_form import LayerOf, RotationOf, VersionOf
from runner.engine.turns import Turns
from runner.zones import zone
from tests.runner.engine.worlds import layer, turning

HOUR, DAY = 60, 1440


def rotation(
    *layers: LayerOf, name: str = "Europe/Berlin", later: dict[str, tuple[LayerOf, ...]] | None = None
) -> Turns:
    versions = [VersionOf(effective_from=None, layers=layers)]
    versions += [VersionOf(effective_from=text, layers=each) for text, each in (later or {}).items()]
    return Turns.of(RotationOf(zone=name, versions=tuple(versions)), zone)


def who(given: Turns, text: str) -> str:
    turn = given.at(datetime.fromisoformat(text).astimezone(UTC))
    return turn.member if turn is not None else "-"


ALWAYS = layer("ab", "2026-01-05T09:00", days=7)
NIGHTS = layer("n", "2026-01-05T09:00", only=tuple((day * DAY + 22 * HOUR, day * DAY + 30 * HOUR) for day in range(6)))
"""From 22:00 to 06:00, but for the night after Sunday."""
WEEKEND = layer("xy", "2026-01-05T00:00", days=7, only=((5 * DAY, 7 * DAY),))
LAYERED = rotation(ALWAYS, NIGHTS, WEEKEND)


@pytest.mark.parametrize(
    ("word", "text", "person"),
    [
        ("before anything begins", "2026-01-04T23:59+01:00", "-"),
        ("the lowest layer", "2026-01-05T09:00+01:00", "a"),
        ("until the night begins", "2026-01-05T21:59:59.999999+01:00", "a"),
        ("the night", "2026-01-05T22:00+01:00", "n"),
        ("after midnight", "2026-01-06T00:00+01:00", "n"),
        ("to its end", "2026-01-06T05:59:59.999999+01:00", "n"),
        ("the lowest again", "2026-01-06T06:00+01:00", "a"),
        ("the weekend is above the night", "2026-01-10T00:00+01:00", "x"),
        ("to its end", "2026-01-11T23:59:59.999999+01:00", "x"),
        ("no night after Sunday", "2026-01-12T00:00+01:00", "a"),
        ("the lowest turns", "2026-01-12T09:00+01:00", "b"),
        ("the weekend turns", "2026-01-17T00:00+01:00", "y"),
    ],
)
def test_the_highest_layer_that_counts_wins(word: str, text: str, person: str) -> None:
    assert who(LAYERED, text) == person, word


@pytest.mark.parametrize(
    ("word", "text", "person"),
    [
        ("office hours begin", "2026-01-05T09:00+01:00", "a"),
        ("nobody outside", "2026-01-05T17:00+01:00", "-"),
        ("nobody before", "2026-01-06T08:59:59+01:00", "-"),
        ("the next day", "2026-01-06T09:00+01:00", "b"),
        ("summer time changes nothing", "2026-07-06T09:00+02:00", "a"),
        ("nor its end", "2026-07-06T16:59:59+02:00", "a"),
    ],
)
def test_outside_the_hours_of_every_layer_it_is_nobodys_turn(word: str, text: str, person: str) -> None:
    office = tuple((day * DAY + 9 * HOUR, day * DAY + 17 * HOUR) for day in range(5))
    assert who(rotation(layer("ab", "2026-01-05T09:00", only=office)), text) == person, word


CHANGED = rotation(
    ALWAYS,
    later={
        "2026-02-04T12:00": (layer("cd", "2026-02-02T09:00"),),
        "2026-03-29T02:30": (layer("e", "2026-02-02T09:00"),),
        "2026-10-25T02:30": (layer("f", "2026-02-02T09:00"),),
        "2026-12-01T00:00": (layer("g", "2026-12-02T00:00"),),
    },
)


@pytest.mark.parametrize(
    ("word", "text", "person"),
    [
        ("long before", "2025-12-31T12:00+01:00", "-"),
        ("the first version", "2026-02-04T11:59:59.999999+01:00", "a"),
        ("the second, in the middle of a shift", "2026-02-04T12:00+01:00", "c"),
        ("which goes on turning", "2026-02-05T09:00+01:00", "d"),
        ("until a time that does not exist", "2026-03-29T01:59:59.999999+01:00", "c"),
        ("is past", "2026-03-29T03:00+02:00", "e"),
        ("until a time that comes twice", "2026-10-25T02:29:59+02:00", "e"),
        ("comes first", "2026-10-25T02:30+02:00", "f"),
        ("and not again", "2026-10-25T02:00+01:00", "f"),
        ("a version whose layers begin later", "2026-12-01T00:00+01:00", "-"),
        ("than it", "2026-12-02T00:00+01:00", "g"),
    ],
)
def test_versions_leave_the_past_as_it_was(word: str, text: str, person: str) -> None:
    assert who(CHANGED, text) == person, word


def test_a_later_version_changes_nothing_before_it() -> None:
    for month in range(1, 13):
        for text in (f"2026-{month:02}-01T00:00+00:00", f"2026-{month:02}-20T12:00+00:00"):
            if text < "2026-02-04T11":
                assert who(CHANGED, text) == who(rotation(ALWAYS), text)


def test_a_weekday_of_the_handover_shortens_the_first_shift_only() -> None:
    given = rotation(layer("abc", "2026-01-08T09:00", days=7, anchor="2026-01-05T09:00"))
    times = ["2026-01-08T08:59", "2026-01-08T09:00", "2026-01-12T08:59", "2026-01-12T09:00", "2026-01-19T09:00"]
    assert [who(given, f"{text}+01:00") for text in times] == ["-", "a", "a", "b", "c"]


@pytest.mark.parametrize(
    ("word", "name", "starts", "days", "turns"),
    [
        (
            "midnight does not exist in São Paulo: the day's first instant is at one",
            "America/Sao_Paulo",
            "2018-11-03T00:00",
            1,
            {"2018-11-04T02:59:59+00:00": "a", "2018-11-04T03:00+00:00": "b", "2018-11-05T02:00+00:00": "c"},
        ),
        (
            "the evening comes twice in São Paulo: midnight does not",
            "America/Sao_Paulo",
            "2019-02-16T00:00",
            1,
            {"2019-02-17T01:30+00:00": "a", "2019-02-17T02:30+00:00": "a", "2019-02-17T03:00+00:00": "b"},
        ),
        (
            "a hand-over in that evening happens once",
            "America/Sao_Paulo",
            "2019-02-15T23:30",
            1,
            {"2019-02-17T01:29+00:00": "a", "2019-02-17T01:30+00:00": "b", "2019-02-17T02:29+00:00": "b"},
        ),
        (
            "Beirut, spring",
            "Asia/Beirut",
            "2026-03-28T00:00",
            1,
            {"2026-03-28T21:59:59+00:00": "a", "2026-03-28T22:00+00:00": "b", "2026-03-29T21:00+00:00": "c"},
        ),
        (
            "Cairo, on a Friday at midnight",
            "Africa/Cairo",
            "2026-04-23T00:00",
            1,
            {"2026-04-23T21:59:59+00:00": "a", "2026-04-23T22:00+00:00": "b", "2026-04-24T21:00+00:00": "c"},
        ),
        (
            "Lord Howe: half an hour less",
            "Australia/Lord_Howe",
            "2026-10-03T02:15",
            1,
            {"2026-10-03T15:29:59+00:00": "a", "2026-10-03T15:30+00:00": "b", "2026-10-04T15:15+00:00": "c"},
        ),
        (
            "shifts of eight hours across the change: seven hours",
            "Europe/Berlin",
            "2026-03-28T22:00",
            1 / 3,
            {"2026-03-29T03:59:59+00:00": "a", "2026-03-29T04:00+00:00": "b", "2026-03-29T12:00+00:00": "c"},
        ),
        (
            "shifts of an hour: none is of nobody, the skipped one has no length",
            "Europe/Berlin",
            "2026-03-29T01:00",
            1 / 24,
            {"2026-03-29T00:59:59+00:00": "a", "2026-03-29T01:00+00:00": "c", "2026-03-29T02:00+00:00": "a"},
        ),
        (
            "shifts of an hour: the one that comes twice is not given back",
            "Europe/Berlin",
            "2026-10-25T01:00",
            1 / 24,
            {"2026-10-25T00:00+00:00": "b", "2026-10-25T01:00+00:00": "b", "2026-10-25T02:00+00:00": "c"},
        ),
    ],
)
def test_hand_overs_where_clocks_change(word: str, name: str, starts: str, days: float, turns: dict[str, str]) -> None:
    given = Turns.of(turning("abc", starts, days=days, zone=name), zone)
    assert {text: who(given, text) for text in turns} == turns, word


@pytest.mark.parametrize(
    ("word", "opens", "closes", "inside", "outside"),
    [
        (
            "hours that begin in a gap begin after it",
            6 * DAY + 150,
            6 * DAY + 300,
            ["2026-03-29T03:00+02:00", "2026-03-29T04:59:59+02:00"],
            ["2026-03-29T01:59:59+01:00", "2026-03-29T05:00+02:00"],
        ),
        (
            "hours that end in a gap end before it",
            6 * DAY + 60,
            6 * DAY + 150,
            ["2026-03-29T01:00+01:00", "2026-03-29T01:59:59+01:00"],
            ["2026-03-29T00:59:59+01:00", "2026-03-29T03:00+02:00"],
        ),
        (
            "hours within a gap do not come that day",
            6 * DAY + 125,
            6 * DAY + 150,
            ["2026-03-22T02:10+01:00"],
            ["2026-03-29T01:59:59+01:00", "2026-03-29T03:00+02:00"],
        ),
        (
            "hours that begin where the clock is put back begin once",
            6 * DAY + 150,
            6 * DAY + 300,
            ["2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T04:59:59+01:00"],
            ["2026-10-25T02:29:59+02:00", "2026-10-25T05:00+01:00"],
        ),
        (
            "hours that end there end once",
            6 * DAY + 60,
            6 * DAY + 150,
            ["2026-10-25T02:29:59+02:00"],
            ["2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:29+01:00"],
        ),
    ],
)
def test_hours_where_clocks_change(word: str, opens: int, closes: int, inside: list[str], outside: list[str]) -> None:
    given = rotation(layer("a", "2026-01-05T00:00", only=((opens, closes),)))
    assert [who(given, text) for text in inside] == ["a"] * len(inside), word
    assert [who(given, text) for text in outside] == ["-"] * len(outside), word
