"""Business calendars. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from runner.contract.policies.words import Date, Version, Weekday, Zone
from runner.contract.values import Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["Calendar", "Calendars"]


class Calendar(Strict):
    """Business hours in one zone."""

    summary: Text
    """Whose hours these are."""
    zone: Zone
    """The zone of all times below."""
    hours: dict[
        Weekday, Seq[Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")]]
    ]
    """Open intervals by weekday, `09:00-17:30`, closed at the start and open at the end; `24:00` ends a day."""
    closed: dict[Date, Text] = {}
    """Dates without business hours, each with its reason."""


class Calendars(Strict):
    """Business calendars, by name."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Calendars"]
    horizon: Date
    """The last date up to which `closed` is complete; `check` warns before it ends."""
    calendars: dict[Name, Calendar] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
