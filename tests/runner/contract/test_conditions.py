"""The tree of a condition: to plain data and back, and what can be known of it without evaluating it."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.canonical import canonical
from runner.contract.conditions import (
    All,
    Any_,
    Atom,
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
    condition_calendars,
    condition_fields,
    condition_from_plain,
    condition_plain,
    required_values,
    timed,
)

NAMES = st.sampled_from(("a", "b", "account.tier", "op", "of"))
SCALARS = st.text(max_size=3) | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.lists(SCALARS, max_size=3).map(tuple)
ATOMS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(In, NAMES, VALUES),
    st.builds(IsSet, NAMES),
    st.builds(
        Compare,
        NAMES,
        st.sampled_from(("more_than", "at_least", "less_than", "at_most")),
        SCALARS,
        st.lists(st.text(max_size=3), max_size=3).map(tuple),
    ),
    st.builds(Contains, NAMES, st.text(max_size=3)),
    st.builds(Like, NAMES, st.text(max_size=3)),
    st.builds(Changed, NAMES),
    st.builds(Was, NAMES, VALUES),
    st.builds(TimeFrom, NAMES, st.integers(), st.none() | NAMES),
    st.builds(HeldFor, NAMES, VALUES, st.integers(), st.none() | NAMES),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Any_, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_a_tree_comes_back_from_its_plain_form(condition: Condition) -> None:
    plain = condition_plain(condition)
    again = condition_from_plain(json.loads(canonical(plain)))
    assert again == condition
    assert canonical(condition_plain(again)) == canonical(plain)


@given(CONDITIONS)
def test_fields_are_those_of_all_parts(condition: Condition) -> None:
    text = json.dumps(condition_plain(condition))
    assert all(f'"field": "{name}"' in text for name in condition_fields(condition))
    assert bool(condition_fields(condition)) == ('"field"' in text)


@given(CONDITIONS)
def test_a_tree_depends_on_time_if_a_part_does(condition: Condition) -> None:
    text = json.dumps(condition_plain(condition))
    assert timed(condition) == ('"op": "time_from"' in text or '"op": "held_for"' in text)


@given(CONDITIONS)
def test_calendars_are_those_of_all_parts(condition: Condition) -> None:
    text = json.dumps(condition_plain(condition))
    assert all(f'"calendar": "{name}"' in text for name in condition_calendars(condition))
    assert bool(condition_calendars(condition)) == ('"calendar"' in text)


def test_no_kind_of_atom_is_left_out() -> None:
    assert len(get_args(Atom)) == 9


HIGH, LOW, BILLING = In("priority", ("high",)), In("priority", ("low", "high")), In("type", ("billing",))


@pytest.mark.parametrize(
    ("condition", "required"),
    [
        (HIGH, {"priority": {"high"}}),
        (All((HIGH, BILLING)), {"priority": {"high"}, "type": {"billing"}}),
        (All((HIGH, LOW)), {"priority": {"high"}}),
        (All((HIGH, In("priority", ("low",)))), {"priority": set()}),
        (All((All((HIGH,)), Any_((BILLING, LOW)))), {"priority": {"high"}}),
        (Any_((HIGH,)), {}),
        (Not(HIGH), {}),
        (IsSet("priority"), {}),
        (All(()), {}),
    ],
)
def test_required_values_are_those_of_conjunctions(condition: Condition, required: dict[str, set[object]]) -> None:
    assert required_values(condition) == required
