"""The values of each field, cut into the classes that no condition of a revision tells apart. Decides nothing.

A set of classes is a bit mask. Bit 0 is absent, which is a value of every field.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from runner.contract.condition_reader import BUILTIN_FIELDS
from runner.contract.conditions import Compare, Condition, HeldFor, In, Scalar, Was, atoms
from runner.contract.policies import TicketField

__all__ = ["ABSENT", "LONGEST_TEXT", "PRESENT", "Domain", "domains", "plain_number"]

ABSENT = 1
PRESENT = 2
"""The one other class of an instant, whose values are compared by the arithmetic of time."""
LONGEST_TEXT = 10_000
"""Characters of a text that an observation keeps."""
_DECIMALS = 17
"""Digits after which two different floats differ."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The classes of one field.

    Choices and booleans have a class for each value; texts and people one for each text that a condition names, and
    `other` for the rest; numbers one for each number named, and one for each gap between, below and above them.
    """

    name: str
    sort: str
    values: tuple[Scalar, ...]
    """Those named, of choices and booleans all; in order of their bits."""
    full: int
    """Every class that has a value at all."""
    singles: int
    """The classes that have just one value."""
    other: int = 0
    """The class of the texts that nobody names; 0 for other sorts."""
    bits: Mapping[Scalar, int] = field(default_factory=dict)

    def mask(self, values: Iterable[Scalar]) -> int:
        """The classes of some values."""
        mask = 0
        for value in values:
            mask |= self.bits.get(value, 0)
        return mask & self.full

    def compared(self, op: str, value: Scalar) -> int:
        """The classes whose values are more than, at least, less than or at most a number or the rank of a choice."""
        if isinstance(value, float) and math.isnan(value):
            return 0
        if self.sort == "number":
            place = 2 * bisect_left(self.values, value) + 2
            if value not in self.bits:  # only the infinities are not cut at: they fall between two points
                place = 2 * len(self.values) + 2 if value > 0 else 0  # type: ignore[operator]
        else:
            place = self.values.index(value) + 1
        upwards = -1 << (place if op == "at_least" else place + 1)
        downwards = (1 << (place + 1 if op == "at_most" else place)) - 1
        return (upwards if op in ("more_than", "at_least") else downwards) & self.full & ~ABSENT

    def value(self, bit: int) -> Scalar:
        """A plain value of a class; not for instants and other texts."""
        place = bit.bit_length() - 1
        if self.sort != "number":
            return self.values[place - 1]
        index, gap = divmod(place - 1, 2)
        if gap:
            return self.values[index]
        found = plain_number(*self.gap(index))
        if found is None:
            raise AssertionError(f"an empty class of {self.name}")
        return found

    def second(self, bit: int) -> Scalar | None:
        """Another value of a class of numbers; None if there is just one."""
        place = bit.bit_length() - 1
        index, point = divmod(place - 1, 2)
        return None if point else _second(*self.gap(index))

    def gap(self, index: int) -> tuple[float | None, float | None]:
        """The ends of a gap between named numbers; None where it has no end."""
        below = self.values[index - 1] if index else None
        above = self.values[index] if index < len(self.values) else None
        return below, above  # type: ignore[return-value]


def plain_number(above: float | None, below: float | None) -> int | float | None:
    """The plainest number strictly between two: a small whole one if there is any; None if a helpdesk can have none."""
    least = None if above is None else math.floor(above) + 1
    most = None if below is None else math.ceil(below) - 1
    if least is None or most is None or least <= most:
        start = 0 if least is None else max(0, least)
        return start if most is None else min(start, most)
    if above is None or below is None:
        raise AssertionError("a gap without an end has whole numbers")
    low, high = Fraction(above), Fraction(below)
    for digits in range(1, _DECIMALS + 1):
        scale = 10**digits
        found = float(Fraction(math.floor(low * scale) + 1, scale))
        if low < Fraction(found) < high:
            return found
    found = math.nextafter(float(above), math.inf)
    return found if low < Fraction(found) < high else None


def _second(above: float | None, below: float | None) -> int | float | None:
    first = plain_number(above, below)
    if first is None:
        return None
    higher = plain_number(first, below)
    return higher if higher is not None else plain_number(above, first)


def domains(fields: Mapping[str, TicketField], conditions: Iterable[Condition]) -> dict[str, Domain]:
    """By name, the domain of every field, cut at what the conditions say of it."""
    named: dict[str, set[Scalar]] = {}
    for condition in conditions:
        for name, values in _named(condition):
            named.setdefault(name, set()).update(values)
    declared = {**BUILTIN_FIELDS, **fields}
    return {name: _domain(name, each, named.get(name, set())) for name, each in declared.items()}


def _named(condition: Condition) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    for atom in atoms(condition):
        match atom:
            case In(name, values) | Was(name, values) | HeldFor(name, values):
                yield name, values
            case Compare(name, _, value, ()):
                yield name, (value,)
            case _:
                pass


def _domain(name: str, declared: TicketField, named: set[Scalar]) -> Domain:
    match declared.type:
        case "choice" | "boolean":
            values: tuple[Scalar, ...] = declared.values if declared.type == "choice" else (True, False)
            full = (1 << (len(values) + 1)) - 1
            return Domain(name, declared.type, values, full, full, bits=_bits(values))
        case "instant":
            full = PRESENT if name in BUILTIN_FIELDS else ABSENT | PRESENT
            return Domain(name, "instant", (), full, ABSENT)
        case "number":
            return _numbers(name, named)
        case _:
            return _texts(name, declared.type, named)


def _bits(values: Iterable[Scalar]) -> dict[Scalar, int]:
    return {value: 1 << (place + 1) for place, value in enumerate(values)}


def _numbers(name: str, named: set[Scalar]) -> Domain:
    numbers = {int(n) if isinstance(n, bool) else n for n in named if isinstance(n, int | float)}  # true equals 1
    finite = tuple(sorted(n for n in numbers if isinstance(n, int) or math.isfinite(n)))
    domain = Domain(name, "number", finite, 0, 0)
    full = singles = ABSENT
    for index in range(len(finite) + 1):
        ends, bit = domain.gap(index), 1 << (2 * index + 1)
        if plain_number(*ends) is not None:
            full |= bit
            singles |= bit if _second(*ends) is None else 0
        if index < len(finite):
            full |= bit << 1
            singles |= bit << 1
    return Domain(name, "number", finite, full, singles, bits={n: 1 << (2 * i + 2) for i, n in enumerate(finite)})


def _texts(name: str, sort: str, named: set[Scalar]) -> Domain:
    texts = tuple(sorted(text for text in named if isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT))
    other = 1 << (len(texts) + 1)
    singles = other - 1
    return Domain(name, sort, texts, singles | other, singles, other, _bits(texts))
