"""Rosters: whom a reference means at an instant, at the edges of shifts and absences, across changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runner.contract.roster_form import RosterForm
from runner.contract.values import OwnerRef
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.roster import Nobody, Person, Roster
from runner.zones import zone
from tests.runner.engine.worlds import DESK, GHOST, NET, T0, away, roster, turning


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def rotation(name: str, starts: str, *, days: float = 1) -> Roster:
    people = {person: {"jobs": ()} for person in "abc"}
    rotations = {"turn": turning("abc", starts, days=days, zone=name)}
    return roster(people=people, teams={}, jobs={}, last_resort="a", rotations=rotations)


def on(given: Roster, text: str) -> str:
    found = given.on_call(OwnerRef(rotation="turn"), utc(text))
    return found.reason.value if isinstance(found, Nobody) else found.id


BERLIN = rotation("Europe/Berlin", "2026-03-27T09:00")
NEW_YORK = rotation("America/New_York", "2026-03-06T08:00")
HOWE = rotation("Australia/Lord_Howe", "2026-04-03T09:00")
AUTUMN = rotation("Europe/Berlin", "2026-10-24T02:30")
SPRING = rotation("Europe/Berlin", "2026-03-28T02:30")
WEEKLY = rotation("Europe/Berlin", "2026-10-19T09:00", days=7)


@pytest.mark.parametrize(
    ("word", "given", "text", "who"),
    [
        ("before the start", BERLIN, "2026-03-27T08:59:59+01:00", "not_on_call"),
        ("at the start", BERLIN, "2026-03-27T09:00+01:00", "a"),
        ("until the handover", BERLIN, "2026-03-28T08:59:59+01:00", "a"),
        ("the handover", BERLIN, "2026-03-28T09:00+01:00", "b"),
        ("summer begins: 09:00 stays 09:00", BERLIN, "2026-03-29T08:59:59+02:00", "b"),
        ("summer has begun", BERLIN, "2026-03-29T09:00+02:00", "c"),
        ("round again", BERLIN, "2026-03-30T09:00+02:00", "a"),
        ("New York, before its own change", NEW_YORK, "2026-03-08T07:59+00:00", "b"),
        ("New York, after its own change", NEW_YORK, "2026-03-08T12:00+00:00", "c"),
        ("New York, an hour before the handover", NEW_YORK, "2026-03-08T11:59+00:00", "b"),
        ("half an hour of summer", HOWE, "2026-04-05T08:59+10:30", "b"),
        ("half an hour of summer is over", HOWE, "2026-04-05T09:00+10:30", "c"),
        ("weekly, across the end of summer", WEEKLY, "2026-10-26T08:59+01:00", "a"),
        ("weekly, the handover in winter time", WEEKLY, "2026-10-26T09:00+01:00", "b"),
        ("a handover in the hour that comes twice: before", AUTUMN, "2026-10-25T02:29+02:00", "a"),
        ("at its first time", AUTUMN, "2026-10-25T02:30+02:00", "b"),
        ("it is not taken back when the hour repeats", AUTUMN, "2026-10-25T02:00+01:00", "b"),
        ("nor given twice", AUTUMN, "2026-10-25T02:30+01:00", "b"),
        ("afterwards", AUTUMN, "2026-10-25T03:00+01:00", "b"),
        ("a handover in the hour that does not exist: before", SPRING, "2026-03-29T01:59:59+01:00", "a"),
        ("once the clock is past it", SPRING, "2026-03-29T03:00+02:00", "b"),
        (
            "a rotation that begins in the hour that comes twice",
            rotation("Europe/Berlin", "2026-10-25T02:30"),
            "2026-10-25T02:10+01:00",
            "a",
        ),
        (
            "a rotation that has not begun in it",
            rotation("Europe/Berlin", "2026-10-25T02:30"),
            "2026-10-25T02:10+02:00",
            "not_on_call",
        ),
    ],
)
def test_rotations_turn_by_the_wall_clock(word: str, given: Roster, text: str, who: str) -> None:
    assert on(given, text) == who, word


@pytest.mark.parametrize(
    ("word", "text", "missing"),
    [
        ("before", "2026-03-03T08:59:59.999999+00:00", False),
        ("from the first instant", "2026-03-03T09:00+00:00", True),
        ("to the last", "2026-03-03T10:59:59.999999+00:00", True),
        ("back at the end", "2026-03-03T11:00+00:00", False),
    ],
)
def test_absences_begin_and_end(word: str, text: str, missing: bool) -> None:
    given = roster(away("ann", T0, 2), away("ann", utc("2026-04-01T00:00+00:00"), 1))
    found = given.on_call(OwnerRef(person="ann"), utc(text))
    assert found == (Nobody(Reason.ABSENT, (("ann", Reason.ABSENT),)) if missing else Person("ann")), word
    assert given.absent("ann", utc(text)) is missing


@pytest.mark.parametrize(
    ("word", "ref", "missing", "expected"),
    [
        ("a person", OwnerRef(person="ann"), (), Person("ann")),
        ("a person unknown", GHOST, (), Nobody(Reason.UNKNOWN_REF)),
        ("a team's first", NET, (), Person("carl")),
        ("a team's next, if the first is away", NET, ("carl",), Person("cora")),
        ("a team that is away", NET, ("carl", "cora"), Nobody(Reason.ABSENT)),
        ("a team unknown", OwnerRef(team="nobodies"), (), Nobody(Reason.UNKNOWN_REF)),
        ("a job", OwnerRef(role="duty-manager"), (), Person("dora")),
        ("a job whose holders are away", OwnerRef(role="duty-manager"), ("dora",), Nobody(Reason.ABSENT)),
        ("a job unknown", OwnerRef(role="cook"), (), Nobody(Reason.UNKNOWN_REF)),
        ("a rotation", DESK, (), Person("ann")),
        (
            "a rotation whose member is away: nobody stands in",
            DESK,
            ("ann",),
            Nobody(Reason.ABSENT, (("ann", Reason.ABSENT),)),
        ),
        ("a rotation unknown", OwnerRef(rotation="gone"), (), Nobody(Reason.UNKNOWN_REF)),
    ],
)
def test_references(word: str, ref: OwnerRef, missing: tuple[str, ...], expected: object) -> None:
    assert roster(*map(away, missing)).on_call(ref, T0) == expected, word


def test_the_last_resort_is_there_even_when_away() -> None:
    assert roster(away("ceo")).last_resort == Person("ceo")


def test_the_digest_names_the_roster() -> None:
    given = roster(away("ann"))
    assert given.digest != roster().digest
    again = Roster(RosterForm.load(given.form.canonical), zone)
    assert again.digest == given.digest
    assert again.on_call(DESK, T0) == given.on_call(DESK, T0)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(sentence and sentence == sentence.strip() for sentence in SENTENCES.values())
