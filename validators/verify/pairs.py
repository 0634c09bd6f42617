"""Two versions of a part driven by the same moves and the same world, pair of states by pair, until they differ.

A move is the same if it has the same words; one that only one version thinks of is tried in the other as well. Where
one asks the world more than the other, the answers of the other fit all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import BaseModel

from runner.engine.control import control
from runner.engine.state import State
from validators.verify.acts import Move
from validators.verify.explore import START, Budget, Edge, Part, opened, outcomes
from validators.verify.moves import openings
from validators.verify.oracle import References
from validators.verify.people import parts_played, people_in, world_of
from validators.verify.seen import Seen, seen_of

__all__ = ["MORE", "Found", "Pairs", "differences_of", "unlike"]

Way = tuple[tuple[Edge, ...], tuple[Edge, ...]]
Further = Callable[[Part, State], Iterator[Move]]


@dataclass(frozen=True, slots=True)
class Found:
    """A first difference: in words, what there is of it before and after, the rule that says so in each version, and
    the course of each up to it.

    `deep`: from here on the two are in states of different kinds; else only times, people or work look different.
    """

    words: str
    sides: tuple[str, str]
    rules: tuple[str, str]
    way: Way
    deep: bool


MORE: Final = 300
"""So many further pairs are looked at once a difference is known, or if none can go deep: the first is what counts."""


@dataclass(slots=True)
class Pairs:
    """What the exploration of pairs has come to: how many there are, and what it stopped at, if it did."""

    count: int = 0
    limit: str = ""
    found: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pair:
    states: tuple[State, State]
    parent: int
    edges: tuple[Edge, Edge]


_MISSING: Final = Seen((), "nothing of it", (), "")
_ORDER: Final = ("result", "person", "world", "time")
"""Among courses of the same length, those in which something comes of what was begun are told first."""


def differences_of(parts: tuple[Part, Part], budget: Budget, further: Further, *, shallow: bool, known: bool) -> Pairs:
    """The first difference that shows in times, people or work, and the first that goes deeper; then it stops.

    `shallow`: there can be none that goes deeper; `known`: a difference was found elsewhere. It also stops at a limit,
    which is then named.
    """
    return _Search(parts, budget, further, shallow=shallow, known=known).go()


class _Search:
    def __init__(
        self, parts: tuple[Part, Part], budget: Budget, further: Further, *, shallow: bool, known: bool
    ) -> None:
        self._parts = parts
        self._refs = tuple(References(part.contract) for part in parts)
        self._budget = budget
        self._further = further
        self._shallow = shallow
        self._most = MORE if shallow or known else budget.states
        self._pairs: list[_Pair] = []
        self._seen: set[Hashable] = set()
        self._todo: deque[int] = deque()
        self.done = Pairs()

    def go(self) -> Pairs:
        old, new = self._parts
        for words, args in openings(old.contract, START):
            edges = [list(opened(part, refs, words, args)) for part, refs in zip((old, new), self._refs, strict=True)]
            self._meet(edges[0], edges[1], -1)
        while self._todo and not self._over():
            self.done.limit = self._budget.spent()
            if len(self._pairs) > self._most and not self.done.limit:
                self.done.limit = f"more than {self._most:,} pairs of states"
            if self.done.limit:
                break
            self._expand(self._todo.popleft())
        self.done.count = len(self._pairs)
        return self.done

    def _over(self) -> bool:
        return any(each.deep or self._shallow for each in self.done.found)

    def _expand(self, number: int) -> None:
        pair = self._pairs[number]
        if not all(part.goes_on(state) for part, state in zip(self._parts, pair.states, strict=True)):
            return
        moves = [self._moves(part, state) for part, state in zip(self._parts, pair.states, strict=True)]
        for key in dict.fromkeys((*moves[0], *moves[1])):
            tried = [each.get(key) for each in moves]
            for one, other in ((1, 0), (0, 1)):
                given = tried[other]
                if given is not None and (one == 1 or tried[one] is None):  # the very same command, if there is one
                    tried[one] = _as_in(given, pair.states[other], pair.states[one]) or tried[one]
            if tried[0] is None or tried[1] is None:
                self._only_in_one(tried, number)
            else:
                edges = [list(outcomes(self._parts[n], self._refs[n], tried[n])) for n in (0, 1)]  # type: ignore[arg-type]
                self._meet(edges[0], edges[1], number)
            if self._over():
                return

    def _moves(self, part: Part, state: State) -> Mapping[tuple[str, str], Move]:
        every = [*part.moves(part.contract, state), *self._further(part, state)]
        found: dict[tuple[str, str], Move] = {}
        for move in sorted(every, key=lambda each: _ORDER.index(each.kind)):
            found.setdefault((move.who, move.label), move)
        return found

    def _only_in_one(self, tried: Sequence[Move | None], number: int) -> None:
        n = 0 if tried[0] is not None else 1
        move = tried[n]
        if move is None:
            raise AssertionError("one of them knows it")
        edge = next(iter(outcomes(self._parts[n], self._refs[n], move)))
        ways = list(self._way(number))
        ways[n] = (*ways[n], edge)
        when = ("before", "after")[n]
        seen = seen_of(edge, move.at)
        sides, rules = ["it cannot happen"] * 2, [""] * 2
        sides[n] = next((each.words for each in seen), "it happens")
        rules[n] = next((each.rule for each in seen if each.rule), "")
        words = f"only {when} this can happen: {move.label}"
        way, told = (ways[0], ways[1]), (sides[0], sides[1])
        self._note(Found(words, told, (rules[0], rules[1]), way, deep=True))

    def _meet(self, old: Sequence[Edge], new: Sequence[Edge], number: int) -> None:
        """Pair what comes of the same answers of the world."""
        for one, other in _paired(old, new):
            if self._differs(one, other, number):
                continue
            if one.after is None or other.after is None or (one.refused is not None and not one.events):
                continue
            for part, edge in zip(self._parts, (one, other), strict=True):
                if edge.after is not None:
                    part.settle(part.contract, edge.after)
            keys = [
                (control(part.contract, edge.after), part.also(edge.after))
                for part, edge in zip(self._parts, (one, other), strict=True)
                if edge.after is not None
            ]
            key = tuple(keys)
            if key not in self._seen:
                self._seen.add(key)
                self._budget.used += 1
                self._todo.append(len(self._pairs))
                self._pairs.append(_Pair((one.after, other.after), number, (one, other)))

    def _differs(self, one: Edge, other: Edge, number: int) -> bool:
        """Note how two decisions differ; whether they lead to different states."""
        if any(each.deep for each in self.done.found):
            return True
        shown = [seen_of(edge, edge.after.now if edge.after is not None else START) for edge in (one, other)]
        if [each.core for each in shown[0]] != [each.core for each in shown[1]]:
            words, before, after = unlike(shown[0], shown[1])
            way, sides = self._way(number, one, other), (before.words, after.words)
            self._note(Found(words, sides, (before.rule, after.rule), way, deep=True))
            return True
        if not self.done.found:
            looks = next((both for both in zip(*shown, strict=True) if both[0].shows != both[1].shows), None)
            if looks is not None:
                before, after = looks
                way, sides = self._way(number, one, other), _looksunlike(before, after)
                self._note(Found(after.words, sides, (before.rule, after.rule), way, deep=False))
        return False

    def _note(self, found: Found) -> None:
        if not any(each.deep == found.deep for each in self.done.found):
            self.done.found.append(found)
            self._most = min(self._most, len(self._pairs) + MORE)

    def _way(self, number: int, one: Edge | None = None, other: Edge | None = None) -> Way:
        edges: list[tuple[Edge, Edge]] = []
        while number >= 0:
            pair = self._pairs[number]
            edges.append(pair.edges)
            number = pair.parent
        edges.reverse()
        if one is not None and other is not None:
            edges.append((one, other))
        return tuple(old for old, _ in edges), tuple(new for _, new in edges)


def _paired(old: Sequence[Edge], new: Sequence[Edge]) -> Iterator[tuple[Edge, Edge]]:
    """Each outcome with that of the other version under the same answers, or under those that fit best."""
    known: list[dict[Hashable, Edge]] = [{}, {}]
    for edges, found in zip((old, new), known, strict=True):
        for edge in edges:
            words = world_of(edge)
            found[words, sum(key[0] == words for key in found)] = edge  # type: ignore[index]
    both = known[0].keys() & known[1].keys()
    yield from ((known[0][key], known[1][key]) for key in known[0] if key in both)
    alone = [[key for key in found if key not in both] for found in known]
    if alone[0] and alone[1]:  # the first answers of all are those in which nothing goes wrong
        yield known[0][alone[0][0]], known[1][alone[1][0]]
    for n in (0, 1):
        for key in alone[n]:
            edge, best = known[n][key], _nearest(key, known[1 - n])
            if best is not None:
                yield (edge, best) if n == 0 else (best, edge)


def _nearest(key: Any, others: Mapping[Any, Edge]) -> Edge | None:  # noqa: ANN401 - words and a number
    return max(others.items(), key=lambda each: _fits(key[0], each[0][0]), default=(None, None))[1]


def _fits(words: Iterable[str], others: Iterable[str]) -> int:
    """How many answers are the same, less those that are the opposite."""
    mine, its = ({each.rpartition(": ")[0] or each: each for each in said} for said in (words, others))
    return sum(1 if its[about] == said else -1 for about, said in mine.items() if about in its)


def _as_in(move: Move, here: State, there: State) -> Move | None:
    """The move of one version tried in the other: by whoever has the same part. None if it makes no sense there."""
    if move.state is not here or move.kind not in ("person", "world"):
        return None
    names, people = parts_played(here), people_in(there)
    try:
        args, actor = _translated(move.args, names, people), _translated(move.actor, names, people)
    except LookupError:
        return None
    return replace(move, state=there, actor=actor, args=args, at=max(move.at, there.now))


def _translated(value: Any, names: Mapping[str, str], people: Mapping[str, str]) -> Any:  # noqa: ANN401 - plain data
    """The same with the people of the other version; raises LookupError for one who has no counterpart."""
    match value:
        case str() if value in names:
            return people[names[value]]
        case str() if value.startswith("p-"):
            raise LookupError(value)
        case tuple():
            return tuple(_translated(each, names, people) for each in value)
        case dict():
            return {key: _translated(each, names, people) for key, each in value.items()}
        case BaseModel():
            fields = {key: getattr(value, key) for key in type(value).model_fields}
            return value.model_copy(update={key: _translated(each, names, people) for key, each in fields.items()})
        case _:
            return value


def unlike(old: Sequence[Seen], new: Sequence[Seen]) -> tuple[str, Seen, Seen]:
    """The first event in which two decisions differ, in words, and what there is of it before and after."""
    both = zip(old, new, strict=False)
    place = next((n for n, (one, other) in enumerate(both) if one.core != other.core), min(len(old), len(new)))
    before, after = (each[place] if place < len(each) else _MISSING for each in (old, new))
    cores = [{each.core for each in shown} for shown in (old, new)]
    if after.core and after.core not in cores[0] and (before is _MISSING or before.core in cores[1]):
        return f"only after: {after.words}", _MISSING, after
    if before.core and before.core not in cores[1] and (after is _MISSING or after.core in cores[0]):
        return f"only before: {before.words}", before, _MISSING
    return f"{before.words} before, {after.words} after", before, after


def _looksunlike(one: Seen, other: Seen) -> tuple[str, str]:
    before, after = dict(one.shows), dict(other.shows)
    unlike = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    sides = ["; ".join(f"{key} {each.get(key, 'none')}" for key in unlike) for each in (before, after)]
    return sides[0], sides[1]
