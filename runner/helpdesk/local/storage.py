"""Tickets, their history and comments, in the store of the local helpdesk.

Every write is one transaction that holds the change, its history, its idempotency key and its webhooks. Values must
have been checked before; nothing here knows of HTTP.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.clock import Clocks
from runner.helpdesk.local.database import Database
from runner.helpdesk.local.instants import write_instant
from runner.helpdesk.local.queue import Queue
from runner.helpdesk.local.values import BadValueError, FieldJson, compact

__all__ = [
    "MERGED",
    "Changes",
    "Entry",
    "KeyReusedError",
    "NoTicketError",
    "Origin",
    "Row",
    "Storage",
    "VersionError",
    "Written",
    "ticket_name",
    "ticket_number",
]

MERGED = "merged_into"
"""The field that says of which ticket one has become part; only merging writes it."""
_FIRST_NUMBER = 1000
_NAME = re.compile(r"T-([1-9][0-9]{0,17})")

_LIVE = (
    "SELECT number, version, change, created_at, updated_at, fields, deleted FROM ticket"
    " WHERE number = ? AND deleted = 0"
)
_CHANGED = (
    "SELECT number, version, change, created_at, updated_at, fields, deleted FROM ticket"
    " WHERE change > ? AND updated_at > ? ORDER BY change LIMIT ?"
)
_NEWEST = (
    "SELECT number, version, change, created_at, updated_at, fields, deleted FROM ticket"
    " WHERE deleted = 0 AND (?1 IS NULL OR change < ?1) ORDER BY change DESC LIMIT ?2"
)


class NoTicketError(LookupError):
    """There is no such ticket, or not any more."""


class VersionError(Exception):
    """The ticket does not have the expected version; nothing was written."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the ticket is at version {version}: read it again and decide anew")
        self.version = version


class KeyReusedError(Exception):
    """The idempotency key belongs to another write; nothing was written."""


def ticket_name(number: int) -> str:
    """How a ticket is called outside: T-1000."""
    return f"T-{number}"


def ticket_number(name: str) -> int:
    """The number of a ticket called so; raises `NoTicketError` for what no ticket can be called."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise NoTicketError(name)
    return int(match[1])


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, and under which idempotency key (None: without)."""

    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: the version it brought about and the fields it changed (none: nothing was to be done)."""

    number: int
    version: int
    changed: tuple[str, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as stored; `change` is its place in the change feed."""

    number: int
    version: int
    change: int
    created_at: str
    updated_at: str
    fields: Mapping[str, FieldJson]
    deleted: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's history; `detail` holds field, old, new or text, public, by kind."""

    at: str
    actor: str
    kind: str
    version: int
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of the change feed, oldest first; `last` is where it ends."""

    rows: tuple[Row, ...]
    last: int
    more: bool


class Storage:
    """The tickets; thread-safe. `on_change` is called after every commit that queued a webhook.

    `identity` tells this store from every other one.
    """

    def __init__(self, database: Database, clocks: Clocks, on_change: Callable[[], None]) -> None:
        self._database = database
        self._clocks = clocks
        self._on_change = on_change
        with database.reading() as cursor:
            self.identity = str(cursor.execute("SELECT store FROM counter").fetchone()[0])

    def create(self, origin: Origin, fields: Mapping[str, FieldJson], created_at: datetime | None = None) -> Written:
        """A new ticket. `created_at` is for tickets that are older than this helpdesk; it may not be in the future."""
        digest = _digest(origin, "create", None, [fields, created_at and write_instant(created_at)])
        with self._database.transaction() as cursor:
            if done := _replayed(cursor, origin, digest):
                return done
            now = self._clocks.now()
            if created_at is not None and created_at > now:
                raise BadValueError(f"created_at is later than now, which is {write_instant(now)}")
            kept = {name: value for name, value in fields.items() if value is not None}
            number = cursor.execute("SELECT coalesce(max(number) + 1, ?) FROM ticket", (_FIRST_NUMBER,)).fetchone()[0]
            change = _count(cursor)
            born, at = write_instant(created_at or now), write_instant(now)
            cursor.execute("INSERT INTO ticket VALUES (?, 1, ?, ?, ?, ?, 0)", (number, change, born, at, compact(kept)))
            entries = [("created", {}), *(("field", _moved(name, None, kept[name])) for name in sorted(kept))]
            _record(cursor, Row(number, 1, change, born, at, kept, deleted=False), origin, entries, at=born)
            self._announce(cursor, number, 1, at, origin)
            written = _remember(cursor, origin, digest, Written(number, 1, tuple(sorted(kept))))
        self._on_change()
        return written

    def change(self, origin: Origin, number: int, fields: Mapping[str, FieldJson], expect: int | None) -> Written:
        """Set fields; None clears one. Raises `NoTicketError`, `VersionError`, `KeyReusedError`."""
        digest = _digest(origin, "change", number, fields)
        with self._database.transaction() as cursor:
            if done := _replayed(cursor, origin, digest):
                return done
            row = _live(cursor, number)
            if expect is not None and expect != row.version:
                raise VersionError(row.version)
            changed = tuple(sorted(name for name, value in fields.items() if _differs(row.fields.get(name), value)))
            if not changed:
                return _remember(cursor, origin, digest, Written(number, row.version, ()))
            merged = {name: value for name, value in {**row.fields, **fields}.items() if value is not None}
            entries = [("field", _moved(name, row.fields.get(name), fields[name])) for name in changed]
            version = self._move(cursor, row, origin, entries, fields=merged)
            written = _remember(cursor, origin, digest, Written(number, version, changed))
        self._on_change()
        return written

    def merge(self, origin: Origin, number: int, into: int) -> Written:
        """Make a ticket part of another. Raises `NoTicketError`, `BadValueError`, `KeyReusedError`."""
        digest = _digest(origin, "merge", number, into)
        with self._database.transaction() as cursor:
            if done := _replayed(cursor, origin, digest):
                return done
            row, other = _live(cursor, number), _live(cursor, into)
            if number == into:
                raise BadValueError("a ticket cannot be merged into itself: name another one")
            for each in (row, other):
                if MERGED in each.fields:
                    name = ticket_name(each.number)
                    raise BadValueError(f"{name} is part of {each.fields[MERGED]} already: merge that one")
            name = ticket_name(into)
            entries = [("field", _moved(MERGED, None, name))]
            version = self._move(cursor, row, origin, entries, fields={**row.fields, MERGED: name})
            written = _remember(cursor, origin, digest, Written(number, version, (MERGED,)))
        self._on_change()
        return written

    def comment(self, origin: Origin, number: int, text: str, *, public: bool) -> Written:
        """Add a comment. Raises `NoTicketError`, `KeyReusedError`."""
        digest = _digest(origin, "comment", number, [text, public])
        with self._database.transaction() as cursor:
            if done := _replayed(cursor, origin, digest):
                return done
            row = _live(cursor, number)
            version = self._move(cursor, row, origin, [("comment", {"text": text, "public": public})])
            written = _remember(cursor, origin, digest, Written(number, version, ()))
        self._on_change()
        return written

    def delete(self, origin: Origin, number: int) -> Written:
        """Take a ticket away for good; its history stays. Raises `NoTicketError`."""
        with self._database.transaction() as cursor:
            row = _live(cursor, number)
            version = self._move(cursor, row, origin, [("deleted", {})], deleted=True)
        self._on_change()
        return Written(number, version, ())

    def get(self, number: int) -> Row:
        """One ticket. Raises `NoTicketError`."""
        with self._database.reading() as cursor:
            return _live(cursor, number)

    def history(self, number: int, limit: int) -> tuple[Entry, ...]:
        """The newest `limit` entries, newest last, of a deleted ticket too. Raises `NoTicketError`."""
        with self._database.reading() as cursor:
            if cursor.execute("SELECT 1 FROM ticket WHERE number = ?", (number,)).fetchone() is None:
                raise NoTicketError(number)
            rows = cursor.execute(
                "SELECT at, actor, kind, version, detail FROM entry WHERE ticket = ? ORDER BY id DESC LIMIT ?",
                (number, limit),
            ).fetchall()
        return tuple(Entry(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in reversed(rows))

    def changes(self, after: int, limit: int, updated_after: datetime | None = None) -> Changes:
        """Tickets by their last change after the change number `after`; deleted ones are marked, not left out."""
        since = "" if updated_after is None else write_instant(updated_after)
        with self._database.reading() as cursor:
            rows = cursor.execute(_CHANGED, (after, since, limit + 1)).fetchall()
            end = cursor.execute("SELECT changes FROM counter").fetchone()[0]
        found = tuple(_row(values) for values in rows[:limit])
        more = len(rows) > limit
        return Changes(found, found[-1].change if more else end, more)

    def newest(self, before: int | None, limit: int) -> tuple[Row, ...]:
        """Live tickets, the last changed first, below the change number `before` (None: from the top)."""
        with self._database.reading() as cursor:
            rows = cursor.execute(_NEWEST, (before, limit)).fetchall()
        return tuple(_row(values) for values in rows)

    def find_by_key(self, key: str) -> tuple[Row, ...]:
        """The live ticket that a write with this key took effect on, if there is one."""
        with self._database.reading() as cursor:
            found = cursor.execute("SELECT ticket FROM write_key WHERE key = ?", (key,)).fetchone()
            values = None if found is None else cursor.execute(_LIVE, found).fetchone()
        return () if values is None else (_row(values),)

    def progress(self) -> int:
        """A number that rises with everything that happens here."""
        with self._database.reading() as cursor:
            return int(cursor.execute("SELECT progress FROM counter").fetchone()[0])

    def last_change(self) -> int:
        """The number of the newest change."""
        with self._database.reading() as cursor:
            return int(cursor.execute("SELECT changes FROM counter").fetchone()[0])

    def _move(
        self,
        cursor: sqlite3.Cursor,
        row: Row,
        origin: Origin,
        entries: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        fields: Mapping[str, FieldJson] | None = None,
        deleted: bool = False,
    ) -> int:
        """Bring a ticket to its next version, with history and webhooks; returns that version."""
        at = max(write_instant(self._clocks.now()), row.updated_at)  # a wall clock may be set back; a ticket's time not
        kept = row.fields if fields is None else fields
        moved = Row(row.number, row.version + 1, _count(cursor), row.created_at, at, kept, deleted)
        cursor.execute(
            "UPDATE ticket SET version = ?, change = ?, updated_at = ?, fields = ?, deleted = ? WHERE number = ?",
            (moved.version, moved.change, at, compact(dict(kept)), int(deleted), row.number),
        )
        _record(cursor, moved, origin, entries, at=at)
        self._announce(cursor, row.number, moved.version, at, origin)
        return moved.version

    def _announce(self, cursor: sqlite3.Cursor, number: int, version: int, at: str, origin: Origin) -> None:
        hint = {"ticket": ticket_name(number), "version": version, "at": at, "actor": origin.actor}
        Queue.enqueue(cursor, number, compact(hint).encode(), self._clocks.machine_seconds())


def _count(cursor: sqlite3.Cursor) -> int:
    """Number the next change. Changes are committed in the order of their numbers, so a reader never skips one."""
    row = cursor.execute(
        "UPDATE counter SET changes = changes + 1, progress = progress + 1 RETURNING changes"
    ).fetchone()
    return int(row[0])


def _row(values: tuple[Any, ...]) -> Row:
    number, version, change, created_at, updated_at, fields, deleted = values
    return Row(number, version, change, created_at, updated_at, json.loads(fields), bool(deleted))


def _live(cursor: sqlite3.Cursor, number: int) -> Row:
    values = cursor.execute(_LIVE, (number,)).fetchone()
    if values is None:
        raise NoTicketError(number)
    return _row(values)


def _differs(old: FieldJson, new: FieldJson) -> bool:
    return compact(old) != compact(new)  # unlike ==, it tells true from 1


def _moved(name: str, old: FieldJson, new: FieldJson) -> dict[str, Any]:
    return {"field": name, "old": old, "new": new}


def _record(
    cursor: sqlite3.Cursor, row: Row, origin: Origin, entries: Sequence[tuple[str, Mapping[str, Any]]], *, at: str
) -> None:
    cursor.executemany(
        "INSERT INTO entry (ticket, version, at, actor, kind, detail) VALUES (?, ?, ?, ?, ?, ?)",
        [(row.number, row.version, at, origin.actor, kind, compact(dict(detail))) for kind, detail in entries],
    )


def _digest(origin: Origin, operation: str, number: int | None, payload: object) -> bytes:
    """What a write asks for, without the version it expects: that is a condition, not an effect."""
    return hashlib.sha256(compact([origin.actor, operation, number, payload]).encode()).digest()


def _replayed(cursor: sqlite3.Cursor, origin: Origin, digest: bytes) -> Written | None:
    if origin.key is None:
        return None
    found = cursor.execute(
        "SELECT digest, ticket, version, changed FROM write_key WHERE key = ?", (origin.key,)
    ).fetchone()
    if found is None:
        return None
    if found[0] != digest:
        raise KeyReusedError("this key was used for another write: use a new key for a new write")
    return Written(found[1], found[2], tuple(json.loads(found[3])), replayed=True)


def _remember(cursor: sqlite3.Cursor, origin: Origin, digest: bytes, written: Written) -> Written:
    if origin.key is not None:
        cursor.execute(
            "INSERT INTO write_key VALUES (?, ?, ?, ?, ?)",
            (origin.key, digest, written.number, written.version, compact(list(written.changed))),
        )
    return written
