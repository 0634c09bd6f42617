"""Rotations and absences: who is on call, and who is away. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import Date, Version, Zone
from runner.contract.values import Instant, Name, Seq, Strict, Text, TimeOfDay
from runner.contract.waiver import Waivers

__all__ = ["Absence", "Handover", "Rotation", "Rotations"]


class Handover(Strict):
    """When a rotation passes to the next member, in the rotation's own local time."""

    every: Literal["day", "week"]
    """The length of a shift."""
    at: TimeOfDay
    """Local time of the handover."""


class Rotation(Strict):
    """Who is on call in turn, at every hour."""

    summary: Text
    """What this rotation is for."""
    members: Seq[Name] = Field(min_length=1)
    """People, in turn; the first has the shift that begins on `starts`."""
    zone: Zone
    """The zone of `starts` and of the handover."""
    starts: Date
    """The local date of the first handover; before it nobody is on call."""
    handover: Handover
    """How long a shift is and when it ends."""


class Absence(Strict):
    """A person cannot be asked from an instant until another."""

    person: Name
    """Who is away."""
    from_: Instant = Field(alias="from")
    """First instant of the absence."""
    until: Instant
    """First instant at which the person is back."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.from_ >= self.until:
            raise Unfit(
                "this absence ends before it begins", "`until`, the first instant back, is later than `from`", "until"
            )
        return self


class Rotations(Strict):
    """Who is on call, and who is away."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Rotations"]
    rotations: dict[Name, Rotation] = Field(min_length=1)
    """By name."""
    absences: Seq[Absence] = ()
    """Known in advance."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
