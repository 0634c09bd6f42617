"""SQLite passes the contract suite, keeps everything across a restart, and uses its indexes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.store import Conflict, SqliteStore, StoreError, Transaction
from runner.store import sqlite_statements as sql
from runner.store.sqlite_file import APART, version_notices
from runner.store.sqlite_reader import SqliteReader
from tests.runner.store.contract_suite import DecisionSuite, EmptyStoreSuite, QueueSuite
from tests.runner.store.rows import activate, append, at, case, effect


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "surety.db")
    yield opened
    opened.close()


class TestEmpty(EmptyStoreSuite):
    pass


class TestDecisions(DecisionSuite):
    pass


class TestQueues(QueueSuite):
    pass


PLANS = [
    ("DUE", "SEARCH stream USING COVERING INDEX stream_due (workspace=? AND due<?)"),
    ("NEXT_DUE", "SEARCH stream USING COVERING INDEX stream_due (workspace=? AND due>?)"),
    ("WATCHES", "SEARCH ticket_case USING COVERING INDEX case_watch (workspace=? AND watch_due<?)"),
    ("NEXT_WATCH", "SEARCH ticket_case USING COVERING INDEX case_watch (workspace=? AND watch_due>?)"),
    ("OUTBOX_FRESH", "SEARCH o USING INDEX outbox_ready (workspace=? AND ready_at=? AND status=?)"),
    ("OUTBOX_AGAIN", "SEARCH o USING INDEX outbox_ready (workspace=? AND ready_at>? AND ready_at<?)"),
    ("OUTBOX_LANES", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=?)"),
    ("OUTBOX_LEASE", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=? AND seq=? AND number=?)"),
    ("OUTBOX_SETTLE", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=? AND seq=? AND number=?)"),
    ("OUTBOX_RETRY", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=? AND seq=? AND number=?)"),
    ("OUTBOX_BURY", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=? AND seq=? AND number=?)"),
    ("OUTBOX_NEXT_BEHIND", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=?)"),
    ("OUTBOX_OF", "SEARCH outbox USING PRIMARY KEY (workspace=? AND escalation=?)"),
    ("OUTBOX_COUNT", "SEARCH outbox USING COVERING INDEX outbox_ready (workspace=?)"),
    ("HINT_FRESH", "SEARCH hint USING INDEX hint_ready (workspace=? AND ready_at=?)"),
    ("HINT_AGAIN", "SEARCH hint USING INDEX hint_ready (workspace=? AND ready_at>? AND ready_at<?)"),
    ("INBOX_TAKE", "SEARCH inbox USING INDEX inbox_order (workspace=?)"),
    ("STREAM_ADVANCE", "SEARCH stream USING INDEX sqlite_autoindex_stream_1 (workspace=? AND escalation=?)"),
    ("STREAM_PAGE_OPEN", "SEARCH stream USING INDEX stream_open (workspace=? AND escalation>?)"),
    ("ESCALATIONS", "SEARCH stream USING COVERING INDEX sqlite_autoindex_stream_1 (workspace=? AND escalation>?)"),
    ("DECISIONS", "SEARCH decision USING INDEX sqlite_autoindex_decision_1 (workspace=? AND escalation=? AND seq>?)"),
    ("PLACES_GET", "SEARCH places USING INDEX sqlite_autoindex_places_1 (workspace=? AND digest=? AND epoch<?)"),
    ("EPOCH_ACTIVE", "SEARCH epoch USING PRIMARY KEY (workspace=?)"),
]


def file(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


@pytest.mark.parametrize(("name", "expected"), PLANS, ids=[name for name, _ in PLANS])
def test_a_statement_is_a_step_into_an_index(store: SqliteStore, name: str, expected: str) -> None:
    statement = getattr(sql, name)
    numbered = [int(digit) for digit in re.findall(r"\?(\d+)", statement)]
    values: list[Any] = [None] * (max(numbered) if numbered else statement.count("?"))
    with closing(file(store.path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plan[0] == expected
    if name != "OUTBOX_COUNT":
        assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step]


def test_every_statement_is_valid(store: SqliteStore) -> None:
    statements = {name: text for name, text in vars(sql).items() if name.isupper()}
    assert len(statements) > 40
    with closing(file(store.path)) as connection:
        for statement in statements.values():
            numbered = [int(digit) for digit in re.findall(r"\?(\d+)", statement)]
            count = max(numbered) if numbered else statement.count("?")
            connection.execute(f"EXPLAIN {statement}", [None] * count).fetchall()


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "surety.db"
    store = SqliteStore.open(path)
    with store.transaction() as write:
        activate(write)
        append(write, "e1", due=at(5), effects=[effect(), effect()], texts={"d": (b"s", "text")})
        write.put_case(case("T-1", at(3)))
        write.put_command("e1", b"c", "key")
        write.put_hint("T-1", "poll")
        write.put_hint("T-1", "poll")
        write.claim(1, 100.0, 30.0)
    with store.reader() as read:
        before = (read.stream("e1"), read.case("T-1"), read.outbox_of("e1"), read.active(), read.pending())
    store.close()
    assert [name.name for name in tmp_path.iterdir() if name.suffix != ".lock"] == ["surety.db"]
    store = SqliteStore.open(f"sqlite:///{path}")
    with store.transaction() as write:
        after = (write.stream("e1"), write.case("T-1"), write.outbox_of("e1"), write.active(), write.pending())
        assert after == before
        assert write.settle("e1:1:0", 1, result=None)
        assert not write.first_time("key")
        assert write.take_hints(9, 0.0, 1.0)[0].n == 2
    store.close()


def test_the_settings_are_those_that_durability_needs(store: SqliteStore) -> None:
    def pragma(connection: sqlite3.Connection, name: str) -> Any:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    writer = store._file._connection
    assert [pragma(writer, name) for name in ("journal_mode", "synchronous", "foreign_keys")] == ["wal", 2, 1]
    assert pragma(writer, "busy_timeout") == 5000
    with store.reader() as read:
        assert isinstance(read, SqliteReader)
        reader = read._session._connection
        assert reader is not writer
        assert pragma(reader, "query_only") == 1
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM stream")
        with pytest.raises(StoreError, match="cannot be written"):
            read._session.run("DELETE FROM stream")


def test_readers_are_used_again_and_several_may_read_at_once(store: SqliteStore) -> None:
    with store.reader() as first, store.reader() as second:
        assert (first.escalations(limit=1), second.escalations(limit=1)) == ([], [])
    with store.reader(), store.reader():
        pass
    assert len(store._file._idle) == 2


def test_a_full_disk_leaves_nothing_half_done_and_is_survived(store: SqliteStore) -> None:
    with store.transaction() as write:
        activate(write)
        append(write, "e1", effects=[effect()])
    writer = store._file._connection
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")

    def fill(write: Transaction) -> None:
        for number in range(100):
            append(write, f"f{number}", effects=[effect(text="x" * 5000)])

    with pytest.raises(StoreError, match="is full, nothing was written: free some space"), store.transaction() as write:
        fill(write)
    with store.reader() as read:
        assert read.escalations(limit=9) == ["e1"]
    writer.execute("PRAGMA max_page_count = 1000000")
    with store.transaction() as write:
        fill(write)
    with store.reader() as read:
        assert len(read.escalations(limit=999)) == 101


def test_an_error_that_somebody_swallows_is_not_committed(store: SqliteStore) -> None:
    with store.transaction() as write:
        activate(write)

    def swallow(write: Transaction) -> None:
        append(write, "e1")
        with pytest.raises(UnicodeEncodeError):
            append(write, "e2", texts={"d": (b"", "\ud800")})  # fails after the stream and the decision were written
        with pytest.raises(StoreError, match="failed before"):
            append(write, "e3")

    with pytest.raises(StoreError, match="the transaction failed"), store.transaction() as write:
        swallow(write)
    with store.reader() as read:
        assert read.escalations(limit=9) == []
    with store.transaction() as write:
        append(write, "e4")


def test_a_conflict_inside_a_batch_leaves_the_rest(store: SqliteStore) -> None:
    with store.transaction() as write:
        activate(write)
        append(write, "e1", ticket="T-1")
        for name in ("e1", "e2"):
            with pytest.raises(Conflict):
                append(write, name, ticket="T-1", effects=[effect()], texts={"d": (b"", "t")})
        append(write, "e3")
    with closing(file(store.path)) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("stream", "decision", "outbox", "text")
        ]
    assert counts == [2, 2, 0, 0]


def test_a_store_is_not_closed_inside_its_own_transaction(store: SqliteStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="inside its own transaction"):
        store.close()
    with store.reader() as read:
        assert read.active() is None


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 9), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_of_sqlite_with_the_fault_are_told_of(version: tuple[int, int, int], told: bool) -> None:
    notices = version_notices(version)
    assert bool(notices) is told
    assert all("use SQLite 3.51.3" in notice for notice in notices)


def test_the_store_tells_of_the_version_in_use(store: SqliteStore) -> None:
    assert store.notices == version_notices(sqlite3.sqlite_version_info)


def test_only_what_touches_neither_decisions_nor_effects_overtakes_them() -> None:
    touching = {each for each in APART if re.search(r"\b(decision|outbox|text)\b", each)}
    assert touching == {sql.OUTBOX_LANES}


def test_decisions_and_effects_that_wait_are_seen_by_whoever_asks(store: SqliteStore) -> None:
    with store.transaction() as tx:
        activate(tx)
        append(tx, "E-1", 1, ticket="T-1", effects=[effect(lane="ticket"), effect(lane="ticket")])
        append(tx, "E-2", 1, ticket="T-2", effects=[effect(lane="ticket")])
        append(tx, "E-1", 2, ticket="T-1", effects=[effect(lane="ticket")])
        assert [seq for seq, _, _ in tx.decisions("E-1")] == [1, 2]
        assert [row.status for row in tx.outbox_of("E-1")] == ["ready", "behind", "behind"]
        append(tx, "E-2", 2, ticket="T-2", effects=[effect(lane="ticket")])
        assert (tx.pending().outbox_ready, tx.pending().outbox_waiting) == (2, 3)
        append(tx, "E-3", 1, ticket="T-3", effects=[effect()])
        assert [each.key for each in tx.claim(9, 0.0, 1.0)] == ["E-1:1:0", "E-2:1:0", "E-3:1:0"]
