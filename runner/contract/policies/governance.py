"""Who may do what. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.contract.policies.words import Version
from runner.contract.values import Name, Seq, Strict
from runner.contract.waiver import Waivers

__all__ = ["Governance"]


class Governance(Strict):
    """Who may do what."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Governance"]
    gatekeepers: Seq[Name] = Field(min_length=1)
    """People who review contracts."""
    audit_authority: Name
    """The person who verifies the trail."""
    override_jobs: Seq[Name] = Field(min_length=1)
    """Jobs whose holders may take, give or close any escalation, with a written rationale."""
    last_resort: Name
    """The person who is accountable when nobody else can be, even when absent."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
