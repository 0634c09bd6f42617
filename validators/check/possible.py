"""Whether a condition holds for a ticket of which only some fields are known: yes, no, or open.

Each part is asked of the engine's own evaluation, for every value that its field may have; the logic above it has three
values. OPEN is never wrong: it stands for "some such ticket may", and nothing is said about which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final

from runner.contract.conditions import (
    All,
    Any_,
    Atom,
    Changed,
    Condition,
    HeldFor,
    In,
    IsSet,
    Not,
    TimeFrom,
    Was,
)
from runner.engine.conditions import Facts, Test, Value, compile_condition

__all__ = ["ABSENT", "ANY", "SOME", "Knowledge", "Truth", "open_fields", "truth"]

Possible = frozenset[Value] | None
ANY: Final[Possible] = None
"""Any value, or none."""
ABSENT: Final[Possible] = frozenset((None,))
"""No value."""
SOME: Final[Possible] = frozenset(("?some?",))
"""A value that nobody knows; compared by identity."""
_ALWAYS_SET: Final = ("created_at", "updated_at")
_NOW: Final = datetime(2000, 1, 1, tzinfo=UTC)  # no part that is asked with it looks at the time


class Truth(IntEnum):
    """In this order `min` is "and", and `max` is "or"."""

    FALSE = 0
    OPEN = 1
    TRUE = 2


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a ticket: the values that a field may have, and `rest` for those that are not named."""

    fields: Mapping[str, Possible]
    rest: Possible = ABSENT

    def of(self, field: str) -> Possible:
        """The values that a field may have; None is any."""
        return SOME if field in _ALWAYS_SET else self.fields.get(field, self.rest)


def truth(condition: Condition, after: Knowledge, before: Knowledge, fixed: Mapping[str, Truth] | None = None) -> Truth:
    """Whether it holds. Parts about a field in `fixed` have that truth instead of their own."""
    match condition:
        case All(parts):
            return min((truth(part, after, before, fixed) for part in parts), default=Truth.TRUE)
        case Any_(parts):
            return max((truth(part, after, before, fixed) for part in parts), default=Truth.FALSE)
        case Not(part):
            return Truth(Truth.TRUE - truth(part, after, before, fixed))
        case _:
            given = fixed.get(condition.field) if fixed else None
            return _atom(condition, after, before) if given is None else given


def open_fields(condition: Condition, after: Knowledge, before: Knowledge) -> Iterator[str]:
    """The fields that a condition which is open depends on; none if it is not open."""
    if truth(condition, after, before) is not Truth.OPEN:
        return
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from open_fields(part, after, before)
        case Not(part):
            yield from open_fields(part, after, before)
        case _:
            yield condition.field


def _atom(atom: Atom, after: Knowledge, before: Knowledge) -> Truth:
    if isinstance(atom, Changed):
        return _changed(before.of(atom.field), after.of(atom.field))
    if isinstance(atom, TimeFrom | HeldFor):
        # Time passes, so what can be true at all may be false now and true later.
        wanted: Condition = IsSet(atom.field) if isinstance(atom, TimeFrom) else In(atom.field, atom.values)
        return min(truth(wanted, after, before), Truth.OPEN)
    values = (before if isinstance(atom, Was) else after).of(atom.field)
    if values is SOME:
        return Truth.TRUE if isinstance(atom, IsSet) else Truth.OPEN
    if values is None:
        return Truth.OPEN
    test = _test(atom)
    answers = {test(Facts({atom.field: value}, {atom.field: value}, {}, _NOW)) for value in values}
    return Truth.OPEN if len(answers) > 1 else Truth.TRUE if True in answers else Truth.FALSE


def _changed(before: Possible, after: Possible) -> Truth:
    if before is None or after is None or before is SOME or after is SOME:
        return Truth.FALSE if before is after is SOME else Truth.OPEN
    if len(before) == len(after) == 1:
        return Truth.FALSE if before == after else Truth.TRUE
    return Truth.OPEN if before & after else Truth.TRUE


@lru_cache(maxsize=65536)  # many templates have parts in common
def _test(atom: Atom) -> Test:
    return compile_condition(atom)
