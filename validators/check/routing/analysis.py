"""What can be said of a whole routing table, exactly: each template's reach, peers that meet, what nobody takes.

A template *reaches* a ticket at a look that may begin its match, in scope, when no earlier template that may begin
there matches too. A template that had the ticket at the look before is left out: it only goes on with what it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from runner.contract.conditions import All
from runner.contract.load import Revision
from runner.contract.policies import TicketField
from runner.engine.observation import ObservationKind
from runner.engine.routing import ADMITS, RoutingTable, routing_table
from runner.zones import zone
from validators.check.routing.asking import LOOKS, Answer, Asker, places
from validators.check.routing.pointless import Pointless, pointless_in_scope, pointless_in_trigger
from validators.check.routing.search import QUESTION_LIMIT
from validators.check.routing.witness import Witness, smallest
from validators.simulate.explain import TicketCase

__all__ = ["Analysis", "Overlap", "Reach", "Reached", "analyse", "analyse_table"]

_MOST_NAMED = 12
"""Shadowing templates that are weighed against each other to name as few as possible."""
Earlier = Mapping[ObservationKind, Sequence[int]]
"""For each kind of look the places of earlier templates that may begin there."""


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
    clash: tuple[int, ...] = ()
    """Of a template that never matches: as few parts of its condition as can never hold together."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two peers, and a ticket that both match and no earlier template takes; None if that is not known."""

    first: str
    second: str
    witness: Witness | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All answers. `unmatched` is a ticket in scope that only the fallback takes, or None if there is none.

    `unmatched_known` is False if there may be one all the same. `steps` is the work done, the same on every machine.
    """

    reached: tuple[Reached, ...]
    overlaps: tuple[Overlap, ...]
    unmatched: Witness | None
    unmatched_known: bool
    pointless: tuple[Pointless, ...]
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
    ask = Asker(table, fields, limit)
    reached = tuple(_reached(ask, place) for place in range(len(table.entries)))
    overlaps = tuple(overlap for group in peers for overlap in _overlaps(ask, group))
    unmatched, known = _unmatched(ask)
    pointless = list(pointless_in_scope(ask))
    for place, each in enumerate(reached):
        if each.reach is Reach.REACHED:
            pointless.extend(pointless_in_trigger(ask, place))
    return Analysis(reached, overlaps, unmatched, known, tuple(pointless), ask.work.total)


def _reached(ask: Asker, place: int) -> Reached:
    """Whether a template can get a ticket. One ticket that it gets is enough, and mostly the first that comes up."""
    entry, certain, met = ask.table.entries[place], True, False
    kinds = [kind for kind in LOOKS if entry.on & ADMITS[kind]]
    for kind in kinds:
        answer = ask.first(kind, [ask.scopes[kind], ask.formula(place, kind)])
        certain &= answer.certain or answer.sketch is not None
        if answer.sketch is not None:
            met = True
            if ask.goes_to(answer.sketch) == entry.name:
                return Reached(entry.name, Reach.REACHED)
    if not met:
        return _outside(ask, place, kinds) if certain else Reached(entry.name, Reach.UNKNOWN)
    above = (1 << place) - 1
    begins = [kind for kind in ADMITS if entry.on & ADMITS[kind]]
    return _behind(ask, place, {kind: ask.others(place, kind, above) for kind in begins})


def _outside(ask: Asker, place: int, kinds: Sequence[ObservationKind]) -> Reached:
    """A template that matches nothing in scope: does it match anything at all?"""
    name, certain = ask.table.entries[place].name, True
    for kind in kinds:
        answer = Answer()
        found = ask.sketches(kind, [ask.formula(place, kind)], (), answer)
        witness = smallest(found, lambda ticket: ask.matches(place, ticket) and ask.is_out(ticket))
        if witness is not None:
            return Reached(name, Reach.OUT_OF_SCOPE, witness=witness)
        certain &= answer.certain
    if not certain:
        return Reached(name, Reach.UNKNOWN)
    return Reached(name, Reach.NEVER, clash=_clash(ask, place, kinds))


def _clash(ask: Asker, place: int, kinds: Sequence[ObservationKind]) -> tuple[int, ...]:
    """Parts of a condition that can never hold together, none of which could be left out."""
    condition = ask.table.entries[place].condition
    parts = condition.parts if isinstance(condition, All) else (condition,)

    def never(these: Sequence[int]) -> bool:
        for kind in kinds:
            answer = ask.first(kind, [ask.translated(parts[each], kind) for each in these])
            if answer.sketch is not None or not answer.certain:
                return False
        return True

    needed = list(range(len(parts)))
    for each in range(len(parts)):
        less = [other for other in needed if other != each]
        if never(less):
            needed = less
    return tuple(needed)


def _behind(ask: Asker, place: int, earlier: Earlier) -> Reached:
    """A template that matches something in scope: is there any that no earlier one takes?"""
    name = ask.table.entries[place].name
    covered = _covered(ask, place, earlier)
    if covered is not True:
        return Reached(name, Reach.UNKNOWN if covered is None else Reach.REACHED)
    by = _by(ask, place, earlier)
    names = tuple(ask.table.entries[each].name for each in by)

    return Reached(name, Reach.SHADOWED, names, _taken_away(ask, place, by, earlier))


def _taken_away(ask: Asker, place: int, by: Sequence[int], earlier: Earlier) -> Witness | None:
    """A ticket that a shadowed template matches, and one of those takes; or any earlier one that holds it already."""
    above = (1 << place) - 1
    takers = {ask.table.entries[each].name for each in by}
    for wanted in (takers, {entry.name for entry in ask.table.entries[:place]}):

        def holds(ticket: TicketCase, wanted: set[str] = wanted) -> bool:
            return ask.matches(place, ticket) and ask.taker(ticket) in wanted

        for kind in (kind for kind in LOOKS if kind in earlier):
            must = [ask.scopes[kind], ask.formula(place, kind)]
            for each in (each for each in by if each in earlier[kind]):
                before = [other for other in earlier[kind] if other < each and other not in by]
                witness, _ = ask.witness(kind, [*must, ask.formula(each, kind)], before, above, holds)
                if witness is not None:
                    return witness
    return None


def _covered(ask: Asker, place: int, by: Earlier) -> bool | None:
    """Whether others take all that a template matches in scope; None if that is not known."""
    certain = True
    for kind, others in by.items():
        avoid = [ask.formula(each, kind, truth=False) for each in others]
        answer = ask.first(kind, [ask.scopes[kind], ask.formula(place, kind)], avoid)
        if answer.sketch is not None:
            return False
        certain &= answer.certain
    return True if certain else None


def _by(ask: Asker, place: int, earlier: Earlier) -> list[int]:
    """As few templates as it takes to cover one, in order; all if they are many."""
    every = sorted({each for others in earlier.values() for each in others})
    meeting = [each for each in every if _meet(ask, place, each, earlier)]
    for each in meeting:
        if _covered(ask, place, _only([each], earlier)) is True:
            return [each]
    if len(meeting) <= _MOST_NAMED:
        for each in list(meeting):
            less = [other for other in meeting if other != each]
            if _covered(ask, place, _only(less, earlier)) is True:
                meeting = less
    return meeting


def _only(these: Sequence[int], earlier: Earlier) -> Earlier:
    return {kind: [each for each in these if each in others] for kind, others in earlier.items()}


def _meet(ask: Asker, place: int, other: int, earlier: Earlier) -> bool:
    for kind, others in earlier.items():
        must = [ask.scopes[kind], ask.formula(place, kind), ask.formula(other, kind)]
        if other in others and ask.first(kind, must).sketch is not None:
            return True
    return False


def _overlaps(ask: Asker, group: Sequence[str]) -> Iterator[Overlap]:
    """For each peer the first one before it in the list that matches a ticket that it matches too."""
    names = frozenset(group)
    members = [place for place, entry in enumerate(ask.table.entries) if entry.name in names]
    listed = 0
    for second in members:
        for first in places(ask.meeting(second) & listed):
            found = _overlap(ask, first, second, (1 << members[0]) - 1, names)
            if found is not None:
                yield found
                break
        listed |= 1 << second


def _overlap(ask: Asker, first: int, second: int, above: int, group: frozenset[str]) -> Overlap | None:
    one, two = ask.table.entries[first], ask.table.entries[second]

    def holds(ticket: TicketCase) -> bool:
        return ask.matches(first, ticket) and ask.matches(second, ticket) and ask.taker(ticket) in group

    possible = False
    for kind in LOOKS:
        if one.on & ADMITS[kind] and two.on & ADMITS[kind]:
            must = [ask.scopes[kind], ask.formula(first, kind), ask.formula(second, kind)]
            earlier = set(ask.others(first, kind, above)) & set(ask.others(second, kind, above))
            witness, maybe = ask.witness(kind, must, sorted(earlier), above, holds)
            if witness is not None:
                return Overlap(one.name, two.name, witness)
            possible |= maybe
    return Overlap(one.name, two.name, None) if possible else None


def _unmatched(ask: Asker) -> tuple[Witness | None, bool]:
    """A ticket in scope that only the fallback takes; and if there is none, whether that is certain."""

    def holds(ticket: TicketCase) -> bool:
        return ask.taker(ticket) == ask.table.fallback.name

    certain, every = True, (1 << len(ask.table.entries)) - 1
    for kind in LOOKS:
        scope = [ask.scopes[kind]]
        guess = smallest(ask.sketches(kind, scope, (), Answer()), holds)
        if guess is not None:
            return guess, True
        witness, maybe = ask.witness(kind, scope, ask.beginning(kind), every, holds)
        if witness is not None:
            return witness, True
        certain &= not maybe
    return None, certain
