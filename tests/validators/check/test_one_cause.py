"""One cause, one finding: what a typo makes look unused, undeclared or missing is not blamed for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runner.contract.load import load_revision
from tests.runner.contract.repository import MINIMAL, MemoryFiles, put
from tests.validators.check.rules.cases import base
from validators.check import check_revision
from validators.check.registry import ask
from validators.check.subject import Subject

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
TODAY = date(2026, 3, 3)
INPUTS = put(BILLING, "trigger:\n", "inputs:\n  type: {}\n  priority: {}\n  amount: {}\ntrigger:\n")
NOTE = "closed:\n    - note:\n        text: \"{{ ticket.amount | default: 'none' }}\"\nhandoff: {require: [reason, next"
AMOUNT = put(BILLING, "handoff: {require: [reason, next", f"  {NOTE}")


def files(*edits: Any) -> MemoryFiles:
    changed: dict[str, bytes | None] = dict(base())
    for edit in edits:
        edit.apply(changed)
    return MemoryFiles(changed)


def news(*edits: Any, today: date = TODAY) -> list[str]:
    """The codes that are found now and were not found before."""
    before = {(each.code, each.message) for each in check_revision(load_revision(files()), today)}
    found = check_revision(load_revision(files(*edits)), today)
    return sorted(each.code for each in found if (each.code, each.message) not in before)


@pytest.mark.parametrize(
    ("word", "edits", "codes"),
    [
        ("a rotation", [put(BILLING, "primary: {rotation: first}", "primary: {rotation: frist}")], ["SUR201"]),
        ("a team", [put("policies/exceptions.yaml", "team: desk", "team: dekc"),
                    put(BILLING, "{team: desk}", "{person: ann}")], ["SUR201"]),
        ("a calendar", [put(BILLING, "calendar: office", "calendar: offize"),
                        put("policies/exceptions.yaml", "within: {time: 8h, calendar: office}", "within: 8h")],
         ["SUR201"]),
        ("a field in a condition", [INPUTS, AMOUNT, put(BILLING, "    type: billing", "    typ: billing")], ["SUR204"]),
        ("a field in a message", [INPUTS, put(BILLING, "handoff: {require: [reason, next",
                                              f"  {NOTE.replace('ticket.amount', 'ticket.amout')}"),
                                  put(REST, "Amount {{ ticket.amount | default: 'none' }}, ", "")], ["SUR402"]),
        ("an exception class", [put(REST, "data-missing:", "data-mising:")], ["SUR201"]),
        ("a checklist item", [put(BILLING, "[clear]", "[cleer]"), put(REST, "[clear]", "[cleer]")], ["SUR201"] * 2),
        ("a person", [put("policies/people.yaml", "members: [ann, ben]", "members: [ann, been]")], ["SUR201"]),
        ("a room of a block",
         [put("templates/blocks/announce.yaml", "default: counter", "default: conter")], ["SUR201"]),
        ("a block", [put(BILLING, "use: alarm", "use: alam")], ["SUR201"]),
        ("nothing", [INPUTS, AMOUNT], []),
        ("a field that is not declared", [put(BILLING, "trigger:\n", "inputs:\n  type: {}\ntrigger:\n")], ["SUR925"]),
        ("a field that is not read", [INPUTS], ["SUR926"]),
    ],
)  # fmt: skip
def test_a_typo_is_one_finding(word: str, edits: list[Any], codes: list[str]) -> None:
    assert news(*edits) == codes, word


def test_a_typo_of_one_sort_leaves_the_others_to_be_judged() -> None:
    unused = put("policies/checklists.yaml", "  clear:", "  other: {question: Has anybody asked?}\n  clear:")
    assert news(unused, put(BILLING, "{rotation: first}", "{rotation: frist}")) == ["SUR201", "SUR505"]


@pytest.mark.parametrize(
    ("word", "edits", "codes"),
    [
        ("no exception", [put(REST, "exceptions:\n  data-missing: {within: 4h}", "exceptions: {}")], ["SUR901"]),
        ("no exception, and steps for one",
         [put(REST, "exceptions:\n  data-missing: {within: 4h}", "exceptions: {}"),
          put(REST, "  closed:\n", "  exception:\n    - notify: {message: '{{ owner.name }}, help.'}\n  closed:\n")],
         ["SUR901"]),
        ("no evidence", [put(REST, "[outcome_evidence, fields", "[fields")], ["SUR908"]),
        ("not in the order", [put("policies/routing.yaml", "order: [billing]", "order: [rest]"),
                              put("policies/routing.yaml", "fallback: rest", "fallback: billing")],
         ["SUR308"]),
        ("a timebox in business time",
         [put(BILLING, "accept:\n  within: 1h", "accept:\n  within: {time: 1h, calendar: office}")], ["SUR702"]),
        ("only too long for the priority",
         [put(BILLING, "accept:\n  within: 1h", "accept:\n  within: {time: 1h, calendar: office}"),
          put("policies/limits.yaml", "manager_knows_within: 3h", "manager_knows_within: 9d")], ["SUR701"]),
    ],
)  # fmt: skip
def test_a_mistake_is_one_finding(word: str, edits: list[Any], codes: list[str]) -> None:
    assert news(*edits) == codes, word


@pytest.mark.parametrize(
    ("word", "inputs", "text", "codes"),
    [
        ("demanded and required", "type: {required: true}", "{{ ticket.type }}", []),
        ("demanded, not required", "type: {}", "{{ ticket.type }}", ["SUR403"]),
        ("required, not demanded", "type: {}\n  amount: {required: true}", "{{ ticket.amount }}", ["SUR403"]),
        ("another one", "type: {required: true}\n  amount: {}", "{{ ticket.type }} {{ ticket.amount }}", ["SUR403"]),
        ("asked for before", "type: {}\n  amount: {}", "{% if ticket.amount %}{{ ticket.amount }}{% endif %}", []),
    ],
)
def test_a_value_that_is_there_needs_no_default(word: str, inputs: str, text: str, codes: list[str]) -> None:
    note = f'closed:\n    - note:\n        text: "{text}"\nhandoff: {{require: [reason, next'
    edits = [
        put(BILLING, "trigger:\n", f"inputs:\n  priority: {{}}\n  {inputs}\ntrigger:\n"),
        put(BILLING, "handoff: {require: [reason, next", f"  {note}"),
    ]
    assert news(*edits) == codes, word


LATE = put(BILLING, "accept:\n  within: 1h", "accept:\n  within: {time: 1h, calendar: office}")


def test_what_was_not_asked_for_hides_nothing() -> None:
    subject = Subject(load_revision(files(LATE)), TODAY)
    assert [each.code for each in ask(subject, {"SUR701"}.__contains__)] == ["SUR701"]


def test_what_is_waived_hides_nothing_as_long_as_it_is() -> None:
    waiver = 'waivers:\n  - {code: SUR702, reason: Until the pager is there., until: "2026-03-31"}\n'
    waived = put(BILLING, "trigger:\n", f"{waiver}trigger:\n")
    assert "SUR701" in news(LATE, waived)
    assert "SUR701" not in news(LATE, waived, today=date(2026, 4, 1))


def test_the_minimal_repository_is_not_blamed_for_what_it_has() -> None:
    assert MINIMAL.keys() >= {BILLING, REST}
    assert news() == []
