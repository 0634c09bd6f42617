"""What is wrong with a document, where, and what to do about it; and how that reads on a terminal or as JSON.

Diagnostics are returned, sorted, and never raised. This module knows no YAML and opens no file.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.contract.edits import Operation

__all__ = [
    "Diagnostic",
    "Location",
    "Severity",
    "nearest",
    "printable",
    "printable_lines",
    "render_text",
    "split_lines",
]

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SHORTEST_BEGINNING = 4  # of fewer letters anything begins
_VERY_CLOSE = 0.85  # a letter or two of ten are others, so that it is misspelt rather than cut short
_LONGEST_NAME = 80  # comparing names costs the product of their lengths; nobody mistypes more than this
_WIDTH = 140  # columns of an excerpt: what two thirds of a wide terminal show without wrapping
_LEAD = 40  # columns kept before the finding when a line is cut
_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_GUTTER = "\x1b[1;34m"
_HELP = "\x1b[1;36m"


class Severity(StrEnum):
    """How bad a finding is; only an error makes a document unusable. UNKNOWN is no answer, and never a good one."""

    ERROR = "error"
    UNKNOWN = "unknown"
    WARNING = "warning"
    INFO = "info"


_PAINT = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.UNKNOWN: "\x1b[1;35m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.INFO: "\x1b[1;34m",
}


@total_ordering
@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. Lines and columns count from 1, columns in code points; the end is exclusive.

    `end_line` and `end_column` are None together, when only the start is known. Ordered by file, then position.
    """

    file: str
    line: int
    column: int
    end_line: int | None = None
    end_column: int | None = None

    def __lt__(self, other: Location) -> bool:
        return self._key() < other._key()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def _key(self) -> tuple[str, int, int, int, int]:
        return self.file, self.line, self.column, self.end_line or 0, self.end_column or 0


@total_ordering
@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. Ordered by file, line, column, code; one without a location comes first.

    `message` says what is wrong, what was found and what is allowed; `help` what to do, and is empty when the message
    says it all. `pointer` is the JSON pointer of the value in its document, empty for the whole document. `fixes` are
    the edits of the file of `location` that put it right without a doubt, none if there is any; they tell no two
    findings apart.
    """

    code: str
    severity: Severity
    message: str
    location: Location | None
    help: str = ""
    pointer: str = ""
    fixes: tuple[Operation, ...] = field(default=(), compare=False)

    def __lt__(self, other: Diagnostic) -> bool:
        return self._key() < other._key()

    def to_json(self) -> dict[str, object]:
        """The finding as plain JSON data; `location` is null when there is none."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "help": self.help,
            "pointer": self.pointer,
            "location": None if self.location is None else asdict(self.location),
        }

    def _key(self) -> tuple[str, int, int, str, str, str, str]:
        at = self.location
        place = ("", 0, 0) if at is None else (at.file, at.line, at.column)
        return *place, self.code, self.message, self.pointer, self.help


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` most likely misspells or abbreviates, or None if none is close; equal on every run."""
    if len(name) > _LONGEST_NAME:
        return None
    spellings = {_plain_spelling(candidate): candidate for candidate in sorted(candidates, reverse=True)}
    spellings.pop("", None)
    written, known = _plain_spelling(name), sorted(spellings)
    close = difflib.get_close_matches(written, known, n=1, cutoff=0.6)
    begun = [each for each in known if each.startswith(written)] if len(written) >= _SHORTEST_BEGINNING else []
    if len(begun) == 1 and not (close and _alike(written, close[0]) >= _VERY_CLOSE):
        close = begun
    return spellings[close[0]] if close else None


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def split_lines(text: str) -> list[str]:
    """The lines of a text as positions count them: at LF, CR LF and CR, and at nothing else."""
    return _LINE_BREAK.split(text)


def printable(text: str) -> str:
    """The text with everything escaped that could move a cursor, hide text or turn it round."""
    if text.isprintable():
        return text
    return "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in text)


def printable_lines(text: str) -> str:
    """As `printable`, for a text of several lines: its line breaks stay, each as LF."""
    return "\n".join(map(printable, split_lines(text)))


def render_text(
    diagnostics: Iterable[Diagnostic], read_line: Callable[[str, int], str | None], *, colour: bool = False
) -> str:
    """The findings for people, in order, each with the line it is about; ends with a line break unless empty.

    `read_line(file, line)` gives a line without its break, counted from 1, or None when it cannot be had: then the
    excerpt is left out. With `colour` the text carries ANSI sequences; nothing taken from a document ever does.
    """
    return "\n".join(_render_one(found, read_line, colour=colour) for found in sorted(diagnostics))


def _render_one(found: Diagnostic, read_line: Callable[[str, int], str | None], *, colour: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    at = found.location
    number = "" if at is None else str(at.line)
    margin = " " * max(len(number), 1)
    head = paint(_PAINT[found.severity], f"{found.severity}[{printable(found.code)}]")
    out = [f"{head} {paint(_BOLD, printable(found.message))}"]
    if at is not None:
        out.append(f"{margin}{paint(_GUTTER, '-->')} {printable(str(at))}")
        line = read_line(at.file, at.line)
        if line is not None:
            text, carets = _excerpt(line, at)
            bar = paint(_GUTTER, "|")
            out += [
                f"{margin} {bar}",
                f"{paint(_GUTTER, number)} {bar} {text}".rstrip(),
                f"{margin} {bar} {paint(_PAINT[found.severity], carets)}",
            ]
    if found.help:
        first, *rest = found.help.split("\n")
        out.append(f"{margin} {paint(_HELP, '= help:')} {printable(first)}")
        out += [f"{margin}         {printable(line)}" for line in rest]
    return "\n".join(out) + "\n"


def _excerpt(line: str, at: Location) -> tuple[str, str]:
    """The line, cut to a bearable width around the finding, and the carets below it."""
    start = min(at.column - 1, len(line))
    if at.end_line is None or at.end_column is None:
        end = start + 1
    elif at.end_line > at.line:
        end = len(line.rstrip())
    else:
        end = min(at.end_column - 1, len(line))
    end = max(end, start + 1)
    left = max(0, start - _LEAD) if len(line) > _WIDTH else 0
    right = left + _WIDTH
    head, tail = ("…" if left else ""), ("…" if right < len(line) else "")
    shown = "".join(_cell(ch) for ch in line[left:right])
    before = len(head) + sum(_columns(ch) for ch in line[left:start])
    carets = sum(_columns(ch) for ch in line[start : min(end, right)]) or 1
    return f"{head}{shown}{tail}", " " * before + "^" * carets


def _cell(ch: str) -> str:
    """The character as an excerpt shows it: a tab is one blank, so that carets stand below what they point at."""
    return " " if ch == "\t" else ch if ch.isprintable() else "�"


def _columns(ch: str) -> int:
    """How many columns a terminal takes for the character."""
    if unicodedata.combining(ch):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in {"W", "F"} else 1


def _plain_spelling(name: str) -> str:
    """A name without what is mixed up most: case, hyphen, underscore, blank."""
    return re.sub(r"[-_ ]", "_", name.casefold())
