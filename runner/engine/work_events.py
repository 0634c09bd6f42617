"""Events of work done on the side: runs, messages, writes to the ticket. The base of all events stands here too."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, ConfigDict

from runner.contract.values import Instant
from runner.engine.commands import Scalar
from runner.engine.reasons import Reason

__all__ = [
    "About",
    "DeliveryFailed",
    "DeliveryRequested",
    "DeliveryTaken",
    "EventBase",
    "PageAnswered",
    "PageUnanswered",
    "RecordConfirmed",
    "RecordFailed",
    "RecordRequested",
    "RunEnded",
    "RunStarted",
    "StepFailed",
    "StepRequested",
    "StepSucceeded",
    "made",
]

Fields = ParamSpec("Fields")
Made = TypeVar("Made", bound="EventBase")

About = Literal[
    "offer",
    "failover",
    "rung_skipped",
    "not_told",
    "exhausted",
    "reminder",
    "outcome_overdue",
    "returned",
    "handed_over",
    "exception",
    "exception_overdue",
    "unproven",
    "gone",
    "step_failed",
    "run_stopped",
    "page_unanswered",
    "undelivered",
    "record_failed",
    "override",
    "no_progress",
    "released",
]
"""What a message of the engine's own is about."""


class EventBase(BaseModel):
    """What every event carries: its reason, and the rule as a pointer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason
    rule: str


def made(kind: Callable[Fields, Made], *args: Fields.args, **fields: Fields.kwargs) -> Made:
    """An event of the engine's own making, without validation: what the type checker has seen is not checked again.

    Only for values that the engine holds already: instants in UTC, plain dicts, tuples. What comes from outside is
    validated by calling the event's class.
    """
    del args  # models take none
    event: Made = _new(kind)
    _set(event, "__dict__", {**_defaults(kind), **fields})
    _set(event, "__pydantic_fields_set__", set(fields))
    _set(event, "__pydantic_extra__", None)
    _set(event, "__pydantic_private__", None)
    return event


_new: Callable[[Any], Any] = object.__new__
_set = object.__setattr__


@cache
def _defaults(kind: type[EventBase]) -> dict[str, object]:
    return {name: each.default for name, each in kind.model_fields.items() if not each.is_required()}


class RunStarted(EventBase):
    """The runbook's steps of a point begin."""

    type: Literal["RunStarted"] = "RunStarted"
    run: str
    point: str
    steps: int


class StepRequested(EventBase):
    """A step is to be done by `due`; `who` is the person it means, who is to react by `react_by` (None: need not)."""

    type: Literal["StepRequested"] = "StepRequested"
    run: str
    step: int
    attempt: int
    who: str | None
    due: Instant
    react_by: Instant | None = None


class StepSucceeded(EventBase):
    """A step was done."""

    type: Literal["StepSucceeded"] = "StepSucceeded"
    run: str
    step: int
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


class DeliveryRequested(EventBase):
    """A message goes to one person: about what, naming who is accountable."""

    type: Literal["DeliveryRequested"] = "DeliveryRequested"
    delivery: int
    to: str
    about: About
    offer: int | None
    accountable: str


class DeliveryTaken(EventBase):
    """A channel took a message."""

    type: Literal["DeliveryTaken"] = "DeliveryTaken"
    delivery: int
    channel: str


class DeliveryFailed(EventBase):
    """No channel took a message."""

    type: Literal["DeliveryFailed"] = "DeliveryFailed"
    delivery: int
    why: str


class RecordRequested(EventBase):
    """The ticket's record fields are to say this."""

    type: Literal["RecordRequested"] = "RecordRequested"
    write: int
    state: str
    owner: str | None
    accepted_at: Instant | None


class RecordConfirmed(EventBase):
    """The ticket says what was requested."""

    type: Literal["RecordConfirmed"] = "RecordConfirmed"
    write: int


class RecordFailed(EventBase):
    """The ticket could not be written; it is tried again at `retry_at` (None: it is over, or newer writes are)."""

    type: Literal["RecordFailed"] = "RecordFailed"
    write: int
    why: str
    retry_at: Instant | None
