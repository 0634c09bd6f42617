"""SUR929: no character that nobody sees stands in a file. Accents, other scripts and emoji are none of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Location, Severity, split_lines
from runner.contract.rule import Rule
from runner.contract.secret_text import text_of
from validators.check.rules.secret_in_file import pointer_at
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE: Final = Rule(
    code="SUR929",
    name="hidden-character",
    severity=Severity.ERROR,
    summary="A character that cannot be seen stands in a file: it turns text round, or hides between letters.",
    why="With such characters a review shows something else than a runner reads. Most come by accident, copied from a "
    "web page or a text processor, and then a word never matches although it looks right.",
    bad="""\
statement: Some\u200bbody has answered.  # after "Some" stands U+200B, which has no width
""",
    good="""\
statement: Somebody has answered.
""",
    fix="Delete the character; mostly it is quickest to type the word anew.",
)
RULES: Final = (_RULE,)
_HIDDEN: Final = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
    "|(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f])"
)
"""What turns text round, has no width, or is a tag. The joiners of other scripts and of emoji stand between those."""
_MOST: Final = 20
"""Findings of one file: a whole text that was copied is typed anew, not put right character by character."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every file that was read, whether it is valid or not: values and comments."""
    suspicious = {path: data for path, data in subject.documents.sources.items() if not data.isascii()}
    if not suspicious:
        return
    documents = {each.path: each for kind in subject.documents.by_kind.values() for each in kind}
    for path, data in suspicious.items():
        text = text_of(data)
        for found in list(_HIDDEN.finditer(text))[:_MOST]:
            before = split_lines(text[: found.start()])
            line, column = len(before), len(before[-1]) + 1
            at = Location(path, line, column, line, column + 1)
            message = f"a character that nobody sees stands here: {_told(found[0])}"
            help_text = "delete it, or type the word anew"
            yield Diagnostic(_RULE.code, _RULE.severity, message, at, help_text, pointer_at(documents.get(path), at))


def _told(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()}"
