"""Steps that ask, wait and choose: what goes with them, and where they stand in vain."""

from __future__ import annotations

import pytest

from tests.runner.contract.repository import load, put
from tests.runner.contract.test_steps import ASK, BILLING, block, found, here, indented, inside

APPROVE = "approve: {who: owner, question: x, within: 4h, otherwise: fail}"
WAIT = "wait: {until: {priority: high}, within: 4h, otherwise: go_on}"
CHOOSE = "choose: {branches: [{name: rest}]}"
QUESTION = ASK % "a: [b, c]"


@pytest.mark.parametrize("step", [QUESTION, APPROVE, WAIT, "wait: {within: 1h}", CHOOSE])
@pytest.mark.parametrize(("key", "value"), [("timeout", "2m"), ("retry", "{times: 2, every: 1m}")])
def test_what_is_asked_or_waited_for_cannot_be_tried_again(step: str, key: str, value: str) -> None:
    kind = step.partition(":")[0]
    for edits in (here(f"- {step}\n  {key}: {value}"), inside(f"- {step}\n  {key}: {value}")):
        ((code, text, message),) = found(edits)
        assert text == key
        assert code == "SUR104"
        assert message == f"`{key}` does not go with `{kind}`, which cannot be tried again"


def test_two_branches_have_two_names() -> None:
    steps = "- choose:\n    branches:\n    - {name: a, when: {priority: high}}\n    - {name: a}"
    ((_, _, message),) = found(here(steps))
    assert message == "two branches are called `a`"


@pytest.mark.parametrize(
    ("until", "right"),
    [
        ("{priority: high}", True),
        ("{priority: {changed: true}}", True),
        ("{due_at: {past_by: 30m}}", False),
        ("{any: [{priority: high}, {status: {is: open, for: 2h}}]}", False),
    ],
)
def test_a_wait_looks_at_the_ticket_when_it_changes(until: str, right: bool) -> None:
    problems = found(here(f"- wait: {{until: {until}, within: 4h, otherwise: go_on}}"))
    assert [each[0] for each in problems] == ([] if right else ["SUR307"])


CLOSED = [
    (QUESTION, 1),
    (APPROVE, 1),
    (WAIT, 1),
    ("wait: {within: 1h}", 0),
    (CHOOSE, 0),
]


@pytest.mark.parametrize(("step", "problems"), CLOSED)
def test_nothing_waits_for_anybody_once_it_is_closed(step: str, problems: int) -> None:
    kind = step.partition(":")[0]
    last = put(BILLING, "runbook:\n", f"runbook:\n  closed:\n{indented(f'- {step}')}\n")
    assert [(code, text) for code, text, _ in found([last])] == [("SUR311", kind)] * problems


@pytest.mark.parametrize(("step", "problems"), CLOSED)
def test_nor_does_a_block_that_is_used_there(step: str, problems: int) -> None:
    actions, body, _ = block(f"- {step}")
    last = put(BILLING, "runbook:\n", "runbook:\n  closed:\n    - use: odd\n")
    assert [code for code, _, _ in found([actions, body, last])] == ["SUR311"] * problems


def test_a_wait_without_a_condition_goes_on_when_its_time_is_over() -> None:
    revision = load(*here("- wait: {within: 1h}")).revision
    assert revision is not None
    step = revision.contracts["billing"].runbook["open"][-1]
    assert (step.kind, step.otherwise, step.args) == ("wait", "go_on", {"until": None})
