"""What `decide` may ask of the world: the time, who is on call, and when a box of time ends. Values, never I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from runner.contract.contract import BoxOf, Contract
from runner.contract.values import OwnerRef
from runner.engine.calendars import add_time, time_between
from runner.engine.roster import Nobody, Person, Roster

__all__ = ["RosterWorld", "World"]


class World(Protocol):
    """The world as a decision sees it; an oracle when a contract is verified."""

    @property
    def now(self) -> datetime:
        """Aware UTC instant of the decision."""
        ...

    @property
    def last_resort(self) -> Person:
        """Accountable when nobody else can be, even when absent."""
        ...

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """The person whom a reference means at an instant, or nobody with the reason."""
        ...

    def comes_next(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """As `on_call`, for naming who would be asked next: an oracle need not tell all cases of it apart."""
        ...

    def was_there(self, person: str, since: datetime) -> bool:
        """Whether a person was there at any instant from `since` on until now, which is no part of it."""
        ...

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        """The instant at which a box that starts at `at` ends."""
        ...

    def time_between(self, contract: Contract, calendar: str | None, start: datetime, end: datetime) -> int:
        """Whole seconds of open time from `start` to `end`, of all time without a calendar; 0 if `end` is earlier."""
        ...


@dataclass(frozen=True, slots=True)
class RosterWorld:
    """The world of the service and of scenarios: a roster, calendars of the contract, and a given time."""

    now: datetime
    roster: Roster
    zones: Callable[[str], tzinfo]

    @property
    def last_resort(self) -> Person:
        """The roster's last resort."""
        return self.roster.last_resort

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """By the roster."""
        return self.roster.on_call(ref, at)

    def comes_next(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """By the roster."""
        return self.roster.on_call(ref, at)

    def was_there(self, person: str, since: datetime) -> bool:
        """By the roster."""
        return self.roster.was_there(person, since, self.now)

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        """By the contract's own calendar."""
        calendar = contract.calendars[box.calendar] if box.calendar else None
        return add_time(calendar, self.zones(calendar.zone) if calendar else UTC, at, box.seconds)

    def time_between(self, contract: Contract, calendar: str | None, start: datetime, end: datetime) -> int:
        """By the contract's own calendar."""
        hours = contract.calendars[calendar] if calendar else None
        return time_between(hours, self.zones(hours.zone) if hours else UTC, start, end)
