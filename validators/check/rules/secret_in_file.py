"""SUR920: no secret stands in git. Points at it and never repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Location, Severity, split_lines
from runner.contract.documents import Document
from runner.contract.nodes import source_map
from runner.contract.rule import Rule
from runner.contract.secret_text import Secret, text_of
from validators.check.subject import Subject

__all__ = ["RULES", "check", "pointer_at"]

_RULE = Rule(
    code="SUR920",
    name="secret-in-file",
    severity=Severity.ERROR,
    summary="A password, a token, a private key or the address of a webhook stands in a file, or in a comment of it.",
    why="Everybody who can read the repository can use it, today and in every copy of its history. Deleting the line "
    "takes it out of the file, not out of git.",
    bad="""\
  counter: {channel: chat, address: "https://surety:Wq7pf2Kz0aL@chat.corp.internal/counter"}
""",
    good="""\
  counter: {channel: chat, address: "#counter"}
""",
    fix="Replace the secret where it is valid, since it is known from now on. Give the new one to the runner in its "
    "environment, and write the name of the variable into the file: `url_env: CHAT_WEBHOOK`.",
)
RULES: Final = (_RULE,)
_HELP: Final = (
    "replace it where it is valid, since git keeps it; give the new one to the runner in its environment, and name the "
    "variable here (url_env, secret_env)"
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every file that was read, whether it is valid or not: values and comments."""
    if not subject.secrets:
        return
    documents = {each.path: each for kind in subject.documents.by_kind.values() for each in kind}
    for path, found in subject.secrets.items():
        text = text_of(subject.documents.sources[path])
        for each in found:
            at = _location(path, text, each)
            message = f"this looks like {each.sort}, for everybody to see who can read the repository"
            pointer = pointer_at(documents.get(path), at)
            yield Diagnostic(_RULE.code, _RULE.severity, message, at, _HELP, pointer)


def _location(path: str, text: str, found: Secret) -> Location:
    before, inside = split_lines(text[: found.start]), split_lines(text[found.start : found.end].rstrip())
    line, column = len(before), len(before[-1]) + 1
    end_column = len(inside[-1]) + (column if len(inside) == 1 else 1)
    return Location(path, line, column, line + len(inside) - 1, end_column)


def pointer_at(document: Document | None, at: Location) -> str:
    """The innermost value that the place belongs to, for a waiver to name; empty for a comment that is in none."""
    if document is None:
        return ""
    inside = ""
    for pointer, value in source_map(document.root).items():
        end = (value.end_line or value.line, value.end_column or value.column)
        if (value.line, value.column) <= (at.line, at.column) < end:
            inside = pointer
    return inside
