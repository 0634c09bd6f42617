"""Replay: decide again from the rows and compare bytes. Folding events is not replay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from runner.contract.canonical import digest_of
from runner.contract.contract import Contract
from runner.engine.decision import SEMANTICS, Advance, ReadDecision, advance, read_decision, read_links
from runner.engine.reasons import CommandRejected
from runner.engine.state import State
from runner.engine.world import World

__all__ = ["ReplayVerdict", "Verdict", "replay"]


class Verdict(StrEnum):
    """What replay found."""

    IDENTICAL = "identical"
    TAMPERED = "tampered"
    ENGINE_CHANGED = "engine_changed"
    DATA_CHANGED = "data_changed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """The verdict on one escalation, with the state after the last row and the first row that differs (None: none)."""

    verdict: Verdict
    rows: int
    state: State | None
    at: int | None = None
    detail: str = ""


def replay(
    rows: Iterable[tuple[int, bytes, str]],
    contracts: Callable[[str], Contract],
    world: Callable[[str, str, datetime], World],
) -> ReplayVerdict:
    """Decide the rows (seq, body, hash) of one escalation again, in order.

    `contracts` gives a contract by digest; `world` gives the world by roster digest, tzdata version and instant. Both
    raise LookupError for what they no longer have. Rows under another semantics version are *engine changed*, never
    *tampered*, as long as their hashes hold.
    """
    state: State | None = None
    prev, count = "", 0
    for expected, (seq, body, stored) in enumerate(rows, start=1):
        if seq != expected or digest_of(body) != stored:
            return ReplayVerdict(Verdict.TAMPERED, count, state, seq, "the row's bytes, number or hash were changed")
        try:
            links = read_links(body)
            if links.prev != prev or links.seq != seq:
                return ReplayVerdict(Verdict.TAMPERED, count, state, seq, "the chain is broken")
            if links.semantics != SEMANTICS:
                detail = f"decided under semantics {links.semantics}, this program has {SEMANTICS}"
                return ReplayVerdict(Verdict.ENGINE_CHANGED, count, state, seq, detail)
            row = read_decision(body)
        except (ValueError, KeyError, TypeError) as error:
            return ReplayVerdict(Verdict.UNREADABLE, count, state, seq, str(error)[:300])
        try:
            again = _again(row, state, contracts, world)
        except LookupError as error:
            return ReplayVerdict(Verdict.DATA_CHANGED, count, state, seq, str(error)[:300])
        if again is None or again.decision.body != body:
            return ReplayVerdict(Verdict.TAMPERED, count, state, seq, "deciding again gives other bytes")
        state, prev, count = again.state, stored, count + 1
    return ReplayVerdict(Verdict.IDENTICAL, count, state)


def _again(
    row: ReadDecision,
    state: State | None,
    contracts: Callable[[str], Contract],
    world: Callable[[str, str, datetime], World],
) -> Advance | None:
    try:
        return advance(
            contracts(row.contract),
            state,
            row.command,
            world(row.stamp.roster, row.stamp.tzdata, row.now),
            escalation=row.escalation,
            seq=row.seq,
            prev=row.prev,
            stamp=row.stamp,
        )
    except CommandRejected:
        return None
