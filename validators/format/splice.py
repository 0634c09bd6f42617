"""Writes an edit into the text of a document, touching no line that the edit is not about.

Where it puts a new value it writes it as the canonical form does; everything else stays as it is, to the byte. It
refuses to give a text that says anything else than what was meant.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from runner.contract.edits import Append, EditError, InsertKey, Operation, Path, Remove, RenameKey, SetValue, edited
from runner.contract.layout import Entry, Layout, Part, read_layout
from runner.contract.nodes import Plain, to_plain
from runner.contract.source import load
from validators.format.canonical import same_data
from validators.format.printer import Printer, part_of
from validators.format.scalars import STEP, flat_key

__all__ = ["spliced"]

_PRINTER = Printer()


def spliced(data: bytes, operations: Iterable[Operation]) -> bytes:
    """The bytes of a document that `source.load` accepts, after the operations, one after another. Raises EditError.

    What comes out holds exactly the data that `edited` gives; where that cannot be done, nothing comes out.
    """
    wanted = _plain(data)
    for operation in operations:
        wanted = edited(wanted, [operation])
        data = _written(data, operation, wanted)
    return data


def _written(data: bytes, operation: Operation, wanted: Plain) -> bytes:
    """The bytes after one operation: as blocks where that fits, else on one line, which always says what is meant."""
    layout = read_layout(data)
    trouble = EditError("the edit cannot be written without changing something else")
    for blocks in (True, False):
        text = layout.text
        try:
            for start, end, new in sorted(_Editor(layout, blocks=blocks).changes(operation), reverse=True):
                text = text[:start] + new.replace("\n", layout.line_break) + text[end:]
            new_data = (codecs.BOM_UTF8 if layout.bom else b"") + text.encode()
            if same_data(_plain(new_data), wanted):
                return new_data
        except EditError as error:
            trouble = error
    raise trouble


def _plain(data: bytes) -> Plain:
    loaded = load(data, "")
    if loaded.root is None or loaded.diagnostics:
        raise EditError("the document cannot be read")
    return to_plain(loaded.root)


Change = tuple[int, int, str]
"""A span of the text, and what comes in its place; line breaks in it are LF."""


class _Editor:
    """Says for one operation which spans change."""

    def __init__(self, layout: Layout, *, blocks: bool) -> None:
        self._layout = layout
        self._blocks = blocks
        self._text = layout.text

    def changes(self, operation: Operation) -> list[Change]:
        match operation:
            case SetValue():
                owner, entry = self._entry(operation.path)
                return self._set(owner, entry, operation.value)
            case RenameKey():
                owner, entry = self._entry(operation.path)
                if entry.key is None:
                    raise EditError("an item of a list has no key to rename")
                return [(entry.key.start, entry.key.end, _key(operation.name, flow=owner.flow)[:-1])]
            case Remove():
                return self._removed(*self._entry(operation.path))
            case InsertKey():
                return self._inserted(self._part(operation.path), operation)
            case Append():
                return self._appended(self._part(operation.path), operation)

    def _part(self, path: Path) -> Part:
        return self._entry(path)[1].value if path else self._layout.root

    def _entry(self, path: Path) -> tuple[Part, Entry]:
        """The entry at a path, and the collection it stands in."""
        part, owner, entry = self._layout.root, None, None
        for step in path:
            index = next((number for number, each in enumerate(part.entries) if _is_at(each, number, step)), None)
            if index is None:
                raise EditError(f"nothing is written at `{step}`")
            owner, entry = part, part.entries[index]
            part = entry.value
        if owner is None or entry is None:
            raise EditError("the root of a document can be neither replaced nor removed")
        return owner, entry

    def _set(self, owner: Part, entry: Entry, value: Plain) -> list[Change]:
        old, after = entry.value, entry.after
        if after is None:
            raise EditError("the key has no colon after it")
        if owner.flow:
            gap = " " if old.is_empty and entry.key is not None else ""
            return [(old.start, old.end, gap + _flat(value))]
        used = after - self._layout.line_start(after)
        first, *rest = self._block_value(entry.key, value, old, self._column(entry), used)
        below = "".join(f"\n{line}" for line in rest)
        gap = f" {first}" if first else ""
        line = self._layout.line_start(old.start)
        if old.is_empty or line == self._layout.line_start(after):
            start, end = (after, after) if old.is_empty else (old.start, old.end)
            beside = self._text[end : self._layout.line_end(end)] if rest else ""
            return [(after if gap else start, end + len(beside), f"{gap}{beside}{below}")]
        if not gap:
            return [(line - self._break_before(line), old.end, below)]
        if rest:
            raise EditError("the value begins on a line below its key")
        return [(after, after, gap), (line - self._break_before(line), old.end, "")]

    def _block_value(self, key: Part | None, value: Plain, old: Part | None, indent: int, used: int) -> list[str]:
        """The lines of a value after its key or dash in a block; the first is empty if it stands below."""
        if not self._blocks:
            return [_flat(value)]
        flow = not (old is not None and old.is_collection and not old.flow and bool(value))
        lines = _PRINTER.inline(part_of(value, flow=flow), indent, used)
        if lines is None:
            lines = _PRINTER.block(part_of(value, flow=False), indent + STEP)
            lines = ["", *lines] if key is not None else [lines[0].lstrip(" "), *lines[1:]]
        return lines

    def _break_before(self, line: int) -> int:
        """How long the line break is before the start of a line."""
        return 2 if self._text[line - 2 : line] == "\r\n" else min(line, 1)

    def _removed(self, owner: Part, entry: Entry) -> list[Change]:
        index = owner.entries.index(entry)
        following = owner.entries[index + 1] if index + 1 < len(owner.entries) else None
        if owner.flow:
            return [self._taken_from_brackets(owner, entry, index, following)]
        if len(owner.entries) == 1:
            return self._emptied(owner, entry)
        if not self._layout.begins_line(entry.start):  # the first of a mapping that begins after a dash
            start = self._layout.line_end(entry.end)
            return [(entry.start, start + len(self._text[start:]) - len(self._text[start:].lstrip()), "")]
        return [self._lines(entry.start, entry.end)]

    def _lines(self, start: int, end: int) -> Change:
        """Whole lines, with the break after them, or before them where there is none after."""
        start, end = self._layout.line_start(start), self._layout.line_end(end)
        if self._text[end : end + 2] == "\r\n":
            return (start, end + 2, "")
        if end < len(self._text):
            return (start, end + 1, "")
        return (start - self._break_before(start), end, "")

    def _emptied(self, owner: Part, entry: Entry) -> list[Change]:
        """The only entry goes, and empty brackets come in its place, beside the key."""
        empty = "{}" if owner.sort == "mapping" else "[]"
        holder = self._holder(owner)
        if holder is None or holder.after is None or owner.properties:
            raise EditError("the last key of a document, or of what has a tag or an anchor, cannot be removed")
        if not self._layout.begins_line(entry.start):
            return [(entry.start, entry.end, empty)]
        return [(holder.after, holder.after, f" {empty}"), self._lines(entry.start, entry.end)]

    def _holder(self, part: Part) -> Entry | None:
        waiting = [self._layout.root]
        while waiting:
            for entry in waiting.pop().entries:
                if entry.value is part:
                    return entry
                waiting.append(entry.value)
        return None

    def _taken_from_brackets(self, owner: Part, entry: Entry, index: int, following: Entry | None) -> Change:
        if owner.start == entry.start:
            raise EditError("a pair without braces cannot be taken apart")
        if following is not None:
            commented = self._layout.comments_between(entry.start, following.start)
            comma = self._text.index(",", entry.end) + 1
            return (entry.start, comma if commented else following.start, "")
        if index == 0:
            comma = self._text.find(",", entry.end, owner.end)
            return (entry.start, entry.end if comma < 0 else comma + 1, "")
        before = owner.entries[index - 1]
        if self._layout.comments_between(before.end, entry.end):
            return (entry.start, entry.end, "")
        return (before.end, entry.end, "")

    def _inserted(self, owner: Part, operation: InsertKey) -> list[Change]:
        if owner.sort != "mapping":
            raise EditError("only a mapping takes a new key")
        key = _key(operation.key, flow=owner.flow)
        if owner.flow:
            return [self._into_brackets(owner, f"{key} {_flat(operation.value)}", operation.after)]
        first = owner.entries[0]
        indent = self._column(first)
        like = next((each.value for each in owner.entries if each.value.is_collection), None)
        value = self._block_value(first.key, operation.value, like, indent, indent + len(key))
        written = "\n".join([f"{key} {value[0]}".rstrip(), *value[1:]])
        if operation.after is None:
            return [(first.start, first.start, f"{written}\n{' ' * indent}")]
        return [self._below(self._after(owner, operation.after), f"{' ' * indent}{written}")]

    def _after(self, owner: Part, key: str) -> Entry:
        for entry in owner.entries:
            if entry.key is not None and entry.key.text == key:
                return entry
        raise EditError(f"there is no key `{key}`")

    def _below(self, entry: Entry, line: str) -> Change:
        at = self._layout.line_end(entry.end)
        return (at, at, f"\n{line}")

    def _appended(self, owner: Part, operation: Append) -> list[Change]:
        if owner.sort != "sequence":
            raise EditError("only a list takes a new item")
        if owner.flow:
            return [self._into_brackets(owner, _flat(operation.value), None, last=True)]
        last = owner.entries[-1]
        indent = self._column(last)
        value = self._block_value(None, operation.value, last.value, indent, indent + 1)
        return [self._below(last, "\n".join([f"{' ' * indent}- {value[0]}", *value[1:]]))]

    def _into_brackets(self, owner: Part, written: str, after: str | None, *, last: bool = False) -> Change:
        if owner.entries and owner.start == owner.entries[0].start:
            raise EditError("a pair without braces takes no other")
        if not owner.entries:
            return (owner.body + 1, owner.body + 1, written)
        if last or after is not None:
            entry = owner.entries[-1] if after is None else self._after(owner, after)
            return (entry.end, entry.end, f", {written}")
        return (owner.entries[0].start, owner.entries[0].start, f"{written}, ")

    def _column(self, entry: Entry) -> int:
        return entry.start - self._layout.line_start(entry.start)


def _is_at(entry: Entry, number: int, step: str | int) -> bool:
    return number == step if entry.key is None else entry.key.text == step


def _flat(value: Plain) -> str:
    return _PRINTER.flat(part_of(value, flow=True)) or ""


def _key(name: str, *, flow: bool) -> str:
    return flat_key(part_of(name, flow=flow), "", flow=flow)
