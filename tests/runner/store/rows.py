"""Made-up decisions, states and cases for tests of the store. Their content means nothing to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from runner.contract.canonical import canonical, digest_of
from runner.engine.conditions import Value
from runner.engine.decision import Decision
from runner.engine.effects import Effect
from runner.engine.observation import Case
from runner.store import ActiveEpoch, Text, Transaction

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONTRACT: Final = digest_of(b"contract")
ROSTER: Final = digest_of(b"roster")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def epoch(number: int, roster: str = ROSTER) -> ActiveEpoch:
    return ActiveEpoch(number, f"commit-{number}", f"manifest-{number}", roster, at(number))


def activate(write: Transaction) -> None:
    assert write.activate(None, epoch(1), {CONTRACT: b"contract"}, b"roster")


def decision(escalation: str, seq: int, size: int = 1) -> Decision:
    body = canonical({"escalation": escalation, "seq": seq, "events": "x" * size})
    return Decision(escalation, seq, body, digest_of(body))


def effect(kind: str = "message", lane: str = "", **payload: object) -> Effect:
    return Effect(kind, lane, payload)  # type: ignore[arg-type]


def append(
    write: Transaction,
    escalation: str,
    seq: int = 1,
    *,
    ticket: str | None = None,
    contract: str = CONTRACT,
    due: datetime | None = None,
    is_open: bool = True,
    effects: Sequence[Effect] = (),
    texts: Mapping[str, Text] | None = None,
) -> None:
    """A decision with defaults: each escalation on a ticket of its own."""
    write.append(
        decision(escalation, seq),
        now=at(seq),
        ticket=ticket or f"T-{escalation}",
        template="billing",
        contract=contract,
        state=f"state {seq}".encode(),
        due=due,
        open=is_open,
        effects=effects,
        texts=texts,
    )


def case(ticket: str, watch_due: datetime | None = None) -> Case:
    """A case with a value of every sort."""
    reading: dict[str, Value] = {
        "priority": "high",
        "amount": 12.5,
        "count": 3,
        "whole": 3.0,
        "vip": True,
        "text": "1",
        "none": None,
    }
    return Case(
        ticket,
        "v7",
        at(-5),
        reading,
        {"priority": at(-3), "vip": at(-2) + timedelta(microseconds=1)},
        outcome="billing",
        outcome_reason="matched ✓",
        fired_at={"billing": at(0)},
        closed_at={"fallback": at(-60)},
        escalation="e1",
        watch_due=watch_due,
        gone=True,
        problems=("type holds the text `✓`",),
    )
