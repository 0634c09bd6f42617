"""Who is asked instead of whom: overrides, swaps, substitutes, rotations kept apart; always with the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.roster_form import AbsenceOf, OverrideOf, PersonOf, SwapOf
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody, Person, Roster
from runner.engine.words import in_words
from tests.runner.engine.worlds import BOSS, T0, Life, contract, opening, roster, turning

HOUR = timedelta(hours=1)
TURN, BACKUP = OwnerRef(rotation="turn"), OwnerRef(rotation="backup")
ABSENT, SWAPPED = Reason.ABSENT, Reason.SWAPPED
OVERRIDE, APART = Reason.ROTATION_OVERRIDE, Reason.KEPT_APART


def span(start: float, end: float) -> dict[str, datetime]:
    """Hours from T0."""
    return {"start": T0 + start * HOUR, "end": T0 + end * HOUR}


def away(*people: str) -> tuple[AbsenceOf, ...]:
    return tuple(AbsenceOf(person=person, **span(-1, 1)) for person in people)


def swap(person: str, instead_of: str, start: float = -1, end: float = 1, rotation: str = "turn") -> SwapOf:
    return SwapOf(rotation=rotation, person=person, instead_of=instead_of, **span(start, end))


def override(person: str, start: float = -1, end: float = 1) -> OverrideOf:
    return OverrideOf(person=person, **span(start, end))


def company(
    *absences: AbsenceOf,
    swaps: tuple[SwapOf, ...] = (),
    overrides: tuple[OverrideOf, ...] = (),
    backup_overrides: tuple[OverrideOf, ...] = (),
    substitutes: dict[str, str] | None = None,
    apart: tuple[str, ...] = (),
    backup: str = "abc",
    **changes: Any,
) -> Roster:
    """At T0 it is a's turn, then b's and c's, day by day; in the backup as well, unless it is kept apart."""
    people = {name: PersonOf(jobs=(), substitute=(substitutes or {}).get(name)) for name in "abcdefz"}
    starts = "2026-03-03T09:00"
    return roster(
        *absences,
        swaps=swaps,
        people=people,
        teams={"team": ("a", "b")},
        jobs={"job": ("b", "c")},
        last_resort="z",
        rotations={
            "turn": turning("abc", starts, overrides=overrides),
            "backup": turning(backup, starts, overrides=backup_overrides, apart_from=apart),
        },
        **changes,
    )


def found(given: Roster, ref: OwnerRef = TURN, hours: float = 0) -> tuple[str, dict[str, Reason]]:
    """Who, or the reason why nobody; and who was passed over."""
    who = given.on_call(ref, T0 + hours * HOUR)
    return (who.id if isinstance(who, Person) else who.reason.value), dict(who.passed_over)


CHAIN = {"a": "d", "d": "e", "e": "f"}


@pytest.mark.parametrize(
    ("word", "given", "who", "passed"),
    [
        ("nothing special", company(), "a", {}),
        ("away without a substitute", company(*away("a")), "absent", {"a": ABSENT}),
        ("the substitute", company(*away("a"), substitutes=CHAIN), "d", {"a": ABSENT}),
        ("the substitute's", company(*away("a", "d"), substitutes=CHAIN), "e", {"a": ABSENT, "d": ABSENT}),
        (
            "the end of the chain",
            company(*away("a", "d", "e", "f"), substitutes=CHAIN),
            "absent",
            dict.fromkeys("adef", ABSENT),
        ),
        ("somebody else is away", company(*away("b"), substitutes=CHAIN), "a", {}),
        ("a substitute is not asked while one is there", company(*away("d"), substitutes=CHAIN), "a", {}),
        ("a swap", company(swaps=(swap("c", "a"),)), "c", {"a": SWAPPED}),
        ("a swap with somebody from outside", company(swaps=(swap("f", "a"),)), "f", {"a": SWAPPED}),
        ("a swap of another's shifts", company(swaps=(swap("c", "b"),)), "a", {}),
        ("a swap in another rotation", company(swaps=(swap("c", "a", rotation="backup"),)), "a", {}),
        ("swaps are not followed", company(swaps=(swap("c", "a"), swap("b", "c"))), "c", {"a": SWAPPED}),
        (
            "who took over is away: that person's substitute",
            company(*away("c"), swaps=(swap("c", "a"),), substitutes={"c": "e"}),
            "e",
            {"a": SWAPPED, "c": ABSENT},
        ),
        (
            "which may be the one who gave the shift away",
            company(*away("c"), swaps=(swap("c", "a"),), substitutes={"c": "a"}),
            "a",
            {"c": ABSENT},
        ),
        ("an override", company(overrides=(override("f"),)), "f", {"a": OVERRIDE}),
        (
            "an override is above a swap",
            company(overrides=(override("f"),), swaps=(swap("c", "a"),)),
            "f",
            {"a": OVERRIDE},
        ),
        ("an override by the one whose turn it is", company(overrides=(override("a"),)), "a", {}),
        (
            "who is named by the override is away",
            company(*away("f"), overrides=(override("f"),), substitutes={"f": "e"}),
            "e",
            {"a": OVERRIDE, "f": ABSENT},
        ),
        (
            "and has no substitute: the turns do not count again",
            company(*away("f"), overrides=(override("f"),)),
            "absent",
            {"a": OVERRIDE, "f": ABSENT},
        ),
    ],
)  # fmt: skip
def test_the_order_of_precedence(word: str, given: Roster, who: str, passed: dict[str, Reason]) -> None:
    assert found(given) == (who, passed), word


@pytest.mark.parametrize("hours", [-1, -0.001, 0, 0.999])
def test_both_ends_of_a_span(hours: float) -> None:
    inside = company(overrides=(override("f", hours, hours + 1),))
    assert found(inside, hours=hours)[0] == "f"
    assert found(inside, hours=hours + 1)[0] == ("a" if hours + 1 >= 0 else "not_on_call")
    before = (T0 + hours * HOUR) - timedelta(microseconds=1)
    assert inside.on_call(TURN, before) != Person("f", (("a", OVERRIDE),))


def test_an_override_counts_also_when_it_is_nobodys_turn() -> None:
    given = company(overrides=(override("f", -5, -2), override("e", -1, 1)))
    assert found(given, hours=-6) == ("not_on_call", {})
    assert found(given, hours=-3) == ("f", {})
    assert found(given, hours=-2) == ("not_on_call", {})
    assert found(given) == ("e", {"a": OVERRIDE})


@pytest.mark.parametrize(
    ("word", "given", "who", "passed"),
    [
        ("the next in turn", company(apart=("turn",)), "b", {"a": APART}),
        ("no clash, no change", company(apart=("turn",), backup="bca"), "b", {}),
        (
            "the next is away: the one after",
            company(*away("b"), apart=("turn",)),
            "c",
            {"a": APART, "b": ABSENT},
        ),
        (
            "or the next one's substitute",
            company(*away("b"), substitutes={"b": "d"}, apart=("turn",)),
            "d",
            {"a": APART, "b": ABSENT},
        ),
        (
            "whose turn it is is away without substitute: nobody, as in every rotation",
            company(*away("b"), backup="bca", apart=("turn",)),
            "absent",
            {"b": ABSENT},
        ),
        (
            "a substitute clashes",
            company(*away("b"), backup="bca", substitutes={"b": "a"}, apart=("turn",)),
            "c",
            {"b": ABSENT, "a": APART},
        ),
        (
            "the other rotation has a substitute: its person of the instant counts",
            company(*away("a"), backup="bca", substitutes={"a": "b"}, apart=("turn",)),
            "c",
            {"b": APART},
        ),
        (
            "the other is empty: nothing to keep apart from",
            company(*away("a"), backup="bca", apart=("turn",)),
            "b",
            {},
        ),
        (
            "the other has an override",
            company(overrides=(override("b"),), backup="bca", apart=("turn",)),
            "c",
            {"b": APART},
        ),
        (
            "an override here gives way as well: never the same person",
            company(backup_overrides=(override("a"),), backup="bca", apart=("turn",)),
            "b",
            {"a": APART},
        ),
        (
            "an override here that does not clash",
            company(backup_overrides=(override("f"),), backup="bca", apart=("turn",)),
            "f",
            {"b": OVERRIDE},
        ),
        (
            "a swap of the next in turn",
            company(swaps=(swap("e", "b", rotation="backup"),), apart=("turn",)),
            "e",
            {"a": APART, "b": SWAPPED},
        ),
        ("nobody is left", company(apart=("turn",), backup="a"), "kept_apart", {"a": APART}),
        (
            "nobody is left who is there",
            company(*away("b", "c"), apart=("turn",)),
            "kept_apart",
            {"a": APART, "b": ABSENT, "c": ABSENT},
        ),
        ("from a rotation that is gone", company(apart=("gone",)), "a", {}),
    ],
)
def test_rotations_kept_apart(word: str, given: Roster, who: str, passed: dict[str, Reason]) -> None:
    assert found(given, BACKUP) == (who, passed), word


def test_three_rotations_kept_apart_are_three_people() -> None:
    rotations = {
        "one": turning("abc", "2026-03-03T09:00"),
        "two": turning("abc", "2026-03-03T09:00", apart_from=("one",)),
        "three": turning("abc", "2026-03-03T09:00", apart_from=("two", "one")),
    }
    people = {name: PersonOf(jobs=()) for name in "abc"}
    given = roster(people=people, teams={}, jobs={}, last_resort="a", rotations=rotations)
    for day in range(6):
        found_there = [given.on_call(OwnerRef(rotation=name), T0 + day * 24 * HOUR) for name in rotations]
        assert {who.id for who in found_there if isinstance(who, Person)} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("word", "ref", "given", "who", "passed"),
    [
        ("a person's substitute", OwnerRef(person="a"), company(*away("a"), substitutes=CHAIN), "d", {"a": ABSENT}),
        ("a team's next comes first", OwnerRef(team="team"), company(*away("a"), substitutes=CHAIN), "b", {}),
        (
            "then the substitute of the first who has one",
            OwnerRef(team="team"),
            company(*away("a", "b"), substitutes={"b": "e"}),
            "e",
            {"b": ABSENT},
        ),
        ("a job's next", OwnerRef(role="job"), company(*away("b"), substitutes={"b": "d"}), "c", {}),
        (
            "a job's substitute",
            OwnerRef(role="job"),
            company(*away("b", "c"), substitutes={"b": "d"}),
            "d",
            {"b": ABSENT},
        ),
        ("nobody of a job", OwnerRef(role="job"), company(*away("b", "c", "d"), substitutes={"b": "d"}), "absent", {}),
    ],
)  # fmt: skip
def test_substitutes_of_other_references(
    word: str, ref: OwnerRef, given: Roster, who: str, passed: dict[str, Reason]
) -> None:
    assert found(given, ref) == (who, passed), word


def test_substitutes_in_a_circle_end() -> None:
    """The compiler refuses them; a roster read from elsewhere must not hang a runner."""
    assert found(company(*away("a", "b"), substitutes={"a": "b", "b": "a"}))[0] == "absent"


SPANS = st.tuples(st.integers(-40, 100), st.integers(1, 60))
PEOPLE = st.sampled_from("abcdef")
INSTANTS = st.lists(st.integers(-3600, 12000).map(lambda minutes: minutes / 60), min_size=1, max_size=8)


@given(SPANS, PEOPLE, PEOPLE, INSTANTS)
def test_a_swap_moves_the_shifts_of_one_person_for_its_time_and_nothing_else(
    when: tuple[int, int], person: str, instead_of: str, hours: list[float]
) -> None:
    start, length = when
    plain, swapped = company(), company(swaps=(swap(person, instead_of, start, start + length),))
    for hour in hours:
        before, _ = found(plain, hours=hour)
        now, passed = found(swapped, hours=hour)
        moved = start <= hour < start + length and before == instead_of
        assert now == (person if moved else before)
        assert passed == ({instead_of: SWAPPED} if moved and person != instead_of else {})
        assert found(swapped, BACKUP, hour) == found(plain, BACKUP, hour)


@given(SPANS, PEOPLE, INSTANTS)
def test_an_override_holds_for_its_time_and_its_rotation_and_nothing_else(
    when: tuple[int, int], person: str, hours: list[float]
) -> None:
    start, length = when
    plain, changed = company(), company(overrides=(override(person, start, start + length),))
    for hour in hours:
        inside = start <= hour < start + length
        assert found(changed, hours=hour)[0] == (person if inside else found(plain, hours=hour)[0])
        assert found(changed, BACKUP, hour) == found(plain, BACKUP, hour)


@given(
    st.lists(st.tuples(PEOPLE, SPANS), max_size=4),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("def"), max_size=3),
    st.lists(st.tuples(PEOPLE, PEOPLE, SPANS), max_size=2),
    st.integers(-60, 200),
)
def test_whoever_is_found_is_there_and_two_kept_apart_are_never_one(
    gone: list[tuple[str, tuple[int, int]]],
    substitutes: dict[str, str],
    swapped: list[tuple[str, str, tuple[int, int]]],
    hour: int,
) -> None:
    given = company(
        *(AbsenceOf(person=who, **span(start, start + length)) for who, (start, length) in gone),
        swaps=tuple(swap(to, who, start, start + length) for to, who, (start, length) in swapped),
        substitutes=substitutes,
        apart=("turn",),
    )
    at = T0 + hour * HOUR
    first, second = given.on_call(TURN, at), given.on_call(BACKUP, at)
    for who in (first, second):
        assert not isinstance(who, Person) or not given.absent(who.id, at)
        assert isinstance(who, Nobody) or who.id not in dict(who.passed_over)
    if isinstance(first, Person):
        assert not isinstance(second, Person) or first.id != second.id


# In an escalation


def test_who_was_meant_stands_in_the_record_of_the_offer() -> None:
    given = roster(AbsenceOf(person="ann", **span(-1, 1)), people=with_substitute("ann", "cora"))
    life = Life(contract(), given)
    life.do(opening())
    offered = next(event for _, event in life.events if event.type == "OwnerOffered")
    assert (offered.to, offered.passed_over) == ("cora", {"ann": ABSENT})
    assert (
        in_words(offered, {"ann": "Ann Archer"}, ("primary",))
        == "cora is asked as primary in place of Ann Archer (absent)"
    )


def test_who_was_meant_stands_in_the_record_of_a_rung_that_is_skipped() -> None:
    life = Life(contract(), roster(AbsenceOf(person="ann", **span(-1, 1))))
    life.do(opening())
    skipped = next(event for _, event in life.events if event.type == "RungSkipped")
    assert (skipped.rung, skipped.reason, skipped.passed_over) == ("primary", ABSENT, {"ann": ABSENT})


def test_the_manager_means_the_substitute_while_the_escalation_owner_is_away() -> None:
    ref = BOSS.person or ""
    given = roster(AbsenceOf(person=ref, **span(-1, 1)), people=with_substitute(ref, "cora"))
    assert given.on_call(BOSS, T0) == Person("cora", ((ref, ABSENT),))


def with_substitute(person: str, substitute: str) -> dict[str, PersonOf]:
    people = dict(roster().form.people)
    return {**people, person: people[person].model_copy(update={"substitute": substitute})}


def test_t0_is_the_first_handover() -> None:
    assert datetime(2026, 3, 3, 9, tzinfo=UTC) == T0
