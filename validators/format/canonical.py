"""The canonical form of a document: the same data and the same comments, written as every other file is.

Refuses to give a text that says anything else than the one it was made from: that is compared each time.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.layout import Layout, Part, read_layout
from runner.contract.nodes import Plain, to_plain
from runner.contract.source import load
from validators.format.key_order import arrange, arranged
from validators.format.printer import Printer
from validators.format.remarks import Remark, Remarks, attach

__all__ = ["SCHEMA_HEADER", "Unformattable", "canonical", "same_data"]

SCHEMA_HEADER: Final = "# yaml-language-server: $schema="
"""How the first line of a file names its JSON Schema, for editors; a path there is relative to the file."""


class Unformattable(Exception):
    """A text is left as it is. `findings` say what is wrong with it; without any, the program is at fault."""

    def __init__(self, message: str, findings: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


def canonical(data: bytes, file: str, *, schema: str | None = None) -> bytes:
    """The canonical form of a file's bytes. Raises Unformattable.

    With `schema`, a path or an address, the first line names that schema; without, such a line stays as it is.
    """
    plain = _read(data, file)
    layout = read_layout(data)
    if not layout.root.entries or layout.root.flow:
        raise Unformattable("a document is a block of keys and values, and this one is not")
    remarks = attach(layout)
    if schema is not None:
        _name_schema(remarks, f"{SCHEMA_HEADER}{schema}")
    spaced = layout.root.entries[0] in remarks.spaced
    if not _shares(layout.root):  # what is repeated must stay below what it repeats
        plain = arranged(plain)
        arrange(layout.root)
    lines = Printer(layout.text, remarks).document(layout.root, spaced=spaced)
    written = "".join(f"{line}\n" for line in lines).encode()
    _compare(written, file, plain, layout, header=schema is not None)
    return written


def same_data(one: Plain, other: Plain) -> bool:
    """Whether two pieces of data are equal, also in the types of their values and in the order of their keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(map(same_data, one.values(), other.values()))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_data, one, other))
    return one == other


def _read(data: bytes, file: str) -> Plain:
    loaded = load(data, file)
    if loaded.root is None or loaded.diagnostics:
        raise Unformattable("it cannot be read", loaded.diagnostics)
    return to_plain(loaded.root)


def _compare(written: bytes, file: str, plain: Plain, before: Layout, *, header: bool) -> None:
    try:
        same = same_data(_read(written, file), plain)
    except Unformattable:
        same = False
    if not same:
        raise Unformattable("its canonical form would not say the same; please report this, with the file")
    if _comments(read_layout(written), header=header) != _comments(before, header=header):
        raise Unformattable("its canonical form would lose a comment; please report this, with the file")


def _comments(layout: Layout, *, header: bool) -> Counter[str]:
    return Counter(each.text for each in layout.comments if not (header and each.text.startswith(SCHEMA_HEADER)))


def _name_schema(remarks: Remarks, line: str) -> None:
    rest = [each for each in remarks.head if not each.text.startswith(SCHEMA_HEADER)]
    remarks.head = [Remark(line, spaced=False), *rest]


def _shares(part: Part) -> bool:
    return any(
        entry.value.sort == "alias" or (entry.key is not None and entry.key.sort == "alias") or _shares(entry.value)
        for entry in part.entries
    )
