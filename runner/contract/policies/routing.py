"""Which tickets are ours, and which template gets each of them. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, JsonValue, Tag

from runner.contract.policies.words import Version
from runner.contract.values import Duration, Name, Seq, Strict
from runner.contract.waiver import Waivers

__all__ = ["Routing"]


def _sort(item: object) -> str:
    return "peers" if isinstance(item, list | tuple) else "template"


Rank = Annotated[
    Annotated[Name, Tag("template")] | Annotated[Seq[Name], Field(min_length=1), Tag("peers")], Discriminator(_sort)
]
"""A template, or peers: templates that have no order among themselves, because no ticket matches two of them."""


class Routing(Strict):
    """Which tickets are ours, and which template gets each of them."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Routing"]
    scope: dict[str, JsonValue]
    """A condition; a ticket outside it is none of our business."""
    order: Seq[Rank] = Field(min_length=1)
    """Templates, the first that matches wins; a list inside the list holds peers, of which no two may ever match."""
    fallback: Name
    """The template for every ticket in scope that no other takes."""
    rearm: Duration | None = None
    """How long after the last close a ticket that still matches opens again, where a template names no `rearm`."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
