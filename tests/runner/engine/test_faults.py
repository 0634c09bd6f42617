"""A run that stopped: an exception with an owner where the class is declared, and what only a later step takes back."""

from __future__ import annotations

from functools import partial
from typing import Any

from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from runner.engine.faults import STEP_FAILED
from tests.runner.engine.programs import answer, approve
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.test_rollback import (
    GUARDED,
    LOCK,
    PRIORITY,
    UNLOCK,
    act,
    back,
    broken,
    done,
    each,
    log,
    undone,
)
from tests.runner.engine.worlds import (
    BOSS,
    HOUR,
    NET,
    Life,
    accepted,
    at,
    closed,
    contract,
    exception,
    opened,
    step,
    twice,
)

SLOW = ("deliveries", "writes")
NETS = {STEP_FAILED: exception(NET, 3 * HOUR, name=STEP_FAILED)}
STOPPED = "ExceptionRaised: failed"
LATER = act("lock", "unlock", kept="The step that settles it.")


def running(*steps: StepOf, **changes: Any) -> Life:
    """Offered to ann, with these steps at the opening; carl's team has steps that failed."""
    terms: dict[str, Any] = {"runbook": {"open": steps}, "built_in": NETS, **changes}
    return opened(contract=contract(**terms), answers=SLOW)


def ended(*steps: StepOf) -> Life:
    """Closed, with a step of the end under way."""
    return closed(contract=contract(runbook={"closed": steps}, built_in=NETS), answers=SLOW)


@table(
    Row(
        "the team that is declared is asked",
        partial(running, GUARDED),
        broken(),
        at(1),
        [
            "step open#1/0 fails: failed", "tell ann: run_stopped", "run open#1 ends: stopped, 0 skipped", STOPPED,
            "exception offer 2 to carl: raised", "tell carl: offer", "tell boss: run_stopped",
        ],
    ),
    Row(
        "the template says otherwise whose it is",
        partial(running, GUARDED, exceptions={STEP_FAILED: exception(BOSS, name=STEP_FAILED)}, built_in={}),
        broken(),
        at(1),
        [
            "step open#1/0 fails: failed", "tell ann: run_stopped", "run open#1 ends: stopped, 0 skipped", STOPPED,
            "exception 1 is boss's: failed", "tell boss: run_stopped",
        ],
    ),
    Row(
        "nothing is declared: it is told",
        partial(running, GUARDED, built_in={}),
        broken(),
        at(1),
        [
            "step open#1/0 fails: failed", "tell boss: run_stopped", "tell ann: run_stopped",
            "run open#1 ends: stopped, 0 skipped",
        ],
    ),
    Row(
        "it is tried again first",
        partial(running, step(on_error="stop", retry=twice(300, 1))),
        broken(),
        at(1),
        ["step open#1/0 fails: failed"],
    ),
    Row(
        "it may fail without harm",
        partial(running, step()),
        broken(),
        at(1),
        ["step open#1/0 fails: failed", "tell boss: step_failed", "run open#1 ends: done, 0 skipped"],
    ),
    Row(
        "nobody has it after the end: it is told",
        partial(ended, GUARDED),
        broken(run="closed#1"),
        at(60),
        ["step closed#1/0 fails: failed", "tell boss: run_stopped", "run closed#1 ends: stopped, 0 skipped"],
    ),
)  # fmt: skip
def test_a_run_that_stops(row: Row) -> None:
    play(row)


def test_the_exception_names_the_step() -> None:
    life = running(PRIORITY, GUARDED)
    life.do(done(0))
    assert "exception step_failed about open#1/1" in log(life.do(broken(1)))


def test_a_no_is_no_fault() -> None:
    life = running(approve(BOSS), step())
    life.do(answer(life, approved=False), "boss")
    assert life.live.exceptions == {}


def test_a_rollback_keeps_what_a_later_step_takes_back() -> None:
    life = running(PRIORITY, LATER, GUARDED, built_in={})
    each(life, done(0, {"was.priority": "low"}), done(1))
    assert log(life.do(broken(2))) == [
        "rollback#1 of open#1 by surety:runner",
        "open#1/1 kept",
        "undo open#1/0 (1)",
    ]
    assert log(life.do(undone(0))) == ["open#1/0 undone", "rollback#1 ends: 1 1 "]
    assert [change.key for change in life.live.changes] == ["open#1/1"], "it holds, so nothing closes"


def test_the_later_step_releases_it_still() -> None:
    runbook = {"open": (LATER,), "accepted": (UNLOCK,)}
    life = accepted(contract=contract(runbook=runbook), answers=SLOW)
    life.do(done(0))
    assert log(life.do(back("open#1"), "ann"))[-2:] == ["open#1/0 kept", "rollback#1 ends: 0 1 "]
    assert log(life.do(back("open#1"), "ann"))[-2:] == ["open#1/0 kept", "rollback#2 ends: 0 1 "]
    assert log(life.do(done(0, run="accepted#1")))[0] == "open#1/0 released by accepted#1/0"


def test_in_doubt_it_is_reported_like_any_other() -> None:
    life = running(LATER, GUARDED, built_in={})
    life.do(broken(0, unknown=True))
    assert "exception not_undone about rollback#1" in log(life.do(broken(1)))


def test_without_a_later_step_it_is_taken_back() -> None:
    life = running(LOCK, GUARDED, built_in={})
    life.do(done(0))
    assert log(life.do(broken(1)))[-1] == "undo open#1/0 (1)"


def test_a_step_that_fails_late_is_nobodys_exception_twice() -> None:
    life = running(GUARDED)
    life.do(broken())
    life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="no"))
    assert len(life.live.exceptions) == 1
