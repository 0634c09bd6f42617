"""The outbox in SQLite: which effect may be done now, by whom, and what becomes of it. Does none of them.

A row that may be claimed has a `ready_at`: -1 for a fresh one, else the end of a back-off or of a lease. Rows behind
another in their lane and dead ones have none, so a claim is two steps into one index however long the queue is.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.engine.effects import Effect
from runner.store import sqlite_statements as sql
from runner.store.encoding import dump_payload, load_payload
from runner.store.port import Claimed, OutboxStatus, effect_key
from runner.store.sharing import share
from runner.store.sqlite_file import Session

__all__ = ["bury", "claim", "parse_key", "prepare", "retry", "settle"]

_READY = (OutboxStatus.READY.value, -1.0)
_BEHIND = (OutboxStatus.BEHIND.value, None)


def parse_key(key: str) -> tuple[str, int, int] | None:
    """Escalation, seq and index of an idempotency key; None if it is none."""
    parts = key.rsplit(":", 2)
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):  # noqa: PLR2004 - three parts
        return None
    return parts[0], int(parts[1]), int(parts[2])


def prepare(
    session: Session, workspace: int, escalation: str, seq: int, effects: Sequence[Effect]
) -> list[tuple[object, ...]]:
    """The rows for the effects of a decision, to be written by `OUTBOX_ADD`; writes nothing itself."""
    taken: set[str] = set()
    if seq > 1 and any(effect.lane for effect in effects):
        taken.update(row[0] for row in session.rows(sql.OUTBOX_LANES, workspace, escalation))
    rows: list[tuple[object, ...]] = []
    for number, effect in enumerate(effects):
        status, ready_at = _BEHIND if effect.lane in taken else _READY
        if effect.lane:
            taken.add(effect.lane)
        payload = dump_payload(effect.payload)
        rows.append((workspace, escalation, seq, number, effect.kind, effect.lane, payload, status, ready_at))
    return rows


def claim(session: Session, workspace: int, limit: int, now_machine: float, lease_seconds: float) -> list[Claimed]:
    """See `runner.store.port.Transaction`."""
    again = session.rows(sql.OUTBOX_AGAIN, workspace, now_machine, limit)
    taken = share(again, session.rows(sql.OUTBOX_FRESH, workspace, limit), limit)
    session.many(sql.OUTBOX_LEASE, [(now_machine + lease_seconds, workspace, *row[:3]) for row in taken])
    return [
        Claimed(
            effect_key(escalation, seq, number),
            escalation,
            seq,
            number,
            kind,
            lane,
            load_payload(payload),
            attempt + 1,
            contract,
            ticket,
        )
        for escalation, seq, number, kind, lane, payload, attempt, contract, ticket in taken
    ]


def settle(session: Session, workspace: int, key: str, attempt: int) -> bool:
    """Remove a leased row and let its lane go on."""
    parts = parse_key(key)
    row = session.row(sql.OUTBOX_SETTLE, workspace, *parts, attempt) if parts else None
    return _go_on(session, workspace, key, row)


def retry(session: Session, workspace: int, key: str, attempt: int, *, at_machine: float, why: str) -> bool:
    """Let a leased row wait."""
    parts = parse_key(key)
    return bool(parts and session.run(sql.OUTBOX_RETRY, at_machine, why, workspace, *parts, attempt))


def bury(session: Session, workspace: int, key: str, attempt: int, why: str) -> bool:
    """Keep a leased row as dead and let its lane go on."""
    parts = parse_key(key)
    row = session.row(sql.OUTBOX_BURY, why, workspace, *parts, attempt) if parts else None
    return _go_on(session, workspace, key, row)


def _go_on(session: Session, workspace: int, key: str, row: tuple[str] | None) -> bool:
    if row is None:
        return False
    escalation = key.rsplit(":", 2)[0]
    following = session.row(sql.OUTBOX_NEXT_BEHIND, workspace, escalation, row[0]) if row[0] else None
    if following is not None:
        session.run(sql.OUTBOX_UNBLOCK, workspace, escalation, *following)
    return True
