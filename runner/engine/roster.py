"""Who is on call: a pure function of the compiled roster and an instant, in wall-clock terms of the rotation's zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from runner.contract.roster_form import RosterForm, RotationOf
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason

__all__ = ["Nobody", "Person", "Roster"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by id."""

    id: str


_person = lru_cache(maxsize=4096)(Person)  # a decision asks for the same few people again and again


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class _Turns:
    """A rotation, ready to be asked: the first handover in local time, and the time from one to the next."""

    members: tuple[str, ...]
    zone: tzinfo
    starts: datetime
    length: timedelta

    @classmethod
    def of(cls, form: RotationOf, zones: Callable[[str], tzinfo]) -> _Turns:
        starts = datetime.fromisoformat(form.starts)
        return cls(form.members, zones(form.zone), starts, timedelta(days=form.shift_days))

    @lru_cache(maxsize=256)  # noqa: B019 - a decision asks at one instant again and again; 256 answers are soon gone
    def at(self, at: datetime) -> str | None:
        """Whose turn it is; None before the first handover."""
        local = at.astimezone(self.zone)
        shift = (local.replace(tzinfo=None) - self.starts) // self.length
        if local.fold and (self.starts + (shift + 1) * self.length).replace(tzinfo=self.zone).astimezone(UTC) <= at:
            shift += 1  # this hour of the clock passed once already, and the handover with it
        return None if shift < 0 else self.members[shift % len(self.members)]


class Roster:
    """Resolves owner references; immutable.

    `zones` gives the tzinfo of a zone name; it is called only with names that the compiler has checked.
    """

    def __init__(self, form: RosterForm, zones: Callable[[str], tzinfo]) -> None:
        self.form = form
        self.digest = form.digest
        self._turns = {name: _Turns.of(rotation, zones) for name, rotation in form.rotations.items()}
        self._away: dict[str, list[tuple[datetime, datetime]]] = {}
        for absence in form.absences:
            self._away.setdefault(absence.person, []).append((absence.start, absence.end))

    @property
    def last_resort(self) -> Person:
        """The person who is accountable when nobody else can be, even when absent."""
        return _person(self.form.last_resort)

    def absent(self, person: str, at: datetime) -> bool:
        """Whether this person is away at that instant."""
        away = self._away.get(person)
        return away is not None and any(start <= at < end for start, end in away)

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """The person whom this reference means at `at`, or nobody with the reason."""
        if ref.person is not None:
            known = ref.person in self.form.people
            return self._present(ref.person, at) if known else Nobody(Reason.UNKNOWN_REF)
        if ref.rotation is not None:
            return self._in_rotation(ref.rotation, at)
        if ref.team is not None:
            return self._first(self.form.teams.get(ref.team), at)
        return self._first(self.form.jobs.get(ref.role or ""), at)

    def _present(self, person: str, at: datetime) -> Person | Nobody:
        return Nobody(Reason.ABSENT) if self.absent(person, at) else _person(person)

    def _first(self, people: Iterable[str] | None, at: datetime) -> Person | Nobody:
        if people is None:
            return Nobody(Reason.UNKNOWN_REF)
        for person in people:
            if not self.absent(person, at):
                return _person(person)
        return Nobody(Reason.ABSENT)

    def _in_rotation(self, name: str, at: datetime) -> Person | Nobody:
        turns = self._turns.get(name)
        if turns is None:
            return Nobody(Reason.UNKNOWN_REF)
        person = turns.at(at)
        return Nobody(Reason.NOT_ON_CALL) if person is None else self._present(person, at)
