"""An item that failed its check: locked at once, judged by a person where a machine cannot, and never forgotten."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.demo.systems import Item
from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow

ITEM: dict[str, Any] = {
    "type": "publishing", "priority": "high", "status": "new", "subject": "News of today", "content.item": "A-1",
}  # fmt: skip
READY = {"last_state_read": True, "next_action": True}


def desk(folder: Path, **more: Any) -> Stage:
    stage = Stage(folder, day="2026-03-03", start="08:59", **more)
    stage.systems.items["A-1"] = Item({"v6": "six", "v7": "seven"}, "v7")
    stage.systems.publishing_logs += ["v6 out", "v7 out"]
    return stage


def complaint(stage: Stage, clock: str = "09:00", **said: str) -> str:
    """The ticket, with everything done that follows from it at once."""
    stage.go(clock)
    ref = stage.create(**ITEM, **{f"content.{name}": value for name, value in said.items()})
    stage.see(clock)
    return ref


def locked(stage: Stage, ref: str) -> str:
    """Within the instant: the item kept and locked, the editor told, a task with owner and deadline; the task."""
    item, found = stage.systems.items["A-1"], stage.escalation(ref)
    assert (stage.systems.publish("A-1", "v7"), item.locked) == (423, True)
    (kept,) = [note for note in stage.notes(ref) if note.startswith("Before anybody touches it")]
    assert all(each in kept for each in ("v7", item.hash_of("v7"), "v6", item.hash_of("v6"))), kept
    assert [(each["action"], each["undone_by"]) for each in found["standing"]] == [
        ("lock_publishing", "unlock_publishing")
    ]
    (told,) = stage.said("09:00", to="amelie-laurent")
    assert "A-1" in told.text
    (task,) = found["links"]
    assert (stage.ticket(task)["type"], stage.ticket(task)["assignee"]) == ("task", "ivo-petrov")
    assert "Until: 2026-03-04" in stage.ticket(task)["description"]
    return str(task)


def accepted(stage: Stage, ref: str, clock: str = "09:20") -> None:
    stage.go(clock)
    stage.act(ref, "accept", "ivo-petrov", answers=READY)


def ended(stage: Stage, ref: str, task: str, clock: str, code: str) -> None:
    stage.go(clock)
    stage.update(task, status="solved")
    stage.act(ref, "resolve", "ivo-petrov", evidence={"publication_check": "looked at it"})
    stage.act(ref, "close", "ivo-petrov", code=code)


def test_in_doubt_a_person_decides_and_the_version_before_is_out_again(tmp_path: Path) -> None:
    with desk(tmp_path) as stage:
        ref = complaint(stage, qa_result="ambiguous")
        task = locked(stage, ref)
        (question,) = stage.said("09:00", to="bruno-costa", about="question")
        for word in ("in doubt", "roll_back", "publish", "fix", "In doubt roll back"):
            assert word in question.text, question.text
        accepted(stage, ref)
        no = stage.act(ref, "resolve", "ivo-petrov", "not_verified", evidence={"publication_check": "looked at it"})
        assert "lock_publishing still holds" in no["detail"]

        stage.go("12:59:59")
        item, before = stage.systems.items["A-1"], stage.systems.items["A-1"].hash_of("v6")
        stage.act(ref, "answer", "bruno-costa", answers={"decision": "roll_back"})
        assert (item.published, item.hash, item.locked) == ("v6", before, False)
        (rolled,) = stage.systems.done("roll_back_publication")
        assert rolled == {"item": "A-1", "hash": before}
        assert any(note.startswith("Last logs by read_publishing_logs, entries: 2") for note in stage.notes(ref))
        assert stage.escalation(ref)["standing"] == []
        ended(stage, ref, task, "13:10", "rolled_back")
        the_end(stage)


def test_where_nobody_judges_it_stays_locked_and_goes_to_the_escalation_owner(tmp_path: Path) -> None:
    with desk(tmp_path) as stage:
        ref = complaint(stage, qa_result="ambiguous")
        accepted(stage, ref)
        stage.see("12:59:59")
        assert stage.told("12:59:59") == set()
        stage.see("13:00")
        assert stage.told("13:00") == {"marta-kowalska"}
        assert stage.systems.publish("A-1", "v7") == 423
        stage.go("14:00")
        stage.act(ref, "answer", "marta-kowalska", answers={"decision": "publish"})
        assert (stage.systems.items["A-1"].locked, stage.systems.items["A-1"].published) == (False, "v7")
        assert stage.systems.done("roll_back_publication") == []
        the_end(stage)


def test_a_clear_violation_is_asked_of_nobody_and_both_complaints_are_one(tmp_path: Path) -> None:
    with desk(tmp_path) as stage:
        ref = complaint(stage, qa_result="violation")
        assert stage.said(about="question") == []
        assert (stage.systems.items["A-1"].published, stage.systems.items["A-1"].locked) == ("v6", False)
        other = complaint(stage, "09:10", pipeline="failed")
        assert [each["ticket"] for each in stage.escalations()] == [ref]
        assert stage.case(other)["linked_to"] == stage.escalation(ref)["id"]
        assert len(stage.systems.done("lock_publishing")) == 1
        accepted(stage, ref)
        ended(stage, ref, str(stage.escalation(ref)["links"][0]), "09:30", "rolled_back")
        the_end(stage)


def test_a_rollback_that_fails_keeps_the_lock_and_has_an_owner(tmp_path: Path) -> None:
    with desk(tmp_path) as stage:
        stage.systems.fail("roll_back_publication", 409, 409)
        ref = complaint(stage, qa_result="violation")
        task = locked(stage, ref)
        stage.see("09:05")
        found = stage.escalation(ref)
        (exception,) = found["exceptions"]
        assert (exception["class"], exception["about"]) == ("step_failed", "open#1/13")
        assert {"jonas-weber", "marta-kowalska", "ivo-petrov"} <= stage.told("09:05")
        (back,) = stage.happened(ref, "RollbackEnded")
        assert (back.at, back["undone"], back["kept"], back["not_undone"]) == (stage.at("09:05"), 0, 2, [])
        assert stage.ticket(ref)["priority"] == "high"
        assert stage.systems.publish("A-1", "v7") == 423
        assert stage.systems.done("unlock_publishing") == []

        stage.go("09:06")
        stage.act(ref, "accept", "jonas-weber", answers=READY)
        accepted(stage, ref)
        stage.act(ref, "resolve", "ivo-petrov", "exception_open", evidence={"publication_check": "not yet"})
        stage.systems.items["A-1"].published = "v6"  # by hand, over there
        stage.act(ref, "answer", "marta-kowalska", answers={"lock": "release"})
        assert not stage.systems.items["A-1"].locked
        stage.act(ref, "end-exception", "jonas-weber", exception=1, text="Published by hand.")
        ended(stage, ref, task, "10:10", "rolled_back")
        the_end(stage)


def answer_only_when_dead(stage: Stage, action: str) -> tuple[threading.Event, threading.Event]:
    """The other system does what the first request of an action asks, says so by the first event, and answers only
    after the second.
    """
    done, dead = threading.Event(), threading.Event()
    answer = stage.systems.answer

    def slow(headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        found = answer(headers, body)
        if json.loads(body)["action"] == action and not done.is_set():
            done.set()
            dead.wait(30)
        return found

    stage.systems.answer = slow  # type: ignore[method-assign]
    return done, dead


def test_killed_between_lock_and_task_neither_is_there_twice_nor_missing(tmp_path: Path) -> None:
    with desk(tmp_path, lease_seconds=2.0) as stage:
        stage.go("09:00")
        locked_there, dead = answer_only_when_dead(stage, "lock_publishing")
        stage.customers.create({**ITEM, "content.pipeline": "failed"}, "story:1")
        assert locked_there.wait(30)
        stage.kill_runner()
        dead.set()
        stage.start_runner()
        stage.see("09:00")
        (only,) = stage.escalations()
        locked(stage, only["ticket"])
        assert len(stage.systems.done("lock_publishing")) == 1, "asked again under the same key, it was done once"
        assert [each.repeated for each in stage.systems.asked if each.action == "lock_publishing"] == [False, True]
        assert len(stage.said("09:00", to="amelie-laurent")) == 1
        the_end(stage)
