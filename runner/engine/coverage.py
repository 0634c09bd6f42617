"""Who is on call over a span of time, as exact pieces: from every instant at which the answer could change to the next.

Nothing is sampled, and nothing is decided here: `Roster.on_call` answers for each piece. This only knows when to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from runner.contract.roster_form import LayerOf, RosterForm
from runner.contract.values import OwnerRef
from runner.engine.roster import Nobody, Person, Roster
from runner.engine.wall_clock import first_instant, how_often, wall_clock

__all__ = ["OddHandover", "Piece", "coverage", "odd_handovers"]

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Piece:
    """The same answer from an instant (included) until another (excluded)."""

    start: datetime
    end: datetime
    who: Person | Nobody


@dataclass(frozen=True, slots=True)
class OddHandover:
    """A hand-over at a naive local time that the clock skips or shows twice, and the UTC instant of it."""

    local: datetime
    at: datetime
    missing: bool
    """True: the local time does not exist on that day; False: it comes twice."""
    version: int = 0
    """Which version of the rotation has it; 0 is the one before any `effective_from`."""
    layer: int = 0
    """Which layer of the version; 0 is the lowest."""


def coverage(roster: Roster, ref: OwnerRef, start: datetime, end: datetime) -> tuple[Piece, ...]:
    """Whom a reference means at every instant of [start, end), in order and without a gap; neighbours differ.

    `start` and `end` are aware; nothing if `end` is not later.
    """
    if end <= start:
        return ()
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    instants = sorted({at for at in _changes(roster, ref, start, end) if start < at < end})
    pieces: list[Piece] = []
    for begin, stop in zip([start, *instants], [*instants, end], strict=True):
        who = roster.on_call(ref, begin)
        if pieces and pieces[-1].who == who:
            pieces[-1] = Piece(pieces[-1].start, stop, who)
        else:
            pieces.append(Piece(begin, stop, who))
    return tuple(pieces)


def odd_handovers(roster: Roster, rotation: str, start: datetime, end: datetime) -> tuple[OddHandover, ...]:
    """The hand-overs of a rotation in [start, end) whose local time does not exist or comes twice, in order."""
    zone = roster.turns[rotation].zone
    found: list[OddHandover] = []
    for version, begins, until, layers in _versions(roster, rotation, start, end):
        for position, layer in enumerate(layers):
            for local in _handovers(layer, begins, until):
                times = how_often(local, zone)
                if times != 1 and start <= first_instant(local, zone) < end:
                    at = first_instant(local, zone)
                    found.append(OddHandover(local, at, times == 0, version, position))
    return tuple(sorted(found, key=lambda each: (each.at, each.version, each.layer)))


def _changes(roster: Roster, ref: OwnerRef, start: datetime, end: datetime) -> Iterator[datetime]:
    """Instants at which the answer may change; too many do no harm, and some lie outside the span."""
    form = roster.form
    for absence in form.absences:
        yield from (absence.start, absence.end)
    if ref.rotation is None:
        return
    reached = _kept_apart(form, ref.rotation)
    for swap in form.swaps:
        if swap.rotation in reached:
            yield from (swap.start, swap.end)
    for name in reached:
        for override in form.rotations[name].overrides:
            yield from (override.start, override.end)
        zone = roster.turns[name].zone
        for local in _turning(roster, name, start, end):
            yield first_instant(local, zone)


def _kept_apart(form: RosterForm, rotation: str) -> list[str]:
    """A rotation and all on which its answer depends, as far as they exist."""
    reached: list[str] = []
    waiting = [rotation]
    while waiting:
        name = waiting.pop()
        if name in form.rotations and name not in reached:
            reached.append(name)
            waiting.extend(form.rotations[name].apart_from)
    return reached


def _turning(roster: Roster, rotation: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """The local times, naive, at which the turns of a rotation may change."""
    for _, begins, until, layers in _versions(roster, rotation, start, end):
        yield begins
        for layer in layers:
            yield datetime.fromisoformat(layer.starts)
            yield from _handovers(layer, begins, until)
            yield from _windows(layer, begins, until)


def _versions(
    roster: Roster, rotation: str, start: datetime, end: datetime
) -> Iterator[tuple[int, datetime, datetime, tuple[LayerOf, ...]]]:
    """The versions in force at some time of the span: number, from, until (local, naive), and their layers."""
    form, zone = roster.form.rotations[rotation], roster.turns[rotation].zone
    first, last = wall_clock(start, zone), wall_clock(end, zone)
    begins = [each.effective_from for each in form.versions]
    edges = [first if text is None else datetime.fromisoformat(text) for text in begins]
    for number, (begin, until) in enumerate(zip(edges, [*edges[1:], last], strict=True)):
        if begin <= last and until >= first:
            yield number, max(begin, first), min(until, last), form.versions[number].layers


def _handovers(layer: LayerOf, start: datetime, end: datetime) -> Iterator[datetime]:
    """The local times of hand-over from `start` to `end`, both included, from the layer's own beginning on."""
    length = timedelta(minutes=layer.length_minutes)
    anchor, starts = datetime.fromisoformat(layer.anchor), datetime.fromisoformat(layer.starts)
    start = max(start, starts)
    local = anchor + -(-(start - anchor) // length) * length
    while local <= end:
        yield local
        local += length


def _windows(layer: LayerOf, start: datetime, end: datetime) -> Iterator[datetime]:
    """The local times at which a layer begins or ceases to count, within a week around the span."""
    if not layer.only:
        return
    monday = datetime.combine(date.fromordinal(start.toordinal() - start.weekday()), datetime.min.time())
    while monday <= end:
        for opens, closes in layer.only:
            yield monday + timedelta(minutes=opens)
            yield monday + timedelta(minutes=closes)
        monday += _WEEK
