"""Who is logged in to the pages: short-lived random session ids, kept in memory and forgotten on restart.

A bearer token never goes into a cookie.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict

from runner.clock import Clocks

__all__ = ["Sessions"]

_AT_MOST = 1000  # more than the people of a local helpdesk; the oldest go first
_SECONDS = 12 * 3600.0  # a working day


class Sessions:
    """Sessions by id, on machine time. To be used from one thread."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._open: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def begin(self, actor: str) -> str:
        """Start a session; returns its id."""
        session = secrets.token_urlsafe(32)
        self._open[session] = (actor, self._clocks.machine_seconds() + _SECONDS)
        while len(self._open) > _AT_MOST:
            self._open.popitem(last=False)
        return session

    def actor(self, session: str | None) -> str | None:
        """Whose session this is; None when there is none or it has ended."""
        actor, until = self._open.get(session or "", (None, 0.0))
        return actor if self._clocks.machine_seconds() < until else None

    def end(self, session: str | None) -> None:
        """Forget a session."""
        self._open.pop(session or "", None)
