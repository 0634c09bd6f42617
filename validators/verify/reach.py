"""What must hold of a whole graph: it can end from everywhere, rungs and steps come about, no machine goes round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from runner.contract.contract import Contract
from validators.verify.explore import Edge, Found, Graph

__all__ = ["GRAPH_PROPERTIES", "broken_by_graph", "unreached_rungs", "unreached_steps"]

GRAPH_PROPERTIES: Final[tuple[tuple[str, str], ...]] = (
    ("closes", "from every state it can come to its end"),
    ("exceptions-end", "every exception can come to its end"),
    ("no-loop", "the runner and the helpdesk do not go round by themselves"),
)


def broken_by_graph(graph: Graph) -> Iterator[Found]:
    """What of a graph that is complete does not hold; the state nearest to the opening for each."""
    if graph.part.ends:
        over = {number for number, state in enumerate(graph.states) if state.phase.over}
        yield from _first(graph, "closes", "from here it never comes to its end", over)
    calm = {number for number, state in enumerate(graph.states) if not state.exceptions}
    yield from _first(graph, "exceptions-end", "from here the exception never comes to its end", calm)
    loop = _loop(graph)
    if loop is not None:
        yield Found("no-loop", "the runner goes round by itself from here", *_last(graph, loop))


def _first(graph: Graph, name: str, words: str, goals: set[int]) -> Iterator[Found]:
    """The first state from which no goal can be reached; states that were not explored further are no fault."""
    goals = goals | {
        n for n, state in enumerate(graph.states) if not state.phase.over and not graph.part.goes_on(state)
    }
    before: dict[int, list[int]] = {}
    for source, ways in enumerate(graph.ways):
        for target, _ in ways:
            before.setdefault(target, []).append(source)
    reaching, todo = set(goals), list(goals)
    while todo:
        for source in before.get(todo.pop(), ()):
            if source not in reaching:
                reaching.add(source)
                todo.append(source)
    stuck = next((n for n in range(len(graph.states)) if n not in reaching), None)
    if stuck is not None:
        yield Found(name, words, *_last(graph, stuck))


def _last(graph: Graph, number: int) -> tuple[int, Edge]:
    parent = graph.parents[number]
    if parent is None:
        raise AssertionError("every state was found somehow")
    return parent


def _loop(graph: Graph) -> int | None:
    """A state on a circle of what comes back from the world alone; None if there is none."""
    ways = [[target for target, kind in each if kind == "result" and target != n] for n, each in enumerate(graph.ways)]
    colour = [0] * len(ways)
    for start in range(len(ways)):
        if colour[start]:
            continue
        path: list[tuple[int, Iterable[int]]] = [(start, iter(ways[start]))]
        colour[start] = 1
        while path:
            here, rest = path[-1]
            target = next(iter(rest), None)
            if target is None:
                colour[here] = 2
                path.pop()
            elif colour[target] == 1:
                return target
            elif not colour[target]:
                colour[target] = 1
                path.append((target, iter(ways[target])))
    return None


def unreached_rungs(contract: Contract, seen: Iterable[str]) -> list[str]:
    """The rungs that nobody is ever asked on."""
    found = set(seen)
    return [rung.name for number, rung in enumerate(contract.ladder) if f"rung:{number}" not in found]


def unreached_steps(contract: Contract, asked: Iterable[tuple[str, int]]) -> list[str]:
    """The steps that are never begun, by their rule."""
    found = set(asked)
    return [
        step.rule
        for point, steps in contract.runbook.items()
        for position, step in enumerate(steps)
        if (point, position) not in found
    ]
