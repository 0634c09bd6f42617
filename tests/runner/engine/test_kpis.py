"""Figures: folded from what was decided, for one escalation and for many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.engine import commands as cmd
from runner.engine.kpis import Figures, figures, summarise
from tests.runner.engine.worlds import (
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    closed,
    contract,
    exhausted,
    handed,
    opened,
    page,
    roster,
    step,
    troubled,
)


def of(life: Life) -> Figures:
    return figures((now, (event,)) for now, event in life.events)


def test_a_life_that_went_well() -> None:
    assert of(closed()) == Figures(
        template="small", opened_at=at(0), acknowledge=300, resolution=3600, closed=4200, failovers=0, handoffs=0,
        lapsed=0, exceptions=0, exhausted=0, skipped=0, undelivered=0, pages_unanswered=0, runs_stopped=0,
        outcome_missed=False, late_seconds=0,
        code="fixed", impact=None,
    )  # fmt: skip


def test_a_life_that_nobody_answered() -> None:
    found = of(exhausted())
    assert (found.acknowledge, found.resolution, found.closed, found.code) == (None, None, None, None)
    assert (found.failovers, found.exhausted) == (5, 1)


def test_trying_again_is_no_failover() -> None:
    life = opened(answers=())
    life.until(at(180))
    assert of(life).failovers == 1


def _did(command: cmd.Args, actor: str) -> Life:
    life = opened()
    life.do(command, actor)
    return life


def _late() -> Life:
    life = opened()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(61))
    return life


def _accepting(life: Life) -> Life:
    life.accept()
    return life


def _recovery() -> Life:
    life = _did(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann")
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(3))
    return life


def _taken() -> Life:
    return _did(cmd.Override(action="take", text=TEXT), "boss")


def _undelivered() -> Life:
    life = opened(answers=())
    life.do(cmd.FailDelivery(delivery=1, why="x"))
    return life


def _unheard() -> Life:
    life = opened(contract=contract(runbook={"open": (page(),)}))
    life.until(at(5))
    return life


def _stopped() -> Life:
    life = opened(contract=contract(runbook={"open": (step(on_error="stop"),)}), answers=())
    life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="x"))
    return life


def _missed() -> Life:
    life = accepted()
    life.until(at(480))
    return life


@pytest.mark.parametrize(
    ("word", "life", "name", "expected"),
    [
        ("accepted late", _late, "late_seconds", 60),
        ("accepted late, and acknowledged then", _late, "acknowledge", 3660),
        ("a handoff offered is not one", handed, "handoffs", 0),
        ("a handoff accepted", lambda: _accepting(handed()), "handoffs", 1),
        ("a handoff accepted does not acknowledge again", lambda: _accepting(handed()), "acknowledge", 300),
        ("an exception", troubled, "exceptions", 1),
        ("taking over recovery does not acknowledge", _recovery, "acknowledge", None),
        ("a manager who takes it acknowledges", _taken, "acknowledge", 0),
        ("a rung without anybody", lambda: opened(roster=roster(away("ann"))), "skipped", 1),
        ("a rung without anybody is no failover", lambda: opened(roster=roster(away("ann"))), "failovers", 0),
        ("a message that nobody took", _undelivered, "undelivered", 1),
        ("a page without reaction", _unheard, "pages_unanswered", 1),
        ("a run that went to its end", _unheard, "runs_stopped", 0),
        ("a run that stopped", _stopped, "runs_stopped", 1),
        ("the outcome missed", _missed, "outcome_missed", True),
        ("a rejection", lambda: _did(cmd.Reject(offer=1, why="conflict"), "ann"), "failovers", 1),
        ("escalated by the owner", lambda: _did(cmd.Escalate(offer=1, text=TEXT), "ann"), "failovers", 1),
        ("cancelled is not closed", lambda: _did(cmd.Cancel(text=TEXT), "boss"), "closed", None),
        (
            "closed by override",
            lambda: _did(cmd.Override(action="close", text=TEXT, code="fixed"), "boss"),
            "code",
            "fixed",
        ),
    ],
)
def test_one_figure(word: str, life: object, name: str, expected: object) -> None:
    assert getattr(of(life()), name) == expected, word  # type: ignore[operator]


def test_without_an_opening_there_are_no_figures() -> None:
    with pytest.raises(ValueError, match="no opening"):
        figures([])


def test_figures_need_the_opening_first_for_durations() -> None:
    life = closed()
    shuffled = [*life.events[2:], *life.events[:2]]
    assert figures((now, (event,)) for now, event in shuffled).acknowledge == 0


def test_many() -> None:
    well = of(closed())
    slow = replace(well, acknowledge=900, resolution=None, closed=None, code=None, impact=None, failovers=2)
    silent = of(exhausted())
    found = summarise([well, slow, silent, replace(well, acknowledge=500, impact=70, outcome_missed=True)])
    assert (found.count, found.acknowledged, found.resolved, found.closed) == (4, 3, 2, 2)
    assert (found.acknowledge_median, found.resolution_median) == (500, 3600)
    assert (found.failovers, found.exhausted, found.outcomes_missed, found.impact) == (7, 1, 1, 70)


def test_none() -> None:
    found = summarise([])
    assert (found.count, found.acknowledge_median, found.resolution_median, found.impact) == (0, None, None, 0)
