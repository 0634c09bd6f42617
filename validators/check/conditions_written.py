"""What a condition asks for, as it is written: fields and calendars, with their paths. Judges and evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.documents import Path

__all__ = ["add_names", "demands", "fields_asked"]

_WORDS: Final = ("all", "any", "not")


def fields_asked(plain: object, path: Path) -> Iterator[tuple[str, Path]]:
    """Each field that a condition asks for, with the path of its key; `path` is that of the condition."""
    if not isinstance(plain, dict):
        return
    for key, value in plain.items():
        if key == "not":
            yield from fields_asked(value, (*path, key))
        elif key in _WORDS:
            for index, part in enumerate(value if isinstance(value, list) else ()):
                yield from fields_asked(part, (*path, key, index))
        else:
            yield str(key), (*path, key)


def add_names(plain: object, fields: set[str | None], calendars: set[str | None]) -> None:
    """Add the fields that a condition asks for, and the calendars in which it counts time."""
    if isinstance(plain, list):
        for part in plain:
            add_names(part, fields, calendars)
    elif isinstance(plain, dict):
        for key, value in plain.items():
            if key in _WORDS:
                add_names(value, fields, calendars)
            else:
                fields.add(str(key))
                for operand in value.values() if isinstance(value, dict) else ():
                    calendar = operand.get("calendar") if isinstance(operand, dict) else None
                    if isinstance(calendar, str):
                        calendars.add(calendar)


def demands(when: object, field: str) -> bool:
    """Whether a condition holds only for tickets that have a value in the field; conjunctions alone are looked into."""
    if not isinstance(when, dict):
        return False
    if field in when:
        asked = when[field]
        return (
            not isinstance(asked, dict)
            or bool(asked.keys() - {"not", "set", "changed", "was"})
            or asked.get("set") is True
        )
    parts = when.get("all")
    return any(demands(each, field) for each in (parts if isinstance(parts, list) else ()))
