"""What holds for every template. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.contract.policies.words import Version
from runner.contract.values import Duration, Strict
from runner.contract.waiver import Waivers

__all__ = ["Limits"]


class Limits(Strict):
    """What holds for every template."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Limits"]
    named_within: Duration
    """A primary and a secondary are named this soon after the trigger instant."""
    accept_within: dict[str, Duration]
    """The longest acceptance timebox by value of the priority field."""
    manager_knows_within: Duration
    """The longest time until a human has accepted or the escalation owner was told."""
    handoffs_at_most: int = Field(ge=0, le=20)
    """The most handoffs that a template may allow."""
    repeat_at_most: int = Field(ge=0, le=9)
    """The most extra passes through the ladder that a template may ask for."""
    remind_every: Duration
    """How often the escalation owner is told again when a time has passed."""
    untold_retries: int = Field(ge=0, le=9)
    """How often a rung is tried again because no channel took the message."""
    restores_at_most: int = Field(ge=0, le=9)
    """How often a ticket that was solved without proof is set back before it is only flagged."""
    step_within: Duration
    """How long a step of a runbook may take."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
