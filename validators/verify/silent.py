"""Two versions of a contract while nobody acts, with their own calendars: the first instant at which they differ.

Everybody is there, every message arrives. Looks at no other course: the other differences do not need real times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from runner.contract.contract import Contract
from validators.verify.bounds import SilentCourse, starts_of
from validators.verify.explore import Edge
from validators.verify.pairs import unlike
from validators.verify.parts import ownership
from validators.verify.seen import Seen, seen_of

__all__ = ["Apart", "first_apart"]

_FAR: Final = 96
"""Decisions of one course: what is still to come then are reminders alone, mostly."""
_MOST: Final = 12_000
"""Decisions of all courses together."""
LIMIT: Final = f"more than {_MOST:,} decisions"

Apart = tuple[str, tuple[str, str], tuple[str, str], tuple[tuple[Edge, ...], tuple[Edge, ...]]]
"""In words, what happens before and after, the rules, and the two courses up to the difference."""


def first_apart(base: Contract, head: Contract) -> tuple[Apart | None, str]:
    """The earliest opening after which the two tell, do or ask something at other times; None if there is none, and at
    which limit the search stopped, if it did.
    """
    courses = tuple(SilentCourse(ownership(each).contract) for each in (base, head))
    made = 0
    for start in sorted({*starts_of(base), *starts_of(head)}):
        if made > _MOST:
            return None, LIMIT
        old, new = (list(_course(each, start)) for each in courses)
        made += len(old) + len(new)
        for number, (one, other) in enumerate(zip(old, new, strict=False), start=1):
            if _instant(one) != _instant(other) or _cores(one) != _cores(other):
                words, before, after = unlike(_seen(one), _seen(other))
                if _cores(one) == _cores(other):
                    words, before, after = "the same at another time", *(_seen(each)[-1] for each in (one, other))
                sides, rules = (f"{before.words}{_at(one)}", f"{after.words}{_at(other)}"), (before.rule, after.rule)
                return (words, sides, rules, (tuple(old[:number]), tuple(new[:number]))), ""
    return None, ""


def _course(course: SilentCourse, start: datetime) -> Iterator[Edge]:
    edge = next(course.openings(start), None)
    for _ in range(_FAR):
        if edge is None:
            return
        yield edge
        edge = next(course.ticks(edge.after), None) if edge.after is not None else None


def _instant(edge: Edge) -> datetime | None:
    return edge.after.now if edge.after is not None else None


def _seen(edge: Edge) -> tuple[Seen, ...]:
    at = _instant(edge)
    return seen_of(edge, at) if at is not None else ()


def _cores(edge: Edge) -> list[tuple[str, ...]]:
    return [each.core for each in _seen(edge)]


def _at(edge: Edge) -> str:
    at = _instant(edge)
    return f", {at:%a %Y-%m-%d %H:%M} UTC" if at is not None else ""
