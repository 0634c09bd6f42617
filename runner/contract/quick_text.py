"""Texts in which nothing but plain values is filled in, which nearly all are: filled in without the library of Liquid.

Gives what the library gives, and gives None wherever that is not beyond all doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["quickly_rendered"]

_QUOTED: Final = r"(\"[^\"{}\\]*\"|'[^'{}\\]*')"
_OUTPUT: Final = re.compile(
    r"\{\{ *([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+) *"
    rf"(?:\| *default *: *{_QUOTED} *)?(?:\| *remove_first *: *{_QUOTED} *)?\}}\}}"
)
_DOUBTFUL: Final = re.compile(r"[{}\r]")
"""In the text between outputs: other marks of Liquid, and ends of lines that the library writes otherwise."""
_UNSAID: Final = re.compile("[\r\ud800-\udfff]")
"""In values: the same ends of lines, and halves of characters, which no message can hold."""
_MEANT_OTHERWISE: Final = frozenset((
    "and", "as", "blank", "by", "contains", "cols", "else", "empty", "false", "first", "for", "if", "in", "last",
    "limit", "nil", "not", "null", "offset", "or", "reversed", "size", "true", "unless", "with",
))  # fmt: skip
"""Names that mean something to the library, wherever they stand."""
_SHOWN: Final = (int, float)
_SHORT: Final = 4_000
"""Characters up to which no text is too long, whatever they are."""


class _Output(NamedTuple):
    """A value to fill in; `default` stands where there is none, None: there has to be one. `less` is taken out once."""

    path: tuple[str, ...]
    default: str | None
    less: str


def quickly_rendered(text: str, context: Mapping[str, object], shown: Callable[[str], str] | None = None) -> str | None:
    """The text with its values filled in, as `shown` writes them; None if the library has to say what comes of it."""
    parts = _parts(text)
    if parts is None:
        return None
    said = []
    for part in parts:
        if isinstance(part, str):
            said.append(part)
            continue
        value = _value(part, context, shown)
        if value is None:
            return None
        said.append(value.replace(part.less, "", 1))
    whole = "".join(said)
    return whole if len(whole) <= _SHORT and not _UNSAID.search(whole) else None


def _value(output: _Output, context: Mapping[str, object], shown: Callable[[str], str] | None) -> str | None:
    value: object = context
    for name in output.path:
        if type(value) is not dict:
            return None
        if name not in value:
            return output.default
        value = value[name]
    if type(value) is str:
        return (value if shown is None else shown(value)) or None
    return str(value) if type(value) in _SHOWN else None


@lru_cache(maxsize=2048)
def _parts(text: str) -> tuple[str | _Output, ...] | None:
    """What a text consists of, in order; None if it holds more than texts and plain outputs."""
    found: list[str | _Output] = []
    end = 0
    for match in _OUTPUT.finditer(text):
        path = tuple(match[1].split("."))
        if not _MEANT_OTHERWISE.isdisjoint(path):
            return None
        default = match[2][1:-1] if match[2] is not None else None
        found += (text[end : match.start()], _Output(path, default, (match[3] or "''")[1:-1]))
        end = match.end()
    found.append(text[end:])
    between = (part for part in found if isinstance(part, str))
    return None if any(_DOUBTFUL.search(part) for part in between) else tuple(part for part in found if part)
