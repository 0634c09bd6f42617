"""Durable work on SQLite: escalations opened, and deadlines that fall due at once.

Ours goes from a reading of a ticket through the service's own code to the end of the commit. The reference is the very
same rows, encoded beforehand, written by plain `executemany` into the same schema with the same settings and batches.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from runner.engine import commands as cmd
from runner.engine.decision import read_decision
from runner.engine.state import load_state
from runner.store.sqlite import SqliteStore
from tests.bench.house import House, readings
from tests.bench.measuring import Figure

__all__ = ["BATCH", "deadlines_due", "durable_opens"]

BATCH = 200
"""Pieces in a transaction, as the service's writer takes them."""
_OPENS_A_SECOND, _OPENS_SHARE, _DUE_SECONDS = 5_000, 0.4, 1.0
_REFERENCE = "the same rows by executemany"
_ORDER = {
    "decision": "workspace, escalation, seq",
    "stream": "workspace, escalation",
    "ticket_case": "workspace, ticket",
    "outbox": "workspace, escalation, seq, number",
}
"""The tables that decisions write, with the order in which they were written."""

Rows = dict[str, tuple[str, list[list[tuple[object, ...]]]]]
"""By table: the statement, and its rows in batches."""


def durable_opens(folder: Path, rounds: int, count: int) -> list[Figure]:
    """Tickets seen for the first time and opened; `count` a round."""
    tickets = readings(count)
    ours, reference = [], []
    what = ""
    for number in range(rounds):
        file = folder / f"ours-{number}.db"
        with closing(SqliteStore.open(file)) as store:
            house = House.over(store)
            ours.append(count / _seconds(lambda house=house: house.open(tickets, BATCH)))  # type: ignore[misc]
        rows = _all_rows(file, count)
        plain = folder / f"plain-{number}.db"
        with closing(SqliteStore.open(plain)) as store:
            House.over(store)
        reference.append(count / _write(plain, rows))
        what = f"durable opens, {_shape(file, count)}"
    opens, raw = statistics.median(ours), statistics.median(reference)
    kept = opens >= _OPENS_A_SECOND and opens / raw >= _OPENS_SHARE
    return [Figure(what, opens, raw, _REFERENCE, "/s", "5,000 /s and 0.4", kept)]


def deadlines_due(folder: Path, rounds: int, count: int) -> list[Figure]:
    """Offers that nobody answered, all due at one instant: each passes to the next rung."""
    base = folder / "waiting.db"
    with closing(SqliteStore.open(base)) as store:
        house = House.over(store)
        house.open(readings(count), BATCH)
        _only_offers_left(house)
        with store.reader() as reader:
            due = reader.next_due()
    if due is None:
        raise RuntimeError("nothing is due")
    ours, reference = [], []
    for number in range(rounds):
        file, plain = folder / f"due-{number}.db", folder / f"due-plain-{number}.db"
        shutil.copy(base, file)
        shutil.copy(base, plain)
        with closing(SqliteStore.open(file)) as store:
            late = House.over(store, due)
            ours.append(_seconds(lambda late=late: late.fire(BATCH)))  # type: ignore[misc]
        reference.append(_write(plain, _new_rows(file, base, count)))
    what = f"{count:,} deadlines due at once, all decided"
    seconds = statistics.median(ours)
    kept = seconds <= _DUE_SECONDS
    return [Figure(what, seconds, statistics.median(reference), _REFERENCE, "s", "1 s", kept)]


def _only_offers_left(house: House) -> None:
    """The steps of the opening are done and its message is taken, so that the offer is the next deadline."""
    waiting = house.escalations()
    while waiting:
        left = []
        for first in range(0, len(waiting), BATCH):
            with house.store.transaction() as tx:
                for escalation in waiting[first : first + BATCH]:
                    _, state = house.decider.stream(tx, escalation)
                    args: list[cmd.Args] = [cmd.Deliver(delivery=n, channel="chat") for n in state.deliveries]
                    args += [cmd.SucceedStep(run=r.id, step=r.step, attempt=r.attempt) for r in state.runs.values()]
                    for each in args:
                        house.decider.apply(
                            tx, escalation, house.decider.command(each, actor="surety:bench", source="bench"), {}
                        )
                    if args:
                        left.append(escalation)
        waiting = left


def _shape(file: Path, count: int) -> str:
    """What one open is, in events and rows."""
    with closing(sqlite3.connect(file)) as connection:
        body, state = connection.execute(
            "SELECT decision.body, stream.state FROM decision JOIN stream USING (escalation) LIMIT 1"
        ).fetchone()
        rows = sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _ORDER)
    load_state(state)
    return f"{len(read_decision(body).events)} events and {rows / count:g} rows each, {BATCH} a commit"


def _all_rows(file: Path, count: int) -> Rows:
    found: Rows = {}
    with closing(sqlite3.connect(file)) as connection:
        for table, order in _ORDER.items():
            cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
            found[table] = (_insert(table, cursor), _batches(cursor.fetchall(), count))
    return found


def _new_rows(file: Path, base: Path, count: int) -> Rows:
    """What deciding the deadlines wrote: decisions and effects added, streams changed."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ATTACH ? AS base", (str(base),))
        found: Rows = {}
        for table in ("decision", "outbox"):
            same = "workspace = new.workspace AND escalation = new.escalation AND seq = new.seq"
            cursor = connection.execute(
                f"SELECT * FROM main.{table} AS new WHERE NOT EXISTS (SELECT 1 FROM base.{table} WHERE {same})"
                f" ORDER BY {_ORDER[table]}"
            )
            found[table] = (_insert(table, cursor), _batches(cursor.fetchall(), count))
        cursor = connection.execute(
            f"SELECT seq, hash, state, due, at, workspace, escalation FROM stream ORDER BY {_ORDER['stream']}"
        )
        change = (
            "UPDATE stream SET seq = ?, hash = ?, state = ?, due = ?, at = ? WHERE workspace = ? AND escalation = ?"
        )
        found["stream"] = (change, _batches(cursor.fetchall(), count))
    return found


def _insert(table: str, cursor: sqlite3.Cursor) -> str:
    names = [column[0] for column in cursor.description]
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def _batches(rows: list[tuple[object, ...]], count: int) -> list[list[tuple[object, ...]]]:
    """The rows of so many escalations, in batches of as many escalations as a transaction holds."""
    size = BATCH * len(rows) // count
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _write(file: Path, rows: Rows) -> float:
    """Seconds to write the batches, each table's rows at once, one transaction a batch."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16384")

        def write() -> None:
            for number in range(max(len(batches) for _, batches in rows.values())):
                connection.execute("BEGIN IMMEDIATE")
                for table in ("stream", "decision", "outbox", "ticket_case"):
                    if table in rows:
                        statement, batches = rows[table]
                        connection.executemany(statement, batches[number])
                connection.execute("COMMIT")

        return _seconds(write)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
