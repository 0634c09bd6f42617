"""Which templates start each other: by the tickets that their steps create, and by the fields that they set.

An edge leads from a template to one that may take a ticket as a step leaves it. Only what may happen by the known
fields counts, and nobody else is thought to change the ticket meanwhile. No limit of the language bounds such a loop.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final, Literal

from runner.contract.conditions import All, Condition, condition_fields, required_values
from runner.contract.contract import Contract, StepOf
from runner.contract.load import Revision
from runner.contract.text import is_liquid
from runner.engine.conditions import Value
from validators.check.possible import ABSENT, ANY, Knowledge, Truth, open_fields, truth

__all__ = ["Edge", "cycles"]

_AT_MOST: Final = 50
"""Cycles that are reported: each is looked for by itself, and nobody reads more of them before putting some right."""
_STATES_EACH: Final = 20
"""Tickets in different states that are followed for each template, on average; real companies need one or two."""
_TOUCHED: Final = frozenset(("ticket.updated", "time.passed"))
_NEW: Final = frozenset(("ticket.created", "time.passed"))
_WRITING: Final = ("set_fields", "assign")
"""The kinds of steps that write fields of the ticket itself."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step of `source` after which `target` may take the ticket; `assumed` are fields that must happen to fit.

    `start` and `end` number the states that it leads from and to: a template with what is known of its ticket.
    """

    source: str
    target: str
    step: StepOf
    sort: Literal["create", "set", "close"]
    assumed: tuple[str, ...]
    start: int
    end: int

    @property
    def place(self) -> str:
        """Where the step is written: in a block, the same for all that use it."""
        return self.step.rule.rpartition(" > ")[2]


def cycles(revision: Revision) -> tuple[tuple[tuple[Edge, ...], ...], bool]:
    """Each loop once, as short as possible, at most 50; and whether everything was looked at.

    A loop goes through at least one created ticket, or through fields that templates set to and fro.
    """
    graph = _Graph(revision)
    edges, complete = graph.edges()
    found: list[tuple[Edge, ...]] = []
    seen: set[frozenset[tuple[str, str]]] = set()
    parts = _components(edges)
    placed: set[tuple[str, str]] = set()
    for first in sorted((each for every in edges for each in every), key=lambda each: each.sort):
        here = (first.place, first.target)
        if parts[first.start] != parts[first.end] or here in placed:
            continue
        placed.add(here)
        cycle = _shortest(edges, parts, first)
        key = frozenset((edge.source, edge.place) for edge in cycle)
        if key not in seen:
            seen.add(key)
            found.append(cycle)
            if len(found) == _AT_MOST:
                break
    return tuple(found), complete


class _Graph:
    """The edges of a revision, made in time that hardly grows with the number of pairs of templates."""

    def __init__(self, revision: Revision) -> None:
        self._contracts = revision.contracts
        self._scope = revision.routing.scope
        self._fields = revision.policies.fields.fields
        self._assignee = revision.policies.fields.assignee or "assignee"
        self._order = [*revision.routing.order, revision.routing.fallback]
        self._rank = {name: index for index, name in enumerate(self._order)}
        self._conditions = [revision.contracts[name].condition for name in self._order]
        self._bodies = frozenset(
            name
            for name, field in self._fields.items()
            if name == "description" or any(there.field == "description" for there in field.helpdesk.values())
        )
        self._created = {name: tuple(self._creations(each)) for name, each in self._contracts.items()}
        self._set = {name: _assigned(_steps(each, *_WRITING)) for name, each in self._contracts.items()}
        self._closing = {
            name: _assigned(
                each for each in contract.runbook.get("closed", ()) if each.kind in ("set_fields", "assign")
            )
            for name, contract in self._contracts.items()
        }
        self._pins: dict[str, Mapping[str, frozenset[object]]] = {}
        self._takers_of: dict[object, list[tuple[str, tuple[str, ...]]]] = {}
        self._numbers: dict[object, int] = {}
        self._states: list[tuple[str, Knowledge]] = []
        # From others no edge leads on, so they are in no loop.
        self._leading = sum(1 << self._rank[name] for name in self._order if self._created[name] or self._set[name])

    def edges(self) -> tuple[list[list[Edge]], bool]:
        """By the number of the state that they lead from; and whether all states were followed."""
        for name in self._order:
            if self._leading >> self._rank[name] & 1:
                self._state(name, Knowledge({}, ANY))
        most = _STATES_EACH * (len(self._order) + 10)
        found: list[list[Edge]] = []
        while len(found) < len(self._states):
            if len(self._states) > most:
                return [*found, *([] for _ in self._states[len(found) :])], False
            start = len(found)
            name, ticket = self._states[start]
            edges = (self._create_edges(name, start), self._set_edges(name, ticket, start))
            found.append([*chain(*edges, self._close_edges(name, ticket, start))])
        return found, True

    def _state(self, name: str, ticket: Knowledge) -> int:
        """The number of a state: a template that took a ticket, which therefore has what its trigger asks for."""
        known = dict(ticket.fields)
        if name not in self._pins:
            self._pins[name] = required_values(self._contracts[name].condition)
        for field, asked in self._pins[name].items():
            values, had = _values(asked), ticket.of(field)
            known[field] = values if had is None else (had & values) or had
        key = (name, frozenset(known.items()), ticket.rest)
        if key not in self._numbers:
            self._numbers[key] = len(self._states)
            self._states.append((name, Knowledge(known, ticket.rest)))
        return self._numbers[key]

    def _create_edges(self, name: str, start: int) -> Iterator[Edge]:
        for step, after in self._created[name]:
            key = frozenset(after.fields.items())
            if key not in self._takers_of:
                self._takers_of[key] = list(self._takers(after))
            for other, assumed in self._takers_of[key]:
                yield Edge(name, other, step, "create", assumed, start, self._state(other, after))

    def _creations(self, contract: Contract) -> Iterator[tuple[StepOf, Knowledge]]:
        """The tickets that its steps create and that may be in scope."""
        for step in _steps(contract, "create_ticket"):
            given: dict[str, object] = {**_mapping(step.args["fields"]), "subject": step.args["subject"]}
            given |= dict.fromkeys(self._bodies, step.args["body"])
            known = {name: _possible(value) for name, value in given.items() if name in self._fields}
            if step.who is not None and self._assignee in self._fields:
                known[self._assignee] = ANY
            after = Knowledge(known)
            if any(truth(self._scope, after, before) is not Truth.FALSE for before in (after, Knowledge({}))):
                yield step, after

    def _takers(self, after: Knowledge) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Who may take a new ticket: when it is seen first, or when somebody touches it later and leaves its fields."""
        found: dict[str, tuple[str, ...]] = {}
        for before, on in ((Knowledge({}), _NEW), (after, _TOUCHED)):
            assumed = tuple(open_fields(self._scope, after, before))
            if truth(self._scope, after, before) is Truth.FALSE:
                continue
            for position in self._candidates(after):
                name = self._order[position]
                if not on.intersection(self._contracts[name].on):
                    continue
                answer = truth(self._conditions[position], after, before)
                if answer is Truth.FALSE:
                    continue
                if self._leading >> position & 1:
                    open_ones = dict.fromkeys((*assumed, *open_fields(self._conditions[position], after, before)))
                    found.setdefault(name, tuple(open_ones))
                if answer is Truth.TRUE:
                    break
        yield from found.items()

    @cached_property
    def _index(self) -> Mapping[str, tuple[int, Mapping[object, int]]]:
        """By field: the templates that do not ask for a value of it, and by value those that do; as bits."""
        every = (1 << len(self._order)) - 1
        free: dict[str, int] = {}
        admitted: dict[str, dict[object, int]] = {}
        for position, condition in enumerate(self._conditions):
            for field, values in required_values(condition).items():
                free[field] = free.get(field, every) & ~(1 << position)
                for value in values:
                    masks = admitted.setdefault(field, {})
                    masks[value] = masks.get(value, 0) | 1 << position
        return {field: (free[field], admitted[field]) for field in free}

    @cached_property
    def _readers(self) -> Mapping[str, int]:
        """By field: the templates whose condition reads it; as bits."""
        readers: dict[str, int] = {}
        for position, condition in enumerate(self._conditions):
            for field in condition_fields(condition):
                readers[field] = readers.get(field, 0) | 1 << position
        return readers

    def _candidates(self, after: Knowledge, among: int = -1) -> Iterator[int]:
        """Positions in the order of templates that the index does not exclude."""
        mask = among & ((1 << len(self._order)) - 1)
        for field, (free, admitted) in self._index.items():
            values = after.of(field)
            if values is not None:
                fits = 0
                for value in values:
                    fits |= admitted.get(value, free) | free
                mask &= fits
            if not mask:
                return
        while mask:
            low = mask & -mask
            yield low.bit_length() - 1
            mask ^= low

    def _set_edges(self, name: str, before: Knowledge, start: int) -> Iterator[Edge]:
        """Who may take the ticket of a template once its steps have set their fields, and did not before."""
        step, given = self._set[name] or (None, {})
        readers = 0
        for field in given:
            readers |= self._readers.get(field, 0)
        if step is None or not readers:
            return
        own, place = self._contracts[name].condition, self._rank[name]
        after = Knowledge({**before.fields, **given}, before.rest)
        if truth(self._scope, after, before) is Truth.FALSE:
            return
        leaves = bool(readers >> place & 1) and self._still(own, after, before, given) is not Truth.TRUE
        # Whoever comes before it in the order did not match when it took the ticket, so a field must have made it so.
        ahead = readers & ((1 << place) - 1)
        for position in self._candidates(after, -1 if leaves else ahead):
            other, condition = self._order[position], self._conditions[position]
            if position == place or not _TOUCHED.intersection(self._contracts[other].on):
                continue
            if position < place and not _caused(condition, after, before, given):
                continue
            answer = truth(condition, after, before)
            if answer is not Truth.FALSE and self._leading >> position & 1:
                depends = (own, condition) if position > place else (condition,)  # on being left, and on being taken
                assumed = [field for each in depends for field in open_fields(each, after, before)]
                end = self._state(other, after)
                yield Edge(name, other, step, "set", tuple(dict.fromkeys(assumed)), start, end)
            if answer is Truth.TRUE:
                return

    def _close_edges(self, name: str, before: Knowledge, start: int) -> Iterator[Edge]:
        """Who takes a ticket that was done and out of scope when the steps at the close bring it back; itself, too."""
        step, given = self._closing[name] or (None, {})
        if step is None or self._set[name] is None:
            return
        record, (_, ever) = self._contracts[name].record, self._set[name] or (step, {})
        while_open = {field: _either(before.of(field), values) for field, values in ever.items()}
        done = Knowledge({**before.fields, **while_open, record.lifecycle: frozenset(record.done)}, before.rest)
        after = Knowledge({**done.fields, **given}, before.rest)
        touched = {**ever, record.lifecycle: None}
        back = self._still(self._scope, after, before, touched)
        if truth(self._scope, done, done) is not Truth.FALSE or back is Truth.FALSE:
            return
        for position in self._candidates(after):
            other, condition = self._order[position], self._conditions[position]
            if not _TOUCHED.intersection(self._contracts[other].on):
                continue
            if other == name:
                answer = self._still(condition, after, before, touched)
                assumed = [] if answer is Truth.TRUE else [*open_fields(condition, after, done)]
            else:
                answer = truth(condition, after, done)
                assumed = [*open_fields(condition, after, done)]
            if back is Truth.OPEN:
                assumed += open_fields(self._scope, after, done)
            if answer is not Truth.FALSE and self._leading >> position & 1:
                yield Edge(name, other, step, "close", tuple(dict.fromkeys(assumed)), start, self._state(other, after))
            if answer is Truth.TRUE:
                return

    def _still(self, own: Condition, after: Knowledge, before: Knowledge, given: Mapping[str, object]) -> Truth:
        """Whether a template that took the ticket goes on to: what the step does not touch is as it was."""
        parts = own.parts if isinstance(own, All) else (own,)
        touched = [part for part in parts if condition_fields(part) & given.keys()]
        return min((truth(part, after, before) for part in touched), default=Truth.TRUE)


def _caused(condition: Condition, after: Knowledge, before: Knowledge, given: Iterable[str]) -> bool:
    """Whether the fields that were set made it likelier that a condition holds."""
    now = truth(condition, after, before)
    return any(truth(condition, after, before, dict.fromkeys(given, each)) < now for each in (Truth.FALSE, Truth.TRUE))


def _steps(contract: Contract, *kinds: str) -> Iterator[StepOf]:
    """The steps of some kinds at points that can come."""
    for point, steps in contract.runbook.items():
        if point != "exception" or contract.exceptions:
            yield from (step for step in steps if step.kind in kinds)


def _assigned(steps: Iterable[StepOf]) -> tuple[StepOf, Mapping[str, frozenset[Value] | None]] | None:
    """The first of the steps that set fields, and all values that they may leave in them; None if there is none."""
    first: StepOf | None = None
    values: dict[str, frozenset[Value] | None] = {}
    for step in steps:
        first = first or step
        written = {str(step.args["field"]): ANY} if step.kind == "assign" else _written(step)
        for name, value in written.items():
            values[name] = _either(value, values.get(name, frozenset()))
    return None if first is None else (first, values)


def _written(step: StepOf) -> Mapping[str, frozenset[Value] | None]:
    return {name: _possible(value) for name, value in _mapping(step.args["fields"]).items()}


def _either(one: frozenset[Value] | None, other: frozenset[Value] | None) -> frozenset[Value] | None:
    return None if one is None or other is None else one | other


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _possible(value: object) -> frozenset[Value] | None:
    """What a field may hold that a step writes so: Liquid becomes any text, or none."""
    if isinstance(value, str):
        return ANY if is_liquid(value) else frozenset((value,)) if value else ABSENT
    return frozenset((value,)) if isinstance(value, int | float | bool) else ABSENT


def _values(values: Iterable[object]) -> frozenset[Value]:
    return frozenset(each for each in values if isinstance(each, str | int | float | bool))


def _components(edges: Sequence[Sequence[Edge]]) -> list[int]:
    """For each state the number of its strongly connected component: two that reach each other share one.

    *Source:* Tarjan 1972, without recursion.
    """
    number, low, component = ([-1] * len(edges) for _ in range(3))
    count = 0
    stack: list[int] = []
    for root in range(len(edges)):
        work = [] if number[root] >= 0 else [(root, iter(edges[root]))]
        while work:
            state, left = work[-1]
            if number[state] < 0:
                number[state] = low[state] = count
                count += 1
                stack.append(state)
            end = next((edge.end for edge in left if component[edge.end] < 0), None)
            if end is not None and number[end] < 0:
                work.append((end, iter(edges[end])))
            elif end is not None:
                low[state] = min(low[state], number[end])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                while low[state] == number[state] and component[state] < 0:
                    component[stack.pop()] = state
    return component


def _shortest(edges: Sequence[Sequence[Edge]], parts: Sequence[int], first: Edge) -> tuple[Edge, ...]:
    """The shortest cycle that begins with an edge of a component."""
    came: dict[int, Edge | None] = {first.end: None}
    waiting = deque([first.end])
    while waiting and first.start not in came:
        for edge in edges[waiting.popleft()]:
            if edge.end not in came and parts[edge.end] == parts[first.start]:
                came[edge.end] = edge
                waiting.append(edge.end)
    back: list[Edge] = []
    last = came[first.start]
    while last is not None:
        back.append(last)
        last = came[last.start]
    return (first, *reversed(back))
