"""What surrounds an acceptance: its checklist, clarifications, waits, and reminders that are put off."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar, TextRef
from runner.engine.events.base import EventBase

__all__ = [
    "AcceptanceEvent",
    "ChecklistCompleted",
    "ClarificationAsked",
    "ClarificationGiven",
    "ClarificationMissed",
    "ReminderSnoozed",
    "WaitingEnded",
    "WaitingStarted",
]


class ChecklistCompleted(EventBase):
    """The answers that were left open when the person accepted with one tap."""

    type: Literal["ChecklistCompleted"] = "ChecklistCompleted"
    person: str
    answers: dict[str, Scalar]


class ClarificationAsked(EventBase):
    """The requester is asked by a comment on the ticket (`write`), and `asked` is told, if the contract names somebody.

    The offer stays with `person`, who rejected it as incomplete, until `due`. `text` says what is missing.
    """

    type: Literal["ClarificationAsked"] = "ClarificationAsked"
    offer: int
    person: str
    asked: str | None
    due: Instant
    write: int
    text: TextRef | None = None


class ClarificationGiven(EventBase):
    """What was missing is there: said by somebody, or by these `fields` of the ticket."""

    type: Literal["ClarificationGiven"] = "ClarificationGiven"
    by: str
    text: TextRef | None = None
    fields: tuple[str, ...] = ()


class ClarificationMissed(EventBase):
    """Nobody answered by `due`."""

    type: Literal["ClarificationMissed"] = "ClarificationMissed"
    offer: int
    due: Instant


class WaitingStarted(EventBase):
    """The holder waits until `until` at the latest; `outcome_left` seconds of the outcome's time are left, None if that
    has passed.
    """

    type: Literal["WaitingStarted"] = "WaitingStarted"
    person: str
    for_: Literal["customer", "date"]
    until: Instant
    outcome_left: int | None
    text: TextRef


class WaitingEnded(EventBase):
    """The wait is over and the clocks go on; `due` dates one that came to its end by itself.

    `waited` is how many seconds of waiting are used up by now, counted as the contract bounds them.
    """

    type: Literal["WaitingEnded"] = "WaitingEnded"
    person: str
    waited: int
    outcome_due: Instant
    due: Instant | None = None


class ReminderSnoozed(EventBase):
    """The next reminder is put off to `remind_at`."""

    type: Literal["ReminderSnoozed"] = "ReminderSnoozed"
    by: str
    remind_at: Instant
    text: TextRef


AcceptanceEvent = (
    ChecklistCompleted
    | ClarificationAsked
    | ClarificationGiven
    | ClarificationMissed
    | WaitingStarted
    | WaitingEnded
    | ReminderSnoozed
)
