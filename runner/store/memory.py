"""A store in memory, for tests and simulations: what SQLite does, by dicts. Nothing survives the process.

A transaction works on a copy of the tables and swaps it in at the end, so readers see what is committed and an
exception leaves nothing. Everything kept is immutable.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from runner.engine.decision import Decision
from runner.engine.effects import Effect
from runner.engine.observation import Case
from runner.store.encoding import dump_case, dump_payload, from_micros, load_case, load_payload, to_micros
from runner.store.memory_reader import HintState, MemoryReader, Tables
from runner.store.port import (
    ActiveEpoch,
    Claimed,
    Conflict,
    HintRow,
    InboxRow,
    OutboxRow,
    OutboxStatus,
    Reader,
    StoreError,
    Stream,
    Text,
    Transaction,
    effect_key,
)
from runner.store.sharing import share

__all__ = ["MemoryStore"]

_UNSETTLED = (OutboxStatus.READY, OutboxStatus.LEASED, OutboxStatus.WAITING, OutboxStatus.BEHIND)


class MemoryTransaction(MemoryReader):
    """See `runner.store.port.Transaction`."""

    def activate(
        self,
        expected: int | None,
        new: ActiveEpoch,
        contracts: Mapping[str, bytes],
        roster: bytes,
        places: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bool:
        """See the port."""
        active = self.active()
        if expected != (None if active is None else active.epoch):
            return False
        tables = self._tables
        tables.contracts = {**contracts, **tables.contracts}
        tables.rosters.setdefault(new.roster, roster)
        tables.epochs[len(tables.epochs) + 1] = new
        for digest, body in places.items():
            kept = tables.places.get(digest, ())
            if not kept or kept[-1][1] != body:
                tables.places[digest] = (*kept, (new.epoch, body))
        return True

    def keep_roster(self, digest: str, body: bytes) -> None:
        """See the port."""
        self._tables.rosters.setdefault(digest, body)

    def add_overlay(self, number: int, body: bytes, hash: str) -> None:  # noqa: A002 - the word of decisions
        """See the port."""
        last = len(self._tables.overlay)
        if number != last + 1:
            raise Conflict(f"entry {number} of the overlay does not follow {last}")
        self._tables.overlay[number] = (body, hash)

    def first_time(self, source_key: str) -> bool:
        """See the port."""
        seen = source_key in self._tables.seen
        self._tables.seen[source_key] = None
        return not seen

    def put_case(self, case: Case) -> None:
        """See the port."""
        self._tables.cases[case.ticket] = load_case(dump_case(case))

    def watch_all(self, now: datetime) -> None:
        """See the port."""
        cases, at = self._tables.cases, from_micros(to_micros(now))
        for ticket, case in cases.items():
            if not case.gone and (case.watch_due is None or case.watch_due > at):
                cases[ticket] = replace(case, watch_due=at)

    def append(
        self,
        decision: Decision,
        *,
        now: datetime,
        ticket: str,
        template: str,
        contract: str,
        state: bytes,
        due: datetime | None,
        open: bool,  # noqa: A002 - the word of `Stream`
        effects: Sequence[Effect],
        texts: Mapping[str, Text] | None = None,
    ) -> None:
        """See the port."""
        tables, escalation, seq = self._tables, decision.escalation, decision.seq
        stored = tables.streams.get(escalation)
        if seq != (stored.seq if stored else 0) + 1:
            raise Conflict(f"decision {seq} of {escalation} does not follow {stored.seq if stored else 0}")
        others = (other for name, other in tables.streams.items() if name != escalation)
        if open and any(other.open and other.ticket == ticket for other in others):
            raise Conflict(f"ticket {ticket} has another open escalation")
        if contract not in tables.contracts:
            raise LookupError(f"the store keeps no contract {contract}")
        payloads = [load_payload(dump_payload(effect.payload)) for effect in effects]
        due_at = None if due is None else from_micros(to_micros(due))
        at = from_micros(to_micros(now))
        new = Stream(escalation, ticket, template, contract, seq, decision.hash, state, due_at, open, at)
        tables.streams[escalation] = new
        rows = tables.decisions.get(escalation, ())
        tables.decisions[escalation] = (*rows, (seq, decision.body, decision.hash))
        self.keep_texts(escalation, texts or {})
        for index, (effect, payload) in enumerate(zip(effects, payloads, strict=True)):
            key = effect_key(escalation, seq, index)
            behind = self._head(escalation, effect.lane, _UNSETTLED) is not None
            status, ready_at = (OutboxStatus.BEHIND, None) if behind else (OutboxStatus.READY, 0.0)
            row = OutboxRow(key, seq, index, effect.kind, effect.lane, payload, status, 0, ready_at, "")
            tables.outbox[key] = (escalation, row)

    def keep_texts(self, escalation: str, texts: Mapping[str, Text]) -> None:
        """See the port."""
        for digest, text in texts.items():
            self._tables.texts.setdefault((escalation, digest), text)

    def standing(self, template: str, cause: str) -> str | None:
        """See the port."""
        found = self._tables.causes.get((template, cause))
        return found if found is not None and self._tables.streams[found].open else None

    def stand(self, template: str, cause: str, escalation: str, instead: str | None) -> None:
        """See the port."""
        if (found := self.standing(template, cause)) != instead:
            raise Conflict(f"{found or 'no escalation'} stands for the cause, not {instead or 'none'}")
        self._tables.causes[template, cause] = escalation

    def link(self, escalation: str, ticket: str) -> None:
        """See the port."""
        self._tables.links[escalation, ticket] = None

    def linked(self, escalation: str) -> list[str]:
        """See the port."""
        return sorted(ticket for owner, ticket in self._tables.links if owner == escalation)

    def put_account(self, account: str, at: datetime, escalation: str) -> None:
        """See the port."""
        self._tables.accounts[account, to_micros(at), escalation] = None

    def of_account(self, account: str, since: datetime, limit: int) -> list[str]:
        """See the port."""
        first = to_micros(since)
        found = sorted((at, name) for owner, at, name in self._tables.accounts if owner == account and at >= first)
        return [name for _, name in reversed(found)][:limit]

    def due(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = [(stream.due, name) for name, stream in self._tables.streams.items() if stream.due is not None]
        return [name for at, name in sorted(found) if at <= now][:limit]

    def watches(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = [(case.watch_due, name) for name, case in self._tables.cases.items() if case.watch_due is not None]
        return [name for at, name in sorted(found) if at <= now][:limit]

    def put_command(self, escalation: str, command: bytes, source_key: str) -> bool:
        """See the port."""
        if not self.first_time(source_key):
            return False
        number = self._tables.count("inbox")
        self._tables.inbox[number] = InboxRow(number, escalation, command)
        return True

    def take_commands(self, limit: int) -> list[InboxRow]:
        """See the port."""
        return list(self._tables.inbox.values())[:limit]

    def done_command(self, id: int) -> None:  # noqa: A002 - the word of `InboxRow`
        """See the port."""
        self._tables.inbox.pop(id, None)

    def put_hint(self, ticket: str, source: str) -> None:  # noqa: ARG002 - nobody looks into this store
        """See the port."""
        n = self._tables.count("hints")
        old = self._tables.hints.get(ticket)
        self._tables.hints[ticket] = HintState(n, n, None) if old is None else replace(old, n=n)

    def take_hints(self, limit: int, now_machine: float, lease_seconds: float) -> list[HintRow]:
        """See the port."""
        hints = self._tables.hints
        due = sorted((hint.ready_at, hint.place, name) for name, hint in hints.items() if hint.ready_at is not None)
        again = [name for at, _, name in due if at <= now_machine]
        fresh = sorted((name for name in hints if hints[name].ready_at is None), key=lambda name: hints[name].place)
        taken = share(again, fresh, limit)
        for name in taken:
            hints[name] = replace(hints[name], ready_at=now_machine + lease_seconds)
        return [HintRow(name, hints[name].n) for name in taken]

    def done_hint(self, ticket: str, n: int) -> None:
        """See the port."""
        hint = self._tables.hints.get(ticket)
        if hint is not None and hint.n == n:
            del self._tables.hints[ticket]
        elif hint is not None:
            self._tables.hints[ticket] = replace(hint, ready_at=None)

    def back_off_hint(self, ticket: str, until_machine: float) -> None:
        """See the port."""
        if ticket in self._tables.hints:
            self._tables.hints[ticket] = replace(self._tables.hints[ticket], ready_at=until_machine)

    def set_cursor(self, name: str, value: str) -> None:
        """See the port."""
        self._tables.cursors[name] = value

    def claim(self, limit: int, now_machine: float, lease_seconds: float) -> list[Claimed]:
        """See the port."""
        tables, claimed = self._tables, []
        rows = sorted(tables.outbox.values(), key=lambda found: (found[0], found[1].seq, found[1].index))
        fresh = [row.key for _, row in rows if row.status is OutboxStatus.READY]
        due = [
            (row.ready_at, row.status.value, place, row.key)
            for place, (_, row) in enumerate(rows)
            if row.status in (OutboxStatus.LEASED, OutboxStatus.WAITING) and row.ready_at is not None
        ]
        again = [key for at, _, _, key in sorted(due) if at <= now_machine]
        for key in share(again, fresh, limit):
            owner, row = tables.outbox[key]
            leased = replace(
                row, status=OutboxStatus.LEASED, attempt=row.attempt + 1, ready_at=now_machine + lease_seconds
            )
            tables.outbox[key] = (owner, leased)
            stream = tables.streams[owner]
            parts = (row.seq, row.index, row.kind, row.lane, row.payload, leased.attempt)
            claimed.append(Claimed(key, owner, *parts, stream.contract, stream.ticket))
        return claimed

    def settle(self, key: str, attempt: int, *, result: bytes | None, source_key: str | None = None) -> bool:
        """See the port."""
        found = self._leased(key, attempt)
        if found is None:
            return False
        del self._tables.outbox[key]
        self._go_on(*found, result, source_key)
        return True

    def retry(self, key: str, attempt: int, at_machine: float, why: str) -> bool:
        """See the port."""
        found = self._leased(key, attempt)
        if found is None:
            return False
        owner, row = found
        waiting = replace(row, status=OutboxStatus.WAITING, ready_at=at_machine, why=why)
        self._tables.outbox[key] = (owner, waiting)
        return True

    def bury(self, key: str, attempt: int, *, result: bytes | None, why: str, source_key: str | None = None) -> bool:
        """See the port."""
        found = self._leased(key, attempt)
        if found is None:
            return False
        owner, row = found
        self._tables.outbox[key] = (owner, replace(row, status=OutboxStatus.DEAD, ready_at=None, why=why))
        self._go_on(owner, row, result, source_key)
        return True

    def _leased(self, key: str, attempt: int) -> tuple[str, OutboxRow] | None:
        found = self._tables.outbox.get(key)
        held = found is not None and found[1].status is OutboxStatus.LEASED and found[1].attempt == attempt
        return found if held else None

    def _head(self, escalation: str, lane: str, statuses: Sequence[OutboxStatus]) -> OutboxRow | None:
        """The oldest row of a lane in one of the statuses; the empty lane has none."""
        rows = (row for row in self.outbox_of(escalation) if lane and row.lane == lane and row.status in statuses)
        return next(rows, None)

    def _go_on(self, owner: str, row: OutboxRow, result: bytes | None, source_key: str | None) -> None:
        """Let the lane go on and queue the result."""
        following = self._head(owner, row.lane, (OutboxStatus.BEHIND,))
        if following is not None:
            ready = replace(following, status=OutboxStatus.READY, ready_at=0.0)
            self._tables.outbox[following.key] = (owner, ready)
        if result is not None:
            self.put_command(owner, result, source_key or row.key)


class _Memory:
    """What the workspaces share: committed tables by name, and the one writer."""

    def __init__(self) -> None:
        self.committed: dict[str, Tables] = {}
        self.writing = threading.Lock()
        self.writer: int | None = None


class MemoryStore:
    """See `runner.store.port.Store`."""

    def __init__(self, workspace: str = "default", memory: _Memory | None = None) -> None:
        if not workspace:
            raise StoreError("a workspace needs a name", "leave it out for `default`")
        self._memory = memory or _Memory()
        self._workspace = workspace
        self._closed = False
        self._memory.committed.setdefault(workspace, Tables())

    @property
    def notices(self) -> tuple[str, ...]:
        """See the port."""
        return ("this store is in memory: nothing survives the process",)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See the port."""
        self._refuse_closed()
        me = threading.get_ident()
        if self._memory.writer == me:
            raise RuntimeError("a transaction was begun inside another one of the same thread")
        with self._memory.writing:
            self._memory.writer = me
            tables = self._memory.committed[self._workspace].copy()
            transaction = MemoryTransaction(tables)
            try:
                yield transaction
                self._memory.committed[self._workspace] = tables
            finally:
                transaction.end()
                self._memory.writer = None

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """See the port."""
        self._refuse_closed()
        reader = MemoryReader(self._memory.committed[self._workspace])
        try:
            yield reader
        finally:
            reader.end()

    def workspace(self, name: str) -> MemoryStore:
        """See the port."""
        self._refuse_closed()
        return MemoryStore(name, self._memory)

    def close(self) -> None:
        """See the port."""
        self._closed = True

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError("the store is closed", "open it again")
