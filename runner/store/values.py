"""The values that cross the port of the decision store: epochs, streams, effects, commands and hints as they are kept.

Plain data. Contract instants are aware datetimes, machine times are seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "ActiveEpoch",
    "Claimed",
    "Conflict",
    "HintRow",
    "InboxRow",
    "OutboxRow",
    "OutboxStatus",
    "Pending",
    "StoreError",
    "Stream",
    "Text",
    "effect_key",
]

Text = tuple[bytes, str]
"""A free text with the salt of its digest."""


class StoreError(Exception):
    """The store cannot be used, or could not do this; nothing was changed. `help` says what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message}: {advice}")
        self.message = message
        self.help = advice


class Conflict(Exception):
    """A decision was made over a state that is no longer the stored one, or the ticket has another open escalation; or
    an entry of the overlay does not follow the stored ones.

    Nothing of the decision was written; the transaction may go on.
    """


@dataclass(frozen=True, slots=True)
class ActiveEpoch:
    """An activation: the epoch and commit, the manifest's digest, the roster's digest, and when it was activated."""

    epoch: int
    commit: str
    manifest: str
    roster: str
    activated_at: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """An escalation as its last decision left it.

    `state` is what `dump_state` gave, `contract` the digest it runs under, `seq` and `hash` those of the last row,
    `due` its next deadline (None: nothing will fall due), `open` whether it holds its ticket, `at` when the last
    decision was made.
    """

    escalation: str
    ticket: str
    template: str
    contract: str
    seq: int
    hash: str
    state: bytes
    due: datetime | None
    open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """What is still to be done, counted.

    `inbox` are commands, `hints` tickets to read again. Effects are ready, leased (a lease that ran out still counts
    here), waiting (backing off, or behind an older one in their lane) or dead. A workspace is drained when all but
    `dead` are zero.
    """

    inbox: int
    outbox_ready: int
    outbox_leased: int
    outbox_waiting: int
    dead: int
    hints: int

    @property
    def drained(self) -> bool:
        """Whether nothing waits to be done."""
        return not (self.inbox or self.outbox_ready or self.outbox_leased or self.outbox_waiting or self.hints)


class OutboxStatus(StrEnum):
    """Where an effect stands. Settled effects have no row."""

    READY = "ready"
    LEASED = "leased"
    WAITING = "waiting"
    """Backing off after a failed attempt."""
    BEHIND = "behind"
    """An older effect of its lane is not settled."""
    DEAD = "dead"
    """Given up; kept to be seen."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An unsettled or dead effect.

    `ready_at` is in machine seconds: from when on it may be claimed (again), 0 for at once, None if it may not.
    `attempt` counts the claims so far; `why` is what the last failed one said.
    """

    key: str
    seq: int
    index: int
    kind: str
    lane: str
    payload: dict[str, object]
    status: OutboxStatus
    attempt: int
    ready_at: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect to do now, under a lease. `attempt` counts from 1 and must be given back with the result.

    `key` is the idempotency key, the same at every attempt; `contract` is the escalation's.
    """

    key: str
    escalation: str
    seq: int
    index: int
    kind: str
    lane: str
    payload: dict[str, object]
    attempt: int
    contract: str
    ticket: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A command that waits to be decided, as the bytes that were put in."""

    id: int
    escalation: str
    command: bytes


@dataclass(frozen=True, slots=True)
class HintRow:
    """A ticket to read again. `n` rises with every hint about it and is never used twice."""

    ticket: str
    n: int


def effect_key(escalation: str, seq: int, index: int) -> str:
    """The idempotency key of an effect: `index` counts from 0 within decision `seq`."""
    return f"{escalation}:{seq}:{index}"
