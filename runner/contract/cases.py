"""The cases of a scenario: the same story several times, with other values where `$name` is written. Runs none.

As in blocks, a name stands for a whole value only: text that merely contains a `$` is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.nodes import pointer_of

__all__ = ["Path", "cases_of", "placeholder", "placeholders", "unfilled", "with_values", "written_at"]

Path = tuple[str | int, ...]
_PLACEHOLDER: Final = re.compile(r"\$([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)")
_KEY: Final = "cases"


def cases_of(plain: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """By name, the values of each case of a scenario; empty if it has none, or if they are not written as they must."""
    found = plain.get(_KEY)
    if not isinstance(found, Mapping) or not all(isinstance(each, Mapping) for each in found.values()):
        return {}
    return found


def placeholders(plain: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Where a name stands for a value, outside the cases, in the order in which it is written."""
    return list(_found({key: value for key, value in plain.items() if key != _KEY}, ()))


def placeholder(value: object) -> str | None:
    """The name that stands in place of a value, without its `$`; None if it is no name."""
    match = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match is not None else None


def _found(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _found(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _found(each, (*path, index))
    elif (name := placeholder(value)) is not None:
        yield path, name


def with_values(plain: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario of one case: without the cases, and with values in place of their names."""
    return {key: _filled(value, values) for key, value in plain.items() if key != _KEY}


def _filled(value: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - YAML
    if isinstance(value, dict):
        return {key: _filled(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    name = placeholder(value)
    return values[name] if name is not None and name in values else value


def unfilled(plain: Mapping[str, Any], findings: list[Diagnostic]) -> list[Diagnostic]:
    """Of a scenario without cases, findings at a `$name` say that it has no value, and not that it is none itself."""
    names = {pointer_of(path): name for path, name in placeholders(plain)} if findings else {}
    return [
        replace(
            each,
            code="SUR607",
            message=f"`${names[each.pointer]}` stands for a value that only a case could give",
            help=f"add cases: {{some-case: {{{names[each.pointer]}: …}}}}, or write the value itself",
        )
        if each.pointer in names
        else each
        for each in findings
    ]


def written_at(plain: Mapping[str, Any], case: str, path: Path) -> Path:
    """Where in the file the value at a path of a case is written: in the story, or among the values of the case."""
    value: Any = plain
    for length, step in enumerate(path):
        name = placeholder(value)
        if name is not None:
            return _KEY, case, name, *path[length:]
        try:
            value = value[step]
        except (LookupError, TypeError):
            return path
    name = placeholder(value)
    return (_KEY, case, name) if name is not None and name in plain[_KEY][case] else path
