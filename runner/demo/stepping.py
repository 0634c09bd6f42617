"""Stepped time over HTTP: moving the clocks of a helpdesk and a runner together, and knowing when both have settled.

Contract time only moves when nothing waits to be done; machine time is never mixed in, it only bounds the waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from runner.clock import RealClocks
from runner.contract.values import format_instant, parse_instant

__all__ = ["NotSettled", "Stepper"]

_QUEUES = ("inbox", "outbox_ready", "outbox_leased", "outbox_waiting", "hints")
_LOOK_SECONDS = 0.2
"""How long the runner may wait for its own rest before it answers; webhooks are looked at in between."""


class NotSettled(Exception):
    """A service did not come to rest in time, or is gone; the message says what still waits."""


class Stepper:
    """Moves both clocks. `now` is the instant that both show."""

    def __init__(
        self, runner_url: str, helpdesk_url: str, control_token: str, start: datetime, *, patience_seconds: float = 60.0
    ) -> None:
        headers = {"X-Control-Token": control_token}
        self._runner = httpx.Client(base_url=runner_url, headers=headers, timeout=30, trust_env=False)
        self._helpdesk = httpx.Client(base_url=helpdesk_url, headers=headers, timeout=30, trust_env=False)
        self._clocks = RealClocks()
        self._patience = patience_seconds
        self._last: Mapping[str, Any] = {}
        self.now = start

    def close(self) -> None:
        """Close its connections."""
        self._runner.close()
        self._helpdesk.close()

    def move(self, instant: datetime, *, hold: bool = False) -> None:
        """Set both clocks, the helpdesk's first; with `hold` the runner handles no deadline until the next move."""
        now = format_instant(instant)
        self._set(self._helpdesk, {"now": now})
        self._set(self._runner, {"now": now, "hold": hold})
        self.now = instant

    def settle(self) -> None:
        """Wait until nothing waits to be done on either side, seen twice with unchanged counters.

        Raises NotSettled after the patience, naming what waits.
        """
        end = self._clocks.monotonic_seconds() + self._patience
        quiet: tuple[object, object] | None = None
        while True:
            runner, desk = self._pending(self._runner, wait=_LOOK_SECONDS), self._pending(self._helpdesk)
            waiting = self._waiting(desk, runner)
            counters = (desk["progress"], runner["progress"])
            if not waiting and quiet == counters:
                self._last = runner
                return
            quiet = counters if not waiting else None
            if self._clocks.monotonic_seconds() > end:
                raise NotSettled(f"at {format_instant(self.now)} this still waits: {', '.join(waiting) or 'changes'}")

    def next_instant(self) -> datetime | None:
        """The next instant at which the runner has something to do, as of the last `settle`; None if it has nothing."""
        instants = [self._last.get(name) for name in ("next_deadline", "next_watch", "next_roster")]
        return min((parse_instant(each) for each in instants if each is not None), default=None)

    def _waiting(self, desk: Mapping[str, Any], runner: Mapping[str, Any]) -> list[str]:
        waiting = [f"{runner[queue]} in {queue}" for queue in _QUEUES if runner[queue]]
        if not waiting and not runner["resting"]:
            due = ", ".join(str(runner[name]) for name in ("next_deadline", "next_watch", "next_roster"))
            waiting.append(f"what is due: {due}")
        if desk["undelivered_webhooks"]:
            waiting.append(f"{desk['undelivered_webhooks']} undelivered webhooks")
        return waiting

    def _set(self, client: httpx.Client, body: Mapping[str, object]) -> None:
        try:
            answer = client.put("/clock", json=body)
        except httpx.HTTPError as error:
            raise NotSettled(f"{client.base_url} does not answer: {type(error).__name__}") from None
        if not answer.is_success:
            raise NotSettled(f"{client.base_url} refuses the clock: {answer.text[:300]}")

    def _pending(self, client: httpx.Client, *, wait: float | None = None) -> Mapping[str, Any]:
        try:
            answer = client.get("/pending", params={"wait": wait} if wait is not None else None)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise NotSettled(f"{client.base_url} does not answer: {type(error).__name__}") from None
        found: Mapping[str, Any] = answer.json()
        return found
