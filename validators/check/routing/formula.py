"""Conditions as formulas for one kind of look: conjunctions and disjunctions of facts about single fields and instants.

What an atom means here is what `runner.engine.conditions` makes of it; nothing is evaluated on a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.engine.observation import ObservationKind
from validators.check.routing.domains import ABSENT, PRESENT, Domain
from validators.check.routing.texts import Pattern, fits

__all__ = [
    "BEFORE_UPDATED",
    "BETWEEN",
    "CREATED",
    "FALSE",
    "FIRST_NOW",
    "FIRST_UPDATED",
    "MIDDLE_BEFORE",
    "MIDDLE_NOW",
    "MIDDLE_UPDATED",
    "NOW",
    "SECOND",
    "THEN",
    "TRUE",
    "UPDATED",
    "ZERO",
    "After",
    "And",
    "Before",
    "Fits",
    "Formula",
    "Open",
    "Or",
    "Primitive",
    "Rel",
    "Time",
    "Translator",
    "conjunction",
    "denied",
    "disjunction",
    "first",
    "microseconds",
    "middle",
    "renamed",
    "since",
]

ZERO, NOW, CREATED, UPDATED = "", "now", "created_at", "updated_at"
"""Instants beside those of fields: 1970 as the point from which all are counted, the look, and the ticket's own."""
BEFORE_UPDATED = "before updated_at"
THEN, BETWEEN = "then", "between"
"""The look that found the last change, and one after it, where `now` is a later look that finds nothing changed."""
FIRST_NOW, FIRST_UPDATED = "first now", "first updated_at"
"""The look at the new ticket, and when it had been changed by then."""
MIDDLE_NOW, MIDDLE_UPDATED, MIDDLE_BEFORE = "middle now", "middle updated_at", "middle before updated_at"
"""The same of a look between the first and the last change, and when the ticket had been changed before."""
SECOND = 1_000_000
"""Microseconds, the unit of all arithmetic: an instant has no finer grain."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class After:
    """The field's value is of one of these classes."""

    field: str
    mask: int


@dataclass(frozen=True, slots=True)
class Before:
    """Before, the field's value was of one of these classes."""

    field: str
    mask: int


@dataclass(frozen=True, slots=True)
class Rel:
    """Whether the field has the value that it had before."""

    field: str
    same: bool


@dataclass(frozen=True, slots=True)
class Fits:
    """Whether the text fits a pattern; `mask` are the classes for which that is so, with `other` as the open one."""

    field: str
    pattern: Pattern
    truth: bool
    mask: int


@dataclass(frozen=True, slots=True)
class Time:
    """One instant is at most so many microseconds after another."""

    later: str
    earlier: str
    most: int


@dataclass(frozen=True, slots=True)
class Open:
    """Whether an instant is past by more than so much open time (seconds; negative: less than that before it)."""

    instant: str
    seconds: int
    calendar: str
    truth: bool
    now: str = NOW
    """The look at which that is asked."""


Primitive = After | Before | Rel | Fits | Time | Open


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these."""

    parts: tuple[Formula, ...]


Formula = Primitive | And | Or
TRUE, FALSE = And(()), Or(())


def since(field: str) -> str:
    """The instant since which an unchanged field has its value."""
    return f"since {field}"


def microseconds(at: datetime) -> int:
    """An instant as a number."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def denied(fact: Primitive, domain: Domain | None) -> Primitive | None:
    """The opposite of a fact; None where that is not one fact."""
    match fact:
        case After(field, mask) if domain is not None:
            return After(field, domain.full & ~mask)
        case Before(field, mask) if domain is not None:
            return Before(field, domain.full & ~mask)
        case Rel(field, same):
            return Rel(field, not same)
        case Fits(field, pattern, truth, mask) if domain is not None:
            return Fits(field, pattern, not truth, (domain.full & ~mask) | domain.other)
        case _:
            return None


def conjunction(parts: Iterable[Formula]) -> Formula:
    """All of these, flat."""
    found: list[Formula] = []
    for part in parts:
        if part == FALSE:
            return FALSE
        found.extend(part.parts if isinstance(part, And) else (part,))
    return found[0] if len(found) == 1 else And(tuple(found))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """At least one of these, flat."""
    found: list[Formula] = []
    for part in parts:
        if part == TRUE:
            return TRUE
        found.extend(part.parts if isinstance(part, Or) else (part,))
    return found[0] if len(found) == 1 else Or(tuple(found))


class Translator:
    """Translates conditions for one kind of look; with `still`, for a later look that finds nothing changed since."""

    def __init__(
        self, domains: Mapping[str, Domain], kind: ObservationKind, now: str = NOW, *, still: bool = False
    ) -> None:
        self.domains = domains
        self.kind = kind
        self.now = now
        self.still = still or kind is ObservationKind.UNCHANGED

    def formula(self, condition: Condition, *, truth: bool = True) -> Formula:
        """What holds when the condition does, or with `truth` False when it does not."""
        match condition:
            case All(parts):
                join = conjunction if truth else disjunction
                return join(self.formula(part, truth=truth) for part in parts)
            case Any_(parts):
                join = disjunction if truth else conjunction
                return join(self.formula(part, truth=truth) for part in parts)
            case Not(part):
                return self.formula(part, truth=not truth)
            case Changed(field):
                return self._changed(field, truth=truth)
            case TimeFrom(field, seconds, calendar):
                return self._guarded(field, self._elapsed(field, seconds, calendar, truth=truth), truth=truth)
            case HeldFor():
                return self._held(condition, truth=truth)
            case _:
                return self._value(condition, truth=truth)

    def _value(self, atom: In | IsSet | Compare | Contains | Like | Was, *, truth: bool) -> Formula:
        domain = self.domains[atom.field]
        if isinstance(atom, Contains | Like):
            return self._fits(atom, domain, truth=truth)
        if domain.sort == "instant" and isinstance(atom, In | Compare):
            return self._instant(atom, truth=truth)
        if isinstance(atom, IsSet):
            mask = domain.full & ~ABSENT
        elif isinstance(atom, Compare):
            mask = domain.compared(atom.op, atom.value)
        else:
            mask = domain.mask(atom.values)
        if isinstance(atom, Was) and not self.still:
            if self.kind is ObservationKind.CREATED:
                return FALSE if truth else TRUE
            return self._masked(Before(atom.field, mask if truth else domain.full & ~mask), domain)
        return self._masked(After(atom.field, mask if truth else domain.full & ~mask), domain)

    def _masked(self, fact: After | Before | Fits, domain: Domain) -> Formula:
        if not fact.mask:
            return FALSE
        return TRUE if fact.mask == domain.full and not isinstance(fact, Fits) else fact

    def _fits(self, atom: Pattern, domain: Domain, *, truth: bool) -> Formula:
        mask = domain.other | (0 if truth else ABSENT)
        for text, bit in domain.bits.items():
            if fits(atom, str(text)) is truth:
                mask |= bit
        return self._masked(Fits(atom.field, atom, truth, mask & domain.full), domain)

    def _changed(self, field: str, *, truth: bool) -> Formula:
        domain = self.domains[field]
        if self.still:
            return FALSE if truth else TRUE
        if self.kind is ObservationKind.CREATED:
            return self._value(IsSet(field), truth=truth)
        if field == CREATED:
            return FALSE if truth else TRUE
        if field == UPDATED:
            return Time(BEFORE_UPDATED, UPDATED, -1) if truth else Time(UPDATED, BEFORE_UPDATED, 0)
        return Rel(domain.name, not truth)

    def _guarded(self, field: str, inner: Formula, *, truth: bool) -> Formula:
        """A statement about an instant that may be absent, and then it is false."""
        if self.domains[field].full == PRESENT:
            return inner
        present = conjunction((After(field, PRESENT), inner))
        return present if truth else disjunction((After(field, ABSENT), present))

    def _instant(self, atom: In | Compare, *, truth: bool) -> Formula:
        field = atom.field
        if isinstance(atom, In):
            points = [microseconds(datetime.fromisoformat(str(value))) for value in atom.values]
            if truth:
                inner = disjunction(conjunction((Time(field, ZERO, at), Time(ZERO, field, -at))) for at in points)
            else:
                inner = conjunction(
                    disjunction((Time(field, ZERO, at - 1), Time(ZERO, field, -at - 1))) for at in points
                )
            return self._guarded(field, inner, truth=truth)
        at = microseconds(datetime.fromisoformat(str(atom.value)))
        more = atom.op in ("more_than", "at_least")
        apart = atom.op in ("more_than", "less_than")
        if more is truth:  # it is later than the point
            inner = Time(ZERO, field, -at - 1) if apart is truth else Time(ZERO, field, -at)
        else:
            inner = Time(field, ZERO, at - 1) if apart is truth else Time(field, ZERO, at)
        return self._guarded(field, inner, truth=truth)

    def _held(self, atom: HeldFor, *, truth: bool) -> Formula:
        domain = self.domains[atom.field]
        mask = domain.mask(atom.values)
        if not mask:
            return FALSE if truth else TRUE

        def passed(instant: str) -> Formula:
            return self._elapsed(instant, atom.seconds, atom.calendar, truth=truth)

        if self.kind is ObservationKind.CREATED:
            inner = passed(CREATED)
        elif self.kind is ObservationKind.UNCHANGED:
            inner = passed(since(atom.field))
        else:
            changed = conjunction((Rel(atom.field, same=False), passed(UPDATED)))
            inner = disjunction((conjunction((Rel(atom.field, same=True), passed(since(atom.field)))), changed))
        held = conjunction((After(atom.field, mask), inner))
        return held if truth else disjunction((After(atom.field, domain.full & ~mask), held))

    def _elapsed(self, instant: str, seconds: int, calendar: str | None, *, truth: bool) -> Formula:
        """More than so much time from an instant to the look, or not."""
        if calendar is not None:
            return Open(instant, seconds, calendar, truth, self.now)
        span = seconds * SECOND
        return Time(instant, self.now, -span - 1) if truth else Time(self.now, instant, span)


def first(name: str) -> str:
    """A field, or an instant, of a ticket when it was new; it was created once."""
    return name if name in (ZERO, CREATED) else f"first {name}"


def middle(name: str) -> str:
    """A field, or an instant, at some look between the first and the last change."""
    return name if name in (ZERO, CREATED) else f"middle {name}"


def renamed(formula: Formula, name: Callable[[str], str]) -> Formula:
    """What is said of one look, where others at the same ticket are spoken of too."""
    match formula:
        case And(parts):
            return And(tuple(renamed(part, name) for part in parts))
        case Or(parts):
            return Or(tuple(renamed(part, name) for part in parts))
        case Time(later, earlier, most):
            return Time(name(later), name(earlier), most)
        case Open():
            return replace(formula, instant=name(formula.instant), now=name(formula.now))
        case _:
            return replace(formula, field=name(formula.field))
