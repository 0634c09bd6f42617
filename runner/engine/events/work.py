"""Runs and their steps."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar
from runner.engine.events.base import EventBase

__all__ = [
    "PageAnswered",
    "PageUnanswered",
    "RunEnded",
    "RunStarted",
    "StepFailed",
    "StepRequested",
    "StepSucceeded",
    "WorkEvent",
]


class RunStarted(EventBase):
    """The runbook's steps of a point begin."""

    type: Literal["RunStarted"] = "RunStarted"
    run: str
    point: str
    steps: int


class StepRequested(EventBase):
    """A step is to be done by `due`; `who` is the person it means, who is to react by `react_by` (None: need not).

    `skipped` steps before it were passed over, because they may not begin any more.
    """

    type: Literal["StepRequested"] = "StepRequested"
    run: str
    step: int
    attempt: int
    who: str | None
    due: Instant
    react_by: Instant | None = None
    skipped: int = 0


class StepSucceeded(EventBase):
    """A step was done; later steps know its result by `name`, if it has one."""

    type: Literal["StepSucceeded"] = "StepSucceeded"
    run: str
    step: int
    name: str | None = None
    result: dict[str, Scalar]


class StepFailed(EventBase):
    """A step could not be done, and is tried again at `retry_at` (None: never); `task`: closing depends on it."""

    type: Literal["StepFailed"] = "StepFailed"
    run: str
    step: int
    why: str
    task: bool
    retry_at: Instant | None = None


class PageAnswered(EventBase):
    """The person who was paged does something in this escalation."""

    type: Literal["PageAnswered"] = "PageAnswered"
    run: str
    step: int
    person: str


class PageUnanswered(EventBase):
    """The person who was paged did nothing by `due`."""

    type: Literal["PageUnanswered"] = "PageUnanswered"
    run: str
    step: int
    person: str
    due: Instant


class RunEnded(EventBase):
    """A run is over; `skipped` steps were not begun."""

    type: Literal["RunEnded"] = "RunEnded"
    run: str
    skipped: int


WorkEvent = RunStarted | StepRequested | StepSucceeded | StepFailed | PageAnswered | PageUnanswered | RunEnded
