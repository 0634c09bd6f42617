"""The persisted queue of webhooks: who is to be told of which ticket, in which order, and when to try again.

Rows are added in the transaction of the change they tell of and go only when a receiver has taken them, so a webhook
may come twice but is not lost. Contract time never enters: waiting is on machine time.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from runner.helpdesk.local.database import Database

__all__ = ["Delivery", "Queue", "Subscription"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A receiver of all webhooks."""

    id: int
    url: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook to one receiver; `queued_at` is in machine seconds.

    `attempts` counts how often this one failed, `failures` how often in a row the receiver was away.
    """

    id: int
    subscription: int
    url: str
    ticket: int
    body: bytes
    attempts: int
    failures: int
    queued_at: float


class Queue:
    """The queue in a database; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, url: str) -> Subscription:
        """Add a receiver; the same address again is the same subscription and changes nothing."""
        with self._database.transaction() as cursor:
            added = cursor.execute(
                "INSERT INTO subscription (url, failures, retry_at) VALUES (?, 0, 0.0) ON CONFLICT DO NOTHING", (url,)
            ).rowcount
            if added:
                cursor.execute("UPDATE counter SET progress = progress + 1")
            row = cursor.execute("SELECT id FROM subscription WHERE url = ?", (url,)).fetchone()
        return Subscription(row[0], url)

    def unsubscribe(self, url: str) -> bool:
        """Remove a receiver and what still waits for it; whether there was one."""
        with self._database.transaction() as cursor:
            row = cursor.execute("SELECT id FROM subscription WHERE url = ?", (url,)).fetchone()
            if row is None:
                return False
            cursor.execute("DELETE FROM delivery WHERE subscription = ?", row)
            cursor.execute("DELETE FROM subscription WHERE id = ?", row)
            cursor.execute("UPDATE counter SET progress = progress + 1")
        return True

    @staticmethod
    def enqueue(cursor: sqlite3.Cursor, ticket: int, body: bytes, now: float) -> None:
        """Add one webhook for every receiver, inside the caller's transaction. `now` is in machine seconds."""
        cursor.execute(
            "INSERT INTO delivery (subscription, ticket, body, attempts, queued_at, retry_at)"
            " SELECT id, ?, ?, 0, ?, ? FROM subscription",
            (ticket, body, now, now),
        )

    def due(self, now: float, limit: int) -> tuple[Delivery, ...]:
        """What may be sent now: per receiver and ticket only the oldest, fresh ones before those that failed."""
        with self._database.reading() as cursor:
            rows = cursor.execute(
                "SELECT d.id, d.subscription, s.url, d.ticket, d.body, d.attempts, s.failures, d.queued_at"
                " FROM delivery d JOIN subscription s ON s.id = d.subscription"
                " WHERE s.retry_at <= :now AND d.retry_at <= :now AND NOT EXISTS (SELECT 1 FROM delivery e"
                "  WHERE e.subscription = d.subscription AND e.ticket = d.ticket AND e.id < d.id)"
                " ORDER BY d.attempts, d.id LIMIT :limit",
                {"now": now, "limit": limit},
            ).fetchall()
        return tuple(Delivery(*row) for row in rows)

    def next_due(self) -> float | None:
        """The machine second at which something may be sent, or None when nothing waits."""
        with self._database.reading() as cursor:
            row = cursor.execute(
                "SELECT min(max(s.retry_at, d.retry_at)) FROM delivery d JOIN subscription s ON s.id = d.subscription"
                " WHERE NOT EXISTS (SELECT 1 FROM delivery e"
                "  WHERE e.subscription = d.subscription AND e.ticket = d.ticket AND e.id < d.id)"
            ).fetchone()
        return None if row[0] is None else float(row[0])

    def taken(self, delivery: Delivery) -> None:
        """The receiver has it, or it is given up: remove it. The receiver counts as well again."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM delivery WHERE id = ?", (delivery.id,))
            cursor.execute(
                "UPDATE subscription SET failures = 0, retry_at = 0.0 WHERE id = ?", (delivery.subscription,)
            )
            cursor.execute("UPDATE counter SET progress = progress + 1")

    def failed(self, delivery: Delivery, retry_at: float, *, receiver_is_down: bool) -> None:
        """Try again at `retry_at` (machine seconds); if the receiver is down, everything else of it waits too."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "UPDATE delivery SET attempts = attempts + 1, retry_at = ? WHERE id = ?", (retry_at, delivery.id)
            )
            if receiver_is_down:
                cursor.execute(
                    "UPDATE subscription SET failures = failures + 1, retry_at = ? WHERE id = ?",
                    (retry_at, delivery.subscription),
                )
            cursor.execute("UPDATE counter SET progress = progress + 1")

    def undelivered(self) -> int:
        """How many webhooks no receiver has taken yet, those being sent just now included."""
        with self._database.reading() as cursor:
            return int(cursor.execute("SELECT count(*) FROM delivery").fetchone()[0])
