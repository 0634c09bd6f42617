"""Proof, and how an escalation ends."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import TextRef
from runner.engine.events.base import EventBase

__all__ = [
    "EndingsEvent",
    "EscalationCancelled",
    "EscalationClosed",
    "OutcomeResolved",
    "VerificationFailed",
]


class OutcomeResolved(EventBase):
    """The outcome is proven; it may be closed. The escalation owner is reminded at `remind_at` until it is."""

    type: Literal["OutcomeResolved"] = "OutcomeResolved"
    by: str
    evidence: dict[str, TextRef]
    remind_at: Instant


class VerificationFailed(EventBase):
    """The ticket was solved outside, but these checks do not hold."""

    type: Literal["VerificationFailed"] = "VerificationFailed"
    noes: tuple[str, ...]


class EscalationClosed(EventBase):
    """It is over, with its resolution code."""

    type: Literal["EscalationClosed"] = "EscalationClosed"
    by: str
    code: str
    impact: int | None
    text: TextRef | None


class EscalationCancelled(EventBase):
    """It is over without an outcome; `instead` is the template or the escalation that goes on, None if none does."""

    type: Literal["EscalationCancelled"] = "EscalationCancelled"
    by: str
    text: TextRef | None
    instead: str | None = None


EndingsEvent = OutcomeResolved | VerificationFailed | EscalationClosed | EscalationCancelled
