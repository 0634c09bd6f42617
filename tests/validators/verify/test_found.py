"""Faults that explorations have found in the engine: planted again, each is found again; what is mended is clean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from runner.contract.contract import Contract
from runner.contract.values import OwnerRef
from runner.engine import decide, roster_change
from runner.engine.draft import Draft
from runner.engine.reasons import Reason
from runner.engine.record import request_record
from runner.engine.roster import Nobody
from tests.runner.engine.programs import program
from tests.runner.engine.stages import act
from tests.runner.engine.worlds import contract
from tests.validators.verify.small import one_rung, part_named
from validators.verify.explore import Budget, Graph, explore
from validators.verify.parts import ownership
from validators.verify.properties import broken

STATES = 600
"""Enough for the shortest courses of these faults."""


@cache
def locking() -> Contract:
    """A step that another takes back, or that stops its run."""
    steps = program(act("lock", "unlock", on_error="stop"))
    plain = contract(runbook={"open": steps}).model_dump(mode="json")
    return one_rung(runbook=plain["runbook"])


def written_anyway(draft: Draft, *, again: bool = False) -> None:
    """The record is written whether the ticket is there or not."""
    gone, draft.state.gone = draft.state.gone, False
    request_record(draft, again=again)
    draft.state.gone = gone


def written() -> Graph:
    return explore(part_named(one_rung(), "writes and drift"), Budget(states=STATES), broken)


def owned() -> Graph:
    return explore(ownership(one_rung()), Budget(states=STATES), broken)


def run() -> Graph:
    return explore(part_named(locking(), "runs: open"), Budget(states=STATES), broken)


def forgotten(draft: Draft) -> None:
    """Trouble that is over goes on."""


def once_away(draft: Draft, person: str, since: datetime) -> Reason | None:
    """Whoever was away when it was taken is never looked at again."""
    found = draft.on_call(OwnerRef(person=person))
    if not isinstance(found, Nobody):
        return None
    then = draft.world.on_call(OwnerRef(person=person), since - timedelta(microseconds=1))
    return None if isinstance(then, Nobody) else found.reason


@pytest.mark.parametrize(
    ("module", "name", "fault", "look", "found"),
    [
        (decide, "end_not_undone", forgotten, run, ("undone", "a step is taken back after all")),
        (roster_change, "_left", once_away, owned, ("replaced", "the roster changes")),
    ],
)
def test_it_is_found_again(  # noqa: PLR0917 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    fault: Callable[..., Any],
    look: Callable[[], Graph],
    found: tuple[str, str],
) -> None:
    assert look().found == []
    monkeypatch.setattr(module, name, fault)
    shown = {(each.name, each.edge.move.label if each.edge.move else "") for each in look().found}
    assert shown == {found}


def test_a_ticket_that_is_gone_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written().found == []
    monkeypatch.setattr(decide, "request_record", written_anyway)
    assert {(each.name, each.words) for each in written().found} == {
        ("recorded", "the ticket is gone, and it is written")
    }
