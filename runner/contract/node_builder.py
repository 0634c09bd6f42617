"""Builds nodes from what a parser meets one after another, with an explicit stack, and checks them on the way.

Bounded by `Limits`, also after every alias is written out. Knows no parser; what is wrong is collected, or raised as
`Refused` when going on would be pointless or expensive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from runner.contract.core_schema import BOOL, FLOAT, INT, MAP, NULL, SEQ, STR, NumberOutOfRange, resolve
from runner.contract.diagnostic import Diagnostic, Location, Severity, printable
from runner.contract.nodes import MappingNode, Node, Scalar, ScalarNode, SequenceNode, Style
from runner.contract.syntax import Code

__all__ = ["DEFAULT", "MERGE", "TOO_MANY", "UNSTORABLE", "Builder", "Limits", "Refused", "refusal", "too_deep"]

_SHOWN = 40  # characters of a value quoted in a message
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What an escape can give and nothing can store."""
_NO_TAG = (None, "!")  # "!" is the non-specific tag: text for a scalar, nothing for a collection
MERGE: Final = "<<"
"""The key that merges in YAML 1.1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may be: bytes, collections inside each other, values, and how much may be wrong in it.

    Depth and values hold again with every alias written out, and so does the size for the text of the values.
    """

    size_bytes: int = 1_048_576  # some 700 templates in one file; the parser needs about 2 s for it
    depth: int = 64  # six times the deepest template, and far from the limit of recursion
    nodes: int = 50_000  # about 1.5 s of parsing
    findings: int = 100  # more than anybody reads at once; with so many the rest is not looked at


DEFAULT: Final = Limits()
TOO_MANY: Final = "So much is wrong in this file that the rest of it was not looked at."


class Refused(Exception):
    """The document is not read any further; carries the reason."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Built(NamedTuple):
    """A node with its size when every alias is written out: values, characters, collections inside each other."""

    node: Node
    nodes: int
    characters: int
    height: int


@dataclass(slots=True)
class _Open:
    """A collection that is not complete yet."""

    is_mapping: bool
    anchor: str | None
    at: Location
    end: tuple[int, int]
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)
    key: ScalarNode | None = None  # None while `key_read` means that the key was refused and its value is dropped
    key_read: bool = False
    nodes: int = 1
    characters: int = 0
    height: int = 1


class Builder:
    """Makes one tree. Call in the order of the document; `root` is None until the first value is complete."""

    def __init__(self, limits: Limits) -> None:
        self.root: Node | None = None
        self.diagnostics: list[Diagnostic] = []
        self._limits = limits
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Built | _Open] = {}
        self._nodes = 0  # with every alias written out, as is the next
        self._characters = 0
        self._aliased = False

    def scalar(self, raw: str, style: Style, tag: str | None, anchor: str | None, at: Location) -> None:
        """A key or a single value, its quotes and folding undone."""
        self._count(at, characters=len(raw))
        found_tag, value = self._resolve(raw, style, tag, at)
        built = _Built(ScalarNode(found_tag, at, value, raw, style), 1, len(raw), 0)
        if anchor is not None:
            self._anchors[anchor] = built
        self._put(built)

    def open(self, tag: str | None, anchor: str | None, at: Location, *, mapping: bool) -> None:
        """A collection begins; `at` is the place of its first character."""
        self._count(at)
        if len(self._stack) >= self._limits.depth:
            raise Refused(too_deep(at, self._limits))
        if tag not in _NO_TAG and tag != (MAP if mapping else SEQ):
            self._say(Code.CUSTOM_TAG, f"the tag `{_shown(tag)}` is not allowed here", at, "Remove the tag.")
        frame = _Open(mapping, anchor, at, (at.line, at.column))
        if anchor is not None:
            self._anchors[anchor] = frame
        self._stack.append(frame)

    def close(self, end: tuple[int, int] | None) -> None:
        """The collection ends at a line and column, or with None where its last value does."""
        frame = self._stack.pop()
        line, column = end or frame.end
        at = Location(frame.at.file, frame.at.line, frame.at.column, line, column)
        node: Node = (
            MappingNode(MAP, at, tuple(frame.entries.values()))
            if frame.is_mapping
            else SequenceNode(SEQ, at, tuple(frame.items))
        )
        built = _Built(node, frame.nodes, frame.characters, frame.height)
        if frame.anchor is not None and self._anchors.get(frame.anchor) is frame:
            self._anchors[frame.anchor] = built
        self._put(built)

    def alias(self, anchor: str, at: Location) -> None:
        """What was anchored before, once more; keeps the place of the alias, its children keep theirs."""
        target = self._anchors.get(anchor)
        if target is None:
            mark = f" To repeat a value, mark it with `&{anchor}` first." if _ANCHOR.fullmatch(anchor) else ""
            raise refusal(
                Code.UNDEFINED_ALIAS,
                f"`*{_shown(anchor)}` refers to an anchor that does not exist above it",
                at,
                f'Put text that begins with `*` in quotes: `"*{_shown(anchor)}"`.{mark}',
            )
        if isinstance(target, _Open):
            raise refusal(
                Code.RECURSIVE_ALIAS,
                f"`*{_shown(anchor)}` stands inside the value that it repeats",
                at,
                "A value cannot contain itself. Write it out without the alias.",
            )
        if len(self._stack) + target.height > self._limits.depth:
            raise Refused(too_deep(at, self._limits))
        self._aliased = True
        self._count(at, target.nodes, target.characters)
        self._put(target._replace(node=replace(target.node, location=at)))

    def _count(self, at: Location, nodes: int = 1, characters: int = 0) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes <= self._limits.nodes and self._characters <= self._limits.size_bytes:
            return
        allowed = f"{self._limits.nodes} values and {self._limits.size_bytes} characters are allowed"
        if self._aliased:
            problem = f"with its aliases written out the document is too large; {allowed}"
            raise refusal(Code.ALIAS_LIMIT, problem, at, "Use fewer aliases, or split the document.")
        problem = f"the document is too large; {allowed}"
        raise refusal(Code.TOO_LARGE, problem, at, "Split it into several files.")

    def _put(self, built: _Built) -> None:
        """Give a complete value to the collection it stands in."""
        if not self._stack:
            self.root = built.node
            return
        frame = self._stack[-1]
        node = _beside(built.node, frame.key)
        frame.nodes += built.nodes
        frame.characters += built.characters
        frame.height = max(frame.height, built.height + 1)
        at = node.location
        frame.end = (at.end_line or at.line, at.end_column or at.column)
        if not frame.is_mapping:
            frame.items.append(node)
        elif not frame.key_read:
            frame.key, frame.key_read = self._key(frame, node), True
        else:
            if frame.key is not None:
                frame.entries[frame.key.raw] = (frame.key, node)
            frame.key, frame.key_read = None, False

    def _key(self, frame: _Open, node: Node) -> ScalarNode | None:
        """The key to file the next value under, or None if that value is to be dropped."""
        at = node.location
        if not isinstance(node, ScalarNode):
            if _is_variable(frame, node):
                place = replace(frame.at, end_line=at.line, end_column=at.column + 1)
                self._say(Code.NON_STRING_KEY, "a text that begins with `{{` needs quotes", place, _QUOTE_ALL)
                return None
            kind = "mapping" if isinstance(node, MappingNode) else "list"
            self._say(Code.NON_STRING_KEY, f"a key is text, and this is a {kind}", at, "Write a plain name as the key.")
            return None
        if node.raw == MERGE and node.style is Style.PLAIN:
            self._say(Code.MERGE_KEY, "merge keys are not part of YAML 1.2", at, "Write the entries out.")
            return None
        if self._parts_a_number(frame, node):
            return None
        if not isinstance(node.value, str):
            what = "empty" if node.raw == "" else f"`{_shown(node.raw)}`, {_KINDS[node.tag]}"
            self._say(
                Code.NON_STRING_KEY,
                f"a key is text, and this is {what}",
                at,
                f'Put it in quotes: `"{_shown(node.raw)}":`.',
            )
            node = replace(node, tag=STR, value=node.raw)
        first = frame.entries.get(node.raw)
        if first is not None:
            was = first[0].location
            self._say(
                Code.DUPLICATE_KEY,
                f"the key `{_shown(node.raw)}` is here twice, first at line {was.line}, column {was.column}",
                at,
                "Remove one of the two, or put both values under one key.",
            )
            return None
        return node

    def _parts_a_number(self, frame: _Open, node: ScalarNode) -> bool:
        """Whether a key is the `000` of `{more_than: 5,000}`: said once, and then nothing else is worth saying."""
        last = next(reversed(frame.entries), None)
        if last is None or not _THREE_DIGITS.fullmatch(node.raw) or node.style is not Style.PLAIN:
            return False
        key, value = frame.entries[last]
        before, at = value.location, node.location
        beside = (before.end_line, before.end_column) == (at.line, at.column - 1)
        if not beside or not isinstance(value, ScalarNode) or not isinstance(value.value, int | float):
            return False
        whole = replace(before, end_line=at.end_line, end_column=at.end_column)
        written = f"{value.raw},{node.raw}"
        frame.entries[last] = (key, replace(value, location=whole, raw=written))
        if "," not in value.raw:
            message = f"`{_shown(written)}` is no number: a comma parts the entries between `{{` and `}}`"
            self._say(Code.NON_STRING_KEY, message, whole, "Write the digits without a mark between them, as in 5000.")
        return True

    def _resolve(self, raw: str, style: Style, tag: str | None, at: Location) -> tuple[str, Scalar]:
        if style is Style.DOUBLE_QUOTED and UNSTORABLE.search(raw):
            self._say(
                Code.ENCODING,
                "an escape in this text gives a character that cannot be stored",
                at,
                r"Remove `\0`; write a character beyond U+FFFF as one escape, like `\U0001F600`.",
            )
            raw = UNSTORABLE.sub("\ufffd", raw)
        if tag in {STR, "!"} or (tag is None and style is not Style.PLAIN):
            return STR, raw
        try:
            found, value = resolve(raw)
        except NumberOutOfRange:
            self._say(
                Code.NUMBER_OUT_OF_RANGE,
                f"`{_shown(raw)}` is not a number that a document can hold",
                at,
                "Integers have at most 64 bits; infinity and not-a-number are none. Put it in quotes if it is text.",
            )
            return STR, raw
        if tag is None or tag == found:
            return found, value
        if tag == FLOAT and isinstance(value, int) and found == INT:
            return FLOAT, float(value)
        known = _KINDS.get(tag)
        problem = f"`{_shown(raw)}` is not {known}" if known else f"the tag `{_shown(tag)}` is not allowed"
        advice = "Remove it, or put text that begins with `!` in quotes; what is not meant is written `{not: …}`."
        self._say(Code.CUSTOM_TAG, problem, at, advice if tag.startswith("!") else "Remove the tag.")
        return found, value

    def _say(self, code: Code, message: str, at: Location, advice: str) -> None:
        if len(self.diagnostics) + 1 >= self._limits.findings:
            raise refusal(code, message, at, f"{advice} {TOO_MANY}")
        self.diagnostics.append(_error(code, message, at, advice))


_ANCHOR = re.compile(r"[\w-]{1,40}")
_THREE_DIGITS = re.compile(r"[0-9]{3}(?:\.[0-9]*)?")
_QUOTE_ALL = "Put the whole text in double quotes: `\"{{ … }} …\"`. Inside of them use single ones: `default: 'text'`."
_KINDS = {NULL: "null", BOOL: "a boolean", INT: "an integer", FLOAT: "a number"}


def _beside(node: Node, key: ScalarNode | None) -> Node:
    """An empty value right after its key. The parser only notices it at whatever comes next, lines below perhaps."""
    if key is None or not isinstance(node, ScalarNode) or node.raw != "" or node.style is not Style.PLAIN:
        return node
    at, after = node.location, key.location
    if (at.end_line, at.end_column) != (at.line, at.column) or after.end_line is None or after.end_column is None:
        return node
    place = Location(at.file, after.end_line, after.end_column, after.end_line, after.end_column)
    return replace(node, location=place)


def _is_variable(frame: _Open, node: Node) -> bool:
    """Whether a mapping is a key right after the bracket that opens the mapping around it, as in `{{ owner.name }}`."""
    beside = (frame.at.line, frame.at.column + 1) == (node.location.line, node.location.column)
    return beside and isinstance(node, MappingNode)


def too_deep(at: Location, limits: Limits) -> Diagnostic:
    """The finding for one collection too many inside another."""
    return _error(
        Code.TOO_DEEP,
        f"more than {limits.depth} mappings and lists stand inside each other",
        at,
        "Write the document flatter, or put text that begins with brackets or dashes in quotes.",
    )


def refusal(code: Code, message: str, at: Location, advice: str) -> Refused:
    """The error to raise where going on is pointless."""
    return Refused(_error(code, message, at, advice))


def _error(code: Code, message: str, at: Location, advice: str) -> Diagnostic:
    return Diagnostic(code.value, Severity.ERROR, message, at, advice)


def _shown(text: str | None) -> str:
    """A piece of the document as a message may quote it."""
    text = text or ""
    return printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
