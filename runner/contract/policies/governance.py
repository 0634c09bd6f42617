"""Who may do what: gatekeepers, jobs, risk tiers, approvals, change windows, audit, retention. Shapes only."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from runner.contract.policies.words import Version
from runner.contract.values import Duration, Instant, Name, Seq, Strict, Text, check_order
from runner.contract.waiver import Waivers

__all__ = ["Approvals", "AuditTurn", "BlastRadius", "ChangeWindows", "Freeze", "Governance", "PathTier", "Retention"]

Tier = Literal["low", "medium", "high"]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\][^\\]*$")]
"""A path below the root; `*` stands for a part of a name, `**` for any number of folders."""


class Approvals(Strict):
    """Who must agree to a change of this risk."""

    count: int = Field(ge=0, le=10)
    """How many approvals, of people who did not contribute to the change."""
    jobs: Seq[Name] = ()
    """Jobs of which at least one approver must hold one; any gatekeeper if none is given."""


class PathTier(Strict):
    """The least risk tier of a change to certain files."""

    path: Glob
    """Which files, as in `policies/*` or `templates/enterprise-billing/**`."""
    tier: Tier
    """The least tier of a change there; the first entry that fits counts."""


class BlastRadius(Strict):
    """How much a change may do to recorded tickets before its tier rises to high."""

    tickets_percent: int | None = Field(default=None, ge=0, le=100)
    """Percent of recorded tickets that are routed otherwise than before."""
    escalations_percent: int | None = Field(default=None, ge=0, le=1000)
    """Percent by which the number of escalations rises or falls."""
    pages_per_person_and_week: int | None = Field(default=None, ge=0)
    """How often anybody may be asked outside their hours."""
    templates: int | None = Field(default=None, ge=1)
    """How many templates one change may touch."""


class Freeze(Strict):
    """A time in which no change is activated."""

    from_: Instant = Field(alias="from")
    """Its first instant."""
    until: Instant
    """The first instant at which changes are activated again."""
    reason: Text
    """Why."""
    except_tiers: Seq[Tier] = ()
    """Tiers that are activated all the same."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.from_, self.until, "freeze")
        return self


class ChangeWindows(Strict):
    """When changes become active."""

    calendar: Name | None = None
    """In the open hours of this calendar only; at any time if none is given."""
    tiers: Seq[Tier] = ("medium", "high")
    """The tiers that this holds for."""
    freezes: Seq[Freeze] = ()
    """Times without any change."""


class AuditTurn(Strict):
    """The audit authority goes round."""

    members: Seq[Name] = Field(min_length=1)
    """People, in turn."""
    every: Literal["week", "month", "quarter"]
    """How long a turn is."""
    starts: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """The date on which the first member's turn begins."""


class Retention(Strict):
    """How long what is kept about people stays readable."""

    personal_data: Duration
    """Free text, evidence and personal ticket fields; afterwards only their digests stay."""
    contacts: Duration | None = None
    """Addresses to which messages were sent; as long as personal data, if not given."""


class Governance(Strict):
    """Who may do what."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Governance"]
    gatekeepers: Seq[Name] = Field(min_length=1)
    """People who review contracts."""
    audit_authority: Name
    """The person who verifies the trail, or whose deputy the turn below names."""
    audit_turn: AuditTurn | None = None
    """Who has the audit in turn; always the audit authority, if not given."""
    override_jobs: Seq[Name] = Field(min_length=1)
    """Jobs whose holders may take, give or close any escalation, with a written rationale."""
    last_resort: Name
    """The person who is accountable when nobody else can be, even when absent."""
    jobs: dict[Name, Text] = {}
    """What each job decides; with any of them declared, every job that people hold must be."""
    approvals: dict[Tier, Approvals] = {}
    """What a change needs, by risk tier."""
    paths: Seq[PathTier] = ()
    """The least tier by path; a change elsewhere is of tier low."""
    blast_radius: BlastRadius | None = None
    """How much a change may do before it counts as high."""
    change_windows: ChangeWindows | None = None
    """When changes become active; at once, if not given."""
    retention: Retention | None = None
    """How long personal data is kept; for ever, if not given."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
