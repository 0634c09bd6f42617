"""Asks one question of a routing table at a time: finds looks, makes tickets of them, and lets the engine judge those.

Draws no conclusion about templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from runner.contract.conditions import Condition, required_values
from runner.contract.policies import TicketField
from runner.engine.conditions import Value, compile_condition
from runner.engine.observation import Observation, ObservationKind
from runner.engine.routing import ADMITS, Match, NoMatch, NoMatchReason, RoutingTable, admits, route
from validators.check.routing.domains import domains
from validators.check.routing.formula import Formula, Translator
from validators.check.routing.search import Searcher, Work, WorkLimit
from validators.check.routing.witness import Sketch, Witness, sketch, smallest
from validators.simulate.explain import TicketCase, look

__all__ = ["LOOKS", "Answer", "Asker", "places"]

LOOKS = (ObservationKind.CREATED, ObservationKind.UPDATED)
"""Looks that a ticket file can show. Whatever may begin when only time has passed may also begin at an update."""
_MOST_TRIED = 16
"""Tickets that are tried, each with so many pasts, where an earlier template may hold on to them."""


@dataclass(slots=True)
class Answer:
    """What a search has found: nothing, and whether that is a proof."""

    sketch: Sketch | None = None
    certain: bool = True


class Asker:
    """A routing table with everything that questions about it share. `work` counts the steps."""

    def __init__(self, table: RoutingTable, fields: Mapping[str, TicketField], limit: int) -> None:
        self.table = table
        self.fields = fields
        self.work = Work(limit)
        self.domains = domains(fields, [table.scope, *(entry.condition for entry in table.entries)])
        self._searchers = {kind: Searcher(self.domains, kind, table.hours, self.work) for kind in ADMITS}
        self._translators = {kind: Translator(self.domains, kind) for kind in ADMITS}
        self._formulas: dict[tuple[int, ObservationKind, bool], Formula] = {}
        self.scopes = {kind: each.formula(table.scope) for kind, each in self._translators.items()}
        self._pins = [required_values(entry.condition) for entry in table.entries]
        self._index = _Index(self._pins)
        self._places: Mapping[str | None, int] = {entry.name: place for place, entry in enumerate(table.entries)}
        self._begin = {
            kind: sum(1 << place for place, entry in enumerate(table.entries) if entry.on & admitted)
            for kind, admitted in ADMITS.items()
        }

    def formula(self, place: int, kind: ObservationKind, *, truth: bool = True) -> Formula:
        """What it takes that a template's condition holds at such a look, or does not."""
        key = (place, kind, truth)
        if key not in self._formulas:
            condition = self.table.entries[place].condition
            self._formulas[key] = self._translators[kind].formula(condition, truth=truth)
        return self._formulas[key]

    def translated(self, condition: Condition, kind: ObservationKind, *, truth: bool = True) -> Formula:
        """What it takes that any condition over the same fields holds at such a look, or does not."""
        return self._translators[kind].formula(condition, truth=truth)

    def sketches(
        self, kind: ObservationKind, must: Sequence[Formula], avoid: Sequence[Formula], answer: Answer
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

    def first(self, kind: ObservationKind, must: Sequence[Formula], avoid: Sequence[Formula] = ()) -> Answer:
        """The first look of a kind."""
        answer = Answer()
        answer.sketch = next(self.sketches(kind, must, avoid, answer), None)
        return answer

    def begin(self, kind: ObservationKind) -> int:
        """The templates that may begin at such a look, as a mask."""
        return self._begin[kind]

    def place(self, name: str | None) -> int | None:
        """Where a template stands in the order; None for the fallback and for nobody."""
        return self._places.get(name)

    def meeting(self, place: int) -> int:
        """The templates that the listed values do not keep apart from one, as a mask."""
        return self._index.meeting(self._pins[place])

    def others(self, place: int, kind: ObservationKind, among: int) -> list[int]:
        """Those of some templates that may begin at such a look, and that the listed values do not keep apart."""
        return places(self._index.meeting(self._pins[place]) & among & self._begin[kind])

    def witness(
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
        free = [self.formula(place, kind, truth=False) for place in places(holding & ~self._begin[kind])]
        answer, counted = Answer(), _Counted(iter(()))
        for more in ([*denied, *free], denied) if free else (denied,):
            answer = Answer()
            counted = _Counted(self.sketches(kind, must, more, answer))
            witness = smallest(counted, holds)
            if witness is None and counted.some and free and kind is ObservationKind.UPDATED and not self.work.tired:
                several = islice(self.sketches(kind, must, more, Answer()), _MOST_TRIED)
                witness = smallest((each.was(b) for each in several for b in self.pasts), holds, _MOST_TRIED**2)
            if witness is not None:
                return witness, True
        return None, counted.some or not answer.certain

    @cached_property
    def pasts(self) -> list[Mapping[str, Value]]:
        """What a ticket may have been before so that one template or another had it, or none: examples of each."""
        kind = ObservationKind.CREATED
        scope, outside = self.scopes[kind], self._translators[kind].formula(self.table.scope, truth=False)
        asked: list[list[Formula]] = [[outside], [scope]]
        for truth in (True, False):
            asked += [[scope, self.formula(place, kind, truth=truth)] for place in places(self._begin[kind])]
        found = [self.first(kind, must).sketch for must in asked[:_MOST_TRIED]]
        return [each.after for each in found if each is not None]

    # judged by the engine

    def goes_to(self, each: Sketch) -> str | None:
        """Who takes the ticket at a look, if nobody had it before."""
        taken = route(self.table, each.seen(), each.at)
        return taken.template if isinstance(taken, Match) else None

    def matches(self, place: int, ticket: TicketCase) -> bool:
        """Whether a template's trigger says yes to the ticket, in scope or not."""
        seen, _ = look(self.table, self.fields, ticket)
        return self.eligible(place, seen, ticket.at)

    def eligible(self, place: int, seen: Observation, at: datetime) -> bool:
        """Whether a template would take what is seen, if none came before it."""
        entry = self.table.entries[place]
        return admits(entry, seen) and compile_condition(entry.condition, self.table.hours)(seen.facts(at))

    def is_out(self, ticket: TicketCase) -> bool:
        """Whether the ticket is out of scope."""
        seen, _ = look(self.table, self.fields, ticket)
        return route(self.table, seen, ticket.at) == NoMatch(NoMatchReason.OUT_OF_SCOPE)

    def taker(self, ticket: TicketCase) -> str | None:
        """Who takes the ticket."""
        seen, _ = look(self.table, self.fields, ticket)
        taken = route(self.table, seen, ticket.at)
        return taken.template if isinstance(taken, Match) else None


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


def places(mask: int) -> list[int]:
    """The positions of the bits of a mask, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
