"""Exception classes in a contract: demands, approved runbooks, and whose those are that only the runner raises."""

from __future__ import annotations

import pytest

from runner.contract.contract import BoxOf, Contract
from runner.contract.values import OwnerRef
from tests.runner.contract.repository import Drop, Edit, add, load, put, revision

CLASSES = "policies/exceptions.yaml"
DAY = 24 * 3600
HEAD = "schema: surety/v1\nkind: Block\nsummary: For a test.\n"
TRIAGE = add(
    "templates/blocks/triage.yaml",
    HEAD + "name: triage\ninputs: {hint: {type: text, summary: x, default: Look around.}}\n"
    'steps:\n  - note: {text: "{{ inputs.hint }}"}\n  - notify: {who: owner, message: Begin.}\n',
)


def billing(*edits: Edit | Drop) -> Contract:
    return revision(*edits).contracts["billing"]


def within(more: str) -> Edit:
    """More about the class that the templates allow."""
    return put(CLASSES, "    summary: Facts are missing.", f"    summary: Facts are missing.\n    {more}")


def declared(text: str) -> Edit:
    """One more class."""
    return put(CLASSES, "classes:", f"classes:\n  {text}")


def test_demands_go_into_the_contract() -> None:
    assert billing().exceptions["data-missing"].requires == ()
    assert billing(within("requires: [plan, tasks]")).exceptions["data-missing"].requires == ("plan", "tasks")


def test_the_approved_block_is_run_for_its_class() -> None:
    contract = billing(TRIAGE, within("runbook: triage"))
    note, notify = contract.runbook["exception:data-missing"]
    assert (note.kind, notify.kind) == ("note", "notify")
    assert note.inputs == {"hint": "Look around."}
    assert note.rule == "exceptions#/classes/data-missing/runbook > triage#/steps/0"
    assert Contract.load(contract.canonical) == contract


def test_its_rules_have_places() -> None:
    found = revision(TRIAGE, within("runbook: triage"))
    places = {
        "exceptions#/classes/data-missing": "policies/exceptions.yaml:4:3",
        "exceptions#/classes/data-missing/runbook": "policies/exceptions.yaml:6:5",
        "exceptions#/classes/data-missing/runbook > triage#/steps/0": "templates/blocks/triage.yaml:7:5",
    }
    assert {rule: str(found.place(rule)) for rule in places} == places
    assert "exceptions#/classes/data-missing" in found.lines()["rest"]


def test_a_class_that_no_template_allows_is_run_for_nobody() -> None:
    contract = billing(TRIAGE, put(CLASSES, "    summary: Nobody may touch it.", "    summary: x\n    runbook: triage"))
    assert not any(point.startswith("exception:") for point in contract.runbook)


def test_a_class_that_only_the_runner_raises_is_run_for_every_template() -> None:
    gone = declared("gone: {summary: It is gone., owner: {team: desk}, within: 2h, runbook: triage}")
    found = revision(TRIAGE, gone).contracts
    for contract in found.values():
        assert len(contract.runbook["exception:gone"]) == 2
        assert contract.built_in["gone"].owner == OwnerRef(team="desk")
        assert contract.class_of("gone").within == BoxOf(seconds=2 * 3600, calendar=None)
        assert contract.class_of("gone").rule == "exceptions#/classes/gone"


def test_its_calendar_goes_into_the_contract() -> None:
    """The templates' own boxes in that calendar are taken away first."""
    gone = declared("gone: {summary: It is gone., owner: {team: desk}, within: {time: 2h, calendar: office}}")
    plain = put(CLASSES, "    within: {time: 8h, calendar: office}", "    within: 8h")
    assert "office" in billing(gone, plain).calendars


def test_nothing_declared_is_the_escalation_owners() -> None:
    contract = billing()
    assert contract.built_in == {}
    found = contract.class_of("undelivered")
    assert (found.owner, found.within.seconds) == (contract.owners["escalation_owner"], contract.limits.remind_every)


def test_an_older_contract_still_loads() -> None:
    """It says nothing of what only the runner raises."""
    contract = billing()
    data = contract.canonical.replace(b'"built_in":{},', b"")
    assert data != contract.canonical
    assert Contract.load(data).class_of("gone").rule == "limits#/remind_every"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("runbook: alarm", "the block `alarm` needs `who`, and an exception class gives it nothing"),
        ("runbook: traige", "there is no block `traige`"),
    ],
)
def test_a_block_that_cannot_be_run_is_found_once(edit: str, message: str) -> None:
    (found,) = load(TRIAGE, within(edit)).findings
    assert (found.message, str(found.location)) == (message, "policies/exceptions.yaml:6:14")


def test_a_step_of_the_block_is_checked_like_any_other() -> None:
    wrong = add(
        "templates/blocks/triage.yaml", HEAD + "name: triage\nsteps:\n  - notify: {who: {team: x}, message: m}\n"
    )
    found = load(wrong, within("runbook: triage")).findings
    assert [str(each.location) for each in found] == ["templates/blocks/triage.yaml:6:26"]
