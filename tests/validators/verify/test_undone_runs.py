"""Steps that are taken back, where they come again and again: a proof comes to its end, and says how far it goes."""

from __future__ import annotations

from functools import cache

import pytest

from runner.engine import rollback as engine
from runner.engine.draft import Draft
from runner.engine.state import Change, Rollback, State
from tests.runner.engine.programs import program
from tests.runner.engine.worlds import contract as build
from tests.runner.engine.worlds import step
from tests.validators.verify.small import one_rung, part_named
from validators.verify.environment import BOUNDS
from validators.verify.explore import Budget, Graph, Part, explore
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph

STATES = 2_500


@cache
def part() -> Part:
    steps = build(runbook={"accepted": program(step("set_fields", undo="restore"))}).model_dump(mode="json")
    return part_named(one_rung(runbook=steps["runbook"]), "runs: accepted")


@cache
def explored() -> Graph:
    return explore(part(), Budget(states=STATES), broken)


def runs_of(state: State) -> set[str]:
    return {*state.runs, *(change.run for change in state.changes)}


def test_it_comes_to_an_end_in_which_everything_holds() -> None:
    graph = explored()
    assert not graph.limit, len(graph.states)
    assert not graph.found
    assert not list(broken_by_graph(graph))


def test_what_two_runs_have_changed_is_taken_back_one_after_the_other() -> None:
    both = [state for state in explored().states if len({change.run for change in state.changes}) == 2]
    assert any(rollback.run is None for state in both for rollback in state.rollbacks.values())
    assert any(rollback.run is not None for state in both for rollback in state.rollbacks.values())


def test_what_is_taken_back_in_the_order_in_which_it_was_done_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def earliest(draft: Draft, rollback: Rollback, change: Change) -> bool:
        left = (each for each in draft.state.changes if rollback.run in (None, each.run) and each.failed != rollback.id)
        return taking(draft, rollback, next(left, change))

    taking = engine._take
    monkeypatch.setattr(engine, "_take", earliest)
    found = {each.name: each.words for each in explore(part(), Budget(states=STATES), broken).found}
    assert found["order"] == "a change is taken back before a later one"


def test_how_far_it_goes_is_a_bound_of_the_environment() -> None:
    further = [state for state in explored().states if part().goes_on(state)]
    assert all(len(runs_of(state)) <= 2 for state in further)
    assert all(len(state.runs) <= 1 for state in further if len(runs_of(state)) == 2)
    failed = [change for state in further if len(runs_of(state)) == 2 for change in state.changes if change.failed]
    assert not failed
    assert any(change.failed for state in further for change in state.changes), "with one run that is looked at"
    assert any("two runs with something to take back one after the other" in bound for bound in BOUNDS)
    assert "the first over when the second begins" in part().bound
