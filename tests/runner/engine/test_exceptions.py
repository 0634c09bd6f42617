"""Exceptions: who may raise one, whose path it is, what happens when recovery takes too long, and how it ends."""

from __future__ import annotations

from functools import partial
from typing import Any

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    NET,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    contract,
    exception,
    exhausted,
    opened,
    resolved,
    roster,
    step,
    troubled,
    without,
)


def raised(name: str = "vendor") -> cmd.RaiseException:
    return cmd.RaiseException(exception_class=name, text=TEXT)


def ended(number: int = 1) -> cmd.EndException:
    return cmd.EndException(exception=number, text=TEXT)


def owned(**changes: Any) -> Life:
    """Carl has accepted the recovery."""
    life = troubled(**changes)
    life.accept()
    return life


def overdue(**changes: Any) -> Life:
    life = owned(**changes)
    life.until(at(130))
    return life


def _raised_and_ended(life: Life) -> cmd.EndException:
    life.do(raised("lost"), "boss")
    return ended()


ASKED = ["ExceptionRaised: raised", "exception offer 2 to carl: raised", "tell carl: offer", "tell boss: exception"]


@table(
    Row("by the holder", accepted, raised(), at(10), ASKED, "ann"),
    Row("by the one who is asked", opened, raised(), at(10), ASKED, "ann"),
    Row("by the escalation owner", accepted, raised(), at(10), ASKED, "boss"),
    Row("by somebody with the job", accepted, raised(), at(10), ASKED, "dora", ("duty-manager",)),
    Row("by somebody with another job", accepted, raised(), at(10), RejectReason.NOT_YOURS, "dora", ("cook",)),
    Row("by a bystander", accepted, raised(), at(10), RejectReason.NOT_YOURS, "ben"),
    Row(
        "of a class that this contract does not have",
        accepted,
        raised("flood"),
        at(10),
        RejectReason.UNKNOWN_CLASS,
        "ann",
    ),
    Row("when resolved", resolved, raised(), at(61), RejectReason.WRONG_STATE, "ann"),
    Row(
        "in exhaustion",
        exhausted,
        raised(),
        at(250),
        ["ExceptionRaised: raised", "exception offer 8 to carl: raised", "tell carl: offer", "tell boss: exception"],
        "boss",
    ),
    Row(
        "the first of the team is away",
        partial(accepted, roster=roster(away("carl"))),
        raised(),
        at(10),
        ["ExceptionRaised: raised", "exception offer 2 to cora: raised", "tell cora: offer", "tell boss: exception"],
        "ann",
    ),
    Row(
        "the path is one's own: nobody needs to be asked",
        accepted,
        raised("mine"),
        at(10),
        ["ExceptionRaised: raised", "exception 1 is ann's: raised", "tell boss: exception"],
        "ann",
    ),
    Row(
        "nobody stands on the path: the escalation owner's",
        accepted,
        raised("lost"),
        at(10),
        ["ExceptionRaised: raised", "exception 1 is boss's: unknown_ref", "tell boss: exception"],
        "ann",
    ),
    Row(
        "the steps begin",
        partial(accepted, contract=contract(runbook={"exception": (step(),)})),
        raised("mine"),
        at(10),
        [
            "ExceptionRaised: raised",
            "exception 1 is ann's: raised",
            "tell boss: exception",
            "run exception#1",
            "step exception#1/0",
        ],
        "ann",
    ),
    Row(
        "the path owner accepts",
        troubled,
        cmd.Accept(offer=2, answers=YES),
        at(20),
        ["carl accepts 2: accepted", "exception 1 is carl's: accepted"],
        "carl",
    ),
    Row(
        "the checklist holds here too",
        troubled,
        cmd.Accept(offer=2, answers={}),
        at(20),
        RejectReason.CHECKLIST_INCOMPLETE,
        "carl",
    ),
    Row(
        "the path owner does not answer",
        troubled,
        cmd.Tick(),
        at(70),
        ["offer 2 ends: no_answer", "exception 1 is boss's: no_answer", "tell boss: exception"],
    ),
    Row(
        "the path owner was never told",
        partial(troubled, answers=()),
        cmd.Tick(),
        at(70),
        ["offer 2 ends: not_told", "exception 1 is boss's: not_told", "tell boss: exception"],
    ),
    Row(
        "recovery takes too long",
        owned,
        cmd.Tick(),
        at(130),
        ["ExceptionOverdue: recovery_overdue", "tell boss: exception_overdue"],
    ),
    Row(
        "and longer: told again",
        overdue,
        cmd.Tick(),
        at(190),
        ["ExceptionOverdue: recovery_overdue", "tell boss: exception_overdue"],
    ),
    Row(
        "recovery is shorter than the answer",
        partial(troubled, contract=contract(exceptions={"vendor": exception(NET, 600)})),
        cmd.Tick(),
        at(20),
        ["offer 2 ends: recovery_overdue", "ExceptionOverdue: recovery_overdue", "tell boss: exception_overdue"],
    ),
    Row(
        "ended by its owner: back to the holder",
        owned,
        ended(),
        at(30),
        ["ExceptionEnded: recovered", "tell ann: exception_ended"],
        "carl",
    ),
    Row("ended by the holder", owned, ended(), at(30), ["ExceptionEnded: recovered"], "ann"),
    Row(
        "ended by a manager",
        owned,
        ended(),
        at(30),
        ["ExceptionEnded: recovered", "tell ann: exception_ended"],
        "boss",
    ),
    Row(
        "ended while nobody holds it",
        partial(exhausted, contract=contract(repeat=0)),
        _raised_and_ended,
        at(190),
        ["ExceptionEnded: recovered"],
        "boss",
    ),
    Row("ended by a bystander", owned, ended(), at(30), RejectReason.NOT_YOURS, "ben"),
    Row(
        "ended before its path owner answered",
        troubled,
        ended(),
        at(30),
        ["offer 2 ends: recovered", "ExceptionEnded: recovered"],
        "ann",
    ),
    Row("there is no such exception", accepted, ended(), at(30), RejectReason.UNKNOWN_EXCEPTION, "ann"),
)
def test_exception(row: Row) -> None:
    play(row)


def test_when_it_ends_the_holder_gets_the_time_for_progress_anew() -> None:
    """Who waited for somebody else has not been silent."""
    life = owned(contract=contract(progress_within=box(3 * HOUR)))
    assert life.live.progress_due == at(190)
    life.do(ended(), "carl", when=at(100))
    assert life.live.progress_due == at(280)


def test_the_steps_of_its_class_begin_beside_those_of_every_exception() -> None:
    steps = {"exception": (step(),), "exception:mine": (step(), step()), "exception:vendor": (step(),)}
    life = accepted(contract=contract(runbook=steps), answers=("deliveries",))
    outcome = life.do(raised("mine"), "ann", when=at(10))
    assert outcome.story[3:] == [
        "run exception#1",
        "step exception#1/0",
        "run exception:mine#1",
        "step exception:mine#1/0",
    ]
    started = [event for event in outcome.events if isinstance(event, ev.RunStarted)]
    assert [event.rule for event in started] == ["small#/runbook/exception", "exceptions#/classes/mine/runbook"]
    life.do(cmd.SucceedStep(run="exception:mine#1", step=0, attempt=1), when=at(11))
    done = life.do(cmd.SucceedStep(run="exception:mine#1", step=1, attempt=1), when=at(12))
    assert done.one(ev.RunEnded).rule == "exceptions#/classes/mine/runbook"
    assert {run.point for run in life.live.runs.values()} == {"exception"}


def test_a_run_of_a_class_ends_with_the_phases_of_an_exception() -> None:
    life = accepted(contract=contract(runbook={"exception:mine": (step(), step())}), answers=("deliveries", "writes"))
    life.do(raised("mine"), "ann", when=at(10))
    life.do(ended(), "ann", when=at(11))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(12))
    assert life.live.runs["exception:mine#1"].leaving


def test_who_raised_it_answers_for_recovery_until_somebody_owns_it() -> None:
    life = troubled()
    assert life.live.exceptions[1].owner == "ann"
    assert not life.live.exceptions[1].owned
    life.accept()
    assert (life.live.exceptions[1].owner, life.live.exceptions[1].owned) == ("carl", True)


def test_an_exception_leaves_the_holder_accountable() -> None:
    life = owned()
    assert (life.live.phase, accountable(life.live)) == (Phase.ACCEPTED, "ann")


def test_the_overdue_exception_is_the_escalation_owners_and_dated() -> None:
    life = owned()
    event = life.tick(at(200)).one(ev.ExceptionOverdue)
    assert (event.due, event.owner, event.next_due) == (at(130), "boss", at(260))
    assert life.live.exceptions[1].owner == "boss"


def test_another_exceptions_offer_stays_when_one_ends_or_is_overdue() -> None:
    life = troubled()
    life.do(raised("lost"), "ann", when=at(11))
    assert life.do(ended(2), "ann", when=at(12)).story == ["ExceptionEnded: recovered"]
    life.do(raised("lost"), "ann", when=at(12))
    late = without(life, "deliveries")
    late.contract = contract(exceptions={**life.contract.exceptions})
    assert 2 in late.live.offers
    outcome = late.tick(at(200))
    assert outcome.story[0] == "offer 2 ends: no_answer"


def test_the_engine_bears_an_offer_whose_exception_is_over() -> None:
    """It cannot come to be: ending an exception ends its offer. Should it, the offer ends and nothing else happens."""
    for command, actor, story in (
        (cmd.Accept(offer=2, answers=YES), "carl", ["carl accepts 2: accepted"]),
        (cmd.Reject(offer=2, why="not_mine"), "carl", ["offer 2 ends: rejected_not_mine"]),
    ):
        life = troubled()
        life.live.exceptions = {}
        assert life.do(command, actor).story == story
