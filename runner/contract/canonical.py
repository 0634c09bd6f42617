"""Canonical JSON and digests: the one byte form in which contracts, rosters and decisions are hashed.

UTF-8, sorted keys, no spaces, no floats that JSON cannot carry; numbers with a fraction appear only where a ticket
field has them, in the shortest form that reads back the same (a record writes `1e16` where a contract has `1e+16`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import orjson

__all__ = ["canonical", "canonical_encoder", "digest_of"]


def canonical_encoder(default: Callable[[object], object] | None = None) -> Callable[[object], bytes]:
    """An encoder to canonical bytes; `default` gives JSON data for what JSON has not, or raises TypeError.

    Meant for values that were validated: a number that is not finite must not get here, for it would read back as null.
    """
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
    at_length = _at_length(default)

    def encoded(value: object) -> bytes:
        try:
            return orjson.dumps(value, default=default, option=options)
        except TypeError:  # integers beyond 64 bits
            return at_length(value)

    return encoded


def _at_length(default: Callable[[object], object] | None = None) -> Callable[[object], bytes]:
    """The encoder of the standard library: slower, for numbers of any size, and it refuses what is not finite."""
    encode = json.JSONEncoder(
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        check_circular=False,  # what is written here is made of frozen models
        default=default,
    ).encode

    def encoded(value: object) -> bytes:
        return encode(value).encode()

    return encoded


_canonical = _at_length()


def canonical(value: object) -> bytes:
    """The canonical bytes of JSON data; raises ValueError for NaN and TypeError for what JSON has not."""
    return _canonical(value)


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
