"""Where in a text something is written: the variable of a message rather than the whole message.

Looks at the source between the two ends of a value, whatever its quotes and folding; judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from runner.contract.diagnostic import Diagnostic, Location, split_lines
from runner.contract.documents import Document, Path
from runner.contract.secret_text import text_of

__all__ = ["Find", "narrowed", "unclosed", "variable"]

Find = Callable[[str], tuple[int, int] | None]
"""Finds the piece of a text that is meant: its start and its end; None if it is not written so."""
_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_OPENING = re.compile(r"\{[{%]")
_CLOSING = {"{{": "}}", "{%": "%}"}


def narrowed(found: Diagnostic, sources: Mapping[str, bytes], document: Document, path: Path, find: Find) -> Diagnostic:
    """The finding at the piece of the value at a path; as it was if that piece cannot be told."""
    at = document.at(*path)
    data = sources.get(document.path)
    if data is None or at.end_line is None or at.end_column is None:
        return found
    lines = split_lines(text_of(data))[at.line - 1 : at.end_line]
    if not lines:
        return found
    lines[-1] = lines[-1][: at.end_column - 1]
    lines[0] = lines[0][at.column - 1 :] if at.line != at.end_line else lines[0][at.column - 1 : at.end_column - 1]
    text = "\n".join(lines)
    piece = find(text)
    if piece is None:
        return found
    before, inside = text[: piece[0]].split("\n"), text[piece[0] : piece[1]]
    line = at.line + len(before) - 1
    column = len(before[-1]) + (at.column if len(before) == 1 else 1)
    return replace(found, location=Location(at.file, line, column, line, column + len(inside.partition("\n")[0])))


def variable(name: str, *, bare: bool = False) -> Find:
    """Finds a variable, or any other word, inside `{{ … }}` or `{% … %}`; with `bare` where no `default` stands."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])")

    def find(text: str) -> tuple[int, int] | None:
        for tag in _TAG.finditer(text):
            found = word.search(text, tag.start(), tag.end())
            if found and not (bare and re.search(r"\|\s*default\b", tag[0])):
                return found.span()
        return None

    return find


def unclosed(text: str) -> tuple[int, int] | None:
    """The first `{{` or `{%` before whose end another one begins, or the text ends."""
    for opening in _OPENING.finditer(text):
        end = text.find(_CLOSING[opening[0]], opening.end())
        following = _OPENING.search(text, opening.end())
        if end < 0 or (following and following.start() < end):
            return opening.span()
    return None
