"""Observations: what a reading says against the last one, and what in it could not be used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from runner.engine.observation import Case, ObservationKind, Reading, advance_case, observe
from tests.runner.engine.conditions_of import FIELDS
from tests.runner.engine.worlds import T0, at


def reading(version: str = "1", updated: datetime = T0, **fields: object) -> Reading:
    return Reading("T-1", version, T0, updated, fields)


def case(**fields: Any) -> Case:
    return advance_case(None, observe(FIELDS, None, reading(**fields), T0))


def test_the_first_look_is_a_creation_and_dates_every_field_by_it() -> None:
    seen = observe(FIELDS, None, reading(status="new", amount=3), at(10))
    assert seen.kind is ObservationKind.CREATED
    assert seen.before == {}
    assert seen.after["status"] == "new"
    assert seen.after["created_at"] == "2026-03-03T09:00:00.000000Z"
    assert seen.changed_at["status"] == T0
    assert seen.outcome is None


@pytest.mark.parametrize(
    ("word", "next_reading", "kind", "changed"),
    [
        ("nothing changed", reading(status="new"), ObservationKind.UNCHANGED, set()),
        ("only the time of change", reading(updated=at(5), status="new"), ObservationKind.UNCHANGED, set()),
        ("a new version of the same", reading("2", at(5), status="new"), ObservationKind.UPDATED, set()),
        ("a new value", reading("2", at(5), status="open"), ObservationKind.UPDATED, {"status"}),
        ("a new value without a new version", reading("1", at(5), status="open"), ObservationKind.UPDATED, {"status"}),
        ("another field", reading("2", at(5), status="new", vip=True), ObservationKind.UPDATED, {"vip"}),
        ("a value less", reading("2", at(5)), ObservationKind.UPDATED, {"status"}),
    ],
)
def test_a_later_look(word: str, next_reading: Reading, kind: ObservationKind, changed: set[str]) -> None:
    last = case(status="new")
    seen = observe(FIELDS, last, next_reading, at(6))
    assert seen.kind is kind, word
    assert seen.before == last.reading
    dated = {name for name, instant in seen.changed_at.items() if instant == at(5)}
    assert dated == changed, word


def test_a_change_from_the_future_is_dated_now() -> None:
    seen = observe(FIELDS, case(status="new"), reading("2", at(99), status="open"), at(6))
    assert seen.changed_at["status"] == at(6)


def test_a_ticket_that_is_gone_keeps_its_last_reading() -> None:
    last = case(status="open")
    seen = observe(FIELDS, last, None, at(6))
    assert seen.kind is ObservationKind.GONE
    assert (seen.before, seen.after) == (last.reading, {})
    after = advance_case(last, seen)
    assert after.gone
    assert after.reading == last.reading


def test_a_ticket_that_comes_back_is_gone_no_more() -> None:
    last = case(status="open")
    gone = advance_case(last, observe(FIELDS, last, None, at(6)))
    seen = observe(FIELDS, gone, reading(status="open"), at(7))
    assert seen.kind is ObservationKind.UNCHANGED
    assert not advance_case(gone, seen).gone


def test_what_was_never_seen_cannot_be_gone() -> None:
    with pytest.raises(ValueError, match="never seen"):
        observe(FIELDS, None, None, T0)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ("status", "open", "open"),
        ("status", "OPEN", None),
        ("status", 3, None),
        ("amount", 3, 3),
        ("amount", 3.5, 3.5),
        ("amount", 10**400, 10**400),
        ("amount", "3", None),
        ("amount", True, None),
        ("amount", float("nan"), None),
        ("amount", float("inf"), None),
        ("vip", True, True),
        ("vip", 1, None),
        ("vip", "true", None),
        ("due", "2026-03-03T10:00:00+01:00", "2026-03-03T09:00:00.000000Z"),
        ("due", "2026-03-03T10:00:00", None),
        ("due", "tomorrow", None),
        ("due", 5, None),
        ("due", "9999-12-31T23:59:59-01:00", None),
        ("due", "0001-01-01T00:00:00+01:00", None),
        ("title", "x", "x"),
        ("title", 5, None),
        ("title", "x" * 10_001, "x" * 10_000),
        ("holder", "Ann A.", "Ann A."),
        ("holder", ["ann"], None),
    ],
)
def test_a_value_that_does_not_fit_counts_as_absent_and_is_named(field: str, raw: Any, value: object) -> None:
    given: dict[str, Any] = {field: raw}
    seen = observe(FIELDS, None, reading(**given), T0)
    assert seen.after.get(field) == value
    assert [problem.partition(" ")[0] for problem in seen.problems] == ([field] if value is None else [])


@pytest.mark.parametrize(
    ("field", "raw", "problem"),
    [
        ("status", "OPEN", "status holds the text `OPEN`, which is none of: new, open, pending, solved"),
        ("amount", "3", "amount holds the text `3`, which is not a number"),
        ("vip", 1, "vip holds the number `1`, which is not a boolean"),
        ("due", "to\x1bday\n", "due holds the text `to\\x1bday\\n`, which is not an instant"),
        ("due", "x" * 90, f"due holds the text `{'x' * 60}…`, which is not an instant"),
        ("holder", ["ann"], "holder holds a list, which is not a person"),
    ],
)
def test_a_problem_says_what_was_found(field: str, raw: Any, problem: str) -> None:
    given: dict[str, Any] = {field: raw}
    assert observe(FIELDS, None, reading(**given), T0).problems == (problem,)


def test_problems_stay_with_the_case_until_the_ticket_is_mended() -> None:
    wrong = observe(FIELDS, None, reading(amount="3"), T0)
    case = advance_case(None, wrong)
    assert case.problems == wrong.problems == ("amount holds the text `3`, which is not a number",)
    assert advance_case(case, observe(FIELDS, case, None, T0)).problems == wrong.problems, "gone, as it was read last"
    assert advance_case(case, observe(FIELDS, case, reading(amount=3), T0)).problems == ()


@pytest.mark.parametrize("raw", [None, ""])
def test_nothing_is_not_a_problem(raw: object) -> None:
    seen = observe(FIELDS, None, reading(status=raw), T0)
    assert "status" not in seen.after
    assert seen.problems == ()


def test_an_undeclared_field_is_left_out() -> None:
    seen = observe(FIELDS, None, reading(secret="x"), T0)
    assert set(seen.after) == {"created_at", "updated_at"}
    assert seen.problems == ()


def test_what_the_last_routing_said_comes_with_the_look() -> None:
    last = Case("T-1", "1", T0, {}, {}, outcome="billing")
    assert observe(FIELDS, last, reading(), T0 + timedelta(1)).outcome == "billing"
