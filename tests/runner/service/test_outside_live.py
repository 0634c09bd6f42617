"""What others do to tickets, over HTTP: the service against a real helpdesk, with webhooks, in stepped time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.helpdesk.port import Applied, Ticket
from tests.runner.service.company import ANNA, BILLING, MIRIAM, TOMASZ
from tests.runner.service.serving import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made: Path = tmp_path_factory.mktemp("outside")
    governed = Running(made)
    files = {
        "templates/enterprise-billing/template.yaml": edited(
            governed,
            "templates/enterprise-billing/template.yaml",
            ("\noutcome:\n", "\n  group_by: [account.name]\ndrift: {fields: restore}\noutcome:\n"),
            ("  resolution_codes: [refunded", "  reopen_within: 2h\n  resolution_codes: [refunded"),
        )
    }
    governed.repository.commit(files, "what happens outside")
    with governed as entered:
        yield entered


def edited(running: Running, path: str, *changes: tuple[str, str]) -> str:
    text = (running.repository.folder / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def opened(running: Running, subject: str) -> tuple[str, str]:
    """An escalation of an account of its own, and its ticket."""
    escalation = running.opened(subject, {**BILLING, "account.name": subject})
    return escalation, str(running.get(f"/api/escalations/{escalation}")["ticket"])


def write(running: Running, ref: str, **fields: Any) -> None:
    key = f"{ref} {sorted(fields.items())} {len(running.customer.history(ref, 1000))}"
    assert isinstance(running.customer.set_fields(ref, fields, key), Applied)
    running.stepper.settle()


def read(running: Running, ref: str) -> Ticket:
    ticket = running.helpdesk.get(ref)
    assert isinstance(ticket, Ticket)
    return ticket


def types(running: Running, escalation: str) -> list[str]:
    return [event["type"] for row in running.timeline(escalation) for event in row["events"]]


def test_our_own_writes_are_never_taken_for_somebody_elses(running: Running) -> None:
    escalation, ref = opened(running, "own writes")
    running.did(
        escalation, "accept", ANNA, {"offer": 1, "answers": dict.fromkeys(checklist(running, escalation), True)}
    )
    write(running, ref, subject="own writes, and a word of the customer")
    assert read(running, ref).fields["group"] == "Finance", "a step has written it"
    assert "DriftFound" not in types(running, escalation)
    assert running.get(f"/api/cases/{ref}")["escalation"] == escalation


def checklist(running: Running, escalation: str) -> list[str]:
    found: list[str] = list(running.get(f"/api/escalations/{escalation}")["checklist"])
    return found


def test_what_somebody_else_writes_is_written_back_twice_and_then_reported(running: Running) -> None:
    escalation, ref = opened(running, "fought over")
    for times in (1, 2, 3):
        write(running, ref, escalation_owner="tomasz.nowak", group="Legal")
        assert types(running, escalation).count("FieldsRequested") == min(times, 2)
    ticket = read(running, ref)
    assert (ticket.fields["escalation_owner"], ticket.fields["group"]) == ("tomasz.nowak", "Legal")
    assert [e for e in types(running, escalation) if e == "DriftFound"] == ["DriftFound"] * 6


def test_an_escalation_follows_its_ticket_into_another(running: Running) -> None:
    escalation, ref = opened(running, "merged")
    into = running.ticket("target", {**BILLING, "type": "question", "priority": "normal"})
    token = {"Authorization": "Bearer token-of-ann"}
    answer = httpx.post(f"{running.desk_url}/tickets/{ref}/merge", json={"into": into}, headers=token, trust_env=False)
    assert answer.is_success, answer.text
    running.stepper.settle()
    assert running.get(f"/api/escalations/{escalation}")["ticket"] == into
    case = running.get(f"/api/cases/{ref}")
    assert (case["merged_into"], case["escalation"]) == (into, None)
    assert running.get(f"/api/cases/{into}")["escalation"] == escalation
    assert read(running, into).fields["escalation_owner"] == "anna.keller"
    assert "DriftFound" not in types(running, escalation)


def test_a_copy_is_linked_and_both_tickets_say_so(running: Running) -> None:
    escalation, ref = opened(running, "twice")
    copy = running.ticket("twice, from the shared mailbox", {**BILLING, "account.name": "twice"})
    view = running.get(f"/api/cases/{copy}")
    assert (view["escalation"], view["linked_to"], view["why"]) == (None, escalation, "linked")
    here, there = ([e.text for e in running.helpdesk.history(each, 50) if e.kind == "comment"] for each in (ref, copy))
    assert f"Linked ticket: {copy} (the same cause)" in here
    assert there == [f"The same cause as {ref}: escalation {escalation} stands for both."]
    assert "escalation_owner" not in read(running, copy).fields


def test_what_was_closed_is_opened_again_by_its_owner_and_by_its_ticket(running: Running) -> None:
    escalation, ref = opened(running, "closed too early")
    running.did(escalation, "override", MIRIAM, {"action": "close", "text": "A duplicate.", "code": "duplicate"})
    refused = running.post(escalation, "reopen", TOMASZ, {"text": "It is not."})
    assert (refused.status_code, refused.json()["error"]) == (409, "not_yours")
    view = running.did(escalation, "reopen", MIRIAM, {"text": "It is none."})
    assert (view["state"], view["accountable"]) == ("offered", ANNA)
    running.did(escalation, "override", MIRIAM, {"action": "close", "text": "A duplicate.", "code": "duplicate"})
    write(running, ref, status="solved")
    write(running, ref, status="open")
    assert running.get(f"/api/escalations/{escalation}")["state"] == "offered"
    assert read(running, ref).fields["escalation_state"] == "offered"
