"""Writes a document in canonical form: indentation, quotes, brackets, comments, empty lines. Changes no data.

A collection in brackets stays so while it fits into its line and holds no comment; otherwise it becomes a block. Texts
of several lines keep their lines.
"""

from __future__ import annotations

from runner.contract.layout import Entry, Part
from runner.contract.nodes import Plain, Style
from validators.format.remarks import Remark, Remarks
from validators.format.scalars import STEP, WIDTH, flat_key, flat_scalar, folded, is_text, kept_block, literal

__all__ = ["Printer", "part_of"]


def part_of(value: Plain, *, flow: bool) -> Part:
    """A value that is written nowhere yet, to be written in brackets; or as a block, of which only leaves are."""
    if isinstance(value, dict):
        part = Part("mapping", 0, 0, 0, 0, flow=flow or not value)
        part.entries = [Entry(0, part_of(key, flow=flow), _inner(each, flow=flow), None) for key, each in value.items()]
        return part
    if isinstance(value, list):
        part = Part("sequence", 0, 0, 0, 0, flow=flow or not value)
        part.entries = [Entry(0, None, _inner(each, flow=flow), None) for each in value]
        return part
    if isinstance(value, str):
        return Part("scalar", 0, 0, 0, 0, style=Style.DOUBLE_QUOTED, text=value)
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return Part("scalar", 0, 0, 0, 0, text=text)


def _inner(value: Plain, *, flow: bool) -> Part:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return part_of(value, flow=flow or not any(isinstance(each, dict | list) for each in below))


class Printer:
    """Writes the parts of one document, or of none: then there is neither a source nor a comment."""

    def __init__(self, source: str = "", remarks: Remarks | None = None) -> None:
        self._source = source
        self._remarks = remarks if remarks is not None else Remarks()

    def document(self, root: Part, *, spaced: bool) -> list[str]:
        """The lines of a whole document; `spaced` puts an empty line below the comments at its head."""
        lines = [line for remark in self._remarks.head for line in _remark(remark, 0)]
        while lines and not lines[0]:
            lines.pop(0)
        if lines and spaced:
            lines.append("")
        return [*lines, *self.block(root, 0)]

    def block(self, part: Part, indent: int) -> list[str]:
        """The lines of a collection that is not in brackets."""
        lines: list[str] = []
        for entry in part.entries:
            above = [line for remark in self._remarks.above.get(entry, ()) for line in _remark(remark, indent)]
            beside = self._remarks.beside.get(entry, [])
            above += [" " * indent + text for text in beside[:-1]]
            if entry in self._remarks.spaced:
                above.append("")
            lines += above if lines else _without_first_blank(above)
            lines += self._entry(entry, indent, beside[-1] if beside else "")
        lines += [line for remark in self._remarks.below.get(part, ()) for line in _remark(remark, indent)]
        return lines

    def flat(self, part: Part) -> str | None:
        """A value on one line; None if it cannot stand there."""
        if not part.is_collection:
            return flat_scalar(part, self._source, flow=True)
        if self._remarks.within(part):
            return None
        inner: list[str] = []
        for entry in part.entries:
            value = self.flat(entry.value)
            if value is None:
                return None
            inner.append(value if entry.key is None else f"{flat_key(entry.key, self._source, flow=True)} {value}")
        text = ", ".join(inner)
        return " ".join([*part.properties, f"{{{text}}}" if part.sort == "mapping" else f"[{text}]"])

    def inline(self, part: Part, indent: int, used: int) -> list[str] | None:
        """A value that begins on the line of its key or dash, `used` columns of which are taken; None for a block.

        The first line goes there, after a blank; the others follow as they are.
        """
        if part.is_collection:
            flat = self.flat(part) if part.flow else None
            fits = flat is not None and (used + 1 + len(flat) <= WIDTH or not part.entries)
            return [flat] if fits and flat is not None else None
        lines = None
        text = part.sort == "scalar" and is_text(part)
        if text and part.style in {Style.LITERAL, Style.FOLDED}:
            lines = kept_block(part, self._source, indent + STEP)
        flat = flat_scalar(part, self._source, flow=False)
        if lines is None and (used + 1 + len(flat) <= WIDTH or not text):
            return [flat]
        lines = lines or folded(part, indent + STEP) or (literal(part, indent + STEP) if "\n" in part.text else None)
        return [" ".join([*part.properties, lines[0]]), *lines[1:]] if lines else [flat]

    def _entry(self, entry: Entry, indent: int, beside: str) -> list[str]:
        head = " " * indent + ("-" if entry.key is None else flat_key(entry.key, self._source, flow=False))
        comment = f"  {beside}" if beside else ""
        value = self.inline(entry.value, indent, len(head))
        if value is not None:
            return [f"{head} {value[0]}{comment}", *value[1:]]
        inner = self.block(entry.value, indent + STEP)
        starts = entry.value.entries[0]
        if entry.key is None and not beside and not entry.value.properties and not self._remarks.above.get(starts):
            return [head + inner[0][indent + 1 :], *inner[1:]]
        return [" ".join([head, *entry.value.properties]) + comment, *inner]


def _remark(remark: Remark, indent: int) -> list[str]:
    line = " " * indent + remark.text
    return ["", line] if remark.spaced else [line]


def _without_first_blank(lines: list[str]) -> list[str]:
    return lines[1:] if lines[:1] == [""] else lines
