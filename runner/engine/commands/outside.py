"""What follows from a ticket's life in the helpdesk: opened again, merged into another, one of many of one cause."""

from __future__ import annotations

from typing import Literal

from runner.engine.commands.base import ArgsBase, TextRef

__all__ = ["NoteLinked", "NoteMerged", "NoteReopened", "OutsideArgs", "Reopen"]


class Reopen(ArgsBase):
    """Open a closed escalation again; by a person with a text, or because its ticket is not done any more.

    `other` is the escalation that is open on the ticket meanwhile, None if there is none; whoever passes the command on
    says so.
    """

    type: Literal["Reopen"] = "Reopen"
    text: TextRef | None = None
    other: str | None = None


class NoteReopened(ArgsBase):
    """The helpdesk says the ticket is not done any more."""

    type: Literal["NoteReopened"] = "NoteReopened"


class NoteMerged(ArgsBase):
    """The ticket was merged into another; `escalation` is the one that is open there, None if there is none."""

    type: Literal["NoteMerged"] = "NoteMerged"
    into: str
    escalation: str | None = None


class NoteLinked(ArgsBase):
    """Another ticket has the same cause, and is linked to this escalation instead of opening one of its own."""

    type: Literal["NoteLinked"] = "NoteLinked"
    ticket: str


OutsideArgs = Reopen | NoteReopened | NoteMerged | NoteLinked
