"""Scenarios in virtual time, on the engine that the service runs. Reads no clock."""

from __future__ import annotations

from validators.simulate.local_time import LocalTimes, TimeError
from validators.simulate.names import check_names, template_of
from validators.simulate.scenarios import Failure, ScenarioResult, full_name, run_scenario, select
from validators.simulate.simulation import Life, Simulation, SimulationLimit
from validators.simulate.timeline import Entry, timeline

__all__ = [
    "Entry",
    "Failure",
    "Life",
    "LocalTimes",
    "ScenarioResult",
    "Simulation",
    "SimulationLimit",
    "TimeError",
    "check_names",
    "full_name",
    "run_scenario",
    "select",
    "template_of",
    "timeline",
]
