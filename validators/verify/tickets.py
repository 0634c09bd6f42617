"""A ticket that opens a template, taken from the scenarios beside it, with what is changed of it until it opens.

Invents no ticket: what a ticket of this kind looks like is known to those who wrote the scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act, Scenario
from runner.zones import zone
from validators.simulate import Life, Simulation, SimulationLimit
from validators.verify.acting import Unplayable

__all__ = ["Opened", "beginning", "opened_by", "opening_at"]

_AWAITED: Final = timedelta(days=8)
"""How long after the last change time alone may open it: longer than the week that a working calendar repeats."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a ticket opened (None: nothing), when, and after which changes; `failed`: it went round by itself then."""

    life: Life | None
    at: datetime
    changes: tuple[Act, ...]
    failed: str = ""


def beginning(revision: Revision, template: str) -> Scenario:
    """A scenario of one ticket that opens the template, and of no acts but changes of this ticket until it opens.

    From the plainest scenario whose ticket opens it without any change; else from the one that needs fewest changes.
    Raises Unplayable.
    """
    beside = sorted(
        (each for path, each, _ in revision.scenarios if path.startswith(f"templates/{template}/")),
        key=lambda each: (len(each.tickets), len(each.absences), bool(each.actions), each.name),
    )
    if not beside:
        raise Unplayable("the template has no scenario whose ticket could be used; write one beside it first")
    needs_changes: list[Scenario] = []
    for alone in (each for scenario in beside for each in _alone(scenario)):
        found = _opening(revision, template, alone)
        if found is not None and not found.acts:
            return found
        if found is not None:
            needs_changes.append(found)
    if not needs_changes:
        raise Unplayable(
            "no ticket of the scenarios beside the template opens it, also not after the changes that they make; "
            "write a scenario whose ticket opens it first"
        )
    return min(needs_changes, key=lambda each: len(each.acts))


def opening_at(alone: Scenario, at: datetime) -> Scenario:
    """The scenario with its ticket at another instant, so that it opens then if nothing is changed before."""
    local = at.astimezone(zone(alone.zone))
    key, ticket = next(iter(alone.tickets.items()))
    ticket = ticket.model_copy(update={"at": f"{local:%H:%M:%S}"})
    return alone.model_copy(update={"start": f"{local:%Y-%m-%d}", "tickets": {key: ticket}})


def _alone(scenario: Scenario) -> Iterator[Scenario]:
    """Each ticket of a scenario without the others, with what is changed of it."""
    first = next(iter(scenario.tickets))
    for key, ticket in scenario.tickets.items():
        changes = tuple(act for act in scenario.acts if act.do == "update" and (act.ticket or first) == key)
        yield scenario.model_copy(update={"tickets": {key: ticket}, "acts": changes, "cases": {}})


def _opening(revision: Revision, template: str, alone: Scenario) -> Scenario | None:
    """The scenario with those changes alone that come before it opens; None if it does not open this template."""
    simulation = Simulation(revision)
    simulation.rows = False
    times = LocalTimes(alone.zone, alone.start)
    alone = alone.model_copy(update={"acts": tuple(sorted(alone.acts, key=lambda each: times.instant(each.at)))})
    opened = opened_by(simulation, alone, times)
    if opened.life is None or opened.life.contract.name != template:
        return None
    return alone.model_copy(update={"acts": opened.changes})


def opened_by(simulation: Simulation, alone: Scenario, times: LocalTimes) -> Opened:
    """Let the only ticket of a scenario appear, and change as it says, until it opens something."""
    key, ticket = next(iter(alone.tickets.items()))
    now, used, failed = times.instant(ticket.at), 0, ""
    try:
        simulation.create(key, times.fields(simulation.fields, ticket.fields), now)
        while simulation.latest(key) is None:
            change = alone.acts[used] if used < len(alone.acts) else None
            at = times.instant(change.at) if change is not None else now + _AWAITED
            due = simulation.next_due()
            if due is not None and due < at:
                simulation.run(now := due, including=True)
            elif change is None:
                break
            else:
                now, used = max(now, at), used + 1
                simulation.update(key, times.fields(simulation.fields, change.fields), now)
    except SimulationLimit as limit:
        failed = str(limit)
    return Opened(simulation.latest(key), now, alone.acts[:used], failed)
