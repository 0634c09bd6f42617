"""The single writer: work from all threads, many pieces in one transaction, each waiting for the commit.

Group commit: what is submitted while a transaction commits goes into the next one together. A piece that fails takes
nothing of the others with it, because it is tried again alone.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from runner.store.port import Store, StoreError, Transaction

__all__ = ["Writer", "WriterStopped"]

Result = TypeVar("Result")
Piece = Callable[[Transaction], Any]
_BATCH = 200
"""Pieces in one transaction at most: beyond this a commit is no longer the larger part of the cost."""


class WriterStopped(Exception):
    """The writer has stopped; nothing was written."""


class Writer:
    """Runs pieces of work in transactions on one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[tuple[Piece, Future[Any]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._open = 0
        self._done = 0
        self._lock = threading.Lock()
        self._stopped = False

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was submitted, then end."""
        with self._lock:  # nothing may be queued behind the end, where nobody would ever do it
            self._stopped = True
            self._queue.put(None)
        self._thread.join()

    @property
    def waiting(self) -> int:
        """Pieces submitted and not yet done."""
        with self._lock:
            return self._open

    @property
    def done(self) -> int:
        """Pieces done so far; only ever rises."""
        with self._lock:
            return self._done

    def submit(self, piece: Callable[[Transaction], Result]) -> Future[Result]:
        """Queue a piece; its result comes after the commit. Raises WriterStopped."""
        future: Future[Result] = Future()
        with self._lock:
            if self._stopped:
                raise WriterStopped
            self._open += 1
            self._queue.put((piece, future))
        return future

    def call(self, piece: Callable[[Transaction], Result]) -> Result:
        """Submit a piece and wait for its result."""
        return self.submit(piece).result()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < _BATCH and not last:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    batch.append(more)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[tuple[Piece, Future[Any]]]) -> None:
        results: list[Any] = []
        try:
            with self._store.transaction() as tx:
                results.extend(piece(tx) for piece, _ in batch)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            if len(batch) > 1 and not isinstance(error, StoreError):
                for each in batch:
                    self._commit([each])
                return
            for _, future in batch:
                self._finish(future, error=error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            self._finish(future, result=result)

    def _finish(self, future: Future[Any], *, result: object = None, error: BaseException | None = None) -> None:
        with self._lock:
            self._open -= 1
            self._done += 1
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
