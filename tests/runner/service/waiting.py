"""Waiting for something that another thread or process brings about, within a bound."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 20.0


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail when it does not within the patience."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.002)
