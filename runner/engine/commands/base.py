"""What commands are made of: their base, scalars, references to texts, what is known of a ticket."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ArgsBase", "Scalar", "TextRef", "TicketFacts"]

Scalar = str | int | Annotated[float, Field(allow_inf_nan=False)] | bool | None
"""What a record may hold of a value; a number that is not finite cannot be written down."""
TextRef = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The salted digest of a free text that stands in the side table."""


class ArgsBase(BaseModel):
    """What every command's arguments are: frozen, without further keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class TicketFacts(ArgsBase):
    """What verification needs to know of the ticket, read just before the command.

    `evidence` names evidence kinds whose ticket field has a value; `record` is what the record fields say now;
    `open_tasks` are created task tickets that are not done.
    """

    evidence: tuple[str, ...] = ()
    record: dict[str, Scalar] = {}
    open_tasks: tuple[str, ...] = ()
