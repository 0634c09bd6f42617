"""Lives of escalations, driven without a word of the explorations: real rosters and calendars, any command of anybody.

Each is a random walk of the engine's own tests; here its decisions are written down. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from runner.contract.contract import Contract
from runner.contract.roster_form import RosterForm
from runner.engine import commands as cmd
from runner.engine.decision import Advance
from runner.engine.state import State
from tests.runner.engine.habits import habits_for
from tests.runner.engine.stages import Stage
from tests.runner.engine.walks import Judged, Walk
from tests.runner.engine.wishes import Wishes
from tests.runner.engine.worlds import T0

__all__ = ["STARTS", "Decided", "decided"]

STARTS = (T0, datetime(2026, 3, 28, 16, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC))
"""An ordinary day, and the eves of the two changes of the clock in Berlin."""


@dataclass(frozen=True)
class Decided:
    """One decision of a life that changed its state."""

    before: State | None
    args: cmd.Args
    after: State
    events: tuple[str, ...]


@dataclass
class Recorded(Judged):
    """A life that writes down what it decided."""

    decisions: list[Decided] = field(default_factory=list)

    def _advance(self, given: cmd.Command) -> Advance | None:
        before = self.state
        done = super()._advance(given)
        if done is not None and done.state is not None and done.events:
            names = tuple(event.type for event in done.events)
            self.decisions.append(Decided(before, given.args, done.state, names))
        return done


class Wandering(Walk):
    """A walk on a contract and a roster that are given, from an instant that is given."""

    def __init__(self, number: int, contract: Contract, form: RosterForm, start: datetime) -> None:
        self._given = Stage("given", contract, form), start
        super().__init__(number, quick=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stage, start = self._given
        self.rng = Random(self.number)
        contract = self.stage.contract
        self.life = Recorded(contract, self._roster(0.15), answers=(), now=start, quick=True, checked=False)
        self.wishes = Wishes(self.life, self.rng)
        self.habit = self.rng.choice(habits_for(contract))

    def _end(self) -> None:
        """What nobody does any more is looked at by the engine's own tests."""


def decided(number: int, contract: Contract, form: RosterForm) -> Iterator[Decided]:
    """The decisions of the random life of this number."""
    walk = Wandering(number, contract, form, STARTS[number % len(STARTS)])
    walk.take()
    assert not walk.red, walk.red
    assert isinstance(walk.life, Recorded)
    yield from walk.life.decisions
