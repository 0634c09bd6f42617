"""How a document is written: where every part of it stands in its text, and where its comments do. Changes nothing.

Beside `runner.contract.source` the only module that knows a YAML parser. It reads what that one has accepted, so what
it meets is bounded and well formed; it says nothing about meaning.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from runner.contract.nodes import Style

__all__ = ["Comment", "Entry", "Layout", "Part", "read_layout"]

_STYLES = {"'": Style.SINGLE_QUOTED, '"': Style.DOUBLE_QUOTED, "|": Style.LITERAL, ">": Style.FOLDED}
_PROPERTY = re.compile(r"(!<[^>]*>|[&!][^\s,\[\]{}]*)")
_BETWEEN = re.compile(r"(?:\s|#[^\r\n\x85]*)*")
_HEADER = re.compile(r"[|>][-+0-9]*")
_LAST_BREAK = re.compile(r"(?:\r\n|\r|\n)\Z")
_BREAK = re.compile(r"\r|\n")
_COMMENT = re.compile(r"#[^\r\n\x85]*")


@dataclass(slots=True, eq=False)
class Part:
    """A value as it is written. Offsets count characters of the text; `end` is the first one after it.

    Trailing line breaks of a block scalar belong to it only if they are part of its value. `body` is where the value
    begins after its anchor and tag, which are in `properties`. `column` counts from 0, of a block collection the column
    of its entries. `text` is what a scalar says, its quotes and folding undone; of an alias its name.
    """

    sort: Literal["scalar", "mapping", "sequence", "alias"]
    start: int
    body: int
    end: int
    column: int
    properties: tuple[str, ...] = ()
    flow: bool = False
    style: Style = Style.PLAIN
    text: str = ""
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_collection(self) -> bool:
        """Whether it can have entries."""
        return self.sort in {"mapping", "sequence"}

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is written."""
        return self.start == self.end


@dataclass(slots=True, eq=False)
class Entry:
    """A key with its value, or an item of a list, which has no key.

    `start` is where it begins: its key, the `?` before that, its dash, or of a flow list its value. `after` is where
    its value may be written, right after the colon or the dash; None where there is no colon.
    """

    start: int
    key: Part | None
    value: Part
    after: int | None

    @property
    def end(self) -> int:
        """The first offset after it, a comment on its last line not included."""
        return max(self.value.end, self.after or 0, self.key.end if self.key else 0)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`, without blanks at its end; `own_line` says that nothing else stands before it there."""

    start: int
    end: int
    text: str
    column: int
    own_line: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The text of a document, taken apart. `bom` says whether a byte order mark stood before the text."""

    text: str
    bom: bool
    root: Part
    comments: tuple[Comment, ...]
    line_break: str
    """The first line break of the text, LF if there is none."""
    _taken: tuple[tuple[int, int], ...]

    def line_start(self, at: int) -> int:
        """Where the line of an offset begins."""
        return _line_start(self.text, at)

    def line_end(self, at: int) -> int:
        """Where the line of an offset ends, its break not included."""
        found = _BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def begins_line(self, at: int) -> bool:
        """Whether only blanks stand before an offset on its line."""
        return not self.text[self.line_start(at) : at].strip(" \t")

    def follows_blank_line(self, at: int) -> bool:
        """Whether an offset begins its line and the line above is empty, and not the end of a text that keeps it."""
        start = self.line_start(at)
        if start == 0 or not self.begins_line(at):
            return False
        above = start - (2 if self.text[start - 2 : start] == "\r\n" else 1)
        index = bisect_right(self._taken, (above, len(self.text))) - 1
        inside = index >= 0 and self._taken[index][1] > self.line_start(above)
        return not self.text[self.line_start(above) : above].strip(" \t") and not inside

    def comments_between(self, start: int, end: int) -> list[Comment]:
        """The comments that begin in a span."""
        return [each for each in self.comments if start <= each.start < end]


def read_layout(data: bytes) -> Layout:
    """Take apart a document that `source.load` has accepted without a finding; for others nothing is promised."""
    bom = data.startswith(codecs.BOM_UTF8)
    text = data.removeprefix(codecs.BOM_UTF8).decode()
    events = YAML(typ="safe", pure=True).parse(text)
    reader = _Reader(text, events)
    root = reader.document()
    found = re.search(r"\r\n|\r|\n", text)
    return Layout(text, bom, root, tuple(reader.comments()), found[0] if found else "\n", tuple(reader.taken))


class _Reader:
    """Makes parts from events; `taken` are the spans in which a `#` begins no comment."""

    def __init__(self, text: str, events: Iterator[Event]) -> None:
        self._text = text
        self._events = events
        self.taken: list[tuple[int, int]] = []

    def document(self) -> Part:
        """The root."""
        return self._part(next(event for event in self._events if isinstance(event, NodeEvent)), 0)

    def comments(self) -> Iterator[Comment]:
        """Every comment, in order."""
        at = 0
        for start, end in (*self.taken, (len(self._text), len(self._text))):
            for found in _COMMENT.finditer(self._text, at, start):
                before = self._text[_line_start(self._text, found.start()) : found.start()]
                said = found[0].rstrip()
                own = not before.strip(" \t")
                yield Comment(found.start(), found.start() + len(said), said, len(before), own)
            at = max(at, end)

    def _part(self, event: NodeEvent, nearest: int) -> Part:
        """The part that begins with an event; an empty one stands at `nearest`, the place where it could be written."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, AliasEvent):
            self.taken.append((start, end))
            return Part("alias", start, start, end, event.start_mark.column, text=str(event.anchor))
        assert isinstance(event, ScalarEvent | CollectionStartEvent)  # noqa: S101 - there is no other
        properties, body = self._properties(event, start)
        if isinstance(event, ScalarEvent):
            style = _STYLES.get(str(event.style), Style.PLAIN)
            if style is Style.PLAIN and body >= end:
                # An empty value is noticed only at what follows it.
                start, end = (start, start + len(self._text[start:body].rstrip())) if properties else (nearest, nearest)
                return Part("scalar", start, end, end, event.start_mark.column, properties)
            end = self._scalar(style, body, end)
            text = str(event.value)
            return Part("scalar", start, body, end, event.start_mark.column, properties, style=style, text=text)
        sort: Literal["mapping", "sequence"] = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
        part = Part(sort, start, body, body, event.start_mark.column, properties, bool(event.flow_style))
        self._entries(part)
        return part

    def _properties(self, event: ScalarEvent | CollectionStartEvent, start: int) -> tuple[tuple[str, ...], int]:
        found: list[str] = []
        given = (event.anchor is not None) + (event.tag is not None)
        for _ in range(given):
            match = _PROPERTY.match(self._text, start)
            if match is None:
                break
            self.taken.append(match.span())
            found.append(match[0])
            start = _skip(self._text, match.end())
        return tuple(found), start

    def _scalar(self, style: Style, body: int, end: int) -> int:
        """Where a scalar ends; notes what of it may hold a `#`."""
        header = _HEADER.match(self._text, body) if style in {Style.LITERAL, Style.FOLDED} else None
        if header is None:
            self.taken.append((body, end))
            return end
        first = _BREAK.search(self._text, header.end())
        lines = first.start() if first else end
        written = self._text[body:end]
        kept = _LAST_BREAK.sub("", written) if "+" in header[0] else written.rstrip("\r\n")
        end = body + len(kept)
        end = max(end, header.end())
        if lines < end:
            self.taken.append((lines, end))
        return end

    def _entries(self, part: Part) -> None:
        text = self._text
        braced = part.flow and text[part.body : part.body + 1] in {"{", "["}
        at = part.body + 1 if braced else part.body
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                part.end = event.end_mark.index if braced else part.end
                break
            if not isinstance(event, NodeEvent):  # pragma: no cover - a parser gives nothing else inside
                continue
            at = _skip(text, at, ",") if part.flow else _skip(text, at)
            entry = self._pair(event, at) if part.sort == "mapping" else self._item(part, event, at)
            part.entries.append(entry)
            part.end = at = entry.end
        if part.entries and not part.flow:
            first = part.entries[0].start
            part.body = first
            part.start = part.start if part.properties else first
            part.column = first - _line_start(text, first)

    def _pair(self, event: NodeEvent, at: int) -> Entry:
        explicit = self._text[at : at + 1] == "?" and self._text[at + 1 : at + 2] in {" ", "\t", "\r", "\n", ""}
        key = self._part(event, at)
        colon = _skip(self._text, key.end)
        after = colon + 1 if self._text[colon : colon + 1] == ":" else None
        value = self._part(next(each for each in self._events if isinstance(each, NodeEvent)), after or key.end)
        return Entry(at if explicit else key.start, key, value, after)

    def _item(self, part: Part, event: NodeEvent, at: int) -> Entry:
        if part.flow:
            value = self._part(event, at)
            return Entry(value.start, None, value, value.start)
        return Entry(at, None, self._part(event, at + 1), at + 1)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _skip(text: str, at: int, also: str = "") -> int:
    """The next offset at which something stands: no blank, no line break, no comment, and not once `also`."""
    found = _BETWEEN.match(text, at)
    at = found.end() if found else at
    return _skip(text, at + 1) if also and text[at : at + 1] == also else at
