"""What can be said of a whole routing table, exactly: each template's reach, peers that meet, what nobody takes.

A template *reaches* a ticket at a look that may begin its match, in scope, when no earlier template that may begin
there matches too. A template that had the ticket at the look before is left out: it only goes on with what it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice

from runner.contract.conditions import required_values
from runner.contract.load import Revision
from runner.contract.policies import TicketField
from runner.engine.conditions import Value, compile_condition
from runner.engine.observation import ObservationKind
from runner.engine.routing import (
    ADMITS,
    Entry,
    Match,
    NoMatch,
    NoMatchReason,
    RoutingTable,
    admits,
    route,
    routing_table,
)
from runner.zones import zone
from validators.check.routing.domains import domains
from validators.check.routing.formula import Formula, Translator
from validators.check.routing.search import QUESTION_LIMIT, Searcher, Work, WorkLimit
from validators.check.routing.witness import Sketch, Witness, sketch, smallest
from validators.simulate.explain import TicketCase, look

__all__ = ["Analysis", "Overlap", "Reach", "Reached", "analyse", "analyse_table"]

_LOOKS = (ObservationKind.CREATED, ObservationKind.UPDATED)
"""Looks that a ticket file can show. Whatever may begin when only time has passed may also begin at an update."""
_MOST_TRIED = 16
"""Tickets that are tried, each with so many pasts, where an earlier template may hold on to them."""
_MOST_NAMED = 12
"""Shadowing templates that are weighed against each other to name as few as possible."""


class Reach(StrEnum):
    """Whether a template can ever get a ticket."""

    REACHED = "reached"
    NEVER = "never"
    OUT_OF_SCOPE = "out_of_scope"
    SHADOWED = "shadowed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reached:
    """One template. The witness is a ticket that it matches and does not get, if there is any; `by` who gets them."""

    template: str
    reach: Reach
    by: tuple[str, ...] = ()
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two peers, and a ticket that both match and no earlier template takes; None if that is not known."""

    first: str
    second: str
    witness: Witness | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All answers. `unmatched` is a ticket in scope that only the fallback takes, or None if there is none.

    `steps` is the work done, the same on every machine.
    """

    reached: tuple[Reached, ...]
    overlaps: tuple[Overlap, ...]
    unmatched: Witness | None
    unmatched_known: bool
    steps: int


def analyse(revision: Revision, limit: int = QUESTION_LIMIT) -> Analysis:
    """The analysis of a valid revision; no more than `limit` steps for one question."""
    table = routing_table(revision.routing, revision.contracts, zone)
    return analyse_table(table, revision.policies.fields.fields, revision.routing.peers, limit)


def analyse_table(
    table: RoutingTable,
    fields: Mapping[str, TicketField],
    peers: Sequence[Sequence[str]] = (),
    limit: int = QUESTION_LIMIT,
) -> Analysis:
    """The analysis of a routing table over declared fields."""
    analyst = _Analyst(table, fields, limit)
    reached = tuple(analyst.reached(place) for place in range(len(table.entries)))
    overlaps = tuple(overlap for group in peers for overlap in analyst.overlaps(group))
    unmatched, known = analyst.unmatched()
    return Analysis(reached, overlaps, unmatched, known, analyst.work.total)


@dataclass(slots=True)
class _Answer:
    """What a search has found: nothing, and whether that is a proof."""

    sketch: Sketch | None = None
    certain: bool = True


class _Analyst:
    """Asks the questions, one after the other."""

    def __init__(self, table: RoutingTable, fields: Mapping[str, TicketField], limit: int) -> None:
        self.table = table
        self.fields = fields
        self.work = Work(limit)
        self.domains = domains(fields, [table.scope, *(entry.condition for entry in table.entries)])
        self._searchers = {kind: Searcher(self.domains, kind, table.hours, self.work) for kind in ADMITS}
        self._translators = {kind: Translator(self.domains, kind) for kind in ADMITS}
        self._formulas: dict[tuple[int, ObservationKind, bool], Formula] = {}
        self._scopes = {kind: each.formula(table.scope) for kind, each in self._translators.items()}
        self._pins = [required_values(entry.condition) for entry in table.entries]
        self._index = _Index(self._pins)
        self._begin = {
            kind: sum(1 << place for place, entry in enumerate(table.entries) if entry.on & admitted)
            for kind, admitted in ADMITS.items()
        }

    # asking

    def formula(self, place: int, kind: ObservationKind, *, truth: bool = True) -> Formula:
        """What it takes that a template's condition holds at such a look, or does not."""
        key = (place, kind, truth)
        if key not in self._formulas:
            condition = self.table.entries[place].condition
            self._formulas[key] = self._translators[kind].formula(condition, truth=truth)
        return self._formulas[key]

    def sketches(
        self, kind: ObservationKind, must: Sequence[Formula], avoid: Sequence[Formula], answer: _Answer
    ) -> Iterator[Sketch]:
        """Looks of a kind; what is not known afterwards is noted in the answer."""
        searcher = self._searchers[kind]
        searcher.undecided = False
        self.work.question = 0
        try:
            for found in searcher.find(must, avoid):
                yield sketch(found, self.domains)
        except WorkLimit:
            answer.certain = False
        answer.certain &= not searcher.undecided

    def first(self, kind: ObservationKind, must: Sequence[Formula], avoid: Sequence[Formula] = ()) -> _Answer:
        """The first look of a kind."""
        answer = _Answer()
        answer.sketch = next(self.sketches(kind, must, avoid, answer), None)
        return answer

    def others(self, place: int, kind: ObservationKind, among: int) -> list[int]:
        """Those of some templates that may begin at such a look, and that the listed values do not keep apart."""
        return _places(self._index.meeting(self._pins[place]) & among & self._begin[kind])

    # each template

    def reached(self, place: int) -> Reached:
        """Whether a template can get a ticket."""
        entry, certain, met = self.table.entries[place], True, False
        kinds = [kind for kind in _LOOKS if entry.on & ADMITS[kind]]
        for kind in kinds:
            answer = self.first(kind, [self._scopes[kind], self.formula(place, kind)])
            certain &= answer.certain or answer.sketch is not None
            if answer.sketch is not None:
                met = True
                if self._goes_to(answer.sketch) == entry.name:
                    return Reached(entry.name, Reach.REACHED)
        if not met:
            return self._outside(place, kinds) if certain else Reached(entry.name, Reach.UNKNOWN)
        earlier = (1 << place) - 1
        return self._behind(place, {kind: self.others(place, kind, earlier) for kind in self._all_kinds(entry)})

    def _all_kinds(self, entry: Entry) -> list[ObservationKind]:
        return [kind for kind in ADMITS if entry.on & ADMITS[kind]]

    def _goes_to(self, each: Sketch) -> str | None:
        taken = route(self.table, each.seen(), each.at)
        return taken.template if isinstance(taken, Match) else None

    def _outside(self, place: int, kinds: Sequence[ObservationKind]) -> Reached:
        """A template that matches nothing in scope: does it match anything at all?"""
        name, certain = self.table.entries[place].name, True
        for kind in kinds:
            answer = _Answer()
            found = self.sketches(kind, [self.formula(place, kind)], (), answer)
            witness = smallest(found, lambda ticket: self._matches(place, ticket) and self._is_out(ticket))
            if witness is not None:
                return Reached(name, Reach.OUT_OF_SCOPE, witness=witness)
            certain &= answer.certain
        return Reached(name, Reach.NEVER if certain else Reach.UNKNOWN)

    def _behind(self, place: int, earlier: Mapping[ObservationKind, Sequence[int]]) -> Reached:
        """A template that matches something in scope: is there any that no earlier one takes?"""
        name = self.table.entries[place].name
        covered, certain = self._covered(place, earlier)
        if not covered:
            return Reached(name, Reach.REACHED)
        if not certain:
            return Reached(name, Reach.UNKNOWN)
        names = tuple(self.table.entries[each].name for each in self._by(place, earlier))

        def holds(ticket: TicketCase) -> bool:
            return self._matches(place, ticket) and self._taker(ticket) in names

        for kind in (kind for kind in _LOOKS if kind in earlier):
            must = [self._scopes[kind], self.formula(place, kind)]
            witness, _ = self._witness(kind, must, (), (1 << place) - 1, holds)
            if witness is not None:
                return Reached(name, Reach.SHADOWED, names, witness)
        return Reached(name, Reach.SHADOWED, names)

    def _covered(self, place: int, by: Mapping[ObservationKind, Sequence[int]]) -> tuple[bool, bool]:
        """Whether others take all that a template matches in scope; and whether that is certain."""
        certain = True
        for kind, places in by.items():
            avoid = [self.formula(each, kind, truth=False) for each in places]
            answer = self.first(kind, [self._scopes[kind], self.formula(place, kind)], avoid)
            if answer.sketch is not None:
                return False, True
            certain &= answer.certain
        return True, certain

    def _by(self, place: int, earlier: Mapping[ObservationKind, Sequence[int]]) -> list[int]:
        """As few templates as it takes to cover one, in order; all if they are many."""
        names = sorted({each for places in earlier.values() for each in places})
        meeting = [each for each in names if self._meet(place, each, earlier)]
        for each in meeting:
            if self._covered(place, {kind: [each] * (each in found) for kind, found in earlier.items()}) == (
                True,
                True,
            ):
                return [each]
        if len(meeting) <= _MOST_NAMED:
            for each in list(meeting):
                less = [other for other in meeting if other != each]
                left = {kind: [other for other in less if other in found] for kind, found in earlier.items()}
                if self._covered(place, left) == (True, True):
                    meeting = less
        return meeting

    def _meet(self, place: int, other: int, earlier: Mapping[ObservationKind, Sequence[int]]) -> bool:
        for kind, places in earlier.items():
            must = [self._scopes[kind], self.formula(place, kind), self.formula(other, kind)]
            if other in places and self.first(kind, must).sketch is not None:
                return True
        return False

    # verified by the engine

    def _matches(self, place: int, ticket: TicketCase) -> bool:
        """Whether a template's trigger says yes to the ticket, in scope or not."""
        entry = self.table.entries[place]
        seen, _ = look(self.table, self.fields, ticket)
        return admits(entry, seen) and compile_condition(entry.condition, self.table.hours)(seen.facts(ticket.at))

    def _is_out(self, ticket: TicketCase) -> bool:
        seen, _ = look(self.table, self.fields, ticket)
        return route(self.table, seen, ticket.at) == NoMatch(NoMatchReason.OUT_OF_SCOPE)

    def _taker(self, ticket: TicketCase) -> str | None:
        seen, _ = look(self.table, self.fields, ticket)
        taken = route(self.table, seen, ticket.at)
        return taken.template if isinstance(taken, Match) else None

    # peers and the rest

    def overlaps(self, group: Sequence[str]) -> Iterator[Overlap]:
        """For each peer the first one before it in the list that matches a ticket that it matches too."""
        places = [place for place, entry in enumerate(self.table.entries) if entry.name in set(group)]
        above = (1 << places[0]) - 1 if places else 0
        for index, second in enumerate(places):
            mask = sum(1 << place for place in places[:index])
            for first in _places(self._index.meeting(self._pins[second]) & mask):
                found = self._overlap(first, second, above, frozenset(group))
                if found is not None:
                    yield found
                    break

    def _overlap(self, first: int, second: int, above: int, group: frozenset[str]) -> Overlap | None:
        one, two = self.table.entries[first], self.table.entries[second]

        def holds(ticket: TicketCase) -> bool:
            return self._matches(first, ticket) and self._matches(second, ticket) and self._taker(ticket) in group

        possible = False
        for kind in _LOOKS:
            if one.on & ADMITS[kind] and two.on & ADMITS[kind]:
                must = [self._scopes[kind], self.formula(first, kind), self.formula(second, kind)]
                earlier = set(self.others(first, kind, above)) & set(self.others(second, kind, above))
                witness, maybe = self._witness(kind, must, sorted(earlier), above, holds)
                if witness is not None:
                    return Overlap(one.name, two.name, witness)
                possible |= maybe
        return Overlap(one.name, two.name, None) if possible else None

    def _witness(
        self,
        kind: ObservationKind,
        must: Sequence[Formula],
        avoid: Sequence[int],
        holding: int,
        holds: Callable[[TicketCase], bool],
    ) -> tuple[Witness | None, bool]:
        """A ticket that the engine confirms; and if there is none, whether there might be one all the same.

        A template of `holding` that may not begin at such a look may still hold the ticket since the look before. So
        tickets are tried first that no such template matches, then any.
        """
        denied = [self.formula(place, kind, truth=False) for place in avoid]
        free = [self.formula(place, kind, truth=False) for place in _places(holding & ~self._begin[kind])]
        for more in ([*denied, *free], denied) if free else (denied,):
            answer = _Answer()
            counted = _Counted(self.sketches(kind, must, more, answer))
            witness = smallest(counted, holds)
            if witness is None and counted.some and free and kind is ObservationKind.UPDATED:
                several = islice(self.sketches(kind, must, more, _Answer()), _MOST_TRIED)
                witness = smallest((each.was(b) for each in several for b in self._earlier), holds, _MOST_TRIED**2)
            if witness is not None:
                return witness, True
        return None, counted.some or not answer.certain

    @cached_property
    def _earlier(self) -> list[Mapping[str, Value]]:
        """What a ticket may have been before so that one template or another had it, or none: examples of each."""
        kind = ObservationKind.CREATED
        scope, outside = self._scopes[kind], self._translators[kind].formula(self.table.scope, truth=False)
        asked: list[list[Formula]] = [[outside], [scope]]
        for truth in (True, False):
            asked += [[scope, self.formula(place, kind, truth=truth)] for place in _places(self._begin[kind])]
        found = [self.first(kind, must).sketch for must in asked[:_MOST_TRIED]]
        return [each.after for each in found if each is not None]

    def unmatched(self) -> tuple[Witness | None, bool]:
        """A ticket in scope that only the fallback takes; and if there is none, whether that is certain."""

        def holds(ticket: TicketCase) -> bool:
            return self._taker(ticket) == self.table.fallback.name

        certain, every = True, (1 << len(self.table.entries)) - 1
        for kind in _LOOKS:
            scope = [self._scopes[kind]]
            guess = smallest(self.sketches(kind, scope, (), _Answer()), holds)
            if guess is not None:
                return guess, True
            witness, maybe = self._witness(kind, scope, _places(self._begin[kind]), every, holds)
            if witness is not None:
                return witness, True
            certain &= not maybe
        return None, certain


class _Counted:
    """Sketches, and whether there were any: what the engine does not confirm is no proof of anything."""

    def __init__(self, found: Iterator[Sketch]) -> None:
        self._found = found
        self.some = False

    def __iter__(self) -> Iterator[Sketch]:
        return self

    def __next__(self) -> Sketch:
        each = next(self._found)
        self.some = True
        return each


class _Index:
    """Which templates ask for the same values, as bit masks by field and value."""

    def __init__(self, pins: Sequence[Mapping[str, frozenset[object]]]) -> None:
        self._every = (1 << len(pins)) - 1
        self._free: dict[str, int] = {}
        self._asked: dict[str, dict[object, int]] = {}
        for place, each in enumerate(pins):
            for name, values in each.items():
                self._free[name] = self._free.get(name, self._every) & ~(1 << place)
                masks = self._asked.setdefault(name, {})
                for value in values:
                    masks[value] = masks.get(value, 0) | (1 << place)

    def meeting(self, pins: Mapping[str, frozenset[object]]) -> int:
        """The templates that no listed value keeps apart from one that asks so."""
        mask = self._every
        for name, values in pins.items():
            asked, found = self._asked[name], self._free[name]
            for value in values:
                found |= asked.get(value, 0)
            mask &= found
        return mask


def _places(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
