"""The SQLite file: where it is, who holds it, its schema version, one connection that writes and others that cannot.

A file that is held by another process, belongs to another program or was written by a newer version is refused without
being touched. Every error of the database leaves here as a `StoreError` that says what to do.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, Final

from runner.store import sqlite_statements as sql
from runner.store.port import StoreError

__all__ = ["APART", "Session", "SqliteFile", "parse_url", "version_notices"]

APPLICATION_ID: Final = 0x53555231  # "SUR1", in the header of the file (sqlite.org/fileformat2.html, offset 68)
BUSY_SECONDS: Final = 5.0  # a backup may hold the file for a moment
_CACHE_KIB: Final = 16_384  # the upper pages of the indexes of a million open escalations
_WAL_LIMIT_BYTES: Final = 67_108_864  # a storm may grow the log; it shrinks again to this at the next checkpoint
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FORM: Final = "write sqlite:///FILE for a file below the current folder, sqlite:////FOLDER/FILE for any other"


APART: Final = frozenset(
    {
        sql.CASE_GET,
        sql.CASE_PUT,
        sql.CONTRACT_GET,
        sql.DUE,
        sql.OUTBOX_LANES,
        sql.OVERLAY_AFTER,
        sql.STREAM_ADD,
        sql.STREAM_ADVANCE,
        sql.STREAM_GET,
        sql.WATCHES,
    }
)
"""What may overtake decisions and effects that wait to be written together, because it touches neither.

`OUTBOX_LANES` reads the effects of one escalation, and whoever asks it lets those be written before.
"""


def parse_url(location: str | Path) -> Path:
    """The file that a path or a URL `sqlite:///FILE` names. Raises `StoreError` for any other database."""
    text = str(location)
    scheme = _SCHEME.match(text)
    if scheme is None:
        name = text
    elif scheme[1].lower() in {"postgres", "postgresql"} or scheme[1].lower().startswith("postgresql+"):
        raise StoreError("PostgreSQL is not supported by this version", _FORM)
    elif scheme[1].lower() != "sqlite":
        raise StoreError(f"there is no store for {scheme[1]}://", _FORM)
    elif not text[scheme.end() :].startswith("/"):
        raise StoreError("the store's URL names a host, and SQLite has none", _FORM)
    else:
        name = text[scheme.end() + 1 :]
    if scheme is not None and ("?" in name or "#" in name):
        raise StoreError("the store's URL has options after the file, and there are none", _FORM)
    if not name or name == ":memory:" or name.endswith("/"):
        raise StoreError("the store's URL names no file", _FORM)
    return Path(name)


def version_notices(version: Sequence[int]) -> tuple[str, ...]:
    """What to know about a version of SQLite."""
    newest, backports = (3, 51, 3), {(3, 44): 6, (3, 50): 7}
    major, minor, patch = version
    if (major, minor, patch) >= newest or patch >= backports.get((major, minor), patch + 1):
        return ()
    notice = (
        f"SQLite {major}.{minor}.{patch} has a fault in resetting its log that can damage a file with two writing"
        " connections. This program has one, which is safe; let no other program write to or checkpoint the file, or"
        " use SQLite 3.51.3, 3.50.7 or 3.44.6"
    )
    return (notice,)


class Session:
    """Statements on one connection. After an error nothing more is done, so that nothing half done is committed."""

    __slots__ = ("_connection", "_path", "_waiting", "failed", "over")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._waiting: dict[str, list[Sequence[object]]] = {}
        self.failed = False
        self.over = False

    def rows(self, statement: str, *values: object) -> list[Any]:
        """All rows."""
        return self._cursor(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> Any:  # noqa: ANN401 - a row of the database
        """The only row, or None."""
        found = self._cursor(statement, values).fetchall()
        return found[0] if found else None

    def run(self, statement: str, *values: object) -> int:
        """Change rows; how many."""
        return self._cursor(statement, values).rowcount

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Change rows by many sets of values."""
        self._refuse()
        self._catch_up(statement)
        self._write(statement, rows)

    def later(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """As `many`, but together with others of this statement: before any that could see the rows, or at the end.

        Every statement that is not `APART` is taken for one that could.
        """
        self._refuse()
        self._waiting.setdefault(statement, []).extend(rows)

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._refuse()
            waiting, self._waiting = self._waiting, {}
            for statement, rows in waiting.items():
                self._write(statement, rows)

    def attempt(self, statement: str, *values: object) -> int:
        """As `run`, but a key or reference that does not fit raises IntegrityError, and the session may go on."""
        self._refuse()
        self._catch_up(statement)
        try:
            return self._connection.execute(statement, values).rowcount
        except BaseException as error:
            if getattr(error, "sqlite_errorname", "") not in _KEYS:
                self._fail(error)
            raise

    def _cursor(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        self._refuse()
        self._catch_up(statement)
        try:
            return self._connection.execute(statement, values)
        except BaseException as error:
            self._fail(error)
            raise

    def _write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except BaseException as error:
            self._fail(error)
            raise

    def _catch_up(self, statement: str) -> None:
        if self._waiting and statement not in APART:
            self.flush()

    def _refuse(self) -> None:
        if self.over:
            raise RuntimeError("a reader or transaction of the store was used after its `with` block")
        if self.failed:
            raise StoreError("the transaction failed before", "nothing of it was written; begin another")

    def _fail(self, error: BaseException) -> None:
        self.failed = True
        if isinstance(error, sqlite3.Error):
            raise explain(self._path, error) from error


_KEYS = {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_FOREIGNKEY"}


class SqliteFile:
    """An open file, held against every other process. Thread-safe. Closed when all who retained it released it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._uses = 0
        self._writing = threading.Lock()
        self._writer_thread: int | None = None
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        self._held = _hold(path)
        try:
            self._connection = self._connect()
        except BaseException:
            os.close(self._held)
            raise

    def retain(self) -> None:
        """One more user."""
        with self._guard:
            self._uses += 1

    def release(self) -> None:
        """One user less; the last one closes the file."""
        if self._writer_thread == threading.get_ident():
            raise RuntimeError("the store is being closed inside its own transaction")
        with self._guard:
            self._uses -= 1
            if self._uses:
                return
        with self._writing, self._guard:
            self._closed = True
            for reader in self._idle:
                reader.close()
            self._idle.clear()
            self._connection.close()  # the last one to close makes the checkpoint and removes the log
            os.close(self._held)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write transaction."""
        me = threading.get_ident()
        if self._writer_thread == me:
            raise RuntimeError("a transaction was begun inside another one of the same thread")
        with self._writing:
            self._refuse_closed()
            self._writer_thread = me
            try:
                with self._session(self._connection, "BEGIN IMMEDIATE", "COMMIT") as session:
                    yield session
            finally:
                self._writer_thread = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of what is committed."""
        with self._guard:
            self._refuse_closed()
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect_reader()
        whole = False
        try:
            with self._session(connection, "BEGIN", "ROLLBACK") as session:
                yield session
                whole = not session.failed
        finally:
            with self._guard:
                if whole and not self._closed:
                    self._idle.append(connection)
                else:
                    connection.close()

    @contextmanager
    def _session(self, connection: sqlite3.Connection, begin: str, end: str) -> Iterator[Session]:
        session = Session(connection, self.path)
        try:
            connection.execute(begin)
            yield session
            if session.failed and end == "COMMIT":
                raise StoreError("the transaction failed", "nothing of it was written; see the error before")
            session.flush()
            connection.execute(end)
        except sqlite3.Error as error:
            raise explain(self.path, error) from error
        finally:
            session.over = True
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"the store {self.path} is closed", "open it again")

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS, cached_statements=256
            )
        except sqlite3.Error as error:
            raise explain(self.path, error) from error
        try:
            _prepare(connection, self.path)
        except sqlite3.Error as error:
            connection.close()
            raise explain(self.path, error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_SECONDS,
            )
            connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            raise explain(self.path, error) from error
        return connection


def _hold(path: Path) -> int:
    """Take the lock beside the file; the operating system lets go of it whatever ends the process."""
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} does not exist", "create it or name another file for the store")
    if path.is_dir():
        raise StoreError(f"{path} is a folder", "name a file for the store")
    lock = path.resolve()
    lock = lock.with_name(lock.name + ".lock")
    try:
        held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        message = f"the lock file {lock} cannot be written ({error.strerror})"
        raise StoreError(message, "let the runner write to this folder, or name a file elsewhere") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(held, 0)
        os.write(held, f"{os.getpid()}\n".encode())
    except OSError as error:
        owner = os.pread(held, 20, 0).decode("ascii", "replace").strip()
        os.close(held)
        if isinstance(error, BlockingIOError):
            who = f"process {owner}" if owner.isdigit() else "another process"
            raise StoreError(f"{path} is in use by {who}", "stop that runner or name another file") from None
        raise StoreError(f"{lock} cannot be locked ({error.strerror})", "use a file on a local disk") from error
    return held


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Settings, and the schema brought to this program's version."""
    run = connection.execute
    written = int(run("PRAGMA user_version").fetchone()[0])
    application = int(run("PRAGMA application_id").fetchone()[0])
    empty = run("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and application == 0 and written == 0):
        raise StoreError(f"{path} is a database of another program", "name a file of this runner or a new one")
    scripts = _migrations()
    if written > len(scripts):
        raise StoreError(
            f"{path} was written by a newer version (schema {written}, this program knows {len(scripts)})",
            "install that version, or restore a copy from before the upgrade",
        )
    if run("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreError(f"{path} cannot have a write-ahead log", "use a file on a local disk")
    run("PRAGMA synchronous = FULL")
    run("PRAGMA foreign_keys = ON")
    run(f"PRAGMA cache_size = -{_CACHE_KIB}")
    run(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
    for version, script in enumerate(scripts[written:], start=written + 1):
        header = f"PRAGMA user_version = {version}; PRAGMA application_id = {APPLICATION_ID};"
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\n{header}\nCOMMIT;")
    run("BEGIN IMMEDIATE")  # a file that cannot be written is refused now, not at the first decision
    run("ROLLBACK")


def _migrations() -> list[str]:
    folder = resources.files("runner.store") / "migrations"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in found]


def explain(path: Path, error: sqlite3.Error) -> StoreError:
    """The error of the database as one that says what to do."""
    text = str(error)
    if "disk is full" in text:
        return StoreError(
            f"the disk of {path} is full, nothing was written", "free some space; the runner goes on then"
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(f"{path} is not a database or is damaged ({text})", "name another file or restore a copy")
    if "readonly" in text or "unable to open" in text:
        return StoreError(f"{path} cannot be written ({text})", "let the runner write to the file and its folder")
    if "locked" in text or "busy" in text:
        return StoreError(f"{path} is in use by another process", "stop that one or name another file")
    return StoreError(f"{path} cannot be used ({text})", "check the disk, the file and its folder")
