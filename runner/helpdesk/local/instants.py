"""How instants are written on the wire and in the store: UTC with microseconds, `2026-03-02T09:00:00.000000Z`.

It accepts only aware instants; one without a zone is refused rather than guessed.
"""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["read_instant", "write_instant"]


def write_instant(instant: datetime) -> str:
    """Write an aware instant; the texts of two instants sort as the instants do."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with a zone; raises `ValueError` with a sentence for people."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{text[:40]!r} is not an instant: write it like 2026-03-02T09:00:00Z, with its zone")
