"""Reading from SQLite: rows become the values of the port. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from runner.engine.observation import Case
from runner.store import sqlite_statements as sql
from runner.store.encoding import from_micros, load_case, load_payload
from runner.store.port import ActiveEpoch, OutboxRow, OutboxStatus, Pending, Stream, effect_key
from runner.store.sqlite_file import Session

__all__ = ["SqliteReader"]

_ROWS_AT_ONCE = 200  # decisions in memory while somebody reads a long history


class SqliteReader:
    """See `runner.store.port.Reader`."""

    def __init__(self, session: Session, workspace: int) -> None:
        self._session = session
        self._workspace = workspace

    def active(self) -> ActiveEpoch | None:
        """See the port."""
        row = self._session.row(sql.EPOCH_ACTIVE, self._workspace)
        return None if row is None else _epoch(row)

    def epochs(self) -> list[ActiveEpoch]:
        """See the port."""
        return [_epoch(row) for row in self._session.rows(sql.EPOCH_ALL, self._workspace)]

    def contract(self, digest: str) -> bytes:
        """See the port."""
        return self._kept(sql.CONTRACT_GET, "contract", digest)

    def roster(self, digest: str) -> bytes:
        """See the port."""
        return self._kept(sql.ROSTER_GET, "roster", digest)

    def places(self, digest: str, epoch: int) -> tuple[int, bytes] | None:
        """See the port."""
        row = self._session.row(sql.PLACES_GET, self._workspace, digest, epoch)
        return None if row is None else (int(row[0]), bytes(row[1]))

    def case(self, ticket: str) -> Case | None:
        """See the port."""
        row = self._session.row(sql.CASE_GET, self._workspace, ticket)
        return None if row is None else _case(*row)

    def stream(self, escalation: str) -> Stream | None:
        """See the port."""
        row = self._session.row(sql.STREAM_GET, self._workspace, escalation)
        return None if row is None else _stream(row)

    def streams(self, *, open_only: bool, limit: int, after: str = "") -> list[Stream]:
        """See the port."""
        statement = sql.STREAM_PAGE_OPEN if open_only else sql.STREAM_PAGE
        return [_stream(row) for row in self._session.rows(statement, self._workspace, after, limit)]

    def escalations(self, *, limit: int, after: str = "") -> list[str]:
        """See the port."""
        return [row[0] for row in self._session.rows(sql.ESCALATIONS, self._workspace, after, limit)]

    def decisions(self, escalation: str, after_seq: int = 0) -> Iterator[tuple[int, bytes, str]]:
        """See the port."""
        rows: list[tuple[int, bytes, str]] = [(after_seq, b"", "")]
        while rows:
            rows = self._session.rows(sql.DECISIONS, self._workspace, escalation, rows[-1][0], _ROWS_AT_ONCE)
            yield from rows

    def text(self, escalation: str, digest: str) -> str | None:
        """See the port."""
        row = self._session.row(sql.TEXT_GET, self._workspace, escalation, digest)
        return None if row is None else str(row[0])

    def next_due(self) -> datetime | None:
        """See the port."""
        row = self._session.row(sql.NEXT_DUE, self._workspace)
        return None if row is None else from_micros(row[0])

    def next_watch(self) -> datetime | None:
        """See the port."""
        row = self._session.row(sql.NEXT_WATCH, self._workspace)
        return None if row is None else from_micros(row[0])

    def pending(self) -> Pending:
        """See the port."""
        counts: dict[str, int] = dict(self._session.rows(sql.OUTBOX_COUNT, self._workspace))
        return Pending(
            inbox=self._session.row(sql.INBOX_COUNT, self._workspace)[0],
            outbox_ready=counts.get(OutboxStatus.READY, 0),
            outbox_leased=counts.get(OutboxStatus.LEASED, 0),
            outbox_waiting=counts.get(OutboxStatus.WAITING, 0) + counts.get(OutboxStatus.BEHIND, 0),
            dead=counts.get(OutboxStatus.DEAD, 0),
            hints=self._session.row(sql.HINT_COUNT, self._workspace)[0],
        )

    def outbox_of(self, escalation: str) -> list[OutboxRow]:
        """See the port."""
        return [_outbox(row) for row in self._session.rows(sql.OUTBOX_OF, self._workspace, escalation)]

    def cursor(self, name: str) -> str | None:
        """See the port."""
        row = self._session.row(sql.POLLING_GET, self._workspace, name)
        return None if row is None else str(row[0])

    def overlay(self, after: int = 0) -> list[tuple[int, bytes, str]]:
        """See the port."""
        rows = self._session.rows(sql.OVERLAY_AFTER, self._workspace, after)
        return [(number, bytes(body), digest) for number, body, digest in rows]

    def _kept(self, statement: str, sort: str, digest: str) -> bytes:
        row = self._session.row(statement, self._workspace, digest)
        if row is None:
            raise LookupError(f"the store keeps no {sort} {digest}")
        return bytes(row[0])


def _epoch(row: tuple[Any, ...]) -> ActiveEpoch:
    epoch, commit, manifest, roster, activated_at = row
    return ActiveEpoch(epoch, commit, manifest, roster, from_micros(activated_at))


def _case(body: bytes, watch_due: int | None) -> Case:
    """The column says when to look again: `watch_all` changes nothing else."""
    case = load_case(body)
    due = None if watch_due is None else from_micros(watch_due)
    return case if case.watch_due == due else replace(case, watch_due=due)


def _stream(row: tuple[Any, ...]) -> Stream:
    escalation, ticket, template, contract, seq, digest, state, due, is_open, at = row
    due_at = None if due is None else from_micros(due)
    return Stream(escalation, ticket, template, contract, seq, digest, state, due_at, bool(is_open), from_micros(at))


def _outbox(row: tuple[Any, ...]) -> OutboxRow:
    escalation, seq, number, kind, lane, payload, status, attempt, ready_at, why = row
    key = effect_key(escalation, seq, number)
    loaded = load_payload(payload)
    at = None if ready_at is None else max(ready_at, 0.0)
    return OutboxRow(key, seq, number, kind, lane, loaded, OutboxStatus(status), attempt, at, why)
