"""What the helpdesk did to the ticket, and what is written to it."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar
from runner.engine.events.base import EventBase

__all__ = [
    "DriftFound",
    "FieldsRequested",
    "OtherMatchNoted",
    "RecordConfirmed",
    "RecordFailed",
    "RecordRequested",
    "RestoreRequested",
    "TicketBack",
    "TicketEvent",
    "TicketGone",
]


class RestoreRequested(EventBase):
    """The ticket is set back, since it was solved although these checks do not hold."""

    type: Literal["RestoreRequested"] = "RestoreRequested"
    write: int
    noes: tuple[str, ...]


class DriftFound(EventBase):
    """Somebody else changed what was written: the record, or fields of steps; and what follows.

    `fields` holds the new values, texts as their marks, None for a value that was taken away.
    """

    type: Literal["DriftFound"] = "DriftFound"
    subject: Literal["record", "fields"]
    answer: Literal["restore", "adopt", "flag"]
    fields: dict[str, Scalar]


class FieldsRequested(EventBase):
    """Fields of the ticket are to say again what steps had written."""

    type: Literal["FieldsRequested"] = "FieldsRequested"
    write: int
    fields: dict[str, Scalar]


class OtherMatchNoted(EventBase):
    """Another template matched the ticket; this escalation goes on."""

    type: Literal["OtherMatchNoted"] = "OtherMatchNoted"
    template: str


class TicketBack(EventBase):
    """The ticket that was out of sight can be read again."""

    type: Literal["TicketBack"] = "TicketBack"


class TicketGone(EventBase):
    """The ticket was deleted or is out of sight."""

    type: Literal["TicketGone"] = "TicketGone"


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


TicketEvent = (
    RestoreRequested
    | DriftFound
    | FieldsRequested
    | OtherMatchNoted
    | TicketBack
    | TicketGone
    | RecordRequested
    | RecordConfirmed
    | RecordFailed
)
