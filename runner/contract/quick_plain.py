"""The data of a document without its positions, which few ask for: the quickest way to what a good file says.

Looks as strictly as the builder of nodes does, but explains nothing: at the first oddity it raises `Doubt`.
"""

from __future__ import annotations

from typing import Any, Final

from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from runner.contract.core_schema import NumberOutOfRange, resolve
from runner.contract.node_builder import MERGE, UNSTORABLE, Limits
from runner.contract.nodes import Plain, Scalar
from runner.contract.quick_events import Doubt, quick_events

__all__ = ["quick_plain"]

_PLAIN: Final = ""
_DOUBLE_QUOTED: Final = '"'


def quick_plain(text: str, limits: Limits) -> dict[str, Plain]:
    """The mapping that a text holds, as `to_plain` gives it. Raises Doubt unless it is beyond all doubt."""
    data = _Data()
    values = 0
    for event in quick_events(text):
        kind = type(event)
        if kind is ScalarEvent:
            data.put(_scalar(event))
        elif kind is MappingStartEvent:
            data.open({})
        elif kind is SequenceStartEvent:
            data.open([])
        else:
            if kind is MappingEndEvent or kind is SequenceEndEvent:
                data.close()
            continue
        values += 1
        if values > limits.nodes or len(data.around) > limits.depth:
            raise Doubt
    if not isinstance(data.root, dict):
        raise Doubt
    return data.root


class _Data:
    """The data so far, and the place where the next value belongs."""

    __slots__ = ("around", "into", "key", "root")

    def __init__(self) -> None:
        self.root: Plain = None
        self.into: dict[str, Plain] | list[Plain] | None = None
        self.around: list[dict[str, Plain] | list[Plain] | None] = []
        self.key: str | None = None  # read, and its value not yet

    def put(self, value: Plain) -> None:
        """A value in its place; in a mapping, in turn, a key."""
        into = self.into
        if isinstance(into, list):
            into.append(value)
        elif into is None:
            self.root = value
        elif self.key is not None:
            into[self.key], self.key = value, None
        elif isinstance(value, str) and value not in into and value != MERGE:
            self.key = value
        else:
            raise Doubt

    def open(self, collection: dict[str, Plain] | list[Plain]) -> None:
        """What follows stands inside of it."""
        self.put(collection)
        self.around.append(self.into)
        self.into = collection

    def close(self) -> None:
        """What follows stands beside the collection."""
        self.into = self.around.pop()


def _scalar(event: Any) -> Scalar:  # noqa: ANN401 - a ScalarEvent
    raw: str = event.value
    if event.style == _PLAIN:
        try:
            return resolve(raw)[1]
        except NumberOutOfRange:
            raise Doubt from None
    if event.style == _DOUBLE_QUOTED and UNSTORABLE.search(raw):
        raise Doubt
    return raw
