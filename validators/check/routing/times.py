"""Instants that keep a distance from each other: whether some exist, and plain ones if so. Knows no calendar.

A constraint `(later, earlier, most)` says that `later` is at most so many microseconds after `earlier`. Shortest paths
decide such systems exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from validators.check.routing.formula import (
    BEFORE_UPDATED,
    BETWEEN,
    CREATED,
    FIRST_NOW,
    FIRST_UPDATED,
    MIDDLE_BEFORE,
    MIDDLE_NOW,
    MIDDLE_UPDATED,
    NOW,
    SECOND,
    THEN,
    UPDATED,
    ZERO,
    microseconds,
)

__all__ = ["ANCHOR", "Constraint", "bounds", "instants", "possible"]

Constraint = tuple[str, str, int]
ANCHOR = microseconds(datetime(2026, 3, 3, 10, tzinfo=UTC))
"""When examples take place if nothing says otherwise: a Tuesday morning without a holiday anywhere."""
_FIRST, _LAST = microseconds(datetime(1, 1, 2, tzinfo=UTC)), microseconds(datetime(9999, 12, 30, tzinfo=UTC))
_OLDEST, _NEWEST = microseconds(datetime(1970, 1, 1, tzinfo=UTC)), microseconds(datetime(9900, 1, 1, tzinfo=UTC))
"""The years in which a look may take place."""
_ORDER: Mapping[str, tuple[Constraint, ...]] = {
    THEN: ((UPDATED, THEN, 0), (THEN, NOW, 0)),
    BETWEEN: ((THEN, BETWEEN, 0), (BETWEEN, NOW, 0)),
    FIRST_UPDATED: ((CREATED, FIRST_UPDATED, 0), (FIRST_UPDATED, BEFORE_UPDATED, 0), (FIRST_UPDATED, FIRST_NOW, 0)),
    FIRST_NOW: ((FIRST_NOW, NOW, 0), (FIRST_UPDATED, FIRST_NOW, 0)),
    MIDDLE_BEFORE: ((FIRST_UPDATED, MIDDLE_BEFORE, 0), (MIDDLE_BEFORE, MIDDLE_UPDATED, 0)),
    MIDDLE_UPDATED: ((MIDDLE_UPDATED, MIDDLE_NOW, 0), (MIDDLE_UPDATED, BEFORE_UPDATED, 0)),
    MIDDLE_NOW: ((FIRST_NOW, MIDDLE_NOW, 0), (MIDDLE_NOW, NOW, 0)),
}
"""Of several looks at one ticket: each comes after what it finds, and none before the one before it."""
_UNITS = (3600 * SECOND, 60 * SECOND, SECOND, 1)


def _base(names: Iterable[str]) -> list[Constraint]:
    """What holds of every ticket: it is created, then changed, then looked at."""
    found: list[Constraint] = [
        (CREATED, UPDATED, 0), (UPDATED, NOW, 0), (NOW, ZERO, _NEWEST), (ZERO, NOW, -_OLDEST), (ZERO, CREATED, -_FIRST),
    ]  # fmt: skip
    known = {ZERO, NOW, CREATED, UPDATED}
    for name in sorted(set(names) - known):
        if name in _ORDER:
            found += _ORDER[name]
        elif name.startswith("middle since "):
            found += [(CREATED, name, 0), (name, MIDDLE_BEFORE, 0)]
        elif name.startswith("since ") or name == BEFORE_UPDATED:
            found += [(CREATED, name, 0), (name, UPDATED, 0)]
            if name != BEFORE_UPDATED:
                found.append((name, BEFORE_UPDATED, 0))
        else:
            found += [(name, ZERO, _LAST), (ZERO, name, -_FIRST)]
    return found


def _all(constraints: Sequence[Constraint]) -> tuple[list[str], list[Constraint]]:
    names = {name for later, earlier, _ in constraints for name in (later, earlier)} | {ZERO, NOW, CREATED, UPDATED}
    if any(name.startswith("middle ") for name in names):
        names |= {MIDDLE_NOW, MIDDLE_UPDATED, MIDDLE_BEFORE, FIRST_NOW}
    if THEN in names and FIRST_NOW in names:
        constraints = [*constraints, (FIRST_NOW, THEN, 0), *([(MIDDLE_NOW, THEN, 0)] if MIDDLE_NOW in names else [])]
    if names & {FIRST_NOW, FIRST_UPDATED}:
        names |= {FIRST_NOW, FIRST_UPDATED, BEFORE_UPDATED}
    if BETWEEN in names:
        names.add(THEN)
    if any(name.startswith("since ") for name in names):
        names.add(BEFORE_UPDATED)
    return sorted(names), [*_base(names), *constraints]


def possible(constraints: Sequence[Constraint]) -> bool:
    """Whether there are such instants."""
    names, edges = _all(constraints)
    distance = dict.fromkeys(names, 0)
    for _ in names:
        changed = False
        for later, earlier, most in edges:
            if distance[earlier] + most < distance[later]:
                distance[later] = distance[earlier] + most
                changed = True
        if not changed:
            return True
    return False


def _closure(constraints: Sequence[Constraint]) -> tuple[list[str], dict[tuple[str, str], int]] | None:
    """How far each may be after each other, at most; None if there are no such instants."""
    names, edges = _all(constraints)
    found: dict[tuple[str, str], int] = {(name, name): 0 for name in names}
    for later, earlier, most in edges:
        found[later, earlier] = min(most, found.get((later, earlier), most))
    for via in names:
        into = [(name, found[name, via]) for name in names if (name, via) in found]
        out = [(name, found[via, name]) for name in names if (via, name) in found]
        for later, first in into:
            for earlier, second in out:
                total = first + second
                if found.get((later, earlier), total) >= total:
                    found[later, earlier] = total
    if any(found[name, name] < 0 for name in names):
        return None
    return names, found


def bounds(constraints: Sequence[Constraint], name: str) -> tuple[int, int] | None:
    """The first and the last instant that one may be; None if there are no such instants."""
    closed = _closure(constraints)
    if closed is None:
        return None
    found = closed[1]
    return -found[ZERO, name], found[name, ZERO]


def instants(constraints: Sequence[Constraint]) -> dict[str, int] | None:
    """Plain instants that keep all distances, the look near `ANCHOR`; None if there are none."""
    closed = _closure(constraints)
    if closed is None:
        return None
    names, found = closed
    chosen = {ZERO: 0}
    first = [name for name in (NOW, CREATED, BEFORE_UPDATED, UPDATED) if name in names]
    for name in [*first, *(name for name in names if name not in (ZERO, *first))]:
        low = max(chosen[other] - found[other, name] for other in chosen if (other, name) in found)
        high = min(chosen[other] + found[name, other] for other in chosen if (name, other) in found)
        chosen[name] = _plain(low, high, _near(name, chosen))
    return chosen


def _near(name: str, chosen: Mapping[str, int]) -> int:
    """Where an instant is when nothing moves it: what a ticket that does not say it has."""
    if name == NOW:
        return ANCHOR
    if name == BEFORE_UPDATED or name.startswith("since "):
        return chosen[CREATED]
    return chosen[NOW]


def _plain(low: int, high: int, near: int) -> int:
    """The roundest instant within bounds, as near as may be."""
    if low <= near <= high:
        return near
    for unit in _UNITS:
        found = -(-low // unit) * unit if near < low else high // unit * unit
        if low <= found <= high:
            return found
    raise AssertionError("bounds without anything in between")
