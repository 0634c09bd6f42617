"""The closed lists that templates draw on: exception classes, checklists, evidence, resolution codes. Shapes only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.contract.policies.words import FieldName, Version
from runner.contract.values import Box, Name, OwnerRef, Strict, Text
from runner.contract.waiver import Waivers

__all__ = [
    "ChecklistItem",
    "Checklists",
    "EvidenceKind",
    "EvidenceKinds",
    "ExceptionClass",
    "ExceptionClasses",
    "ResolutionCodes",
]


class ExceptionClass(Strict):
    """A declared kind of trouble with its own owner and recovery time."""

    summary: Text
    """When to raise it."""
    owner: OwnerRef
    """The path owner, accountable for recovery."""
    within: Box
    """Recovery time, from raising to end."""


class ExceptionClasses(Strict):
    """The closed list of exception classes."""

    schema_: Version = Field(alias="schema")
    kind: Literal["ExceptionClasses"]
    classes: dict[Name, ExceptionClass] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class ChecklistItem(Strict):
    """One question that must be answered with yes."""

    question: Text
    """Asked of the person who accepts."""


class Checklists(Strict):
    """The questions that acceptance asks."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Checklists"]
    items: dict[Name, ChecklistItem] = Field(min_length=1)
    """By name; templates list the names."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class EvidenceKind(Strict):
    """A kind of proof that an outcome was reached."""

    summary: Text
    """What counts as this evidence."""
    field: FieldName | None = None
    """A ticket field that holds it; a value there counts as given."""


class EvidenceKinds(Strict):
    """What can prove an outcome or travel with a handoff."""

    schema_: Version = Field(alias="schema")
    kind: Literal["EvidenceKinds"]
    evidence: dict[Name, EvidenceKind] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class ResolutionCodes(Strict):
    """How an escalation can end."""

    schema_: Version = Field(alias="schema")
    kind: Literal["ResolutionCodes"]
    codes: dict[Name, Text] = Field(min_length=1)
    """By name, each with its meaning."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
