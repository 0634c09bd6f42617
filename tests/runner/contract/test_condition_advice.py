"""What people write where a condition wants something else, and how they are told to write it."""

from __future__ import annotations

import pytest

from runner.contract.condition_advice import operator_meant, several_meant, value_of_another, written_as_number
from runner.contract.condition_reader import OPERATORS
from runner.contract.policies import TicketField

NUMBER = [name for name, types in OPERATORS.items() if "number" in types]
PLAIN = "write digits without quotes, unit or marks between them: "


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        (">5000", "write {amount: {more_than: 5000}}"),
        ("> 5.000 EUR", "write {amount: {more_than: 5000}}"),
        (">= 5,000.50", "write {amount: {at_least: 5000.50}}"),
        ("< 5'000", "write {amount: {less_than: 5000}}"),
        ("≤ 3", "write {amount: {at_most: 3}}"),
        ("!= 3", "write {amount: {not: 3}}"),
        ("== 3", f"{PLAIN}3; for everything above it write {{amount: {{more_than: 3}}}}"),
        ("5_000", f"{PLAIN}5000; for everything above it write {{amount: {{more_than: 5000}}}}"),
        ("€ 5.000,50", f"{PLAIN}5000.50; for everything above it write {{amount: {{more_than: 5000.50}}}}"),
        ("1 000 000 USD", f"{PLAIN}1000000; for everything above it write {{amount: {{more_than: 1000000}}}}"),
        ("1\u00a0000", f"{PLAIN}1000; for everything above it write {{amount: {{more_than: 1000}}}}"),
        ("5,5", f"{PLAIN}5.5; for everything above it write {{amount: {{more_than: 5.5}}}}"),
        ("12.", f"{PLAIN}12; for everything above it write {{amount: {{more_than: 12}}}}"),
        ("lots", "write digits without quotes"),
        ("", "write digits without quotes"),
        (True, "write digits without quotes"),
        (["5"], "write digits without quotes"),
    ],
)
def test_an_amount_in_a_text(written: object, advice: str) -> None:
    assert written_as_number("amount", written) == advice


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("gt", "did you mean `more_than`? "),
        (">", "did you mean `more_than`? "),
        ("Greater Than", "did you mean `more_than`? "),
        ("above", "did you mean `more_than`? "),
        ("<=", "did you mean `at_most`? "),
        ("not-in", "did you mean `not`? "),
        ("morethan", "did you mean `more_than`? "),
        ("contains", ""),  # works on texts only
        ("matches", ""),
        ("zzz", ""),
    ],
)
def test_an_operator_by_another_name(written: str, hint: str) -> None:
    assert operator_meant(written, NUMBER) == hint


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("high or urgent", "high, urgent"),
        ("low,high", "low, high"),
        ("low | high|urgent", "low, high, urgent"),
        ("high oder urgent", "high, urgent"),
        ("low/high", "low, high"),
    ],
)
def test_several_values_in_one_text(written: str, listed: str) -> None:
    said = several_meant("priority", written, ("low", "high", "urgent"))
    assert said == f"several values stand in brackets: priority: [{listed}]. "


@pytest.mark.parametrize("written", ["high", "high or lowest", "or", "highorurgent", "", None, 5])
def test_not_several_values(written: object) -> None:
    assert several_meant("priority", written, ("low", "high", "urgent")) == ""


FIELDS = {
    "priority": TicketField(type="choice", summary="x", values=("low", "high", "urgent")),
    "subject": TicketField(type="text", summary="x"),
}


def test_a_value_that_a_comma_has_made_a_key() -> None:
    beside = {"priority": "high", "subject": "x", "urgent": None}
    wanted = "several values of `priority` stand in brackets: priority: [high, urgent]"
    assert value_of_another("urgent", beside, FIELDS) == wanted


@pytest.mark.parametrize(
    "beside",
    [
        {"subject": "x", "urgent": None},  # nobody has such a value
        {"priority": "high", "urgent": "high"},  # a key with a value of its own
        {"priority": ["high"], "urgent": None},
        {"other": "high", "urgent": None},
    ],
    ids=str,
)
def test_a_key_that_is_no_value(beside: dict[str, object]) -> None:
    assert value_of_another("urgent", beside, FIELDS) == ""
