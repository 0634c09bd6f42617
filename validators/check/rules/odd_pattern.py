"""SUR932: a pattern says what its writer meant: `*` where it counts, and only there. Matches no ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR932",
    name="pattern-says-otherwise",
    severity=Severity.WARNING,
    summary="A condition on a text uses signs that mean nothing there, or lacks those that would mean something.",
    why="`contains` looks for the very text, so `refund|credit` is found in no ticket. `like` fits the whole text, so "
    "without `*` it fits only a ticket that says nothing else. Nobody is told of the tickets that are missed.",
    bad="""\
    subject: {contains: "refund|credit"}
""",
    good="""\
    any: [{subject: {contains: refund}}, {subject: {contains: credit}}]
""",
    fix="For one word or the other write any: [{subject: {contains: one}}, {subject: {contains: other}}]. For a "
    'part of a text write `contains` without `*`. For a beginning write like: "Refund*".',
)
RULES: Final = (_RULE,)
_WORDS: Final = ("all", "any", "not")
_EITHER: Final = re.compile(r"(?<=[^\s|])\s?\|\s?(?=[^\s|])")
_STAR: Final = re.compile(r"\A\.?\*|\*\Z")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every trigger, the scope, and what steps wait for and choose by."""
    routing = subject.documents.one("Routing")
    if routing is not None:
        yield from _condition(routing, routing.plain["scope"], ("scope",))
    for document, _ in subject.templates:
        yield from _condition(document, document.plain["trigger"]["when"], ("trigger", "when"))
    for document, steps in subject.steps:
        for path, step in steps:
            if isinstance(wait := step.get("wait"), dict):
                yield from _condition(document, wait.get("until"), (*path, "wait", "until"))
            if isinstance(choose := step.get("choose"), dict):
                branches = choose.get("branches")
                for index, branch in enumerate(branches if isinstance(branches, list) else ()):
                    if isinstance(branch, dict):
                        here = (*path, "choose", "branches", index, "when")
                        yield from _condition(document, branch.get("when"), here)


def _condition(document: Document, plain: object, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(plain, dict):
        return
    for key, value in plain.items():
        if key == "not":
            yield from _condition(document, value, (*path, key))
        elif key in _WORDS:
            for index, part in enumerate(value if isinstance(value, list) else ()):
                yield from _condition(document, part, (*path, key, index))
        elif isinstance(value, dict):
            for operator in ("contains", "like"):
                text = value.get(operator)
                wrong = _wrong(str(key), operator, text) if isinstance(text, str) and text[:1] != "$" else None
                if wrong is not None:
                    yield _RULE.found(document, (*path, key, operator), *wrong)


def _wrong(field: str, operator: str, text: str) -> tuple[str, str] | None:
    """What a pattern says other than it seems to, and what to write; None if it says what it seems to."""
    if _EITHER.search(text):
        parts = ", ".join(f"{{{field}: {{{operator}: {part.strip()}}}}}" for part in text.split("|"))
        return f"`|` is no word for either: this looks for the very text `{text}`", f"write any: [{parts}]"
    if operator == "contains" and _STAR.search(text):
        bare = text.strip("*.")
        return f"`contains` looks for the very text, and `*` is a part of it: `{text}`", f"write contains: {bare}"
    if operator == "like" and "[" in text:
        message = f"in `like` a `[` begins a choice of letters: `{text}` fits other texts than it seems to"
        return message, 'write ? for any one letter, or use contains, as in {contains: "[URGENT]"}'
    if operator == "like" and not set(text) & set("*?["):
        message = f"`like` fits the whole text: without `*` only a ticket that says `{text}` and nothing else"
        return message, f'write contains: {text}, or like: "{text}*" for a beginning'
    return None
