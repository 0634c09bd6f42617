"""The overlay: entries as a chain, what is refused in which words, and the roster with them on top."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.canonical import digest_of
from runner.contract.roster_form import OverrideOf, PersonOf, RosterForm
from runner.contract.values import OwnerRef
from runner.engine.overlay import (
    AbsenceEntry,
    EndEntry,
    Entry,
    Overlay,
    OverlayBroken,
    OverlayReason,
    OverlayRefused,
    OverrideEntry,
    Span,
    SwapEntry,
    check_entry,
    concerned,
    with_overlay,
)
from runner.engine.roster import Nobody, Person, Roster
from runner.zones import zone
from tests.runner.engine.worlds import DESK, T0, at, away, roster, turning

HOUR = timedelta(hours=1)
FORM = roster().form


def hours(count: float) -> datetime:
    return T0 + count * HOUR


def absence(person: str = "ann", start: float = 0, end: float = 8) -> AbsenceEntry:
    return AbsenceEntry(person=person, start=hours(start), end=hours(end))


def swap(person: str = "carl", instead_of: str = "ann", start: float = 0, end: float = 8) -> SwapEntry:
    return SwapEntry(rotation="desk", person=person, instead_of=instead_of, start=hours(start), end=hours(end))


def override(person: str = "carl", start: float = 0, end: float = 1, rotation: str = "desk") -> OverrideEntry:
    return OverrideEntry(rotation=rotation, person=person, start=hours(start), end=hours(end))


def ending(entry: int, end: float) -> EndEntry:
    return EndEntry(entry=entry, end=hours(end))


def overlay(*whats: Span | EndEntry, made: float = 0) -> Overlay:
    found = Overlay()
    for what in whats:
        found = found.then(found.next(what, id=f"i{found.number}", at=hours(made), actor="boss"))
    return found


def rows(*whats: Span | EndEntry) -> list[tuple[int, bytes, str]]:
    found, kept = Overlay(), []
    for what in whats:
        entry = found.next(what, id="i", at=T0, actor="boss")
        kept.append((entry.number, entry.canonical, entry.hash))
        found = found.then(entry)
    return kept


def who(form: RosterForm, ref: OwnerRef = DESK, count: float = 0.5) -> str:
    found = Roster(form, zone).on_call(ref, hours(count))
    return found.reason.value if isinstance(found, Nobody) else found.id


R = OverlayReason


@pytest.mark.parametrize(
    ("before", "what", "now", "reason", "words"),
    [
        pytest.param(
            [],
            absence("nobody"),
            0,
            R.UNKNOWN_PERSON,
            "there is nobody `nobody`; use an id of the people",
            id="unknown",
        ),
        pytest.param(
            [], absence(start=8, end=8), 0, R.ENDS_BEFORE_IT_BEGINS, "let `until` be later than `from`", id="backwards"
        ),
        pytest.param(
            [], absence(), 8, R.IN_THE_PAST, "it was over at 2026-03-03T17:00Z, and what has been stays", id="over"
        ),
        pytest.param(
            [], absence(), 1, R.IN_THE_PAST, "begins in the past, at 2026-03-03T09:00Z; leave `from` out", id="begun"
        ),
        pytest.param(
            [absence()], absence(start=7, end=9), 0, R.OVERLAPS, "entry 1 says so for ann from 2026-03-03", id="twice"
        ),
        pytest.param(
            [],
            override(rotation="x"),
            0,
            R.UNKNOWN_ROTATION,
            "no rotation `x`; there are: desk, backup",
            id="no rotation",
        ),
        pytest.param([], swap("ann", "ann"), 0, R.WITH_ONESELF, "ann cannot swap with themselves", id="with oneself"),
        pytest.param([], swap("x"), 0, R.UNKNOWN_PERSON, "there is nobody `x`", id="who takes it is unknown"),
        pytest.param([], swap("ann", "x"), 0, R.UNKNOWN_PERSON, "there is nobody `x`", id="whose it is is unknown"),
        pytest.param(
            [],
            swap("ann", "carl"),
            0,
            R.NO_SHIFTS,
            "carl has no shifts in desk; its members are ann, abe",
            id="no shifts",
        ),
        pytest.param([swap()], swap("ben"), 0, R.OVERLAPS, "or end entry 1 first", id="swapped twice"),
        pytest.param([override()], override("ben"), 0, R.OVERLAPS, "entry 1 says so for carl", id="overridden twice"),
        pytest.param(
            [], ending(1, 0), 0, R.UNKNOWN_ENTRY, "there is no absence, swap or override 1", id="end of nothing"
        ),
        pytest.param([absence(), ending(1, 4)], ending(2, 3), 0, R.UNKNOWN_ENTRY, "override 2", id="end of an end"),
        pytest.param([absence()], ending(1, 1), 2, R.IN_THE_PAST, "leave `until` out for: now", id="end in the past"),
        pytest.param([absence()], ending(1, 8), 8, R.NOT_SHORTER, "entry 1 is over already", id="end of what is over"),
        pytest.param(
            [absence(start=2), ending(1, 1)],
            ending(1, 1),
            1,
            R.NOT_SHORTER,
            "over already",
            id="end of what never began",
        ),
        pytest.param([absence()], ending(1, 9), 1, R.NOT_SHORTER, "make another entry that begins there", id="longer"),
        pytest.param([absence()], ending(1, 8), 1, R.NOT_SHORTER, "can only be made shorter", id="as long as it is"),
    ],
)
def test_what_makes_no_sense_is_refused(
    before: list[Span | EndEntry], what: Span | EndEntry, now: float, reason: OverlayReason, words: str
) -> None:
    with pytest.raises(OverlayRefused) as refused:
        check_entry(FORM, overlay(*before), what, hours(now))
    assert refused.value.reason is reason
    assert words in refused.value.detail


@pytest.mark.parametrize(
    ("word", "before", "what", "now"),
    [
        ("from this instant on", [], absence(), 0),
        ("the next begins where one ends", [absence()], absence(start=8, end=9), 0),
        ("another person", [absence()], absence("ben"), 0),
        ("deleted, and made again", [absence(), ending(1, 1)], absence(start=1, end=8), 1),
        ("never begun, and made again", [absence(start=4), ending(1, 2)], absence(start=4, end=8), 2),
        ("a swap beside an override", [override()], swap(), 0),
        ("another's shifts", [swap()], swap("ben", "abe"), 0),
        ("away and taking a shift", [absence("carl")], swap(), 0),
        ("another rotation", [override()], override(rotation="backup"), 0),
        ("shortened", [absence()], ending(1, 7), 1),
        ("shortened twice", [absence(), ending(1, 7)], ending(1, 6), 1),
        ("ended at once", [absence()], ending(1, 1), 1),
    ],
)
def test_what_makes_sense_is_taken(word: str, before: list[Span | EndEntry], what: Span | EndEntry, now: float) -> None:
    check_entry(FORM, overlay(*before), what, hours(now))


@pytest.mark.parametrize(
    ("word", "before", "form", "count", "expected"),
    [
        ("nothing", [], FORM, 0.5, "ann"),
        ("away", [absence()], FORM, 0.5, "absent"),
        ("not yet", [absence(start=1)], FORM, 0.5, "ann"),
        ("no more", [absence(end=0.5)], FORM, 0.5, "ann"),
        ("ended", [absence(), ending(1, 0.5)], FORM, 0.5, "ann"),
        ("shortened, and still away", [absence(), ending(1, 1)], FORM, 0.5, "absent"),
        ("never begun", [absence(start=0.25), ending(1, 0)], FORM, 0.5, "ann"),
        ("deleted and made again", [absence(), ending(1, 0), absence(start=0.25)], FORM, 0.5, "absent"),
        ("swapped", [swap()], FORM, 0.5, "carl"),
        ("the shifts of another", [swap(instead_of="abe")], FORM, 0.5, "ann"),
        ("overridden", [override()], FORM, 0.5, "carl"),
        ("an override comes before a swap", [swap(), override("ben")], FORM, 0.5, "ben"),
    ],
)
def test_who_is_on_call_then(
    word: str, before: list[Span | EndEntry], form: RosterForm, count: float, expected: str
) -> None:
    assert who(with_overlay(form, overlay(*before)), count=count) == expected, word


def test_what_does_not_count_leaves_the_roster_and_its_digest_as_they_are() -> None:
    assert with_overlay(FORM, Overlay()) is FORM
    assert with_overlay(FORM, overlay(absence(start=0, end=1)), since=hours(1)) is FORM
    assert with_overlay(FORM, overlay(absence(start=2), ending(1, 1))) is FORM


def test_another_overlay_is_another_digest_and_the_bytes_say_it_all() -> None:
    found = with_overlay(FORM, overlay(absence()))
    assert found.digest != FORM.digest
    assert found.digest == digest_of(found.canonical)
    assert RosterForm.load(found.canonical) == found
    assert found.digest == with_overlay(FORM, overlay(absence(), absence("ben"), ending(2, 0))).digest


def test_who_has_left_the_company_is_left_out() -> None:
    form = FORM.but(people={name: each for name, each in FORM.people.items() if name not in ("carl", "ben")})
    entries = overlay(absence("carl"), swap(), override("ben"))
    assert with_overlay(form, entries) is form
    gone = FORM.but(rotations={"backup": FORM.rotations["backup"]})
    assert with_overlay(gone, overlay(swap(), override())) is gone
    assert with_overlay(FORM.but(people={"carl": PersonOf(jobs=())}), overlay(swap())).swaps == ()


@pytest.mark.parametrize(
    ("word", "over", "expected"),
    [
        ("beside it", [(4, 5)], "bbbbc"),
        ("at its beginning", [(0, 1)], "cbbba"),
        ("at its end", [(3, 4)], "bbbca"),
        ("in the midst", [(1, 2)], "bcbba"),
        ("all of it", [(0, 4)], "cccca"),
        ("two", [(2, 3), (0, 1)], "cbcba"),
        ("beyond it on both sides", [(-1, 5)], "ccccc"),
    ],
)
def test_an_override_of_the_overlay_comes_before_those_of_the_files(
    word: str, over: list[tuple[int, int]], expected: str
) -> None:
    """The files let b be on call for four hours; else it is a's turn."""
    files = (
        OverrideOf(person="b", start=hours(0), end=hours(4)),
        OverrideOf(person="a", start=hours(9), end=hours(10)),
    )
    form = roster(
        people={name: PersonOf(jobs=()) for name in "abc"},
        teams={},
        jobs={},
        last_resort="a",
        rotations={"desk": turning("a", "2026-01-05T09:00", overrides=files)},
    ).form
    found = with_overlay(form, overlay(*(override("c", start, end) for start, end in over)))
    assert "".join(who(found, count=count + 0.5) for count in range(5)) == expected, word
    starts = [each.start for each in found.rotations["desk"].overrides]
    assert starts == sorted(starts)
    assert found.rotations["desk"].overrides[-1] == files[1]


def test_a_swap_of_the_overlay_comes_before_those_of_the_files() -> None:
    first = with_overlay(FORM, overlay(swap("ben")))
    assert who(with_overlay(first, overlay(swap("carl")))) == "carl"


@pytest.mark.parametrize(
    ("word", "what", "people"),
    [
        ("who is away", absence(), ("ann",)),
        ("who takes it over", swap(), ("carl",)),
        ("who takes the hour", override(), ("carl",)),
        ("the end of an absence", ending(1, 1), ("ann",)),
        ("the end of a swap", ending(2, 1), ("ben", "abe")),
        ("the end of nothing", ending(9, 1), ()),
    ],
)
def test_whom_an_entry_concerns(word: str, what: Span | EndEntry, people: tuple[str, ...]) -> None:
    assert concerned(overlay(absence(), swap("ben", "abe")), what) == people, word


def test_the_chain_is_read_as_it_was_written_also_in_parts() -> None:
    kept = rows(absence(), swap(), ending(1, 2))
    whole = Overlay().read(kept)
    assert (whole.number, whole.hash, whole.at) == (3, kept[-1][2], T0)
    assert Overlay().read(kept[:1]).read(kept[1:]) == whole
    assert Overlay().read([]) == Overlay()
    assert json.loads(kept[0][1])["prev"] == ""


def altered(body: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(body), **changes}, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("how", ["bytes", "rehashed", "missing", "swapped", "renumbered", "no entry", "ends nothing"])
def test_whatever_is_changed_breaks_the_chain_there(how: str) -> None:
    one, two, three = rows(absence(), swap(), ending(1, 2))
    forged = altered(two[1], actor="mallory")
    wrong: list[tuple[int, bytes, str]] = {
        "bytes": [one, (2, forged, two[2]), three],
        "rehashed": [one, (2, forged, digest_of(forged)), three],
        "missing": [one, three],
        "swapped": [one, three, two],
        "renumbered": [one, (3, two[1], two[2])],
        "no entry": [one, (2, b"{}", digest_of(b"{}"))],
        "ends nothing": [one, *rows_after(one, ending(7, 2))],
    }[how]
    with pytest.raises(OverlayBroken) as broken:
        Overlay().read(wrong)
    assert broken.value.number == (3 if how in ("rehashed", "missing", "swapped", "renumbered") else 2)
    assert broken.value.good.number == (2 if how == "rehashed" else 1)


def rows_after(row: tuple[int, bytes, str], what: EndEntry) -> list[tuple[int, bytes, str]]:
    entry = Entry(number=2, id="i", at=T0, actor="boss", what=what, prev=row[2])
    return [(2, entry.canonical, entry.hash)]


SPANS = st.tuples(st.sampled_from(["ann", "ben", "carl"]), st.integers(0, 8), st.integers(1, 4))


@given(st.lists(SPANS, max_size=8), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 12)), max_size=4))
def test_whoever_is_said_to_be_away_is_and_nobody_else(
    spans: list[tuple[str, int, int]], ends: list[tuple[int, int]]
) -> None:
    """Against a list of hours: what was refused counts for nothing."""
    found, missing = Overlay(), {}
    for person, start, length in spans:
        what = absence(person, start, start + length)
        try:
            check_entry(FORM, found, what, hours(0))
        except OverlayRefused:
            continue
        found = found.then(found.next(what, id="i", at=hours(0), actor=person))
        missing[found.number] = (person, set(range(start, start + length)))
    for number, end in ends:
        try:
            check_entry(FORM, found, ending(number, end), hours(0))
        except OverlayRefused:
            continue
        found = found.then(found.next(ending(number, end), id="i", at=hours(0), actor="boss"))
        missing[number] = (missing[number][0], {hour for hour in missing[number][1] if hour < end})
    laid = Roster(with_overlay(FORM, found), zone)
    for person in ("ann", "ben", "carl"):
        for hour in range(13):
            expected = any(who == person and hour in when for who, when in missing.values())
            assert laid.absent(person, hours(hour + 0.5)) is expected


def test_the_next_change_is_the_next_boundary_of_what_is_dated() -> None:
    laid = Roster(with_overlay(FORM, overlay(absence(), swap(start=2, end=3), override(start=5, end=6))), zone)
    seen, last = [], at(-1)
    while (change := laid.next_change(last)) is not None:
        seen.append((change - T0) / HOUR)
        last = change
    assert seen == [0, 2, 3, 5, 6, 8]
    assert roster().next_change(T0) is None, "the turns themselves take nothing away"
    assert roster(away("ann", T0, 1)).next_change(T0) == hours(1), "strictly after"
    assert isinstance(laid.on_call(OwnerRef(person="ben"), T0), Person)
