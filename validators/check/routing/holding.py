"""Who may hold a ticket from looks before: finds histories in which a template holds it, or none that matters does.

A history begins with a new ticket, which nobody holds, under the one revision, and the ticket is never gone. What may
begin a match when nobody holds the ticket is not asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from runner.contract.conditions import Condition
from runner.engine.conditions import Value
from runner.engine.observation import ObservationKind
from validators.check.routing.asking import Asker, places
from validators.check.routing.domains import Domain
from validators.check.routing.formula import (
    BEFORE_UPDATED,
    BETWEEN,
    FIRST_NOW,
    FIRST_UPDATED,
    MIDDLE_BEFORE,
    MIDDLE_NOW,
    MIDDLE_UPDATED,
    NOW,
    THEN,
    Formula,
    Translator,
    disjunction,
    first,
    middle,
    renamed,
    since,
)
from validators.check.routing.history import History, Look, Played, led_to, played
from validators.check.routing.search import Found, Searcher, WorkLimit
from validators.check.routing.times import ANCHOR
from validators.check.routing.witness import readings, sketch

__all__ = ["Claim", "Holding"]

Claim = Callable[[Played], bool]
"""What a history is to show at its last look."""
Answered = tuple[History | None, bool]
"""A history, and if there is none, whether there might be one all the same."""
_NEW, _AGAIN, _STILL = ObservationKind.CREATED, ObservationKind.UPDATED, ObservationKind.UNCHANGED
_MOST_HOLDERS = 64
"""So many templates that may hold a ticket are weighed for one question; more are not known."""
_PLAYED = 20
"""Steps that a history counts for which the engine plays."""
_MOST_TRIED = 8
"""Looks that are tried with the engine before one more of those is taken as not known."""


@dataclass(frozen=True, slots=True)
class _Voice:
    """Speaks of the templates at one look of several."""

    ask: Asker
    translator: Translator
    name: Callable[[str], str] | None = None
    """How the fields of this look are called, if they are not those of the last."""

    def of(self, condition: Condition, *, truth: bool = True) -> Formula:
        spoken = self.translator.formula(condition, truth=truth)
        return spoken if self.name is None else renamed(spoken, self.name)

    def template(self, place: int, *, truth: bool = True) -> Formula:
        return self.of(self.ask.table.entries[place].condition, truth=truth)

    def scope(self, *, truth: bool = True) -> Formula:
        return self.of(self.ask.table.scope, truth=truth)


class Holding:
    """Questions about who holds a ticket, over one table."""

    def __init__(self, ask: Asker) -> None:
        self.ask = ask
        both: Mapping[str, Domain] = {
            **ask.domains,
            **{
                call(name): replace(each, name=call(name))
                for name, each in ask.domains.items()
                for call in (first, middle)
            },
        }
        self._both = both
        self._searchers = {kind: Searcher(both, kind, ask.table.hours, ask.work) for kind in (_NEW, _AGAIN)}
        self._new = _Voice(ask, Translator(ask.domains, _NEW), first)
        self._middle = _Voice(ask, Translator(ask.domains, _AGAIN), middle)

    def _voices(self, kind: ObservationKind) -> tuple[_Voice, _Voice, _Voice]:
        """The look that finds the last change, one in between, and one now that finds nothing changed."""
        domains = self.ask.domains
        then, between = Translator(domains, kind, THEN), Translator(domains, kind, BETWEEN, still=True)
        return (
            _Voice(self.ask, then), _Voice(self.ask, between),
            _Voice(self.ask, Translator(domains, kind, still=True)),
        )  # fmt: skip

    # nobody holds the ticket who would take it

    def free(self, kind: ObservationKind, must: Sequence[Condition], mask: int, claim: Claim | None) -> Answered:
        """A look that fulfils `must`, in scope, which no template of `mask` takes, beginning there or holding.

        Without a claim it is only asked whether there may be one.
        """
        found: Answered = None, False
        for last in (_NEW, _AGAIN) if kind is _STILL else (_AGAIN,):
            history, possible = self._free(kind, last, must, mask, claim)
            if history is not None:
                return history, True
            found = None, found[1] or possible
        return found

    def _free(
        self, kind: ObservationKind, last: ObservationKind, must: Sequence[Condition], mask: int, claim: Claim | None
    ) -> Answered:
        now = self._voices(last)[2] if kind is _STILL else _Voice(self.ask, Translator(self.ask.domains, _AGAIN))
        begin = self.ask.begin(kind)
        wanted = [now.scope(), *map(now.of, must)]
        avoid = [now.template(place, truth=False) for place in places(mask & begin)]
        holders = places(mask & ~begin)
        if claim is None:
            if len(holders) > _MOST_HOLDERS:
                return None, True
            lost = [each for each in (self._lost(kind, last, place, now) for place in holders) if each is not None]
            some = next(self._found(last, [*wanted, *lost], avoid, note := _Note()), None)
            return None, some is not None or not note.certain
        weighed: dict[int, Formula] = {}
        for _ in range(_MOST_HOLDERS):
            note, blocking = _Note(), None
            for each in islice(self._found(last, [*wanted, *weighed.values()], avoid, note), _MOST_TRIED):
                for history in self._histories(kind, last, each):
                    seen = self._played(history, note)
                    if seen is None:
                        return None, True
                    if claim(seen):
                        return history, True
                    place = self.ask.place(seen.holder)
                    if blocking is None and place in holders and place not in weighed:
                        lost_there = self._lost(kind, last, place, now)
                        if lost_there is not None:
                            blocking = place, lost_there
                            break
                note.some = True
                if blocking is not None:
                    break
            if blocking is None:
                return None, note.some or not note.certain
            weighed[blocking[0]] = blocking[1]
        return None, True

    def _lost(self, kind: ObservationKind, last: ObservationKind, place: int, now: _Voice) -> Formula | None:
        """What it takes that a template does not hold a ticket that it would take; None if it never holds it then."""
        ask, meeting = self.ask, self.ask.meeting(place) & ((1 << place) - 1)
        parts = [now.template(place, truth=False)]
        again = ask.begin(_AGAIN) >> place & 1
        if last is _AGAIN and not again:  # it has held the ticket from the first look on, at every look
            parts += self._not_taken(self._new, place, meeting & ask.begin(_NEW))
            parts += self._not_taken(self._middle, place, meeting & ask.begin(_AGAIN))
        if kind is _STILL:
            then, between, _ = self._voices(last)
            if not ask.begin(last) >> place & 1 and last is _NEW:
                return None
            # What listens to new tickets alone may come before it, if it holds the ticket.
            only_new = meeting & ~ask.begin(_AGAIN) if last is _AGAIN else 0
            parts += self._not_taken(then, place, meeting & (ask.begin(last) | only_new))
            parts += self._not_taken(between, place, meeting & ask.begin(_STILL))
        return disjunction(parts)

    @staticmethod
    def _not_taken(voice: _Voice, place: int, earlier: int) -> list[Formula]:
        """The ways in which a template does not take a ticket that it may take at a look."""
        own = [voice.scope(truth=False), voice.template(place, truth=False)]
        return [*own, *map(voice.template, places(earlier))]

    # one template holds it

    def held(self, kind: ObservationKind, holder: int, must: Sequence[Condition], mask: int, claim: Claim) -> Answered:
        """A look that fulfils `must`, in scope, at which a template matches that may not begin there but holds.

        No template of `mask` takes the ticket, beginning there.
        """
        answer: Answered = None, False
        for last in (_NEW, _AGAIN) if kind is _STILL else (_AGAIN,):
            if kind is _STILL and last is _NEW and not self.ask.begin(_NEW) >> holder & 1:
                continue
            history, possible = self._held(kind, last, holder, must, mask, claim)
            if history is not None:
                return history, True
            answer = None, answer[1] or possible
        return answer

    def _held(  # noqa: PLR0917 - the kinds of two looks, and a question
        self,
        kind: ObservationKind,
        last: ObservationKind,
        holder: int,
        must: Sequence[Condition],
        mask: int,
        claim: Claim,
    ) -> Answered:
        ask, below = self.ask, (1 << holder) - 1
        now = self._voices(last)[2] if kind is _STILL else _Voice(ask, Translator(ask.domains, _AGAIN))
        wanted = [now.scope(), now.template(holder), *map(now.of, must)]
        avoid = [now.template(place, truth=False) for place in places(mask & ask.begin(kind))]
        if kind is _STILL:
            took, begins = self._voices(last)[0], ask.begin(last)
            wanted += [took.scope(), took.template(holder)]
            if begins >> holder & 1:
                earlier = places(ask.meeting(holder) & below & begins)
                avoid += [took.template(place, truth=False) for place in earlier]
        if kind is _AGAIN or not ask.begin(last) >> holder & 1:
            earlier = places(ask.meeting(holder) & below & ask.begin(_NEW))
            wanted += [self._new.scope(), self._new.template(holder)]
            avoid += [self._new.template(place, truth=False) for place in earlier]
        note = _Note()
        for each in islice(self._found(last, wanted, avoid, note), _MOST_TRIED):
            note.some = True
            for history in self._histories(kind, last, each):
                seen = self._played(history, note)
                if seen is None:
                    return None, True
                if claim(seen):
                    return history, True
        return None, note.some or not note.certain

    # looks as the engine takes them

    def _found(
        self, kind: ObservationKind, must: Sequence[Formula], avoid: Sequence[Formula], note: _Note
    ) -> Iterator[Found]:
        searcher = self._searchers[kind]
        searcher.undecided = False
        self.ask.work.question = 0
        try:
            yield from searcher.find(must, avoid)
        except WorkLimit:
            note.certain = False
        note.certain &= not searcher.undecided

    def _played(self, history: History, note: _Note) -> Played | None:
        """What the engine makes of a history; None beyond the limit of work."""
        try:
            self.ask.work.spend(_PLAYED * len(history.looks))
        except WorkLimit:
            note.certain = False
            return None
        return played(self.ask.table, self.ask.fields, history)

    def _histories(self, kind: ObservationKind, last: ObservationKind, found: Found) -> Iterator[History]:
        """Histories that end in such a look: with the new ticket that was found, or another that may do."""
        ask, chosen = self.ask, found.instants
        each = sketch(found, ask.domains)
        then = _instant(chosen.get(THEN, chosen.get(NOW, ANCHOR)))
        between = [_instant(chosen[BETWEEN])] if BETWEEN in chosen else []
        after = [Look(at, each.updated, each.after, touched=False) for at in (*between, each.at)]
        if last is _NEW:
            yield History(each.created, (Look(then, each.updated, each.after), *after))
            return
        if kind is not _STILL:
            after, then = [], each.at
        changed_before = _instant(chosen[BEFORE_UPDATED]) if BEFORE_UPDATED in chosen else each.created
        first_updated = _instant(chosen[FIRST_UPDATED]) if FIRST_UPDATED in chosen else each.created
        first_at = _instant(chosen[FIRST_NOW]) if FIRST_NOW in chosen else first_updated
        held = {name: at for name, at in each.since.items() if since(name) in chosen}
        _, was = readings(found, self._both, first, first_at)
        through = (
            self._through(found, max(first_updated, each.created)) if MIDDLE_NOW in chosen or self._turns(found) else ()
        )
        for new in (was, {**each.after, **was}, *ask.pasts):
            fixed = {name: each.before[name] for name in each.fixed & each.before.keys()}
            free = {name: value for name, value in new.items() if name not in each.fixed}
            for before in ({**free, **fixed}, each.before):
                # A ticket that was new as it is before, or that has become so.
                for start in (before, new):
                    looks: Sequence[Look] = [Look(first_at, first_updated, start)]
                    for turn in (*through, (before, held, max(changed_before, first_updated), None)):
                        looks = [*looks[:-1], *led_to(each.created, looks[-1], *turn[:3])]
                        looks = looks if turn[3] is None else [*looks, turn[3]]
                    if looks[-1].at <= then:
                        yield History(each.created, (*looks, Look(then, each.updated, each.after), *after))

    @staticmethod
    def _turns(found: Found) -> bool:
        """Whether a look between the first and the last change plays a part."""
        box = found.box
        return any(name.startswith("middle ") for facts in (box.after, box.before, box.rel) for name in facts)

    def _through(self, found: Found, updated: datetime) -> Sequence[_Turn]:
        """That look: what the ticket becomes before it, since when, when it was changed, and the look."""
        chosen = found.instants
        now, changed, earlier = (
            _instant(chosen[name]) if name in chosen else updated
            for name in (MIDDLE_NOW, MIDDLE_UPDATED, MIDDLE_BEFORE)
        )
        before, after = readings(found, self._both, middle, now)
        held = {
            name: _instant(chosen[middle(since(name))]) for name in self.ask.domains if middle(since(name)) in chosen
        }
        return ((before, held, earlier, Look(now, changed, after)),)


_Turn = tuple[Mapping[str, Value], Mapping[str, datetime], datetime, Look | None]
"""What a ticket becomes, since when, when it is changed last, and the look that follows."""


@dataclass(slots=True)
class _Note:
    """Whether anything was found, and whether a search has gone to its end."""

    some: bool = False
    certain: bool = True


def _instant(number: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
