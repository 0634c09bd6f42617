"""Assertions over time: looked at after every decision and after everything that people do. Drives nothing.

Between two things that happen nothing changes, so the first instant at which one breaks is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from runner.contract.assertions import Always, Eventually, Never
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Scenario
from runner.engine.conditions import Hours
from runner.engine.events import Event
from runner.engine.observation import Observation
from validators.simulate.expectations import as_written, mismatches, state_words, waits_for_the_world
from validators.simulate.lives import Life
from validators.simulate.simulation import Simulation

__all__ = ["Broken", "OverTime"]

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """An assertion over time that does not hold: where it is written, when it broke first (None: never looked at)."""

    path: Path
    ticket: str
    at: datetime | None
    what: str
    expected: str
    got: str


@dataclass(slots=True)
class _Assertion:
    """`start` is included, and `end` not, unless something must have come true by then."""

    path: Path
    sort: Literal["always", "never", "eventually"]
    look: Always | Never | Eventually
    ticket: str
    start: datetime | None
    end: datetime | None
    states: frozenset[str] | Literal["open"] | None = None
    looked: bool = False
    met: bool = False
    broken: Broken | None = None

    def is_on(self, now: datetime, *, settled: bool) -> bool:
        """Whether to look now; at its first instant only when everything due by then is done."""
        if self.broken is not None or self.met:
            return False
        if self.start is not None and (now < self.start or (now == self.start and not settled)):
            return False
        return self.end is None or now < self.end or (now == self.end and self.sort == "eventually")


class OverTime:
    """All assertions over time of a scenario; a watcher of its `simulation`, which is to be set first."""

    simulation: Simulation

    def __init__(self, scenario: Scenario, times: LocalTimes) -> None:
        self._times = times
        self._first = next(iter(scenario.tickets))
        self._begins = {key: times.instant(ticket.at) for key, ticket in scenario.tickets.items()}
        self._all = list(self._assertions(scenario))
        self._of: dict[str, list[_Assertion]] = {}
        for each in self._all:
            self._of.setdefault(each.ticket, []).append(each)

    def __bool__(self) -> bool:
        return bool(self._all)

    def instants(self) -> set[datetime]:
        """Every instant at which one begins or ends."""
        return {at for each in self._all for at in (each.start, each.end) if at is not None}

    def decided(self, life: Life, events: tuple[Event, ...], now: datetime) -> None:
        """Look at what this changed; what the world is to do for it is not done yet."""
        del events
        for each in self._of.get(life.ticket, ()):
            if each.is_on(now, settled=False) and not waits_for_the_world(each.look):
                self._look(each, now)

    def settled(self, now: datetime) -> None:
        """Look at everything."""
        for each in self._all:
            if each.is_on(now, settled=False):
                self._look(each, now)

    def due(self, life: Life) -> None:
        """What follows is looked at when it is decided."""

    def observed(self, seen: Observation, hours: Hours, now: datetime) -> None:
        """What follows is looked at when it is decided."""

    def reached(self, now: datetime) -> None:
        """Everything due by an instant that the scenario names is done."""
        for each in self._all:
            if each.is_on(now, settled=True):
                self._look(each, now)
            if each.sort == "eventually" and not each.met and each.broken is None and each.end == now:
                self._too_late(each, now)

    def broken(self, end: datetime) -> Iterator[Broken]:
        """What does not hold, and what was never looked at, once the last instant has been reached."""
        for each in self._all:
            if each.sort == "eventually" and not each.met and each.broken is None:
                self._too_late(each, end)
            if each.broken is not None:
                yield each.broken
            elif not each.looked:
                yield Broken(each.path, each.ticket, None, "this is never looked at", "", "")

    def _look(self, each: _Assertion, now: datetime) -> None:
        simulation, times = self.simulation, self._times
        if each.ticket not in simulation.world.tickets or not self._is_in_state(each):
            return
        each.looked = True
        among = each.sort != "always"
        found = list(mismatches(each.look, simulation, each.ticket, now, times, among=among))
        if each.sort == "eventually":
            each.met = not found
        elif each.sort == "always" and found:
            first = found[0]
            what = f"{'.'.join(first.path)} is not as always"
            each.broken = Broken((*each.path, *first.path), each.ticket, now, what, first.expected, first.got)
        elif each.sort == "never" and not found:
            got = state_words(each.look, simulation, each.ticket, now, times)
            expected = f"never {as_written(each.look)}"
            each.broken = Broken(each.path, each.ticket, now, "what must never be is so", expected, got)

    def _is_in_state(self, each: _Assertion) -> bool:
        if each.states is None:
            return True
        life = self.simulation.latest(each.ticket)
        if each.states == "open":
            return life is not None and not life.state.phase.over
        return (life.state.phase.value if life is not None else "none") in each.states

    def _too_late(self, each: _Assertion, now: datetime) -> None:
        simulation, times = self.simulation, self._times
        if each.ticket in simulation.world.tickets:
            got = state_words(each.look, simulation, each.ticket, now, times)
        else:
            got = "no such ticket"
        expected = f"{as_written(each.look)} by {times.show(now)}"
        each.broken = Broken(each.path, each.ticket, now, "what must come true has not come true", expected, got)

    def _assertions(self, scenario: Scenario) -> Iterator[_Assertion]:
        for index, one in enumerate(scenario.always):
            yield self._spanned(("always", index), "always", one)
        for index, other in enumerate(scenario.never):
            yield self._spanned(("never", index), "never", other)
        for index, later in enumerate(scenario.eventually):
            ticket = later.ticket or self._first
            start = self._times.instant(later.after) if later.after is not None else None
            since = start or self._begins.get(ticket)
            end = since + timedelta(seconds=later.within) if since is not None and later.within is not None else None
            yield _Assertion(("eventually", index), "eventually", later, ticket, start, end)

    def _spanned(self, path: Path, sort: Literal["always", "never"], look: Always | Never) -> _Assertion:
        start = self._times.instant(look.from_) if look.from_ is not None else None
        end = self._times.instant(look.until) if look.until is not None else None
        states = frozenset(look.while_) if isinstance(look.while_, tuple) else look.while_
        return _Assertion(path, sort, look, look.ticket or self._first, start, end, states)
