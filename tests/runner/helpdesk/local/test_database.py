import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from runner.clock import RealClocks
from runner.helpdesk.local.database import SCHEMA_VERSION, Database, StoreError
from runner.helpdesk.local.storage import Origin, Storage


def storage(database: Database) -> Storage:
    return Storage(database, RealClocks(), lambda: None)


def altered(path: Path, statement: str) -> bytes:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    first = Database(tmp_path / "desk")
    storage(first).create(Origin("ann", "key"), {"subject": "x"})
    identity = storage(first).identity
    first.close()
    second = Database(tmp_path / "desk")
    assert storage(second).get(1000).fields == {"subject": "x"}
    assert storage(second).identity == identity
    assert storage(second).create(Origin("ann", "key"), {"subject": "x"}).replayed
    second.close()


def test_a_store_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    before = altered(tmp_path / "desk", f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match=r"newer version \(schema 2, this program knows 1\): install that version"):
        Database(tmp_path / "desk")
    assert (tmp_path / "desk").read_bytes() == before


def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other")
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Database(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match="not a database"):
        Database(tmp_path / "notes")
    assert (tmp_path / "notes").read_text().startswith("Dear diary")


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    held = Database(tmp_path / "desk")
    with pytest.raises(StoreError, match="in use by another process: stop"):
        Database(tmp_path / "desk")
    held.close()
    Database(tmp_path / "desk").close()


@pytest.mark.parametrize(("name", "told"), [("missing/desk", "does not exist: create"), ("", "cannot be opened")])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        Database(tmp_path / name)


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "desk")

    def fail() -> None:
        with database.transaction() as cursor:
            cursor.execute("UPDATE counter SET progress = 99")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert storage(database).progress() == 0
    storage(database).create(Origin("ann"), {})
    database.close()


def test_a_ticket_s_time_does_not_go_back_with_the_wall_clock(tmp_path: Path) -> None:
    class Backwards(RealClocks):
        def __init__(self) -> None:
            self.instants = ["2026-03-02T10:00:00+00:00", "2026-03-02T09:00:00+00:00"]

        def now(self) -> datetime:
            return datetime.fromisoformat(self.instants.pop(0))

    database = Database(tmp_path / "desk")
    tickets = Storage(database, Backwards(), lambda: None)
    tickets.create(Origin("ann"), {})
    tickets.change(Origin("ann"), 1000, {"a": 1}, None)
    row = tickets.get(1000)
    assert (row.created_at, row.updated_at) == ("2026-03-02T10:00:00.000000Z",) * 2
    database.close()
