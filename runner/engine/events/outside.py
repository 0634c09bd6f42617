"""What became of an escalation by its ticket's life in the helpdesk: opened again, moved with it, more of one cause."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import TextRef
from runner.engine.events.base import EventBase

__all__ = ["EscalationReopened", "OutcomeReopened", "OutsideEvent", "TicketLinked", "TicketMerged"]


class OutcomeReopened(EventBase):
    """The outcome does not hold any more; the same person goes on."""

    type: Literal["OutcomeReopened"] = "OutcomeReopened"
    person: str


class EscalationReopened(EventBase):
    """It is open again after its close, with its outcome's time anew.

    `first` held it last and is asked before the ladder, None if that person cannot be asked.
    """

    type: Literal["EscalationReopened"] = "EscalationReopened"
    by: str
    outcome_due: Instant
    first: str | None
    text: TextRef | None


class TicketMerged(EventBase):
    """The ticket became part of another, which is this escalation's from now on."""

    type: Literal["TicketMerged"] = "TicketMerged"
    ticket: str


class TicketLinked(EventBase):
    """A ticket of the same cause, the `number`th; both tickets are told of each other by the write."""

    type: Literal["TicketLinked"] = "TicketLinked"
    ticket: str
    number: int
    write: int


OutsideEvent = OutcomeReopened | EscalationReopened | TicketMerged | TicketLinked
