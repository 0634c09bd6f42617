"""Undo log and rollback: what was done is taken back in reverse order, once, or somebody hears that it was not."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import next_deadline
from tests.runner.engine.worlds import (
    TEXT,
    YES,
    Life,
    Outcome,
    accepted,
    at,
    contract,
    opened,
    step,
    twice,
)

SLOW = ("deliveries", "writes")
STALE = ["ResultIgnored: stale"]


def act(action: str, back: str | None = None, **changes: Any) -> StepOf:
    """An action that changes the world, with the action that takes it back."""
    return step("action", args={"action": action, "with": {}}, changes=True, undo_by=back, **changes)


LOCK = act("lock", "unlock")
UNLOCK = act("unlock", "lock")
PRIORITY = step("set_fields", args={"fields": {"priority": "urgent"}}, changes=True, undo="restore")
GUARDED = step(on_error="stop")


def running(*steps: StepOf, point: str = "open", **changes: Any) -> Life:
    return opened(contract=contract(runbook={point: steps}, **changes), answers=SLOW)


def held(*steps: StepOf) -> Life:
    """Accepted by ann, with these steps at the opening."""
    return accepted(contract=contract(runbook={"open": steps}), answers=SLOW)


def done(
    position: int = 0, said: dict[str, Any] | None = None, *, run: str = "open#1", attempt: int = 1
) -> cmd.SucceedStep:
    return cmd.SucceedStep(run=run, step=position, attempt=attempt, result=said or {})


def broken(position: int = 0, run: str = "open#1", attempt: int = 1, *, unknown: bool = False) -> cmd.FailStep:
    return cmd.FailStep(run=run, step=position, attempt=attempt, why="no", unknown=unknown)


def undone(position: int, attempt: int = 1, *left: str, run: str = "open#1", number: int = 1) -> cmd.SucceedUndo:
    return cmd.SucceedUndo(rollback=f"rollback#{number}", run=run, step=position, attempt=attempt, left=left)


def stuck(position: int, attempt: int = 1, run: str = "open#1") -> cmd.FailUndo:
    return cmd.FailUndo(rollback="rollback#1", run=run, step=position, attempt=attempt, why="no answer")


def back(run: str | None = None) -> cmd.RollBack:
    return cmd.RollBack(run=run, text=TEXT)


def log(outcome: Outcome) -> list[str]:
    """What of a decision is about changes and rollbacks."""
    told = []
    for event in outcome.events:
        match event:
            case ev.ChangeLogged():
                told.append(f"{event.run}/{event.step} changed: {event.undo}")
            case ev.StepReleased():
                told.append(f"{event.run}/{event.step} released by {event.by_run}/{event.by_step}")
            case ev.RollbackStarted():
                told.append(f"{event.rollback} of {event.run} by {event.by}")
            case ev.UndoRequested():
                told.append(f"undo {event.run}/{event.step} ({event.attempt})")
            case ev.StepUndone() | ev.StepKept():
                told.append(f"{event.run}/{event.step} {'undone' if event.type == 'StepUndone' else 'kept'}")
            case ev.UndoFailed():
                told.append(f"{event.run}/{event.step} not undone: {event.why}{', again' if event.again else ''}")
            case ev.RollbackEnded():
                told.append(f"{event.rollback} ends: {event.undone} {event.kept} {','.join(event.not_undone)}")
            case ev.ExceptionRaised():
                told.append(f"exception {event.exception_class} about {event.about}")
            case ev.DeliveryRequested() if event.about == "not_undone":
                told.append(f"tell {event.to}")
            case _:
                pass
    return told


def each(life: Life, *commands: cmd.Args) -> list[list[str]]:
    return [log(life.do(command)) for command in commands]


def test_a_run_that_stops_is_taken_back_from_its_end() -> None:
    life = running(PRIORITY, LOCK, GUARDED)
    assert each(life, done(0, {"was.priority": "low", "field.priority": "urgent"}), done(1)) == [
        ["open#1/0 changed: restore"],
        ["open#1/1 changed: action"],
    ]
    assert log(life.do(broken(2))) == ["rollback#1 of open#1 by surety:runner", "undo open#1/1 (1)"]
    assert each(life, undone(1), undone(0)) == [
        ["open#1/1 undone", "undo open#1/0 (1)"],
        ["open#1/0 undone", "rollback#1 ends: 2 0 "],
    ]
    assert (life.live.changes, life.live.rollbacks, life.live.written) == ((), {}, {})


def test_the_effect_says_what_was_there_and_what_takes_it_back() -> None:
    life = running(PRIORITY, LOCK, GUARDED)
    life.do(done(0, {"was.priority": "low", "field.priority": "urgent"}))
    life.do(done(1, {"with.item": "A", "undo.item": "A"}))
    (first,) = [effect for effect in life.do(broken(2)).effects if effect.kind == "undo"]
    assert first.lane == "run:open#1"
    assert first.payload == {
        "rollback": "rollback#1", "run": "open#1", "step": 1, "attempt": 1, "undo": "action", "action": "unlock",
        "values": {"item": "A"},
    }  # fmt: skip
    (second,) = [effect for effect in life.do(undone(1)).effects if effect.kind == "undo"]
    assert second.lane == "ticket"
    assert second.payload["values"] == {"was.priority": "low", "field.priority": "urgent"}


def test_what_later_steps_know_of_a_result_is_without_what_the_log_needs() -> None:
    life = running(act("lock", "unlock", name="locked"), step())
    life.do(done(0, {"id": "L-1", "with.item": "A", "undo.item": "A", "snapshot": "ab"}))
    assert life.live.results["locked"] == {"id": "L-1", "snapshot": "ab"}


def test_messages_and_notes_change_nothing() -> None:
    life = running(step("notify", who="owner"), step(), GUARDED)
    assert each(life, done(0), done(1), broken(2)) == [[], [], []]


def test_what_is_kept_on_purpose_is_told_and_not_touched() -> None:
    kept = step("assign", args={"field": "assignee"}, changes=True, kept="It stays.")
    life = running(kept, LOCK, GUARDED)
    each(life, done(0), done(1), broken(2))
    assert log(life.do(undone(1))) == ["open#1/1 undone", "open#1/0 kept", "rollback#1 ends: 1 1 "]


def test_what_has_no_way_back_is_reported_and_an_exception_with_an_owner() -> None:
    life = running(act("pay"), LOCK, GUARDED)
    each(life, done(0), done(1), broken(2))
    assert log(life.do(undone(1))) == [
        "open#1/1 undone",
        "open#1/0 not undone: there is no way back",
        "rollback#1 ends: 1 0 open#1/0",
        "exception not_undone about rollback#1",
        "tell boss",
    ]
    assert life.live.changes == (), "it is reported once"


def test_an_undo_that_fails_is_tried_once_more_and_then_the_next_one_is_undone() -> None:
    life = running(PRIORITY, LOCK, GUARDED)
    each(life, done(0), done(1), broken(2))
    assert each(life, stuck(1), stuck(1, 2), undone(0)) == [
        ["open#1/1 not undone: no answer, again", "undo open#1/1 (2)"],
        ["open#1/1 not undone: no answer", "undo open#1/0 (1)"],
        ["open#1/0 undone", "rollback#1 ends: 1 0 open#1/1", "exception not_undone about rollback#1", "tell boss"],
    ]
    assert [change.key for change in life.live.changes] == ["open#1/1"], "it still holds"


def test_an_undo_of_which_nobody_says_anything_fails_in_time() -> None:
    life = running(LOCK, GUARDED)
    each(life, done(0), broken(1))
    assert next_deadline(life.live) == at(10)
    assert log(life.tick(at(10))) == ["open#1/0 not undone: timed_out, again", "undo open#1/0 (2)"]
    assert log(life.tick(at(20)))[0] == "open#1/0 not undone: timed_out"


@pytest.mark.parametrize(
    ("word", "commands", "story"),
    [
        (
            "the first try, after the second was asked for",
            (stuck(0), undone(0, 1)),
            ["open#1/0 undone", "rollback#1 ends: 1 0 "],
        ),
        ("the same again", (undone(0), undone(0)), []),
        ("a failure of a try that is over", (stuck(0), stuck(0, 1)), []),
        ("after it was given up", (stuck(0), stuck(0, 2), undone(0, 2)), ["open#1/0 undone"]),
        ("of something that was never done", (undone(5),), []),
    ],
)  # fmt: skip
def test_results_of_undoing_that_come_late(word: str, commands: tuple[cmd.Args, ...], story: list[str]) -> None:
    del word
    life = running(LOCK, GUARDED)
    each(life, done(0), broken(1))
    assert each(life, *commands)[-1] == story


def test_what_a_stopped_run_did_late_is_undone_as_well() -> None:
    life = running(PRIORITY, act("lock", "unlock", on_error="stop"))
    life.do(done(0))
    assert log(life.tick(at(10))) == ["rollback#1 of open#1 by surety:runner", "undo open#1/0 (1)"]
    life.do(undone(0))
    late = life.do(done(1))
    assert log(late) == ["open#1/1 changed: action", "rollback#2 of open#1 by surety:runner", "undo open#1/1 (1)"]
    assert late.story[0] == STALE[0]
    assert log(life.do(undone(1, number=2))) == ["open#1/1 undone", "rollback#2 ends: 1 0 "]
    assert log(life.do(done(1))) == [], "nothing is undone twice"


def test_what_comes_late_while_it_is_being_rolled_back_joins_it() -> None:
    life = running(PRIORITY, act("lock", "unlock", on_error="stop"))
    life.do(done(0))
    life.tick(at(10))
    assert log(life.do(done(1))) == ["open#1/1 changed: action"]
    assert log(life.do(undone(0))) == ["open#1/0 undone", "undo open#1/1 (1)"]


def test_what_a_run_did_late_that_went_on_stands() -> None:
    life = running(LOCK, step())
    life.tick(at(10))
    assert log(life.do(done(0))) == ["open#1/0 changed: action"]
    assert log(life.do(done(0))) == []


def test_nobody_knows_whether_it_was_done() -> None:
    life = running(act("lock", "unlock", on_error="stop"))
    assert log(life.do(broken(0, unknown=True))) == [
        "open#1/0 changed: unknown",
        "rollback#1 of open#1 by surety:runner",
        "open#1/0 not undone: nobody knows whether it was done",
        "rollback#1 ends: 0 0 open#1/0",
        "exception not_undone about rollback#1",
        "tell boss",
    ]


def test_a_doubt_is_over_when_a_later_try_succeeds() -> None:
    life = running(act("lock", "unlock", retry=twice(60)), GUARDED)
    assert log(life.do(broken(0, unknown=True))) == ["open#1/0 changed: unknown"]
    life.tick(at(1))
    assert log(life.do(done(0, attempt=2))) == ["open#1/0 changed: action"]
    assert log(life.do(broken(1))) == ["rollback#1 of open#1 by surety:runner", "undo open#1/0 (1)"]


def test_an_earlier_try_that_was_done_counts_although_the_later_one_fails() -> None:
    life = running(act("lock", "unlock", retry=twice(60, 1), on_error="stop"))
    life.tick(at(10))
    life.tick(at(11))
    assert log(life.do(done(0))) == ["open#1/0 changed: action"]
    assert log(life.do(broken(0, attempt=2))) == ["rollback#1 of open#1 by surety:runner", "undo open#1/0 (1)"]


@pytest.mark.parametrize(
    "result", [done(3), done(1), done(0, run="open#2"), done(0, run="nowhere"), done(0, attempt=2)]
)
def test_what_was_never_asked_for_changes_nothing(result: cmd.SucceedStep) -> None:
    life = running(LOCK, LOCK)
    assert log(life.do(result)) == []


# by people


def test_the_holder_rolls_back_what_is_done_and_ends_what_is_under_way() -> None:
    life = held(PRIORITY, LOCK, step("create_ticket", task=True))
    each(life, done(0), done(1))
    outcome = life.do(back(), "ann")
    assert log(outcome) == ["rollback#1 of None by ann", "undo open#1/1 (1)"]
    assert "run open#1 ends: stopped, 0 skipped" in outcome.story
    assert each(life, undone(1), undone(0))[-1] == ["open#1/0 undone", "rollback#1 ends: 2 0 "]


def test_the_last_one_done_is_undone_first_across_runs() -> None:
    life = opened(contract=contract(runbook={"open": (PRIORITY, LOCK), "accepted": (LOCK,)}), answers=SLOW)
    life.do(done(0))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    each(life, done(0, run="accepted#1"), done(1))
    assert log(life.do(back(), "ann"))[-1] == "undo open#1/1 (1)"
    assert each(life, undone(1), undone(0, run="accepted#1"))[-1] == ["accepted#1/0 undone", "undo open#1/0 (1)"]


def test_one_run_alone_is_rolled_back() -> None:
    life = opened(contract=contract(runbook={"open": (PRIORITY,), "accepted": (LOCK,)}), answers=SLOW)
    life.do(done(0))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(done(0, run="accepted#1"))
    assert log(life.do(back("accepted#1"), "ann")) == ["rollback#1 of accepted#1 by ann", "undo accepted#1/0 (1)"]
    assert log(life.do(undone(0, run="accepted#1")))[-1] == "rollback#1 ends: 1 0 "
    assert [change.key for change in life.live.changes] == ["open#1/0"]


@pytest.mark.parametrize(
    ("word", "command", "actor", "reason"),
    [
        ("somebody else", back(), "ben", RejectReason.NOT_YOURS),
        ("a run that never was", back("open#2"), "ann", RejectReason.UNKNOWN_RUN),
        ("what is no run", back("open"), "ann", RejectReason.UNKNOWN_RUN),
        ("a run that did nothing", back("accepted#1"), "ann", RejectReason.NOTHING_TO_UNDO),
    ],
)
def test_refused(word: str, command: cmd.RollBack, actor: str, reason: RejectReason) -> None:
    del word
    life = accepted(contract=contract(runbook={"open": (LOCK,), "accepted": (step(),)}), answers=SLOW)
    life.do(done(0))
    assert life.do(command, actor).rejected is reason


def test_one_rollback_at_a_time() -> None:
    life = held(LOCK)
    life.do(done(0))
    life.do(back(), "ann")
    assert life.do(back(), "ann").rejected is RejectReason.ROLLBACK_PENDING


def test_a_manager_may_roll_back_what_nobody_holds() -> None:
    life = running(LOCK)
    life.do(done(0))
    assert life.do(back(), "ann").rejected is RejectReason.NOT_YOURS
    assert log(life.do(back(), "boss")) == ["rollback#1 of None by boss", "undo open#1/0 (1)"]


def test_what_could_not_be_undone_can_be_tried_again() -> None:
    life = held(LOCK)
    life.do(done(0))
    life.do(back(), "ann")
    each(life, stuck(0), stuck(0, 2))
    assert log(life.do(back(), "ann")) == ["rollback#2 of None by ann", "undo open#1/0 (1)"]


def test_another_run_that_stops_meanwhile_waits_its_turn() -> None:
    life = opened(contract=contract(runbook={"open": (LOCK, GUARDED), "accepted": (LOCK, GUARDED)}), answers=SLOW)
    life.do(done(0))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    each(life, done(0, run="accepted#1"), broken(1))
    assert log(life.do(broken(1, run="accepted#1"))) == ["rollback#2 of accepted#1 by surety:runner"]
    assert log(life.do(undone(0))) == ["open#1/0 undone", "rollback#1 ends: 1 0 ", "undo accepted#1/0 (1)"]


def test_a_rollback_goes_on_when_all_is_over() -> None:
    life = held(PRIORITY, LOCK, GUARDED)
    each(life, done(0), done(1), broken(2))
    life.do(cmd.Cancel(text=TEXT), "boss")
    assert log(life.do(undone(1))) == ["open#1/1 undone", "undo open#1/0 (1)"]
    assert next_deadline(life.live) is not None
    life.do(stuck(0))
    assert log(life.do(stuck(0, 2))) == ["open#1/0 not undone: no answer", "rollback#1 ends: 1 0 open#1/0", "tell boss"]


# what holds


def resolving(life: Life) -> Outcome:
    return life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")


HOLDS = "undone: lock still holds; run unlock, or a manager may close with a rationale"


def test_nothing_ends_while_an_action_holds() -> None:
    life = held(LOCK)
    life.do(done(0))
    refused = resolving(life)
    assert (refused.rejected, refused.detail) == (RejectReason.NOT_VERIFIED, HOLDS)
    closed = life.do(cmd.Override(action="close", code="fixed", text=TEXT), "boss")
    assert closed.rejected is None


def test_a_later_step_that_takes_it_back_releases_it() -> None:
    life = held(LOCK, UNLOCK)
    life.do(done(0))
    assert log(life.do(done(1))) == ["open#1/0 released by open#1/1", "open#1/1 changed: settled"]
    assert resolving(life).rejected is None
    assert log(life.do(done(1))) == []


def test_one_that_takes_back_something_else_does_not() -> None:
    life = held(LOCK, UNLOCK)
    life.do(done(0, {"undo.item": "A", "undo.note": "x"}))
    assert log(life.do(done(1, {"with.item": "B"}))) == ["open#1/1 changed: action"]
    assert len(resolving(life).detail.split("; ")) == 4


def test_with_the_same_values_where_both_have_them_it_does() -> None:
    life = held(LOCK, UNLOCK)
    life.do(done(0, {"undo.item": "A", "undo.note": "x"}))
    assert log(life.do(done(1, {"with.item": "A", "with.more": 1})))[0] == "open#1/0 released by open#1/1"


def test_what_was_undone_may_be_taken_back_again_without_holding() -> None:
    life = opened(contract=contract(runbook={"open": (LOCK,), "accepted": (UNLOCK,)}), answers=SLOW)
    life.do(done(0))
    life.do(back(), "boss")
    life.do(undone(0))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    assert log(life.do(done(0, run="accepted#1"))) == ["accepted#1/0 changed: settled"]
    assert resolving(life).rejected is None


def test_what_is_kept_on_purpose_does_not_hold() -> None:
    life = held(act("pay", kept="It is the customer's."))
    life.do(done(0))
    assert resolving(life).rejected is None


def test_a_late_answer_to_an_earlier_rollback_is_an_answer_to_the_one_that_waits_for_the_same() -> None:
    life = held(LOCK, PRIORITY)
    each(life, done(0), done(1, {"was.priority": "low"}))
    life.do(back(), "ann")
    each(life, stuck(1), stuck(1, 2), stuck(0), stuck(0, 2))
    life.do(back(), "ann")
    assert each(life, undone(1), undone(0)) == [
        ["open#1/1 undone", "undo open#1/0 (1)"],
        ["open#1/0 undone", "rollback#2 ends: 2 0 "],
    ]
    assert not life.live.rollbacks


def test_what_a_later_step_takes_back_while_it_is_being_undone_is_not_waited_for() -> None:
    life = accepted(contract=contract(runbook={"open": (LOCK,), "accepted": (UNLOCK,)}), answers=SLOW)
    life.do(done(0))
    life.do(back("open#1"), "ann")
    released = log(life.do(done(0, run="accepted#1")))
    assert (released[0], released[-1]) == ("open#1/0 released by accepted#1/0", "rollback#1 ends: 0 0 ")
    assert log(life.do(undone(0))) == []
    assert not life.live.rollbacks


def test_the_escalation_owner_hears_of_tasks_that_are_lost_with_a_run_that_is_rolled_back() -> None:
    life = held(LOCK, step(), step("create_ticket", task=True))
    life.do(done(0))
    outcome = life.do(back(), "ann")
    assert "tell boss: run_stopped" in outcome.story
    assert life.live.failed_tasks == ("open#1/2",)
