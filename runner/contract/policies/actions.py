"""Named actions: what runbooks may do in other systems, and how it is taken back. Shapes only."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import FieldName, Version
from runner.contract.values import Duration, Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["ActionInput", "Actions", "NamedAction"]

Environment = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


class ActionInput(Strict):
    """A value that an action is given."""

    type: Literal["text", "number", "boolean", "person"]
    """What is accepted."""
    summary: Text
    """What it is for."""
    default: JsonValue = None
    """Used when nothing is given; without it the input is required."""


class NamedAction(Strict):
    """Something that can be done in another system by one request."""

    summary: Text
    """What it does there."""
    sender: Literal["webhook"]
    """What carries it out."""
    url_env: Environment
    """The environment variable that holds the address, so that no secret stands in git."""
    secret_env: Environment | None = None
    """The environment variable that holds the key that signs the request."""
    changes_world: bool = True
    """Whether anything is different afterwards; reading logs is not."""
    inputs: dict[Name, ActionInput] = {}
    """What it is given."""
    confirms: Seq[Name] = ()
    """Inputs that the answer must repeat with the value that was given; otherwise nobody knows whether it was done."""
    undo: Name | None = None
    """The action that takes it back."""
    irreversible: Text | None = None
    """Why it cannot be taken back; such an action needs an approval before it."""
    amount: FieldName | None = None
    """The number field that says how much is at stake; above the limit an approval is needed before it."""
    timeout: Duration = 30
    """How long the other system may take to answer, 30s if not given."""

    @model_validator(mode="after")
    def _one_way_back(self) -> Self:
        if self.undo is not None and self.irreversible is not None:
            raise Unfit("an action that is undone is not irreversible", "keep one of the two", "irreversible")
        return self


class Actions(Strict):
    """Everything that runbooks may do in other systems."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Actions"]
    actions: dict[Name, NamedAction] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
