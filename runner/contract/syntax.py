"""Why a YAML parser stopped, in plain words: from its complaint and the lines around it to one message and one help.

Guesses the cause from the text, and falls back to the parser's own words. Parses nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from runner.contract.diagnostic import printable

__all__ = ["Code", "Complaint", "Explanation", "Spot", "explain"]


class Code(StrEnum):
    """What can be wrong with a file before anybody asks what it means; the code never changes its meaning."""

    SYNTAX = "SUR001"
    ENCODING = "SUR002"
    TOO_LARGE = "SUR003"
    TOO_DEEP = "SUR004"
    ALIAS_LIMIT = "SUR005"
    DUPLICATE_KEY = "SUR006"
    NON_STRING_KEY = "SUR007"
    MERGE_KEY = "SUR008"
    CUSTOM_TAG = "SUR009"
    SEVERAL_DOCUMENTS = "SUR010"
    EMPTY_DOCUMENT = "SUR011"
    NUMBER_OUT_OF_RANGE = "SUR012"
    UNDEFINED_ALIAS = "SUR013"
    RECURSIVE_ALIAS = "SUR014"
    DIRECTIVE = "SUR015"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the text; line and column count from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a parser said: `problem` found at `at`, while doing something that had begun at `since`, if it said so."""

    problem: str
    at: Spot
    since: Spot | None
    lines: Sequence[str]

    def line(self, number: int) -> str:
        """A line counted from 0, empty beyond the end."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to tell the author, and where to point."""

    message: str
    help: str
    at: Spot


_GLUED_COLON = re.compile(r"^[ ]*(?:- +)*[A-Za-z_][\w.-]*:(?=[^\s:/])")
_VALUE_ON_LINE = re.compile(r"^[ ]*(?:- +)*[^\s#:][^:#]*:[ ]+[^\s#|>&]")
_LEADING_TAB = re.compile(r"^[ ]*(\t)")
_WIDE_BLANK = re.compile(r"^[ ]*(?:(?:- +)*[\w.-]+:|-)?[ ]*([\u00a0\u2000-\u200b\u202f\u205f\u3000])")
_STRANGE_START = re.compile(r"found character (?P<quoted>'.*'|\".*\") that cannot start any token", re.DOTALL)
_SIGNED = re.compile(r": *(?P<sign>[>!]=?) *(?P<value>[\w.]+)(?= *(?:[,\]}#]|$))")
_SIGNS = {">": "more_than", ">=": "at_least", "!": "not", "!=": "not"}
_AFTER_SIGN = re.compile("expected (?:a comment or a line break|chomping or indentation indicators|' ')")
_COMMENT_INSIDE = re.compile(r" (#[^\s#].*[\]}])")
_QUOTE_HINT = (
    "Put the whole value in quotes: `key: \"text\"`. A single quote inside single quotes is written twice: ''."
)
_INDENT_HINT = "Entries of one mapping or list begin in the same column; what belongs to an entry stands deeper."


def explain(complaint: Complaint) -> Explanation:
    """The most likely cause; always gives an answer."""
    for rule in _RULES:
        found = rule(complaint)
        if found is not None:
            return found
    return Explanation(
        f"this is not YAML: {printable(complaint.problem)}",
        "Look at the indentation, the quotes and the colons of this line and the one above it.",
        complaint.at,
    )


def _tab(said: Complaint) -> Explanation | None:
    for number in {said.at.line, said.at.line - 1}:
        found = _LEADING_TAB.match(said.line(number))
        if found:
            return Explanation(
                "a tab stands in the indentation",
                "YAML allows only spaces there. Replace each tab by two spaces.",
                Spot(number, found.start(1)),
            )
    return None


def _wide_blank(said: Complaint) -> Explanation | None:
    """A blank from a word processor, which looks like one and is none, where YAML needs one."""
    lines = {said.at.line, said.at.line - 1, *([said.since.line] if said.since else [])}
    for number in sorted(lines):
        found = _WIDE_BLANK.match(said.line(number))
        if found:
            return Explanation(
                f"a special blank stands here (U+{ord(found[1]):04X}), and YAML needs a plain one",
                "Replace it by a plain blank. It looks the same, and comes with text copied from a document or a page.",
                Spot(number, found.start(1)),
            )
    return None


def _strange_start(said: Complaint) -> Explanation | None:
    found = _STRANGE_START.match(said.problem)
    if not found:
        return None
    character = said.line(said.at.line)[said.at.column : said.at.column + 1]
    if character == "\t":
        return Explanation("a tab stands where only a space may", "Replace the tab by a space.", said.at)
    return Explanation(
        f"a value cannot begin with `{printable(character)}`", f'Put it in quotes: `"{character}…"`.', said.at
    )


def _sign(said: Complaint) -> Explanation | None:
    """`> 5000` or `!high`, as other languages write what an operator says here."""
    if not (_STRANGE_START.match(said.problem) or _AFTER_SIGN.match(said.problem)):
        return None
    for found in _SIGNED.finditer(said.line(said.at.line)):
        if found.end() >= said.at.column:
            sign, value = found["sign"], printable(found["value"])
            return Explanation(
                f"`{sign}` is no operator here",
                f"Write `{{{_SIGNS[sign]}: {value}}}`; text that begins with `{sign}` needs quotes.",
                Spot(said.at.line, found.start("sign")),
            )
    if "line break" not in said.problem:
        return None
    return Explanation(
        "after `|` or `>` a text begins on the next line",
        'Write it there, deeper than the key, or on this line in quotes: `key: "text"`.',
        said.at,
    )


def _open_quote(said: Complaint) -> Explanation | None:
    if "found unexpected end of stream" not in said.problem and "unexpected document separator" not in said.problem:
        return None
    return Explanation(
        "a quote is opened here and never closed",
        "Write the same quote at the end of the text. An apostrophe inside single quotes is written twice: ''.",
        said.since or said.at,
    )


def _glued_colon(said: Complaint) -> Explanation | None:
    if "mapping values are not allowed" not in said.problem and "could not find expected ':'" not in said.problem:
        return None
    suspects = {said.at.line, said.at.line - 1, said.since.line if said.since else said.at.line}
    for number in sorted(suspects):
        found = _GLUED_COLON.match(said.line(number))
        if found:
            return Explanation(
                "a space is missing after the colon", "Write `key: value`, with a space.", Spot(number, found.end())
            )
    return None


def _no_colon(said: Complaint) -> Explanation | None:
    if "could not find expected ':'" not in said.problem:
        return None
    return Explanation(
        "this is neither `key: value` nor an item of a list",
        "Write `key: value` with a colon and a space, or `- value` for an item. Longer text needs `key: |`.",
        said.since or said.at,
    )


def _second_value(said: Complaint) -> Explanation | None:
    if "mapping values are not allowed" not in said.problem:
        return None
    before = said.line(said.at.line)[: said.at.column]
    if ": " in before:
        return Explanation(
            "a second colon on this line",
            'A value that holds a colon and a space needs quotes: `key: "one: two"`. '
            "A mapping as a value begins on the next line, deeper.",
            said.at,
        )
    start = Spot(said.at.line, _indent(before))
    return _too_deep(said) or Explanation(
        "a key cannot stand here", f"{_INDENT_HINT} Look also at the line above.", start
    )


def _too_deep(said: Complaint) -> Explanation | None:
    """A line below `key: value` that is indented as if it belonged to it."""
    line, above = said.line(said.at.line), said.line(said.at.line - 1)
    if not _VALUE_ON_LINE.match(above) or _indent(line) <= _indent(above):
        return None
    return Explanation(
        "this line stands deeper than the line above, which has its value already",
        "Give it the same indentation as the line above, or remove the value there.",
        Spot(said.at.line, _indent(line)),
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _list_item(said: Complaint) -> Explanation | None:
    if "sequence entries are not allowed" not in said.problem:
        return None
    return Explanation(
        "an item of a list cannot begin here",
        "Begin the list on the next line, or write it in brackets: `key: [one, two]`.",
        said.at,
    )


def _open_bracket(said: Complaint) -> Explanation | None:
    found = re.match(r"expected ',' or '([\]}])'", said.problem)
    if not found or said.since is None:
        return None
    closing = found[1]
    opening = "[" if closing == "]" else "{"
    comment = _COMMENT_INSIDE.search(said.line(said.since.line), said.since.column)
    if comment and said.at.line != said.since.line:
        return Explanation(
            f"a comment begins here, and hides the `{closing}` at the end of the line",
            "Put text that holds a # after a blank in quotes.",
            Spot(said.since.line, comment.start(1)),
        )
    if said.at.line != said.since.line:
        return Explanation(
            f"`{opening}` is opened here and never closed", f"Write `{closing}` at the end of it.", said.since
        )
    if said.line(said.at.line).startswith("{{", said.at.column):
        return Explanation(
            f"a text that holds `{{{{` needs quotes between `{opening}` and `{closing}`",
            'Put the whole text in quotes: `"… {{ owner.name }} …"`.',
            said.at,
        )
    return Explanation(
        f"`,` or `{closing}` is expected here",
        f"Part the entries between `{opening}` and `{closing}` by commas, and put text with special characters in "
        "quotes.",
        said.at,
    )


def _stray_closing(said: Complaint) -> Explanation | None:
    found = re.match(r"expected the node content, but found '([\]},])'", said.problem)
    if not found:
        return None
    return Explanation(
        f"`{found[1]}` stands where a value should",
        f'Remove it, write the value before it, or put text that begins with it in quotes: `"{found[1]}…"`.',
        said.at,
    )


def _after_value(said: Complaint) -> Explanation | None:
    found = re.match(r"expected <block end>, but found '(.*)'", said.problem)
    if not found:
        return None
    if said.line(said.at.line)[: said.at.column].strip(" "):
        return Explanation("something follows a value that is complete already", _QUOTE_HINT, said.at)
    if found[1] == "-":
        return Explanation("an item of a list stands among the keys of a mapping", _INDENT_HINT, said.at)
    if found[1] == "?" and said.since is not None and said.line(said.since.line)[said.since.column :].startswith("-"):
        return Explanation("a key stands among the items of a list", _INDENT_HINT, said.at)
    return _too_deep(said) or Explanation("the indentation of this line fits no line above it", _INDENT_HINT, said.at)


def _escape(said: Complaint) -> Explanation | None:
    found = re.match(r"found unknown escape character (.*)", said.problem, re.DOTALL)
    if not found and not re.match(r"expected escape sequence of \d hexdecimal numbers", said.problem):
        return None
    return Explanation(
        "no such escape in double quotes",
        r"Write a backslash twice, `\\`, or use single quotes, in which a backslash is just a backslash.",
        said.at,
    )


def _tag_handle(said: Complaint) -> Explanation | None:
    found = re.match(r"found undefined tag handle '(.*)'", said.problem)
    if not found:
        return None
    return Explanation(f"the tag `{printable(found[1])}…` is not allowed", "Remove the tag.", said.at)


_RULES: tuple[Callable[[Complaint], Explanation | None], ...] = (
    _open_quote,
    _tab,
    _wide_blank,
    _sign,
    _strange_start,
    _glued_colon,
    _no_colon,
    _second_value,
    _list_item,
    _open_bracket,
    _stray_closing,
    _after_value,
    _escape,
    _tag_handle,
)
