"""The single writer: many pieces in one commit, none harmed by another, and a clean end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest

from runner.service.writer import Writer, WriterStopped
from runner.store import StoreError, Transaction
from runner.store.memory import MemoryStore


class Counting(MemoryStore):
    """Counts commits; can be told to fail at them."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.trouble: Exception | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            yield tx
            if self.trouble is not None:
                raise self.trouble
            self.commits += 1


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def writer(store: Counting) -> Iterator[Writer]:
    made = Writer(store)
    made.start()
    yield made
    made.stop()


def note(name: str) -> Callable[[Transaction], str]:
    def piece(tx: Transaction) -> str:
        tx.set_cursor(name, "done")
        return name

    return piece


def held(writer: Writer, pieces: list[Callable[[Transaction], Any]]) -> list[Future[Any]]:
    """Submit pieces while the writer is busy, so that they go into one transaction."""
    busy, go = threading.Event(), threading.Event()

    def wait(tx: Transaction) -> bool:
        busy.set()
        return go.wait(10)

    first = writer.submit(wait)
    assert busy.wait(10)
    futures = [writer.submit(piece) for piece in pieces]
    go.set()
    assert first.result(10)
    return futures


def cursor(store: Counting, name: str) -> str | None:
    with store.transaction() as tx:
        return tx.cursor(name)


def test_the_result_comes_after_the_commit(store: Counting, writer: Writer) -> None:
    assert writer.call(note("a")) == "a"
    assert (store.commits, cursor(store, "a")) == (1, "done")


def test_what_waits_together_is_committed_together(store: Counting, writer: Writer) -> None:
    futures = held(writer, [note(str(number)) for number in range(50)])
    assert [future.result(10) for future in futures] == [str(number) for number in range(50)]
    assert store.commits == 2
    assert (writer.done, writer.waiting) == (51, 0)


def test_a_transaction_has_an_end_however_much_waits(store: Counting, writer: Writer) -> None:
    futures = held(writer, [note(str(number)) for number in range(450)])
    assert all(future.result(10) for future in futures)
    assert store.commits == 1 + 3


def test_a_piece_that_fails_takes_nothing_of_the_others_with_it(store: Counting, writer: Writer) -> None:
    def fails(tx: Transaction) -> None:
        tx.set_cursor("half", "written")
        raise LookupError("there is no such thing")

    before, failing, after = held(writer, [note("a"), fails, note("b")])
    assert (before.result(10), after.result(10)) == ("a", "b")
    with pytest.raises(LookupError, match="there is no such thing"):
        failing.result(10)
    assert [cursor(store, name) for name in ("a", "b", "half")] == ["done", "done", None]


def test_trouble_at_the_commit_is_everybodys(store: Counting, writer: Writer) -> None:
    store.trouble = StoreError("the disk is full", "make room")
    futures = [writer.submit(note("a")), writer.submit(note("b"))]
    for future in futures:
        with pytest.raises(StoreError, match="the disk is full: make room"):
            future.result(10)
    store.trouble = None
    assert writer.call(note("c")) == "c", "and it goes on"
    assert cursor(store, "a") is None


def test_stopping_finishes_what_was_submitted_and_takes_no_more(store: Counting) -> None:
    writer = Writer(store)
    writer.start()
    futures = held(writer, [note(str(number)) for number in range(20)])
    writer.stop()
    assert all(future.done() for future in futures)
    with pytest.raises(WriterStopped):
        writer.submit(note("late"))
    assert cursor(store, "late") is None


def test_nobody_waits_for_ever_when_it_stops(store: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being submitted while it stops is still done: nothing is queued behind the end."""
    writer = Writer(store)
    writer.start()
    submitting, stopped = threading.Event(), threading.Event()
    put = writer._queue.put

    def slowly(item: Any) -> None:
        if item is None:
            put(item)
            stopped.set()
            return
        submitting.set()
        stopped.wait(0.2)  # long enough for the end to overtake, if it can
        put(item)

    monkeypatch.setattr(writer._queue, "put", slowly)
    futures: list[Future[str]] = []
    thread = threading.Thread(target=lambda: futures.append(writer.submit(note("a"))))
    thread.start()
    assert submitting.wait(10)
    writer.stop()
    thread.join(10)
    assert futures[0].done()
    assert (cursor(store, "a"), writer.waiting) == ("done", 0)
