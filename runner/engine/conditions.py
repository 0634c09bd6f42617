"""Conditions evaluated: one closure for each condition, built once, called for each observation.

Also gives the instants at which time alone can change an answer. Pure; `now` and the calendars come in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import translate
from functools import lru_cache
from types import MappingProxyType

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
    atoms,
)
from runner.engine.calendars import NEVER
from runner.engine.open_time import OpenHours, turns

__all__ = ["Facts", "Hours", "Test", "TimeAtom", "atom_instants", "compile_condition", "time_atoms"]

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition is asked about.

    `before` and `after` map field names to values; an absent field is missing or None. Instants are canonical UTC
    text. `changed_at` maps a field to the instant of its last change.
    """

    before: Mapping[str, Value]
    after: Mapping[str, Value]
    changed_at: Mapping[str, datetime]
    now: datetime


Test = Callable[[Facts], bool]
TimeAtom = TimeFrom | HeldFor
"""What time alone may turn true."""
Hours = Mapping[str, OpenHours]
"""The calendars in which a condition counts time, by name."""
_NO_HOURS: Hours = MappingProxyType({})


def compile_condition(condition: Condition, hours: Hours = _NO_HOURS) -> Test:
    """The condition as a function of facts; it never raises, whatever the values are.

    Raises LookupError here and now if `hours` lacks a calendar that the condition names.
    """
    match condition:
        case All(parts):
            return _every(tuple(compile_condition(part, hours) for part in parts))
        case Any_(parts):
            return _some(tuple(compile_condition(part, hours) for part in parts))
        case Not(part):
            inner = compile_condition(part, hours)
            return lambda facts: not inner(facts)
        case In(field, values):
            return _one_of(field, values)
        case Was(field, values):
            wanted = frozenset(values)
            return lambda facts: _hashable(facts.before.get(field)) in wanted
        case IsSet(field):
            return lambda facts: facts.after.get(field) is not None
        case Changed(field):
            return lambda facts: facts.before.get(field) != facts.after.get(field)
        case Contains(field, text):
            needle = text.casefold()
            return lambda facts: (found := _text(facts.after.get(field))) is not None and needle in found
        case Like(field, glob):
            pattern = re.compile(translate(glob.casefold()))
            return lambda facts: (found := _text(facts.after.get(field))) is not None and bool(pattern.match(found))
        case Compare():
            return _compare(condition)
        case TimeFrom(field, seconds, calendar):
            return _past(field, _passed(seconds, calendar, hours))
        case HeldFor(field, values, seconds, calendar):
            return _held(field, values, _passed(seconds, calendar, hours))


def _every(tests: tuple[Test, ...]) -> Test:
    def test(facts: Facts) -> bool:
        for each in tests:  # noqa: SIM110 - twice as fast as `all`, for each ticket
            if not each(facts):
                return False
        return True

    return test


def _some(tests: tuple[Test, ...]) -> Test:
    def test(facts: Facts) -> bool:
        for each in tests:  # noqa: SIM110 - as above
            if each(facts):
                return True
        return False

    return test


def _one_of(field: str, values: tuple[object, ...]) -> Test:
    wanted = frozenset(values)
    return lambda facts: _hashable(facts.after.get(field)) in wanted


_PLAIN = (str, int, float)


def _hashable(value: object) -> object:
    return value if isinstance(value, _PLAIN) else None


def _text(value: object) -> str | None:
    if value is None:
        return None
    return (value if isinstance(value, str) else str(value)).casefold()


def _compare(condition: Compare) -> Test:
    field, op, ranks = condition.field, condition.op, condition.ranks
    rank = {value: index for index, value in enumerate(ranks)}
    bound = rank.get(str(condition.value)) if ranks else condition.value

    def test(facts: Facts) -> bool:
        value: object = facts.after.get(field)
        if ranks:
            value = rank.get(value) if isinstance(value, str) else None
        if (
            value is None
            or bound is None
            or isinstance(value, bool)
            or isinstance(value, str) != isinstance(bound, str)
        ):
            return False
        if op == "more_than":
            return value > bound  # type: ignore[operator]
        if op == "at_least":
            return value >= bound  # type: ignore[operator]
        if op == "less_than":
            return value < bound  # type: ignore[operator]
        return value <= bound  # type: ignore[operator]

    return test


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


Passed = Callable[[datetime, datetime], bool]


def _passed(seconds: int, calendar: str | None, hours: Hours) -> Passed:
    """Whether, from an instant to now, more than so much time has passed."""
    if calendar is None:
        offset = timedelta(seconds=seconds)
        return lambda at, now: now - at > offset
    counted = hours[calendar]

    @lru_cache(maxsize=256)  # a ticket is looked at again and again, and its instants stay the same
    def turning(at: datetime) -> datetime:
        return turns(counted, at, seconds)

    return lambda at, now: now > turning(at)


def _past(field: str, passed: Passed) -> Test:
    def test(facts: Facts) -> bool:
        at = _instant(facts.after.get(field))
        return at is not None and passed(at, facts.now)

    return test


def _held(field: str, values: tuple[object, ...], passed: Passed) -> Test:
    wanted = frozenset(values)

    def test(facts: Facts) -> bool:
        since = facts.changed_at.get(field)
        return since is not None and _hashable(facts.after.get(field)) in wanted and passed(since, facts.now)

    return test


def time_atoms(condition: Condition) -> Iterator[TimeAtom]:
    """The parts of a condition that time alone may turn true, wherever they stand."""
    return (each for each in atoms(condition) if isinstance(each, TimeFrom | HeldFor))


def atom_instants(
    atom: TimeAtom, after: Mapping[str, Value], changed_at: Mapping[str, datetime], hours: Hours = _NO_HOURS
) -> Iterator[datetime]:
    """The instants, on whole seconds, at which an atom turns true by time alone; at most one.

    "More than 30 minutes" after 10:00:00 turns true at 10:30:01: the grain of a watch is one second.
    """
    if isinstance(atom, TimeFrom):
        at = _instant(after.get(atom.field))
    else:
        at = changed_at.get(atom.field) if after.get(atom.field) in atom.values else None
    if at is None:
        return
    try:
        if atom.calendar is None:
            turning = at + timedelta(seconds=atom.seconds)
        else:
            turning = turns(hours[atom.calendar], at, atom.seconds)
        first = turning.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        return  # beyond the year 9999
    if turning != NEVER:
        yield first
