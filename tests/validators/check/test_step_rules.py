"""Recovery, closing, undo, approvals, handoffs, steps that never run: what is found, and what is left alone."""

from __future__ import annotations

import textwrap
from datetime import date

import pytest

from tests.runner.contract.repository import Edit, add, edited, load, put
from validators.check.registry import RuleModule
from validators.check.rules import (
    approvals,
    closing,
    contradicting_times,
    handoffs,
    recovery,
    step_undo,
    task_without_assignee,
    unreachable_steps,
)
from validators.check.subject import Subject

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
LIMITS, EXCEPTIONS = "policies/limits.yaml", "policies/exceptions.yaml"
STEP = "    - set_fields: {priority: high}"
ACTIONS = """\
schema: surety/v1
kind: Actions
actions:
  look: {summary: Reads., sender: webhook, url_env: A_URL, changes_world: false}
  change: {summary: Changes., sender: webhook, url_env: A_URL}
  undone: {summary: Changes., sender: webhook, url_env: A_URL, undo: change}
  final: {summary: Deletes., sender: webhook, url_env: A_URL, irreversible: Nobody keeps a copy.}
  pay: {summary: Pays., sender: webhook, url_env: A_URL, amount: amount, undo: change}
"""
APPROVE = "- approve: {who: escalation_owner, question: Sure?, within: 4h, otherwise: fail}"


def found(module: RuleModule, *edits: Edit, only: str = BILLING) -> list[tuple[str, str]]:
    """Code and what is pointed at, in one file."""
    files = edited(*edits)
    pointed = []
    for each in module.check(Subject(load(*edits), date(2026, 3, 3))):
        at = each.location
        assert at is not None
        assert each.help
        if at.file == only:
            line = (files.read(at.file) or b"").decode().splitlines()[at.line - 1]
            pointed.append((each.code, line[at.column - 1 : at.end_column - 1] if at.end_column else ""))
    return pointed


def opened(steps: str) -> list[Edit]:
    body = textwrap.indent(textwrap.dedent(steps).strip(), "    ")
    return [add("policies/actions.yaml", ACTIONS), put(BILLING, STEP, body)]


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("data-missing: {}", []),
        ("data-missing: {within: 16h}", []),  # at most as long as sixteen open hours
        ("data-missing: {within: 17h}", []),  # not longer at night
        ("data-missing: {within: {time: 16h, calendar: office}}", []),
        ("data-missing: {within: {time: 17h, calendar: office}}", [("SUR902", "{time: 17h, calendar: office}")]),
    ],
)
def test_recovery_and_outcome_in_business_time(use: str, expected: list[tuple[str, str]]) -> None:
    assert found(recovery, put(BILLING, "data-missing: {}", use)) == expected


def test_recovery_on_the_wall_clock_and_of_the_class_itself() -> None:
    assert found(recovery, put(REST, "{within: 4h}", "{within: 1d}"), only=REST) == []
    assert found(recovery, put(REST, "{within: 4h}", "{within: 25h}"), only=REST) == [("SUR902", "25h")]
    later = put(EXCEPTIONS, "within: {time: 8h, calendar: office}", "within: 2d")
    assert found(recovery, put(REST, "{within: 4h}", "{}"), later, only=REST) == [("SUR902", "data-missing")]


@pytest.mark.parametrize(
    ("owner", "fires"),
    [("{person: cyd}", True), ("{role: manager}", True), ("{team: desk}", False), ("{person: ann}", False)],
)
def test_one_person_by_two_names_is_nobody_new(owner: str, fires: bool) -> None:
    alone = put(REST, "ladder: [primary, escalation_owner]", "ladder: [escalation_owner]")
    use = put(REST, "{within: 4h}", f"{{within: 4h, owner: {owner}}}")
    assert found(recovery, alone, use, only=REST) == ([("SUR902", owner)] if fires else [])
    assert found(recovery, use, only=REST) == [], "the primary is helped by somebody else"


def test_each_check_that_is_not_demanded_is_a_finding() -> None:
    all_of_it = "[outcome_evidence, tasks_done, fields_consistent, delivered]"
    old = "verify: [outcome_evidence, tasks_done]"
    assert found(closing) == [("SUR905", "[outcome_evidence, tasks_done]")] * 2
    assert found(closing, put(BILLING, old, f"verify: {all_of_it}")) == []
    codes = [code for code, _ in found(closing, put(BILLING, old, "verify: [tasks_done]"))]
    assert codes == ["SUR905", "SUR905", "SUR908"]


@pytest.mark.parametrize(
    ("edits", "fires"),
    [
        ([put(BILLING, STEP, "    - set_fields: {reply_link: x}")], True),
        ([put(BILLING, STEP, "    - set_fields: {reply_link: null}")], False),
        ([put(BILLING, "    type: billing\n", "    type: billing\n    reply_link: {set: true}\n")], True),
        ([put(BILLING, "    type: billing\n", "    type: billing\n    reply_link: {like: 'x*'}\n")], True),
        ([put(BILLING, "    type: billing\n", "    type: billing\n    reply_link: {set: false}\n")], False),
        ([put(BILLING, "    type: billing\n", "    type: billing\n    any: [{reply_link: x}]\n")], False),
        ([put("policies/evidence.yaml", "field: reply_link", "field: escalation_owner")], True),
        ([put("policies/evidence.yaml", "field: reply_link", "field: status")], True),
        ([put("policies/evidence.yaml", ", field: reply_link", "")], False),
        ([put(BILLING, STEP, "    - set_fields: {reply_link: x}"), put(BILLING, "[reply]", "[reply, photo]")], False),
        ([put(BILLING, "  resolved:\n", "  resolved:\n    - set_fields: {reply_link: x}\n")], False),
    ],
)
def test_evidence_that_is_there_by_itself_proves_nothing(edits: list[Edit], fires: bool) -> None:
    codes = [code for code, _ in found(closing, *edits)]
    assert ("SUR908" in codes) is fires


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- note: {text: x}", []),
        ("- set_fields: {vip: true}", [("SUR906", "set_fields")]),
        ("- set_fields: {vip: true}\n  undo: restore", []),
        ("- set_fields: {vip: true}\n  undo: {never: Why.}", []),
        ("- assign: {to: owner}", [("SUR906", "assign")]),
        ("- create_ticket: {subject: x, body: y}", [("SUR906", "create_ticket")]),
        ("- action: {run: look}", []),
        ("- action: {run: change}", [("SUR912", "action")]),
        ("- action: {run: undone}", []),
        ("- action: {run: final}", []),
        ("- action: {run: change}\n  undo: {action: undone}", []),
        ("- action: {run: unknown}", []),
        (
            "- choose:\n    branches:\n    - name: all\n      steps:\n      - set_fields: {vip: true}",
            [("SUR906", "set_fields")],
        ),
    ],
)
def test_what_changes_something_says_how_it_is_taken_back(step: str, expected: list[tuple[str, str]]) -> None:
    assert [each for each in found(step_undo, *opened(step)) if each != ("SUR906", "create_ticket")] == [
        each for each in expected if each != ("SUR906", "create_ticket")
    ]
    resolved = 1  # the minimal repository creates a ticket when it is resolved
    assert found(step_undo, *opened(step)).count(("SUR906", "create_ticket")) == resolved + expected.count(
        ("SUR906", "create_ticket")
    )


def test_an_action_given_to_a_block_is_judged_by_what_is_given() -> None:
    path = "templates/blocks/act.yaml"
    text = "schema: surety/v1\nkind: Block\nname: act\nsummary: Acts.\ninputs: {what: {type: action, summary: x}}\n"
    block = add(path, f"{text}steps:\n  - action: {{run: $what}}\n")
    for name, expected in (("change", [("SUR912", "action")]), ("undone", [])):
        assert found(step_undo, *opened(f"- use: act\n  with: {{what: {name}}}"), block, only=path) == expected


def branches(first: str, second: str, when: str = "{vip: true}") -> str:
    one, two = (textwrap.indent(text, "      ") if text else "" for text in (first, second))
    head = f"- choose:\n    branches:\n    - name: one\n      when: {when}\n"
    return (
        head
        + (f"      steps:\n{one}\n" if one else "")
        + "    - name: two\n"
        + (f"      steps:\n{two}\n" if two else "")
    )


FINAL, PAY = "- action: {run: final}", "- action: {run: pay}"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (FINAL, 1),
        ("- action: {run: change}", 0),
        (PAY, 1),
        (f"{APPROVE}\n{FINAL}", 0),
        (f"{FINAL}\n{APPROVE}", 1),
        (f"{APPROVE}\n{branches(FINAL, PAY)}", 0),
        (branches(FINAL, PAY), 2),
        (branches(f"{APPROVE}\n{FINAL}", ""), 0),
        (f"{branches(APPROVE, '')}{FINAL}", 1),
        (f"{branches(APPROVE, APPROVE)}{FINAL}", 0),
        (f"{branches('', APPROVE)}{FINAL}", 1),
        (branches(PAY, "", "{amount: {less_than: 100}}"), 0),
        (branches(PAY, "", "{amount: {less_than: 101}}"), 1),
        (branches(PAY, "", "{amount: {at_most: 99}}"), 0),
        (branches(PAY, "", "{amount: {at_most: 100}}"), 1),
        (branches(PAY, "", "{amount: 50}"), 0),
        (branches(PAY, "", "{all: [{vip: true}, {amount: {is: [1, 2]}}]}"), 0),
        (branches(PAY, "", "{any: [{amount: 50}]}"), 1),
        (branches(FINAL, "", "{amount: {less_than: 100}}"), 1),
        (branches(branches(PAY, ""), "", "{amount: {less_than: 100}}"), 0),
    ],
)
def test_a_yes_comes_before_what_cannot_be_taken_back(steps: str, expected: int) -> None:
    limit = put(LIMITS, "step_within: 10m", "step_within: 10m\napproval_above: {amount: 100}")
    every = found(approvals, *opened(steps), limit)
    assert [code for code, _ in every] == ["SUR907"] * expected
    assert {text for _, text in every} <= {"final", "pay"}


def test_an_amount_without_a_limit_needs_no_approval() -> None:
    assert found(approvals, *opened(PAY)) == []


def test_a_block_is_judged_where_it_is_used() -> None:
    text = "schema: surety/v1\nkind: Block\nname: {}\nsummary: Acts.\nsteps:\n"
    inner = add("templates/blocks/inner.yaml", text.format("inner") + "  - action: {run: final}\n")
    outer = add("templates/blocks/outer.yaml", text.format("outer") + "  - use: inner\n")
    assert found(approvals, *opened("- use: outer"), inner, outer) == [("SUR907", "outer")]
    assert found(approvals, *opened(f"{APPROVE}\n- use: outer"), inner, outer) == []
    asking = add("templates/blocks/outer.yaml", text.format("outer") + f"  {APPROVE}\n  - use: inner\n")
    assert found(approvals, *opened("- use: outer"), inner, asking) == []


def test_an_approval_of_another_lifecycle_point_does_not_count() -> None:
    later = put(BILLING, "  resolved:\n", "  exhausted:\n    - action: {run: final}\n  resolved:\n")
    assert found(approvals, *opened(APPROVE), later) == [("SUR907", "final")]


@pytest.mark.parametrize(
    ("require", "fires"),
    [
        ("[reason, next_step, expected_at]", False),
        ("[reason, next_step]", True),
        ("[next_step, expected_at]", True),
        ("[reason, expected_at, artifacts]", True),
    ],
)
def test_what_a_handoff_carries(require: str, fires: bool) -> None:
    assert found(handoffs, put(BILLING, "[reason]", require)) == ([("SUR909", require)] if fires else [])


def test_evidence_in_no_field_travels_with_the_handoff() -> None:
    loose = put(BILLING, "evidence: [reply]", "evidence: [reply, photo]")
    require = "[reason, next_step, expected_at]"
    assert found(handoffs, loose, put(BILLING, "[reason]", require)) == [("SUR909", require)]
    assert found(handoffs, loose, put(BILLING, "[reason]", "[reason, next_step, expected_at, artifacts]")) == []


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("[]", []),
        ("[{rotation: second}, {role: manager}]", []),
        ("[{rotation: first}, {role: manager}]", ["{rotation: first}"]),
        ("[{team: desk}, {team: desk}]", ["{team: desk}"]),
        ("[{team: desk}, {role: manager}, {team: desk}]", []),
    ],
)
def test_a_sequence_goes_on_to_somebody_else(sequence: str, expected: list[str]) -> None:
    edit = put(
        BILLING,
        "[reason], accept_within: 30m, at_most: 2",
        f"[reason], accept_within: 30m, at_most: 0, sequence: {sequence}",
    )
    assert [text for code, text in found(handoffs, edit) if code == "SUR910"] == expected


def test_steps_that_never_run() -> None:
    runs = put(BILLING, "  resolved:\n", "  exception:\n    - note: {text: x}\n  resolved:\n")
    assert found(unreachable_steps, runs) == []
    none = put(BILLING, "exceptions:\n  data-missing: {}", "exceptions: {}")
    assert found(unreachable_steps, runs, none) == [("SUR911", "exception")]


def test_a_branch_with_the_condition_of_an_earlier_one_never_wins() -> None:
    twice = (
        "- choose:\n    branches:\n    - {name: a, when: {vip: true}}\n    - {name: b, when: {vip: false}}\n"
        "    - {name: c, when: {vip: true}}\n    - {name: rest}"
    )
    assert found(unreachable_steps, *opened(twice)) == [("SUR911", "when")]


def test_leaving_says_nothing_when_it_is_closed() -> None:
    for point, expected in (("closed", [("SUR911", "on_leave")]), ("exhausted", [])):
        step = f"  {point}:\n    - note: {{text: x}}\n      on_leave: finish\n"
        assert found(unreachable_steps, put(BILLING, "  resolved:\n", f"{step}  resolved:\n")) == expected


@pytest.mark.parametrize("module", [approvals, closing, handoffs, recovery, step_undo, unreachable_steps])
def test_without_policies_nothing_is_guessed(module: RuleModule) -> None:
    gone = [add(path, "kind: [") for path in (LIMITS, EXCEPTIONS, "policies/evidence.yaml", "policies/people.yaml")]
    assert {code for code, _ in found(module, *gone)} <= {"SUR905", "SUR906", "SUR909"}


@pytest.mark.parametrize(
    ("word", "ticket", "fires"),
    [
        ("a task of nobody", "{subject: A, body: B, task: true}", True),
        ("a task of somebody", "{subject: A, body: B, task: true, assign: owner}", False),
        ("a task of a team", "{subject: A, body: B, task: true, assign: {team: desk}}", False),
        ("no task", "{subject: A, body: B}", False),
        ("expressly no task", "{subject: A, body: B, task: false}", False),
    ],
)
def test_a_task_is_somebodys_to_do(word: str, ticket: str, fires: bool) -> None:
    step = put(BILLING, STEP, f"    - create_ticket: {ticket}")
    assert found(task_without_assignee, step) == ([("SUR516", "task")] if fires else []), word
    branches = f"{{branches: [{{name: a, steps: [{{create_ticket: {ticket}}}]}}]}}"
    inside = put(BILLING, STEP, f"    - choose: {branches}")
    assert found(task_without_assignee, inside) == ([("SUR516", "task")] if fires else []), f"{word}, in a branch"


def test_a_task_for_which_no_close_waits_is_not_this_rules() -> None:
    step = put(BILLING, STEP, "    - create_ticket: {subject: A, body: B, task: true}")
    unasked = put(BILLING, "outcome_evidence, tasks_done", "outcome_evidence")
    assert found(task_without_assignee, step, unasked) == []


@pytest.mark.parametrize(
    ("ticket", "fires"),
    [
        ("{subject: A, body: B, task: true}", True),
        ("{subject: A, body: B, task: $wait}", True),  # with some value it is one
        ("{subject: A, body: B, task: $wait, assign: $who}", False),
        ("{subject: A, body: B, task: false}", False),
    ],
)
def test_a_task_in_a_block_is_told_once_at_the_block(ticket: str, fires: bool) -> None:
    block = put(
        "templates/blocks/alarm.yaml",
        "inputs:\n",
        "inputs:\n  wait: {type: boolean, summary: Whether the close waits., default: true}\n",
    )
    step = put("templates/blocks/alarm.yaml", "steps:\n", f"steps:\n  - create_ticket: {ticket}\n")
    again = put(BILLING, STEP, "    - use: alarm\n      with: {who: owner}")
    told = found(task_without_assignee, block, step, again, only="templates/blocks/alarm.yaml")
    assert told == ([("SUR516", "task")] if fires else [])


def test_no_time_is_blamed_by_two_rules() -> None:
    everything = [
        put(REST, "{within: 4h}", "{within: 3d}"),
        put(REST, "accept_within: 1h", "accept_within: 3d"),
        put(REST, "  checklist: [clear]", "  checklist: [clear]\n  checklist_within: 3d\n  progress_within: 3d"),
    ]
    subject = Subject(load(*everything), date(2026, 3, 3))
    recovered = {each.pointer for each in recovery.check(subject)}
    contradicting = {each.pointer for each in contradicting_times.check(subject)}
    assert recovered == {"/exceptions/data-missing/within"}
    assert contradicting == {"/handoff/accept_within", "/accept/checklist_within", "/accept/progress_within"}
