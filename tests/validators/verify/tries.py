"""Explored edges made concrete: from states that real lives have reached, any command is tried, with real times.

Looks for ways to wherever an exploration has been; knows of its moves only where they lead. Says what was not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.state import State, accountable, next_deadline
from tests.runner.engine.wishes import COMMANDS
from tests.runner.engine.worlds import MACHINE, Life, opening, roster
from tests.validators.verify.lives import STARTS, Wandering
from tests.validators.verify.paths import Focus, Map, views

__all__ = ["Tried", "tried"]

WISHED: tuple[type[Any], ...] = (
    *COMMANDS,
    cmd.Tick,
    cmd.Tick,
    cmd.Tick,
    cmd.Override,
    cmd.Override,
    cmd.NoteRoster,
    cmd.NoteRoster,
    cmd.Accept,
)
"""Every command, and more often those that may lead to several states."""
KEPT = 6
"""So many states are kept of those that look alike: they differ in people, times and counters."""


@dataclass
class Tried:
    """What was found: states by how they look, and each way from one look to another."""

    known: dict[Hashable, list[State]] = field(default_factory=dict)
    edges: set[tuple[Hashable, Hashable]] = field(default_factory=set)

    def missed(self, chart: Map) -> Counter[tuple[str, ...]]:
        """The edges of a graph that were not found, by the commands that lead along them there."""
        return Counter(
            tuple(sorted(commands))
            for here, ways in chart.ways.items()
            for there, commands in ways.items()
            if here != there and (here, there) not in self.edges
        )


def tried(chart: Map, terms: Contract, times: int) -> Tried:
    """Try any command, so many times, from whatever was reached and tried least."""
    found, rng, worn = Tried(), Random(1), Counter[Hashable]()
    walk = Wandering(1, terms, roster().form, STARTS[0])
    life = walk.life

    def look(state: State) -> Hashable:
        return next(iter(views(chart.part, state, Focus())))

    for keeper in (None, "cora"):
        begun = Life(terms, roster(), answers=(), now=STARTS[0], checked=False)
        begun.do(opening(template=terms.name, keeper=keeper))
        found.known.setdefault(look(begun.live), []).append(begun.live)
    for _ in range(times):
        here = min(found.known, key=lambda each: worn[each] + rng.random())
        worn[here] += 1
        before = rng.choice(found.known[here])
        life.state, life.now, life.rows, life.events = before, before.now, [], []
        walk.change_roster(rng.choice((0.0, 0.0, 0.1, 0.5)))
        args: cmd.Args = walk.wishes.made(WISHED[worn[here] % len(WISHED)])
        actor = _who(walk, before, rng)
        _when(life, rng)
        life.do(args, actor, jobs=walk.wishes.jobs(actor))
        after = life.live
        there = look(after)
        found.edges.add((here, there))
        states = found.known.setdefault(there, [])
        if len(states) < KEPT:
            states.append(after)
        elif rng.random() < 0.1:
            states[rng.randrange(KEPT)] = after
    return found


def _who(walk: Wandering, state: State, rng: Random) -> str:
    """Whoever is asked, or answers for it, or is a manager; or anybody."""
    over = state.phase.over
    asked = [offer.to for offer in state.offers.values()]
    people = (*asked, MACHINE if over else accountable(state) or MACHINE, walk.wishes.manager(), MACHINE)
    return rng.choice((*people, rng.choice(walk.wishes.people)))


def _when(life: Life, rng: Random) -> None:
    """Now, at the next deadline, or a while after it."""
    due = next_deadline(life.live)
    if due is not None and rng.random() < 0.6:
        life.now = max(life.now, due) + timedelta(seconds=rng.choice((0, 0, 0, 1, 7200)))
