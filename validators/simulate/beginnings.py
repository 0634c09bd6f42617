"""How cases of one story begin: what is alike in them is played once, and each goes on from there. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from runner.contract.local_time import TimeError, local_times
from runner.contract.scenario import Scenario
from validators.simulate.moments import alike
from validators.simulate.simulation import Simulation

__all__ = ["Beginning", "Beginnings"]


class Beginning(NamedTuple):
    """A simulation after so many moments, in which some acts changed nothing. Nobody goes on with it but its copies."""

    moments: int
    simulation: Simulation
    idle: tuple[int, ...]


class Beginnings:
    """Those of scenarios that are played one after the other, under one revision, in the order given."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._next = {id(one): other for one, other in pairwise(scenarios)}
        self._played: Scenario | None = None
        self._parting = 0
        self._kept: list[Beginning] = []

    def of(self, scenario: Scenario) -> Beginning | None:
        """What need not be played again of the next scenario; None: it is to be played from its first moment on."""
        known = _alike(self._played, scenario)
        self._kept = [each for each in self._kept if each.moments <= known]
        self._played = scenario
        self._parting = _alike(scenario, self._next.get(id(scenario)))
        return self._kept[-1] if self._kept else None

    def reached(self, moments: int, simulation: Simulation, idle: Sequence[int]) -> None:
        """So many moments of the scenario were played: where the next one parts from it, that is kept."""
        if moments == self._parting:
            self._kept.append(Beginning(moments, simulation.copy(), tuple(idle)))


def _alike(one: Scenario | None, other: Scenario | None) -> int:
    if one is None or other is None:
        return 0
    try:
        return alike(one, other, local_times(one.zone, one.start))
    except TimeError:
        return 0
