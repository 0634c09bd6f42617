"""Exceptions, remedies, post-mortems and the checklist through HTTP: what people see of them, and what they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.runner.service.company import ANNA, MIRIAM, PROOF, TOMASZ
from tests.runner.service.serving import Running

TEXT = "the contract is with legal"
TASK = {"title": "Find the signed contract", "owner": TOMASZ, "due": "2026-03-03T16:00:00+01:00"}
RAISED = {"exception_class": "data-missing", "text": TEXT, "plan": "Ask sales, then legal.", "tasks": [TASK]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("exceptions")) as made:
        yield made


def last(running: Running, escalation: str, command: str) -> dict[str, Any]:
    return next(row for row in reversed(running.timeline(escalation)) if row["command"] == command)


def refused(running: Running, escalation: str, action: str, person: str, body: dict[str, Any]) -> tuple[str, str]:
    answer = running.post(escalation, action, person, body)
    assert answer.status_code == 409, answer.text
    return answer.json()["error"], answer.json()["detail"]


def checklist(running: Running, escalation: str) -> dict[str, dict[str, Any]]:
    return {item["item"]: item for item in running.get(f"/api/escalations/{escalation}/checklist")["items"]}


def test_an_exception_with_a_plan_and_tasks(running: Running) -> None:
    escalation, _ = running.accepted("planned")
    view = running.did(escalation, "raise-exception", ANNA, RAISED)
    [raised] = view["exceptions"]
    wanted = {"task": 1, **TASK, "due": "2026-03-03T15:00:00.000000Z", "done": False}
    assert raised["tasks"] == [wanted]
    assert last(running, escalation, "RaiseException")["texts"] == {
        "text": TEXT,
        "plan": "Ask sales, then legal.",
        "tasks": ["Find the signed contract"],
    }
    assert b"signed contract" not in running.bodies(escalation)


def test_tasks_are_added_finished_and_waited_for(running: Running) -> None:
    escalation, _ = running.accepted("tasks")
    running.did(escalation, "raise-exception", ANNA, RAISED)
    more = {"exception": 1, "title": "Call the customer", "owner": "sofia-rossi"}
    view = running.did(escalation, "add-task", ANNA, more)
    assert [task["owner"] for task in view["exceptions"][0]["tasks"]] == [TOMASZ, "sofia-rossi"]
    assert last(running, escalation, "AddTask")["texts"] == {"tasks": ["Call the customer"]}
    end = {"exception": 1, "text": "all is here"}
    assert refused(running, escalation, "end-exception", ANNA, end)[0] == "tasks_open"
    running.did(escalation, "finish-task", TOMASZ, {"exception": 1, "task": 1, "text": "attached"})
    running.did(escalation, "finish-task", "sofia-rossi", {"exception": 1, "task": 2})
    assert running.did(escalation, "end-exception", ANNA, end)["exceptions"] == []


def test_who_has_a_task_finds_it_among_what_is_theirs_and_reads_its_title(running: Running) -> None:
    escalation, _ = running.accepted("whose")
    running.did(escalation, "raise-exception", ANNA, RAISED)
    mine = running.get("/api/escalations", TOMASZ, mine="true", limit=500)["escalations"]
    assert escalation in {each["id"] for each in mine}
    running.stepper.settle()
    told = [str(each.body) for each in running.receiver.received if "a task for recovery is yours" in str(each.body)]
    assert any("Find the signed contract" in each for each in told)


def test_a_refusal_that_asks_others_is_a_refusal_with_its_noes(running: Running) -> None:
    escalation, _ = running.accepted("remedy")
    running.did(escalation, "raise-exception", ANNA, RAISED)
    error, detail = refused(running, escalation, "resolve", ANNA, {"evidence": PROOF})
    assert error == "exception_open"
    assert "tasks_done: task 1 of data-missing is not done" in detail
    view = running.get(f"/api/escalations/{escalation}")
    row = last(running, escalation, "Resolve")
    assert row["refused"]["reason"] == "exception_open"
    assert [event["type"] for event in row["events"]][:2] == ["ResolutionRefused", "RemediationAsked"]
    [remedy] = [each for each in view["remedies"] if each["to"] == TOMASZ]
    assert remedy["what"] == "tasks_done: task 1 of data-missing is not done"


def test_the_same_key_gets_the_same_refusal_and_asks_nobody_twice(running: Running) -> None:
    escalation, _ = running.accepted("remedy with key")
    running.did(escalation, "raise-exception", ANNA, RAISED)
    answers = [running.post(escalation, "resolve", ANNA, {"evidence": PROOF}, key="r") for _ in range(2)]
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.text for answer in answers}) == 1
    assert sum(row["command"] == "Resolve" for row in running.timeline(escalation)) == 1


def test_a_post_mortem(running: Running) -> None:
    escalation, _ = running.accepted("post-mortem")
    view = running.did(escalation, "attach-postmortem", ANNA, {"text": "What went wrong.", "remediation_owner": MIRIAM})
    assert view["postmortem"] == {"demanded": False, "attached": True, "remediation_owner": MIRIAM}
    assert last(running, escalation, "AttachPostmortem")["texts"] == {"text": "What went wrong."}


def test_the_checklist_of_one_that_was_closed(running: Running) -> None:
    escalation, _ = running.accepted("checklist")
    found = checklist(running, escalation)
    assert (found["outcome"]["answer"], found["outcome"]["who"]) == ("no", ANNA)
    running.did(escalation, "resolve", ANNA, {"evidence": PROOF})
    running.stepper.settle()
    running.did(escalation, "close", ANNA, {"code": "refunded", "impact": 4})
    found = checklist(running, escalation)
    assert {item["answer"] for item in found.values()} <= {"yes", "not_needed"}
    closed = last(running, escalation, "Close")
    assert found["code_and_impact"]["decision"] == closed["seq"]
    assert found["code_and_impact"]["because"] == "refunded, impact 4"


def test_the_checklist_of_none(running: Running) -> None:
    answer = running.http.get("/api/escalations/nonsense/checklist", headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_escalation")
    assert running.http.get("/api/escalations/nonsense/checklist").status_code == 401


def test_what_is_proven_no_more_is_not_closed(running: Running) -> None:
    """The invoice number vanishes from the ticket before it is closed."""
    escalation, _ = running.accepted("vanished")
    ticket = running.get(f"/api/escalations/{escalation}")["ticket"]
    running.customer.set_fields(ticket, {"invoice_id": "INV-1"}, f"invoice {ticket}")
    running.did(escalation, "resolve", ANNA, {"evidence": {"customer_confirmation": "mail"}})
    running.stepper.settle()
    running.customer.set_fields(ticket, {"invoice_id": None}, f"no invoice {ticket}")
    error, detail = refused(running, escalation, "close", MIRIAM, {"code": "refunded"})
    assert (error, detail) == ("not_verified", "outcome_evidence: invoice_id is missing")
    view = running.get(f"/api/escalations/{escalation}")
    assert (view["state"], view["holder"]) == ("accepted", ANNA)
    assert [each["to"] for each in view["remedies"]] == [ANNA]
