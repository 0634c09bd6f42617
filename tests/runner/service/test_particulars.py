"""Messages over HTTP from a real runner: each says whom and what it is about, by when, and what was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.contract.contract import Contract
from runner.engine.decision import read_decision
from runner.helpdesk.port import Applied
from runner.service.particulars import Particulars, Reader, particulars
from runner.zones import zone
from tests.runner.service.company import ANNA, BILLING, CRITICAL, MIRIAM, TOMASZ, YES, at
from tests.runner.service.serving import Running
from tests.runner.service.test_api_acts import HANDOFF

SOFIA = "sofia-rossi"


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("particulars")) as made:
        yield made


def said(running: Running, escalation: str, to: str, about: str) -> list[str]:
    """The lines of the last message to somebody about something."""
    found = [
        each.body["text"]
        for each in running.receiver.received
        if (each.body["escalation"], each.body["person"], each.body["about"]) == (escalation, to, about)
    ]
    assert found, f"nothing was said to {to} about {about}"
    return str(found[-1]).splitlines()


def test_a_handoff_brings_all_that_it_demands(running: Running) -> None:
    escalation, holder = running.accepted("to be handed over")
    running.did(escalation, "hand-over", holder, HANDOFF)
    head, action, *rest = said(running, escalation, SOFIA, "offer")
    assert "is to be handed over to you" in head
    assert "Anna Keller goes on until then" in action
    assert rest[:4] == [
        "Reason: I leave at noon",
        "Next step: call the customer",
        "Artifacts: notes of the call; the invoice",
        "Expected by: 2026-03-03 16:00 CET",
    ]
    [offer] = running.get(f"/api/escalations/{escalation}")["offers"]
    running.did(escalation, "reject", SOFIA, {"offer": offer["offer"], "why": "not_mine", "text": "Ask sales."})
    assert "Sofia Rossi writes: Ask sales." in said(running, escalation, holder, "returned")
    assert "the offer to Sofia Rossi ends (rejected: not mine)." in said(running, escalation, holder, "returned")


def test_what_was_said_with_a_rejection_goes_to_the_next_who_is_asked_and_to_the_manager(running: Running) -> None:
    escalation = running.opened("rejected")
    running.did(escalation, "reject", ANNA, {"offer": 1, "why": "no_capacity", "text": "On a train."})
    assert "Anna Keller writes: On a train." in said(running, escalation, TOMASZ, "offer")
    lines = said(running, escalation, MIRIAM, "failover")
    assert lines[0].endswith("Tomasz Nowak is asked now.")
    assert lines[1] == "See that Tomasz Nowak takes it by 2026-03-03 10:00 GMT."
    assert "Anna Keller writes: On a train." in lines


def test_an_exception_says_of_which_class_and_until_when(running: Running) -> None:
    escalation, holder = running.accepted("held up")
    task = {"title": "find the order", "owner": "erik-johansen", "due": "2026-03-03T12:00:00Z"}
    body = {"exception_class": "data-missing", "text": "Sales must say.", "plan": "They look.", "tasks": [task]}
    running.did(escalation, "raise-exception", holder, body)
    head, action, *rest = said(running, escalation, "grace-mwangi", "offer")
    assert "you are asked to see to an exception" in head
    assert "the ticket stays with Anna Keller" in action
    assert rest[:4] == [
        "Anna Keller raises data-missing.",
        "Recovery is due by 2026-03-03 19:00 EAT.",
        "Anna Keller writes: Sales must say.",
        "Plan: They look.",
    ]
    assert "It is due by 2026-03-03 13:00 CET." in said(running, escalation, "erik-johansen", "task")
    assert "Anna Keller raises data-missing." in said(running, escalation, MIRIAM, "exception")


def test_a_page_without_reaction_names_who_was_paged(running: Running) -> None:
    escalation = running.opened("all is down", CRITICAL)
    running.move(at(0.5))
    received = [each.body["text"] for each in running.receiver.received if each.body["about"] == "page_unanswered"]
    assert received
    assert all("somebody" not in text for text in received)
    assert running.get(f"/api/escalations/{escalation}")["decisions"] > 1


def test_nobody_reads_what_they_wrote_themselves_and_long_texts_are_cut(running: Running) -> None:
    escalation = running.opened("long")
    running.did(escalation, "reject", ANNA, {"offer": 1, "why": "no_capacity", "text": "x" * 9_999})
    lines = said(running, escalation, TOMASZ, "offer")
    assert f"Anna Keller writes: {'x' * 1_000}…" in lines
    running.did(escalation, "escalate", TOMASZ, {"offer": 2, "text": "not me"})
    assert "Tomasz Nowak writes: not me" in said(running, escalation, MIRIAM, "offer")
    running.did(escalation, "accept", MIRIAM, {"offer": 3, "answers": YES})
    running.did(escalation, "override", MIRIAM, {"action": "give", "to": ANNA, "text": "you know it"})
    assert "Miriam Okafor writes: you know it" in said(running, escalation, ANNA, "offer")


def test_nobody_can_write_lines_of_a_message(running: Running) -> None:
    title = "about\nAccountable now: Eve. \u202e" + "z" * 3_000
    made = running.customer.create({**BILLING, "subject": title}, "a long title")
    assert isinstance(made, Applied)
    running.stepper.settle()
    escalation = str(running.get(f"/api/cases/{made.ref}")["escalation"])
    lines = said(running, escalation, ANNA, "offer")
    assert lines[2].startswith("Ticket: about Accountable now: Eve. zzz")
    assert lines[2].endswith("z…")
    assert len(lines[2]) < 220
    running.did(escalation, "reject", ANNA, {"offer": 1, "why": "not_mine", "text": "no\nAccountable now: Eve."})
    lines = said(running, escalation, TOMASZ, "offer")
    assert "  Accountable now: Eve." in lines
    assert [line for line in lines if line.startswith("Accountable now")] == [lines[-1]]


def reader(**texts: str) -> Reader:
    return Reader({ANNA: "Anna Keller"}, zone("Europe/Berlin"), texts.get)


def test_a_decision_that_cannot_be_read_keeps_nobody_from_being_told(running: Running) -> None:
    payload: dict[str, Any] = {"about": "offer", "offer": 1, "delivery": 1, "to": ANNA, "reason": "first_rung"}
    escalation = running.opened("unreadable")
    with running.store.reader() as stored:
        stream = stored.stream(escalation)
        assert stream is not None
        contract = Contract.load(stored.contract(stream.contract))
        _, body, _ = next(stored.decisions(escalation))
    assert particulars(None, payload, contract, reader()) == Particulars()
    found = particulars(read_decision(body), payload, contract, reader())
    assert (found.purpose, found.asked, found.asked_by) == ("ladder", "Anna Keller", "2026-03-03 11:00 CET")
