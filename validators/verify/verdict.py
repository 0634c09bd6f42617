"""The verdict on a contract: every part explored, what is broken with its shortest story, or how far it went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from runner.contract.contract import Contract
from runner.contract.property import Property
from runner.contract.values import format_duration
from validators.verify.bounds import Bound, bounds_of
from validators.verify.explore import Budget, Found, Graph, Part, exploring
from validators.verify.own import asks_for_two, classes_of, looked_at, own_bounds, undecided, with_own
from validators.verify.parts import parts_of
from validators.verify.properties import PROPERTIES, broken_decision
from validators.verify.reach import GRAPH_PROPERTIES, broken_by_graph, unreached_rungs, unreached_steps
from validators.verify.story import Step, Story, steps_of, told
from validators.verify.turns import Line, Queue, Times, in_turn

__all__ = [
    "NAMES",
    "NO_PART",
    "TIMES",
    "Explored",
    "PartFound",
    "Request",
    "Result",
    "Verdict",
    "Violation",
    "findings",
    "judged",
    "longest_first",
    "times_of",
    "verify",
]

NAMES: Final[dict[str, str]] = {
    **{each.name: each.words for each in PROPERTIES},
    **dict(GRAPH_PROPERTIES),
    "rungs": "somebody can be asked on every rung",
    "steps": "every step can come about",
    "manager-knows": "a human has accepted or the escalation owner knows within the limit",
}
"""Every property by name, in words."""
NO_PART: Final = "all"
"""Where parts would be named: of what is found in none of them."""
TIMES: Final = "times"
"""Where the longest times are computed, with the real calendars."""
_COURSES: Final = 8
_WAYS: Final = 24
"""So many courses are kept of what does not hold, and of those that end otherwise: the shortest may be one that real
times do not allow.
"""


class Result(StrEnum):
    """How it came out."""

    PROVED = "proved"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Violation:
    """A property that does not hold. `part` names the exploration; `story` is a shortest course that shows it, and
    `steps` are its moves. `times` is how many decisions break it, `limit` the number that is not kept, if it is one.
    `others` are a few more courses, in case that one cannot be played. `also` are the other parts that show it, each
    with what was found there. `title` is what a property of the template's own claims, in its own words;
    `start` the opening after which it takes too long, if it is a time. `loosely`: with
    real times other deadlines pass within its course, after which it comes about all the same.
    """

    name: str
    words: str
    part: str
    story: Story
    times: int
    steps: tuple[Step, ...] = ()
    limit: int | None = None
    others: tuple[Violation, ...] = field(default=(), repr=False)
    also: tuple[tuple[str, str], ...] = ()
    title: str = ""
    start: datetime | None = None
    loosely: bool = False


@dataclass(frozen=True, slots=True)
class Explored:
    """A part that was explored, and how large it was; `limit` says what it stopped at."""

    name: str
    states: int
    transitions: int
    seconds: float
    limit: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a contract. `reasons` say why nothing is known, if nothing is."""

    template: str
    digest: str
    result: Result
    explored: tuple[Explored, ...]
    violations: tuple[Violation, ...]
    bounds: tuple[Bound, ...] = ()
    reasons: tuple[str, ...] = ()
    seen: frozenset[str] = field(default=frozenset(), repr=False)
    seconds: float = 0.0
    """From the first part's beginning to the last one's end, also where several are explored at a time."""

    @property
    def states(self) -> int:
        """Of all parts."""
        return sum(each.states for each in self.explored)

    @property
    def transitions(self) -> int:
        """Of all parts."""
        return sum(each.transitions for each in self.explored)


@dataclass(frozen=True, slots=True)
class Request:
    """How contracts are to be verified. `states` is the limit of each part, `seconds` that of a contract as `clock`
    tells; `only` are the properties that count, all if none is named; `silence_at_most` is the limit in seconds, if
    there is one.
    """

    states: int
    seconds: float
    only: tuple[str, ...]
    silence_at_most: int | None
    clock: Callable[[], float]
    own: Mapping[str, tuple[Property, ...]] = field(default_factory=dict)
    """By template its own properties."""

    def of(self, contract: Contract) -> tuple[Property, ...]:
        """The own properties of a contract."""
        return self.own.get(contract.name, ())


@dataclass(frozen=True, slots=True)
class PartFound:
    """What the exploration of one part came to. `asked` are the steps that were begun, by point and position."""

    explored: Explored
    violations: tuple[Violation, ...]
    seen: frozenset[str]
    asked: frozenset[tuple[str, int]]


def verify(
    contract: Contract,
    *,
    clock: Callable[[], float],
    states: int = 2_000_000,
    seconds: float = 60.0,
    only: Collection[str] = (),
    silence_at_most: int | None = None,
    own: Sequence[Property] = (),
) -> Verdict:
    """Explore every part of a contract, one after the other; see `Request`."""
    request = Request(states, seconds, tuple(only), silence_at_most, clock, {contract.name: tuple(own)})
    begun = clock()
    parts = tuple(parts_of(contract, classes_of(own)))
    done = findings(contract, parts, request, begun, Line(len(parts)))
    found = [done[number] for number in range(len(parts))]
    bounds = times_of(contract, request, found)
    return judged(contract, request, found, bounds, clock() - begun)


_LONG: Final = {
    "ownership with an exception": 30, "ownership": 20, "remedies": 9, "exceptions and tasks": 9, "writes and drift": 8,
    "waits with an exception": 5, "substitutes": 5, "messages": 4,
}  # fmt: skip
_AWAITED: Final = ("ask", "approve", "choose", "page", "wait")
"""About how long a part takes, as so many steps of runs do; those of which several things may come count more."""


def longest_first(parts: Sequence[Part]) -> list[int]:
    """The numbers of parts in the order in which they should begin, so that all end at about the same time."""

    def length(part: Part) -> int:
        runs = part.contract.runbook.items()
        steps = {point: sum(1 + 2 * (each.kind in _AWAITED) for each in found) for point, found in runs}
        return _LONG.get(part.name) or sum(n * (1 + point.startswith("exception")) for point, n in steps.items())

    return sorted(range(len(parts)), key=lambda number: -length(parts[number]))


def findings(
    contract: Contract, parts: Sequence[Part], request: Request, begun: float, queue: Queue
) -> dict[int, PartFound]:
    """Explore the parts that a queue gives, the longest first; what was found, by the number of the part."""
    order = longest_first(parts)
    times = Times(begun, request.seconds, request.clock)
    done = in_turn(queue, lambda n: finding(contract, parts[order[n]], request, begun), times)
    return {order[n]: found for n, found in done.items()}


def finding(contract: Contract, part: Part, request: Request, begun: float) -> Generator[None, None, PartFound]:
    """Explore a part of a contract, with pauses; `begun` is when the contract's time began to run."""
    budget = Budget(request.states, request.seconds, request.clock, begun)
    graph, taken, started = Graph(part), 0.0, request.clock()
    standing = with_own(request.of(contract), part, len(contract.ladder))
    for _ in exploring(graph, budget, broken_decision, standing):
        taken += request.clock() - started
        yield
        started = request.clock()
    if not graph.limit:
        graph.found.extend(broken_by_graph(graph))
    taken += request.clock() - started
    explored = Explored(part.name, len(graph.states), graph.transitions, taken, graph.limit, part.bound)
    violations = tuple(_violations(graph, request.only))
    met = {f"claim:{name}" for name in looked_at(request.of(contract), part, graph.states)}
    return PartFound(explored, violations, frozenset(graph.seen | met), frozenset(graph.asked))


def times_of(contract: Contract, request: Request, found: Sequence[PartFound]) -> tuple[Bound, ...]:
    """The longest times; none if the engine could not even decide."""
    if any(each.name == "decides" for part in found for each in part.violations):
        return ()
    own = own_bounds(contract, request.of(contract))
    return (*bounds_of(contract, silence_at_most=request.silence_at_most), *own)


def judged(
    contract: Contract, request: Request, found: Sequence[PartFound], bounds: tuple[Bound, ...], seconds: float
) -> Verdict:
    """The verdict from all parts and the longest times."""
    reasons = tuple(f"{each.explored.name}: {each.explored.limit}" for each in found if each.explored.limit)
    violations = [violation for each in found for violation in each.violations]
    seen = frozenset[str]().union(*(each.seen for each in found))
    if not reasons:
        asked = {step for each in found for step in each.asked}
        violations.extend(_never(contract, set(seen), asked, request.only))
        violations.extend(_unmet(request.of(contract), seen, request.only))
    violations.extend(_too_long(bounds, request.only))
    known = {each.name for each in violations}
    unlooked = undecided(request.of(contract), bounds)
    asked_for = request.only or [each.name for each in request.of(contract)]
    reasons += tuple(f"{name}: {why}" for name, why in unlooked if name in asked_for and name not in known)
    result = Result.VIOLATED if violations else Result.UNKNOWN if reasons else Result.PROVED
    explored = tuple(each.explored for each in found)
    return Verdict(contract.name, contract.digest, result, explored, tuple(violations), bounds, reasons, seen, seconds)


def _violations(graph: Graph, only: Collection[str]) -> list[Violation]:
    """Of each property the shortest story, and how many decisions break it."""
    by_name: dict[str, list[Found]] = {}
    for found in graph.found:
        if not only or found.name in only:
            by_name.setdefault(found.name, []).append(found)
    return [_violation(graph, each) for each in by_name.values()]


def _violation(graph: Graph, found: Sequence[Found]) -> Violation:
    nearest = sorted(found, key=lambda each: each.source)
    chosen = {(each.source, id(each.edge)): each for each in (*nearest[:_COURSES], *_various(nearest))}
    first, *others = [_course(graph, each, len(found)) for each in chosen.values()]
    return replace(first, others=tuple(others))


def _various(found: Iterable[Found]) -> list[Found]:
    """Of courses that end in different ways the first of each: where the nearest cannot be played, another may."""
    ways: dict[Hashable, Found] = {}
    for each in found:
        before, move = each.edge.before, each.edge.move
        stood = (before.phase, before.rung, before.ladder_pass, before.outcome_missed) if before is not None else None
        ways.setdefault((stood, move and move.label, bool(before and before.exceptions)), each)
    return list(ways.values())[:_WAYS]


def _course(graph: Graph, found: Found, times: int) -> Violation:
    path = [*(graph.path(found.source) if found.source >= 0 else ()), found.edge]
    name, part = found.name, graph.part
    return Violation(name, found.words, part.name, told(part.contract, path), times, steps_of(path))


def _too_long(bounds: Sequence[Bound], only: Collection[str]) -> Iterator[Violation]:
    for each in bounds:
        if each.broken and (not only or each.name in only):
            most = "need not come at all" if each.seconds is None else f"{format_duration(each.seconds)} at the longest"
            words = f"the time {each.words}: {most}, and {format_duration(each.limit or 0)} allowed"
            yield Violation(each.name, words, TIMES, each.story, 1, each.steps, each.limit, start=each.start)


def _unmet(own: Sequence[Property], seen: Collection[str], only: Collection[str]) -> Iterator[Violation]:
    """The claims whose `when` is so in no state: they hold, and say nothing; but not where two exceptions are."""
    for each in own:
        if each.when is None or asks_for_two(each):
            continue
        if f"claim:{each.name}" not in seen and (not only or each.name in only):
            words = "never looked at: it never stands as its `when` says"
            yield Violation(each.name, words, NO_PART, Story(()), 1)


def _never(contract: Contract, seen: set[str], asked: set[tuple[str, int]], only: Collection[str]) -> list[Violation]:
    rungs = [f"nobody is ever asked on the rung {name}" for name in unreached_rungs(contract, seen)]
    steps = [f"this step never begins, whatever happens: {rule}" for rule in unreached_steps(contract, asked)]
    never = [("rungs", words) for words in rungs] + [("steps", words) for words in steps]
    return [Violation(name, words, NO_PART, Story(()), 1) for name, words in never if not only or name in only]
