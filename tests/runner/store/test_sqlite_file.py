"""Files that are held, foreign, newer, broken or not writable; URLs; and processes that are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from runner.store import SqliteStore, StoreError
from runner.store import sqlite_file as file_module
from runner.store.sqlite_file import parse_url
from tests.runner.store.rows import activate, append, effect
from tests.runner.store.writer import ESCALATIONS

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65534  # a user without rights, to whom root's folders are read-only


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("surety.db", "surety.db"),
        ("/var/lib/surety.db", "/var/lib/surety.db"),
        ("sqlite:///surety.db", "surety.db"),
        ("sqlite:///data/a b%20ü.db", "data/a b%20ü.db"),
        ("sqlite:////var/lib/surety.db", "/var/lib/surety.db"),
        ("SQLite:///surety.db", "surety.db"),
        ("odd#name?.db", "odd#name?.db"),
    ],
)
def test_a_url_names_a_file(location: str, path: str) -> None:
    assert parse_url(location) == Path(path)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("postgresql://host/db", "PostgreSQL is not supported by this version"),
        ("postgres://host/db", "PostgreSQL is not supported by this version"),
        ("postgresql+psycopg://host/db", "PostgreSQL is not supported by this version"),
        ("mysql://host/db", "there is no store for mysql://"),
        ("sqlite://surety.db", "names a host"),
        ("sqlite://", "names a host"),
        ("sqlite:///", "names no file"),
        ("sqlite:////", "names no file"),
        ("sqlite:///folder/", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        (":memory:", "names no file"),
        ("", "names no file"),
        ("sqlite:///surety.db?mode=ro", "has options"),
    ],
)
def test_other_urls_are_refused_with_the_form_to_write(location: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refused:
        parse_url(location)
    assert "sqlite:///FILE" in refused.value.help
    assert "host/db" not in str(refused.value)  # a URL may hold a password


def test_a_name_with_odd_characters_is_one_file(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a b%20#?ü.db")
    with store.transaction() as write:
        activate(write)
    with store.reader() as read:
        assert read.active() is not None
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a b%20#?ü.db", "a b%20#?ü.db.lock"]


def test_a_second_opening_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    (tmp_path / "link.db").symlink_to(path)
    store = SqliteStore.open(path)
    for name in ("surety.db", "link.db"):
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()}: stop that runner"):
            SqliteStore.open(tmp_path / name)
    other = store.workspace("other")
    store.close()
    with pytest.raises(StoreError, match="in use"):
        SqliteStore.open(path)
    other.close()
    SqliteStore.open(path).close()


def test_a_refused_opening_gives_the_file_free(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="needs a name"):
        SqliteStore.open(tmp_path / "surety.db", workspace="")
    SqliteStore.open(tmp_path / "surety.db").close()


def test_a_newer_store_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    SqliteStore.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before, known = path.read_bytes(), len(file_module._migrations())
    for _ in range(2):
        with pytest.raises(StoreError, match=rf"newer version \(schema 99, this program knows {known}\): install that"):
            SqliteStore.open(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a database of another program: name a file"):
        SqliteStore.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"schema: surety/v1\n" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_what_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "surety.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a database or is damaged"):
        SqliteStore.open(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "surety.db").touch()
    SqliteStore.open(tmp_path / "surety.db").close()
    assert (tmp_path / "surety.db").stat().st_size > 0


def test_a_missing_folder_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist: create it"):
        SqliteStore.open(tmp_path / "missing" / "surety.db")
    with pytest.raises(StoreError, match="is a folder: name a file"):
        SqliteStore.open(tmp_path)


@contextmanager
def without_rights() -> Iterator[Path]:
    """A folder of somebody else, as seen by a user without rights."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "kept.db").touch()
        (folder / "kept.db").chmod(0o444)
        (folder / "kept.db.lock").touch()
        (folder / "kept.db.lock").chmod(0o666)
        folder.chmod(0o555)
        if root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with without_rights() as folder, pytest.raises(StoreError, match=r"cannot be written .*: let the runner write"):
        SqliteStore.open(folder / "surety.db")


def test_a_file_that_cannot_be_written_is_told() -> None:
    with without_rights() as folder, pytest.raises(StoreError, match=r"cannot be written .*: let the runner write"):
        SqliteStore.open(folder / "kept.db")


def test_a_disk_without_locks_is_told(tmp_path: Path) -> None:
    fault = OSError(95, "Operation not supported")
    with (
        mock.patch("fcntl.flock", side_effect=fault),
        pytest.raises(StoreError, match="local disk"),
    ):
        SqliteStore.open(tmp_path / "surety.db")


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    broken = ["CREATE TABLE a (x); CREATE TABLE a (x);"]
    with mock.patch.object(file_module, "_migrations", return_value=broken), pytest.raises(StoreError, match="used"):
        SqliteStore.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    SqliteStore.open(path).close()


def test_later_migrations_are_applied_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    store = SqliteStore.open(path)
    with store.transaction() as write:
        activate(write)
    store.close()
    scripts = [*file_module._migrations(), "CREATE TABLE later (x);", "INSERT INTO later VALUES (1);"]
    with mock.patch.object(file_module, "_migrations", return_value=scripts):
        for _ in range(2):
            store = SqliteStore.open(path)
            with store.reader() as read:
                assert read.active() is not None
            store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT x FROM later").fetchall() == [(1,)]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(scripts),)


def test_another_program_that_holds_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    with mock.patch.object(file_module, "BUSY_SECONDS", 0.01):
        store = SqliteStore.open(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another process"), store.transaction():
            pass
    with store.transaction() as write:
        activate(write)
    store.close()


def test_the_lock_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path / "surety.db").close()
    assert stat.S_IMODE((tmp_path / "surety.db.lock").stat().st_mode) == 0o600


def start(path: Path, *how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.runner.store.writer", str(path), *how]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def committed(path: Path) -> int:
    """The last decision of every escalation, after checking that all of the file agrees with it."""
    store = SqliteStore.open(path)
    with store.reader() as read:
        last = {name: stream.seq for name in ESCALATIONS if (stream := read.stream(name)) is not None}
        assert len(set(last.values())) == 1
        seq = last["e1"]
        for name in ESCALATIONS:
            assert [row for row, _, _ in read.decisions(name)] == list(range(1, seq + 1))
            assert len(read.outbox_of(name)) == 2 * seq
            stream, case = read.stream(name), read.case(f"T-{name}")
            assert stream is not None
            assert case is not None
            assert (stream.state, stream.due) == (f"state {seq}".encode(), case.watch_due)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return seq


def test_a_process_that_dies_inside_a_transaction_shows_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    with start(path, "die", "7") as writer:
        output, _ = writer.communicate(timeout=30)
    assert writer.returncode == 9
    assert output.split() == ["1", "2", "3", "4", "5", "6"]
    assert committed(path) == 6
    assert (tmp_path / "surety.db-wal").exists() is False  # the check closed it properly, so the log was taken in


def test_what_a_killed_process_committed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    told = 0
    for more in (3, 40, 11):
        with start(path, "run") as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                if int(line) >= told + more:
                    writer.send_signal(signal.SIGKILL)
                    break
            rest = writer.stdout.read().split()
            told = int(rest[-1]) if rest else int(line)
        assert writer.returncode == -signal.SIGKILL
        found = committed(path)
        assert told <= found <= told + 1
        told = found


def test_a_second_process_is_refused_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    with start(path, "run") as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(StoreError, match=f"in use by process {writer.pid}: stop that runner"):
            SqliteStore.open(path)
        writer.kill()
        writer.stdout.read()
    store = SqliteStore.open(path)
    with store.transaction() as write:
        append(write, "e9", effects=[effect()])
    store.close()
