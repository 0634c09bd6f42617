"""Two versions of a template under the same moves and the same world: where they first differ, and numbers.

What no decision could show is told from the contracts alone. What was not looked at is said, and is never "the same".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from runner.contract.contract import Contract
from runner.contract.property import Property
from validators.verify.bounds import Bound, bounds_of
from validators.verify.changes import Change, changes_of, decides_alike, shows_alike
from validators.verify.explore import Budget, Edge, Part
from validators.verify.further_moves import further_moves
from validators.verify.own import own_bounds
from validators.verify.pairs import Found, differences_of
from validators.verify.parts import parts_of, reduced
from validators.verify.silent import first_apart
from validators.verify.story import Story, told

__all__ = ["Comparison", "Difference", "Number", "Side", "compare", "only_one"]

_TIMES: Final = "times, when nobody acts"


@dataclass(frozen=True, slots=True)
class Number:
    """A worst-case time before and after, in seconds (None: it need not come), and what the limits allow (None: all).

    `there` is in which of the two versions it is asked for at all.
    """

    name: str
    words: str
    before: int | None
    after: int | None
    limits: tuple[int | None, int | None] = (None, None)
    there: Literal["both", "before", "after"] = "both"


@dataclass(frozen=True, slots=True)
class Difference:
    """A first difference: in which part, in words, what there is of it before and after, by which rules, and the course
    of each up to it. `deep`: they go other ways from here; else only times, people or work look different.
    """

    part: str
    words: str
    sides: tuple[str, str]
    rules: tuple[str, str]
    before: Story
    after: Story
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two versions of a template differ, the shortest course first. `pairs` is how many pairs of states were seen.

    `limits` say what was not looked at; `unshown` what is decided alike apart from times, people and work, which no
    course showed so far; `only` names the one revision in which the template exists.
    """

    template: str
    same_digest: bool = False
    only: Literal["before", "after"] | None = None
    changes: tuple[Change, ...] = ()
    differences: tuple[Difference, ...] = ()
    pairs: int = 0
    limits: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()

    @property
    def result(self) -> Literal["new", "removed", "same", "differs", "alike", "unknown"]:
        """What is known. `alike`: the contracts are not the same, and no course shows it."""
        if self.only is not None:
            return "new" if self.only == "after" else "removed"
        if self.same_digest:
            return "same"
        if self.differences:
            return "differs"
        return "unknown" if self.limits else "alike"


@dataclass(frozen=True, slots=True)
class Side:
    """One version: its contract, its own properties, its worst-case times if they are known already, and the limit of
    the longest silence in seconds, if there is one.
    """

    contract: Contract
    own: tuple[Property, ...] = ()
    bounds: tuple[Bound, ...] = ()
    silence_at_most: int | None = None


def only_one(name: str, only: Literal["before", "after"]) -> Comparison:
    """A template that exists in one of the two revisions alone."""
    return Comparison(name, only=only)


def compare(
    base: Side, head: Side, *, clock: Callable[[], float] = lambda: 0.0, states: int = 200_000, seconds: float = 60.0
) -> Comparison:
    """Drive both by the same moves until they differ, at most so many pairs of states and so long."""
    old, new = base.contract, head.contract
    if old.digest == new.digest:
        numbers = _numbers(replace(base, bounds=head.bounds), head)
        return Comparison(new.name, same_digest=True, numbers=numbers)
    budget = Budget(states, seconds, clock, clock())
    further = further_moves(old, new)
    found: list[tuple[int, Difference]] = []
    pairs, limits, unshown = 0, list[str](), list[str]()
    for one, other in _parts(old, new):
        if shows_alike(one.contract, other.contract):
            continue
        shallow = decides_alike(one.contract, other.contract)
        done = differences_of((one, other), budget, further, shallow=shallow, known=bool(found))
        pairs += done.count
        if done.limit:
            (unshown if shallow else limits).append(f"{other.name}: {done.limit}")
        found += [_difference(other.name, (one, other), each) for each in done.found]
    if not shows_alike(old, new) or old.calendars != new.calendars:
        apart, limit = first_apart(old, new)
        if apart is not None:
            words, sides, rules, (before, after) = apart
            found.append((len(after), Difference(_TIMES, words, sides, rules, _timed(old, before), _timed(new, after))))
        elif old.calendars != new.calendars:
            unshown.append(f"{_TIMES}: {limit or 'every opening of a week or a year'}")
    found.sort(key=lambda each: each[0])
    return Comparison(
        new.name,
        changes=changes_of(old, new),
        differences=tuple(_once(each for _, each in found)),
        pairs=pairs,
        limits=tuple(limits),
        unshown=tuple(unshown),
        numbers=_numbers(base, head),
    )


def _parts(base: Contract, head: Contract) -> Iterable[tuple[Part, Part]]:
    """Each part of the two; a point with steps in one alone goes with the same part without them."""
    classes = frozenset(
        name for name in (*base.exceptions, *head.exceptions) if base.exceptions.get(name) != head.exceptions.get(name)
    )
    olds, news = ({part.name: part for part in parts_of(each, classes)} for each in (base, head))
    for name in dict.fromkeys((*news, *olds)):
        old, new = olds.get(name), news.get(name)
        there = new or old
        if there is None:
            raise AssertionError(name)
        empty = replace(there, contract=reduced(there.contract, runbook={})) if old is None or new is None else there
        yield old or empty, new or empty


def _difference(name: str, parts: tuple[Part, Part], found: Found) -> tuple[int, Difference]:
    before, after = (told(part.contract, edges) for part, edges in zip(parts, found.way, strict=True))
    length = max(len(before.scenes), len(after.scenes))
    return length, Difference(name, found.words, found.sides, found.rules, before, after, found.deep)


def _timed(contract: Contract, edges: Sequence[Edge]) -> Story:
    """The story of a course with its instants."""
    scenes = []
    for scene, edge in zip(told(contract, edges).scenes, edges, strict=True):
        at = f"{edge.after.now:%a %Y-%m-%d %H:%M} UTC, " if edge.after is not None else ""
        scenes.append(replace(scene, what=f"{at}{scene.what}"))
    return Story(tuple(scenes))


def _once(found: Iterable[Difference]) -> Iterable[Difference]:
    """Each difference once, where it was found first: many a part shows the same."""
    seen = set()
    for each in found:
        if (each.words, each.sides) not in seen:
            seen.add((each.words, each.sides))
            yield each


def _numbers(base: Side, head: Side) -> tuple[Number, ...]:
    before, after = ({bound.name: bound for bound in _bounds(side)} for side in (base, head))
    found = []
    for name in dict.fromkeys((*after, *before)):
        old, new = before.get(name), after.get(name)
        words = (new or old or next(iter(after.values()))).words
        there: Literal["both", "before", "after"] = "both" if old and new else "after" if new else "before"
        times = tuple(each.seconds if each is not None else None for each in (old, new))
        limits = (old.limit if old is not None else None, new.limit if new is not None else None)
        found.append(Number(name, words, times[0], times[1], limits, there))
    return tuple(found)


def _bounds(side: Side) -> tuple[Bound, ...]:
    made = side.bounds or bounds_of(side.contract, silence_at_most=side.silence_at_most)
    known = {each.name for each in made}
    return (*made, *own_bounds(side.contract, [each for each in side.own if each.name not in known]))
