"""Reads YAML 1.2 into nodes with positions, or into data alone. The one face of the parsers, and it trusts no input.

Nothing that a file can hold makes it raise, recurse without bound or run for minutes: what is wrong is returned. What
is YAML, `pure_events` says; `quick_events` may only say it sooner, for a document in which nothing is wrong.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from runner.contract.diagnostic import Diagnostic, Location, split_lines
from runner.contract.node_builder import DEFAULT, Builder, Limits, Refused, refusal
from runner.contract.nodes import (
    MappingNode,
    Node,
    Plain,
    ScalarNode,
    SequenceNode,
    Style,
    locate,
    pointer_of,
    source_map,
    to_plain,
)
from runner.contract.pure_events import pure_events
from runner.contract.quick_events import Doubt, quick_events
from runner.contract.quick_plain import quick_plain
from runner.contract.syntax import Code

__all__ = [
    "CODES",
    "DEFAULT",
    "Limits",
    "Loaded",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "Style",
    "load",
    "load_mapping",
    "load_position",
    "load_slowly",
    "locate",
    "pointer_of",
    "source_map",
    "to_plain",
]

CODES: Mapping[str, str] = MappingProxyType({code.value: code.name.lower().replace("_", "-") for code in Code})
"""Every code that `load` can return, and the name of what it flags."""

_STYLES = {
    None: Style.PLAIN,
    "": Style.PLAIN,
    "'": Style.SINGLE_QUOTED,
    '"': Style.DOUBLE_QUOTED,
    "|": Style.LITERAL,
    ">": Style.FOLDED,
}
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_SAVE_AS_UTF8 = "Save the file as UTF-8."
# What YAML 1.2 lets stand in a file (5.1, c-printable), without a byte order mark in the middle of the text.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds. `root` is None if that cannot be told; otherwise it may still lack what was refused.

    Only without diagnostics is the tree the whole document. Diagnostics are sorted.
    """

    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


def load(data: bytes, file: str, limits: Limits = DEFAULT) -> Loaded:
    """Read one document; `file` is only the name to put into positions. Never raises for what the bytes hold."""
    try:
        builder = Builder(limits)
        text = _decode(data, file, limits)
        _feed(builder, quick_events(text), file)
    except (Doubt, Refused):
        return load_slowly(data, file, limits)
    return load_slowly(data, file, limits) if builder.diagnostics else Loaded(builder.root, ())


def load_slowly(data: bytes, file: str, limits: Limits = DEFAULT) -> Loaded:
    """As `load`, by the parser alone that defines what is YAML; `load` gives the same, mostly sooner."""
    builder = Builder(limits)
    try:
        text = _decode(data, file, limits)
        _feed(builder, pure_events(text, file, limits), file)
    except Refused as refused:
        found = [*builder.diagnostics, refused.diagnostic]
        if refused.diagnostic.code == Code.SYNTAX and any(_on_one_line(each, found[-1]) for each in found[:-1]):
            del found[-1]  # where something is wrong, the rest of the line makes no sense either
        keep = refused.diagnostic.code == Code.SEVERAL_DOCUMENTS
        return Loaded(builder.root if keep else None, tuple(sorted(found)))
    return Loaded(builder.root, tuple(sorted(builder.diagnostics)))


def load_mapping(data: bytes, limits: Limits = DEFAULT) -> dict[str, Plain] | None:
    """The data of a document that is a mapping with nothing wrong, as `to_plain` gives it of what `load` reads.

    None means that only `load` can tell.
    """
    try:
        return quick_plain(_decode(data, "", limits), limits)
    except (Doubt, Refused):
        return None


def load_position(data: bytes, file: str, name: str, *, key: bool = False) -> Location | None:
    """Where the value at a key of the document stands, or with `key` the key, as `locate` would say.

    Reads no further than that. None means that only `load` can tell: there is no such key, or more than a text at it.
    """
    try:
        return _position(quick_events(_decode(data, file, DEFAULT)), file, name, key=key)
    except (Doubt, Refused):
        return None


def _decode(data: bytes, file: str, limits: Limits) -> str:
    """The text of a file, checked for everything that is not YAML on sight."""
    start = Location(file, 1, 1)
    if len(data) > limits.size_bytes:
        raise refusal(
            Code.TOO_LARGE,
            f"the file has {len(data)} bytes, more than the {limits.size_bytes} allowed",
            start,
            "Split it into several files.",
        )
    if data.startswith(_WIDE_MARKS):
        raise refusal(Code.ENCODING, "the file is not UTF-8 but UTF-16 or UTF-32", start, _SAVE_AS_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        at = _location(file, data[: error.start].decode())
        problem = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise refusal(Code.ENCODING, problem, at, _SAVE_AS_UTF8) from None
    bad = _UNREADABLE.search(text)
    if bad:
        character = ord(bad[0])
        advice = "Remove it, or write it as an escape in double quotes."
        if character == 0:
            advice = "This looks like UTF-16 or a binary file. Save it as UTF-8 text."
        problem = f"the character U+{character:04X} is not allowed in YAML"
        raise refusal(Code.ENCODING, problem, _location(file, text[: bad.start()]), advice)
    return text


def _feed(builder: Builder, events: Iterable[Event], file: str) -> None:
    """Hand everything to the builder. Raises Refused for what makes no document."""
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise refusal(
                    Code.SEVERAL_DOCUMENTS,
                    "a second document begins here; a file holds one",
                    _span(file, event),
                    "Move what follows into a file of its own, or remove the `---`.",
                )
        else:
            _hand_over(builder, event, file)
    if _is_empty(builder.root):
        raise refusal(
            Code.EMPTY_DOCUMENT, "the file holds no document", Location(file, 1, 1), "Write one, or remove the file."
        )


def _position(events: Iterable[Event], file: str, name: str, *, key: bool) -> Location | None:
    depth, is_key, is_mine = 0, False, False
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
            continue
        if depth == 1:
            is_key = not is_key
            if is_mine or (is_key and isinstance(event, ScalarEvent) and event.value == name and key):
                return _span(file, event) if isinstance(event, ScalarEvent) and event.value else None
            is_mine = is_key and isinstance(event, ScalarEvent) and event.value == name
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            if depth == 0 and isinstance(event, SequenceStartEvent):
                return None
            depth += 1
    return None


def _hand_over(builder: Builder, event: Event, file: str) -> None:
    if isinstance(event, ScalarEvent):
        tag = None if event.tag is None else str(event.tag)
        builder.scalar(event.value, _STYLES[event.style], tag, event.anchor, _span(file, event))
    elif isinstance(event, MappingStartEvent | SequenceStartEvent):
        tag = None if event.tag is None else str(event.tag)
        builder.open(tag, event.anchor, _span(file, event), mapping=isinstance(event, MappingStartEvent))
    elif isinstance(event, MappingEndEvent | SequenceEndEvent):
        start, end = event.start_mark, event.end_mark
        bracket = start.index != end.index  # a block ends without a character of its own
        builder.close((end.line + 1, end.column + 1) if bracket else None)
    elif isinstance(event, AliasEvent):
        builder.alias(event.anchor, _span(file, event))


def _on_one_line(one: Diagnostic, other: Diagnostic) -> bool:
    return one.location is not None and other.location is not None and one.location.line == other.location.line


def _is_empty(root: Node | None) -> bool:
    return root is None or (isinstance(root, ScalarNode) and root.raw == "" and root.style is Style.PLAIN)


def _span(file: str, event: Event) -> Location:
    start, end = event.start_mark, event.end_mark
    return Location(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _location(file: str, before: str) -> Location:
    """The place right after a piece of text from the start of the file."""
    lines = split_lines(before)
    return Location(file, len(lines), len(lines[-1]) + 1)
