"""Exploring every state of a part of a contract, breadth first, by the engine that the service runs.

States are told apart by their control. What is found is a graph; the first way to each state is a shortest one. A limit
that is reached is said, and then nothing is proven.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.control import control
from runner.engine.decide import drafted
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import CommandRejected
from runner.engine.state import State
from runner.engine.transitions import TRANSITIONS
from validators.verify.moves import Move, openings
from validators.verify.oracle import Oracle, References, Tape, tapes

__all__ = [
    "START",
    "Budget",
    "Edge",
    "Fault",
    "Found",
    "Graph",
    "Part",
    "explore",
    "exploring",
    "not_collecting",
    "opened",
    "outcomes",
]

START: Final = datetime(2026, 3, 3, 9, tzinfo=UTC)
"""The instant at which explorations begin; nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what can happen: a contract reduced to it, the moves, what is settled at once after each decision.

    `goes_on` is whether a state is explored further; where it is not, the environment is bounded, and `bound` says how.
    """

    name: str
    contract: Contract
    moves: Callable[[Contract, State], Iterator[Move]]
    settle: Callable[[Contract, State], None]
    goes_on: Callable[[State], bool] = lambda _: True
    bound: str = ""
    apart: bool = False
    """Whether the one who comes next is looked for like everybody else."""
    twice: bool = False
    """Whether two who are looked for in one decision may be the same: then a message is spared, or a rung passed over
    as if nobody stood there.
    """
    ends: bool = True
    """Whether the moves are enough to come to an end."""
    also: Callable[[State], Hashable] = lambda _: None
    """What states differ in beside their control."""
    leaving: Callable[[State], frozenset[str]] | None = None
    """Of whom it is looked at what happens when they are away; None: of everybody."""


@dataclass(slots=True)
class Budget:
    """How far an exploration may go. `clock` tells seconds, only to compare."""

    states: int = 2_000_000
    seconds: float = 600.0
    clock: Callable[[], float] = lambda: 0.0
    begun: float = 0.0
    used: int = 0

    def spent(self) -> str:
        """Which limit is reached, in words; nothing if none is."""
        if self.used > self.states:
            return f"more than {self.states:,} states"
        if self.clock() - self.begun > self.seconds:
            return f"more than {self.seconds:g} s"
        return ""


@dataclass(frozen=True, slots=True)
class Fault:
    """The engine could not decide: it failed with an error of its own."""

    error: Exception


@dataclass(slots=True)
class Edge:
    """One decision of an exploration. `events` is empty if it was refused, or nothing follows; `kinds` are their types.

    Nobody changes one; it is not frozen because so many are made.
    """

    contract: Contract
    move: Move | None
    before: State | None
    events: tuple[ev.Event, ...]
    after: State | None
    refused: CommandRejected | None
    fault: Exception | None
    manager: str | None
    words: tuple[str, ...]
    kinds: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = tuple([event.type for event in self.events])


@dataclass(frozen=True, slots=True)
class Found:
    """An edge that breaks a property: which, how, and from which state."""

    name: str
    words: str
    source: int
    edge: Edge


@dataclass(slots=True)
class Graph:
    """What an exploration has found. States have numbers in the order in which they were found."""

    part: Part
    states: list[State] = field(default_factory=list)
    parents: list[tuple[int, Edge] | None] = field(default_factory=list)
    ways: list[list[tuple[int, str]]] = field(default_factory=list)
    """From each state: to which, by what kind of move."""
    transitions: int = 0
    limit: str = ""
    found: list[Found] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    asked: set[tuple[str, int]] = field(default_factory=set)
    looked_at: set[object] = field(default_factory=set)
    """What of the decisions has been written down in `seen`."""

    def path(self, number: int) -> list[Edge]:
        """A shortest way to a state."""
        edges: list[Edge] = []
        parent = self.parents[number]
        while parent is not None:
            number, edge = parent
            edges.append(edge)
            parent = self.parents[number] if number >= 0 else None
        return edges[::-1]


Check = Callable[[Edge], Iterator[tuple[str, str]]]


def _unchecked(edge: Edge) -> Iterator[tuple[str, str]]:
    del edge
    return iter(())


def explore(part: Part, budget: Budget, check: Check, standing: Check = _unchecked) -> Graph:
    """Every state that can be reached, each decision checked, and by `standing` how things stand in each new state.

    Stops at a limit, which the graph then names.
    """
    graph = Graph(part)
    with not_collecting():
        deque(exploring(graph, budget, check, standing), maxlen=0)
    return graph


@contextmanager
def not_collecting() -> Iterator[None]:
    """Leave garbage where it is: nearly all that is made is kept, and nothing of it goes round in circles."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def exploring(graph: Graph, budget: Budget, check: Check, standing: Check = _unchecked) -> Iterator[None]:
    """Fill an empty graph as `explore` does, with a pause after each state, in which something else may be done."""
    part, refs = graph.part, References(graph.part.contract)
    numbers: dict[Hashable, int] = {}
    todo: deque[int] = deque()

    def arrive(source: int, edge: Edge) -> None:
        graph.transitions += 1
        _look(graph, edge)
        for name, words in check(edge):
            graph.found.append(Found(name, words, source, edge))
        after = edge.after
        if after is None or edge.fault is not None or (edge.refused is not None and not edge.events):
            return
        try:
            part.settle(part.contract, after)
            key = control(part.contract, after), part.also(after)
        except Exception as error:  # noqa: BLE001 - a state that does not fit together is a fault of the decision
            edge.fault = error
            graph.found.extend(Found(name, words, source, edge) for name, words in check(edge))
            return
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(graph.states)
            graph.states.append(after)
            graph.parents.append((source, edge))
            graph.ways.append([])
            graph.found.extend(Found(name, words, source, edge) for name, words in standing(edge))
            budget.used += 1
            todo.append(number)
        if source >= 0 and edge.move is not None:
            graph.ways[source].append((number, edge.move.kind))

    for words, args in openings(part.contract, START):
        for edge in opened(part, refs, words, args):
            arrive(-1, edge)
    while todo and not graph.limit:
        source = todo.popleft()
        state = graph.states[source]
        if not part.goes_on(state):
            continue
        for move in part.moves(part.contract, state):
            for edge in outcomes(part, refs, move):
                arrive(source, edge)
        graph.limit = budget.spent()
        yield


def opened(part: Part, refs: References, words: str, args: cmd.Open) -> Iterator[Edge]:
    """What may come of opening, one edge for each way in which the world may answer."""
    command = cmd.Command(id="e", actor="surety:routing", source="verify", args=args)
    for tape, (found, oracle) in tapes(lambda tape: _decided(part, refs, None, command, START, tape)):
        yield _edge(part, None, None, found, oracle, (words, *tape.words))


def outcomes(part: Part, refs: References, move: Move) -> Iterator[Edge]:
    """What may come of a move, one edge for each way in which the world may answer."""
    command = made(cmd.Command, id="c", actor=move.actor, jobs=move.jobs, source="verify", args=move.args)
    state, now = move.state, max(move.at, move.state.now)
    leaving = None if part.leaving is None else part.leaving(state)
    for tape, (found, oracle) in tapes(lambda tape: _decided(part, refs, state, command, now, tape, leaving)):
        yield _edge(part, move, state, found, oracle, tuple(tape.words))


def _decided(  # noqa: PLR0917 - what a decision is made of
    part: Part,
    refs: References,
    state: State | None,
    command: cmd.Command,
    now: datetime,
    tape: Tape,
    leaving: frozenset[str] | None = None,
) -> tuple[Draft | CommandRejected | Fault, Oracle]:
    oracle = Oracle(now, tape, refs, apart=part.apart, twice=part.twice, leaving=leaving)
    try:
        found: Draft | CommandRejected | Fault = drafted(part.contract, state, command, oracle, asks=False)
    except CommandRejected as refused:
        found = refused.with_traceback(None)  # which would keep this whole decision
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine must not do this
        found = Fault(error)
    oracle.close()
    return found, oracle


def _edge(  # noqa: PLR0917 - as above
    part: Part,
    move: Move | None,
    before: State | None,
    found: Draft | CommandRejected | Fault,
    oracle: Oracle,
    words: tuple[str, ...],
) -> Edge:
    if isinstance(found, Draft):
        events, refused = tuple(found.events), found.refused
        return Edge(part.contract, move, before, events, found.state, refused, None, oracle.manager, words)
    refused, fault = (found, None) if isinstance(found, CommandRejected) else (None, found.error)
    return Edge(part.contract, move, before, (), before, refused, fault, oracle.manager, words)


def _look(graph: Graph, edge: Edge) -> None:
    """Note what there was to be seen: commands, refusals, events, rows of the transition table, steps, rungs."""
    seen = graph.seen
    if edge.refused is not None:
        seen.add(f"refused:{edge.refused.reason.value}")
    if not edge.events:
        return
    names = edge.kinds
    phase: str = edge.before.phase if edge.before is not None else "offered"
    if not _ASKS.isdisjoint(names):
        for event in edge.events:
            if isinstance(event, ev.StepRequested):
                graph.asked.add((event.run.partition("#")[0], event.step))
            elif isinstance(event, ev.OwnerOffered) and event.rung is not None:
                seen.add(f"rung:{event.rung}")
    if "OfferAccepted" in names:
        names = tuple("HolderAccepted" if _holds(edge, each) else each.type for each in edge.events)
    alike = phase, edge.move and (edge.move.who, edge.move.args.type), names
    if alike in graph.looked_at:
        return
    graph.looked_at.add(alike)
    seen.add("routing:Open" if edge.move is None else f"{edge.move.who}:{edge.move.args.type}")
    seen.update(f"event:{kind}" for kind in edge.kinds)
    for name in names:
        if name not in _PLAIN:
            seen.add(f"row:{phase}/{name}")
            phase = _after(phase, name)


_ASKS = frozenset(("StepRequested", "OwnerOffered"))
_PLAIN = frozenset(("DeliveryRequested", "RecordRequested", "DeliveryTaken", "RecordConfirmed"))


def _holds(edge: Edge, event: ev.Event) -> bool:
    offers = edge.before.offers if edge.before is not None else {}
    return isinstance(event, ev.OfferAccepted) and event.offer in offers and offers[event.offer].on_accept == "hold"


def _after(phase: str, name: str) -> str:
    return _ROWS.get((phase, name), phase)


_ROWS = {(phase.value, event): after.value for (phase, event), after in TRANSITIONS.items()}
