"""The abstraction against the concrete: whatever a random life does is a path of each part's explored graph.

Lives know nothing of explorations: any command of anybody, at any time, with real rosters, calendars and changes of the
clock, and everything that the world may answer. What is lost here is a fault of the abstraction, or of the engine.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from runner.contract.conditions import In
from runner.contract.contract import Contract
from runner.engine.roster import Person
from tests.runner.engine.programs import approve, ask, choose, program, wait
from tests.runner.engine.stages import OFFICE_DESK, small_stages
from tests.runner.engine.worlds import contract as build
from tests.runner.engine.worlds import page, roster, step, twice
from tests.validators.verify.lives import Decided, decided
from tests.validators.verify.paths import Map, focuses, lost_on, mapped
from tests.validators.verify.small import one_rung, part_named
from tests.validators.verify.tries import tried
from validators.verify.explore import START
from validators.verify.oracle import Oracle, References, Tape

LIVES = 12
TRIES = 9_000
OWNERSHIP = "ownership"
HOUR = {"seconds": 3600, "calendar": None}
_PLAIN = [stage.contract.model_dump(mode="json") for stage in small_stages()]
_LIVELY, _OFFICE, _ASKING, _CHANGING = _PLAIN[:4]


def _of(plain: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: plain[name] for name in names}


def _steps(point: str, *parts: Any) -> dict[str, Any]:
    steps = build(runbook={point: program(*parts)}).model_dump(mode="json")["runbook"]
    return {"runbook": steps}


CHANGES: dict[str, dict[str, Any]] = {
    "bare": {},
    "with a runbook": _of(_CHANGING, "runbook"),
    "two rungs": {
        "ladder": _LIVELY["ladder"][1:], "repeat": 1, "progress_within": {"seconds": 5400, "calendar": None},
        "runbook": _ASKING["runbook"],
    },
    "lapsing": {"postmortem": "always", "progress_within": HOUR, "checklist_within": HOUR},
    "clarified": {**_of(_LIVELY, "clarify"), "exceptions": {"mine": _LIVELY["exceptions"]["mine"]}},
    "waiting": {**_of(_LIVELY, "waiting", "exceptions"), "reopen_within": 86400, "postmortem": "when_breached"},
    "demanding": _of(_ASKING, "exceptions"),
    "by hours": _of(_OFFICE, "hours", "calendars", "when_overdue", "waiting", "on_other_match", "drift"),
    "asked anew": {"when_overdue": "reassign", "ladder": _LIVELY["ladder"][1:]},
    "in sequence": _of(_LIVELY, "handoff"),
}  # fmt: skip
REFUND = ("refund", {"decision": "refund"}, [approve(), step(on_error="stop")])
RUNS: dict[str, dict[str, Any]] = {
    "accepted": _steps("accepted", ask(otherwise="escalate"), step()),
    "open": _steps("open", ask(), choose(REFUND, ("else", None, [step("create_ticket", task=True)]))),
    "offered": _steps("offered", step("notify", who="owner", on_leave="finish"), step(on_error="stop")),
    "overdue": _steps("overdue", page("escalation_owner")),
    "resolved": _steps("resolved", wait(In("status", ("solved",)), otherwise="escalate"), step(retry=twice(300))),
    "exception:mine": {
        **_steps("exception:mine", step("create_ticket", task=True), ask()),
        "exceptions": {"mine": _LIVELY["exceptions"]["mine"]},
    },
}
"""Contracts of one rung, and what each has beside."""
OTHERS = ("messages", "writes and drift", "remedies")
WITH_EXCEPTIONS = ("ownership with an exception", "exceptions and tasks", "waits with an exception")
WHERE = [
    *((name, OWNERSHIP) for name in CHANGES),
    *(("demanding", part) for part in WITH_EXCEPTIONS),
    ("waiting", "waits with an exception"),
    *(("by hours", part) for part in OTHERS),
    ("demanding", "remedies"),
    *((point, f"runs: {point}") for point in RUNS),
]


@cache
def contract(name: str) -> Contract:
    return one_rung(**{**CHANGES, **RUNS}[name])


@cache
def chart(name: str, part: str) -> Map:
    return mapped(part_named(contract(name), part))


def life(number: int, terms: Contract) -> list[Decided]:
    """A life under a contract, every other one with a desk that is there on workdays only."""
    return list(decided(number, terms, OFFICE_DESK if number % 2 else roster().form))


@pytest.mark.parametrize(("name", "part"), WHERE)
def test_what_a_life_does_is_known(name: str, part: str) -> None:
    found = chart(name, part)
    terms = contract(name) if part == OWNERSHIP else found.part.contract
    for number in range(LIVES):
        decisions = life(number, terms)
        for focus in focuses(found.part, decisions):
            lost = lost_on(found, decisions, focus)
            assert lost is None, f"life {number}, {lost}"


def test_whoever_stands_on_the_left_may_be_the_same() -> None:
    """The engine compares who is meant with who is there in either order."""
    refs = References(contract("bare"))
    before = Oracle(START, Tape([]), refs)
    known = before.on_call(contract("bare").owners["escalation_owner"], START)
    before.close()
    answers = []
    for given in ([0], [1]):
        now = Oracle(START, Tape(given), refs)
        here = now.on_call(contract("bare").owners["escalation_owner"], START)
        assert isinstance(known, Person)
        assert isinstance(here, Person)
        answers.append(known.id == here.id)
    assert answers == [False, True]


def test_what_is_explored_can_be_lived() -> None:
    """Most of it within some thousand tries; the rest wants times, or a coincidence, that chance did not bring.

    Nothing is found that was not explored.
    """
    found = chart("bare", OWNERSHIP)
    lived = tried(found, contract("bare"), TRIES)
    assert not lived.known.keys() - found.nodes
    assert len(lived.known) * 4 > len(found.nodes) * 3, sorted(map(str, found.nodes - lived.known.keys()))
    edges = sum(here != there for here, ways in found.ways.items() for there in ways)
    missed = lived.missed(found)
    assert missed.total() * 5 < edges * 2, missed.most_common()
