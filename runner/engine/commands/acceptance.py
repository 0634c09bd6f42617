"""What people ask around an acceptance: its checklist, taking it back, clarifying, waiting. Texts only as digests."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import ArgsBase, Scalar, TextRef

__all__ = ["AcceptanceArgs", "Clarify", "CompleteChecklist", "Resume", "Snooze", "Unaccept", "Wait"]


class CompleteChecklist(ArgsBase):
    """Answer the checklist that was left open when accepting with one tap."""

    type: Literal["CompleteChecklist"] = "CompleteChecklist"
    answers: dict[str, Scalar]


class Unaccept(ArgsBase):
    """The holder takes the acceptance back."""

    type: Literal["Unaccept"] = "Unaccept"


class Clarify(ArgsBase):
    """Say what was missing, so that whoever rejected the offer as incomplete can be asked again."""

    type: Literal["Clarify"] = "Clarify"
    text: TextRef


class Wait(ArgsBase):
    """The holder waits for the customer or for a date; `until` None is as long as the contract allows."""

    type: Literal["Wait"] = "Wait"
    for_: Literal["customer", "date"]
    until: Instant | None = None
    text: TextRef


class Resume(ArgsBase):
    """The holder goes on before the wait is over."""

    type: Literal["Resume"] = "Resume"
    text: TextRef | None = None


class Snooze(ArgsBase):
    """A manager puts the next reminder off, with the reason."""

    type: Literal["Snooze"] = "Snooze"
    until: Instant
    text: TextRef


AcceptanceArgs = CompleteChecklist | Unaccept | Clarify | Wait | Resume | Snooze
