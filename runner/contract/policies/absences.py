"""Absences and swaps: who is away, and who takes over whose shifts. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import Version
from runner.contract.values import Instant, Name, Seq, Strict, check_order
from runner.contract.waiver import Waivers

__all__ = ["Absence", "Absences", "Swap"]


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
        check_order(self.from_, self.until, "absence", "`until`, the first instant back, is later than `from`")
        return self


class Swap(Strict):
    """A person takes over all of another's shifts in one rotation for some time; an exchange is two of these."""

    rotation: Name
    """Where."""
    person: Name
    """Who takes over."""
    instead_of: Name
    """Whose shifts."""
    from_: Instant = Field(alias="from")
    """First instant."""
    until: Instant
    """First instant at which the turns count again."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        check_order(self.from_, self.until, "swap")
        if self.person == self.instead_of:
            raise Unfit(f"`{self.person}` takes over from themselves", "name somebody else", "person")
        return self


class Absences(Strict):
    """Who is away, and who takes over whose shifts."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Absences"]
    absences: Seq[Absence] = ()
    """Known in advance."""
    swaps: Seq[Swap] = ()
    """Agreed between two people; what an override of the rotation says comes first."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
