"""Coverage: exact pieces, without gaps, that agree with `on_call` at every instant and at every border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.roster_form import AbsenceOf, LayerOf, OverrideOf, PersonOf, RotationOf, SwapOf, VersionOf
from runner.contract.values import OwnerRef
from runner.engine.coverage import OddHandover, coverage, odd_handovers
from runner.engine.roster import Nobody, Roster
from tests.runner.engine.worlds import layer, roster, turning

TURN = OwnerRef(rotation="turn")
SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def company(rotations: dict[str, RotationOf], *absences: AbsenceOf, swaps: tuple[SwapOf, ...] = ()) -> Roster:
    people = {name: PersonOf(jobs=("job",), substitute={"a": "d"}.get(name)) for name in "abcd"}
    return roster(
        *absences,
        people=people,
        teams={"team": ("a", "b")},
        jobs={"job": ("a", "b", "c", "d")},
        last_resort="a",
        rotations=rotations,
        swaps=swaps,
    )


def told(given: Roster, ref: OwnerRef, start: str, end: str) -> list[tuple[str, str]]:
    """Each piece as its first instant and who it is."""
    return [
        (f"{piece.start:%m-%d %H:%M:%S}", piece.who.reason.value if isinstance(piece.who, Nobody) else piece.who.id)
        for piece in coverage(given, ref, utc(start), utc(end))
    ]


def test_hand_overs_across_the_end_of_summer() -> None:
    given = company({"turn": turning("abc", "2026-10-23T09:00")})
    assert told(given, TURN, "2026-10-24T00:00+00:00", "2026-10-27T00:00+00:00") == [
        ("10-24 00:00:00", "a"),
        ("10-24 07:00:00", "b"),
        ("10-25 08:00:00", "c"),
        ("10-26 08:00:00", "a"),
    ]


def test_a_week_with_all_there_is() -> None:
    day = 1440
    layers = (
        layer("ab", "2026-03-02T00:00", days=7),
        layer("c", "2026-03-02T00:00", only=((5 * day, 6 * day),)),
    )
    later = VersionOf(effective_from="2026-03-09T12:00", layers=(layer("d", "2026-03-09T18:00"),))
    rotation = RotationOf(
        zone="Europe/Berlin",
        versions=(VersionOf(effective_from=None, layers=layers), later),
        overrides=(OverrideOf(person="d", start=utc("2026-03-03T10:00:30Z"), end=utc("2026-03-03T11:00Z")),),
    )
    given = company(
        {"turn": rotation},
        AbsenceOf(person="a", start=utc("2026-03-04T00:00Z"), end=utc("2026-03-05T00:00Z")),
        swaps=(
            SwapOf(
                rotation="turn",
                person="b",
                instead_of="c",
                start=utc("2026-03-07T10:00Z"),
                end=utc("2026-03-07T12:00Z"),
            ),
        ),
    )
    assert told(given, TURN, "2026-03-01T12:00Z", "2026-03-10T00:00Z") == [
        ("03-01 12:00:00", "not_on_call"),
        ("03-01 23:00:00", "a"),
        ("03-03 10:00:30", "d"),
        ("03-03 11:00:00", "a"),
        ("03-04 00:00:00", "d"),
        ("03-05 00:00:00", "a"),
        ("03-06 23:00:00", "c"),
        ("03-07 10:00:00", "b"),
        ("03-07 12:00:00", "c"),
        ("03-07 23:00:00", "a"),
        ("03-08 23:00:00", "b"),
        ("03-09 11:00:00", "not_on_call"),
        ("03-09 17:00:00", "d"),
    ]


def test_a_rotation_kept_apart_changes_when_the_other_does() -> None:
    given = company(
        {
            "first": turning("ab", "2026-03-02T07:00"),
            "turn": turning("abc", "2026-03-02T09:00", days=7, apart_from=("first",)),
        }
    )
    assert told(given, TURN, "2026-03-02T09:00Z", "2026-03-05T00:00Z") == [
        ("03-02 09:00:00", "b"),
        ("03-03 06:00:00", "a"),
        ("03-04 06:00:00", "b"),
    ]


@pytest.mark.parametrize(
    ("ref", "pieces"),
    [
        (OwnerRef(person="b"), [("03-02 00:00:00", "b"), ("03-03 00:00:00", "absent"), ("03-04 00:00:00", "b")]),
        (OwnerRef(team="team"), [("03-02 00:00:00", "a")]),
        (OwnerRef(role="job"), [("03-02 00:00:00", "a")]),
        (OwnerRef(rotation="gone"), [("03-02 00:00:00", "unknown_ref")]),
    ],
)
def test_other_references(ref: OwnerRef, pieces: list[tuple[str, str]]) -> None:
    given = company({}, AbsenceOf(person="b", start=utc("2026-03-03T00:00Z"), end=utc("2026-03-04T00:00Z")))
    assert told(given, ref, "2026-03-02T00:00Z", "2026-03-05T00:00Z") == pieces


@pytest.mark.parametrize("end", ["2026-03-02T00:00Z", "2026-03-01T00:00Z"])
def test_no_time_is_no_piece(end: str) -> None:
    assert (
        coverage(company({"turn": turning("ab", "2026-03-02T07:00")}), TURN, utc("2026-03-02T00:00Z"), utc(end)) == ()
    )


@pytest.mark.parametrize(
    ("word", "rotation", "odd"),
    [
        ("in the day: never", turning("ab", "2026-01-01T09:00"), []),
        (
            "in the small hours",
            turning("ab", "2026-01-01T02:30"),
            [("2026-03-29T02:30", "2026-03-29T01:00Z", True), ("2026-10-25T02:30", "2026-10-25T00:30Z", False)],
        ),
        ("only once a week, on another day", turning("ab", "2026-01-05T02:30", days=7), []),
        (
            "midnight in Cairo",
            turning("ab", "2026-01-01T00:00", zone="Africa/Cairo"),
            [("2026-04-24T00:00", "2026-04-23T22:00Z", True)],
        ),
        (
            "every half day in Lord Howe",
            turning("ab", "2026-01-01T01:45", days=0.5, zone="Australia/Lord_Howe"),
            [("2026-04-05T01:45", "2026-04-04T14:45Z", False)],
        ),
        (
            "not before the rotation begins",
            turning("ab", "2026-06-01T02:30"),
            [("2026-10-25T02:30", "2026-10-25T00:30Z", False)],
        ),
    ],
)
def test_hand_overs_at_odd_times(word: str, rotation: RotationOf, odd: list[tuple[str, str, bool]]) -> None:
    found = odd_handovers(company({"turn": rotation}), "turn", utc("2026-01-01T00:00Z"), utc("2027-01-01T00:00Z"))
    assert found == tuple(OddHandover(datetime.fromisoformat(t), utc(at), missing) for t, at, missing in odd), word


def test_an_odd_hand_over_belongs_to_the_version_in_force() -> None:
    rotation = RotationOf(
        zone="Europe/Berlin",
        versions=(
            VersionOf(effective_from=None, layers=(layer("a", "2026-01-01T02:30"),)),
            VersionOf(effective_from="2026-06-01T00:00", layers=(layer("b", "2026-01-01T09:00"),)),
        ),
    )
    found = odd_handovers(company({"turn": rotation}), "turn", utc("2026-01-01T00:00Z"), utc("2027-01-01T00:00Z"))
    assert [(each.missing, each.version, each.layer) for each in found] == [(True, 0, 0)]
    later = OwnerRef(rotation="turn"), utc("2026-06-01T00:00Z"), utc("2027-01-01T00:00Z")
    assert len(coverage(company({"turn": rotation}), *later)) == 1


def test_an_odd_hand_over_belongs_to_its_layer() -> None:
    layers = (layer("a", "2026-01-01T09:00"), layer("b", "2026-01-01T02:30"))
    rotation = RotationOf(zone="Europe/Berlin", versions=(VersionOf(effective_from=None, layers=layers),))
    found = odd_handovers(company({"turn": rotation}), "turn", utc("2026-01-01T00:00Z"), utc("2026-06-01T00:00Z"))
    assert [(each.missing, each.version, each.layer) for each in found] == [(True, 0, 1)]


# Whatever the roster


ZONES = st.sampled_from(
    ["Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe", "UTC"]
)
MINUTES = st.integers(0, 24 * 60 - 1)
AROUND = [utc("2018-11-04T00:00Z"), utc("2019-02-17T00:00Z"), utc("2026-03-29T00:00Z"), utc("2026-10-25T00:00Z")]
"""Days on which some of these zones change their clocks."""


@st.composite
def layers(draw: st.DrawFn, day: datetime) -> LayerOf:
    starts = (day - timedelta(days=draw(st.integers(-1, 9)))).replace(tzinfo=None)
    starts = starts.replace(hour=0) + timedelta(minutes=draw(MINUTES))
    only = []
    if draw(st.booleans()):
        edges = sorted(draw(st.sets(st.integers(0, 10080), min_size=2, max_size=6)))
        only = list(zip(edges[::2], edges[1::2], strict=False))
    text = starts.isoformat(timespec="minutes")
    members = draw(st.permutations("abcd"))[: draw(st.integers(1, 3))]
    return LayerOf(
        members=tuple(members),
        starts=text,
        anchor=text,
        length_minutes=draw(st.sampled_from([60, 180, 600, 1440, 3 * 1440, 10080])),
        only=tuple(only),
    )


@st.composite
def spans(draw: st.DrawFn, day: datetime) -> tuple[datetime, datetime]:
    start = day + timedelta(minutes=draw(st.integers(-5000, 5000)))
    return start, start + timedelta(minutes=draw(st.integers(1, 4000)))


@st.composite
def rosters(draw: st.DrawFn, day: datetime) -> Roster:
    def rotation(apart: tuple[str, ...]) -> RotationOf:
        versions = [VersionOf(effective_from=None, layers=tuple(draw(st.lists(layers(day), min_size=1, max_size=3))))]
        if draw(st.booleans()):
            turns = (day + timedelta(minutes=draw(st.integers(-3000, 3000)))).replace(tzinfo=None)
            text = turns.isoformat(timespec="minutes")
            versions.append(VersionOf(effective_from=text, layers=(draw(layers(day)),)))
        overrides = [OverrideOf(person=draw(st.sampled_from("abcd")), start=s, end=e) for s, e in [draw(spans(day))]]
        return RotationOf(
            zone=draw(ZONES),
            versions=tuple(versions),
            overrides=tuple(overrides[: draw(st.integers(0, 1))]),
            apart_from=apart,
        )

    away = [
        AbsenceOf(person=draw(st.sampled_from("abcd")), start=s, end=e)
        for s, e in draw(st.lists(spans(day), max_size=3))
    ]
    swap = [
        SwapOf(rotation=draw(st.sampled_from(["turn", "other"])), person="c", instead_of="b", start=s, end=e)
        for s, e in draw(st.lists(spans(day), max_size=1))
    ]
    return company({"other": rotation(()), "turn": rotation(("other",))}, *away, swaps=tuple(swap))


@settings(max_examples=150)
@given(st.data())
def test_pieces_agree_with_on_call_everywhere(data: st.DataObject) -> None:
    day = data.draw(st.sampled_from(AROUND))
    given_ = data.draw(rosters(day))
    ref = OwnerRef(rotation=data.draw(st.sampled_from(["turn", "other"])))
    start = day + timedelta(minutes=data.draw(st.integers(-3000, 0)))
    end = start + timedelta(minutes=data.draw(st.integers(1, 6000)))
    pieces = coverage(given_, ref, start, end)
    assert (pieces[0].start, pieces[-1].end) == (start, end)
    for left, right in pairwise(pieces):
        assert left.end == right.start
        assert left.who != right.who
    for piece in pieces:
        length = piece.end - piece.start
        instants = [piece.start, piece.end - TICK]
        instants += [at for at in (piece.start + SECOND, piece.end - SECOND) if piece.start <= at < piece.end]
        instants += [piece.start + length * data.draw(st.integers(0, 99)) / 100 for _ in range(3)]
        assert all(given_.on_call(ref, at) == piece.who for at in instants)
