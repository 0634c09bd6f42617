"""Conditions over ticket fields: the tree that the engine evaluates, and its plain form.

A condition is data: no code runs from it. Absent is a value of every domain, so logic is two-valued: equality with an
absent field is false, and `not` is the complement. Evaluation lives in `runner.engine.conditions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "All",
    "Any_",
    "Atom",
    "Changed",
    "Compare",
    "Condition",
    "Contains",
    "HeldFor",
    "In",
    "IsSet",
    "Like",
    "Not",
    "TimeFrom",
    "Was",
    "atoms",
    "condition_calendars",
    "condition_fields",
    "condition_from_plain",
    "condition_plain",
    "required_values",
    "timed",
]

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class In:
    """The field has one of these values."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class IsSet:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Compare:
    """The field compares so with a number, or with an ordered choice's rank."""

    field: str
    op: Literal["more_than", "at_least", "less_than", "at_most"]
    value: Scalar
    ranks: tuple[str, ...] = ()
    """All values of an ordered choice, ascending; empty for numbers and instants."""


@dataclass(frozen=True, slots=True)
class Contains:
    """The text contains this, whatever the case of its letters."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Like:
    """The text fits this pattern with `*` and `?`, whatever the case of its letters."""

    field: str
    glob: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The field's value differs from the one before; a new ticket changes each field that it has."""

    field: str


@dataclass(frozen=True, slots=True)
class Was:
    """Before, the field had one of these values."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class TimeFrom:
    """Now is later than the field's instant plus an offset, which may be negative; false without a value."""

    field: str
    seconds: int
    """Positive: past it by more than this. Negative: less than this before it."""
    calendar: str | None = None
    """The calendar whose open time alone is counted; None counts every second."""


@dataclass(frozen=True, slots=True)
class HeldFor:
    """The field has had one of these values for longer than this."""

    field: str
    values: tuple[Scalar, ...]
    seconds: int
    calendar: str | None = None
    """The calendar whose open time alone is counted; None counts every second."""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` is taken by typing
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Atom = In | IsSet | Compare | Contains | Like | Changed | Was | TimeFrom | HeldFor
Condition = Atom | All | Any_ | Not


def condition_plain(condition: Condition) -> dict[str, object]:
    """The tree as JSON data with `op` first in meaning; the part of a contract's canonical form."""
    if isinstance(condition, All | Any_):
        return {
            "op": "all" if isinstance(condition, All) else "any",
            "of": [condition_plain(p) for p in condition.parts],
        }
    if isinstance(condition, Not):
        return {"op": "not", "of": condition_plain(condition.part)}
    plain: dict[str, object] = {"op": _NAMES[type(condition)]}
    for slot in type(condition).__slots__:  # dataclass slots are the fields, in order
        value = getattr(condition, slot)
        if slot == "calendar" and value is None:
            continue
        plain["compare" if slot == "op" else slot] = list(value) if isinstance(value, tuple) else value
    return plain


def condition_from_plain(plain: Mapping[str, object]) -> Condition:
    """The tree again from `condition_plain`; trusts its input, which a digest protects."""
    op = plain["op"]
    if op in ("all", "any"):
        parts = tuple(condition_from_plain(part) for part in plain["of"])  # type: ignore[attr-defined]
        return All(parts) if op == "all" else Any_(parts)
    if op == "not":
        return Not(condition_from_plain(plain["of"]))  # type: ignore[arg-type]
    values = {"op" if key == "compare" else key: value for key, value in plain.items() if key != "op"}
    atom: Condition = _TYPES[str(op)](**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})
    return atom


def atoms(condition: Condition) -> Iterator[Atom]:
    """The parts that are true or false by themselves, wherever they stand, in the order in which they are written."""
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from atoms(part)
        case Not(part):
            yield from atoms(part)
        case _:
            yield condition


def condition_fields(condition: Condition) -> frozenset[str]:
    """The names of all fields that the condition reads."""
    return frozenset(each.field for each in atoms(condition))


def condition_calendars(condition: Condition) -> frozenset[str]:
    """The names of all calendars in which the condition counts time."""
    counting = (each for each in atoms(condition) if isinstance(each, TimeFrom | HeldFor))
    return frozenset(each.calendar for each in counting if each.calendar is not None)


def required_values(condition: Condition) -> dict[str, frozenset[object]]:
    """For each field that the condition pins to listed values, those values; used to index templates.

    Only conjunctions are looked into, so the answer is a necessary condition and never excludes a match.
    """
    match condition:
        case In(field, values):
            return {field: frozenset(values)}
        case All(parts):
            merged: dict[str, frozenset[object]] = {}
            for part in parts:
                for name, wanted in required_values(part).items():
                    merged[name] = merged[name] & wanted if name in merged else wanted
            return merged
        case _:
            return {}


def timed(condition: Condition) -> bool:
    """Whether time alone can change the answer."""
    return any(isinstance(each, TimeFrom | HeldFor) for each in atoms(condition))


_NAMES: dict[type, str] = {
    In: "in",
    IsSet: "set",
    Compare: "compare",
    Contains: "contains",
    Like: "like",
    Changed: "changed",
    Was: "was",
    TimeFrom: "time_from",
    HeldFor: "held_for",
}
_TYPES = {name: kind for kind, name in _NAMES.items()}
