"""The unit of record: one decision, one row of canonical bytes, chained by hash to the one before.

`advance` is the only way in which a command meets a state, for the service, for scenarios and for replay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter

from runner.contract.canonical import canonical_encoder, digest_of
from runner.contract.contract import Contract
from runner.contract.values import format_instant, parse_instant
from runner.engine import events as ev
from runner.engine.commands import Command
from runner.engine.decide import drafted
from runner.engine.effects import Effect
from runner.engine.reasons import CommandRejected
from runner.engine.state import State
from runner.engine.world import World

__all__ = [
    "ROW_VERSION",
    "SEMANTICS",
    "Advance",
    "Decided",
    "Decision",
    "Stamp",
    "advance",
    "decided",
    "read_decision",
    "read_links",
]

SEMANTICS = 2
"""Rises when `decide` may answer differently to the same question."""
ROW_VERSION = 1
"""Rises when the row has other keys."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a decision was made under, beside the contract: roster digest, epoch, tzdata version."""

    roster: str
    epoch: int
    tzdata: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A row: its canonical bytes, which the hash covers, and their parts."""

    escalation: str
    seq: int
    body: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows from a command, before it is written down: as `Advance`, and the instant of the decision."""

    now: datetime
    state: State | None
    events: tuple[ev.Event, ...]
    effects: tuple[Effect, ...]
    rejected: CommandRejected | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """What a command did: the row, the state after it, the effects; `rejected` if it was refused.

    A refusal from which something follows, such as asking others for what is missing, has events as well.
    """

    decision: Decision
    state: State | None
    events: tuple[ev.Event, ...]
    effects: tuple[Effect, ...]
    rejected: CommandRejected | None = None


def advance(
    contract: Contract,
    state: State | None,
    command: Command,
    world: World,
    *,
    escalation: str,
    seq: int,
    prev: str,
    stamp: Stamp,
) -> Advance | None:
    """Decide a command and write its row; None if nothing follows and nothing is to be recorded.

    `seq` is the number of the row to write (1 for the first) and `prev` the hash before it ("" for the first). `now`
    never goes back within an escalation: the state's last instant is used if the world's is earlier. A refused command
    of a person is recorded; one of the machine is not, and comes back without a row as CommandRejected.
    """
    done = decided(contract, state, command, world)
    if done is None:
        return None
    row = _row(contract, command, done, escalation=escalation, seq=seq, prev=prev, stamp=stamp)
    return Advance(row, done.state, done.events, done.effects, done.rejected)


def decided(contract: Contract, state: State | None, command: Command, world: World) -> Decided | None:
    """Decide a command as `advance` does, and write no row: for whoever needs none, such as a scenario."""
    world = _not_before(world, state)
    try:
        draft = drafted(contract, state, command, world)
    except CommandRejected as rejected:
        if not command.human or state is None:
            raise
        return Decided(world.now, state, (), (), rejected.with_traceback(None))  # which holds on to all that led here
    if not draft.events:
        return None
    return Decided(world.now, draft.state, tuple(draft.events), tuple(draft.effects), draft.refused)


def _not_before(world: World, state: State | None) -> World:
    if state is None or world.now >= state.now:
        return world
    return replace(world, now=state.now)  # type: ignore[type-var]


def _plain(value: object) -> object:
    """The JSON form of what commands and events hold beyond JSON: themselves, and instants."""
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, BaseModel):
        return value.__dict__
    raise TypeError(f"{type(value).__name__} has no canonical form")


_encode = canonical_encoder(_plain)


def _row(
    contract: Contract, command: Command, done: Decided, *, escalation: str, seq: int, prev: str, stamp: Stamp
) -> Decision:
    rejected = done.rejected
    row = {
        "v": ROW_VERSION,
        "escalation": escalation,
        "seq": seq,
        "now": done.now,
        "command": {**vars(command), "args": vars(command.args)},
        "rejected": {"reason": rejected.reason.value, "detail": rejected.detail} if rejected else None,
        "contract": contract.digest,
        "roster": stamp.roster,
        "epoch": stamp.epoch,
        "semantics": SEMANTICS,
        "tzdata": stamp.tzdata,
        "events": [vars(event) for event in done.events],
        "prev": prev,
    }
    body = _encode(row)
    return Decision(escalation, seq, body, digest_of(body))


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """A row read back."""

    escalation: str
    seq: int
    now: datetime
    command: Command
    rejected: dict[str, str] | None
    contract: str
    stamp: Stamp
    semantics: int
    events: tuple[ev.Event, ...]
    prev: str


@dataclass(frozen=True, slots=True)
class Links:
    """What a row says of its place in the chain, and under which semantics it was decided."""

    seq: int
    prev: str
    semantics: int


_EVENTS: TypeAdapter[tuple[ev.Event, ...]] = TypeAdapter(tuple[ev.Event, ...], config={"defer_build": True})


def _parse(body: bytes) -> dict[str, Any]:
    row = json.loads(body)
    if not isinstance(row, dict) or row.get("v") != ROW_VERSION:
        version = row.get("v") if isinstance(row, dict) else None
        msg = f"a decision row of version {version}; this program reads version {ROW_VERSION}"
        raise ValueError(msg)
    return row


def read_links(body: bytes) -> Links:
    """The place of a row in its chain, whatever its semantics; raises ValueError or KeyError as `read_decision`."""
    row = _parse(body)
    return Links(row["seq"], row["prev"], row["semantics"])


def read_decision(body: bytes) -> ReadDecision:
    """The parts of a row; raises ValueError if it is none of a known version, KeyError if a part is missing."""
    row = _parse(body)
    return ReadDecision(
        escalation=row["escalation"],
        seq=row["seq"],
        now=parse_instant(row["now"]),
        command=Command.model_validate(row["command"]),
        rejected=row["rejected"],
        contract=row["contract"],
        stamp=Stamp(row["roster"], row["epoch"], row["tzdata"]),
        semantics=row["semantics"],
        events=_EVENTS.validate_python(row["events"]),
        prev=row["prev"],
    )
