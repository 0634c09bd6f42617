"""Reads YAML 1.2 into nodes with positions. The only module that knows a YAML parser, and it trusts no input.

Nothing that a file can hold makes it raise, recurse without bound or run for minutes: what is wrong is returned.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
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
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner

from runner.contract.diagnostic import Diagnostic, Location, Severity, split_lines
from runner.contract.node_builder import DEFAULT, Builder, Limits, Refused, too_deep
from runner.contract.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Style,
    locate,
    pointer_of,
    source_map,
    to_plain,
)
from runner.contract.syntax import Code, Complaint, Spot, explain

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
_DIRECTIVE = re.compile(r"%YAML[ \t]+1\.2[ \t]*(?:#|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds. `root` is None if that cannot be told; otherwise it may still lack what was refused.

    Only without diagnostics is the tree the whole document. Diagnostics are sorted.
    """

    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


def load(text: bytes, file: str, limits: Limits = DEFAULT) -> Loaded:
    """Read one document; `file` is only the name to put into positions. Never raises for what the bytes hold."""
    builder = Builder(limits)
    try:
        _feed(builder, _decode(text, file, limits), file, limits)
    except Refused as refused:
        found = [*builder.diagnostics, refused.diagnostic]
        keep = refused.diagnostic.code == Code.SEVERAL_DOCUMENTS
        return Loaded(builder.root if keep else None, tuple(sorted(found)))
    return Loaded(builder.root, tuple(sorted(builder.diagnostics)))


class _Events(Reader, Scanner, Parser):
    """The pure parser on its own: YAML 1.2 whatever the file says, and stopping at the first level too deep.

    Brackets are counted where they are read, since the scanner looks far ahead of the parser there, and thousands of
    them would cost it seconds. It reads no indentation ahead, so the builder counts that in time.
    """

    processing_version = scanner_processing_version = (1, 2)
    comment_handling = None
    reader: Any = None  # plain attributes: as properties they cost a tenth of the parsing
    scanner: Any = None
    resolver: Any = None

    def __init__(self, text: str, file: str, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.doc_infos = [SimpleNamespace()]  # where the scanner notes the version of a directive
        self.reader = self.scanner = self.resolver = self
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)

    def here(self) -> Location:
        """Where the scanner stands."""
        return Location(self._file, self.line + 1, self.column + 1)

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: ANN401, N803 - as in the base
        if len(self.flow_context) + len(self.indents) >= self._limits.depth:
            raise Refused(too_deep(self.here(), self._limits))
        super().fetch_flow_collection_start(TokenClass, to_push)

    def fetch_directive(self) -> None:
        if not _DIRECTIVE.match(self.buffer, self.pointer):
            raise _refused(
                Code.DIRECTIVE,
                "the only directive allowed is `%YAML 1.2`",
                self.here(),
                "Remove this line, or put text that begins with `%` in quotes.",
            )
        super().fetch_directive()


def _decode(data: bytes, file: str, limits: Limits) -> str:
    """The text of a file, checked for everything that is not YAML on sight."""
    start = Location(file, 1, 1)
    if len(data) > limits.size_bytes:
        raise _refused(
            Code.TOO_LARGE,
            f"the file has {len(data)} bytes, more than the {limits.size_bytes} allowed",
            start,
            "Split it into several files.",
        )
    if data.startswith(_WIDE_MARKS):
        raise _refused(Code.ENCODING, "the file is not UTF-8 but UTF-16 or UTF-32", start, _SAVE_AS_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        at = _location(file, data[: error.start].decode())
        problem = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise _refused(Code.ENCODING, problem, at, _SAVE_AS_UTF8) from None
    bad = _UNREADABLE.search(text)
    if bad:
        character = ord(bad[0])
        advice = "Remove it, or write it as an escape in double quotes."
        if character == 0:
            advice = "This looks like UTF-16 or a binary file. Save it as UTF-8 text."
        problem = f"the character U+{character:04X} is not allowed in YAML"
        raise _refused(Code.ENCODING, problem, _location(file, text[: bad.start()]), advice)
    return text


def _feed(builder: Builder, text: str, file: str, limits: Limits) -> None:
    """Run the parser over the text and hand everything to the builder; whatever stops the parser becomes Refused."""
    documents = 0
    for event in _events(text, file, limits):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(
                    Code.SEVERAL_DOCUMENTS,
                    "a second document begins here; a file holds one",
                    _span(file, event),
                    "Move what follows into a file of its own, or remove the `---`.",
                )
        else:
            _hand_over(builder, event, file)
    if _is_empty(builder.root):
        raise _refused(
            Code.EMPTY_DOCUMENT, "the file holds no document", Location(file, 1, 1), "Write one, or remove the file."
        )


def _events(text: str, file: str, limits: Limits) -> Iterator[Event]:
    parser = _Events(text, file, limits)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from None
    except (ValueError, OverflowError):  # the parser lets Python refuse characters that do not exist
        raise _refused(
            Code.SYNTAX,
            "an escape in double quotes names no character",
            parser.here(),
            r"Characters end at `\U0010FFFF`. Write a backslash twice, `\\`, if it is meant as text.",
        ) from None


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


def _syntax_error(error: MarkedYAMLError, text: str, file: str) -> Refused:
    since, at = error.context_mark, error.problem_mark or error.context_mark
    problem = str(error.problem or error.context)
    complaint = Complaint(
        problem,
        Spot(at.line, at.column) if at is not None else Spot(0, 0),
        None if since is None else Spot(since.line, since.column),
        split_lines(text),
    )
    found = explain(complaint)
    code = Code.CUSTOM_TAG if "undefined tag handle" in problem else Code.SYNTAX
    return _refused(code, found.message, Location(file, found.at.line + 1, found.at.column + 1), found.help)


def _is_empty(root: Node | None) -> bool:
    return root is None or (isinstance(root, ScalarNode) and root.raw == "" and root.style is Style.PLAIN)


def _span(file: str, event: Event) -> Location:
    start, end = event.start_mark, event.end_mark
    return Location(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _location(file: str, before: str) -> Location:
    """The place right after a piece of text from the start of the file."""
    lines = split_lines(before)
    return Location(file, len(lines), len(lines[-1]) + 1)


def _refused(code: Code, message: str, at: Location, advice: str) -> Refused:
    return Refused(Diagnostic(code.value, Severity.ERROR, message, at, advice))
