"""What was wrong in the engine until an exploration showed it, or a life held against one: each as a short story."""

from __future__ import annotations

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason
from tests.runner.engine.test_rollback import (
    GUARDED,
    LOCK,
    SLOW,
    UNLOCK,
    act,
    back,
    broken,
    done,
    each,
    held,
    log,
    running,
    stuck,
    undone,
)
from tests.runner.engine.worlds import TEXT, Life, accepted, contract, step


def not_undone(life: Life) -> list[str | None]:
    """The rollbacks about which an exception is open."""
    return [one.about for one in life.live.exceptions.values() if one.exception_class == "not_undone"]


def test_an_undo_that_succeeds_after_it_was_given_up_ends_the_trouble() -> None:
    """Nothing was left to be undone, and yet the exception stayed open and kept the escalation from its end."""
    life = running(LOCK, act("book", "cancel"), GUARDED)
    each(life, done(0), done(1), broken(2), stuck(1), stuck(1, 2), stuck(0), stuck(0, 2))
    assert not_undone(life) == ["rollback#1"]
    life.do(undone(0, 2))
    assert not_undone(life) == ["rollback#1"], "one of two is left"
    ended = life.do(undone(1, 2)).one(ev.ExceptionEnded)
    assert (ended.by, ended.reason) == ("surety:runner", Reason.ROLLED_BACK)
    assert (not_undone(life), life.live.not_undone) == ([], {})


def test_so_does_one_that_is_tried_again() -> None:
    life = held(LOCK)
    life.do(done(0))
    life.do(back(), "ann")
    each(life, stuck(0), stuck(0, 2))
    assert not_undone(life) == ["rollback#1"]
    life.do(back(), "ann")
    assert log(life.do(undone(0, number=2))) == ["open#1/0 undone", "rollback#2 ends: 1 0 "]
    assert not_undone(life) == []


def test_so_does_a_later_step_that_takes_it_back() -> None:
    life = accepted(contract=contract(runbook={"open": (LOCK, GUARDED), "handoff": (UNLOCK,)}), answers=SLOW)
    each(life, done(0), broken(1), stuck(0), stuck(0, 2))
    assert not_undone(life) == ["rollback#1"]
    life.do(cmd.HandOver(to="carl", reason=TEXT, next_step=TEXT), "ann")
    life.accept()
    assert log(life.do(done(0, run="handoff#1")))[0] == "open#1/0 released by handoff#1/0"
    assert not_undone(life) == []


def test_trouble_for_which_tasks_were_planned_lasts_until_they_are_done() -> None:
    life = running(LOCK, GUARDED)
    each(life, done(0), broken(1), stuck(0), stuck(0, 2))
    (number,) = life.live.exceptions
    life.do(cmd.AddTask(exception=number, task=cmd.Task(title=TEXT, owner="cora", due=None)), "boss")
    life.do(undone(0, 2))
    assert not_undone(life) == ["rollback#1"]
    life.do(cmd.FinishTask(exception=number, task=1), "cora")
    assert not_undone(life) == []


def test_what_has_no_way_back_stays_trouble_whatever_else_is_undone_late() -> None:
    life = running(LOCK, step("action", args={"action": "mail", "with": {}}, changes=True), GUARDED)
    each(life, done(0), done(1), broken(2), stuck(0), stuck(0, 2), undone(0, 2))
    assert not_undone(life) == ["rollback#1"]
    (number,) = life.live.exceptions
    life.do(cmd.EndException(exception=number, text=TEXT), "boss")
    assert (not_undone(life), life.live.not_undone) == ([], {})
