"""A YAML document as values with positions, and ways to ask a position of it. Knows no parser.

A tree is finite and at most as deep as the limits of its reader, also where aliases make one node appear twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from runner.contract.diagnostic import Location

__all__ = [
    "MappingNode",
    "Node",
    "Plain",
    "Scalar",
    "ScalarNode",
    "SequenceNode",
    "Style",
    "locate",
    "pointer_of",
    "source_map",
    "to_plain",
]

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]


class Style(StrEnum):
    """How a scalar is written."""

    PLAIN = "plain"
    SINGLE_QUOTED = "single-quoted"
    DOUBLE_QUOTED = "double-quoted"
    LITERAL = "literal"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value. `value` is resolved by the core schema; `raw` is its text before that, quotes and folding undone."""

    tag: str
    location: Location
    value: Scalar
    raw: str
    style: Style


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list, in the order of the file."""

    tag: str
    location: Location
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys and values in the order of the file; every key is a different text."""

    tag: str
    location: Location
    entries: tuple[tuple[ScalarNode, Node], ...]
    _by_key: dict[str, tuple[ScalarNode, Node]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {key.raw: (key, value) for key, value in self.entries})

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def get(self, key: str) -> Node | None:
        """The value at a key, or None if the key is not there."""
        entry = self._by_key.get(key)
        return None if entry is None else entry[1]

    def key(self, key: str) -> ScalarNode | None:
        """The key as it stands in the file, or None if it is not there."""
        entry = self._by_key.get(key)
        return None if entry is None else entry[0]


Node = ScalarNode | MappingNode | SequenceNode


def to_plain(node: Node) -> Plain:
    """The value as dicts, lists and scalars, new on every call."""
    if isinstance(node, MappingNode):
        return {key.raw: to_plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [to_plain(item) for item in node.items]
    return node.value


def locate(root: Node, pointer_parts: Sequence[str | int], *, key: bool = False) -> Location:
    """Where the value at a path stands, or with `key` where its key does.

    A path that leads nowhere gives the nearest ancestor that exists; the root has no key and gives itself. An item of a
    list has no key either and gives its value.
    """
    node, at = root, root.location
    for part in pointer_parts:
        step = _step(node, part)
        if step is None:
            break
        key_node, node = step
        at = key_node.location if key and key_node is not None else node.location
    return at


def source_map(root: Node) -> Mapping[str, Location]:
    """The location of every value by its JSON pointer, the root's being the empty one, in the order of the file."""
    found: dict[str, Location] = {}
    waiting: list[tuple[str, Node]] = [("", root)]
    while waiting:
        pointer, node = waiting.pop()
        found[pointer] = node.location
        children = [(f"{pointer}/{_escape(part)}", child) for part, child in _children(node)]
        waiting.extend(reversed(children))
    return found


def pointer_of(parts: Sequence[str | int]) -> str:
    """The JSON pointer of a path. *Source:* RFC 6901."""
    return "".join(f"/{_escape(str(part))}" for part in parts)


def _step(node: Node, part: str | int) -> tuple[ScalarNode | None, Node] | None:
    if isinstance(node, MappingNode):
        key_node, value = node.key(str(part)), node.get(str(part))
        return None if value is None else (key_node, value)
    if isinstance(node, SequenceNode) and isinstance(part, int) and 0 <= part < len(node.items):
        return None, node.items[part]
    return None


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        for key, value in node.entries:
            yield key.raw, value
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield str(index), item


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
