"""What was wrong in the engine until an exploration showed it, or a life held against one: each as a short story."""

from __future__ import annotations

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.roster import Roster
from runner.engine.state import accountable
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
from tests.runner.engine.worlds import HOUR, TEXT, Life, accepted, at, away, contract, opened, roster, step


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


def _absences(*hours: tuple[float, float]) -> Roster:
    """Dora is away from hour to hour of the life."""
    return roster(*(away("dora", at(60 * start), end - start) for start, end in hours))


AWAY_TWICE = ((-1, 3), (6, 30))


def taken_although_away(*hours: tuple[float, float]) -> Life:
    """Dora, who is away, takes it after ten minutes."""
    life = opened(roster=_absences(*hours), contract=contract(outcome=240 * HOUR))
    life.do(cmd.Override(action="take", text=TEXT), "dora", when=at(10), jobs=("duty-manager",))
    assert life.live.holder == "dora"
    return life


def test_whoever_acted_although_away_comes_back_and_leaves_again_is_replaced() -> None:
    """Once away when it was taken, nobody looked any more whether this person was there at all."""
    life = taken_although_away(*AWAY_TWICE)
    assert life.do(cmd.NoteRoster(), when=at(180)).story == [], "who comes back gets nothing back"
    life.until(at(359))
    assert "OwnerReleased dora: absent" in life.do(cmd.NoteRoster(), when=at(360)).story
    assert accountable(life.live) == "ben"


def test_so_is_one_whose_absence_is_noted_late() -> None:
    life = taken_although_away(*AWAY_TWICE)
    assert "OwnerReleased dora: absent" in life.do(cmd.NoteRoster(), when=at(600)).story


def test_whoever_has_been_away_ever_since_is_taken_at_their_word() -> None:
    life = taken_although_away((-1, 3), (3, 30))
    assert life.do(cmd.NoteRoster(), when=at(360)).story == []


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [
        (-120, -60, True), (-60, 60, False), (0, 180, False), (0, 181, True), (179, 360, True), (200, 300, True),
        (360, 600, False), (360, 1801, True), (0, 0, False),
    ],
)  # fmt: skip
def test_who_was_there_between_two_minutes(since: int, until: int, *, there: bool) -> None:
    found = _absences(*AWAY_TWICE)
    assert found.was_there("dora", at(since), at(until)) is there
    assert any(not found.absent("dora", at(minute)) for minute in range(since, until)) is there
    assert not found.was_there("nobody-known", at(since), at(until))
