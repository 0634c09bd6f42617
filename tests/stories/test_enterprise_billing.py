"""An enterprise customer disputes an invoice: from offers that nobody takes to a refund that is confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow

NORTHWIND: dict[str, Any] = {
    "type": "billing", "account.tier": "enterprise", "priority": "high", "status": "new", "account.name": "Northwind",
    "revenue_at_risk": 120000, "invoice_ref": "4711", "renewal_at": "2026-04-01 00:00",
}  # fmt: skip
ANSWERS = {"has_evidence": True, "scope_clear": True}
PLAN = {"exception_class": "cross-team", "text": "Sales and accounting", "plan": "Sales send the list, we correct it."}
HANDOFF: dict[str, Any] = {
    "to": "anna-keller", "reason": "Anna knows the customer", "next_step": "send the corrected invoice",
    "artifacts": ["invoice 4711"], "expected_at": "2026-03-04T11:00:00Z",
}  # fmt: skip


def accept(stage: Stage, ref: str, by: str, next_step: str) -> None:
    stage.act(ref, "accept", by, answers=ANSWERS, texts={"next_step": next_step})


def opened(stage: Stage) -> str:
    """Named at once, the copy linked."""
    stage.go("09:00")
    ref = stage.create(subject="Invoice 4711 is wrong", **NORTHWIND)
    stage.see("09:00")
    named = stage.escalation(ref)
    assert (named["owners"]["primary"], named["owners"]["secondary"]) == ("anna-keller", "tomasz-nowak")
    assert (named["accountable"], named["substitute"]) == ("anna-keller", "tomasz-nowak")

    stage.go("09:05")
    copy = stage.create(subject="Fwd: Invoice 4711 is wrong", requester="shared mailbox", **NORTHWIND)
    assert [each["ticket"] for each in stage.escalations()] == [ref], "one escalation, although everything came twice"
    assert stage.case(copy)["linked_to"] == named["id"]
    assert any(ref in note for note in stage.notes(copy))
    assert any(copy in note for note in stage.notes(ref))
    return ref


def passed_on(stage: Stage, ref: str) -> None:
    """The backup is asked, finds it incomplete, and nobody tells: the finance lead."""
    stage.see("11:00")
    assert stage.told("11:00") == {"tomasz-nowak", "miriam-okafor", "david-lindqvist"}
    (alert,) = stage.said("11:00", to="david-lindqvist")
    assert all(word in alert.text for word in ("120000", "Northwind")), alert.text

    stage.go("11:30")
    stage.act(ref, "reject", "tomasz-nowak", why="incomplete", text="Which price list did sales promise?")
    assert stage.told("11:30") == {"laura-jensen", "miriam-okafor"}
    assert any("Which price list did sales promise?" in note for note in stage.notes(ref))
    asked = stage.escalation(ref)["clarification"]
    assert asked == {"for": "tomasz-nowak", "due": "2026-03-03T14:30:00.000000Z"}

    stage.see("15:30")
    after = stage.escalation(ref)
    assert after["accountable"] == "miriam-okafor"
    (missing,) = after["exceptions"]
    assert (missing["class"], missing["owner"]) == ("data-missing", "miriam-okafor"), "hers until it is accepted"
    assert "grace-mwangi" in {offer["to"] for offer in after["offers"] if offer["purpose"] == "exception"}
    assert {"miriam-okafor", "grace-mwangi", "david-lindqvist"} <= stage.told("15:30")


def accepted(stage: Stage, ref: str) -> None:
    """With three answers, or not at all."""
    stage.go("15:45")
    stage.act(ref, "accept", "miriam-okafor", "checklist_incomplete", answers=ANSWERS)
    accept(stage, ref, "miriam-okafor", "Corrected invoice by Wednesday noon.")
    stage.see("15:45")
    assert stage.texts(ref, "Accept")[-1]["answers"] == {"next_step": "Corrected invoice by Wednesday noon."}
    taken = stage.happened(ref, "OfferAccepted")[-1]
    assert {**taken["answers"], "next_step": "?"} == {**ANSWERS, "next_step": "?"}
    ticket = stage.ticket(ref)
    assert ticket["acceptance"] == "Miriam Okafor: Corrected invoice by Wednesday noon."
    assert ticket["escalation_accepted_at"].startswith("2026-03-03T14:45:00")


def shared(stage: Stage, ref: str) -> None:
    """Others help by a plan; it is handed over with all that the next one needs."""
    stage.go("16:00")
    stage.act(ref, "raise-exception", "miriam-okafor", "demands_unmet", exception_class="cross-team", text="Help")
    stage.act(ref, "raise-exception", "miriam-okafor", "demands_unmet", **PLAN)
    tasks = [
        {"title": "Send the price list", "owner": "laura-jensen", "due": "2026-03-04T09:00:00Z"},
        {"title": "Correct the invoice", "owner": "tomasz-nowak", "due": "2026-03-04T11:00:00Z"},
    ]
    stage.act(ref, "raise-exception", "miriam-okafor", tasks=tasks, **PLAN)
    assert [task["title"] for task in stage.escalation(ref)["exceptions"][1]["tasks"]] == [
        "Send the price list",
        "Correct the invoice",
    ]

    stage.go("16:10")
    for part in ("reason", "next_step", "artifacts", "expected_at"):
        without = {name: value for name, value in HANDOFF.items() if name != part}
        stage.act(ref, "hand-over", "miriam-okafor", "handoff_incomplete", **without)
    stage.act(ref, "hand-over", "miriam-okafor", **HANDOFF)
    assert stage.escalation(ref)["accountable"] == "miriam-okafor", "until the receiver accepts"
    stage.go("16:15")
    accept(stage, ref, "erik-johansen", "I call both.")
    stage.go("16:20")
    accept(stage, ref, "anna-keller", "Corrected invoice by Wednesday ten.")
    assert stage.escalation(ref)["accountable"] == "anna-keller"
    stage.see("16:20")
    assert stage.ticket(ref)["acceptance"] == "Anna Keller: Corrected invoice by Wednesday ten."

    stage.go("16:30")
    accept(stage, ref, "grace-mwangi", "I look into the archive.")
    stage.act(ref, "end-exception", "grace-mwangi", exception=1, text="It is the list of 2025.")


def closed(stage: Stage, ref: str) -> None:
    """What was asked for is done; what was only said is no proof."""
    stage.go("2026-03-04 09:30")
    stage.act(ref, "finish-task", "laura-jensen", exception=2, task=1)
    stage.act(ref, "end-exception", "erik-johansen", "tasks_open", exception=2, text="Done")
    stage.act(ref, "finish-task", "tomasz-nowak", exception=2, task=2)
    stage.act(ref, "end-exception", "erik-johansen", exception=2, text="Done")
    for link in stage.escalation(ref)["links"]:
        stage.update(link, status="solved")

    stage.go("2026-03-04 10:00")
    no = stage.act(ref, "resolve", "anna-keller", "not_verified", evidence={"invoice_id": "4711-K"})
    assert "customer_confirmation" in no["detail"]
    stage.update(ref, status="solved")
    assert stage.ticket(ref)["status"] == "open", "set back"
    assert any("customer_confirmation" in note for note in stage.notes(ref))

    stage.go("2026-03-04 11:00")
    proof = {"invoice_id": "4711-K", "customer_confirmation": "mail of 10:50"}
    stage.act(ref, "resolve", "anna-keller", evidence=proof)
    stage.act(ref, "close", "anna-keller", code="refunded", impact=120000)
    (end,) = stage.happened(ref, "EscalationClosed")
    assert (end["code"], end["impact"]) == ("refunded", 120000)


def test_nobody_takes_it_and_in_the_end_the_customer_agrees(tmp_path: Path) -> None:
    with Stage(tmp_path, day="2026-03-03", start="08:59") as stage:
        ref = opened(stage)
        passed_on(stage, ref)
        accepted(stage, ref)
        shared(stage, ref)
        closed(stage, ref)
        figures = the_end(stage)[ref].figures
        assert figures.value("time_to_acknowledge") == 6 * 3600 + 45 * 60
        assert (figures.value("failovers"), figures.value("exceptions"), figures.value("handoffs")) == (2, 2, 1)
        assert (figures.value("longest_silence") or 0) < 24 * 3600


def test_nobody_ever_acts(tmp_path: Path) -> None:
    with Stage(tmp_path, day="2026-03-03", start="08:59") as stage:
        stage.go("09:00")
        ref = stage.create(subject="Invoice 4711 is wrong", **NORTHWIND)
        stage.see("2026-03-04 09:00")
        assert (stage.escalation(ref)["state"], stage.ticket(ref)["escalation_owner"]) == ("exhausted", "miriam-okafor")
        moved = [each.at for each in stage.happened(ref, "OfferEnded")]
        assert moved == [stage.at(clock) for clock in ("11:00", "13:00", "15:00", "17:00", "19:00", "21:00")]
        told = {each.at for each in stage.said(to="david-lindqvist")}
        assert told == set(moved), "the manager was told at each step"
        stage.see("2026-03-05 09:00")
        assert stage.said("2026-03-05 09:00", to="miriam-okafor", about="reminder"), "still reminded on Thursday"
        the_end(stage)


def test_a_threatened_renewal_and_a_word_in_the_chat(tmp_path: Path) -> None:
    with Stage(tmp_path, day="2026-03-03", start="08:59") as stage:
        stage.go("09:00")
        ref = stage.create(subject="Invoice 4711 is wrong", **NORTHWIND)
        stage.go("11:30")
        stage.comment(ref, "Can someone take it?")
        assert stage.told("11:30") == set()
        assert stage.escalation(ref)["accountable"] == "tomasz-nowak"

        stage.go("12:00")
        stage.update(ref, renewal_status="threatened")
        stage.see("12:00")
        (link,) = stage.escalation(ref)["links"]
        assert stage.escalation(ref)["accountable"] == "tomasz-nowak", "the dispute goes on as it was"
        risk = stage.escalation(link)
        assert (risk["template"], risk["accountable"]) == ("churn-risk", "laura-jensen")
        made = stage.ticket(link)
        assert (made["revenue_at_risk"], made["account.name"], made["linked_to"]) == (120000, "Northwind", ref)
        assert made["renewal_at"] == stage.ticket(ref)["renewal_at"]

        stage.go("12:10")
        accept(stage, ref, "tomasz-nowak", "Call the customer.")
        assert stage.escalation(ref)["state"] == "accepted", "what is done in the escalation counts"
        the_end(stage)


def test_the_business_hears_when_its_time_is_over(tmp_path: Path) -> None:
    with Stage(tmp_path, day="2026-03-03", start="08:59") as stage:
        stage.go("09:00")
        ref = stage.create(subject="Invoice 4711 is wrong", **NORTHWIND)
        stage.go("10:00")
        accept(stage, ref, "anna-keller", "Look for the list.")
        stage.go("2026-03-04 09:30")
        stage.act(ref, "progress", "anna-keller", text="It is being looked for.")
        stage.see("2026-03-04 17:00")
        for manager in ("david-lindqvist", "helen-park"):
            (alert,) = stage.said("2026-03-04 17:00", to=manager)
            assert all(word in alert.text for word in ("120000", "Northwind", "2026-0", "Anna Keller")), alert.text
        lives = the_end(stage)
        assert lives[ref].state.outcome_missed
