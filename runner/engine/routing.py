"""Routing: which template takes a ticket, decided the same way for the service, for scenarios and for `explain`.

A ticket outside the scope is none of our business. Inside it, the first template in order whose trigger matches wins,
and the fallback takes the rest. An index of bitmaps keeps the cost of one ticket independent of their number: for each
field a mask of the templates that admit a value; the masks are intersected, and only what is left is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType

from runner.contract.conditions import Condition, required_values
from runner.contract.contract import Contract
from runner.contract.routing_form import RoutingForm
from runner.engine.conditions import Hours, Test, TimeAtom, Value, atom_instants, compile_condition, time_atoms
from runner.engine.observation import Case, Observation, ObservationKind
from runner.engine.open_time import open_hours

__all__ = [
    "ADMITS",
    "Entry",
    "Firing",
    "Match",
    "NoMatch",
    "NoMatchReason",
    "RoutingTable",
    "admits",
    "fires",
    "next_watch",
    "route",
    "routing_table",
]

ADMITS: Mapping[ObservationKind, frozenset[str]] = {
    ObservationKind.CREATED: frozenset(("ticket.created", "time.passed")),
    ObservationKind.UPDATED: frozenset(("ticket.updated", "time.passed")),
    ObservationKind.UNCHANGED: frozenset(("time.passed",)),
    ObservationKind.GONE: frozenset[str](),
}
"""Which `on` an observation satisfies. Time has always passed, so a time trigger is never lost to a concurrent update.

A template that took the ticket at the observation before stays eligible whatever this one is: `on` says what may begin
a match, not what ends it.
"""


class NoMatchReason(StrEnum):
    """Why no template takes a ticket."""

    OUT_OF_SCOPE = "out_of_scope"
    GONE = "gone"
    MERGED = "merged"
    NO_TRIGGER = "no_trigger"


class Firing(StrEnum):
    """Why a match opens an escalation, or does not."""

    RISING_EDGE = "rising_edge"
    REARMED = "rearmed"
    STILL_MATCHING = "still_matching"
    ALREADY_OPEN = "already_open"


@dataclass(frozen=True, slots=True)
class Match:
    """The template that takes the ticket; `fallback` if no other did."""

    template: str
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No template takes it, and why."""

    reason: NoMatchReason


@dataclass(frozen=True, slots=True)
class Entry:
    """One template as routing sees it; `rearm` in seconds or None."""

    name: str
    on: frozenset[str]
    condition: Condition
    rearm: int | None = None


class RoutingTable:
    """Scope, order and fallback, with the index. Immutable once built."""

    def __init__(
        self,
        scope: Condition,
        entries: Sequence[Entry],
        fallback: str,
        hours: Hours = MappingProxyType({}),
    ) -> None:
        self.scope = scope
        self.hours = hours
        self.entries = tuple(entry for entry in entries if entry.name != fallback)
        self.fallback = next(entry for entry in entries if entry.name == fallback)
        self.by_name = {entry.name: entry for entry in entries}
        self._in_scope = compile_condition(scope, hours)
        self._tests: tuple[Test, ...] = tuple(compile_condition(entry.condition, hours) for entry in self.entries)
        self._fallback_test = compile_condition(self.fallback.condition, hours)
        self._all = (1 << len(self.entries)) - 1
        self._on = {
            kind: sum(1 << i for i, entry in enumerate(self.entries) if entry.on & admitted)
            for kind, admitted in ADMITS.items()
        }
        self._bit: Mapping[str | None, int] = {entry.name: 1 << i for i, entry in enumerate(self.entries)}
        self._index = self._build_index()
        self._timed = tuple(tuple(time_atoms(entry.condition)) for entry in self.entries)
        self._with_time = sum(1 << i for i, atoms in enumerate(self._timed) if atoms)
        self._always_timed = (*time_atoms(scope), *time_atoms(self.fallback.condition))

    def _build_index(self) -> tuple[tuple[str, int, Mapping[object, int]], ...]:
        free: dict[str, int] = {}
        admitted: dict[str, dict[object, int]] = {}
        for i, entry in enumerate(self.entries):
            for field, values in required_values(entry.condition).items():
                free[field] = free.get(field, self._all) & ~(1 << i)
                masks = admitted.setdefault(field, {})
                for value in values:
                    masks[value] = masks.get(value, 0) | (1 << i)
        return tuple(
            (field, free[field], {value: mask | free[field] for value, mask in masks.items()})
            for field, masks in admitted.items()
        )

    def candidates(self, after: Mapping[str, Value]) -> Iterator[int]:
        """Positions of the templates that the index does not exclude, in order."""
        return _bits(self._admitted(self._all, after))

    def time_atoms(self, after: Mapping[str, Value]) -> list[TimeAtom]:
        """What time alone may turn true for a ticket: of the scope, the fallback, and templates not excluded."""
        timed = _bits(self._admitted(self._with_time, after))
        return [*self._always_timed, *(atom for i in timed for atom in self._timed[i])]

    def _admitted(self, mask: int, after: Mapping[str, Value]) -> int:
        """What the index leaves of a mask of templates."""
        for field, free, admitted in self._index:
            if not mask:
                break
            mask &= admitted.get(after.get(field), free)
        return mask

    def in_scope(self, seen: Observation, now: datetime) -> bool:
        """Whether the ticket is our business at all."""
        return self._in_scope(seen.facts(now))

    def first(self, seen: Observation, now: datetime) -> Match | NoMatch:
        """The first template in order that matches, else the fallback."""
        facts = seen.facts(now)
        for i in _bits(self._admitted(self._on[seen.kind] | self._bit.get(seen.outcome, 0), seen.after)):
            if self._tests[i](facts):
                return Match(self.entries[i].name)
        if admits(self.fallback, seen) and self._fallback_test(facts):
            return Match(self.fallback.name, fallback=True)
        return NoMatch(NoMatchReason.NO_TRIGGER)


def routing_table(
    routing: RoutingForm, contracts: Mapping[str, Contract], zones: Callable[[str], tzinfo]
) -> RoutingTable:
    """The table of a revision: its scope, its contracts in order, its fallback, and the calendars they count in."""
    names = (*routing.order, routing.fallback)
    entries = [
        Entry(name, frozenset(contracts[name].on), contracts[name].condition, contracts[name].rearm) for name in names
    ]
    calendars = dict(routing.calendars)
    for name in names:
        calendars |= contracts[name].calendars
    return RoutingTable(routing.scope, entries, routing.fallback, open_hours(calendars, zones))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def admits(entry: Entry, seen: Observation) -> bool:
    """Whether what was seen may begin, or goes on with, a match of this template, whatever its condition says."""
    return bool(entry.on & ADMITS[seen.kind]) or seen.outcome == entry.name


def route(table: RoutingTable, seen: Observation, now: datetime) -> Match | NoMatch:
    """Which template takes this observation, or why none does."""
    if seen.kind is ObservationKind.GONE:
        return NoMatch(NoMatchReason.GONE)
    if seen.merged_into is not None:
        return NoMatch(NoMatchReason.MERGED)
    if not table.in_scope(seen, now):
        return NoMatch(NoMatchReason.OUT_OF_SCOPE)
    return table.first(seen, now)


def fires(table: RoutingTable, case: Case, outcome: Match, now: datetime) -> Firing:
    """Whether a match opens an escalation, given the case as it was before this observation.

    A trigger fires on the rising edge, when the template takes the ticket and did not take it at the observation
    before, or when `rearm` has passed since its escalation closed. Never while an escalation is open: a template that
    took the ticket then has not fired yet, and does at the next look.
    """
    if case.escalation is not None:
        return Firing.ALREADY_OPEN
    if case.outcome != outcome.template or outcome.template not in case.fired_at:
        return Firing.RISING_EDGE
    rearm = table.by_name[outcome.template].rearm
    closed = case.closed_at.get(outcome.template)
    if rearm is not None and closed is not None and now >= closed + timedelta(seconds=rearm):
        return Firing.REARMED
    return Firing.STILL_MATCHING


def next_watch(table: RoutingTable, case: Case, now: datetime) -> datetime | None:
    """The next instant after `now` at which routing could answer differently by time alone; None if never."""
    if case.gone:
        return None
    reading, changed = case.reading, case.changed_at
    atoms = table.time_atoms(reading)
    instants = [at for atom in atoms for at in atom_instants(atom, reading, changed, table.hours)]
    if case.outcome in table.by_name and case.escalation is None:
        rearm, closed = table.by_name[case.outcome].rearm, case.closed_at.get(case.outcome)
        if rearm is not None and closed is not None:
            instants.append(closed + timedelta(seconds=rearm))
    return min((at for at in instants if at > now), default=None)
