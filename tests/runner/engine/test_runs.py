"""Runs: steps one after the other beside the ladder, their results, and what happens when the state is left."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    BOSS,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    closed,
    contract,
    limits,
    opened,
    resolved,
    step,
    twice,
)

ACCEPT = cmd.Accept(offer=1, answers=YES)
SLOW = ("deliveries", "writes")


def running(*steps: object, point: str = "open", **changes: Any) -> Life:
    """Opened, with these steps at the opening; their results are given by the test."""
    small = contract(runbook={point: steps or (step(), step())}, **changes)
    return opened(contract=small, answers=SLOW)


def accepting(*steps: object) -> Life:
    """Accepted, with these steps at the acceptance."""
    life = running(*steps, point="accepted")
    life.do(ACCEPT, "ann", when=at(5))
    return life


def done(position: int = 0, run: str = "open#1", attempt: int = 1, **result: Any) -> cmd.SucceedStep:
    return cmd.SucceedStep(run=run, step=position, attempt=attempt, result=result)


def broken(position: int = 0, run: str = "open#1", attempt: int = 1) -> cmd.FailStep:
    return cmd.FailStep(run=run, step=position, attempt=attempt, why="no such room")


STALE = ["ResultIgnored: stale"]


@table(
    Row("the next step", running, done(), at(1), ["StepSucceeded: done", "step open#1/1"]),
    Row(
        "the last step",
        partial(running, step()),
        done(),
        at(1),
        ["StepSucceeded: done", "run open#1 ends: done, 0 skipped"],
    ),
    Row(
        "a step fails: the manager is told, the run goes on",
        running,
        broken(),
        at(1),
        ["step open#1/0 fails: failed", "tell boss: step_failed", "step open#1/1"],
    ),
    Row(
        "no result in time",
        running,
        cmd.Tick(),
        at(10),
        ["step open#1/0 fails: timed_out", "tell boss: step_failed", "step open#1/1"],
    ),
    Row("a step that is not awaited yet", running, done(1), at(1), STALE),
    Row("another attempt", running, done(attempt=2), at(1), STALE),
    Row("an unknown run", running, done(run="open#2"), at(1), STALE),
    Row("a failure of an unknown run", running, broken(run="failover#1"), at(1), STALE),
    Row("after the end", closed, done(), at(80), STALE),
)
def test_results_of_steps(row: Row) -> None:
    play(row)


def test_a_result_that_comes_twice_counts_once() -> None:
    life = running()
    life.do(done())
    assert life.do(done()).story == STALE


def test_every_occurrence_of_a_point_is_a_run_of_its_own() -> None:
    life = running(step(), point="failover")
    life.until(at(90))
    assert list(life.live.runs) == ["failover#2"]
    started = [event.run for _, event in life.events if isinstance(event, ev.RunStarted)]
    assert started == ["failover#1", "failover#2"]


@pytest.mark.parametrize(
    ("word", "steps", "story"),
    [
        (
            "what is left is not begun",
            (step(), step(), step()),
            ["StepSucceeded: done", "run accepted#1 ends: left_state, 2 skipped"],
        ),
        (
            "what must be finished is",
            (step(), step(on_leave="finish")),
            ["StepSucceeded: done", "step accepted#1/1"],
        ),
        (
            "what must be finished is, past what need not be",
            (step(), step(), step(on_leave="finish")),
            ["StepSucceeded: done", "step accepted#1/2"],
        ),
        ("a step under way is waited for", (step(),), ["StepSucceeded: done", "run accepted#1 ends: done, 0 skipped"]),
    ],
)
def test_leaving_the_state_cancels_the_rest(word: str, steps: tuple[object, ...], story: list[str]) -> None:
    life = accepting(*steps)
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    assert life.live.runs["accepted#1"].leaving, word
    assert life.do(done(run="accepted#1"), when=at(7)).story == story


def test_steps_passed_over_are_counted_as_skipped() -> None:
    life = accepting(step(), step(), step(on_leave="finish"), step())
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    life.do(done(run="accepted#1"))
    assert life.do(done(2, run="accepted#1")).story == [
        "StepSucceeded: done",
        "run accepted#1 ends: left_state, 2 skipped",
    ]


def test_a_run_that_was_left_stays_left() -> None:
    life = accepting(step(), step())
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    life.accept()
    assert life.live.runs["accepted#1"].leaving
    assert not life.live.runs["accepted#2"].leaving


def test_the_opening_run_goes_on_until_the_end() -> None:
    life = running()
    life.do(ACCEPT, "ann")
    assert not life.live.runs["open#1"].leaving
    life.do(cmd.Cancel(text=TEXT), "boss")
    assert life.live.runs["open#1"].leaving


def test_a_step_under_way_at_the_end_still_has_a_deadline_and_then_nothing_has() -> None:
    life = running()
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(1))
    assert next_deadline(life.live) == at(10)
    assert life.tick(at(10)).story == [
        "step open#1/0 fails: timed_out",
        "tell boss: step_failed",
        "run open#1 ends: left_state, 1 skipped",
    ]
    assert next_deadline(life.live) is None


def test_the_closing_steps_are_done_after_the_end() -> None:
    life = resolved(contract=contract(runbook={"closed": (step(), step())}))
    life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(70))
    assert life.live.runs == {}
    ended = [event for _, event in life.events if isinstance(event, ev.RunEnded)]
    assert ended[-1].skipped == 0


def test_a_created_ticket_is_linked_and_a_task_is_remembered() -> None:
    life = accepting(step("create_ticket"), step("create_ticket", task=True))
    life.do(done(0, "accepted#1", ticket="T-7", url="https://example.test/T-7"))
    life.do(done(1, "accepted#1", ticket="T-8"))
    assert life.live.links == ("T-7", "T-8")
    assert life.live.tasks == ("T-8",)


def test_the_next_step_is_told_what_the_last_one_created() -> None:
    life = accepting(step("create_ticket"), step("note"))
    outcome = life.do(done(0, "accepted#1", ticket="T-7"))
    (effect,) = [each for each in outcome.effects if each.kind == "step"]
    assert effect.payload["created"] == "T-7"
    assert effect.payload["step_kind"] == "note"


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        (
            {"ticket": "T-7", "count": 3, "ok": True, "none": None},
            {"ticket": "T-7", "count": 3, "ok": True, "none": None},
        ),
        ({"text": "x" * 256}, {"text": "x" * 256}),
        ({"text": "x" * 257}, {}),
        ({"text": "ü" * 128}, {"text": "ü" * 128}),
        ({"text": "ü" * 129}, {}),
    ],
)
def test_results_are_scalars_of_at_most_256_bytes(result: dict[str, Any], kept: dict[str, object]) -> None:
    life = running(step())
    assert life.do(done(**result)).one(ev.StepSucceeded).result == kept


def test_why_a_step_failed_is_cut() -> None:
    life = running(step())
    outcome = life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="x" * 300))
    assert outcome.one(ev.StepFailed).why == "x" * 256


def test_a_step_has_as_long_as_the_limit_says() -> None:
    life = running(step(), limits=limits(step_within=90))
    assert life.live.runs["open#1"].due == at(1.5)


def test_the_ladder_does_not_wait_for_a_run() -> None:
    life = running(step(), limits=limits(step_within=86400))
    life.until(at(90))
    assert life.live.offers[3].to == "boss"
    assert "open#1" in life.live.runs


def test_the_previous_owner_is_who_had_it_before() -> None:
    both = contract(runbook={"accepted": (step("notify", who="previous_owner"), step("notify", who="owner"))})
    life = accepted(contract=both)
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    who = [event.who for _, event in life.events if isinstance(event, ev.StepRequested)]
    assert who == ["ann", "ann", "ann", "boss"]


def test_after_the_end_the_owner_is_who_had_it_last() -> None:
    life = closed(
        contract=contract(runbook={"closed": (step("notify", who="owner"), step("notify", who="escalation_owner"))})
    )
    who = [event.who for _, event in life.events if isinstance(event, ev.StepRequested)]
    assert who == ["ann", "boss"]


def task_given_up(**changes: Any) -> Life:
    """A task and a step after it; the task got no result in time."""
    life = running(step("create_ticket", task=True), step(), **changes)
    life.tick(at(10))
    return life


def after_a_timeout(**changes: Any) -> Life:
    """Two steps; the first got no result in time."""
    life = running(**changes)
    life.tick(at(10))
    return life


@table(
    Row("the task was created after all", task_given_up, done(ticket="T-9"), at(12), ["StepSucceeded: done"]),
    Row("its failure comes late", task_given_up, broken(), at(12), STALE),
    Row("a step that is no task comes late", after_a_timeout, done(ticket="T-9"), at(12), STALE),
)
def test_late_results_of_steps(row: Row) -> None:
    play(row)


@pytest.mark.parametrize("given_up", [cmd.Tick(), broken()])
def test_a_task_that_was_given_up_counts_when_its_ticket_comes(given_up: cmd.Args) -> None:
    life = running(step("create_ticket", task=True), step())
    life.do(given_up, when=at(10))
    assert life.live.failed_tasks == ("open#1/0",)
    life.do(done(ticket="T-9"), when=at(12))
    state = life.live
    assert (state.failed_tasks, state.links, state.tasks) == ((), ("T-9",), ("T-9",))
    assert state.runs["open#1"].step == 1, "the run is where it was"
    assert life.do(done(ticket="T-9")).story == STALE, "and once only"


def test_a_task_may_come_when_its_run_is_over() -> None:
    life = task_given_up()
    life.do(done(1))
    assert life.live.runs == {}
    assert life.do(done(ticket="T-9"), when=at(30)).story == ["StepSucceeded: done"]
    assert life.live.tasks == ("T-9",)


# A step's own time, its tries, and what stops a run


def trying(*rest: object, **changes: Any) -> Life:
    """A step with two more tries, five minutes apart, that has failed once after one minute."""
    life = running(step(retry=twice(300), **changes), *(rest or (step(),)))
    life.do(broken(), when=at(1))
    return life


def pausing_after_a_timeout() -> Life:
    """As `trying`, but the step got no result within its own two minutes."""
    life = running(step(retry=twice(300), timeout=120), step())
    life.tick(at(2))
    return life


def trying_a_second_time() -> Life:
    life = trying()
    life.tick(at(6))
    return life


def trying_a_last_time() -> Life:
    life = trying_a_second_time()
    life.do(broken(attempt=2), when=at(7))
    life.tick(at(12))
    return life


@table(
    Row("a step fails and has tries left: nobody is told", partial(running, step(retry=twice(300))), broken(), at(1),
        ["step open#1/0 fails: failed"]),
    Row("its own time is over", partial(running, step(timeout=120), step()), cmd.Tick(), at(2),
        ["step open#1/0 fails: timed_out", "tell boss: step_failed", "step open#1/1"]),
    Row("before its own time is over", partial(running, step(timeout=120)), cmd.Tick(), at(1, seconds=59), []),
    Row("the pause is not over", trying, cmd.Tick(), at(5, seconds=59), []),
    Row("the pause is over", trying, cmd.Tick(), at(6), ["step open#1/0 again (2)"]),
    Row("a failure comes twice", trying, broken(), at(2), STALE),
    Row("a try that timed out fails after all", pausing_after_a_timeout, broken(), at(3), STALE),
    Row("a try that timed out succeeds before the next", pausing_after_a_timeout, done(), at(3),
        ["StepSucceeded: done", "step open#1/1"]),
    Row("the first try succeeds after the second began", trying_a_second_time, done(), at(7), STALE),
    Row("the second try succeeds", trying_a_second_time, done(attempt=2), at(7),
        ["StepSucceeded: done", "step open#1/1"]),
    Row("the second try fails", trying_a_second_time, broken(attempt=2), at(7), ["step open#1/0 fails: failed"]),
    Row("the last try fails", trying_a_last_time, broken(attempt=3), at(13),
        ["step open#1/0 fails: failed", "tell boss: step_failed", "step open#1/1"]),
)  # fmt: skip
def test_a_step_has_its_own_time_and_its_tries(row: Row) -> None:
    play(row)


def test_every_try_is_an_effect_of_its_own() -> None:
    life = trying()
    (effect,) = [each for each in life.tick(at(6)).effects if each.kind == "step"]
    assert (effect.payload["step"], effect.payload["attempt"]) == (0, 2)
    assert life.live.runs["open#1"].due == at(16)
    assert not life.live.runs["open#1"].waiting


def test_the_pause_is_the_next_deadline_and_survives_a_restart() -> None:
    life = trying()
    life.reload()
    assert life.live.runs["open#1"].waiting
    assert next_deadline(life.live) == at(6)


def test_a_step_that_left_its_state_is_not_tried_again() -> None:
    life = accepting(step(retry=twice(300)), step())
    life.do(broken(run="accepted#1"), when=at(6))
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(7))
    assert life.tick(at(11)).story == [
        "step accepted#1/0 fails: left_state",
        "tell boss: step_failed",
        "run accepted#1 ends: left_state, 1 skipped",
    ]


def test_a_failure_after_the_state_was_left_is_the_last() -> None:
    life = accepting(step(retry=twice(300)))
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    assert life.do(broken(run="accepted#1"), when=at(7)).one(ev.StepFailed).retry_at is None


def test_what_must_be_finished_is_tried_again_all_the_same() -> None:
    life = accepting(step(retry=twice(300), on_leave="finish"))
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    life.do(broken(run="accepted#1"), when=at(7))
    assert life.tick(at(12)).story == ["step accepted#1/0 again (2)"]


def test_passing_over_steps_is_counted_once_with_tries_between() -> None:
    life = accepting(step(), step(), step(on_leave="finish", retry=twice(300)), step())
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    life.do(done(run="accepted#1"))
    life.do(broken(2, run="accepted#1"), when=at(7))
    life.tick(at(12))
    assert life.do(done(2, run="accepted#1", attempt=2)).one(ev.RunEnded).skipped == 2


def test_a_step_may_stop_its_run() -> None:
    life = running(step(on_error="stop"), step(), step(on_leave="finish"))
    assert life.do(broken(), when=at(1)).story == [
        "step open#1/0 fails: failed",
        "tell boss: run_stopped",
        "tell ann: run_stopped",
        "run open#1 ends: stopped, 2 skipped",
    ]
    assert life.live.runs == {}


def test_a_run_is_stopped_when_the_last_try_has_failed() -> None:
    life = running(step(on_error="stop", retry=twice(300, times=1)), step())
    assert life.do(broken(), when=at(1)).story == ["step open#1/0 fails: failed"]
    life.tick(at(6))
    assert life.tick(at(16)).story[-1] == "run open#1 ends: stopped, 1 skipped"


def test_the_escalation_owner_hears_once_of_a_run_that_stopped() -> None:
    life = running(step(on_error="stop"), owners={"primary": BOSS})
    assert life.do(broken()).story.count("tell boss: run_stopped") == 1


def test_a_run_that_stops_after_the_end_is_told_to_the_escalation_owner() -> None:
    life = replace(resolved(contract=contract(runbook={"closed": (step(on_error="stop"), step())})), answers=SLOW)
    life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(70))
    assert life.do(broken(run="closed#1")).story == [
        "step closed#1/0 fails: failed",
        "tell boss: run_stopped",
        "run closed#1 ends: stopped, 1 skipped",
    ]


def test_a_task_that_was_never_begun_keeps_the_escalation_open() -> None:
    life = running(step(on_error="stop"), step("create_ticket", task=True))
    assert "step open#1/1 fails: stopped" in life.do(broken()).story
    life.do(ACCEPT, "ann")
    refused = life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")
    assert refused.detail == "tasks_done: step open#1/1 failed; a manager may close with a rationale"


def test_a_task_with_tries_left_is_still_awaited() -> None:
    life = running(step("create_ticket", task=True, retry=twice(300)))
    life.do(broken(), when=at(1))
    assert life.live.failed_tasks == ()
    life.do(ACCEPT, "ann")
    refused = life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")
    assert refused.detail == "tasks_done: open#1 has not created its task yet"
    life.tick(at(6))
    life.do(done(attempt=2, ticket="T-9"), when=at(7))
    assert life.live.tasks == ("T-9",)
