"""Questions through HTTP: what the one who is asked sees and is told, answers right and wrong, and what follows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from runner.helpdesk.port import Ticket
from tests.runner.service.company import ANNA, MIRIAM, START, TOMASZ
from tests.runner.service.serving import Running

TEMPLATE = "templates/enterprise-billing/template.yaml"
STEPS = """
- name: money
  ask:
    who: {person: tomasz-nowak}
    question: "What does {{ ticket.account.name | default: 'the customer' }} get?"
    guidance: "Up to {{ ticket.amount }} a credit will do."
    answers:
      way: [refund, credit]
      amount: {type: number, default: 100}
      why: {type: text, required: false}
    within: 4h
    otherwise: escalate
- note: {text: "{{ steps.money.way }} of {{ steps.money.amount }}: {{ steps.money.why | default: 'no reason' }}"}
- choose:
    of: money
    branches:
    - {name: refund, answer: {way: refund}, steps: [{set_fields: {priority: urgent}}]}
    - name: rest
      steps:
      - choose: {branches: [{name: high, when: {priority: high}, steps: [{note: {text: It is high.}}]}, {name: low}]}
- wait: {until: {status: pending}, within: 4h, otherwise: go_on}
- note: {text: Waited.}
- approve:
    who: {person: tomasz-nowak}
    question: "{{ steps.money.way }}, because {{ steps.money.why | default: 'nobody knows' }}?"
    guidance: "It is due {{ escalation.outcome_due }}."
    within: 4h
    otherwise: fail
"""
TEXT = "they were right, says +49 170 1234567"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("questions"))
    path = made.repository.folder / TEMPLATE
    steps = textwrap.indent(STEPS.strip("\n"), "    ")
    text = path.read_text(encoding="utf-8").replace("runbook:\n  open:\n", f"runbook:\n  open:\n{steps}\n")
    made.repository.commit({TEMPLATE: text}, "ask")
    with made:
        yield made


def asked(running: Running, escalation: str) -> dict[str, Any]:
    (found,) = running.get(f"/api/escalations/{escalation}")["questions"]
    assert isinstance(found, dict)
    return found


def notes(running: Running, ticket: str) -> list[str | None]:
    return [entry.text for entry in running.helpdesk.history(ticket, 50) if entry.kind == "comment"]


def test_the_one_who_is_asked_sees_what_is_wanted_and_is_told(running: Running) -> None:
    escalation = running.opened("seen")
    found = asked(running, escalation)
    assert found["told"] is True
    assert (found["to"], found["name"], found["kind"]) == (TOMASZ, "money", "ask")
    assert found["question"] == "What does Acme get?"
    assert found["guidance"] == "Up to {{ ticket.amount }} a credit will do.", "asked all the same"
    assert found["due"] == "2026-03-03T12:00:00.000000Z"
    assert found["answers"]["way"] == {
        "type": "choice",
        "values": ["refund", "credit"],
        "default": None,
        "required": True,
    }
    mine = running.get("/api/escalations", TOMASZ, mine="true", limit=500)["escalations"]
    assert escalation in [each["id"] for each in mine]
    message = [each.body for each in running.receiver.received if each.body.get("about") == "question"][-1]
    assert message["person"] == TOMASZ
    assert message["text"].splitlines()[-5:] == [
        "What does Acme get?",
        "Up to {{ ticket.amount }} a credit will do.",
        "- amount: a number; 100 if left out",
        "- way: one of refund, credit",
        "- why: a text; may be left out",
    ]
    assert "Answer it by 2026-03-03 13:00" in message["text"]


def test_an_answer_goes_on_with_the_run(running: Running) -> None:
    escalation = running.opened("answered")
    offer = asked(running, escalation)["offer"]
    body = {"offer": offer, "answers": {"way": "refund"}, "texts": {"why": TEXT}}
    view = running.did(escalation, "answer", TOMASZ, body)
    assert view["questions"] == []
    row = next(each for each in running.timeline(escalation) if each["command"] == "Answer")
    assert row["texts"] == {"texts": {"why": TEXT}}
    assert [event["type"] for event in row["events"]][:2] == ["QuestionAnswered", "StepSucceeded"]
    assert TEXT.encode() not in running.bodies(escalation)
    ticket = running.helpdesk.get(view["ticket"])
    assert isinstance(ticket, Ticket)
    assert ticket.fields["priority"] == "urgent"
    assert f"refund of 100: {TEXT}" in notes(running, view["ticket"])
    running.customer.set_fields(view["ticket"], {"status": "pending"}, "answered and pending")
    running.stepper.settle()
    allowing = asked(running, escalation)
    assert (allowing["kind"], allowing["question"]) == ("approve", f"refund, because {TEXT}?")
    assert allowing["guidance"] == "It is due 2026-03-04 17:00 CET.", "as they read it in Warsaw"
    assert list(allowing["answers"]) == ["approved"]
    view = running.did(escalation, "answer", TOMASZ, {"offer": allowing["offer"], "answers": {"approved": True}})
    assert view["questions"] == []
    sent = [each.body["text"] for each in running.receiver.received if TEXT in str(each.body.get("text"))]
    assert any("- approved: true or false" in text for text in sent)


def test_a_choice_and_a_wait_look_at_the_ticket(running: Running) -> None:
    escalation = running.opened("looked")
    view = running.did(
        escalation, "answer", MIRIAM, {"offer": asked(running, escalation)["offer"], "answers": {"way": "credit"}}
    )
    ticket = view["ticket"]
    assert "It is high." in notes(running, ticket)
    assert "Waited." not in notes(running, ticket)
    running.customer.set_fields(ticket, {"status": "pending"}, "pending")
    running.stepper.settle()
    assert "Waited." in notes(running, ticket)


def test_wrong_answers_are_refused_and_recorded(running: Running) -> None:
    escalation = running.opened("wrong")
    offer = asked(running, escalation)["offer"]
    for status, body, words in (
        (409, {"offer": offer, "answers": {"way": "cash"}}, "way does not fit, wanted: one of refund, credit"),
        (409, {"offer": offer}, "way is missing"),
        (409, {"offer": offer, "answers": {"way": "refund", "why": "short"}}, "why does not fit, wanted: a text"),
        (422, {"offer": offer, "answers": {"way": "x" * 101}}, "a name of at most 100 characters"),
        (422, {"offer": offer, "answers": {"amount": 10**16}}, "a number up to"),
        (422, {"offer": offer, "answers": {"way": ["refund"]}}, "put a text under `texts`"),
        (422, {"offer": offer, "texts": {"why": 5}}, "must be a text"),
    ):
        answer = running.post(escalation, "answer", TOMASZ, body)
        assert answer.status_code == status, answer.text
        assert words in answer.json()["detail"]
    assert running.post(escalation, "answer", ANNA, {"offer": offer}).json()["error"] == "not_yours"
    assert running.post(escalation, "accept", TOMASZ, {"offer": offer, "answers": {}}).json()["error"] == "wrong_offer"
    refused = [row["refused"]["reason"] for row in running.timeline(escalation) if row["refused"]]
    assert refused == ["wrong_answer"] * 3 + ["not_yours", "wrong_offer"]


def test_the_same_answer_with_a_key_counts_once(running: Running) -> None:
    escalation = running.opened("twice")
    body = {"offer": asked(running, escalation)["offer"], "answers": {"way": "credit"}, "texts": {"why": TEXT}}
    first = running.post(escalation, "answer", TOMASZ, body, key="k").json()
    again = running.post(escalation, "answer", TOMASZ, body, key="k").json()
    assert (first["repeated"], again["repeated"]) == (False, True)
    running.stepper.settle()


def test_without_an_answer_it_passes_to_the_escalation_owner(running: Running) -> None:
    escalation = running.opened("passed")
    running.move(START + timedelta(hours=4))
    assert asked(running, escalation)["to"] == MIRIAM
    running.did(
        escalation, "answer", MIRIAM, {"offer": asked(running, escalation)["offer"], "answers": {"way": "credit"}}
    )
