"""What moves are made of: one thing that may happen, with the state from which it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.events import made
from runner.engine.state import State

__all__ = ["CLOCK", "HELPDESK", "MOMENT", "TEXT", "Move", "but", "facts_of", "full", "person"]

CLOCK: Final = "surety:clock"
HELPDESK: Final = "surety:helpdesk"
TEXT: Final = "a" * 64
MOMENT: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Move:
    """One thing that may happen, in `state` at `at`. `who` is the part of the one who does it; `must_fail`: it must be
    refused, whatever else holds.

    Nobody changes one; it is not frozen because so many are made.
    """

    label: str
    who: str
    state: State
    actor: str
    args: cmd.Args
    at: datetime
    jobs: tuple[str, ...] = ()
    kind: Literal["person", "time", "world", "result"] = "person"
    must_fail: bool = False


def person(
    state: State,
    label: str,
    who: str,
    actor: str,
    args: cmd.Args,
    **more: Any,  # noqa: ANN401 - further fields of a move
) -> Move:
    """A person does something, now unless `at` says otherwise."""
    return Move(label, who, state, actor, args, more.pop("at", state.now), **more)


def but(state: State, **changes: object) -> State:
    """A state like this one apart from some fields."""
    new = state.copy()
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def full(contract: Contract) -> dict[str, cmd.Scalar]:
    """Every question of the checklist answered."""
    sample: dict[str, Any] = {
        "yes": True, "number": 1, "instant": "2026-03-03T09:00:00Z", "text": TEXT, "evidence": TEXT,
    }  # fmt: skip
    return {c.name: c.values[0] if c.answer == "choice" else sample[c.answer] for c in contract.checklist}


def facts_of(contract: Contract, state: State, *, proven: bool = True) -> cmd.TicketFacts:
    """What the ticket says when everything is proven and as it should be; or when nothing is."""
    wrote = state.record or ("", None, None)
    record: dict[str, cmd.Scalar] = {contract.record.state: wrote[0], contract.record.owner: wrote[1]}
    if not proven:
        return made(cmd.TicketFacts, record=record)
    return made(cmd.TicketFacts, evidence=tuple(need.name for need in contract.evidence), record=record)
