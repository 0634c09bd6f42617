"""What the state of an escalation is made of: its phase, and what it may have several of. Values without rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from runner.engine.commands.base import Scalar
from runner.engine.reasons import Reason

__all__ = [
    "Change",
    "Clarification",
    "Delivery",
    "ExceptionState",
    "Offer",
    "Page",
    "Phase",
    "Remedy",
    "Rollback",
    "Run",
    "TaskState",
    "Waiting",
]


class Phase(StrEnum):
    """Where ownership stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    EXHAUSTED = "exhausted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    __hash__ = str.__hash__  # that of enums is not written in C

    @property
    def over(self) -> bool:
        """Whether the escalation has ended."""
        return self is _CLOSED or self is _CANCELLED


_CLOSED, _CANCELLED = Phase.CLOSED, Phase.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The one mechanism by which somebody is asked. `due` None: open until answered."""

    id: int
    purpose: Literal["ladder", "handoff", "exception", "question"]
    to: str
    made_at: datetime
    sender: str | None = None
    rung: int | None = None
    due: datetime | None = None
    on_accept: Literal["hold", "own_exception", "answer"] = "hold"
    on_end: Literal["next_rung", "return", "escalation_owner", "stay", "climb"] = "next_rung"
    exception: int | None = None
    told: bool = False
    planned: int | None = None
    quiet: bool = False
    resume: int | None = None
    resume_for: Reason | None = None
    run: str | None = None
    step: int | None = None

    @property
    def last(self) -> bool:
        """Whether nobody is above the one who is asked."""
        return self.on_end == "stay" or (self.on_end == "climb" and not self.quiet)


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task of an open exception; `title` is a digest, `due` None: none of its own, `overdue`: told of already."""

    id: int
    title: str
    owner: str
    due: datetime | None
    done: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class ExceptionState:
    """An open exception; `owner` is accountable for recovery, `about` the person or the step that it is about."""

    id: int
    exception_class: str
    owner: str
    due: datetime
    owned: bool = False
    about: str | None = None
    tasks: dict[int, TaskState] = field(default_factory=dict)

    @property
    def open_tasks(self) -> list[TaskState]:
        """The tasks that are not done."""
        return [task for task in self.tasks.values() if not task.done]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A check that does not hold and that a person was asked to see to; `words` say what is missing."""

    check: str
    to: str
    due: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way: the step that was requested last, and until when; if `waiting`, when it is tried again.

    `results` are those of its own steps by name: another run of the same point has others.
    """

    id: str
    point: str
    step: int
    attempt: int
    due: datetime
    leaving: bool = False
    skipped: int = 0
    waiting: bool = False
    results: dict[str, dict[str, Scalar]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Somebody who was woken by a step and has not done anything since."""

    run: str
    step: int
    person: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What a step changed, and how it is taken back; `failed` is the last rollback that could not."""

    run: str
    step: int
    undo: Literal["restore", "action", "never", "none", "unknown"]
    values: dict[str, Scalar]
    failed: str | None = None

    @property
    def key(self) -> str:
        """Run and position of the step, as messages name it."""
        return f"{self.run}/{self.step}"

    @property
    def point(self) -> str:
        """The lifecycle point of the run."""
        return self.run.partition("#")[0]

    @property
    def undoable(self) -> bool:
        """Whether there is a way back."""
        return self.undo in ("restore", "action")


@dataclass(frozen=True, slots=True)
class Rollback:
    """A rollback of a run (None: of all): which step is being taken back until when, and what came of those before."""

    id: str
    run: str | None
    step: str | None = None
    attempt: int = 0
    due: datetime | None = None
    undone: int = 0
    kept: int = 0
    not_undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that no channel has taken yet."""

    id: int
    to: str
    about: str
    offer: int | None = None


@dataclass(frozen=True, slots=True)
class Clarification:
    """The requester was asked for what `person` finds missing; that person's offer stays open until `due`."""

    offer: int
    person: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The holder waits, `until` at the latest; `outcome_left` seconds of the outcome's time stand still, None: none."""

    for_: Literal["customer", "date"]
    since: datetime
    until: datetime
    outcome_left: int | None
