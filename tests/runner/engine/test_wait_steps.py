"""Steps that wait: for time, for the ticket, in vain, and until the state is left."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from runner.contract.conditions import Changed, In
from runner.contract.contract import BoxOf, CalendarOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.conditions import Facts
from runner.engine.state import next_deadline
from runner.engine.wait_steps import come_true
from tests.runner.engine.programs import program, wait
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import TEXT, YES, Life, accepted, at, contract, opened, step

SENT = ("deliveries", "writes")
PAID = In("status", ("paid",))


def waiting(*steps: Any, point: str = "open") -> Life:
    """A wait of three hours at the opening, which ann has accepted, and a step after it."""
    life = opened(contract=contract(runbook={point: program(*(steps or (wait(), step())))}), answers=SENT)
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    return life


def came(holds: Any = True) -> cmd.SucceedStep:
    result = {} if holds is None else {"holds": holds}
    return cmd.SucceedStep(run="open#1", step=0, attempt=1, result=result)


until = partial(wait, PAID)


@table(
    Row("time alone", waiting, cmd.Tick(), at(180), ["StepSucceeded: waited", "step open#1/1"]),
    Row("not yet", waiting, cmd.Tick(), at(179), []),
    Row("nobody can end a wait for time", waiting, came(), at(2), ["ResultIgnored: stale"]),
    Row(
        "the ticket is so",
        partial(waiting, until(), step()),
        came(),
        at(2),
        ["StepSucceeded: came_true", "step open#1/1"],
    ),
    Row("the ticket is not so at the first look", partial(waiting, until(), step()), came(holds=False), at(2), []),
    Row(
        "in vain, and it goes on",
        partial(waiting, until("go_on"), step()),
        cmd.Tick(),
        at(180),
        ["StepSucceeded: in_vain", "step open#1/1"],
    ),
    Row(
        "in vain, and the escalation owner hears of it",
        partial(waiting, until("escalate"), step()),
        cmd.Tick(),
        at(180),
        ["tell boss: wait_over", "StepSucceeded: in_vain", "step open#1/1"],
    ),
    Row(
        "in vain, and the step fails",
        partial(waiting, until("fail"), step()),
        cmd.Tick(),
        at(180),
        ["step open#1/0 fails: in_vain", "tell boss: step_failed", "step open#1/1"],
    ),
    Row(
        "in vain, and the run stops",
        partial(waiting, until("fail", on_error="stop"), step()),
        cmd.Tick(),
        at(180),
        [
            "step open#1/0 fails: in_vain",
            "tell boss: run_stopped",
            "tell ann: run_stopped",
            "run open#1 ends: stopped, 1 skipped",
        ],
    ),
    Row(
        "the world cannot look",
        partial(waiting, until(), step()),
        cmd.FailStep(run="open#1", step=0, attempt=1, why="x"),
        at(2),
        ["step open#1/0 fails: failed", "tell boss: step_failed", "step open#1/1"],
    ),
)
def test_waits(row: Row) -> None:
    play(row)


@pytest.mark.parametrize(("holds", "kept"), [(True, {"holds": True}), (None, {})])
def test_what_a_wait_leaves(holds: bool | None, kept: dict[str, Any]) -> None:
    life = waiting(until(name="money"), step())
    assert life.do(came(holds)).one(ev.StepSucceeded).result == kept == life.live.results["money"]


def test_a_wait_in_vain_says_so() -> None:
    life = waiting(until("go_on", name="money"), step())
    life.do(cmd.Tick(), when=at(180))
    assert life.live.results["money"] == {"holds": False}


def test_only_a_wait_for_the_ticket_asks_the_world() -> None:
    assert not [each for each in waiting().effects if each.kind == "step"]
    (effect,) = [each for each in waiting(until()).effects if each.kind == "step"]
    assert (effect.payload["step_kind"], effect.lane) == ("wait", "ticket")


def test_a_wait_counts_in_its_calendar() -> None:
    office = CalendarOf(zone="UTC", week=(((540, 1020),),) * 5 + ((),) * 2, closed=())
    one = wait().model_copy(update={"within": BoxOf(seconds=9 * 3600, calendar="office")})
    life = opened(contract=contract(runbook={"open": (one,)}, calendars={"office": office}), answers=SENT)
    assert life.live.runs["open#1"].due == at(25 * 60)


@pytest.mark.parametrize("step_", [wait(), wait(PAID)])
def test_leaving_the_state_ends_a_wait_at_once(step_: Any) -> None:
    life = accepted(
        contract=contract(runbook={"accepted": program(step_, step(), step(on_leave="finish"))}), answers=SENT
    )
    story = life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6)).story
    assert "step accepted#1/2" in story
    assert life.live.runs["accepted#1"].skipped == 2


def test_a_wait_that_must_be_finished_goes_on_even_when_all_is_over() -> None:
    life = waiting(wait(on_leave="finish"), step(), step(on_leave="finish"))
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(3))
    assert next_deadline(life.live) == at(180)
    assert life.do(cmd.Tick(), when=at(180)).story == ["StepSucceeded: waited", "step open#1/2"]


def looked(**after: Any) -> Facts:
    return Facts({"status": "open"}, after, {}, at(5))


@pytest.mark.parametrize(
    ("word", "steps", "after", "ended"),
    [
        ("it is so", (until(),), {"status": "paid"}, 1),
        ("it is not", (until(),), {"status": "open"}, 0),
        ("it has changed", (wait(Changed("status")),), {"status": "x"}, 1),
        ("it has not", (wait(Changed("status")),), {"status": "open"}, 0),
        ("time alone is not seen in the ticket", (wait(),), {"status": "paid"}, 0),
        ("another step", (step(),), {"status": "paid"}, 0),
    ],
)
def test_what_a_look_at_the_ticket_ends(word: str, steps: Any, after: dict[str, Any], ended: int) -> None:
    life = waiting(*steps)
    found = list(come_true(life.contract, life.live, looked(**after)))
    assert len(found) == ended, word
    assert all(each == came() for each in found)
