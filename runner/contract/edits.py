"""Edits of a document, as data: set, rename, remove, insert, append. Says what the data becomes, and opens no file.

A finding carries them as its fix. How they are written into a text is somebody else's; this is what both must agree on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runner.contract.nodes import Plain

__all__ = ["Append", "EditError", "InsertKey", "Operation", "Path", "Remove", "RenameKey", "SetValue", "edited"]

Path = tuple[str | int, ...]
"""Keys and indices from the root of a document; the empty path is the root."""


class EditError(LookupError):
    """An operation does not apply to the document that it is given; the document is as it was."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Put another value where there is one; the root itself cannot be replaced."""

    path: Path
    value: Plain


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Call a key otherwise; its value and its place stay. `path` leads to the value under the present key."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take out a key with its value, or an item of a list; what is empty then stays as an empty collection."""

    path: Path


@dataclass(frozen=True, slots=True)
class InsertKey:
    """Put a key that is not there yet into the mapping at `path`, after the key `after`, or first if that is None."""

    path: Path
    key: str
    value: Plain
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """Put an item at the end of the list at `path`."""

    path: Path
    value: Plain


Operation = SetValue | RenameKey | Remove | InsertKey | Append


def edited(plain: Plain, operations: Iterable[Operation]) -> Plain:
    """The data after the operations, one after another; what is given stays as it is. Raises EditError."""
    for operation in operations:
        plain = _edit(plain, operation, operation.path)
    return plain


def _edit(plain: Plain, operation: Operation, path: Path) -> Plain:
    """The data with the operation done at a path, of which only what leads there is new."""
    here = isinstance(operation, InsertKey | Append)
    if here and not path:
        return _grown(plain, operation)
    if not path:
        raise EditError("the root of a document can be neither replaced nor renamed nor removed")
    if not here and len(path) == 1:
        return _changed(plain, operation, path[0])
    first, rest = path[0], path[1:]
    if isinstance(plain, dict) and first in plain:
        return {key: _edit(value, operation, rest) if key == first else value for key, value in plain.items()}
    if isinstance(plain, list) and isinstance(first, int) and 0 <= first < len(plain):
        return [_edit(value, operation, rest) if index == first else value for index, value in enumerate(plain)]
    raise EditError(f"there is nothing at `{first}`")


def _grown(plain: Plain, operation: Operation) -> Plain:
    if isinstance(operation, Append) and isinstance(plain, list):
        return [*plain, operation.value]
    if isinstance(operation, InsertKey) and isinstance(plain, dict) and operation.key not in plain:
        new = {operation.key: operation.value}
        if operation.after is None:
            return new | plain
        if operation.after in plain:
            at = list(plain).index(operation.after) + 1
            pairs = list(plain.items())
            return dict([*pairs[:at], *new.items(), *pairs[at:]])
    raise EditError("there is no list to append to, or no mapping that lacks the key and has the one before it")


def _changed(plain: Plain, operation: Operation, last: str | int) -> Plain:
    if isinstance(plain, list) and isinstance(last, int) and 0 <= last < len(plain):
        if isinstance(operation, Remove):
            return [*plain[:last], *plain[last + 1 :]]
        if isinstance(operation, SetValue):
            return [*plain[:last], operation.value, *plain[last + 1 :]]
    elif isinstance(plain, dict) and last in plain:
        if isinstance(operation, Remove):
            return {key: value for key, value in plain.items() if key != last}
        if isinstance(operation, SetValue):
            return {key: operation.value if key == last else value for key, value in plain.items()}
        if isinstance(operation, RenameKey) and (operation.name == last or operation.name not in plain):
            return {operation.name if key == last else key: value for key, value in plain.items()}
    raise EditError(f"nothing at `{last}` can be changed so")
