"""Ticket fields whose values were written as texts to be filled in: each becomes a value of its field's type.

An instant stays exact, since machines read it; in a text people read it. What fits no type is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from runner.contract.policies import TicketField
from runner.contract.text import TextError, is_liquid, render

__all__ = ["filled_fields"]

Value = str | int | float | bool | None


def filled_fields(
    written: Mapping[str, object],
    declared: Mapping[str, TicketField],
    context: Mapping[str, object],
    zone: tzinfo,
) -> dict[str, object]:
    """The values of fields, by name, with their texts filled in; a text of which nothing is left empties its field.

    `context` is what texts name, with exact instants; in a field that holds text they read as in the zone. Raises
    TextError.
    """
    return {
        name: _filled(name, value, declared.get(name), context, zone)
        if isinstance(value, str) and is_liquid(value)
        else value
        for name, value in written.items()
    }


def _filled(
    name: str,
    text: str,
    declared: TicketField | None,
    context: Mapping[str, object],
    zone: tzinfo,
) -> Value:
    sort = declared.type if declared is not None else "text"
    said = render(text, context, zone if sort == "text" else None)
    if not said.strip():
        return None
    match sort:
        case "number":
            return _number(name, said.strip())
        case "boolean":
            return _boolean(name, said.strip())
        case _:
            return said


def _number(name: str, text: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise TextError(f"`{name}` is a number, and what was filled in is none")


def _boolean(name: str, text: str) -> bool:
    found = {"true": True, "false": False}.get(text.lower())
    if found is None:
        raise TextError(f"`{name}` is true or false, and what was filled in is neither")
    return found
