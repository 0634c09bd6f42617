"""Declared trouble, from being raised to its end."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import TextRef
from runner.engine.events.base import EventBase

__all__ = [
    "ExceptionEnded",
    "ExceptionOverdue",
    "ExceptionOwned",
    "ExceptionRaised",
    "ExceptionsEvent",
    "TaskAdded",
    "TaskFinished",
    "TaskOverdue",
]


class ExceptionRaised(EventBase):
    """Trouble of a class; recovery is due at `due`.

    `owner` answers for it until somebody owns it; None: whoever raised it. `about` is the person or the step that it is
    about, None if it is about the whole. What the runner raises has no text.
    """

    type: Literal["ExceptionRaised"] = "ExceptionRaised"
    exception: int
    exception_class: str
    by: str
    due: Instant
    text: TextRef | None
    owner: str | None = None
    about: str | None = None
    plan: TextRef | None = None


class ExceptionOwned(EventBase):
    """This person is accountable for recovery."""

    type: Literal["ExceptionOwned"] = "ExceptionOwned"
    exception: int
    owner: str


class ExceptionOverdue(EventBase):
    """Recovery took longer than allowed; the escalation owner takes over, and is told again at `next_due`."""

    type: Literal["ExceptionOverdue"] = "ExceptionOverdue"
    exception: int
    due: Instant
    owner: str
    next_due: Instant


class ExceptionEnded(EventBase):
    """The trouble is over; without a text it ended by itself."""

    type: Literal["ExceptionEnded"] = "ExceptionEnded"
    exception: int
    by: str
    text: TextRef | None


class TaskAdded(EventBase):
    """A task of an exception has an owner; `due` None: none of its own."""

    type: Literal["TaskAdded"] = "TaskAdded"
    exception: int
    task: int
    title: TextRef
    owner: str
    due: Instant | None
    by: str


class TaskFinished(EventBase):
    """A task of an exception is done."""

    type: Literal["TaskFinished"] = "TaskFinished"
    exception: int
    task: int
    by: str
    text: TextRef | None


class TaskOverdue(EventBase):
    """A task of an exception was not done by `due`."""

    type: Literal["TaskOverdue"] = "TaskOverdue"
    exception: int
    task: int
    owner: str
    due: Instant


ExceptionsEvent = (
    ExceptionRaised | ExceptionOwned | ExceptionOverdue | ExceptionEnded | TaskAdded | TaskFinished | TaskOverdue
)
