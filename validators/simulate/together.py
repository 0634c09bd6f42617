"""Playing scenarios side by side: as long as the same happens in them they share one simulation. Judges nothing.

Their beginnings are a tree. Where something else happens in some of them, those go on with a copy of what was so far;
what each of them expects is its own affair, and parts nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from validators.simulate.moments import Moment
from validators.simulate.simulation import Simulation, SimulationLimit

__all__ = ["Outcome", "Rider", "play"]


class Outcome(NamedTuple):
    """What came of an act: whether everything was so before, and what went otherwise than it says, if anything did."""

    idle: bool = False
    wrong: tuple[str, str, str] | None = None
    """The key of the act, what was expected, what was got."""


class Rider(Protocol):
    """One scenario. Whatever it says of a moment is for the simulation that it rides in then."""

    @property
    def title(self) -> str:
        """How it is called, for whoever reads that it was given up."""
        ...

    @property
    def world(self) -> str:
        """What holds from its first moment on; riders of unlike worlds have nothing in common."""
        ...

    def moments(self) -> Sequence[Moment]:
        """Every instant that it names, in order; at least one."""
        ...

    def begin(self) -> Simulation:
        """A simulation of its world in which nothing has happened."""
        ...

    def ride(self, simulation: Simulation) -> None:
        """This is its simulation from now on."""
        ...

    def deeds(self, moment: Moment) -> str:
        """What happens by it at a moment, in words that are alike only for the same; empty if nothing does."""
        ...

    def do(self, moment: Moment) -> Sequence[Outcome]:
        """Let it happen."""
        ...

    def done(self, moment: Moment, outcomes: Sequence[Outcome]) -> None:
        """It has happened, by this one or by another that does the same."""
        ...

    def look(self, moment: Moment) -> None:
        """Compare what is with what it expects, once everything due at a moment is done."""
        ...

    def arrive(self) -> None:
        """Its last moment is over; the simulation may go on without it."""
        ...


@dataclass(slots=True)
class _Seat:
    """A rider on its way, and how many of its moments are over."""

    rider: Rider
    moments: Sequence[Moment]
    over: int = 0

    @property
    def moment(self) -> Moment:
        """The next one."""
        return self.moments[self.over]


def play(riders: Iterable[Rider]) -> None:
    """Play them all to their ends. Raises SimulationLimit if the end of one is too far away."""
    worlds: dict[str, list[_Seat]] = {}
    for rider in riders:
        worlds.setdefault(rider.world, []).append(_Seat(rider, rider.moments()))
    waiting = [(seats[0].rider.begin(), seats) for seats in worlds.values()]
    while waiting:
        simulation, seats = waiting.pop()
        _board(simulation, seats)
        while seats:
            try:
                now = min(each.moment.now for each in seats)
                simulation.run(now, including=False)
                together, *others = _parted(seats, now)
                waiting += [(simulation.copy(), each) for each in others]
                if others:
                    _board(simulation, together)
                _pass(simulation, together, now)
            except SimulationLimit as limit:
                raise SimulationLimit(f"{seats[0].rider.title} needs {limit}") from None
            seats = [each for each in together if each.over < len(each.moments)]
            if len(seats) < len(together):
                for each in together:
                    if each.over == len(each.moments):
                        each.rider.arrive()
                _board(simulation, seats)


def _board(simulation: Simulation, seats: list[_Seat]) -> None:
    """All of them ride in a simulation, and nobody else does."""
    simulation.watchers = []
    for each in seats:
        each.rider.ride(simulation)


def _parted(seats: list[_Seat], now: datetime) -> list[list[_Seat]]:
    """Those for which the same happens now stay together."""
    if len(seats) == 1:
        return [seats]
    found: dict[str, list[_Seat]] = {}
    for each in seats:
        moment = each.moment
        deeds = each.rider.deeds(moment) if moment.now == now else ""
        found.setdefault(deeds, []).append(each)
    return list(found.values())


def _pass(simulation: Simulation, seats: list[_Seat], now: datetime) -> None:
    """Let happen what happens now, the same for all, and whatever falls due."""
    here = [each for each in seats if each.moment.now == now]
    outcomes = here[0].rider.do(here[0].moment) if here else ()
    for each in here:
        each.rider.done(each.moment, outcomes)
    simulation.run(now, including=True)
    for each in here:
        each.rider.look(each.moment)
        each.over += 1
