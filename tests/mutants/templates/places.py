"""Where something stands in a shipped document, and what it is called there. Changes nothing.

Names are made of what is written, not of numbers, so that a step more or less leaves the names of the others alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["PROSE", "Place", "at", "changed", "places", "without"]

Path = tuple[str | int, ...]
PROSE: Final = frozenset(("summary", "source_of_truth", "failure_mode", "statement", "guidance"))
"""Keys whose text is for people who read the file or the page, and decides nothing."""
_FIXED: Final = frozenset(("schema", "kind"))
_STEPS: Final = (
    "notify", "page", "set_fields", "assign", "note", "attach", "create_ticket", "action", "ask", "approve", "wait",
    "choose", "use",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a document: its path, what it is called, and the value."""

    path: Path
    label: str
    value: Any

    @property
    def key(self) -> str:
        """The last key on the way to it that is no number."""
        return next((each for each in reversed(self.path) if isinstance(each, str)), "")

    @property
    def keyed(self) -> bool:
        """Whether it stands under a key of a mapping, and not in a list."""
        return isinstance(self.path[-1], str)


def places(plain: dict[str, Any]) -> Iterator[Place]:
    """Every value below the top that means something, outermost first."""
    for key, value in plain.items():
        if key not in _FIXED and not (key == "name" and isinstance(value, str)):
            yield from _below((key,), key, value)


def _below(path: Path, label: str, value: Any) -> Iterator[Place]:
    if path[-1] in PROSE:
        return
    yield Place(path, label, value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _below((*path, key), f"{label}/{key}", inner)
    elif isinstance(value, list):
        seen: dict[str, int] = {}
        for index, inner in enumerate(value):
            name = _named(inner)
            seen[name] = seen.get(name, 0) + 1
            again = f"#{seen[name]}" if seen[name] > 1 else ""
            yield from _below((*path, index), f"{label}/{name}{again}", inner)


def _named(item: Any) -> str:
    """What an item of a list is called: itself, or what a step, a branch or an entry says that it is."""
    if not isinstance(item, dict):
        return str(item)
    if isinstance(item.get("name"), str):
        return str(item["name"])
    for kind in _STEPS:
        if kind in item:
            return f"{kind}={_of_step(item[kind])}".rstrip("=")
    for key in ("rung", "person", "rotation", "role", "team"):
        if isinstance(item.get(key), str):
            return f"{key}={item[key]}"
    return "+".join(map(str, item))


def _of_step(step: Any) -> str:
    if isinstance(step, str):
        return step
    if not isinstance(step, dict):
        return ""
    for key in ("room", "who", "run", "what", "to", "of"):
        if key in step:
            value = step[key]
            return str(next(iter(value.values()), "")) if isinstance(value, dict) else str(value)
    return "+".join(step) if not {"subject", "text", "until", "branches"} & step.keys() else ""


def at(plain: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        plain = plain[key]
    return plain


def changed(plain: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with another value at a path."""
    found = copy.deepcopy(plain)
    at(found, path[:-1])[path[-1]] = value
    return found


def without(plain: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy without what is at a path."""
    found = copy.deepcopy(plain)
    del at(found, path[:-1])[path[-1]]
    return found
