"""What events are made of: their base, and a quick way to make one. `About` says what a message is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, ConfigDict

from runner.engine.reasons import Reason

__all__ = ["About", "EventBase", "made"]

Fields = ParamSpec("Fields")
Made = TypeVar("Made", bound=BaseModel)

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
    "exception_ended",
    "task",
    "task_overdue",
    "unproven",
    "not_closed",
    "remediation",
    "remediation_overdue",
    "postmortem",
    "gone",
    "step_failed",
    "run_stopped",
    "page_unanswered",
    "undelivered",
    "record_failed",
    "override",
    "no_progress",
    "released",
    "clarify",
    "clarifying",
    "waited",
    "service_hours",
    "question",
    "wait_over",
    "owner_away",
    "drift",
    "reopened",
    "superseded",
    "ended",
    "merged",
    "not_undone",
    "still_holds",
]
"""What a message of the engine's own is about."""


class EventBase(BaseModel):
    """What every event carries: its reason, and the rule as a pointer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # few read records

    reason: Reason
    rule: str


def made(kind: Callable[Fields, Made], *args: Fields.args, **fields: Fields.kwargs) -> Made:
    """An event of the engine's own making, without validation: what the type checker has seen is not checked again.

    Also the command of a driver that makes up its own. Only for values that are as they must be already: instants in
    UTC, plain dicts, tuples. What comes from outside is validated by calling the class.

    All of a kind share their defaults and the set of their names, and nobody changes those; a copy has its own set.
    """
    del args  # models take none
    event: Made = _new(kind)
    defaults, names = _KINDS.get(kind) or _known(kind)
    _set_values(event, defaults | fields)
    _set_fields(event, names)
    _set_extra(event, None)
    _set_private(event, None)
    return event


_new: Callable[[Any], Any] = object.__new__
_set_values = BaseModel.__dict__["__dict__"].__set__
_set_fields = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = BaseModel.__dict__["__pydantic_private__"].__set__


_KINDS: dict[Any, tuple[dict[str, object], set[str]]] = {}


def _known(kind: Any) -> tuple[dict[str, object], set[str]]:  # noqa: ANN401 - an event's class
    """The values of an event that need not be given, and the names of all: one set for every event of the kind."""
    fields = kind.model_fields
    defaults = {name: each.default for name, each in fields.items() if not each.is_required()}
    return _KINDS.setdefault(kind, (defaults, set(fields)))
