"""A promise that breaks by time alone: asked a second after half an hour, marked once, closed with what was learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow

LATE: dict[str, Any] = {
    "type": "question", "priority": "high", "status": "open", "subject": "Where is my export?", "sla_due_at": "10:00",
}  # fmt: skip
READY = {"last_state_read": True, "next_action": True}
MARKED = "[URGENT] Where is my export?"
PROOF = {"customer_update": "mail of 11:00", "remediation_owner": "sam-oconnor"}


def day(folder: Path) -> Stage:
    return Stage(folder, day="2026-03-04", start="07:59")


def promised(stage: Stage, **changes: Any) -> str:
    stage.go("08:00")
    return stage.create(**(LATE | changes))


def broken(stage: Stage, ref: str) -> tuple[str, str]:
    """Half an hour and a second later: asked, kept, opened; the ticket of the escalation and the list."""
    stage.see("10:30:00")
    assert (stage.escalations(), stage.said()) == ([], [])
    stage.see("10:30:01")
    found = stage.escalation(ref)
    assert (found["accountable"], found["owners"]["escalation_owner"]) == ("priya-raman", "nadia-haddad")
    assert stage.told("10:30:01") == {"priya-raman", "#on-call"}
    (state,) = [note for note in stage.notes(ref) if note.startswith(f"State of {ref}, lines: ")]
    assert "SHA-256" in state
    ticket, listed = (str(each) for each in found["links"])
    assert stage.ticket(ticket)["subject"] == f"Escalation of {ref}: Where is my export?"
    assert (stage.ticket(listed)["type"], stage.ticket(listed)["assignee"]) == ("task", "lucia-ferreira")
    return ticket, listed


def test_nobody_acknowledges_and_the_lead_ends_it_well(tmp_path: Path) -> None:
    with day(tmp_path) as stage:
        ref = promised(stage)
        _, listed = broken(stage, ref)
        stage.see("10:35:01")
        assert stage.told("10:35:01") == {"nadia-haddad", "#on-call"}
        assert stage.ticket(ref)["subject"] == MARKED
        (mark,) = [each for each in stage.happened(ref, "StepSucceeded") if "field.subject" in each["result"]]
        assert mark["result"]["field.subject"] == MARKED
        assert (mark["result"]["consistent"], len(mark["result"]["snapshot"])) == (True, 64)

        stage.go("10:36")
        stage.act(ref, "accept", "nadia-haddad", answers=READY)
        stage.go("10:38")
        stage.update(ref, subject="Export")
        (drift,) = stage.happened(ref, "DriftFound")
        assert (drift.at, drift.reason, drift["subject"]) == (stage.at("10:38"), "drifted", "fields")

        stage.go("11:00")
        no = stage.act(ref, "resolve", "nadia-haddad", "not_verified", evidence=PROOF)
        assert f"ticket {listed} is not done" in no["detail"]
        (asked,) = stage.said("11:00", about="remediation")
        assert asked.to == "lucia-ferreira"
        stage.go("11:10")
        stage.update(listed, status="solved")
        stage.act(ref, "resolve", "nadia-haddad", evidence=PROOF)
        closed(stage, ref)
        figures = the_end(stage)[ref].figures
        assert (figures.value("failovers"), figures.value("drift"), figures.value("time_to_acknowledge")) == (1, 1, 359)


def closed(stage: Stage, ref: str) -> None:
    """Not without the post-mortem."""
    stage.go("11:20")
    stage.act(ref, "close", "nadia-haddad", "not_verified", code="answered")
    stage.update(str(stage.escalation(ref)["links"][-1]), status="solved")
    stage.act(ref, "close", "nadia-haddad", "not_verified", code="answered")
    stage.act(ref, "attach-postmortem", "nadia-haddad", text="Nobody sees noon.", remediation_owner="sam-oconnor")
    stage.act(ref, "close", "nadia-haddad", code="answered")
    (end,) = stage.happened(ref, "EscalationClosed")
    assert end["remediation_owner"] == "sam-oconnor"
    assert end["postmortem"]


def test_acknowledged_a_second_before_the_lead_is_not_asked(tmp_path: Path) -> None:
    with day(tmp_path) as stage:
        ref = promised(stage)
        broken(stage, ref)
        stage.go("10:35:00")
        stage.act(ref, "accept", "priya-raman", answers=READY)
        stage.see("10:36")
        assert stage.said(to="nadia-haddad") == []
        assert stage.ticket(ref)["subject"] == LATE["subject"]
        assert the_end(stage)[ref].figures.value("failovers") == 0


def test_what_is_solved_lowered_stopped_or_promised_anew_is_not_broken(tmp_path: Path) -> None:
    with day(tmp_path) as stage:
        solved, lowered, stopped, moved = (promised(stage) for _ in range(4))
        stage.go("10:15")
        stage.update(moved, sla_due_at="11:00")
        stage.go("10:20")
        stage.update(lowered, priority="normal")
        stage.update(stopped, sla_paused=True)
        stage.go("10:29")
        stage.update(solved, status="solved")
        stage.see("11:30:00")
        assert stage.escalations() == []
        stage.see("11:30:01")
        assert [each["ticket"] for each in stage.escalations()] == [moved]
        the_end(stage)


def test_down_while_it_fell_due_the_lead_is_asked_at_the_start_and_nothing_is_passed_over(tmp_path: Path) -> None:
    with day(tmp_path) as stage:
        ref = promised(stage)
        broken(stage, ref)
        stage.see("10:34")
        stage.stop_runner()
        stage.without_runner("10:40")
        stage.start_runner()
        found = stage.escalation(ref)
        assert (found["accountable"], found["state"]) == ("nadia-haddad", "offered")
        (ended,) = stage.happened(ref, "OfferEnded")
        assert (ended.at, ended.reason, ended["due"]) == (
            stage.at("10:40"), "no_answer", "2026-03-04T09:35:01.000000Z",
        )  # fmt: skip
        (_, offer) = stage.happened(ref, "OwnerOffered")
        assert (offer["to"], offer["due"]) == ("nadia-haddad", "2026-03-04T09:45:00.000000Z"), "five minutes, in full"
        assert stage.ticket(ref)["subject"] == MARKED

        stage.kill_runner()
        stage.start_runner()
        stage.go("10:41")
        stage.act(ref, "accept", "nadia-haddad", answers=READY)
        stage.see("10:50")
        titles = [each for each in stage.happened(ref, "StepSucceeded") if "field.subject" in each["result"]]
        assert len(titles) == 1, "nothing is written again"
        life = the_end(stage, late=True)[ref]
        assert life.late == {stage.at("10:35:01"): 299.0}, "four minutes and 59 seconds"
        assert life.figures.value("runner_lateness") == 299
