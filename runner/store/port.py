"""The port of the decision store, and the values that cross it: decisions, states, cases, inbox, hints, outbox.

A store keeps what it is given, whole or not at all, and hands it out in order. It decides nothing, asks nobody for the
time, and knows no rule about escalations. Contract instants are aware datetimes, machine times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from runner.engine.decision import Decision
from runner.engine.effects import Effect
from runner.engine.observation import Case
from runner.store.values import (
    ActiveEpoch,
    Claimed,
    Conflict,
    HintRow,
    InboxRow,
    OutboxRow,
    OutboxStatus,
    Pending,
    StoreError,
    Stream,
    Text,
    effect_key,
)

__all__ = [
    "ActiveEpoch",
    "Claimed",
    "Conflict",
    "HintRow",
    "InboxRow",
    "OutboxRow",
    "OutboxStatus",
    "Pending",
    "Reader",
    "Store",
    "StoreError",
    "Stream",
    "Text",
    "Transaction",
    "effect_key",
]


class Reader(Protocol):
    """Reads from one consistent view. Valid only inside its `with`."""

    def active(self) -> ActiveEpoch | None:
        """The epoch that decisions are made under now; None before the first activation."""
        ...

    def epochs(self) -> list[ActiveEpoch]:
        """Every activation, oldest first."""
        ...

    def contract(self, digest: str) -> bytes:
        """A contract that was active at any time. Raises LookupError."""
        ...

    def roster(self, digest: str) -> bytes:
        """A roster that was active at any time, with or without an overlay. Raises LookupError."""
        ...

    def places(self, digest: str, epoch: int) -> tuple[int, bytes] | None:
        """Where a contract's rules stood last up to an epoch: since when, and what `activate` was told; else None."""
        ...

    def case(self, ticket: str) -> Case | None:
        """Our row for a ticket; None if it was never seen."""
        ...

    def stream(self, escalation: str) -> Stream | None:
        """An escalation's state; None if there is none of this id."""
        ...

    def streams(self, *, open_only: bool, limit: int, after: str = "") -> list[Stream]:
        """The next escalations with an id greater than `after`, in order of id."""
        ...

    def escalations(self, *, limit: int, after: str = "") -> list[str]:
        """The next ids greater than `after`, in order, open or not."""
        ...

    def decisions(self, escalation: str, after_seq: int = 0) -> Iterator[tuple[int, bytes, str]]:
        """Rows (seq, body, hash) in order, from the one after `after_seq`."""
        ...

    def text(self, escalation: str, digest: str) -> str | None:
        """A free text by its salted digest; None if it is not kept."""
        ...

    def next_due(self) -> datetime | None:
        """The earliest deadline of all escalations."""
        ...

    def next_watch(self) -> datetime | None:
        """The earliest instant at which a case is to be looked at again."""
        ...

    def pending(self) -> Pending:
        """What is still to be done."""
        ...

    def outbox_of(self, escalation: str) -> list[OutboxRow]:
        """The unsettled and dead effects of an escalation, in the order of decisions."""
        ...

    def cursor(self, name: str) -> str | None:
        """Where polling, or another loop, stands; None before the first `set_cursor`."""
        ...

    def overlay(self, after: int = 0) -> list[tuple[int, bytes, str]]:
        """Entries of the overlay (number, body, hash) in order, from the one after number `after`."""
        ...


class Transaction(Reader, Protocol):
    """Reads and writes that become durable together. It sees its own writes."""

    def activate(
        self,
        expected: int | None,
        new: ActiveEpoch,
        contracts: Mapping[str, bytes],
        roster: bytes,
        places: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bool:
        """Switch the active epoch if it is still `expected` (None: there is none yet); False, and nothing done, if not.

        Contracts by digest and the roster are kept for good; a digest that is already kept stays as it is. `places`
        says by contract where its rules stand at this epoch.
        """
        ...

    def keep_roster(self, digest: str, body: bytes) -> None:
        """Keep a roster for good, under its digest; one that is kept already stays as it is."""
        ...

    def add_overlay(self, number: int, body: bytes, hash: str) -> None:  # noqa: A002 - the word of decisions
        """Append an entry to the overlay. Raises `Conflict` unless `number` is the last one plus one, from 1 on."""
        ...

    def first_time(self, source_key: str) -> bool:
        """Remember a key from outside; False if it was seen before.

        Keys in order of time are cheap, random ones dear.
        """
        ...

    def put_case(self, case: Case) -> None:
        """Write our row for a ticket."""
        ...

    def watch_all(self, now: datetime) -> None:
        """Have every case that is not gone looked at again at `now`; one that is overdue already stays so."""
        ...

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
        """Write a decision with the state, deadline and effects that follow from it, and the texts that it names.

        A refused command is written the same way, with the state unchanged and no effects. Effect i gets the key
        `effect_key(escalation, seq, i)`. Raises `Conflict` unless `decision.seq` is the stored one plus one and no
        other escalation is open on the ticket; LookupError if the contract is not kept here.
        """
        ...

    def keep_texts(self, escalation: str, texts: Mapping[str, Text]) -> None:
        """Keep texts that a result names, by digest; one that is kept already stays as it is."""
        ...

    def standing(self, template: str, cause: str) -> str | None:
        """The open escalation of a template that stands for a cause; None if there is none."""
        ...

    def stand(self, template: str, cause: str, escalation: str, instead: str | None) -> None:
        """Have an escalation stand for a cause, `instead` of the one that does. Raises `Conflict` if another does."""
        ...

    def link(self, escalation: str, ticket: str) -> None:
        """Remember that a ticket is linked to an escalation; doing so twice is fine."""
        ...

    def linked(self, escalation: str) -> list[str]:
        """The tickets that are linked to an escalation, in order of their names."""
        ...

    def put_account(self, account: str, at: datetime, escalation: str) -> None:
        """Remember that an escalation of an account was opened."""
        ...

    def of_account(self, account: str, since: datetime, limit: int) -> list[str]:
        """The escalations of an account that were opened at or after an instant, the newest first."""
        ...

    def due(self, now: datetime, limit: int) -> list[str]:
        """Escalations with a deadline at or before `now`, the longest overdue first."""
        ...

    def watches(self, now: datetime, limit: int) -> list[str]:
        """Tickets to be looked at again at or before `now`, the longest overdue first."""
        ...

    def put_command(self, escalation: str, command: bytes, source_key: str) -> bool:
        """Queue a command; False, and nothing done, if the key was seen before."""
        ...

    def take_commands(self, limit: int) -> list[InboxRow]:
        """The oldest commands. They stay until `done_command`."""
        ...

    def done_command(self, id: int) -> None:  # noqa: A002 - the word of `InboxRow`
        """A command was decided or refused."""
        ...

    def put_hint(self, ticket: str, source: str) -> None:
        """Ask for a ticket to be read again. `source` says who asked last, for people."""
        ...

    def take_hints(self, limit: int, now_machine: float, lease_seconds: float) -> list[HintRow]:
        """Tickets to read now, under a lease; a lease that ran out is given again."""
        ...

    def done_hint(self, ticket: str, n: int) -> None:
        """The ticket was read after hint `n`. Hints that came since make it ready again at once."""
        ...

    def back_off_hint(self, ticket: str, until_machine: float) -> None:
        """The ticket could not be read; not again before `until_machine`, whatever hints come."""
        ...

    def set_cursor(self, name: str, value: str) -> None:
        """Remember where polling stands."""
        ...

    def claim(self, limit: int, now_machine: float, lease_seconds: float) -> list[Claimed]:
        """Lease effects that may be done now: of fresh ones the oldest escalation's first, by id, as they were decided.

        Of a lane of an escalation (the empty lane aside) only the oldest unsettled effect is given. Up to half of the
        claims go to effects that failed or whose lease ran out, so neither they nor fresh ones starve.
        """
        ...

    def settle(self, key: str, attempt: int, *, result: bytes | None, source_key: str | None = None) -> bool:
        """The effect is done: remove it and queue its result as a command (None: nobody waits for one).

        False, and nothing done, unless this attempt still holds it. `source_key` is the effect's key if not given.
        """
        ...

    def retry(self, key: str, attempt: int, at_machine: float, why: str) -> bool:
        """The attempt failed: not again before `at_machine`. False as in `settle`."""
        ...

    def bury(self, key: str, attempt: int, *, result: bytes | None, why: str, source_key: str | None = None) -> bool:
        """Give the effect up: it is kept as dead, its lane goes on, its result is queued. False as in `settle`."""
        ...


class Store(Protocol):
    """A store, bound to one workspace. Thread-safe; every method may raise `StoreError`."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What an operator should know about the database in use."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """One write transaction at a time: durable when the block ends, nothing of it if it raises.

        Raises RuntimeError when the thread is already in one.
        """
        ...

    def reader(self) -> AbstractContextManager[Reader]:
        """A view of what is committed, without waiting for a writer; it cannot write."""
        ...

    def workspace(self, name: str) -> Store:
        """The same database bound to another workspace; it shares nothing but the file, and is closed by itself."""
        ...

    def close(self) -> None:
        """Release it; what was committed stays. Doing so twice is fine."""
        ...
