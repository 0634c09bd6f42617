"""What time, the helpdesk and effects ask of an escalation."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import ArgsBase, Scalar, TicketFacts

__all__ = [
    "Deliver",
    "FailDelivery",
    "FailRecord",
    "FailStep",
    "NoteBack",
    "NoteChanged",
    "NoteDrift",
    "NoteGone",
    "NoteOtherMatch",
    "NoteRoster",
    "NoteSolvedOutside",
    "Open",
    "SucceedStep",
    "Tick",
    "WorldArgs",
    "WriteRecord",
]


class Open(ArgsBase):
    """Open an escalation: the routing's match, with the reading's values except texts and persons.

    `keeper` answered for the escalation that this one takes the place of. `account` is the customer's, a text as its
    mark, and `earlier` are the last escalations of the same account; `group` names its cause. None: there is none.
    """

    type: Literal["Open"] = "Open"
    ticket: str
    template: str
    fallback: bool
    firing: str
    created_at: Instant
    observed: Literal["created", "updated", "unchanged"]
    ticket_version: str
    fields: dict[str, Scalar]
    keeper: str | None = None
    account: Scalar = None
    earlier: tuple[str, ...] = ()
    group: str | None = None


class Tick(ArgsBase):
    """Handle the oldest deadline that is due; nothing happens if none is."""

    type: Literal["Tick"] = "Tick"


class NoteSolvedOutside(ArgsBase):
    """The helpdesk says the ticket is done."""

    type: Literal["NoteSolvedOutside"] = "NoteSolvedOutside"
    facts: TicketFacts


class NoteGone(ArgsBase):
    """The ticket was deleted or is out of sight."""

    type: Literal["NoteGone"] = "NoteGone"


class NoteBack(ArgsBase):
    """The ticket that was out of sight can be read again."""

    type: Literal["NoteBack"] = "NoteBack"


class NoteRoster(ArgsBase):
    """The roster is another one than before, or an absence of it has begun or ended."""

    type: Literal["NoteRoster"] = "NoteRoster"


class NoteChanged(ArgsBase):
    """Somebody changed these fields of the ticket, none of which Surety writes, while it waits for an answer."""

    type: Literal["NoteChanged"] = "NoteChanged"
    fields: tuple[str, ...]


class NoteOtherMatch(ArgsBase):
    """Another template matched the ticket meanwhile; it may `supersede` this one if the contract says so."""

    type: Literal["NoteOtherMatch"] = "NoteOtherMatch"
    template: str
    supersede: bool = False


class NoteDrift(ArgsBase):
    """Somebody else has changed fields that Surety had written; the new values, None where one was taken away.

    A text stands as its mark, see `runner.engine.drift.mark`.
    """

    type: Literal["NoteDrift"] = "NoteDrift"
    fields: dict[str, Scalar]


class SucceedStep(ArgsBase):
    """A step was done; `result` holds declared scalars of at most 256 bytes each."""

    type: Literal["SucceedStep"] = "SucceedStep"
    run: str
    step: int
    attempt: int
    result: dict[str, Scalar] = {}


class FailStep(ArgsBase):
    """A step could not be done; `why` says so in a few words. `unknown`: nobody knows whether it was done after all."""

    type: Literal["FailStep"] = "FailStep"
    run: str
    step: int
    attempt: int
    why: str
    unknown: bool = False


class Deliver(ArgsBase):
    """A channel took a message."""

    type: Literal["Deliver"] = "Deliver"
    delivery: int
    channel: str


class FailDelivery(ArgsBase):
    """No channel took a message."""

    type: Literal["FailDelivery"] = "FailDelivery"
    delivery: int
    why: str


class WriteRecord(ArgsBase):
    """The record fields were written to the ticket and read back."""

    type: Literal["WriteRecord"] = "WriteRecord"
    write: int


class FailRecord(ArgsBase):
    """The record fields could not be written."""

    type: Literal["FailRecord"] = "FailRecord"
    write: int
    why: str


WorldArgs = (
    Open
    | Tick
    | NoteSolvedOutside
    | NoteGone
    | NoteDrift
    | NoteBack
    | NoteChanged
    | NoteOtherMatch
    | NoteRoster
    | SucceedStep
    | FailStep
    | Deliver
    | FailDelivery
    | WriteRecord
    | FailRecord
)
