"""Scenarios in virtual time, on the engine that the service runs. Reads no clock."""

from __future__ import annotations

from validators.simulate.scenarios import Failure, ScenarioResult, full_name, run_scenario, select
from validators.simulate.simulation import Life, Simulation, SimulationLimit
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
