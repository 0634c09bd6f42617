"""Who is on call: a pure function of the compiled roster and an instant, in wall-clock terms of the rotation's zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from runner.contract.roster_form import RosterForm
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason

__all__ = ["Nobody", "Person", "Roster"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by id."""

    id: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody, and why."""

    reason: Reason


class Roster:
    """Resolves owner references; immutable.

    `zones` gives the tzinfo of a zone name; it is called only with names that the compiler has checked.
    """

    def __init__(self, form: RosterForm, zones: Callable[[str], tzinfo]) -> None:
        self.form = form
        self.digest = form.digest
        self._zones = zones
        self._away: dict[str, list[tuple[datetime, datetime]]] = {}
        for absence in form.absences:
            self._away.setdefault(absence.person, []).append((absence.start, absence.end))

    @property
    def last_resort(self) -> Person:
        """The person who is accountable when nobody else can be, even when absent."""
        return Person(self.form.last_resort)

    def absent(self, person: str, at: datetime) -> bool:
        """Whether this person is away at that instant."""
        return any(start <= at < end for start, end in self._away.get(person, ()))

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """The person whom this reference means at `at`, or nobody with the reason."""
        match ref.sort:
            case "person":
                return self._present(ref.name, at) if ref.name in self.form.people else Nobody(Reason.UNKNOWN_REF)
            case "rotation":
                return self._in_rotation(ref.name, at)
            case "team":
                return self._first(self.form.teams.get(ref.name), at)
            case _:
                return self._first(self.form.jobs.get(ref.name), at)

    def _present(self, person: str, at: datetime) -> Person | Nobody:
        return Nobody(Reason.ABSENT) if self.absent(person, at) else Person(person)

    def _first(self, people: Iterable[str] | None, at: datetime) -> Person | Nobody:
        if people is None:
            return Nobody(Reason.UNKNOWN_REF)
        present = (person for person in people if not self.absent(person, at))
        first = next(present, None)
        return Nobody(Reason.ABSENT) if first is None else Person(first)

    def _in_rotation(self, name: str, at: datetime) -> Person | Nobody:
        rotation = self.form.rotations.get(name)
        if rotation is None:
            return Nobody(Reason.UNKNOWN_REF)
        zone, starts = self._zones(rotation.zone), datetime.fromisoformat(rotation.starts)
        local, length = at.astimezone(zone), timedelta(days=rotation.shift_days)
        shift = (local.replace(tzinfo=None) - starts) // length
        if local.fold and (starts + (shift + 1) * length).replace(tzinfo=zone).astimezone(UTC) <= at:
            shift += 1  # this hour of the clock passed once already, and the handover with it
        if shift < 0:
            return Nobody(Reason.NOT_ON_CALL)
        return self._present(rotation.members[shift % len(rotation.members)], at)
