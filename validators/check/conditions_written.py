"""What a condition asks for, as it is written: fields and calendars, with their paths. Judges and evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.documents import Path

__all__ = ["calendars_counted", "fields_asked"]

_WORDS: Final = ("all", "any", "not")


def fields_asked(plain: object, path: Path) -> Iterator[tuple[str, Path]]:
    """Each field that a condition asks for, with the path of its key; `path` is that of the condition."""
    for name, here, _ in _entries(plain, path):
        yield name, here


def calendars_counted(plain: object) -> Iterator[str]:
    """The calendars in which a condition counts time."""
    for _, _, asked in _entries(plain, ()):
        for operand in asked.values() if isinstance(asked, dict) else ():
            calendar = operand.get("calendar") if isinstance(operand, dict) else None
            if isinstance(calendar, str):
                yield calendar


def _entries(plain: object, path: Path) -> Iterator[tuple[str, Path, object]]:
    if not isinstance(plain, dict):
        return
    for key, value in plain.items():
        if key == "not":
            yield from _entries(value, (*path, key))
        elif key in _WORDS:
            for index, part in enumerate(value if isinstance(value, list) else ()):
                yield from _entries(part, (*path, key, index))
        else:
            yield str(key), (*path, key), value
