"""What was seen of a ticket: a reading against the last one. The helpdesk owns the ticket; this is our row for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import TypedDict, Unpack

from runner.contract.diagnostic import printable
from runner.contract.misfit import described
from runner.contract.policies import TicketField
from runner.contract.values import format_instant, instant_or_none
from runner.engine.conditions import Facts, Value

__all__ = ["Case", "Observation", "ObservationKind", "Reading", "advance_case", "changed_names", "fit_value", "observe"]

_EMPTY: Mapping[str, Value] = MappingProxyType({})
_MAX_TEXT = 10_000


class ObservationKind(StrEnum):
    """How a reading relates to the one before."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Reading:
    """A ticket as the helpdesk gave it, under our field names; instants are aware UTC.

    `merged_into` is the ticket of which it has become part, None while it stands for itself.
    """

    ticket: str
    version: str
    created_at: datetime
    updated_at: datetime
    fields: Mapping[str, object]
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Our row for a ticket.

    `outcome` is the template of the last routing, or None outside the scope; `watch_due` is when to look again although
    nothing changes, or None. `problems` are the values of the last reading that could not be used. `unsettled` says
    that it may show drift, and could not be judged because of writes of ours that were under way. `closed_escalation`
    may be opened again until `reopen_until`. `superseded` are the pairs `old>new` of templates of which one took the
    ticket over from the other since somebody last changed it; `merged_into` is the ticket of which it has become part;
    `linked` is the escalation of another ticket of the same cause.
    """

    ticket: str
    version: str
    created_at: datetime
    reading: Mapping[str, Value]
    changed_at: Mapping[str, datetime]
    outcome: str | None = None
    outcome_reason: str = ""
    fired_at: Mapping[str, datetime] = field(default_factory=dict)
    closed_at: Mapping[str, datetime] = field(default_factory=dict)
    escalation: str | None = None
    watch_due: datetime | None = None
    gone: bool = False
    problems: tuple[str, ...] = ()
    unsettled: bool = False
    closed_escalation: str | None = None
    reopen_until: datetime | None = None
    superseded: tuple[str, ...] = ()
    merged_into: str | None = None
    linked: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a ticket: before and after, and what in the reading could not be used.

    `outcome` is the template that took the ticket at the observation before, or None.
    """

    ticket: str
    version: str
    kind: ObservationKind
    created_at: datetime
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    changed_at: Mapping[str, datetime]
    problems: tuple[str, ...] = ()
    outcome: str | None = None
    merged_into: str | None = None

    def facts(self, now: datetime) -> Facts:
        """What conditions are asked about at `now`."""
        return Facts(self.before, self.after, self.changed_at, now)


def observe(
    fields: Mapping[str, TicketField], last: Case | None, reading: Reading | None, now: datetime
) -> Observation:
    """Compare a reading with the last one; `reading` None means deleted or out of sight.

    Values that do not fit their declared type count as absent and are named in `problems`; undeclared fields are left
    out. Raises ValueError if there is neither a reading nor a case.
    """
    if reading is None:
        if last is None:
            msg = "a ticket that was never seen cannot be gone"
            raise ValueError(msg)
        kind = ObservationKind.GONE
        return Observation(last.ticket, last.version, kind, last.created_at, last.reading, _EMPTY, last.changed_at)
    after, problems = _normalise(fields, reading)
    before: Mapping[str, Value]
    changed: Mapping[str, datetime]
    if last is None:
        changed = dict.fromkeys(after, reading.created_at)
        kind = ObservationKind.CREATED
        before = _EMPTY
    else:
        before = last.reading
        seen = min(reading.updated_at, now)
        names = changed_names(before, after)
        kind = ObservationKind.UPDATED if names or reading.version != last.version else ObservationKind.UNCHANGED
        changed = {**last.changed_at, **dict.fromkeys(names, seen)} if names else last.changed_at
    outcome = last.outcome if last else None
    return Observation(
        reading.ticket,
        reading.version,
        kind,
        reading.created_at,
        before,
        after,
        changed,
        problems,
        outcome,
        reading.merged_into,
    )


def changed_names(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    """The fields that do not hold what they held, but for the time of the last change."""
    names = [name for name, value in after.items() if value != before.get(name) and name != "updated_at"]
    names += [name for name, value in before.items() if name not in after and value is not None]
    return names


class Routed(TypedDict, total=False):
    """What routing and the open escalation make of an observation, by the names that a case has for it."""

    outcome: str | None
    outcome_reason: str
    superseded: tuple[str, ...]
    unsettled: bool


def advance_case(last: Case | None, seen: Observation, **routed: Unpack[Routed]) -> Case:
    """The case after an observation, with what routing said of it, if it has been asked."""
    gone = seen.kind is ObservationKind.GONE
    reading = seen.before if gone else seen.after
    if last is None:
        version, changed_at, problems = seen.version, seen.changed_at, seen.problems
        return Case(seen.ticket, version, seen.created_at, reading, changed_at, problems=problems, **routed)
    problems = last.problems if gone else seen.problems
    return replace(
        last,
        version=seen.version,
        reading=reading,
        changed_at=seen.changed_at,
        gone=gone,
        problems=problems,
        merged_into=last.merged_into if gone else seen.merged_into,
        **routed,
    )


def _normalise(fields: Mapping[str, TicketField], reading: Reading) -> tuple[dict[str, Value], tuple[str, ...]]:
    values: dict[str, Value] = {
        "created_at": format_instant(reading.created_at),
        "updated_at": format_instant(reading.updated_at),
    }
    problems = []
    given = reading.fields
    for name, declared in fields.items():
        if name not in given:
            continue
        raw = given[name]
        if raw is None or raw == "":
            continue
        value = fit_value(declared, raw)
        if value is None:
            problems.append(f"{name} holds {printable(described(raw))}, which is {_expected(declared)}")
        else:
            values[name] = value
    return values, tuple(problems)


def _expected(declared: TicketField) -> str:
    """What a value that does not fit is not."""
    if declared.type == "choice":
        return f"none of: {', '.join(declared.values)}"
    return f"not {'an' if declared.type == 'instant' else 'a'} {declared.type}"


def fit_value(declared: TicketField, raw: object) -> Value:
    """A raw value in the form in which readings hold it; None if it does not fit the declared type."""
    match declared.type:
        case "choice":
            return raw if isinstance(raw, str) and raw in declared.values else None
        case "number":
            if isinstance(raw, float):
                return raw if isfinite(raw) else None
            return raw if isinstance(raw, int) and not isinstance(raw, bool) else None
        case "boolean":
            return raw if isinstance(raw, bool) else None
        case "instant":
            at = instant_or_none(raw)
            return format_instant(at) if at is not None else None
        case _:
            return raw[:_MAX_TEXT] if isinstance(raw, str) else None
