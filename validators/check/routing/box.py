"""A box: what is known so far of a look, field by field, and of its instants. Facts are added; it searches nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runner.engine.observation import ObservationKind
from validators.check.routing.domains import ABSENT, Domain
from validators.check.routing.formula import (
    SECOND,
    After,
    And,
    Before,
    Fits,
    Formula,
    Open,
    Or,
    Primitive,
    Rel,
    Time,
)
from validators.check.routing.texts import Pattern, find_text
from validators.check.routing.times import Constraint, possible

__all__ = ["Box", "Space", "reduced"]

Truth = bool | None
"""True, False, or open."""
_NO_PATTERNS: tuple[frozenset[Pattern], frozenset[Pattern]] = (frozenset(), frozenset())


class Space:
    """All looks of one kind; it knows the domains and counts the work done in it."""

    def __init__(self, domains: Mapping[str, Domain], kind: ObservationKind, spend: Callable[[int], None]) -> None:
        self.domains = domains
        self.kind = kind
        self.spend = spend
        self._texts: dict[tuple[str, frozenset[Pattern], frozenset[Pattern]], str | None] = {}

    def text(self, field: str, wanted: frozenset[Pattern], unwanted: frozenset[Pattern]) -> str | None:
        """A text that nobody names and that fits so; None if there is none."""
        key = (field, wanted, unwanted)
        if key not in self._texts:
            if wanted & unwanted:
                return None
            # In a fixed order, so that every run finds the same text.
            ordered = [sorted(each, key=repr) for each in (wanted, unwanted)]
            self._texts[key] = find_text(ordered[0], ordered[1], self.domains[field].bits.keys(), self.spend)  # type: ignore[arg-type]
        return self._texts[key]

    def before_full(self, field: str) -> int:
        """The classes that a field may have had before."""
        return ABSENT if self.kind is ObservationKind.CREATED else self.domains[field].full


class Box:
    """A conjunction of facts. Masks say which classes are left; a field that is not mentioned may be anything."""

    __slots__ = ("after", "before", "fits", "opens", "rel", "space", "times")

    def __init__(self, space: Space) -> None:
        self.space = space
        self.after: dict[str, int] = {}
        self.before: dict[str, int] = {}
        self.rel: dict[str, bool] = {}
        self.fits: dict[str, tuple[frozenset[Pattern], frozenset[Pattern]]] = {}
        self.times: tuple[Constraint, ...] = ()
        self.opens: tuple[Open, ...] = ()

    def copy(self) -> Box:
        """One that may go another way."""
        other = Box(self.space)
        other.after, other.before, other.rel = dict(self.after), dict(self.before), dict(self.rel)
        other.fits, other.times, other.opens = dict(self.fits), self.times, self.opens
        return other

    def left(self, field: str) -> int:
        """The classes left for the field's value."""
        return self.after.get(field, self.space.domains[field].full)

    def left_before(self, field: str) -> int:
        """The classes left for the field's value before."""
        mask = self.before.get(field)
        return self.space.before_full(field) if mask is None else mask

    def truth(self, fact: Primitive) -> Truth:
        """Whether a fact holds in all of the box, in none of it, or that depends."""
        match fact:
            case After(field, mask):
                return _part(self.left(field), mask)
            case Before(field, mask):
                return _part(self.left_before(field), mask)
            case Rel(field, same):
                known = self.rel.get(field)
                return None if known is None else known is same
            case Fits():
                return self._fits(fact)
            case Time():
                return True if (fact.later, fact.earlier, fact.most) in self.times else None
            case Open():
                return True if fact in self.opens else None

    def _fits(self, fact: Fits) -> Truth:
        left, other = self.left(fact.field), self.space.domains[fact.field].other
        if not left & other:
            return _part(left, fact.mask)
        wanted, unwanted = self.fits.get(fact.field, _NO_PATTERNS)
        if fact.pattern not in wanted and fact.pattern not in unwanted:
            return None
        fits = (fact.pattern in wanted) is fact.truth
        return _part(left, fact.mask if fits else fact.mask & ~other)

    def add(self, fact: Primitive) -> bool:
        """Add a fact; False if the box is empty now, and of no use any more."""
        match fact:
            case After(field, mask):
                self.after[field] = self.left(field) & mask
                return self._settle(field)
            case Before(field, mask):
                self.before[field] = self.left_before(field) & mask
                return self._settle(field)
            case Rel(field, same):
                if self.rel.setdefault(field, same) is not same:
                    return False
                return self._settle(field)
            case Fits(field, pattern, truth, mask):
                self.after[field] = self.left(field) & mask
                wanted, unwanted = self.fits.get(field, _NO_PATTERNS)
                self.fits[field] = (wanted | {pattern}, unwanted) if truth else (wanted, unwanted | {pattern})
                return self._settle(field)
            case Time(later, earlier, most):
                self.times = (*self.times, (later, earlier, most))
                self.space.spend(len(self.times))
                return possible(self.times)
            case Open():
                return self._count(fact)

    def _settle(self, field: str) -> bool:
        """Draw what follows for one field."""
        domain = self.space.domains[field]
        after = self.left(field)
        patterns = self.fits.get(field)
        if patterns is not None and after & domain.other and self.space.text(field, *patterns) is None:
            after &= ~domain.other
        same, before = self.rel.get(field), self.before.get(field)
        if same is not None:
            before = self.left_before(field)
            if same:
                after = before = after & before
            else:
                # What has just one value cannot be that of both.
                before &= ~after if _single(after, domain) else -1
                after &= ~before if _single(before, domain) else -1
            self.before[field] = before
        self.after[field] = after
        return after != 0 and before != 0

    def _count(self, fact: Open) -> bool:
        """Add open time, with what follows from it for time on the clock."""
        if fact in self.opens:
            return True
        follows = []
        if fact.truth and fact.seconds >= 0:
            follows.append((fact.instant, fact.now, -fact.seconds * SECOND - 1))
        elif not fact.truth and fact.seconds < 0:
            follows.append((fact.now, fact.instant, fact.seconds * SECOND))
        for other in self.opens:
            if (other.calendar, other.now) == (fact.calendar, fact.now) and other.truth is not fact.truth:
                # More open time has passed since one than since the other, so it is the earlier of the two.
                past, not_past = (fact, other) if fact.truth else (other, fact)
                if past.seconds >= not_past.seconds:
                    follows.append((past.instant, not_past.instant, -1))
        self.opens = (*self.opens, fact)
        self.times = (*self.times, *follows)
        self.space.spend(len(self.times))
        return possible((*self.times, (fact.instant, fact.instant, 0), (fact.now, fact.now, 0)))


def _part(left: int, mask: int) -> Truth:
    if not left & mask:
        return False
    return True if left & mask == left else None


def _single(mask: int, domain: Domain) -> bool:
    return mask & (mask - 1) == 0 and bool(mask & domain.singles)


def reduced(formula: Formula, box: Box) -> Formula | bool:
    """The formula as far as the box leaves it open."""
    box.space.spend(1)
    if not isinstance(formula, And | Or):
        truth = box.truth(formula)
        return formula if truth is None else truth
    whole = isinstance(formula, And)
    parts: list[Formula] = []
    for part in formula.parts:
        left = reduced(part, box)
        if isinstance(left, bool):
            if left is not whole:
                return left
        else:
            parts.append(left)
    if not parts:
        return whole
    if len(parts) == 1:
        return parts[0]
    return And(tuple(parts)) if whole else Or(tuple(parts))
