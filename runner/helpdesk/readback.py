"""Comparing what was asked for with what a helpdesk says is there now.

Fields are compared by value and type, never by the helpdesk's messages or status. Pure; it asks nobody itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.helpdesk.port import Fields, FieldValue, HistoryEntry

__all__ = ["differing", "held_at", "same_value"]


def same_value(left: FieldValue, right: FieldValue) -> bool:
    """Whether two field values are the same. True is not 1; 1 is 1.0, because JSON does not tell them apart."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def differing(wanted: Fields, found: Fields) -> tuple[str, ...]:
    """The names in `wanted` whose value is not what `found` has, sorted. An absent field has the value None."""
    return tuple(sorted(name for name, value in wanted.items() if not same_value(value, found.get(name))))


def held_at(history: Iterable[HistoryEntry], version: int, field: str, wanted: FieldValue) -> bool:
    """Whether `field` was `wanted` at `version` and somebody changed it later.

    The first change of the field after `version` tells by its old value. `history` is newest last and has numeric
    versions; without any later change of the field the answer is no.
    """
    for entry in history:
        if entry.kind == "field" and entry.field == field and entry.version and int(entry.version) > version:
            return same_value(entry.old, wanted)
    return False
