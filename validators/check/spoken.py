"""Times as people say them, for messages. Rounds nothing, and reads no clock."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

__all__ = ["how_long", "when"]

_UNITS: Final = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def how_long(seconds: int) -> str:
    """`3 days 15 hours`; `0 seconds` for nothing."""
    words = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(words) or "0 seconds"


def when(at: datetime, zone: tzinfo) -> str:
    """`Friday 2026-04-03 17:00 (Europe/Berlin)`, with seconds only where there are any."""
    local = at.astimezone(zone)
    clock = f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    return f"{_WEEKDAYS[local.weekday()]} {clock} ({zone})"
