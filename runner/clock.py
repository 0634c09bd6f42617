"""The only place that reads a clock.

Two clocks stand behind one port and are never mixed: the *contract clock* gives the `now` of the engine and of ticket
times; the *machine clock* gives the time of leases, back-off, HTTP time-outs and the watchdog. Everything else gets a
`Clocks` handed in; a lint rule bans clock reads elsewhere.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["ClockWentBackError", "Clocks", "RealClocks", "SteppedClocks"]


class Clocks(Protocol):
    """Both clocks of a process."""

    def now(self) -> datetime:
        """Contract time: an aware UTC instant."""
        ...

    def machine_seconds(self) -> float:
        """Machine time in seconds since the epoch; for leases and back-off, which other processes also read."""
        ...

    def monotonic_seconds(self) -> float:
        """Machine time in seconds from an arbitrary start, never going back; for measuring how long something took."""
        ...


class RealClocks:
    """Contract time is wall time."""

    def now(self) -> datetime:
        """Wall time, UTC."""
        return datetime.now(UTC)

    def machine_seconds(self) -> float:
        """Wall time in seconds since the epoch."""
        return time.time()

    def monotonic_seconds(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


class ClockWentBackError(ValueError):
    """Someone tried to set a stepped clock to an earlier instant."""


class SteppedClocks(RealClocks):
    """Contract time stands still until somebody sets it; machine time runs on.

    Thread-safe. `set` refuses to go back with `ClockWentBackError`, and time is then unchanged.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a contract clock needs an aware instant")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant last set, UTC."""
        with self._lock:
            return self._now

    def set(self, instant: datetime) -> None:
        """Move contract time forward to `instant` (aware)."""
        with self._lock:
            if instant < self._now:
                raise ClockWentBackError(
                    f"the clock stands at {self._now.isoformat()}, {instant.isoformat()} is earlier"
                )
            self._now = instant.astimezone(UTC)
