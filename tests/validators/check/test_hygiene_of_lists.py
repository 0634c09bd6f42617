"""Things listed twice, and steps that solve their own ticket: edge cases, beside the repositories in `rules/`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runner.contract.diagnostic import Diagnostic
from runner.contract.load import load_revision
from tests.runner.contract.repository import Edit, MemoryFiles, put
from tests.validators.check.fix_cases import fixed
from tests.validators.check.rules.cases import base
from tests.validators.repositories import shipped
from validators.check.registry import RuleModule
from validators.check.rules import listed_twice, odd_pattern, odd_value, shared_field, solves_itself
from validators.check.subject import Subject

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
ALARM, ANNOUNCE = "templates/blocks/alarm.yaml", "templates/blocks/announce.yaml"
PEOPLE, GOVERNANCE = "policies/people.yaml", "policies/governance.yaml"
ROTATIONS, FIELDS = "policies/rotations.yaml", "policies/fields.yaml"
TODAY = date(2026, 3, 3)


def files(*edits: Edit) -> MemoryFiles:
    changed: dict[str, bytes | None] = dict(base())
    for edit in edits:
        edit.apply(changed)
    return MemoryFiles(changed)


def found(rule: RuleModule, *edits: Edit) -> list[Diagnostic]:
    return sorted(rule.check(Subject(load_revision(files(*edits)), TODAY)))


def told(rule: RuleModule, *edits: Edit) -> list[str]:
    return [each.pointer for each in found(rule, *edits)]


@pytest.mark.parametrize(
    "rule", [listed_twice, odd_pattern, odd_value, shared_field, solves_itself], ids=lambda rule: rule.RULES[0].code
)
def test_the_shipped_company_is_good(rule: RuleModule) -> None:
    assert not list(rule.check(Subject(shipped(), TODAY)))


@pytest.mark.parametrize(
    ("edit", "pointers"),
    [
        (put(REST, "[clear]", "[clear, clear, clear]"), ["/accept/checklist/1", "/accept/checklist/2"]),
        (put(REST, "evidence: [reply]", "evidence: [reply, reply]"), ["/outcome/evidence/1"]),
        (put(REST, "codes: [answered]", "codes: [answered, answered]"), ["/close/resolution_codes/1"]),
        (put(REST, "verify: [outcome_evidence,", "verify: [delivered, outcome_evidence,"), ["/close/verify/3"]),
        (put(REST, "on: [ticket.created,", "on: [ticket.created, ticket.created,"), ["/trigger/on/1"]),
        (put(REST, "require: [reason,", "require: [reason, reason,"), ["/handoff/require/1"]),
        (put(REST, "metrics: [time_to_acknowledge]", "metrics: [handoffs, handoffs]"), ["/metrics/1"]),
        (put(ALARM, "via: [chat]", "via: [chat, chat]"), ["/steps/0/notify/via/1"]),
        (put(GOVERNANCE, "gatekeepers: [ben]", "gatekeepers: [ben, ann, ben]"), ["/gatekeepers/2"]),
        (put(PEOPLE, "members: [ann, ben]", "members: [ann, ann]"), ["/teams/desk/members/1"]),
        (put(PEOPLE, "jobs: [manager]", "jobs: [manager, manager]"), ["/people/cyd/jobs/1"]),
        (put(ROTATIONS, "members: [ann, ben]", "members: [ann, ben, ann]"), []),
        (put(FIELDS, "done: [solved]", "done: [solved, solved]"), ["/lifecycle/done/1"]),
        (put(GOVERNANCE, "gatekeepers: [ben]", "gatekeepers: [ben, ann]"), []),
        (put(REST, "[clear]", "[[], [], 1, 1]"), []),
    ],
)
def test_what_is_listed_twice(edit: Edit, pointers: list[str]) -> None:
    assert told(listed_twice, edit) == pointers


def test_what_is_listed_twice_is_removed_by_a_fix() -> None:
    done = fixed(files(put(REST, "[clear]", "[clear, clear]"), put(GOVERNANCE, "[ben]", "[ben, ben]  # both")))
    assert b"checklist: [clear]\n" in done.files[REST]
    assert b"gatekeepers: [ben]  # both\n" in done.files[GOVERNANCE]
    assert not done.refused


def at(point: str, value: str = "solved") -> Edit:
    step = f"    - set_fields: {{status: {value}}}\n      undo: {{never: It is done.}}\n"
    rest = "" if point == "closed" else "  closed:\n"
    return put(REST, "runbook:\n  closed:\n", f"runbook:\n  {point}:\n{step}{rest}")


@pytest.mark.parametrize(
    ("point", "value", "wrong"),
    [
        ("open", "solved", True), ("failover", "solved", True), ("accepted", "solved", True),
        ("exhausted", "solved", True), ("exception", "solved", True), ("handoff", "solved", True),
        ("resolved", "solved", False), ("closed", "solved", False), ("open", "pending", False),
        ("open", "$value", False),
    ],
)  # fmt: skip
def test_a_step_that_solves_its_ticket(point: str, value: str, wrong: bool) -> None:
    assert told(solves_itself, at(point, value)) == ([f"/runbook/{point}/0/set_fields/status"] if wrong else [])


BLOCK = put(ANNOUNCE, "steps:\n", "steps:\n  - set_fields: {status: solved}\n    undo: {never: It is done.}\n")
GIVEN = (
    put(ANNOUNCE, "steps:\n", "steps:\n  - set_fields: {status: $status}\n    undo: {never: It is done.}\n"),
    put(ANNOUNCE, "  message: {type", "  status: {type: text, summary: What., default: pending}\n  message: {type"),
)  # fmt: skip
SOLVED = put(BILLING, "      with:\n", "      with:\n        status: solved\n")


@pytest.mark.parametrize(
    ("word", "edits", "places"),
    [
        ("in a block, once however often it is used", [BLOCK], [(ANNOUNCE, "/steps/0/set_fields/status")]),
        ("in a block, by default something else", [*GIVEN], []),
        ("given to a block", [*GIVEN, SOLVED], [(BILLING, "/runbook/open/0/with/status")]),
    ],
)
def test_a_block_that_solves_the_ticket(word: str, edits: list[Any], places: list[tuple[str, str]]) -> None:
    got = [(each.location.file if each.location else "", each.pointer) for each in found(solves_itself, *edits)]
    assert got == places, word


def there(name: str, text: str) -> Edit:
    return put(FIELDS, f"  {name}: {{", f"  {name}: {{helpdesk: {text}, ")


@pytest.mark.parametrize(
    ("word", "edits", "pointers"),
    [
        ("the same name", [there("agent", "{local: x}"), there("vip", "{local: x}")], ["/fields/agent/helpdesk/local"]),
        ("with values", [there("agent", "{local: {field: x}}"), there("vip", "{local: x}")],
         ["/fields/agent/helpdesk/local"]),
        ("the name of a field without an entry", [there("agent", "{local: vip}")], ["/fields/agent/helpdesk/local"]),
        ("of a field with another entry", [there("agent", "{local: vip}"), there("vip", "{local: agent}")], []),
        ("of another helpdesk", [there("agent", "{local: x}"), there("vip", "{other: x}")], []),
    ],
)  # fmt: skip
def test_fields_that_are_one_in_the_helpdesk(word: str, edits: list[Any], pointers: list[str]) -> None:
    assert told(shared_field, *edits) == pointers, word


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("contains: refund", False),
        ("contains: 'refund|credit'", True),
        ("contains: 'refund | credit'", True),
        ("contains: '|'", False),
        ("contains: 'a || b'", False),
        ("contains: '*refund*'", True),
        ("contains: '.*refund'", True),
        ("contains: '2 * 3'", False),
        ("contains: '[URGENT]'", False),
        ("like: 'Refund*'", False),
        ("like: 'Ref?nd'", False),
        ("like: Refund", True),
        ("like: 'refund*|credit*'", True),
        ("like: 'refund|credit*'", True),
        ("like: '[URGENT]*'", True),
    ],
)
def test_patterns_that_say_something_else(asked: str, wrong: bool) -> None:
    when = put(BILLING, "    type: billing\n", f"    type: billing\n    subject: {{{asked}}}\n")
    pointer = f"/trigger/when/subject/{asked.partition(':')[0]}"
    assert told(odd_pattern, when) == ([pointer] if wrong else [])


def test_patterns_are_looked_at_wherever_a_condition_stands() -> None:
    odd = "{subject: {like: Refund}}"
    wait = f"    - wait: {{until: {{all: [{odd}]}}, within: 1h, otherwise: fail}}\n"
    steps = f"{wait}    - choose:\n        branches:\n          - {{name: a, when: {{not: {odd}}}, steps: []}}\n"
    assert told(odd_pattern, put("policies/routing.yaml", "  status: {not: solved}", f"  any: [{odd}]")) == [
        "/scope/any/0/subject/like"
    ]
    assert told(odd_pattern, put(ALARM, "steps:\n", "steps:\n" + steps.replace("    -", "  -"))) == [
        "/steps/0/wait/until/all/0/subject/like",
        "/steps/1/choose/branches/0/when/not/subject/like",
    ]


GOVERNANCE_END = "last_resort: cyd\n"
ACTIONS, CALENDARS = "policies/actions.yaml", "policies/calendars.yaml"


@pytest.mark.parametrize(
    ("edit", "pointers"),
    [
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "retention: {personal_data: 23h}\n"),
         ["/retention/personal_data"]),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "retention: {personal_data: 30d, contacts: 1h}\n"),
         ["/retention/contacts"]),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "retention: {personal_data: 1d}\n"), []),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "paths: [{path: 'policy/*', tier: high}]\n"),
         ["/paths/0/path"]),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "paths: [{path: '.github/**', tier: high}]\n"), []),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "paths: [{path: 'templates/**', tier: high}]\n"), []),
        (put(GOVERNANCE, GOVERNANCE_END, GOVERNANCE_END + "paths: [{path: '**', tier: high}]\n"), []),
        (put(ACTIONS, "undo: reset-password", "undo: restore-password"), ["/actions/restore-password/undo"]),
        (put(PEOPLE, "mail: ann@example.com", "mail: ann.archer"), ["/people/ann/contacts/mail"]),
        (put(PEOPLE, "chat: cyd@chat.example.com", "chat: cyd"), []),
        (put(CALENDARS, '"2026-01-01": New Year', '"0001-01-01": New Year'),
         ["/calendars/office/closed/0001-01-01"]),
        (put(CALENDARS, '"2026-01-01": New Year', '"9999-01-01": New Year'),
         ["/calendars/office/closed/9999-01-01"]),
        (put(CALENDARS, '"2026-01-01": New Year', '"2019-01-01": New Year'), []),
        (put(CALENDARS, '"2026-01-01": New Year', '"2026-02-30": New Year'), []),
    ],
)  # fmt: skip
def test_values_that_can_hardly_be_meant(edit: Edit, pointers: list[str]) -> None:
    assert told(odd_value, edit) == pointers
