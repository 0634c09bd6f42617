"""What can be said of a whole routing table, exactly: each template's reach, peers that meet, what nobody takes.

A template *reaches* a ticket at a look that may begin its match, in scope, when no earlier template matches too that
may begin there or holds the ticket from the look before. What holds it is decided for new tickets under this revision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from runner.contract.conditions import All, Condition
from runner.contract.load import Revision
from runner.contract.policies import TicketField
from runner.engine.observation import ObservationKind
from runner.engine.routing import ADMITS, RoutingTable, routing_table
from runner.zones import zone
from validators.check.routing.asking import LOOKS, Answer, Asker, places
from validators.check.routing.history import History, Played
from validators.check.routing.holding import Holding
from validators.check.routing.left_out import left_out, scope_is_empty
from validators.check.routing.pointless import Pointless, pointless_in_scope, pointless_in_trigger
from validators.check.routing.search import QUESTION_LIMIT
from validators.check.routing.witness import Witness, smallest
from validators.simulate.explain import TicketCase

__all__ = ["Analysis", "Overlap", "Reach", "Reached", "analyse", "analyse_table"]

_MOST_NAMED = 12
"""Shadowing templates that are weighed against each other to name as few as possible."""
_KINDS = tuple(ADMITS)[:3]
"""Looks at a ticket that is there."""


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
    history: History | None = None
    """Looks that lead to a ticket that it gets, where an earlier template mostly holds those."""
    clash: tuple[int, ...] = ()
    """Of a template that never matches: as few parts of its condition as can never hold together."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two peers, and a ticket that both match and no earlier template takes; neither it nor a history if not known."""

    first: str
    second: str
    witness: Witness | None
    history: History | None = None
    """Looks that lead to it, where no single look at a ticket shows it."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All answers. `unmatched` is a ticket in scope that only the fallback takes, or None if there is none.

    `unmatched_history` leads to one that no single look at a ticket shows.

    `unmatched_known` is False if there may be one all the same. `steps` is the work done, the same on every machine.
    """

    reached: tuple[Reached, ...]
    overlaps: tuple[Overlap, ...]
    unmatched: Witness | None
    unmatched_known: bool
    pointless: tuple[Pointless, ...]
    steps: int
    unmatched_history: History | None = None
    empty_scope: bool = False
    """Whether no ticket can ever be in scope; then nothing else is asked."""
    left_out: tuple[tuple[str, Witness], ...] = ()
    """Templates that get tickets, each with one that it matches and the scope leaves out."""


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
    past = Holding(ask)
    if scope_is_empty(ask):
        return Analysis(
            reached=(),
            overlaps=(),
            unmatched=None,
            unmatched_known=True,
            pointless=(),
            steps=ask.work.total,
            empty_scope=True,
        )
    reached = tuple(_reached(past, place) for place in range(len(table.entries)))
    overlaps = tuple(overlap for group in peers for overlap in _overlaps(past, group))
    unmatched, history, known = _unmatched(past)
    pointless, outside = list(pointless_in_scope(ask)), []
    for place, each in enumerate(reached):
        if each.reach is Reach.REACHED:
            pointless.extend(pointless_in_trigger(ask, place))
            witness = left_out(ask, place)
            if witness is not None:
                outside.append((each.template, witness))
    return Analysis(
        reached, overlaps, unmatched, known, tuple(pointless), ask.work.total, history, left_out=tuple(outside)
    )


def _reached(past: Holding, place: int) -> Reached:
    """Whether a template can get a ticket. One ticket that it gets is enough, and mostly the first that comes up."""
    ask = past.ask
    earlier = ask.meeting(place) & ((1 << place) - 1)
    entry, certain, met = ask.table.entries[place], True, False
    kinds = [kind for kind in LOOKS if entry.on & ADMITS[kind]]
    for kind in kinds:
        answer = ask.first(kind, [ask.scopes[kind], ask.formula(place, kind)])
        certain &= answer.certain or answer.sketch is not None
        if answer.sketch is not None:
            met = True
            holding = kind is not ObservationKind.CREATED and earlier & ~ask.begin(kind)
            if not holding and ask.goes_to(answer.sketch) == entry.name:
                return Reached(entry.name, Reach.REACHED)
    if not met:
        return _outside(ask, place, kinds) if certain else Reached(entry.name, Reach.UNKNOWN)
    return _behind(past, place, earlier)


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


def _behind(past: Holding, place: int, earlier: int) -> Reached:
    """A template that matches something in scope: is there any that no earlier one takes?"""
    ask, name = past.ask, past.ask.table.entries[place].name
    covered = _covered(past, place, earlier, lambda played: played.taker == name)
    if isinstance(covered, History):
        return Reached(name, Reach.REACHED, history=covered)
    if covered is not True:
        return Reached(name, Reach.UNKNOWN if covered is None else Reach.REACHED)
    by = _by(past, place, earlier)
    names = tuple(ask.table.entries[each].name for each in by)
    return Reached(name, Reach.SHADOWED, names, _taken_away(ask, place, by))


def _taken_away(ask: Asker, place: int, by: Sequence[int]) -> Witness | None:
    """A ticket that a shadowed template matches, and one of those takes; or any earlier one that holds it already."""
    above = (1 << place) - 1
    takers = {ask.table.entries[each].name for each in by}
    for wanted in (takers, {entry.name for entry in ask.table.entries[:place]}):

        def holds(ticket: TicketCase, wanted: set[str] = wanted) -> bool:
            return ask.matches(place, ticket) and ask.taker(ticket) in wanted

        for kind in (kind for kind in LOOKS if ask.begin(kind) >> place & 1):
            must = [ask.scopes[kind], ask.formula(place, kind)]
            begin = [each for each in by if ask.begin(kind) >> each & 1]
            for each in [*begin, *(each for each in by if each not in begin)]:
                before = [other for other in ask.others(place, kind, (1 << each) - 1) if other not in by]
                witness, _ = ask.witness(kind, [*must, ask.formula(each, kind)], before, above, holds)
                if witness is not None:
                    return witness
    return None


def _covered(past: Holding, place: int, earlier: int, claim: Callable[[Played], bool] | None) -> bool | History | None:
    """Whether others take all that a template matches in scope; None if that is not known.

    With a claim, instead of False, a history of a ticket that it gets although earlier ones may hold such tickets.
    """
    ask, certain, condition = past.ask, True, past.ask.table.entries[place].condition
    for kind in (kind for kind in _KINDS if ask.begin(kind) >> place & 1):
        avoid = [ask.formula(each, kind, truth=False) for each in places(earlier & ask.begin(kind))]
        answer = ask.first(kind, [ask.scopes[kind], ask.formula(place, kind)], avoid)
        if answer.sketch is None:
            certain &= answer.certain
        elif kind is ObservationKind.CREATED or not earlier & ~ask.begin(kind):
            return False
        else:
            history, possible = past.free(kind, [condition], earlier, claim)
            if history is not None:
                return history
            certain &= not possible
    return True if certain else None


def _by(past: Holding, place: int, earlier: int) -> list[int]:
    """As few templates as it takes to cover one, in order; all if they are many."""
    meeting = [each for each in places(earlier) if _meet(past.ask, place, each)]
    for each in meeting:
        if _covered(past, place, 1 << each, None) is True:
            return [each]
    if len(meeting) <= _MOST_NAMED:
        for each in list(meeting):
            less = [other for other in meeting if other != each]
            if _covered(past, place, sum(1 << other for other in less), None) is True:
                meeting = less
    return meeting


def _meet(ask: Asker, place: int, other: int) -> bool:
    """Whether two match one ticket at a look at which the one may begin."""
    for kind in (kind for kind in _KINDS if ask.begin(kind) >> place & 1):
        if kind is not ObservationKind.CREATED or ask.begin(kind) >> other & 1:
            must = [ask.scopes[kind], ask.formula(place, kind), ask.formula(other, kind)]
            if ask.first(kind, must).sketch is not None:
                return True
    return False


def _overlaps(past: Holding, group: Sequence[str]) -> Iterator[Overlap]:
    """For each peer the first one before it in the list that matches a ticket that it matches too."""
    ask, names = past.ask, frozenset(group)
    members = [place for place, entry in enumerate(ask.table.entries) if entry.name in names]
    listed = 0
    for second in members:
        unknown: Overlap | None = None
        for first in places(ask.meeting(second) & listed):
            found = _overlap(past, first, second, (1 << members[0]) - 1, names)
            if found is not None and (found.witness or found.history):
                yield found
                break
            unknown = unknown or found
            if unknown is not None and ask.work.tired:
                yield unknown
                break
        else:
            if unknown is not None:
                yield unknown
        listed |= 1 << second


def _overlap(past: Holding, first: int, second: int, above: int, group: frozenset[str]) -> Overlap | None:
    ask = past.ask
    one, two = ask.table.entries[first], ask.table.entries[second]

    def holds(ticket: TicketCase) -> bool:
        return ask.matches(first, ticket) and ask.matches(second, ticket) and ask.taker(ticket) in group

    def claim(played: Played) -> bool:
        return played.taker in group and all(ask.eligible(each, played.seen, played.at) for each in (first, second))

    both = ask.meeting(first) & ask.meeting(second) & above
    possible = False
    for kind in LOOKS:
        begin = ask.begin(kind)
        if begin >> first & begin >> second & 1 or kind is ObservationKind.UPDATED:
            must = [ask.scopes[kind], ask.formula(first, kind), ask.formula(second, kind)]
            witness, maybe = ask.witness(kind, must, places(both & begin), above, holds)
            if witness is not None:
                return Overlap(one.name, two.name, witness)
            possible |= maybe and kind is ObservationKind.CREATED
    for kind in _KINDS[1:]:
        history, maybe = _later_overlap(past, kind, (first, second), both, claim)
        if history is not None:
            return Overlap(one.name, two.name, None, history)
        possible |= maybe
    return Overlap(one.name, two.name, None) if possible else None


def _later_overlap(
    past: Holding, kind: ObservationKind, pair: tuple[int, int], above: int, claim: Callable[[Played], bool]
) -> tuple[History | None, bool]:
    """The same at a look at a ticket that is not new: nobody holds it from before who comes first, or one of both."""
    ask, begin = past.ask, past.ask.begin(kind)
    conditions: list[Condition] = [ask.table.entries[each].condition for each in pair]
    beginning = [each for each in pair if begin >> each & 1]
    if not beginning:
        return None, False
    holder = next((each for each in pair if each not in beginning), None)
    if holder is None:
        return past.free(kind, conditions, above, claim)
    return past.held(kind, holder, [ask.table.entries[beginning[0]].condition], above, claim)


def _unmatched(past: Holding) -> tuple[Witness | None, History | None, bool]:
    """A ticket in scope that only the fallback takes; and if there is none, whether that is certain."""
    ask, fallback = past.ask, past.ask.table.fallback

    def holds(ticket: TicketCase) -> bool:
        return ask.taker(ticket) == fallback.name

    certain, every = True, (1 << len(ask.table.entries)) - 1
    for kind in LOOKS:
        scope = [ask.scopes[kind]]
        guess = smallest(ask.sketches(kind, scope, (), Answer()), holds)
        if guess is not None:
            return guess, None, True
        witness, maybe = ask.witness(kind, scope, places(ask.begin(kind)), every, holds)
        if witness is not None:
            return witness, None, True
        certain &= not maybe or kind is not ObservationKind.CREATED
    for kind in (kind for kind in _KINDS[1:] if fallback.on & ADMITS[kind]):
        history, maybe = past.free(kind, [fallback.condition], every, lambda played: played.taker == fallback.name)
        if history is not None:
            return None, history, True
        certain &= not maybe
    return None, None, certain
