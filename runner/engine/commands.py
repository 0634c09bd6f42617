"""Commands: what people, time, the helpdesk and effects ask of an escalation. Imperative; free text only as digests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from runner.contract.values import Instant

__all__ = [
    "Accept",
    "Args",
    "Cancel",
    "Close",
    "Command",
    "Deliver",
    "EndException",
    "Escalate",
    "FailDelivery",
    "FailRecord",
    "FailStep",
    "HandOver",
    "NoteBack",
    "NoteGone",
    "NoteOtherMatch",
    "NoteSolvedOutside",
    "Open",
    "Override",
    "Progress",
    "RaiseException",
    "Reject",
    "Resolve",
    "SucceedStep",
    "Tick",
    "TicketFacts",
    "WriteRecord",
]

Scalar = str | int | float | bool | None
TextRef = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The salted digest of a free text that stands in the side table."""


class _Args(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TicketFacts(_Args):
    """What verification needs to know of the ticket, read just before the command.

    `evidence` names evidence kinds whose ticket field has a value; `record` is what the record fields say now;
    `open_tasks` are created task tickets that are not done.
    """

    evidence: tuple[str, ...] = ()
    record: dict[str, Scalar] = {}
    open_tasks: tuple[str, ...] = ()


class Open(_Args):
    """Open an escalation: the routing's match, with the reading's values except texts and persons."""

    type: Literal["Open"] = "Open"
    ticket: str
    template: str
    fallback: bool
    firing: str
    created_at: Instant
    observed: Literal["created", "updated", "unchanged"]
    ticket_version: str
    fields: dict[str, Scalar]


class Tick(_Args):
    """Handle the oldest deadline that is due; nothing happens if none is."""

    type: Literal["Tick"] = "Tick"


class Accept(_Args):
    """Accept an offer with every checklist item answered."""

    type: Literal["Accept"] = "Accept"
    offer: int
    answers: dict[str, bool]


class Reject(_Args):
    """Reject an offer with a reason."""

    type: Literal["Reject"] = "Reject"
    offer: int
    why: Literal["not_mine", "incomplete", "no_capacity", "conflict"]
    text: TextRef | None = None


class Escalate(_Args):
    """Pass it up the ladder now. `offer` names the offer that the actor saw, None for the holder."""

    type: Literal["Escalate"] = "Escalate"
    offer: int | None
    text: TextRef


class HandOver(_Args):
    """Offer the escalation to another person, or with `to` None to the next of the planned sequence."""

    type: Literal["HandOver"] = "HandOver"
    to: str | None
    reason: TextRef | None = None
    next_step: TextRef | None = None
    artifacts: tuple[TextRef, ...] = ()
    expected_at: Instant | None = None


class Progress(_Args):
    """The holder says how it goes on, so that the acceptance does not lapse."""

    type: Literal["Progress"] = "Progress"
    text: TextRef


class RaiseException(_Args):
    """Raise an exception of a class that the contract allows."""

    type: Literal["RaiseException"] = "RaiseException"
    exception_class: str
    text: TextRef


class EndException(_Args):
    """End an exception: the trouble is over."""

    type: Literal["EndException"] = "EndException"
    exception: int
    text: TextRef


class Override(_Args):
    """A manager takes it, gives it to somebody, or closes it, with a written rationale."""

    type: Literal["Override"] = "Override"
    action: Literal["take", "give", "close"]
    text: TextRef
    to: str | None = None
    code: str | None = None


class Resolve(_Args):
    """The outcome is reached; evidence by kind, as digests."""

    type: Literal["Resolve"] = "Resolve"
    evidence: dict[str, TextRef]
    facts: TicketFacts


class Close(_Args):
    """Close with a resolution code and the business impact in whole currency units (None: not known)."""

    type: Literal["Close"] = "Close"
    code: str
    impact: int | None = None
    facts: TicketFacts


class Cancel(_Args):
    """End it without an outcome: it should not have been opened."""

    type: Literal["Cancel"] = "Cancel"
    text: TextRef


class NoteSolvedOutside(_Args):
    """The helpdesk says the ticket is done."""

    type: Literal["NoteSolvedOutside"] = "NoteSolvedOutside"
    facts: TicketFacts


class NoteGone(_Args):
    """The ticket was deleted or is out of sight."""

    type: Literal["NoteGone"] = "NoteGone"


class NoteBack(_Args):
    """The ticket that was out of sight can be read again."""

    type: Literal["NoteBack"] = "NoteBack"


class NoteOtherMatch(_Args):
    """Another template matched the ticket meanwhile."""

    type: Literal["NoteOtherMatch"] = "NoteOtherMatch"
    template: str


class SucceedStep(_Args):
    """A step was done; `result` holds declared scalars of at most 256 bytes each."""

    type: Literal["SucceedStep"] = "SucceedStep"
    run: str
    step: int
    attempt: int
    result: dict[str, Scalar] = {}


class FailStep(_Args):
    """A step could not be done; `why` is one word for machines."""

    type: Literal["FailStep"] = "FailStep"
    run: str
    step: int
    attempt: int
    why: str


class Deliver(_Args):
    """A channel took a message."""

    type: Literal["Deliver"] = "Deliver"
    delivery: int
    channel: str


class FailDelivery(_Args):
    """No channel took a message."""

    type: Literal["FailDelivery"] = "FailDelivery"
    delivery: int
    why: str


class WriteRecord(_Args):
    """The record fields were written to the ticket and read back."""

    type: Literal["WriteRecord"] = "WriteRecord"
    write: int


class FailRecord(_Args):
    """The record fields could not be written."""

    type: Literal["FailRecord"] = "FailRecord"
    write: int
    why: str


Args = Annotated[
    Open
    | Tick
    | Accept
    | Reject
    | Escalate
    | HandOver
    | Progress
    | RaiseException
    | EndException
    | Override
    | Resolve
    | Close
    | Cancel
    | NoteSolvedOutside
    | NoteGone
    | NoteBack
    | NoteOtherMatch
    | SucceedStep
    | FailStep
    | Deliver
    | FailDelivery
    | WriteRecord
    | FailRecord,
    Field(discriminator="type"),
]


class Command(BaseModel):
    """A command with who gave it: `jobs` are the actor's jobs at that moment; `source` says by which way it came."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    actor: str
    jobs: tuple[str, ...] = ()
    source: str
    args: Args

    @property
    def human(self) -> bool:
        """Whether a person gave it; refusals of people are recorded."""
        return not self.actor.startswith("surety:")
