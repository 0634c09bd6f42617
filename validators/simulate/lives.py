"""What a simulation keeps of each escalation, and who may look on while it runs. Drives nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from runner.contract.contract import Contract
from runner.engine.conditions import Hours
from runner.engine.decision import Decision
from runner.engine.events import Event
from runner.engine.kpis import Fold
from runner.engine.observation import Observation
from runner.engine.reasons import Reason
from runner.engine.state import State, next_deadline

__all__ = ["Life", "Turn", "Watcher"]


class Turn(NamedTuple):
    """A change of who is accountable; nobody is after the end."""

    at: datetime
    owner: str | None
    reason: Reason


@dataclass(slots=True)
class Life:
    """One escalation with all that was decided; `history` holds the instant and the events of each decision."""

    escalation: str
    ticket: str
    contract: Contract
    state: State
    decisions: list[Decision] = field(default_factory=list)
    history: list[tuple[datetime, tuple[Event, ...]]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    entered: datetime = datetime.min  # noqa: DTZ901 - replaced as soon as it is open
    """When it came into the phase in which it is."""
    actors: list[str] = field(default_factory=list)
    """Who gave the command of each entry of the history."""
    _fold: Fold = field(default_factory=Fold)
    _folded: int = 0
    _awaited: tuple[State, datetime | None] | None = None

    def copy(self) -> Life:
        """Another one with the same past."""
        parts = list(self.decisions), list(self.history), list(self.turns), self.entered, list(self.actors)
        return Life(self.escalation, self.ticket, self.contract, self.state, *parts)

    @property
    def due(self) -> datetime | None:
        """The next instant at which something falls due by itself; None if nothing ever does."""
        if self._awaited is None or self._awaited[0] is not self.state:
            self._awaited = self.state, next_deadline(self.state)
        return self._awaited[1]

    @property
    def kpis(self) -> Fold:
        """The key figures so far; counted when somebody asks, which few scenarios do."""
        for index in range(self._folded, len(self.history)):
            now, events = self.history[index]
            self._fold.add(now, events, self.actors[index])
        self._folded = len(self.history)
        return self._fold


class Watcher(Protocol):
    """Looks on while time passes; changes nothing."""

    def decided(self, life: Life, events: tuple[Event, ...], now: datetime) -> None:
        """A decision was made; what it asks of the world is still to be done."""
        ...

    def settled(self, now: datetime) -> None:
        """Something has happened, and everything that it asked of the world is done."""
        ...

    def due(self, life: Life) -> None:
        """The oldest deadline of an escalation is handled next."""
        ...

    def observed(self, seen: Observation, hours: Hours, now: datetime) -> None:
        """A ticket was looked at."""
        ...
