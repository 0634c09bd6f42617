"""A program that measures the store alone: `python -m tests.runner.store.opens [FOLDER]`. Figures depend on the disk.

Prints durable opens a second in batches, deadlines decided a second, effects claimed and settled a second, and what a
poll costs with many waiting. One open is a decision, a stream, a case and six effects.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from runner.clock import RealClocks
from runner.engine.decision import Decision
from runner.engine.effects import Effect
from runner.engine.observation import Case
from runner.store import SqliteStore, Store, Transaction
from tests.runner.store.rows import CONTRACT, START, activate, decision

BATCH: Final = 200
OPENS: Final = 40_000
BODY_BYTES: Final = 2_000  # an open with six events, canonical
STATE: Final = b"s" * 1_000
EFFECTS: Final = tuple(
    Effect("message", "ticket" if number > 3 else "", {"delivery": number, "to": "maya", "accept_by": None})
    for number in range(6)
)
READING: Final = {"priority": "high", "type": "billing", "account_tier": "enterprise", "subject": "Invoice is wrong"}


def name(number: int) -> str:
    """A time-ordered id of the length of a UUID."""
    return f"0195a000-{number // 65536:04x}-7{number % 65536:04x}-8000-000000000000"


def write(transaction: Transaction, made: Decision, number: int, seq: int) -> None:
    due = START + timedelta(seconds=number % 7200 + 3600 * seq)
    transaction.append(
        made,
        now=START,
        ticket=f"T-{number}",
        template="billing",
        contract=CONTRACT,
        state=STATE,
        due=due,
        open=True,
        effects=EFFECTS if seq == 1 else EFFECTS[:1],
    )


def batches(count: int) -> Iterator[range]:
    for first in range(0, count, BATCH):
        yield range(first, min(first + BATCH, count))


def open_all(store: Store, clocks: RealClocks, count: int) -> float:
    spent = 0.0
    for batch in batches(count):
        made = [decision(name(number), 1, BODY_BYTES) for number in batch]
        changed = dict.fromkeys(READING, START)
        cases = [Case(f"T-{n}", "1", START, READING, changed, "billing", "matched", escalation=name(n)) for n in batch]
        before = clocks.monotonic_seconds()
        with store.transaction() as transaction:
            for number, row, case in zip(batch, made, cases, strict=True):
                write(transaction, row, number, 1)
                transaction.put_case(case)
        spent += clocks.monotonic_seconds() - before
    return count / spent


def fire(store: Store, clocks: RealClocks, count: int, total: int) -> float:
    numbers = {name(number): number for number in range(total)}
    before, done, now = clocks.monotonic_seconds(), 0, START + timedelta(hours=3)
    while done < count:
        with store.transaction() as transaction:
            due = transaction.due(now, BATCH)
            for escalation in due:
                stream = transaction.stream(escalation)
                assert stream is not None
                write(transaction, decision(escalation, stream.seq + 1, 500), numbers[escalation], 2)
        done += len(due)
        if not due:
            break
    return done / (clocks.monotonic_seconds() - before)


def work(store: Store, clocks: RealClocks, count: int) -> float:
    before, done, result = clocks.monotonic_seconds(), 0, json.dumps({"told": "x" * 150}).encode()
    while done < count:
        with store.transaction() as transaction:
            claimed = transaction.claim(BATCH, 1.0, 60.0)
        with store.transaction() as transaction:
            for effect in claimed:
                transaction.settle(effect.key, effect.attempt, result=result)
        with store.transaction() as transaction:
            for row in transaction.take_commands(BATCH):
                transaction.done_command(row.id)
        done += len(claimed)
    return done / (clocks.monotonic_seconds() - before)


def poll_milliseconds(store: Store, clocks: RealClocks) -> float:
    before = clocks.monotonic_seconds()
    for _ in range(100):
        with store.transaction() as transaction:
            transaction.due(START, BATCH)
            transaction.watches(START, BATCH)
            transaction.take_hints(BATCH, 1.0, 1.0)
    return (clocks.monotonic_seconds() - before) * 10


def main() -> None:
    count = int(sys.argv[2]) if len(sys.argv) > 2 else OPENS
    clocks = RealClocks()
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        store = SqliteStore.open(Path(folder) / "surety.db")
        with store.transaction() as transaction:
            activate(transaction)
        print(f"opens in batches of {BATCH}:      {open_all(store, clocks, count):9,.0f} a second")
        print(f"poll with {count:,} waiting:     {poll_milliseconds(store, clocks):9.3f} ms")
        before = clocks.monotonic_seconds()
        with store.reader() as reader:
            pending = reader.pending()
        spent = (clocks.monotonic_seconds() - before) * 1000
        print(f"counting {pending.outbox_ready + pending.outbox_waiting:,} effects:   {spent:9.3f} ms")
        print(f"effects claimed and settled:  {work(store, clocks, min(count, 20_000)):9,.0f} a second")
        print(f"deadlines in batches of {BATCH}:  {fire(store, clocks, min(count, 20_000), count):9,.0f} a second")
        print(f"file: {store.path.stat().st_size / count:,.0f} bytes an escalation")
        store.close()


if __name__ == "__main__":
    main()
