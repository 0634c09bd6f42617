"""The parts of a condition that are true or false by themselves, in the words in which coverage names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from runner.contract.conditions import (
    Atom,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    TimeFrom,
    Was,
    atoms,
)
from runner.contract.values import format_duration, format_instant

__all__ = ["leaves"]

_COMPARED: Final = {
    "more_than": "is more than",
    "at_least": "is at least",
    "less_than": "is less than",
    "at_most": "is at most",
}


def leaves(condition: Condition) -> Iterator[tuple[Atom, str]]:
    """Each of them with its words, such as `priority is high or urgent`."""
    return ((each, f"{each.field} {_words(each)}") for each in atoms(condition))


def _words(leaf: Atom) -> str:
    match leaf:
        case In():
            return f"is {_listed(leaf.values)}"
        case IsSet():
            return "has a value"
        case Compare():
            return f"{_COMPARED[leaf.op]} {_shown(leaf.value)}"
        case Contains():
            return f"contains {leaf.text}"
        case Like():
            return f"is like {leaf.glob}"
        case Changed():
            return "has changed"
        case Was():
            return f"was {_listed(leaf.values)}"
        case TimeFrom():
            sense = "is past by more than" if leaf.seconds >= 0 else "is due within"
            return f"{sense} {_time(abs(leaf.seconds), leaf.calendar)}"
        case HeldFor():
            return f"has been {_listed(leaf.values)} for more than {_time(leaf.seconds, leaf.calendar)}"


def _time(seconds: int, calendar: str | None) -> str:
    return format_duration(seconds) + (f" of {calendar}" if calendar is not None else "")


def _listed(values: Sequence[object]) -> str:
    return " or ".join(map(_shown, values))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return format_instant(value) if isinstance(value, datetime) else str(value)
