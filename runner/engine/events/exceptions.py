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
]


class ExceptionRaised(EventBase):
    """Trouble of a declared class; recovery is due at `due`."""

    type: Literal["ExceptionRaised"] = "ExceptionRaised"
    exception: int
    exception_class: str
    by: str
    due: Instant
    text: TextRef


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
    """The trouble is over."""

    type: Literal["ExceptionEnded"] = "ExceptionEnded"
    exception: int
    by: str
    text: TextRef


ExceptionsEvent = ExceptionRaised | ExceptionOwned | ExceptionOverdue | ExceptionEnded
