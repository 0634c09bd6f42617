"""Two versions of a contract under the same moves and the same world: where they first differ, and numbers.

A move is the same if it has the same words; the world answers both alike wherever it is asked the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from runner.contract.contract import Contract
from runner.engine.control import control
from runner.engine.state import State
from validators.verify.bounds import bounds_of
from validators.verify.explore import START, Edge, Part, opened, outcomes
from validators.verify.moves import Move, openings
from validators.verify.oracle import References
from validators.verify.parts import ownership
from validators.verify.story import Story, told

__all__ = ["Comparison", "Number", "compare"]


@dataclass(frozen=True, slots=True)
class Number:
    """A worst-case time before and after, in seconds; None: it need not come."""

    name: str
    words: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two versions of a template differ. `difference` is in words, None if none was found among `pairs` of states.

    `known` is whether all were looked at. `before` and `after` tell the course of each up to the difference.
    """

    template: str
    same_digest: bool
    pairs: int
    known: bool
    difference: str | None
    before: Story
    after: Story
    numbers: tuple[Number, ...]


_Pair = tuple[State, State]
_Way = tuple[tuple[Edge, ...], tuple[Edge, ...]]


def compare(base: Contract, head: Contract, *, most: int = 200_000) -> Comparison:
    """Drive both by the same moves until they differ, at most so many pairs of states."""
    if base.digest == head.digest:
        none = Story(())
        return Comparison(head.name, True, 0, True, None, none, none, _numbers(base, head))  # noqa: FBT003 - a record
    parts = ownership(base), ownership(head)
    pairs, known, found = _first_difference(parts, most)
    words, (old, new) = found if found is not None else (None, ((), ()))
    stories = told(parts[0].contract, old), told(parts[1].contract, new)
    return Comparison(head.name, False, pairs, known, words, *stories, _numbers(base, head))  # noqa: FBT003 - a record


def _numbers(base: Contract, head: Contract) -> tuple[Number, ...]:
    before = {bound.name: bound for bound in bounds_of(base)}
    after = before if base.digest == head.digest else {bound.name: bound for bound in bounds_of(head)}
    return tuple(Number(n, each.words, before[n].seconds, each.seconds) for n, each in after.items())


def _first_difference(parts: tuple[Part, Part], most: int) -> tuple[int, bool, tuple[str, _Way] | None]:
    refs = References(parts[0].contract), References(parts[1].contract)
    todo: deque[tuple[_Pair, _Way]] = deque()
    seen: set[Hashable] = set()

    def meet(old: Iterable[Edge], new: Iterable[Edge], way: _Way) -> tuple[str, _Way] | None:
        """Pair what comes of the same answers of the world; a difference if there is one."""
        answers = [({_said(edge): edge for edge in edges}) for edges in (old, new)]
        for words in dict.fromkeys((*answers[0], *answers[1])):
            one, other = (each.get(words) for each in answers)
            if one is None or other is None:
                asks = "before" if other is None else "after"
                there = one or other
                if there is None:
                    continue
                longer = (*way[0], *([one] if one else [])), (*way[1], *([other] if other else []))
                return f"only {asks} it matters that {'; '.join(words) or 'this happens'}", longer
            longer = (*way[0], one), (*way[1], other)
            if _shown(one) != _shown(other):
                return "what follows differs", longer
            if one.after is not None and other.after is not None:
                for part, edge in zip(parts, (one, other), strict=True):
                    if edge.after is not None and edge.events:
                        part.settle(part.contract, edge.after)
                key = control(parts[0].contract, one.after), control(parts[1].contract, other.after)
                if key not in seen:
                    seen.add(key)
                    todo.append(((one.after, other.after), longer))
        return None

    for words, args in openings(parts[0].contract, START):
        both = [list(opened(part, ref, words, args)) for part, ref in zip(parts, refs, strict=True)]
        found = meet(both[0], both[1], ((), ()))
        if found is not None:
            return len(seen), True, found
    while todo and len(seen) <= most:
        (old, new), way = todo.popleft()
        moves = [_by_label(part.moves(part.contract, state)) for part, state in zip(parts, (old, new), strict=True)]
        for label in dict.fromkeys((*moves[0], *moves[1])):
            if label not in moves[0] or label not in moves[1]:
                when = "before" if label in moves[0] else "after"
                return len(seen), True, (f"only {when} this can happen: {label[1]}", way)
            edges = [list(outcomes(parts[n], refs[n], moves[n][label])) for n in (0, 1)]
            found = meet(edges[0], edges[1], way)
            if found is not None:
                return len(seen), True, found
    return len(seen), not todo, None


def _by_label(moves: Iterator[Move]) -> dict[tuple[str, str], Move]:
    found: dict[tuple[str, str], Move] = {}
    for move in moves:
        found.setdefault((move.who, move.label), move)
    return found


def _said(edge: Edge) -> tuple[str, ...]:
    """What the world answered, without the names that this course has given."""
    return tuple(
        " ".join("somebody" if word.startswith("p-") else word for word in each.split()) for each in edge.words
    )


def _shown(edge: Edge) -> Hashable:
    """What anybody could see of a decision: its events with their reasons, or why it was refused."""
    refused = edge.refused.reason.value if edge.refused is not None else None
    return refused, edge.fault is None, tuple((event.type, event.reason.value) for event in edge.events)
