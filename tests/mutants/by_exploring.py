"""What an exploration finds broken with a mutant planted, as `surety verify` does: small contracts, few states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runner.contract.contract import Contract
from tests.mutants.by_scenarios import courses
from tests.mutants.kills import STATES
from tests.mutants.kinds import Mutant, planted
from tests.mutants.trial import Found, TooLong, ending_within
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.bounds import bounds_of
from validators.verify.explore import Budget, Edge, Part, explore
from validators.verify.parts import ownership, parts_of, reduced, runs_of
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph, unreached_steps

__all__ = ["Explorations", "breaks", "first_that_breaks", "grounds", "looked_over"]

TIMES = "times"
POINTS_MORE = ("open", "accepted", "failover", "exhausted", "overdue", "handoff", "exception", "closed")
"""The points whose runs are explored once more where it may be waited."""
LEAST, MANY = 2.0, 8
"""What takes longer than so many seconds of processor time, and so many times what it took, does not end."""
_CLASS = {"summary": "x", "owner": {"role": "boss"}, "within": {"seconds": 60, "calendar": None}, "rule": "x#/late"}


class _Seen(Exception):
    def __init__(self, name: str, words: str) -> None:
        super().__init__(name)
        self.name, self.words = name, words


@dataclass(frozen=True)
class Explorations:
    """Parts of small contracts by name, which lines of the engine each comes past, and how long it takes in seconds."""

    parts: Mapping[str, Part | Contract]
    past: Mapping[str, Sequence[str]]
    seconds: Mapping[str, float]


def grounds() -> dict[str, Part | Contract]:
    """What is explored, by name. A contract stands for its worst-case times."""
    stages = small_stages()
    bare, first = one_rung(exceptions={"late": _CLASS}, repeat=1), stages[0].contract
    found: dict[str, Part | Contract] = {}
    for name, contract in (("one-rung", bare), (stages[0].name, first)):
        found |= {f"{name}: {part.name}": part for part in parts_of(contract)}
        found[f"{name}: {TIMES}"] = contract
    for stage in (stages[2], stages[3]):  # the other parts are as with the first
        parts = [ownership(stage.contract), *(runs_of(stage.contract, point) for point in stage.contract.runbook)]
        found |= {f"{stage.name}: {part.name}": part for part in parts}
    waits = first.model_dump(mode="json")["waiting"]
    runbook = stages[4].contract.model_dump(mode="json")["runbook"]  # has two steps at nearly every point
    lasting = reduced(stages[4].contract, waiting=waits, runbook={**runbook, "overdue": runbook["open"]})
    found |= {f"{stages[4].name}: {part.name}": part for part in (runs_of(lasting, point) for point in POINTS_MORE)}
    return found


def looked_over(states: int = STATES) -> Explorations:
    """Explore everything with the engine as it is: nothing may be broken."""
    parts = grounds()
    past, seconds = courses(parts, lambda part: breaks(part, states))
    return Explorations(parts, past, seconds)


def breaks(part: Part | Contract, states: int = STATES) -> tuple[str, str] | None:
    """The first property that is broken, and how; None if none is, as far as it was explored."""
    if isinstance(part, Contract):
        return _too_long(part)
    try:
        graph = explore(part, Budget(states=states), _first)
    except _Seen as seen:
        return seen.name, seen.words
    if graph.limit:
        return None
    found = next(broken_by_graph(graph), None)
    if found is not None:
        return found.name, found.words
    never = unreached_steps(part.contract, graph.asked)
    return ("steps", f"never begun: {never[0]}") if never else None


def _first(edge: Edge) -> Iterator[tuple[str, str]]:
    for name, words in broken(edge):
        raise _Seen(name, words)
    yield from ()


def _too_long(contract: Contract) -> tuple[str, str] | None:
    try:
        bound = next((each for each in bounds_of(contract) if each.broken), None)
    except Exception as error:  # noqa: BLE001 - a mutant may raise anything
        return "decides", f"the engine fails with {type(error).__name__}"
    return None if bound is None else (bound.name, f"{bound.words}: {bound.seconds} s, {bound.limit} are allowed")


def first_that_breaks(mutant: Mutant, found: Explorations, order: Sequence[str], states: int = STATES) -> Found:
    """The first part of an order that is broken with the mutant planted: its property, and how."""
    with planted(mutant):
        for count, name in enumerate(order, start=1):
            try:
                with ending_within(max(LEAST, MANY * found.seconds[name])):
                    seen = breaks(found.parts[name], states)
            except TooLong:
                seen = "decides", "it does not come to an end"
            if seen is not None:
                return Found({seen[0]: 0}, {seen[0]: f"{name}: {seen[1]}"[:200]}, count)
    return Found({}, {}, len(order))
