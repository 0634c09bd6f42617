"""Automation turns away a lead that was paid for: back to sales at once, judged within twelve hours, or passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow

SECRET = "ghp_" + "9aXk27QpLmZ4vTn8RcWj5sYdBh3fGe6uAoIi"
LEAD: dict[str, Any] = {
    "type": "lead", "priority": "high", "status": "new", "subject": "Lead L-1", "lead.id": "L-1",
    "lead.status": "rejected", "lead.rejected_by": "automation", "lead.source": "paid_campaign",
    "lead.queue": "rejected",
}  # fmt: skip
LOGS = ["L-1 rejected by rule 12", f"retried with token {SECRET}", "rule 12 read an empty country"]


def morning(folder: Path, **more: Any) -> Stage:
    stage = Stage(folder, day="2026-03-03", start="08:59", **more)
    stage.systems.leads |= {f"L-{number}": "rejected" for number in range(1, 51)}
    stage.systems.sync_logs += LOGS
    return stage


def rejected(stage: Stage, clock: str = "09:00", **changes: Any) -> str:
    """The ticket, with everything done that follows from it at once."""
    stage.go(clock)
    ref = stage.create(**(LEAD | changes))
    stage.see(clock)
    return ref


def with_sales_again(stage: Stage, ref: str) -> str:
    """Within the instant: lead, logs, investigation and people; the ticket of the investigation."""
    assert stage.systems.leads["L-1"] == "sdr"
    ticket, found = stage.ticket(ref), stage.escalation(ref)
    assert (ticket["lead.queue"], ticket["assignee"]) == ("sdr", "olivia-martin")
    assert found["owners"] == {
        "primary": "olivia-martin", "secondary": "kwame-mensah", "escalation_owner": "ingrid-solberg",
    }  # fmt: skip
    (task,) = found["links"]
    assert (stage.ticket(task)["type"], stage.ticket(task)["assignee"]) == ("task", "olivia-martin")
    (logs,) = [note for note in stage.notes(ref) if note.startswith("Last logs by read_sync_logs, entries: 3")]
    assert ("rule 12 read an empty country" in logs, SECRET in logs, "*" * 20 in logs) == (True, False, True)
    return str(task)


def validated(stage: Stage, ref: str, task: str, by: str) -> None:
    stage.update(task, status="solved")
    stage.act(ref, "resolve", by, evidence={"lead_validation": "called the company"})


def accepted(stage: Stage, ref: str, by: str) -> None:
    stage.act(ref, "accept", by, answers={"has_evidence": True, "next_action": True})


def test_accepted_and_not_validated_it_goes_to_the_manager(tmp_path: Path) -> None:
    with morning(tmp_path) as stage:
        ref = rejected(stage)
        task = with_sales_again(stage, ref)
        stage.go("10:00")
        accepted(stage, ref, "olivia-martin")
        stage.see("20:59:59")
        assert stage.escalation(ref)["holder"] == "olivia-martin"
        stage.see("21:00")
        found = stage.escalation(ref)
        assert (found["accountable"], found["state"]) == ("ingrid-solberg", "offered")
        assert {"olivia-martin", "ingrid-solberg"} <= stage.told("21:00")
        (moved,) = stage.happened(ref, "OwnerReleased")
        assert (moved.at, moved.reason, moved["person"]) == (stage.at("21:00"), "outcome_overdue", "olivia-martin")
        offer = stage.happened(ref, "OwnerOffered")[-1]
        assert (offer["to"], offer["due"]) == ("ingrid-solberg", "2026-03-03T22:00:00.000000Z")
        assert any("Validation missed" in note and "Ingrid Solberg" in note for note in stage.notes(ref))

        stage.go("21:30")
        accepted(stage, ref, "ingrid-solberg")
        validated(stage, ref, task, "ingrid-solberg")
        stage.act(ref, "close", "ingrid-solberg", "not_verified", code="validated")
        stage.act(ref, "attach-postmortem", "ingrid-solberg", text="Rule 12.", remediation_owner="kwame-mensah")
        stage.act(ref, "close", "ingrid-solberg", code="validated")
        figures = the_end(stage)[ref].figures
        assert (figures.value("time_to_acknowledge"), figures.value("outcome_in_time")) == (3600, False)


def test_validated_a_minute_before_it_goes_to_nobody(tmp_path: Path) -> None:
    with morning(tmp_path) as stage:
        organic = rejected(stage, "09:00", **{"lead.source": "organic", "lead.id": "L-2"})
        ref = rejected(stage, "09:00:01")
        task = str(stage.escalation(ref)["links"][0])
        stage.go("10:00")
        accepted(stage, ref, "olivia-martin")
        stage.go("20:59")
        validated(stage, ref, task, "olivia-martin")
        stage.go("21:10")
        stage.act(ref, "close", "olivia-martin", code="validated")
        assert stage.happened(ref, "OwnerReleased", "OutcomeMissed") == []
        assert [each["ticket"] for each in stage.escalations()] == [ref], "an organic lead is nobody's escalation"
        assert (stage.ticket(organic).get("escalation_state"), stage.systems.leads["L-2"]) == (None, "rejected")
        the_end(stage)


def test_fifty_rejections_by_one_fault_are_one_investigation(tmp_path: Path) -> None:
    with morning(tmp_path) as stage:
        first = rejected(stage, **{"lead.sync_batch": "B-7"})
        stage.go("09:10")
        others = [
            stage.create(**(LEAD | {"lead.id": f"L-{number}", "lead.sync_batch": "B-7"})) for number in range(2, 51)
        ]
        stage.see("09:10")
        assert [each["ticket"] for each in stage.escalations()] == [first]
        (linked,) = {stage.case(other)["linked_to"] for other in others}
        assert linked == stage.escalation(first)["id"]
        notes = stage.notes(first)
        assert all(any(f"Linked ticket: {other} " in note for note in notes) for other in others)
        assert len(stage.systems.done("move_lead")) == 1
        assert len([each for each in stage.said() if each.about == "offer"]) == 1, "one person is asked, once"
        assert the_end(stage)[first].figures.value("linked") == 49


def test_a_database_that_moves_it_back_three_times_is_not_fought(tmp_path: Path) -> None:
    with morning(tmp_path) as stage:
        ref = rejected(stage)
        stage.go("10:00")
        accepted(stage, ref, "olivia-martin")
        for clock, left in (("10:10", "sdr"), ("10:20", "sdr"), ("10:30", "rejected")):
            stage.go(clock)
            stage.update(ref, **{"lead.queue": "rejected"})
            assert stage.ticket(ref)["lead.queue"] == left, clock
        found = [(each.at, each.reason, each["answer"]) for each in stage.happened(ref, "DriftFound")]
        assert found == [
            (stage.at("10:10"), "drifted", "restore"),
            (stage.at("10:20"), "drifted", "restore"),
            (stage.at("10:30"), "drift_limit", "flag"),
        ]
        assert {each.to for each in stage.said("10:30", about="drift")} == {"olivia-martin", "ingrid-solberg"}
        the_end(stage)


def test_answered_well_and_not_moved_is_an_exception_with_an_owner(tmp_path: Path) -> None:
    with morning(tmp_path) as stage:
        stage.systems.leave_unchanged("move_lead", 1000)
        ref = rejected(stage)
        assert (stage.systems.leads["L-1"], stage.ticket(ref)["lead.queue"]) == ("rejected", "rejected")
        assert len(stage.escalation(ref)["links"]) == 1, "the rest was done"
        stage.see("09:10")
        failed = stage.happened(ref, "StepFailed")
        assert [each.at for each in failed] == [stage.at("09:00"), stage.at("09:05"), stage.at("09:10")]
        assert {each["why"] for each in failed} == {
            "move_lead was answered well, but the answer does not confirm queue"
        }
        found = {each["class"]: each for each in stage.escalation(ref)["exceptions"]}
        assert found.keys() == {"step_failed", "not_undone"}
        assert {"jonas-weber", "ingrid-solberg", "olivia-martin"} <= stage.told("09:10")
        the_end(stage, given_up=3)
