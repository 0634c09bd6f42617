"""Which tickets are ours, and which template gets each of them. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from runner.contract.policies.words import Version
from runner.contract.values import Name, Seq, Strict
from runner.contract.waiver import Waivers

__all__ = ["Routing"]


class Routing(Strict):
    """Which tickets are ours, and which template gets each of them."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Routing"]
    scope: dict[str, JsonValue]
    """A condition; a ticket outside it is none of our business."""
    order: Seq[Name] = Field(min_length=1)
    """Templates, the first that matches wins."""
    fallback: Name
    """The template for every ticket in scope that no other takes."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
