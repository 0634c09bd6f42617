"""Canonical JSON and digests: the one byte form in which contracts, rosters and decisions are hashed.

UTF-8, sorted keys, no spaces, no floats that JSON cannot carry; numbers with a fraction appear only where a ticket
field has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

__all__ = ["canonical", "canonical_encoder", "digest_of"]


def canonical_encoder(default: Callable[[object], object] | None = None) -> Callable[[object], bytes]:
    """An encoder to canonical bytes; `default` gives JSON data for what JSON has not, or raises TypeError."""
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


_canonical = canonical_encoder()


def canonical(value: object) -> bytes:
    """The canonical bytes of JSON data; raises ValueError for NaN and TypeError for what JSON has not."""
    return _canonical(value)


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
