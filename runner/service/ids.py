"""Identifiers: time-ordered UUIDv7 on the contract clock, and salts. Seeded in stepped time, so that runs repeat."""

from __future__ import annotations

import hashlib
import random
import secrets
import threading
import uuid
from datetime import datetime

__all__ = ["Ids", "text_digest"]


class Ids:
    """Makes ids and salts; thread-safe.

    Ids of one process rise even within a millisecond. With a `seed` everything is repeatable, which is for stepped time
    only; `run` counts the starts over the same store, so that a restart at the same instant makes other ids.
    """

    def __init__(self, seed: int | None = None, run: int = 0) -> None:
        self._seed = seed
        self._random = secrets.SystemRandom() if seed is None else random.Random(f"{seed}/{run}")  # noqa: S311 - see above
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self, now: datetime) -> str:
        """A UUIDv7 for the contract instant `now`."""
        millisecond = int(now.timestamp() * 1000)
        with self._lock:
            last, count = self._last
            millisecond = max(millisecond, last)
            count = count + 1 if millisecond == last else 0
            if count > 0xFFF:  # noqa: PLR2004 - twelve bits of counter
                millisecond, count = millisecond + 1, 0
            self._last = (millisecond, count)
            tail = self._random.getrandbits(62)
        value = (millisecond << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | tail
        return str(uuid.UUID(int=value))

    def salt(self) -> bytes:
        """Sixteen bytes."""
        with self._lock:
            return self._random.getrandbits(128).to_bytes(16, "big")

    def salt_for(self, key: str) -> bytes:
        """Sixteen bytes for a text that an effect brings back; with a seed they follow from it and the effect's key,
        since effects are done in no order.
        """
        return self.salt() if self._seed is None else hashlib.sha256(f"{self._seed}/{key}".encode()).digest()[:16]


def text_digest(salt: bytes, text: str) -> str:
    """The salted digest that stands for a text in the record: SHA-256, hexadecimal."""
    return hashlib.sha256(salt + text.encode()).hexdigest()
