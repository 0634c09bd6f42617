"""A contract that is quick to explore, and explorations of its parts."""

from __future__ import annotations

from functools import cache
from typing import Any

from runner.contract.contract import Contract
from tests.runner.engine.stages import small_stages
from validators.verify.explore import Budget, Found, Graph, Part, explore
from validators.verify.parts import ownership, parts_of, reduced
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph

__all__ = ["explored", "found_in", "one_rung", "part_named"]


def one_rung(**changes: Any) -> Contract:
    """A ladder of one rung without anything that is left to a contract; `changes` in its JSON words."""
    contract = small_stages()[0].contract
    plain = contract.model_dump(mode="json")
    bare: dict[str, Any] = {
        "ladder": plain["ladder"][-1:],
        "repeat": 0,
        "runbook": {},
        "exceptions": {},
        "progress_within": None,
        "checklist_within": None,
        "clarify": None,
        "waiting": None,
        "hours": None,
        "reopen_within": None,
        "postmortem": "never",
    }
    return reduced(contract, **{**bare, **changes})


def part_named(contract: Contract, name: str) -> Part:
    """The part of a contract of this name."""
    return next(part for part in parts_of(contract) if part.name == name)


@cache
def explored() -> Graph:
    """Ownership of the contract of one rung."""
    return explore(ownership(one_rung()), Budget(), broken)


def found_in(part: Part) -> dict[str, Found]:
    """What an exploration finds, by property."""
    graph = explore(part, Budget(), broken)
    assert not graph.limit
    return {each.name: each for each in (*graph.found, *broken_by_graph(graph))}
