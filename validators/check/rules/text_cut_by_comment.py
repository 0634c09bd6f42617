"""SUR404: no text without quotes ends at a `#` that was meant as part of it. Lets comments after `# ` alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runner.contract.diagnostic import Diagnostic, Location, Severity, split_lines
from runner.contract.misfit import shown
from runner.contract.nodes import ScalarNode, Style, pointer_of
from runner.contract.rule import Rule
from runner.contract.secret_text import text_of
from validators.check.scalars import files_with, scalars
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR404",
    name="text-cut-by-comment",
    severity=Severity.WARNING,
    summary="A text without quotes ends before a word that begins with `#`.",
    why="A `#` after a blank begins a comment: the text stops there, and nobody is told. A message to a room is sent "
    "without the rest of its sentence.",
    bad="""\
message: Please settle invoice #4711 today.
""",
    good="""\
message: "Please settle invoice #4711 today."
""",
    fix="Put the whole text in quotes. If a comment is meant, write a blank after the `#`.",
)
RULES: Final = (_RULE,)
_HELP: Final = 'put the whole text in quotes: "… #…"; if a comment is meant, write a blank after the #'
_SUSPECT: Final = re.compile(rb"#(?<=[ \t]#)[^\s#]")
_COMMENT: Final = re.compile(r":?[ \t]+(#[^\s#].*)")
_DURATION: Final = re.compile(r"[0-9]+[smhd]")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every file that was read, whether it is valid or not."""
    for path, data, root in files_with(subject, _SUSPECT):
        lines = split_lines(text_of(data))
        seen: set[Location] = set()
        for where, node in scalars(root):
            comment = _comment(node, lines)
            if comment is None or node.location in seen:  # an alias says the same once more
                continue
            seen.add(node.location)
            words, line, column = comment
            before = "this text ends" if node.value is not None else "nothing is written here"
            at = Location(path, line, column, line, column + len(words))
            message = f"{before} before {shown(words)}, which is a comment"
            yield Diagnostic(_RULE.code, _RULE.severity, message, at, _HELP, pointer_of(where))


def _comment(node: ScalarNode, lines: Sequence[str]) -> tuple[str, int, int] | None:
    """What follows a text or an empty value on its line as a comment that looks like text, and where that begins."""
    meant = node.value is None or (isinstance(node.value, str) and not _DURATION.fullmatch(node.value))
    line, column = node.location.end_line, node.location.end_column
    if node.style is not Style.PLAIN or not meant or line is None or column is None or line > len(lines):
        return None
    found = _COMMENT.match(lines[line - 1], column - 1)
    return (found[1].rstrip(), line, found.start(1) + 1) if found else None
