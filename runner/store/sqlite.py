"""The decision store in one SQLite file, for one process: one connection writes, the others only read.

Durable means synced to disk when the transaction's block ends. Knows no rule about escalations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.store import sqlite_statements as sql
from runner.store.port import Reader, StoreError, Transaction
from runner.store.sqlite_file import SqliteFile, parse_url, version_notices
from runner.store.sqlite_reader import SqliteReader
from runner.store.sqlite_transaction import SqliteTransaction

__all__ = ["SqliteStore"]


class SqliteStore:
    """See `runner.store.port.Store`. Made by `open`."""

    def __init__(self, file: SqliteFile, workspace: str) -> None:
        if not workspace:
            raise StoreError("a workspace needs a name", "leave it out for `default`")
        self._file = file
        self._closed = False
        with file.write() as session:
            session.run(sql.WORKSPACE_ADD, workspace)
            self._workspace: int = session.row(sql.WORKSPACE_ID, workspace)[0]
        file.retain()

    @classmethod
    def open(cls, location: str | Path, workspace: str = "default") -> SqliteStore:
        """Open the file at a path or URL `sqlite:///FILE`; it is made if there is none, its folder is not.

        Raises `StoreError` if another process holds it, if it is not a store, or was written by a newer version.
        """
        file = SqliteFile(parse_url(location))
        file.retain()
        try:
            return cls(file, workspace)
        finally:
            file.release()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    @property
    def notices(self) -> tuple[str, ...]:
        """See the port."""
        return version_notices(sqlite3.sqlite_version_info)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See the port."""
        self._refuse_closed()
        with self._file.write() as session:
            yield SqliteTransaction(session, self._workspace)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """See the port."""
        self._refuse_closed()
        with self._file.read() as session:
            yield SqliteReader(session, self._workspace)

    def workspace(self, name: str) -> SqliteStore:
        """See the port."""
        self._refuse_closed()
        return SqliteStore(self._file, name)

    def close(self) -> None:
        """See the port."""
        if not self._closed:
            self._file.release()
            self._closed = True

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"the store {self._file.path} is closed", "open it again")
