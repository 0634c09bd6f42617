"""The tables of the store in memory, and reading from them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime

from runner.engine.observation import Case
from runner.store.port import ActiveEpoch, InboxRow, OutboxRow, OutboxStatus, Pending, Stream, Text

__all__ = ["HintState", "MemoryReader", "Tables"]


@dataclass(frozen=True, slots=True)
class HintState:
    """A hint: its place in the queue, its number, and when it may be taken; None is at once."""

    place: int
    n: int
    ready_at: float | None


@dataclass(slots=True)
class Tables:
    """One workspace. The outbox keeps its rows by key, in the order of decisions across all escalations."""

    contracts: dict[str, bytes] = field(default_factory=dict)
    rosters: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, tuple[tuple[int, bytes], ...]] = field(default_factory=dict)
    epochs: dict[int, ActiveEpoch] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    decisions: dict[str, tuple[tuple[int, bytes, str], ...]] = field(default_factory=dict)
    texts: dict[tuple[str, str], Text] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    inbox: dict[int, InboxRow] = field(default_factory=dict)
    hints: dict[str, HintState] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    outbox: dict[str, tuple[str, OutboxRow]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    causes: dict[tuple[str, str], str] = field(default_factory=dict)
    links: dict[tuple[str, str], None] = field(default_factory=dict)
    accounts: dict[tuple[str, int, str], None] = field(default_factory=dict)
    overlay: dict[int, tuple[bytes, str]] = field(default_factory=dict)

    def copy(self) -> Tables:
        """A copy that shares the values, which nobody changes in place."""
        return Tables(**{table.name: dict(getattr(self, table.name)) for table in fields(self)})

    def count(self, name: str) -> int:
        """The next number under a name, from 1."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]


class MemoryReader:
    """See `runner.store.port.Reader`."""

    def __init__(self, tables: Tables) -> None:
        self._kept: Tables | None = tables

    @property
    def _tables(self) -> Tables:
        if self._kept is None:
            raise RuntimeError("a reader or transaction of the store was used after its `with` block")
        return self._kept

    def end(self) -> None:
        """Refuse further use."""
        self._kept = None

    def active(self) -> ActiveEpoch | None:
        """See the port."""
        return self._tables.epochs.get(len(self._tables.epochs))

    def epochs(self) -> list[ActiveEpoch]:
        """See the port."""
        return list(self._tables.epochs.values())

    def contract(self, digest: str) -> bytes:
        """See the port."""
        return self._tables.contracts[digest]

    def roster(self, digest: str) -> bytes:
        """See the port."""
        return self._tables.rosters[digest]

    def places(self, digest: str, epoch: int) -> tuple[int, bytes] | None:
        """See the port."""
        return next((kept for kept in reversed(self._tables.places.get(digest, ())) if kept[0] <= epoch), None)

    def case(self, ticket: str) -> Case | None:
        """See the port."""
        return self._tables.cases.get(ticket)

    def stream(self, escalation: str) -> Stream | None:
        """See the port."""
        return self._tables.streams.get(escalation)

    def streams(self, *, open_only: bool, limit: int, after: str = "") -> list[Stream]:
        """See the port."""
        found = (stream for name, stream in sorted(self._tables.streams.items()) if name > after)
        return [stream for stream in found if stream.open or not open_only][:limit]

    def escalations(self, *, limit: int, after: str = "") -> list[str]:
        """See the port."""
        return [name for name in sorted(self._tables.streams) if name > after][:limit]

    def decisions(self, escalation: str, after_seq: int = 0) -> Iterator[tuple[int, bytes, str]]:
        """See the port."""
        yield from self._tables.decisions.get(escalation, ())[after_seq:]

    def text(self, escalation: str, digest: str) -> str | None:
        """See the port."""
        kept = self._tables.texts.get((escalation, digest))
        return None if kept is None else kept[1]

    def next_due(self) -> datetime | None:
        """See the port."""
        return min((stream.due for stream in self._tables.streams.values() if stream.due is not None), default=None)

    def next_watch(self) -> datetime | None:
        """See the port."""
        return min((case.watch_due for case in self._tables.cases.values() if case.watch_due is not None), default=None)

    def pending(self) -> Pending:
        """See the port."""
        found = [row.status for _, row in self._tables.outbox.values()]
        return Pending(
            inbox=len(self._tables.inbox),
            outbox_ready=found.count(OutboxStatus.READY),
            outbox_leased=found.count(OutboxStatus.LEASED),
            outbox_waiting=found.count(OutboxStatus.WAITING) + found.count(OutboxStatus.BEHIND),
            dead=found.count(OutboxStatus.DEAD),
            hints=len(self._tables.hints),
        )

    def outbox_of(self, escalation: str) -> list[OutboxRow]:
        """See the port."""
        return [row for owner, row in self._tables.outbox.values() if owner == escalation]

    def cursor(self, name: str) -> str | None:
        """See the port."""
        return self._tables.cursors.get(name)

    def overlay(self, after: int = 0) -> list[tuple[int, bytes, str]]:
        """See the port."""
        return [(number, *kept) for number, kept in self._tables.overlay.items() if number > after]
