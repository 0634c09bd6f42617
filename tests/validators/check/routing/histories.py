"""Every history of looks at one ticket, over a few values and instants: a new ticket, then changed, or time passes.

All that follows from a state is followed, until nothing new comes, so that histories of any length are covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.contract.values import format_instant
from runner.engine.conditions import Value, compile_condition
from runner.engine.observation import Observation, ObservationKind
from runner.engine.routing import Match, RoutingTable, admits, route
from tests.runner.engine.worlds import T0
from tests.validators.check.routing.brute import leaves

AGES = (0, 1, 3601, 7202)
"""Seconds after its creation at which a ticket is changed and looked at: closer, and further apart, than an hour."""
VALUES: Mapping[str, tuple[Value, ...]] = {
    "state": (None, "open", "done"),
    "amount": (None, 0, 10, 11),
    "vip": (None, True, False),
    "title": (None, "a", "b", "c", "ab", "cc"),
    "due": (None, format_instant(T0 - timedelta(hours=2)), format_instant(T0 + timedelta(hours=1))),
}


def atoms() -> st.SearchStrategy[Condition]:
    states = st.sampled_from((("open",), ("done",)))
    spans = st.sampled_from((0, 3600))
    return st.one_of(
        st.builds(In, st.just("state"), states),
        st.builds(Was, st.just("state"), states),
        st.builds(HeldFor, st.just("state"), states, spans),
        st.sampled_from((In("vip", (True,)), In("vip", (False,)), Was("vip", (True,)))),
        st.sampled_from(("state", "vip", "title", "due")).map(IsSet),
        st.sampled_from(("state", "vip", "title", "updated_at")).map(Changed),
        st.sampled_from((Compare("amount", "more_than", 10), Compare("amount", "at_most", 0))),
        st.sampled_from((Contains("title", "A"), Like("title", "?"), In("title", ("b",)))),
        st.builds(TimeFrom, st.sampled_from(("created_at", "updated_at", "due")), spans),
    )


def conditions(most: int) -> st.SearchStrategy[Condition]:
    def deeper(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(parts.map(All), parts.map(Any_), inner.map(Not))

    return st.recursive(atoms(), deeper, max_leaves=most)


class State(NamedTuple):
    """A ticket as it was looked at last: what it is, since when, when it was changed and looked at, who has it."""

    values: tuple[Value, ...]
    changed: tuple[int, ...]
    updated: int
    now: int
    holder: str | None


@dataclass(slots=True)
class Truth:
    reached: set[str] = field(default_factory=set)
    overlaps: set[tuple[str, str]] = field(default_factory=set)
    unmatched: bool = False


class Histories:
    def __init__(self, table: RoutingTable, group: Sequence[str]) -> None:
        self.table, self.group = table, group
        asked = [table.scope, *(entry.condition for entry in table.entries)]
        every = [atom for condition in asked for atom in leaves(condition)]
        names = {atom.field for atom in every}  # type: ignore[union-attr]
        self.names = sorted(names & VALUES.keys())
        self.held = sorted({atom.field for atom in every if isinstance(atom, HeldFor)})
        timed = bool(self.held) or any(isinstance(atom, TimeFrom) for atom in every)
        self.ages = AGES if timed else AGES[:2]
        self.tests = {entry.name: compile_condition(entry.condition) for entry in table.entries}
        self.truth = Truth()

    def size(self) -> int:
        readings = len(list(self._readings()))
        ages = len(self.ages)
        return readings**2 * ages**4 // 2 * (ages // 2 if self.held else 1)

    def _readings(self) -> Iterator[tuple[Value, ...]]:
        return product(*(VALUES[name] for name in self.names))

    def explore(self) -> Truth:
        todo = [
            self._look(ObservationKind.CREATED, None, State(values, (0,) * len(self.held), updated, now, None))
            for values in self._readings()
            for updated, now in product(self.ages, repeat=2)
            if updated <= now
        ]
        seen = set(todo)
        while todo:
            state = todo.pop()
            for after in self._after(state):
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return self.truth

    def _after(self, state: State) -> Iterator[State]:
        for now in (age for age in self.ages if age >= state.now):
            yield self._look(ObservationKind.UNCHANGED, state, state._replace(now=now))
            for updated in (age for age in self.ages if state.updated <= age <= now):
                for values in self._readings():
                    changed = tuple(
                        since if values[place] == state.values[place] else updated
                        for place, since in zip(map(self.names.index, self.held), state.changed, strict=True)
                    )
                    yield self._look(ObservationKind.UPDATED, state, State(values, changed, updated, now, None))

    def _look(self, kind: ObservationKind, state: State | None, seen: State) -> State:
        """The state after a look, from the one before it and what is seen."""
        after = self._reading(seen.values, seen.updated)
        before = {} if state is None else self._reading(state.values, state.updated)
        since = {name: _at(age) for name, age in zip(self.held, seen.changed, strict=True)}
        every = {**dict.fromkeys(after, T0), **since}
        holder = None if state is None else state.holder
        observation = Observation("T", "1", kind, T0, before, after, every, outcome=holder)
        taken = route(self.table, observation, _at(seen.now))
        taker = taken.template if isinstance(taken, Match) else None
        self._note(observation, _at(seen.now), taker)
        return seen._replace(holder=taker)

    def _note(self, seen: Observation, now: datetime, taker: str | None) -> None:
        if taker is None:
            return
        self.truth.reached.add(taker)
        self.truth.unmatched |= taker == self.table.fallback.name
        if taker in self.group:
            facts = seen.facts(now)
            by_name = self.table.by_name
            names = [name for name in self.group if admits(by_name[name], seen) and self.tests[name](facts)]
            self.truth.overlaps |= {(one, two) for i, one in enumerate(names) for two in names[i + 1 :]}

    def _reading(self, values: tuple[Value, ...], updated: int) -> dict[str, Value]:
        own: dict[str, Value] = {"created_at": format_instant(T0), "updated_at": format_instant(_at(updated))}
        return own | {name: value for name, value in zip(self.names, values, strict=True) if value is not None}


def _at(age: int) -> datetime:
    return T0 + timedelta(seconds=age)
