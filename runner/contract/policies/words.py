"""Words that several policies share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from runner.contract.values import Date

__all__ = [
    "AmountMetric",
    "CountMetric",
    "Date",
    "FieldName",
    "KeptMetric",
    "Metric",
    "TimeMetric",
    "Version",
    "Weekday",
    "Zone",
]

Version = Literal["surety/v1"]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=64)]
"""The name of a ticket field; dots group, as in `account.tier`."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+\-/]*$", max_length=64)]
"""A name of the IANA time zone database, e.g. `Europe/Berlin`."""
TimeMetric = Literal[
    "time_to_first_owner",
    "time_to_acknowledge",
    "time_to_first_action",
    "time_to_resolution",
    "time_to_close",
    "longest_silence",
    "waiting",
    "lateness",
    "runner_lateness",
]
"""Key figures that are spans of time."""
KeptMetric = Literal["sla_compliance", "acceptance_in_time", "outcome_in_time"]
"""Key figures that are kept or missed."""
CountMetric = Literal[
    "handoffs",
    "failovers",
    "skipped",
    "lapsed",
    "unaccepted",
    "exceptions",
    "exhausted",
    "reopened",
    "repeats",
    "linked",
    "drift",
    "rollbacks",
    "undelivered",
    "pages_unanswered",
    "runs_stopped",
]
"""Key figures that are counted."""
AmountMetric = Literal["business_impact"]
"""Key figures in currency units."""
Metric = Literal[TimeMetric, KeptMetric, CountMetric, AmountMetric]
"""The key figures that a template can be judged by."""
