"""Property: what must hold of a template in every case, beside the guarantees. A shape only; proven elsewhere."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies import Version
from runner.contract.values import Duration, Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["LeadsTo", "Look", "Property"]

Phase = Literal["offered", "accepted", "waiting", "exhausted", "resolved", "closed", "cancelled"]


class Look(Strict):
    """How an escalation stands; everything that is given must be so."""

    state: Phase | None = None
    """Its state."""
    rung: Literal["primary", "secondary", "escalation_owner"] | None = None
    """The rung that was asked last."""
    exceptions: Seq[Name] | None = Field(default=None, min_length=1)
    """Classes of exceptions that are all open."""
    overdue: bool | None = None
    """Whether the outcome's own time has passed."""
    handoff: bool | None = None
    """Whether a handoff waits for its receiver."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise Unfit("this says nothing of how it stands", "write for example {state: exhausted}")
        return self


class LeadsTo(Strict):
    """What must come of something by itself, although nobody acts."""

    from_: Look = Field(alias="from")
    """From when on time counts."""
    to: Look
    """What it must come to."""
    within: Duration
    """The longest time that it may take, counted on the wall clock."""


class Property(Strict):
    """Something that must hold of a template in every case. Exactly one of `always`, `never` and `leads_to`."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Property"]
    name: Name
    """Unique within its template."""
    summary: Text
    """What must hold, and why."""
    when: Look | None = None
    """always: only while it stands so."""
    always: Look | None = None
    """How it must stand in every state."""
    never: Look | None = None
    """How it must stand in no state."""
    leads_to: LeadsTo | None = None
    """What must come of something in time."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        given = [key for key in ("always", "never", "leads_to") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise Unfit(
                f"a property claims exactly one of always, never and leads_to, found {found}",
                "write for example never: {state: exhausted}",
            )
        if self.when is not None and self.always is None:
            raise Unfit("`when` goes with `always` alone", "put it into `never` or into `from`")
        return self
