"""Scenarios in virtual time, on the engine that the service runs. Reads no clock."""

from __future__ import annotations

from validators.simulate.lives import Life
from validators.simulate.results import Failure, ScenarioResult, full_name, select
from validators.simulate.scenarios import run_scenario
from validators.simulate.simulation import Simulation, SimulationLimit
from validators.simulate.timeline import Entry, timeline

__all__ = [
    "Entry",
    "Failure",
    "Life",
    "ScenarioResult",
    "Simulation",
    "SimulationLimit",
    "full_name",
    "run_scenario",
    "select",
    "timeline",
]
