"""Three-valued conditions: never wrong about any ticket that fits what is known, and open only where some differ."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.engine.conditions import Facts, compile_condition
from validators.check.possible import ABSENT, ANY, Knowledge, Truth, open_fields, truth

NOW = datetime(2026, 3, 3, tzinfo=UTC)
T, F, O = Truth.TRUE, Truth.FALSE, Truth.OPEN  # noqa: E741 - a table reads best with short names
KNOWN = Knowledge(
    {"a": frozenset(("x",)), "b": frozenset(("x", "y")), "c": ANY, "due": frozenset(("2026-03-03T00:00:00Z",))}
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (In("a", ("x", "z")), T),
        (In("a", ("z",)), F),
        (In("b", ("x",)), O),
        (In("b", ("x", "y")), T),
        (In("c", ("x",)), O),
        (In("missing", ("x",)), F),
        (Not(In("missing", ("x",))), T),
        (Not(In("c", ("x",))), O),
        (IsSet("a"), T),
        (IsSet("c"), O),
        (IsSet("missing"), F),
        (IsSet("created_at"), T),
        (Compare("created_at", "more_than", "2026-01-01T00:00:00.000000Z"), O),
        (Compare("a", "at_least", "x", ("w", "x", "y")), T),
        (Compare("b", "more_than", "x", ("w", "x", "y")), O),
        (Contains("a", "X"), T),
        (Like("b", "?"), T),
        (Like("c", "*"), O),
        (TimeFrom("due", 60), O),
        (TimeFrom("missing", 60), F),
        (TimeFrom("created_at", 60), O),
        (HeldFor("a", ("x",), 60), O),
        (HeldFor("a", ("z",), 60), F),
        (Changed("a"), T),
        (Changed("missing"), F),
        (Changed("c"), O),
        (Was("a", ("x",)), F),
        (All((In("a", ("x",)), In("c", ("x",)))), O),
        (All((In("a", ("z",)), In("c", ("x",)))), F),
        (Any_((In("a", ("x",)), In("c", ("x",)))), T),
        (Any_((In("a", ("z",)), In("c", ("x",)))), O),
    ],
)
def test_what_holds_for_a_new_ticket(condition: Condition, expected: Truth) -> None:
    assert truth(condition, KNOWN, Knowledge({})) is expected


def test_a_field_that_is_not_named_is_absent_or_whatever_the_rest_is() -> None:
    assert truth(IsSet("z"), Knowledge({}), Knowledge({})) is F
    assert truth(IsSet("z"), Knowledge({}, ANY), Knowledge({})) is O
    assert truth(Changed("z"), Knowledge({}, ANY), Knowledge({}, ANY)) is O


def test_a_part_can_be_fixed() -> None:
    condition = All((In("a", ("x",)), In("b", ("x",))))
    assert truth(condition, KNOWN, KNOWN, {"a": F}) is F
    assert truth(condition, KNOWN, KNOWN, {"b": T}) is T


def test_open_fields_are_those_that_decide() -> None:
    condition = All((In("a", ("x",)), In("b", ("x",)), Not(In("c", ("x",)))))
    assert list(open_fields(condition, KNOWN, KNOWN)) == ["b", "c"]
    assert list(open_fields(Any_((In("a", ("x",)), In("c", ("x",)))), KNOWN, KNOWN)) == []


VALUES = (None, "x", "y")
POSSIBLE = st.sampled_from((ABSENT, frozenset(("x",)), frozenset(("x", "y")), frozenset((None, "y"))))
ATOMS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(In, st.sampled_from("ab"), st.sampled_from((("x",), ("y",), ("x", "y")))),
    st.builds(Was, st.sampled_from("ab"), st.sampled_from((("x",), ("y",)))),
    st.builds(IsSet, st.sampled_from("ab")),
    st.builds(Changed, st.sampled_from("ab")),
    st.builds(Like, st.sampled_from("ab"), st.just("x*")),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Any_, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(CONDITIONS, POSSIBLE, POSSIBLE, POSSIBLE)
def test_every_ticket_that_fits_agrees_with_the_engine(
    condition: Condition, a: frozenset[str | None], b: frozenset[str | None], was: frozenset[str | None]
) -> None:
    after, before = Knowledge({"a": a, "b": b}), Knowledge({"a": was, "b": was})
    test = compile_condition(condition)
    answers = {
        test(Facts({"a": old_a, "b": old_b}, {"a": new_a, "b": new_b}, {}, NOW))
        for new_a, new_b, old_a, old_b in itertools.product(a, b, was, was)
    }
    found = truth(condition, after, before)
    assert found is O or answers == {found is T}
