"""What a plain YAML scalar means: null, a boolean, a number or text, by the core schema of YAML 1.2.

Narrower in one point: `0o17` stays text, as `1:30`, `yes` and dates do. Knows neither positions nor a parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["BOOL", "FLOAT", "INT", "MAP", "NULL", "SEQ", "STR", "NumberOutOfRange", "resolve"]

_PREFIX = "tag:yaml.org,2002:"
NULL: Final = f"{_PREFIX}null"
BOOL: Final = f"{_PREFIX}bool"
INT: Final = f"{_PREFIX}int"
FLOAT: Final = f"{_PREFIX}float"
STR: Final = f"{_PREFIX}str"
SEQ: Final = f"{_PREFIX}seq"
MAP: Final = f"{_PREFIX}map"

_LARGEST = 2**63 - 1  # what every store and every JSON reader of the field can take as an integer
_MOST_DIGITS = len(str(_LARGEST))
_WORDS: Mapping[str, tuple[str, bool | None]] = MappingProxyType(
    dict.fromkeys(("", "~", "null", "Null", "NULL"), (NULL, None))
    | dict.fromkeys(("true", "True", "TRUE"), (BOOL, True))
    | dict.fromkeys(("false", "False", "FALSE"), (BOOL, False))
)
_NUMBER_STARTS = frozenset("0123456789+-.")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class NumberOutOfRange(ValueError):
    """The text is a number that a contract cannot hold: not finite, or an integer of more than 64 bits."""


def resolve(raw: str) -> tuple[str, str | int | float | bool | None]:
    """The tag and the value of a plain scalar; raises NumberOutOfRange."""
    word = _WORDS.get(raw)
    if word is not None:
        return word
    if raw[0] not in _NUMBER_STARTS:
        return STR, raw
    if _DECIMAL.fullmatch(raw):
        return INT, _integer(raw, 10)
    if _HEXADECIMAL.fullmatch(raw):
        return INT, _integer(raw.removeprefix("0x"), 16)
    if _FLOAT.fullmatch(raw):
        value = float(raw)
        if value in {float("inf"), float("-inf")}:
            raise NumberOutOfRange(raw)
        return FLOAT, value
    if _NOT_FINITE.fullmatch(raw):
        raise NumberOutOfRange(raw)
    return STR, raw


def _integer(text: str, base: int) -> int:
    """The number; its length is looked at first, since Python converts only so many digits."""
    digits = text.lstrip("+-").lstrip("0")
    value = int(digits or "0", base) if len(digits) <= _MOST_DIGITS else _LARGEST + 1
    if value > _LARGEST:
        raise NumberOutOfRange(text)
    return -value if text.startswith("-") else value
