"""Runs last as long as their state: a table of the engine with one phase less, or one more, is found at each point."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import pytest

from runner.engine import transitions
from runner.engine.state import Phase
from runner.engine.transitions import RUN_SCOPES
from tests.mutants.by_exploring import breaks, grounds
from validators.verify.explore import Part
from validators.verify.properties import PROPERTIES
from validators.verify.run_properties import runs_in_their_state

POINTS = ("open", "accepted", "failover", "exhausted", "overdue", "handoff", "exception")
STATES = 150


@cache
def _part(point: str) -> Part:
    part = grounds()[f"small-0: runs: {point}"]
    assert isinstance(part, Part)
    return part


@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_found_in_the_engine_as_it_is(point: str) -> None:
    assert breaks(_part(point), STATES) is None


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_is_given_up_too_early_is_found(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = {Phase.WAITING} if point in ("accepted", "handoff") else set()  # elsewhere it need not be explored
    for phase in sorted(RUN_SCOPES[point] & {Phase.ACCEPTED, Phase.EXHAUSTED, *waits}):
        scopes = {**RUN_SCOPES, point: RUN_SCOPES[point] - {phase}}
        with monkeypatch.context() as patch:
            patch.setattr(transitions, "RUN_SCOPES", MappingProxyType(scopes))
            found = breaks(_part(point), STATES)
        assert found is not None
        assert found[0] == "runs"
        assert found[1].startswith(f"{point} is given up although it is ")


@pytest.mark.parametrize("point", ["accepted", "handoff", "exception"])
def test_a_run_that_goes_on_too_long_is_found(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Being resolved is outside of these points."""
    scopes = {**RUN_SCOPES, point: RUN_SCOPES[point] | {Phase.RESOLVED}}
    monkeypatch.setattr(transitions, "RUN_SCOPES", MappingProxyType(scopes))
    assert breaks(_part(point), STATES) == ("runs", f"{point} goes on although it is resolved")


def test_it_is_one_of_the_properties() -> None:
    assert [each.name for each in PROPERTIES if each.check is runs_in_their_state] == ["runs"]
