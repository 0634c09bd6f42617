"""The closed lists that templates draw on: exception classes, checklists, evidence, resolution codes. Shapes only."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from runner.contract.policies.words import FieldName, Version
from runner.contract.values import Box, Name, OwnerRef, Seq, Strict, Text, check_choice
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
    known: bool = True
    """Whether the way out is known; one that is not asks for guided triage and a review."""
    requires: Seq[Literal["plan", "tasks"]] = ()
    """What must be written down when it is raised: a plan, tasks with owners."""
    runbook: Name | None = None
    """The approved block that is run when it is raised."""
    review_after: int | None = Field(default=None, ge=1, le=1000)
    """After how many of them in thirty days a rule must replace the exception."""


class ExceptionClasses(Strict):
    """The closed list of exception classes."""

    schema_: Version = Field(alias="schema")
    kind: Literal["ExceptionClasses"]
    classes: dict[Name, ExceptionClass] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class ChecklistItem(Strict):
    """One question that must be answered, with yes unless it says otherwise."""

    question: Text
    """Asked of the person who accepts."""
    answer: Literal["yes", "text", "number", "choice", "instant", "evidence"] = "yes"
    """What counts as an answer."""
    values: Seq[Annotated[str, Field(min_length=1, max_length=64)]] = ()
    """choice: what can be chosen."""
    guidance: Text | None = None
    """What helps to answer it."""

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        check_choice(self.answer, self.values, key="answer", this=f"answered by {self.answer}")
        return self


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
    form: Literal["text", "link", "file", "number", "ticket"] = "text"
    """What it looks like when somebody gives it."""


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
