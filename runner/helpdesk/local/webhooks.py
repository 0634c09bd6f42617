"""Sending the queue of webhooks: one thread, signed, at least once, in order per ticket.

It decides when to try again and when to give up; what waits is in the queue. Machine time only.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from runner.clock import Clocks
from runner.helpdesk.local.queue import Delivery, Queue

__all__ = ["DELIVERY_HEADER", "SIGNATURE_HEADER", "Deliverer", "RetrySchedule", "signature"]

SIGNATURE_HEADER = "X-Helpdesk-Signature"
DELIVERY_HEADER = "X-Helpdesk-Delivery"

_BATCH = 50  # between two looks at the queue, so that a fresh webhook does not wait behind many failing ones
_BODY_AT_MOST = 64 * 1024  # of an answer, read only so that the connection can be used again
_TAKEN = frozenset(range(200, 300))
_DOWN = frozenset({408, 429, 502, 503, 504})  # the receiver as a whole is away; other answers concern one webhook

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Doubling waits in machine seconds. The defaults try for two days, as the large helpdesks do."""

    first_seconds: float = 0.25
    most_seconds: float = 60.0
    give_up_after_seconds: float = 48 * 3600.0

    def wait_seconds(self, attempts: int, jitter: float) -> float:
        """The wait after `attempts` failures; `jitter` from 0 to 1 spreads it over the upper half."""
        full = min(self.most_seconds, self.first_seconds * 2.0 ** min(attempts, 30))
        return full * (0.5 + 0.5 * jitter)


def signature(secret: str, body: bytes) -> str:
    """The value of the signature header for these exact bytes: `sha256=` and the HMAC-SHA256 in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Deliverer:
    """The sending thread. `start` once; `wake` after something was queued; `stop` waits for what is being sent."""

    def __init__(
        self,
        queue: Queue,
        clocks: Clocks,
        secret: str,
        *,
        timeout_seconds: float = 5.0,
        schedule: RetrySchedule | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self._queue = queue
        self._clocks = clocks
        self._secret = secret
        self._schedule = schedule or RetrySchedule()
        self._jitter = jitter or random.SystemRandom().random
        self._client = httpx.Client(timeout=timeout_seconds, trust_env=False)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks")

    def start(self) -> None:
        """Begin to send what waits."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def stop(self) -> None:
        """Send nothing new and wait for the thread; at most about one time-out."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self.send_due()
            except Exception:  # noqa: BLE001 - one bad moment must not end the thread
                _log.exception("webhooks could not be sent")
                wait = self._schedule.most_seconds
            if not self._stopping.is_set():
                self._wake.wait(wait)

    def send_due(self) -> float | None:
        """Send what is due, once; returns the seconds until there is more to do, None when nothing waits."""
        down: set[int] = set()
        for delivery in self._queue.due(self._clocks.machine_seconds(), _BATCH):
            if self._stopping.is_set():
                break
            if delivery.subscription not in down and not self._send(delivery):
                down.add(delivery.subscription)
        due = self._queue.next_due()
        return None if due is None else max(0.0, due - self._clocks.machine_seconds())

    def _send(self, delivery: Delivery) -> bool:
        """Send one and settle it; False when its receiver is down."""
        status = self._post(delivery)
        if status in _TAKEN:
            self._queue.taken(delivery)
            return True
        now = self._clocks.machine_seconds()
        if now - delivery.queued_at > self._schedule.give_up_after_seconds:
            _log.error(
                "webhook %d for T-%d given up after %d attempts", delivery.id, delivery.ticket, delivery.attempts
            )
            self._queue.taken(delivery)
            return True
        down = status is None or status in _DOWN
        wait = self._schedule.wait_seconds(delivery.failures if down else delivery.attempts, self._jitter())
        self._queue.failed(delivery, now + wait, receiver_is_down=down)
        return not down

    def _post(self, delivery: Delivery) -> int | None:
        """The status of the answer, or None when there was none."""
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: signature(self._secret, delivery.body),
            DELIVERY_HEADER: str(delivery.id),
        }
        try:
            with self._client.stream("POST", delivery.url, content=delivery.body, headers=headers) as response:
                length = response.headers.get("content-length", "")
                if length.isdecimal() and int(length) <= _BODY_AT_MOST:
                    response.read()
                return response.status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
