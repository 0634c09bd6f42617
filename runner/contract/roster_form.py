"""The compiled roster: people, teams, rotations and absences of one epoch, without contacts, named by a digest.

This is the form that records refer to, so that a decision can be made again years later; resolving who is on call
is `runner.engine.roster`.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Literal

from runner.contract.canonical import canonical, digest_of
from runner.contract.values import Closed, Instant

__all__ = ["AbsenceOf", "PersonOf", "RosterForm", "RotationOf"]


class PersonOf(Closed):
    """A person: jobs only; names and contacts stay outside."""

    jobs: tuple[str, ...]


class RotationOf(Closed):
    """Members in turn; shifts of one day or seven from the local start on."""

    members: tuple[str, ...]
    zone: str
    starts: str
    """Local date and time of the first handover, `2026-01-05T09:00`."""
    shift_days: Literal[1, 7]


class AbsenceOf(Closed):
    """Away from an instant (included) until another (excluded)."""

    person: str
    start: Instant
    end: Instant


class RosterForm(Closed):
    """Who there is and who is on call."""

    format: Literal[1] = 1
    people: dict[str, PersonOf]
    teams: dict[str, tuple[str, ...]]
    rotations: dict[str, RotationOf]
    absences: tuple[AbsenceOf, ...]
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

    @classmethod
    def load(cls, data: bytes) -> RosterForm:
        """The roster from its canonical bytes; raises ValueError if they are not one."""
        return cls.model_validate(json.loads(data))
