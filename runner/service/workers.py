"""The threads that keep the service going: deciding what is due, reading tickets, doing effects, following the ref.

Each is a loop that can be woken and stopped. Machine time only: contract time is asked for by those who decide.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from runner.clock import Clocks, RealClocks
from runner.engine.state import load_state
from runner.helpdesk.port import CursorLost, Gone, Helpdesk, HelpdeskError, Page, Ticket
from runner.service.active import Active, Follower
from runner.service.decider import Decider
from runner.service.metrics import Metrics
from runner.service.performer import Done, Performer, Retry, reporter, result_command
from runner.service.writer import Writer, WriterStopped
from runner.store.port import Claimed, HintRow, Store, StoreError, Transaction

__all__ = ["Contact", "Loop", "OutboxWorker", "Pace", "decide_due", "follow_ref", "poll_changes", "read_tickets"]

_log = logging.getLogger(__name__)
_QUIET_SECONDS = 60.0
"""Between two complaints of a loop about a store that cannot be used."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds of machine time."""

    tick_seconds: float = 0.15
    follow_seconds: float = 5.0
    poll_seconds: float = 30.0
    lease_seconds: float = 60.0
    retry_seconds: tuple[float, ...] = (1.0, 5.0, 25.0, 60.0, 300.0)
    """Waits between the tries of an effect; when they are used up it is given up and reported."""
    threads: int = 4


class Loop:
    """A thread that calls `step` again and again: at once while it returns True, else after a pause or when woken."""

    def __init__(self, name: str, step: Callable[[], bool], pause_seconds: float, clocks: Clocks | None = None) -> None:
        self._clocks = clocks if clocks is not None else RealClocks()
        self._quiet_until = 0.0
        self._step = step
        self._pause = pause_seconds
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.failed: str | None = None
        """What went wrong in the last round; None when it went well."""

    @property
    def running(self) -> bool:
        """Whether its thread is alive."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def stop(self) -> None:
        """End after the present round."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                again = self._step()
                self.failed = None
            except WriterStopped:
                return
            except StoreError as error:
                self._complain(error)
                self.failed, again = f"StoreError: {error}"[:300], False
            except Exception as error:  # noqa: BLE001 - a loop that ended would be a silence that nobody notices
                _log.exception("%s failed; trying again", self._thread.name)
                self.failed, again = f"{type(error).__name__}: {error}"[:300], False
            if not again:
                self._wake.wait(self._pause)

    def _complain(self, error: StoreError) -> None:
        """A store that fails says itself what to do; it fails every round until somebody has done it."""
        now = self._clocks.monotonic_seconds()
        if now >= self._quiet_until:
            self._quiet_until = now + _QUIET_SECONDS
            _log.error("%s failed; trying again: %s", self._thread.name, error)


@dataclass(slots=True)
class Contact:
    """Whether the helpdesk answers: `trouble` is why it could not be asked last, None when it could.

    `unread` are tickets that this program cannot make anything of, with the fault.
    """

    trouble: str | None = None
    unread: dict[str, str] = field(default_factory=dict)


def decide_due(writer: Writer, decider: Decider, *, held: Callable[[], bool] = lambda: False, batch: int = 200) -> bool:
    """Drain the inbox, then tell of a changed roster and fire what is due, unless deadlines are held.

    True if there was anything.
    """

    def piece(tx: Transaction) -> int:
        drained = decider.drain(tx, batch)
        if held() or drained >= batch:
            return drained
        return drained + decider.note_roster(tx, batch) + decider.fire(tx, batch)

    return writer.call(piece) > 0


def follow_ref(follower: Follower) -> bool:
    """Look for a newer revision; never anything to do at once."""
    follower.follow()
    return False


def poll_changes(writer: Writer, helpdesk: Helpdesk, metrics: Metrics, contact: Contact, limit: int = 200) -> bool:
    """Ask the helpdesk what changed since the last time; True if there is more.

    A cursor that the helpdesk does not know any more begins again, and every ticket with an open escalation is read.
    """
    cursor = writer.call(lambda tx: tx.cursor("helpdesk"))
    try:
        page, lost = _page(helpdesk, cursor, limit)
    except HelpdeskError as error:
        metrics.unreadable()
        contact.trouble = str(error)[:300]
        _log.warning("the helpdesk's changes cannot be read: %s", error)
        return False
    contact.trouble = None

    def piece(tx: Transaction) -> None:
        for ticket in _open_tickets(tx) if lost else ():
            tx.put_hint(ticket, "poll")
        for hint in page.hints:
            tx.put_hint(hint.ref, "poll")
        tx.set_cursor("helpdesk", page.cursor)

    if page.hints or page.cursor != cursor:
        writer.call(piece)
    return page.more


def _page(helpdesk: Helpdesk, cursor: str | None, limit: int) -> tuple[Page, bool]:
    """The next changes, and whether they begin again."""
    try:
        return helpdesk.changes(cursor, limit), False
    except CursorLost as error:
        _log.warning("the helpdesk's changes are read from the beginning: %s", error)
        return helpdesk.changes(None, limit), True


def _open_tickets(tx: Transaction, page: int = 500) -> list[str]:
    found: list[str] = []
    after = ""
    while streams := tx.streams(open_only=True, limit=page, after=after):
        found += [stream.ticket for stream in streams]
        after = streams[-1].escalation
    return found


class read_tickets:  # noqa: N801 - a step of a loop that keeps what it needs
    """Read the tickets that hints are about, and decide what follows."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        helpdesk: Helpdesk,
        decider: Decider,
        active: Callable[[], Active],
        clocks: Clocks,
        metrics: Metrics,
        contact: Contact,
        pace: Pace,
    ) -> None:
        self.contact = contact
        self._store = store
        self._writer = writer
        self._helpdesk = helpdesk
        self._decider = decider
        self._active = active
        self._clocks = clocks
        self._metrics = metrics
        self._pace = pace
        self._failures = 0

    def __call__(self) -> bool:
        """One round; True if there was anything."""
        now, lease = self._clocks.machine_seconds(), self._pace.lease_seconds
        hints = self._writer.call(lambda tx: tx.take_hints(50, now, lease))
        waiting: list[tuple[HintRow, Future[object]]] = []
        for hint in hints:
            with self._alone(hint):
                settled = self._settled(hint.ticket)
                ticket = self._helpdesk.get(hint.ticket)
                tasks = self._open_tasks(ticket)
                self._failures, self.contact.trouble = 0, None
                waiting.append((hint, self._writer.submit(self._piece(hint, ticket, tasks, settled))))
        for hint, future in waiting:
            with self._alone(hint):
                future.result()
                self.contact.unread.pop(hint.ticket, None)
        return bool(hints)

    @contextmanager
    def _alone(self, hint: HintRow) -> Iterator[None]:
        """Whatever is wrong with one ticket holds up no other; it is looked at again later."""
        try:
            yield
        except HelpdeskError as error:
            self._failures += 1
            self.contact.trouble = str(error)[:300]
            _log.warning("%s cannot be read, again in %.1f s: %s", hint.ticket, self._back_off(hint), error)
        except (StoreError, WriterStopped):
            raise
        except Exception as fault:  # noqa: BLE001 - nothing of it was written, and it is said where operators look
            self.contact.unread[hint.ticket] = f"{type(fault).__name__}: {fault}"[:200]
            self._failures += 1
            _log.exception("nothing can be made of %s, again in %.1f s", hint.ticket, self._back_off(hint))

    def _back_off(self, hint: HintRow) -> float:
        """Look at it again later; in how many seconds."""
        self._metrics.unreadable()
        wait: float = min(60.0, self._pace.retry_seconds[0] * 2 ** min(self._failures, 8)) * random.uniform(0.5, 1.0)  # noqa: S311
        until = self._clocks.machine_seconds() + wait
        self._writer.call(lambda tx: tx.back_off_hint(hint.ticket, until))
        return wait

    def _open_tasks(self, ticket: Ticket | Gone) -> tuple[str, ...]:
        """Which task tickets of the open escalation are not done; asked only when the ticket itself is done."""
        fields = self._active().fields
        if isinstance(ticket, Gone) or not fields.done(ticket):
            return ()
        with self._store.reader() as reader:
            case = reader.case(ticket.ref)
            stream = reader.stream(case.escalation) if case is not None and case.escalation else None
        tasks = load_state(stream.state).tasks if stream is not None else ()
        return tuple(ref for ref in tasks if fields.open_task(self._helpdesk.get(ref)))

    def _settled(self, ticket: str) -> int | None:
        """How much of what its open escalation writes is settled by now; None if it has none."""
        with self._store.reader() as reader:
            case = reader.case(ticket)
            stream = reader.stream(case.escalation) if case is not None and case.escalation else None
        return load_state(stream.state).settled if stream is not None else None

    def _piece(
        self, hint: HintRow, ticket: Ticket | Gone, tasks: tuple[str, ...], settled: int | None
    ) -> Callable[[Transaction], object]:
        def piece(tx: Transaction) -> object:
            reading = self._active().fields.reading(ticket) if isinstance(ticket, Ticket) else None
            found = self._decider.look(tx, hint.ticket, reading, tasks, settled)
            tx.done_hint(hint.ticket, hint.n)
            return found

        return piece


class OutboxWorker:
    """Claims effects, does them on a few threads, and brings the results back."""

    def __init__(self, writer: Writer, performer: Performer, clocks: Clocks, metrics: Metrics, pace: Pace) -> None:
        self._writer = writer
        self._performer = performer
        self._clocks = clocks
        self._metrics = metrics
        self._pace = pace
        self._pool = ThreadPoolExecutor(pace.threads, thread_name_prefix="effect")
        self._slow_pool = ThreadPoolExecutor(pace.threads, thread_name_prefix="action")
        self.after: Callable[[], None] = lambda: None
        """Called when results have come back."""

    def close(self) -> None:
        """Wait for effects under way."""
        self._pool.shutdown(wait=True)
        self._slow_pool.shutdown(wait=True, cancel_futures=True)

    def __call__(self) -> bool:
        """One round; True if there was anything. What other systems are asked is not waited for: people are not to be
        told later because one of those is slow.
        """
        now, lease = self._clocks.machine_seconds(), self._pace.lease_seconds
        claimed = self._writer.call(lambda tx: tx.claim(8 * self._pace.threads, now, lease))
        for each in claimed:
            if _asks_others(each):
                self._slow_pool.submit(self._slowly, each, now + lease)
        for settled in list(self._pool.map(self._perform, [each for each in claimed if not _asks_others(each)])):
            settled.result()
        if claimed:
            self.after()
        return bool(claimed)

    def _slowly(self, claimed: Claimed, until: float) -> None:
        """Do an effect while the lease holds; after it somebody else may have it."""
        if self._clocks.machine_seconds() < until:
            with suppress(WriterStopped):
                self._perform(claimed).result()
            self.after()

    def _perform(self, claimed: Claimed) -> Future[bool]:
        try:
            result = self._performer.perform(claimed)
        except Exception as error:  # noqa: BLE001 - an effect must never take the loop down
            _log.exception("effect %s failed", claimed.key)
            why = type(error).__name__
            result = Retry(why, reporter(claimed.kind, claimed.payload)(why, {}))
        if isinstance(result, Done):
            self._metrics.performed(claimed.kind, "failed" if result.failed else "done")
            return self._writer.submit(self._settle(claimed, result))
        waits = self._pace.retry_seconds
        if claimed.attempt > len(waits):
            _log.error("effect %s is given up after %s tries: %s", claimed.key, claimed.attempt, result.why)
            self._metrics.performed(claimed.kind, "given_up")
            return self._writer.submit(self._bury(claimed, result))
        self._metrics.performed(claimed.kind, "retried")
        wait = waits[claimed.attempt - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries
        at = self._clocks.machine_seconds() + max(wait, result.after_seconds or 0.0)
        return self._writer.submit(lambda tx: tx.retry(claimed.key, claimed.attempt, at, result.why))

    def _settle(self, claimed: Claimed, done: Done) -> Callable[[Transaction], bool]:
        command = result_command(claimed.key, done.command).model_dump_json().encode()

        def piece(tx: Transaction) -> bool:
            settled = tx.settle(claimed.key, claimed.attempt, result=command, source_key=claimed.key)
            if settled and done.texts:
                tx.keep_texts(claimed.escalation, done.texts)
            return settled

        return piece

    def _bury(self, claimed: Claimed, result: Retry) -> Callable[[Transaction], bool]:
        command = result_command(claimed.key, result.giving_up).model_dump_json().encode()
        return lambda tx: tx.bury(claimed.key, claimed.attempt, result=command, why=result.why, source_key=claimed.key)


def _asks_others(claimed: Claimed) -> bool:
    """Whether an effect is one of another system, which has its own idea of how long it may take."""
    return claimed.lane.startswith("run:")
