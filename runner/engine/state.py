"""The state of one escalation: four regions (ownership, exceptions, runs, deliveries) that meet only in named facts.

Values are treated as immutable: `evolve` copies the state and replaces what changes. Deadlines are derived from the
state, so there is no timer that could disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter

from runner.engine.commands.base import Scalar
from runner.engine.parts import (
    Change,
    Clarification,
    Delivery,
    ExceptionState,
    Offer,
    Page,
    Phase,
    Remedy,
    Rollback,
    Run,
    TaskState,
    Waiting,
)

__all__ = [
    "Change",
    "Clarification",
    "Deadline",
    "Delivery",
    "ExceptionState",
    "Offer",
    "Page",
    "Phase",
    "Remedy",
    "Rollback",
    "Run",
    "State",
    "TaskState",
    "Waiting",
    "accountable",
    "deadlines",
    "dump_state",
    "load_state",
    "next_deadline",
]


@dataclass(slots=True)
class State:
    """One escalation. See the module's words on immutability; instants are aware UTC."""

    escalation: str
    template: str
    ticket: str
    now: datetime
    opened_at: datetime
    outcome_due: datetime
    phase: Phase = Phase.OFFERED
    # ownership
    owners: dict[str, str | None] = field(default_factory=dict)
    rung: int = 0
    ladder_pass: int = 0
    asked: tuple[str, ...] = ()
    offered_in_pass: bool = False
    untold: int = 0
    holder: str | None = None
    accepted_at: datetime | None = None
    progress_due: datetime | None = None
    progress_reminded: bool = False
    checklist_due: datetime | None = None
    answers: dict[str, Scalar] = field(default_factory=dict)
    """What the holder answered to the checklist, texts by digest; empty until it is answered."""
    conflicts: tuple[str, ...] = ()
    clarification: Clarification | None = None
    clarified: tuple[str, ...] = ()
    waiting: Waiting | None = None
    waited: int = 0
    previous: str | None = None
    substitute: str | None = None
    offers: dict[int, Offer] = field(default_factory=dict)
    offer_count: int = 0
    handoffs: int = 0
    giver: str | None = None
    bounced: tuple[tuple[str, str], ...] = ()
    planned: int = 0
    outcome_missed: bool = False
    away: str | None = None
    remind_at: datetime | None = None
    evidence: dict[str, str] = field(default_factory=dict)
    restores: int = 0
    # exceptions
    exceptions: dict[int, ExceptionState] = field(default_factory=dict)
    exception_count: int = 0
    # the end
    breached: bool = False
    postmortem: tuple[str, str] | None = None
    """Its digest, and who sees to what follows from it."""
    remedies: dict[str, Remedy] = field(default_factory=dict)
    # runs
    runs: dict[str, Run] = field(default_factory=dict)
    occurrences: dict[str, int] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    assignees: dict[str, str] = field(default_factory=dict)
    """Of task tickets, who was to do them."""
    proven_tasks: int = 0
    """So many of the task tickets were done when the outcome was proven."""
    failed_tasks: tuple[str, ...] = ()
    pages: dict[str, Page] = field(default_factory=dict)
    results: dict[str, dict[str, Scalar]] = field(default_factory=dict)
    # what runs changed, and what is being taken back
    changes: tuple[Change, ...] = ()
    taken_back: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    rolled_up_to: dict[str, int] = field(default_factory=dict)
    rollbacks: dict[str, Rollback] = field(default_factory=dict)
    rollback_count: int = 0
    not_undone: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of rollbacks that could not take everything back, what has not been taken back since."""
    # deliveries and the ticket's record
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    delivery_count: int = 0
    unreached: tuple[str, ...] = ()
    record: tuple[str, str | None, datetime | None] | None = None
    write_count: int = 0
    writes: tuple[int, ...] = ()
    record_write: int = 0
    rewrite_at: datetime | None = None
    unwritten: bool = False
    gone: bool = False
    # what else was written to the ticket, and what others made of it
    written: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    settled: int = 0
    restored: dict[str, int] = field(default_factory=dict)
    flagged: tuple[tuple[str, str | int | float | bool | None], ...] = ()
    # what came of the ticket
    keeper: str | None = None
    closed_at: datetime | None = None
    replaced: bool = False
    linked: int = 0
    last_linked: tuple[str, ...] = ()

    def copy(self) -> State:
        """A copy that shares the values, which nobody changes in place."""
        return _copied(self)


def _copier() -> Callable[[State], State]:
    """Sets one attribute after the other, written out as dataclasses write theirs: every decision copies a state."""
    lines = "".join(f"    new.{name} = state.{name}\n" for name in State.__slots__)
    made: dict[str, Callable[[State], State]] = {}
    exec(f"def copied(state):\n    new = empty(State)\n{lines}    return new\n", _NAMES, made)  # noqa: S102 - no input
    return made["copied"]


_NAMES: dict[str, object] = {"State": State, "empty": object.__new__}
_copied = _copier()


class Deadline(NamedTuple):
    """An instant at which something falls due: `sort` says what, `key` which one."""

    at: datetime
    rank: int
    sort: str
    key: str


def deadlines(state: State) -> Iterator[Deadline]:
    """Every deadline, unordered. Ties go: offers, exceptions, the outcome, reminders, writes, steps, progress."""
    for offer in state.offers.values():
        if offer.due is not None:
            yield Deadline(offer.due, 0, "offer", str(offer.id))
    for exception in state.exceptions.values():
        yield Deadline(exception.due, 1, "exception", str(exception.id))
        for task in exception.open_tasks:
            if task.due is not None and not task.overdue:
                yield Deadline(task.due, 8, "task", f"{exception.id}/{task.id}")
    if not state.phase.over:
        stands = state.waiting is not None and state.waiting.outcome_left is not None
        if not state.outcome_missed and state.phase is not Phase.RESOLVED and not stands:
            yield Deadline(state.outcome_due, 2, "outcome", "")
        if state.remind_at is not None:
            yield Deadline(state.remind_at, 3, "remind", "")
        if state.rewrite_at is not None:
            yield Deadline(state.rewrite_at, 4, "record", "")
    yield from _of_work(state)
    yield from _of_the_holder(state)
    for check, remedy in state.remedies.items():
        yield Deadline(remedy.due, 11, "remedy", check)


def _of_work(state: State) -> Iterator[Deadline]:
    for run in state.runs.values():
        yield Deadline(run.due, 5, "step", run.id)
    for rollback in state.rollbacks.values():
        if rollback.due is not None:
            yield Deadline(rollback.due, 5, "undo", rollback.id)
    for key, page in state.pages.items():
        yield Deadline(page.due, 7, "page", key)


def _of_the_holder(state: State) -> Iterator[Deadline]:
    if state.progress_due is not None:
        yield Deadline(state.progress_due, 6, "progress", "")
    if state.checklist_due is not None:
        yield Deadline(state.checklist_due, 8, "checklist", "")
    if state.clarification is not None:
        yield Deadline(state.clarification.due, 9, "clarification", "")
    if state.waiting is not None:
        yield Deadline(state.waiting.until, 10, "waiting", "")


def next_deadline(state: State) -> datetime | None:
    """The next instant at which something falls due; None only when all is over."""
    return min([deadline.at for deadline in deadlines(state)], default=None)


def accountable(state: State) -> str | None:
    """The person who answers for the escalation now; None once it is over.

    The one who accepted; else the keeper, who answered for what this one takes the place of; else the one who is
    offered the ladder's rung. The sender of a handoff answers until the receiver accepts, so offers beside the ladder
    change nothing.
    """
    if state.phase.over:
        return None
    if state.holder is not None:
        return state.holder
    if state.keeper is not None:
        return state.keeper
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            return offer.to
    msg = f"escalation {state.escalation} has nobody accountable"
    raise AssertionError(msg)


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


def dump_state(state: State) -> bytes:
    """The state as JSON bytes, for the store; not canonical. What is as at the beginning is left out."""
    return _adapter().dump_json(state, exclude_defaults=True)


def load_state(data: bytes) -> State:
    """The state from `dump_state`; raises ValueError if the bytes are not one."""
    return _adapter().validate_json(data)
