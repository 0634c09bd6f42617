"""The same events from the parser in C, twenty times faster, for texts that both parsers are known to read alike.

C decides nothing: it is YAML 1.1 and refuses what is legal. Whatever it refuses, and whatever it might read otherwise,
raises `Doubt`, and the text goes to `pure_events`. Its composer, which recurses until the process dies, is never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

try:
    from _ruamel_yaml import CParser
except ImportError:  # no build for this platform: everything is read by the other parser
    CParser = None

__all__ = ["Doubt", "is_doubtful", "quick_events"]

_VALUES: Final = frozenset((ScalarEvent, MappingStartEvent, SequenceStartEvent))
_LONGEST_LINE: Final = 1000  # a key may have 1,024 characters, and the two count them differently
_DOUBTS: Final = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        # What breaks a line in YAML 1.1 and not in 1.2; tabs; old line breaks; marks of byte order.
        *((each, each) for each in "\t\x85\u2028\u2029\ufeff"),
        ("\r", r"\r(?!\n)"),
        # A directive, the mark that ends a document, or text that looks like one.
        ("%", r"(?:^|\n)%"),
        ("...", r"(?:^|\n)\.\.\."),
        # An explicit key.
        ("?", r"\?(?<![^\n\[{,\-?: ]\?)(?=[\s,\]}]|$)"),
        # A colon that belongs to what follows, or to a key before it.
        (":", r":(?<=[\s'\"\]}]:)(?=\S)"),
        # A line of blanks, which means something at the top of a block of text.
        (" \n", r"(?:^|\n)[ ]+\n"),
        (" \r\n", r"(?:^|\n)[ ]+\r\n"),
        # A comment that touches the head of a block of text, or follows it where the block is empty.
        ("#", r"[|>][-+0-9]*(?:#|[ ]*(?:#[^\n]*)?\n\s*#)"),
    )
)
"""What makes a text doubtful: a sign that is quickly looked for, and the pattern to be sure, which begins with it where
it can: then it is looked for as quickly there."""


_VEILED: Final = (
    (re.compile(r":(?<=[^\s'\"\[\]{},:#&*!|>%@`]:)(?=[^\s,\[\]{}:])"), ":", "\ue000"),
    (re.compile(r"\?(?<=[^\s'\"\[\]{},:#&*!|>%@`?]\?)"), "?", "\ue001"),
)
"""Inside of a word a colon or a question mark is text, and C refuses it between brackets: a sign that nobody uses
stands in for it while C reads, and no position moves."""
_VEILS: Final = re.compile("[\ue000\ue001]|e00[01]", re.IGNORECASE)
"""Those signs, also as escapes: a text that has them itself is left to the other parser."""
_OF_VEILS: Final = ("\ue000", "\ue001", "e00", "E00")
"""Without any of which there is none of them, which is quickly seen."""


class Doubt(Exception):
    """C cannot be believed on this text, or is not there."""


def quick_events(text: str) -> Iterator[Event]:
    """The events of a text, up to the first doubt. Reads little ahead, so that a level too deep can stop it in time.

    There are no tags, anchors or aliases among them, and one document at most. Raises Doubt.
    """
    if CParser is None or is_doubtful(text) or _has_veils(text):
        raise Doubt
    text, veiled = _veil(text)
    parser: Any = CParser(text)
    documents = 0
    try:
        while (event := parser.get_event()) is not None:
            kind = type(event)
            if kind in _VALUES:
                if event.anchor is not None or event.ctag is not None:
                    raise Doubt
                if kind is ScalarEvent:
                    for sign, veil in veiled:
                        if veil in event.value:
                            event.value = event.value.replace(veil, sign)
            elif kind is AliasEvent:
                raise Doubt
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise Doubt
            yield event
    except (YAMLError, ValueError, OverflowError):
        raise Doubt from None


def _has_veils(text: str) -> bool:
    return any(part in text for part in _OF_VEILS) and _VEILS.search(text) is not None


def _veil(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text with signs in place of what C would refuse, and what each stands for with it."""
    veiled = []
    for pattern, sign, veil in _VEILED:
        if sign in text:
            text, found = pattern.subn(veil, text)
            if found:
                veiled.append((sign, veil))
    return text, veiled


def is_doubtful(text: str) -> bool:
    """Whether the two parsers might read a text differently, as far as that can be told from its characters."""
    return (
        any(sign in text and pattern.search(text) for sign, pattern in _DOUBTS)
        or text.endswith(" ")
        or max(map(len, text.split("\n"))) >= _LONGEST_LINE
    )
