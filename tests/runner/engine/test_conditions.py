"""Conditions: every operator, absent values, two-valued logic, and when time alone changes an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

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
from runner.contract.values import format_instant
from runner.engine.conditions import Facts, Value, atom_instants, compile_condition, time_atoms
from tests.runner.engine.conditions_of import conditions, readings
from tests.runner.engine.worlds import T0, at

RANKS = ("low", "mid", "high")
TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
AT_TEN = format_instant(TEN)


def holds(
    condition: Condition,
    after: Mapping[str, Value],
    before: Mapping[str, Value] | None = None,
    now: datetime = TEN,
    changed: Mapping[str, datetime] | None = None,
) -> bool:
    return compile_condition(condition)(Facts(before or {}, after, changed or {}, now))


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (In("f", ("a", "b")), "a", True),
        (In("f", ("a", "b")), "c", False),
        (In("f", ("a",)), None, False),
        (In("f", ("a",)), "A", False),
        (In("f", (3,)), 3, True),
        (In("f", (3,)), 3.0, True),
        (In("f", (True,)), True, True),
        (In("f", (True,)), False, False),
        (In("f", ()), "a", False),
        (Not(In("f", ("a",))), None, True),
        (Not(In("f", ("a",))), "a", False),
        (IsSet("f"), "a", True),
        (IsSet("f"), False, True),
        (IsSet("f"), 0, True),
        (IsSet("f"), None, False),
        (Compare("f", "more_than", 3), 4, True),
        (Compare("f", "more_than", 3), 3, False),
        (Compare("f", "at_least", 3), 3, True),
        (Compare("f", "at_least", 3), 2.9, False),
        (Compare("f", "less_than", 3), 2, True),
        (Compare("f", "less_than", 3), 3, False),
        (Compare("f", "at_most", 3), 3, True),
        (Compare("f", "at_most", 3), 4, False),
        (Compare("f", "more_than", 3), None, False),
        (Not(Compare("f", "more_than", 3)), None, True),
        (Compare("f", "more_than", 3), "4", False),
        (Compare("f", "more_than", 0), True, False),
        (Compare("f", "more_than", "low", RANKS), "mid", True),
        (Compare("f", "more_than", "low", RANKS), "low", False),
        (Compare("f", "at_least", "mid", RANKS), "high", True),
        (Compare("f", "less_than", "mid", RANKS), "low", True),
        (Compare("f", "at_most", "mid", RANKS), "high", False),
        (Compare("f", "at_least", "low", RANKS), "unheard", False),
        (Compare("f", "at_least", "low", RANKS), None, False),
        (Compare("f", "at_least", "None", ("None", "Some")), None, False),
        (Compare("f", "at_least", "unheard", RANKS), "low", False),
        (Compare("f", "more_than", AT_TEN), format_instant(TEN + timedelta(microseconds=1)), True),
        (Compare("f", "more_than", AT_TEN), AT_TEN, False),
        (Compare("f", "at_most", AT_TEN), AT_TEN, True),
        (Contains("f", "Invoice"), "two INVOICES", True),
        (Contains("f", "Straße"), "STRASSE 5", True),
        (Contains("f", "x"), "abc", False),
        (Contains("f", "x"), None, False),
        (Contains("f", "1"), 12, True),
        (Like("f", "acme-*"), "ACME-7", True),
        (Like("f", "acme-?"), "acme-77", False),
        (Like("f", "acme"), "acme gmbh", False),
        (Like("f", "*"), "", True),
        (Like("f", "*a*"), "x\na", True),
        (Not(Like("f", "a*")), None, True),
    ],
)
def test_one_field(condition: Condition, value: Value, expected: bool) -> None:
    assert holds(condition, {"f": value}) is expected
    if value is None:
        assert holds(condition, {}) is expected  # an absent field and one without a value are the same


def test_anything_is_not_like_anything_when_it_is_absent() -> None:
    assert holds(Like("f", "a*"), {}) is False
    assert holds(Like("f", "*"), {}) is False


@pytest.mark.parametrize(
    ("condition", "before", "after", "expected"),
    [
        (Changed("f"), {"f": "a"}, {"f": "b"}, True),
        (Changed("f"), {"f": "a"}, {"f": "a"}, False),
        (Changed("f"), {}, {"f": "a"}, True),
        (Changed("f"), {"f": "a"}, {}, True),
        (Changed("f"), {}, {}, False),
        (Changed("f"), {"f": None}, {}, False),
        (Was("f", ("a", "b")), {"f": "b"}, {"f": "c"}, True),
        (Was("f", ("a",)), {"f": "a"}, {"f": "a"}, True),
        (Was("f", ("a",)), {"f": "c"}, {"f": "a"}, False),
        (Was("f", ("a",)), {}, {"f": "a"}, False),
        (Not(Was("f", ("a",))), {}, {"f": "a"}, True),
    ],
)
def test_before_and_after(
    condition: Condition, before: dict[str, Value], after: dict[str, Value], expected: bool
) -> None:
    assert holds(condition, after, before) is expected


@pytest.mark.parametrize(
    ("word", "condition", "now", "expected"),
    [
        ("past by 30 m: not at half past", TimeFrom("due", 1800), TEN + timedelta(minutes=30), False),
        ("past by 30 m: a second later", TimeFrom("due", 1800), TEN + timedelta(minutes=30, seconds=1), True),
        ("past at all: not at the instant", TimeFrom("due", 0), TEN, False),
        ("past at all: just after", TimeFrom("due", 0), TEN + timedelta(microseconds=1), True),
        ("due within 30 m: not exactly 30 before", TimeFrom("due", -1800), TEN - timedelta(minutes=30), False),
        (
            "due within 30 m: a second later",
            TimeFrom("due", -1800),
            TEN - timedelta(minutes=30) + timedelta(seconds=1),
            True,
        ),
        ("due within 30 m: and when past", TimeFrom("due", -1800), TEN + timedelta(days=9), True),
        ("no instant", TimeFrom("none", 0), TEN, False),
        ("no instant, denied", Not(TimeFrom("none", 0)), TEN, True),
        ("not a text", TimeFrom("number", 0), TEN, False),
        ("a text, but no instant", TimeFrom("text", 0), TEN, False),
        ("an instant without a zone", TimeFrom("naive", 0), TEN, False),
        ("far in the future", TimeFrom("far", 86400), TEN, False),
        ("far in the past", TimeFrom("old", -86400), TEN, True),
        ("held for an hour: not yet", HeldFor("s", ("open",), 3600), TEN + timedelta(hours=1), False),
        ("held for an hour: now", HeldFor("s", ("open",), 3600), TEN + timedelta(hours=1, seconds=1), True),
        ("held, but another value", HeldFor("s", ("shut",), 3600), TEN + timedelta(hours=2), False),
        ("held, but nobody knows since when", HeldFor("due", (AT_TEN,), 1), TEN + timedelta(hours=2), False),
        ("held, but absent", HeldFor("none", ("a",), 1), TEN + timedelta(hours=2), False),
    ],
)
def test_time(word: str, condition: Condition, now: datetime, expected: bool) -> None:
    after: dict[str, Value] = {
        "due": AT_TEN, "s": "open", "number": 3, "text": "soon", "naive": "2026-03-03T10:00:00",
        "far": "9999-12-31T23:59:59.000000Z", "old": "0001-01-01T00:00:00.000000Z",
    }  # fmt: skip
    assert holds(condition, after, now=now, changed={"s": TEN, "none": TEN}) is expected, word


YES, NO = IsSet("f"), Not(IsSet("f"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (All((YES, YES)), True),
        (All((YES, NO)), False),
        (All(()), True),
        (Any_((NO, YES)), True),
        (Any_((NO, NO)), False),
        (Any_(()), False),
        (Not(All((YES, NO))), True),
    ],
)
def test_all_any_not(condition: Condition, expected: bool) -> None:
    assert holds(condition, {"f": "a"}) is expected


@given(conditions(), conditions(), readings(), readings(), st.integers(-(10**6), 10**6))
def test_logic_is_two_valued(
    left: Condition, right: Condition, before: dict[str, Value], after: dict[str, Value], seconds: int
) -> None:
    now, changed = T0 + timedelta(seconds=seconds), dict.fromkeys(after, T0)

    def true(condition: Condition) -> bool:
        return holds(condition, after, before, now, changed)

    assert true(left) in (True, False)
    assert true(Not(left)) is not true(left)
    assert true(All((left, Not(left)))) is False
    assert true(Any_((left, Not(left)))) is True
    assert true(Not(All((left, right)))) is true(Any_((Not(left), Not(right))))


def instants(condition: Condition, after: Mapping[str, Value], changed: Mapping[str, datetime]) -> list[datetime]:
    return sorted(at for atom in time_atoms(condition) for at in atom_instants(atom, after, changed))


def test_the_grain_of_a_watch_is_one_second() -> None:
    assert instants(TimeFrom("due", 1800), {"due": AT_TEN}, {}) == [datetime(2026, 3, 3, 10, 30, 1, tzinfo=UTC)]
    fraction = format_instant(TEN + timedelta(milliseconds=400))
    assert instants(TimeFrom("due", 1800), {"due": fraction}, {}) == [datetime(2026, 3, 3, 10, 30, 1, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (TimeFrom("due", -600), [at(50, seconds=1)]),
        (HeldFor("s", ("open",), 60), [at(1, seconds=1)]),
        (HeldFor("s", ("shut",), 60), []),
        (HeldFor("t", ("open",), 60), []),
        (TimeFrom("none", 5), []),
        (TimeFrom("far", 86400), []),
        (TimeFrom("old", -86400), []),
        (In("s", ("open",)), []),
        (
            All((TimeFrom("due", 0), Any_((HeldFor("s", ("open",), 0), Not(TimeFrom("due", 60)))))),
            [at(0, seconds=1), at(60, seconds=1), at(61, seconds=1)],
        ),
    ],
)
def test_instants_at_which_time_turns_an_answer(condition: Condition, expected: list[datetime]) -> None:
    after: dict[str, Value] = {
        "due": AT_TEN, "s": "open", "far": "9999-12-31T23:59:59.000000Z", "old": "0001-01-01T00:00:00.000000Z",
    }  # fmt: skip
    assert instants(condition, after, {"s": T0}) == expected


@given(conditions(), readings(), st.integers(0, 3 * 86400), st.integers(0, 3 * 86400))
def test_between_those_instants_no_answer_turns(
    condition: Condition, after: dict[str, Value], start: int, span: int
) -> None:
    """On whole seconds; `before` equals `after`, so nothing but time changes."""
    changed = dict.fromkeys(after, T0)
    first, last = T0 + timedelta(seconds=start), T0 + timedelta(seconds=start + span)
    turns = [instant for instant in instants(condition, after, changed) if first < instant <= last]
    if not turns:
        assert holds(condition, after, after, first, changed) is holds(condition, after, after, last, changed)
