"""The abstraction against the concrete: what random lives do, the explorations know; what they know, can be decided.

Lives are driven with a real roster and real times. Each of their decisions must be an edge of the explored graph, told
by the control before and after and by the command.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.control import control
from runner.engine.decide import drafted
from runner.engine.reasons import CommandRejected
from runner.engine.state import State, accountable, next_deadline
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.explore import START, Budget, Graph, explore
from validators.verify.moves import ownership_moves
from validators.verify.oracle import Oracle, References, Tape
from validators.verify.parts import ownership, settled
from validators.verify.properties import broken

LIVES = 60
LENGTH = 25

Step = tuple[Hashable, str, Hashable]


@cache
def contract() -> Contract:
    """Two rungs and two passes, so that the ladder is one."""
    plain = small_stages()[0].contract.model_dump(mode="json")
    return one_rung(ladder=plain["ladder"][1:], repeat=1, progress_within={"seconds": 5400, "calendar": None})


@cache
def graph() -> Graph:
    found = explore(ownership(contract()), Budget(), broken)
    assert not found.limit
    return found


@cache
def known() -> frozenset[Step]:
    """Every edge: the control before, the command, the control after."""
    part, found = graph().part, set()
    keys = [control(part.contract, state) for state in graph().states]
    from validators.verify.explore import outcomes

    refs = References(part.contract)
    for number, state in enumerate(graph().states):
        for move in part.moves(part.contract, state):
            for edge in outcomes(part, refs, move):
                if edge.events and edge.after is not None:
                    settled(part.contract, edge.after)
                    found.add((keys[number], move.args.type, control(part.contract, edge.after)))
    return frozenset(found)


class Lottery(Oracle):
    """A roster of a few people, drawn at the beginning of a life; each is away now and then."""

    __slots__ = ("away", "people")

    def __init__(self, now: Any, people: dict[str, str], away: set[str], refs: References) -> None:
        super().__init__(now, Tape([]), refs)
        self.people, self.away = people, away

    def on_call(self, ref: Any, at: Any) -> Any:
        from runner.engine.reasons import Reason
        from runner.engine.roster import Nobody, Person

        name = self._refs.names.get(id(ref))
        person = self.people[name] if name is not None else str(ref.person)
        return Nobody(Reason.ABSENT) if person in self.away else Person(person)

    def comes_next(self, ref: Any, at: Any) -> Any:
        return self.on_call(ref, at)


def lives(number: int) -> Iterator[tuple[State | None, cmd.Args, State]]:
    """The decisions of one random life: the state before, the command, the state after."""
    draw = random.Random(number)
    part, refs = graph().part, References(graph().part.contract)
    people = {name: f"person-{draw.randrange(4)}" for name in set(refs.names.values())}
    away = {f"person-{n}" for n in range(4) if draw.random() < 0.25}
    now = START
    args: cmd.Args = cmd.Open(
        ticket="T", template="small", fallback=False, firing="rising_edge", created_at=now, observed="created",
        ticket_version="1", fields={},
    )  # fmt: skip
    state: State | None = None
    actor: str = "surety:routing"
    jobs: tuple[str, ...] = ()
    for _ in range(LENGTH):
        command = cmd.Command(id="e", actor=actor, jobs=jobs, source="test", args=args)
        try:
            draft = drafted(part.contract, state, command, Lottery(now, people, away, refs))
        except CommandRejected:
            draft = None
        if draft is not None and draft.events:
            yield state, args, draft.state
            state = draft.state
            state.deliveries, state.writes = {}, ()
            state.offers = {n: _told(offer) for n, offer in state.offers.items()}
        assert state is not None
        if state.phase.over:
            return
        if draw.random() < 0.3:
            away = {f"person-{n}" for n in range(4) if draw.random() < 0.25}
        due = next_deadline(state)
        if due is not None and draw.random() < 0.35:
            now, actor, jobs, args = max(now, due), "surety:clock", (), cmd.Tick()
            continue
        if due is not None and due > now:
            now += timedelta(seconds=draw.randrange(int((due - now).total_seconds()) + 1))
        move = draw.choice([each for each in ownership_moves(part.contract, state) if each.kind != "time"])
        actor, jobs, args = move.actor, move.jobs, move.args
        if isinstance(args, cmd.HandOver):
            args = args.model_copy(update={"to": f"person-{draw.randrange(4)}"})


def _told(offer: Any) -> Any:
    from dataclasses import replace

    return replace(offer, told=True)


@pytest.mark.parametrize("number", range(LIVES))
def test_what_a_life_does_is_known(number: int) -> None:
    part = graph().part
    keys = {control(part.contract, state) for state in graph().states}
    for before, args, after in lives(number):
        here = _bare(after)
        assert control(part.contract, here) in keys, (args, here)
        if before is not None:
            step = control(part.contract, _bare(before)), args.type, control(part.contract, here)
            assert step in known(), (args, accountable(before) and before, after)


def _bare(state: State) -> State:
    """As the exploration of ownership sees it: the exceptions are the runner's own, which belong to another part."""
    new = state.copy()
    settled(graph().part.contract, new)
    return new


def test_lives_see_most_of_what_is_known() -> None:
    part = graph().part
    seen = {control(part.contract, _bare(after)) for n in range(LIVES) for _, _, after in lives(n)}
    keys = {control(part.contract, state) for state in graph().states}
    assert len(seen & keys) * 4 > len(keys), f"{len(seen & keys)} of {len(keys)}"
