"""Who is on call: a pure function of the compiled roster and an instant, with whom it passes over and why.

In a rotation an override comes first, then a swap, then the turns. Whoever is away is replaced by the own substitute,
by that person's own, and so on; if the chain ends, nobody is on call: no turn is ever moved on because of an absence.
Only a rotation that is kept apart from others goes on to the next member whose person is not taken there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from runner.contract.roster_form import AbsenceOf, OverrideOf, RosterForm, SwapOf
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason
from runner.engine.turns import Turn, Turns

__all__ = ["Nobody", "PassedOver", "Person", "Roster"]

PassedOver = tuple[tuple[str, Reason], ...]
"""Whom the roster means before the person who is found, each with the reason why it is another."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by id, and who would have been asked otherwise."""

    id: str
    passed_over: PassedOver = ()


_person = lru_cache(maxsize=4096)(Person)  # a decision asks for the same few people again and again


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody, and why; `passed_over` says who was meant."""

    reason: Reason
    passed_over: PassedOver = ()


class Roster:
    """Resolves owner references; immutable.

    `zones` gives the tzinfo of a zone name; it is called only with names that the compiler has checked.
    """

    def __init__(self, form: RosterForm, zones: Callable[[str], tzinfo]) -> None:
        self.form = form
        self.digest = form.digest
        self.turns = {name: Turns.of(rotation, zones) for name, rotation in form.rotations.items()}
        self._away: dict[str, list[tuple[datetime, datetime]]] = {}
        for absence in form.absences:
            self._away.setdefault(absence.person, []).append((absence.start, absence.end))
        self._swaps: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = {}
        for swap in form.swaps:
            swaps = self._swaps.setdefault((swap.rotation, swap.instead_of), [])
            swaps.append((swap.start, swap.end, swap.person))
        swapped = {swap.rotation for swap in form.swaps}
        self._plain = frozenset(
            name for name, each in form.rotations.items() if not (each.overrides or each.apart_from or name in swapped)
        )
        """Rotations in which nothing but the turns and the absences counts."""
        self._begins = {name: [each.start for each in one.overrides] for name, one in form.rotations.items()}
        dated: tuple[AbsenceOf | SwapOf | OverrideOf, ...] = (
            *form.absences,
            *form.swaps,
            *(each for one in form.rotations.values() for each in one.overrides),
        )
        self._boundaries = sorted({instant for each in dated for instant in (each.start, each.end)})
        # A decision asks at one instant again and again; 256 answers are soon gone.
        self._rotation = lru_cache(maxsize=256)(self._in_rotation)

    def next_change(self, after: datetime) -> datetime | None:
        """The next instant at which an absence, a swap or an override begins or ends; None if none does any more.

        Hand-overs are none of these: whom they make accountable is asked when an offer is made.
        """
        position = bisect_right(self._boundaries, after)
        return self._boundaries[position] if position < len(self._boundaries) else None

    @property
    def last_resort(self) -> Person:
        """The person who is accountable when nobody else can be, even when absent."""
        return _person(self.form.last_resort)

    def absent(self, person: str, at: datetime) -> bool:
        """Whether this person is away at that instant."""
        away = self._away.get(person)
        return away is not None and any(start <= at < end for start, end in away)

    def was_there(self, person: str, since: datetime, until: datetime) -> bool:
        """Whether somebody known was not away at some instant from `since` on, before `until`."""
        if person not in self.form.people:
            return False
        at = since
        for start, end in sorted(self._away.get(person, ())):
            if start > at:
                break
            at = max(at, end)
        return at < until

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """The person whom this reference means at `at`, or nobody with the reason."""
        if ref.person is not None:
            known = ref.person in self.form.people
            return self._present(ref.person, at) if known else Nobody(Reason.UNKNOWN_REF)
        if ref.rotation is not None:
            return self._rotation(ref.rotation, at)
        if ref.team is not None:
            return self._first(self.form.teams.get(ref.team), at)
        return self._first(self.form.jobs.get(ref.role or ""), at)

    def _present(self, person: str, at: datetime, replaced: PassedOver = ()) -> Person | Nobody:
        """This person, or the first of the chain of substitutes who is not away."""
        away: dict[str, Reason] = {}
        while self.absent(person, at):
            away[person] = Reason.ABSENT
            known = self.form.people.get(person)
            if known is None or known.substitute is None or known.substitute in away:
                return Nobody(Reason.ABSENT, _passed(replaced, away))
            person = known.substitute
        return Person(person, _passed(replaced, away, found=person)) if replaced or away else _person(person)

    def _first(self, people: tuple[str, ...] | None, at: datetime) -> Person | Nobody:
        """The first of some people who is there; if none is, the first who has a substitute who is."""
        if people is None:
            return Nobody(Reason.UNKNOWN_REF)
        for person in people:
            if not self.absent(person, at):
                return _person(person)
        reached = (self._present(person, at) for person in people)
        return next((each for each in reached if isinstance(each, Person)), Nobody(Reason.ABSENT))

    def _in_rotation(self, name: str, at: datetime) -> Person | Nobody:
        turns = self.turns.get(name)
        if turns is None:
            return Nobody(Reason.UNKNOWN_REF)
        turn = turns.at(at)
        if name in self._plain:
            return Nobody(Reason.NOT_ON_CALL) if turn is None else self._present(turn.member, at)
        override = self._override(name, at)
        if override is None and turn is None:
            return Nobody(Reason.NOT_ON_CALL)
        apart = self.form.rotations[name].apart_from
        candidates = self._candidates(name, turn, override, at)
        first, passed = next(candidates)
        found = self._present(first, at, passed)
        if not apart or isinstance(found, Nobody):
            return found
        taken = {each.id for ref in apart if isinstance(each := self._rotation(ref, at), Person)}
        if found.id not in taken:
            return found
        return self._apart(found, candidates, taken, at)

    def _override(self, name: str, at: datetime) -> OverrideOf | None:
        begins = self._begins[name]
        if not begins:
            return None
        position = bisect_right(begins, at) - 1
        if position < 0:
            return None
        override = self.form.rotations[name].overrides[position]
        return override if at < override.end else None

    def _candidates(
        self, name: str, turn: Turn | None, override: OverrideOf | None, at: datetime
    ) -> Iterator[tuple[str, PassedOver]]:
        """Who is meant first, then everybody else in turn, each with whom an override or a swap replaces."""
        if override is not None:
            meant = turn.member if turn is not None else override.person
            yield override.person, () if meant == override.person else ((meant, Reason.ROTATION_OVERRIDE),)
        for member in turn.in_order() if turn is not None else ():
            yield self._swapped(name, member, at)

    def _swapped(self, name: str, member: str, at: datetime) -> tuple[str, PassedOver]:
        """Who has this member's turns at that instant. What one takes over is not handed on by another swap."""
        for start, end, person in self._swaps.get((name, member), ()):
            if start <= at < end:
                return person, ((member, Reason.SWAPPED),)
        return member, ()

    def _apart(
        self, first: Person, candidates: Iterator[tuple[str, PassedOver]], taken: set[str], at: datetime
    ) -> Person | Nobody:
        """The next in turn who is there and not taken; everybody before is passed over."""
        passed: dict[str, Reason] = {who: why for who, why in first.passed_over if why is not Reason.ROTATION_OVERRIDE}
        passed[first.id] = Reason.KEPT_APART
        for person, replaced in candidates:
            found = self._present(person, at, replaced)
            passed = {**passed, **{who: why for who, why in found.passed_over if who not in passed}}
            if isinstance(found, Person):
                if found.id not in taken:
                    return Person(found.id, _passed((), passed, found=found.id))
                passed[found.id] = Reason.KEPT_APART
        return Nobody(Reason.KEPT_APART, _passed((), passed))


def _passed(replaced: PassedOver, others: dict[str, Reason], found: str | None = None) -> PassedOver:
    """Everybody once, without the one who is found after all."""
    return tuple((who, why) for who, why in {**dict(replaced), **others}.items() if who != found)
