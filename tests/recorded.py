"""The record that a runner left behind: looked at only after it is seen to be whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.service.replaying import replay_store
from runner.store import Reader, SqliteStore

__all__ = ["whole_record"]


@contextmanager
def whole_record(file: Path, *, given_up: int = 0) -> Iterator[Reader]:
    """Read the record of a runner that has ended.

    Asserts that deciding again gives the same bytes, that nothing waits, and that only so many effects were given up.
    """
    store = SqliteStore.open(file)
    try:
        verdict = replay_store(store)
        assert verdict.identical, verdict.as_text()
        with store.reader() as reader:
            pending = reader.pending()
            assert pending.drained, pending
            assert pending.dead == given_up, f"{pending.dead} effects were given up"
            yield reader
    finally:
        store.close()
