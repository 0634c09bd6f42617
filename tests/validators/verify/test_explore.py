"""Explorations: complete, the same each time, shortest first, and stopped by a limit that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.engine import closing, deadlines, ladder, progress, transitions
from runner.engine import events as ev
from runner.engine.control import LEFT_OUT, PARTS, control
from runner.engine.draft import Draft
from runner.engine.state import Phase, State
from tests.validators.verify.small import explored, found_in, one_rung, part_named
from validators.verify.explore import Budget, explore
from validators.verify.parts import ownership
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph, unreached_rungs


def test_every_field_of_the_state_is_a_part_or_left_out_for_a_reason() -> None:
    assert PARTS | LEFT_OUT.keys() == set(State.__slots__)
    assert not PARTS & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


def test_nothing_is_broken_in_an_honest_contract() -> None:
    graph = explored()
    assert not graph.limit
    assert graph.found == []
    assert list(broken_by_graph(graph)) == []
    assert {state.phase for state in graph.states} >= {
        Phase.OFFERED, Phase.ACCEPTED, Phase.EXHAUSTED, Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED,
    }  # fmt: skip
    assert unreached_rungs(graph.part.contract, graph.seen) == []


def test_states_are_told_apart_by_their_control() -> None:
    graph = explored()
    keys = [control(graph.part.contract, state) for state in graph.states]
    assert len(set(keys)) == len(keys)


def test_it_is_the_same_each_time() -> None:
    again = explore(ownership(one_rung()), Budget(), broken)
    first = explored()
    assert (len(again.states), again.transitions) == (len(first.states), first.transitions)
    assert [control(again.part.contract, s) for s in again.states] == [
        control(first.part.contract, s) for s in first.states
    ]


def test_the_way_to_a_state_is_a_shortest_one() -> None:
    graph = explored()
    accepted = next(n for n, state in enumerate(graph.states) if state.phase is Phase.ACCEPTED)
    assert [edge.move and edge.move.label for edge in graph.path(accepted)] == [None, "accept the ladder offer"]


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(states=3), "more than 3 states"),
        (Budget(seconds=0.5, clock=iter(range(10_000)).__next__), "more than 0.5 s"),
    ],
)
def test_a_limit_is_said(budget: Budget, words: str) -> None:
    assert explore(ownership(one_rung()), budget, broken).limit == words


def _no_reminder(draft: Draft) -> None:
    ladder.LAST_RESORT_RULE  # noqa: B018 - the honest one would add a reminder


def _never_missing(draft: Draft, *args: Any, **more: Any) -> list[Any]:
    return []


def _silent(draft: Draft, *args: Any, **more: Any) -> None:
    return None


def _quiet_tick(draft: Draft) -> None:
    state = draft.state
    if state.outcome_due <= draft.now and not state.outcome_missed:
        draft.add(ev.OutcomeMissed(reason="outcome_overdue", rule="x", due=state.outcome_due, remind_at=draft.now))  # type: ignore[arg-type] # read as written


FAULTS: list[tuple[str, Any, str, Callable[..., Any], str]] = [
    ("nothing is verified", closing, "noes", _never_missing, "refuses"),
    ("nobody is told of a failover", Draft, "tell_manager", _silent, "manager-hears"),
    ("an exhausted ladder asks nobody", ladder, "exhaust", _silent, "decides"),
    ("a reminder is no reminder", deadlines, "_remind", _no_reminder, "silence"),
    ("the outcome is missed in silence", deadlines, "_outcome", _quiet_tick, "manager-hears"),
]


@pytest.mark.parametrize(("words", "module", "name", "fault", "found"), FAULTS, ids=[each[0] for each in FAULTS])
def test_a_planted_fault_is_found(  # noqa: PLR0917 - a row of the table
    monkeypatch: pytest.MonkeyPatch, words: str, module: Any, name: str, fault: Callable[..., Any], found: str
) -> None:
    monkeypatch.setattr(module, name, fault)
    assert found in found_in(ownership(one_rung())), words


def test_progress_that_nobody_awaits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = one_rung(progress_within={"seconds": 3600, "calendar": None})
    assert found_in(ownership(contract)) == {}
    monkeypatch.setattr("runner.engine.decide.await_progress", lambda draft, command: None)
    monkeypatch.setattr(progress, "await_anew", lambda draft: None)
    assert "progress" in found_in(ownership(contract))


NOT_TAKEN = {
    (Phase.OFFERED, "EscalationOpened"),  # it begins the state, and is looked up by nobody
    (Phase.ACCEPTED, "WaitingStarted"),
    (Phase.WAITING, "WaitingEnded"),
    (Phase.CLOSED, "EscalationReopened"),
}
"""Rows that the contract of one rung leaves out; other contracts take them."""


@pytest.mark.parametrize("row", list(transitions.TRANSITIONS), ids=lambda row: f"{row[0].value}/{row[1]}")
def test_a_dropped_row_is_found_or_changes_nothing(monkeypatch: pytest.MonkeyPatch, row: tuple[Phase, str]) -> None:
    honest = explored()
    rows = {key: value for key, value in transitions.TRANSITIONS.items() if key != row}
    monkeypatch.setattr(transitions, "TRANSITIONS", rows)
    graph = explore(ownership(one_rung()), Budget(), broken)
    if row in NOT_TAKEN:
        assert (graph.found, len(graph.states), graph.transitions) == ([], len(honest.states), honest.transitions)
    else:
        assert "decides" in {each.name for each in graph.found}


@pytest.mark.parametrize("name", ["messages", "writes and drift", "remedies", "substitutes"])
def test_the_other_parts_hold(name: str) -> None:
    exceptions = {
        "late": {
            "summary": "x",
            "owner": {"role": "boss"},
            "within": {"seconds": 60, "calendar": None},
            "rule": "x#/late",
        }
    }
    contract = one_rung(exceptions=exceptions)
    assert found_in(part_named(contract, name)) == {}
