"""The instants that a scenario names, in order, with what happens and what is expected at each. Plays nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Scenario

__all__ = ["Moment", "moments_of"]


@dataclass(slots=True)
class Moment:
    """What a scenario names at one instant: keys of tickets, and positions of acts and expectations as written."""

    now: datetime
    tickets: list[str] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)
    expects: list[int] = field(default_factory=list)


def moments_of(scenario: Scenario, times: LocalTimes, more: Iterable[datetime] = ()) -> list[Moment]:
    """Every instant that the scenario names, and some more; raises TimeError for one that there is not."""
    found = {at: Moment(at) for at in more}

    def at(text: str) -> Moment:
        now = times.instant(text)
        return found.setdefault(now, Moment(now))

    for key, ticket in scenario.tickets.items():
        at(ticket.at).tickets.append(key)
    for index, act in enumerate(scenario.acts):
        at(act.at).acts.append(index)
    for index, expect in enumerate(scenario.expect):
        at(expect.at).expects.append(index)
    for change in scenario.owners or ():
        at(change.at)
    if scenario.ends is not None and scenario.ends.at is not None:
        at(scenario.ends.at)
    return sorted(found.values(), key=lambda each: each.now)
