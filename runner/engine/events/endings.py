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
    "PostmortemAttached",
    "RemediationAsked",
    "RemediationEnded",
    "RemediationOverdue",
    "ResolutionRefused",
    "VerificationFailed",
]


class OutcomeResolved(EventBase):
    """The outcome is proven; it may be closed. The escalation owner is reminded at `remind_at` until it is."""

    type: Literal["OutcomeResolved"] = "OutcomeResolved"
    by: str
    evidence: dict[str, TextRef]
    remind_at: Instant


class VerificationFailed(EventBase):
    """The ticket was solved outside, or a person wanted to close it, but these checks do not hold."""

    type: Literal["VerificationFailed"] = "VerificationFailed"
    noes: tuple[str, ...]


class ResolutionRefused(EventBase):
    """A person wanted to end it, but these checks do not hold, and not all of them are that person's to see to."""

    type: Literal["ResolutionRefused"] = "ResolutionRefused"
    by: str
    noes: tuple[str, ...]


class RemediationAsked(EventBase):
    """This person is asked to see to a check that does not hold; `words` say what is missing."""

    type: Literal["RemediationAsked"] = "RemediationAsked"
    check: str
    to: str
    due: Instant
    words: str


class RemediationOverdue(EventBase):
    """It was not done by `due`; it is the escalation owner's, who is told again at `next_due`."""

    type: Literal["RemediationOverdue"] = "RemediationOverdue"
    check: str
    due: Instant
    to: str
    next_due: Instant


class RemediationEnded(EventBase):
    """The check holds."""

    type: Literal["RemediationEnded"] = "RemediationEnded"
    check: str


class PostmortemAttached(EventBase):
    """What went wrong is written down, and this person sees to what follows from it."""

    type: Literal["PostmortemAttached"] = "PostmortemAttached"
    by: str
    text: TextRef
    remediation_owner: str


class EscalationClosed(EventBase):
    """It is over, with its resolution code."""

    type: Literal["EscalationClosed"] = "EscalationClosed"
    by: str
    code: str
    impact: int | None
    text: TextRef | None
    postmortem: TextRef | None = None
    remediation_owner: str | None = None


class EscalationCancelled(EventBase):
    """It is over without an outcome; `instead` is the template or the escalation that goes on, None if none does."""

    type: Literal["EscalationCancelled"] = "EscalationCancelled"
    by: str
    text: TextRef | None
    instead: str | None = None


EndingsEvent = (
    OutcomeResolved
    | VerificationFailed
    | ResolutionRefused
    | RemediationAsked
    | RemediationOverdue
    | RemediationEnded
    | PostmortemAttached
    | EscalationClosed
    | EscalationCancelled
)
