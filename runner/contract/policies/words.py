"""Words that several policies share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from runner.contract.values import Date

__all__ = ["Date", "FieldName", "Metric", "Version", "Weekday", "Zone"]

Version = Literal["surety/v1"]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=64)]
"""The name of a ticket field; dots group, as in `account.tier`."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+\-/]*$", max_length=64)]
"""A name of the IANA time zone database, e.g. `Europe/Berlin`."""
Metric = Literal[
    "time_to_first_owner",
    "time_to_acknowledge",
    "time_to_first_action",
    "time_to_resolution",
    "sla_compliance",
    "longest_silence",
    "handoffs",
    "failovers",
    "exceptions",
    "exhausted",
    "reopened",
    "repeats",
    "undelivered",
    "business_impact",
]
"""The key figures that a template can be judged by."""
