"""The owner timeline of a scenario as it is written down and reviewed: who was accountable from when on, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runner.contract.assertions import OwnerChange
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Scenario
from validators.simulate.lives import Life

__all__ = ["Difference", "difference", "owner_changes"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first change of owner that is not as it was written down: which one, when, and what was expected and got."""

    index: int
    ticket: str
    at: datetime
    expected: str
    got: str


def owner_changes(scenario: Scenario, lives: Iterable[Life], times: LocalTimes) -> tuple[OwnerChange, ...]:
    """Every change of who is accountable, in the order in which it happened; with its ticket if there are several."""
    turns = sorted(((turn, life.ticket) for life in lives for turn in life.turns), key=lambda each: each[0].at)
    several = len(scenario.tickets) > 1
    return tuple(
        OwnerChange(
            at=times.written(turn.at),
            ticket=ticket if several or ticket not in scenario.tickets else None,
            owner=turn.owner,
            reason=turn.reason.value,
        )
        for turn, ticket in turns
    )


def difference(scenario: Scenario, found: tuple[OwnerChange, ...], times: LocalTimes) -> Difference | None:
    """Where what happened leaves what is written down; None if it does not, or if nothing is."""
    written = scenario.owners
    if written is None:
        return None
    for index in range(max(len(written), len(found))):
        wanted = written[index] if index < len(written) else None
        got = found[index] if index < len(found) else None
        if _key(wanted, times) != _key(got, times):
            nearest = wanted or got
            at = times.instant(nearest.at) if nearest is not None else times.instant("00:00")
            ticket = (nearest.ticket if nearest is not None else None) or next(iter(scenario.tickets))
            return Difference(index, ticket, at, _words(wanted, times), _words(got, times))
    return None


def _key(change: OwnerChange | None, times: LocalTimes) -> object:
    """What counts; an instant may be written in several ways."""
    return None if change is None else (times.instant(change.at), change.ticket, change.owner, change.reason)


def _words(change: OwnerChange | None, times: LocalTimes) -> str:
    if change is None:
        return "no further change"
    of = f" of {change.ticket}" if change.ticket is not None else ""
    return f"{change.owner or 'nobody'}{of} from {times.show(times.instant(change.at))} on, {change.reason}"
