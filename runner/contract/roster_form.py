"""The compiled roster: people, teams, rotations, absences and swaps of one epoch, without contacts, named by a digest.

This is the form that records refer to, so that a decision can be made again years later; resolving who is on call
is `runner.engine.roster`.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Literal

from runner.contract.canonical import canonical, digest_of
from runner.contract.values import Closed, Instant

__all__ = ["AbsenceOf", "LayerOf", "OverrideOf", "PersonOf", "RosterForm", "RotationOf", "SwapOf", "VersionOf"]


class PersonOf(Closed):
    """A person: jobs, and who stands in; names and contacts stay outside."""

    jobs: tuple[str, ...]
    substitute: str | None = None


class LayerOf(Closed):
    """Members in turn, by the local clock of the rotation."""

    members: tuple[str, ...]
    starts: str
    """Local date and time from which on the layer counts, `2026-01-05T09:00`."""
    anchor: str
    """Local date and time at which the first member's turn would begin in full; `starts` or before."""
    length_minutes: int
    """From one handover to the next, on the clock."""
    only: tuple[tuple[int, int], ...] = ()
    """When the layer counts: minutes of the local week from Monday 00:00, open at the end; empty: always."""


class VersionOf(Closed):
    """Layers, lowest first, from a local date and time on; None: from the beginning."""

    effective_from: str | None
    layers: tuple[LayerOf, ...]


class OverrideOf(Closed):
    """A person who is on call from an instant (included) until another (excluded)."""

    person: str
    start: Instant
    end: Instant


class RotationOf(Closed):
    """Versions, oldest first; overrides in order of time, none at the same instant as another."""

    zone: str
    versions: tuple[VersionOf, ...]
    overrides: tuple[OverrideOf, ...] = ()
    apart_from: tuple[str, ...] = ()
    """Rotations whose person of the instant this one passes over."""


class AbsenceOf(Closed):
    """Away from an instant (included) until another (excluded)."""

    person: str
    start: Instant
    end: Instant


class SwapOf(Closed):
    """`person` has the turns of `instead_of` in a rotation from an instant (included) until another (excluded)."""

    rotation: str
    person: str
    instead_of: str
    start: Instant
    end: Instant


class RosterForm(Closed):
    """Who there is and who is on call."""

    format: Literal[2] = 2
    people: dict[str, PersonOf]
    teams: dict[str, tuple[str, ...]]
    rotations: dict[str, RotationOf]
    absences: tuple[AbsenceOf, ...]
    swaps: tuple[SwapOf, ...] = ()
    last_resort: str
    jobs: dict[str, tuple[str, ...]]
    """Job to the people who hold it, in the order of the people file."""

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON; what `RosterForm.load` reads."""
        return canonical(self.model_dump(mode="json"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical form, hexadecimal."""
        return digest_of(self.canonical)

    def but(self, **changes: object) -> RosterForm:
        """The roster with some parts replaced, under a digest of its own; a copy would keep the digest of this one."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_construct(**{**parts, **changes})

    @classmethod
    def load(cls, data: bytes) -> RosterForm:
        """The roster from its canonical bytes, under the digest it was written with; raises ValueError otherwise."""
        plain = json.loads(data)
        roster = cls.model_validate(plain)
        vars(roster)["canonical"] = canonical(plain)
        return roster
