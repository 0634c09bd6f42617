"""What one part alone looks at: faults planted there are found there, although every other part leaves them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.contract.contract import Contract, StepOf
from runner.engine import answering, evolve, exceptions, rollback
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.evolve import ownership as evolving
from runner.engine.roster import Nobody
from runner.engine.runs import finish_step
from runner.engine.state import State
from tests.runner.engine.programs import approve, program
from tests.runner.engine.stages import act
from tests.runner.engine.worlds import contract, step
from tests.validators.verify.small import one_rung, part_named
from validators.verify.explore import Budget, explore
from validators.verify.properties import broken

STATES = 700
APPLY: Any = evolve._APPLY
TELL, ASK, ACCEPTED = Draft.tell, exceptions._ask_path_owner, evolving._offer_accepted
WITH_TASKS = {"exceptions": {"mine": {
    "summary": "x", "owner": {"role": "boss"}, "within": {"seconds": 60, "calendar": None}, "rule": "x#/mine",
    "requires": ["plan", "tasks"],
}}}  # fmt: skip


def planned() -> Contract:
    """An exception with tasks."""
    return one_rung(**WITH_TASKS)


def running(*steps: StepOf) -> Contract:
    plain = contract(runbook={"open": program(*steps)}).model_dump(mode="json")
    return one_rung(runbook=plain["runbook"])


def locking() -> Contract:
    return running(act("lock", "unlock", on_error="stop"), step(on_error="stop"))


def asking() -> Contract:
    return running(approve(on_error="stop"), step())


def untold_when_overdue(draft: Draft, to: str, about: Any, *more: Any, **named: Any) -> None:
    """That a task is overdue is not told of once the outcome is."""
    if not (about == "task_overdue" and draft.state.outcome_missed):
        TELL(draft, to, about, *more, **named)


def asks_no_manager(draft: Draft, by: str, number: int, rules: Any) -> None:
    """A path owner who is the escalation owner is not asked."""
    found = draft.on_call(rules.owner)
    if isinstance(found, Nobody) or found.id == by or found.id != draft.manager().id:
        ASK(draft, by, number, rules)


def loses_tasks(new: State, event: ev.OfferAccepted) -> None:
    """With a handoff the exceptions go whose tasks are not done."""
    handoff = new.offers[event.offer].purpose == "handoff"
    ACCEPTED(new, event)
    if handoff:
        new.exceptions = {n: each for n, each in new.exceptions.items() if not each.open_tasks}


def ends_at_once(draft: Draft) -> None:
    """A rollback is over before anything is taken back."""
    while under_way := next(iter(draft.state.rollbacks.values()), None):
        rollback._end(draft, under_way)


def never(draft: Draft) -> None:
    """What has stopped is not taken back."""


def goes_on(draft: Draft, run: Any, asked: StepOf, reason: Any, why: str) -> None:
    """A refusal is as good as an approval."""
    del why
    finish_step(draft, run, asked, {"approved": False}, reason)


@pytest.mark.parametrize(
    ("terms", "part", "module", "name", "fault", "found"),
    [
        (planned, "exceptions and tasks", Draft, "tell", untold_when_overdue, "silence"),
        (planned, "exceptions and tasks", exceptions, "_ask_path_owner", asks_no_manager, "exceptions-owned"),
        (planned, "exceptions and tasks", APPLY, "OfferAccepted", loses_tasks, "exceptions-told"),
        (locking, "runs: open", rollback, "_go_on", ends_at_once, "undone"),
        (asking, "runs: open", answering, "fail_step", goes_on, "approved"),
    ],
)
def test_its_faults_are_found(  # noqa: PLR0917 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
    terms: Callable[[], Contract],
    part: str,
    module: Any,
    name: str,
    fault: Callable[..., Any],
    found: str,
) -> None:
    looked_at = part_named(terms(), part)
    assert explore(looked_at, Budget(states=STATES), broken).found == []
    if isinstance(module, dict):
        monkeypatch.setitem(module, name, fault)
    else:
        monkeypatch.setattr(module, name, fault)
    assert found in {each.name for each in explore(looked_at, Budget(states=STATES), broken).found}


def test_a_run_that_stops_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.engine.decide.roll_back_stopped", never)
    shown = explore(part_named(locking(), "runs: open"), Budget(states=STATES), broken).found
    assert ("undone", "a run has stopped, and nobody takes back what it did") in {(f.name, f.words) for f in shown}


def test_a_state_that_does_not_fit_together_is_a_fault_of_its_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(new: State, event: ev.ExceptionOwned) -> None:
        new.exceptions = {n: each for n, each in new.exceptions.items() if n != event.exception}

    monkeypatch.setitem(APPLY, "ExceptionOwned", vanish)
    found = explore(part_named(planned(), "exceptions and tasks"), Budget(states=STATES), broken).found
    assert "decides" in {each.name for each in found}
