"""The SQLite file of the local helpdesk: opening, numbered schema versions, and one transaction at a time.

One read-write connection holds the file exclusively, so a second process is refused instead of sharing it, and a file
of another program or of a newer version is refused without being touched.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["SCHEMA_VERSION", "Database", "StoreError"]

_APPLICATION_ID = 0x53484431  # "SHD1", in the header of the file (sqlite.org/fileformat2.html, offset 68)
_BUSY_SECONDS = 1.0  # a process that was just killed may hold its lock for a moment

_VERSION_1 = (
    # A deleted ticket keeps its row, so that its number is never given out again and its history can be read.
    """CREATE TABLE ticket (
        number INTEGER PRIMARY KEY, version INTEGER NOT NULL, change INTEGER NOT NULL UNIQUE,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL, fields TEXT NOT NULL, deleted INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE entry (
        id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL REFERENCES ticket (number), version INTEGER NOT NULL,
        at TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX entry_of_ticket ON entry (ticket, id)",
    """CREATE TABLE write_key (
        key TEXT PRIMARY KEY, digest BLOB NOT NULL, ticket INTEGER NOT NULL, version INTEGER NOT NULL,
        changed TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE subscription (
        id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, failures INTEGER NOT NULL, retry_at REAL NOT NULL
    ) STRICT""",
    # queued_at and retry_at are machine seconds since the epoch.
    """CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT, subscription INTEGER NOT NULL REFERENCES subscription (id),
        ticket INTEGER NOT NULL, body BLOB NOT NULL, attempts INTEGER NOT NULL, queued_at REAL NOT NULL,
        retry_at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX delivery_of_ticket ON delivery (subscription, ticket, id)",
    # changes numbers the change feed; progress counts everything that happened; store tells two files apart.
    "CREATE TABLE counter (changes INTEGER NOT NULL, progress INTEGER NOT NULL, store TEXT NOT NULL) STRICT",
    "INSERT INTO counter VALUES (0, 0, '')",
)
_MIGRATIONS = (_VERSION_1,)
SCHEMA_VERSION = len(_MIGRATIONS)


class StoreError(Exception):
    """The file cannot be used; the message says why and what to do."""


class Database:
    """An open file. Thread-safe: transactions wait for one another. Raises `StoreError` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise StoreError(f"the folder {path.parent} does not exist: create it or name another file")
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be opened ({error}): check that it may be written") from None
        try:
            self._prepare(path)
        except sqlite3.Error as error:
            self._connection.close()
            raise StoreError(_explain(path, error)) from None
        except StoreError:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """Everything done with the cursor is committed at the end, durably, or not at all if it raises."""
        with self._lock:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """One consistent view; nothing may be written with this cursor."""
        with self._lock:
            cursor = self._connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()

    def _prepare(self, path: Path) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        written = int(run("PRAGMA user_version").fetchone()[0])
        application = int(run("PRAGMA application_id").fetchone()[0])
        empty = run("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if application != _APPLICATION_ID and not (empty and application == 0 and written == 0):
            raise StoreError(f"{path} is a database of another program: name a file of the local helpdesk or a new one")
        if written > SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by a newer version (schema {written}, this program knows {SCHEMA_VERSION}): "
                "install that version or name another file"
            )
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA foreign_keys = ON")
        self._migrate(written)

    def _migrate(self, written: int) -> None:
        with self.transaction() as cursor:
            for version, statements in enumerate(_MIGRATIONS[written:], start=written + 1):
                for statement in statements:
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {version}")
            if written == 0:
                cursor.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                cursor.execute("UPDATE counter SET store = ?", (secrets.token_hex(8),))


def _explain(path: Path, error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is in use by another process: stop that one or name another file"
    if "not a database" in text or "malformed" in text:
        return f"{path} is not a database or is damaged ({text}): name another file or restore a copy"
    return f"{path} cannot be used ({text}): check that the file and its folder may be written"
