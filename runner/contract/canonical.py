"""Canonical JSON and digests: the one byte form in which contracts, rosters and decisions are hashed.

UTF-8, sorted keys, no spaces, no floats that JSON cannot carry; numbers with a fraction appear only where a ticket
field has them.
"""

from __future__ import annotations

import hashlib
import json

__all__ = ["canonical", "digest_of"]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: object) -> bytes:
    """The canonical bytes of JSON data; raises ValueError for NaN and TypeError for what JSON has not."""
    return _encode(value).encode()


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
