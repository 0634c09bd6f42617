"""A look as a ticket that `surety explain` takes, with as few fields as possible, and plain values.

A witness that the engine does not confirm is never given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from runner.contract.values import format_instant
from runner.engine.conditions import Value
from runner.engine.observation import Observation, ObservationKind
from validators.check.routing.box import Box
from validators.check.routing.domains import ABSENT, Domain
from validators.check.routing.formula import BEFORE_UPDATED, CREATED, NOW, UPDATED, microseconds, since
from validators.check.routing.search import Found
from validators.check.routing.texts import plain_text
from validators.check.routing.times import ANCHOR
from validators.simulate.explain import TicketCase

__all__ = ["Sketch", "Witness", "readings", "sketch", "smallest"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Witness:
    """A ticket for which the engine gives the claimed answer."""

    ticket: TicketCase

    @property
    def text(self) -> str:
        """The ticket as a file for `surety explain`: one line of JSON."""
        ticket, whole = self.ticket, {"at": _plain(self.ticket.at)}
        document: dict[str, object] = dict(whole)
        if ticket.before is not None:
            document["before"] = {name: _shown(value) for name, value in ticket.before.items()}
        if ticket.changed_at:
            document["changed_at"] = {name: _plain(at) for name, at in ticket.changed_at.items()}
        document["after"] = {name: _shown(value) for name, value in ticket.after.items()}
        return json.dumps(document, ensure_ascii=False)

    @property
    def size(self) -> int:
        """How many fields it sets."""
        return _size(self.ticket)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A look with its values chosen, before anybody has verified it."""

    kind: ObservationKind
    at: datetime
    created: datetime
    updated: datetime
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    since: Mapping[str, datetime]
    before_updated: datetime | None
    fixed: frozenset[str] = frozenset()
    """Fields of which it matters what they were before."""

    def was(self, reading: Mapping[str, Value]) -> Sketch:
        """The same look at a ticket that was otherwise before, where that does not matter."""
        free = {name: value for name, value in reading.items() if name not in self.fixed}
        return replace(self, before={**free, **{name: self.before[name] for name in self.fixed & self.before.keys()}})

    def seen(self) -> Observation:
        """The look as the engine takes it, with no template that had the ticket before."""
        own = {"created_at": format_instant(self.created), "updated_at": format_instant(self.updated)}
        after = {**own, **self.after}
        if self.kind is ObservationKind.CREATED:
            changed = dict.fromkeys(after, self.created)
            return Observation("ticket", "1", self.kind, self.created, {}, after, changed)
        earlier = self.before_updated or self.created
        if self.kind is ObservationKind.UNCHANGED:
            earlier = self.updated
        before = {**own, "updated_at": format_instant(earlier), **self.before}
        changed = {
            name: self.updated if before.get(name) != value else self.since.get(name, self.created)
            for name, value in after.items()
        }
        return Observation("ticket", "2", self.kind, self.created, before, after, changed)

    def ticket(self) -> TicketCase:
        """The look as a ticket; not for one at which nothing changed."""
        after: dict[str, object] = {}
        if self.created != self.at:
            after["created_at"] = format_instant(self.created)
        if self.updated != self.at:
            after["updated_at"] = format_instant(self.updated)
        before: dict[str, object] | None = None
        if self.kind is not ObservationKind.CREATED:
            before = dict(self.before)
            if self.before_updated is not None:
                before["updated_at"] = format_instant(self.before_updated)
        after |= self.after
        held = {name: at for name, at in self.since.items() if at != self.created}
        return TicketCase(self.at, self.created, self.updated, after, before, self.before_updated, held)


def sketch(found: Found, domains: Mapping[str, Domain]) -> Sketch:
    """The plainest look in a box."""
    box, chosen = found.box, found.instants
    at = chosen.get(NOW, ANCHOR)
    created = chosen.get(CREATED, at)
    fields = sorted((box.after.keys() | box.before.keys() | box.rel.keys() | chosen.keys()) & domains.keys())
    before: dict[str, Value] = {}
    after: dict[str, Value] = {}
    for name in fields:
        if name not in (CREATED, UPDATED):
            earlier, later = _values(box, domains[name], chosen.get(name, at))
            if earlier is not None:
                before[name] = earlier
            if later is not None:
                after[name] = later
    if box.space.kind is ObservationKind.UNCHANGED:
        before = dict(after)
    held = {name: _instant(chosen[since(name)]) for name in fields if since(name) in chosen}
    asked = any(BEFORE_UPDATED in (later, earlier) for later, earlier, _ in box.times)
    return Sketch(
        box.space.kind, _instant(at), _instant(created), _instant(chosen.get(UPDATED, at)), before, after, held,
        _instant(chosen[BEFORE_UPDATED]) if asked else None,
        frozenset(box.before.keys() | box.rel.keys()),
    )  # fmt: skip


def readings(
    found: Found, every: Mapping[str, Domain], name: Callable[[str], str], at: datetime
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What a ticket was before another look than the last, and at it, as far as that is asked for."""
    before: dict[str, Value] = {}
    after: dict[str, Value] = {}
    box, plain = found.box, {field: each for field, each in every.items() if name(field) in every}
    for field in plain.keys() - {CREATED, UPDATED}:
        other = name(field)
        if other in box.after or other in box.before or other in box.rel or other in found.instants:
            earlier, later = _values(box, every[other], found.instants.get(other, microseconds(at)))
            before |= {} if earlier is None else {field: earlier}
            after |= {} if later is None else {field: later}
    return before, after


def _values(box: Box, domain: Domain, instant: int) -> tuple[Value, Value]:
    """A field's value before and after; None for absent."""
    name, left, earlier = domain.name, box.left(domain.name), box.left_before(domain.name)
    if box.rel.get(name) is True or box.space.kind is ObservationKind.UNCHANGED:
        value = _value(box, domain, _lowest(left), instant)
        return value, value
    after_bit, before_bit = _lowest(left), _lowest(earlier)
    if box.rel.get(name) is False and after_bit == before_bit:
        if earlier & ~after_bit:
            before_bit = _lowest(earlier & ~after_bit)
            if before_bit != ABSENT and earlier & ABSENT:  # absent is the plainest value before
                before_bit = ABSENT
        elif left & ~before_bit:
            after_bit = _lowest(left & ~before_bit)
        else:
            return _two(box, domain, after_bit, instant)
        if after_bit == ABSENT and earlier & ABSENT and left & ~ABSENT:
            after_bit, before_bit = _lowest(left & ~ABSENT), ABSENT
    return _earlier(box, domain, before_bit, instant), _value(box, domain, after_bit, instant)


def _lowest(mask: int) -> int:
    return mask & -mask


def _value(box: Box, domain: Domain, bit: int, instant: int) -> Value:
    if bit == ABSENT:
        return None
    if domain.sort == "instant":
        return format_instant(_instant(instant))
    if bit != domain.other:
        return domain.value(bit)
    patterns = box.fits.get(domain.name, (frozenset(), frozenset()))
    return box.space.text(domain.name, *patterns)


def _earlier(box: Box, domain: Domain, bit: int, instant: int) -> Value:
    if bit != domain.other or bit == ABSENT:
        return _value(box, domain, bit, instant)
    return plain_text([str(text) for text in domain.bits])


def _two(box: Box, domain: Domain, bit: int, instant: int) -> tuple[Value, Value]:
    """Two different values of one class."""
    after = _value(box, domain, bit, instant)
    if domain.sort == "instant":
        return format_instant(_instant(instant) - timedelta(days=1)), after
    if domain.sort == "number":
        return domain.second(bit), after
    return plain_text([*(str(text) for text in domain.bits), str(after)]), after


def smallest(sketches: Iterator[Sketch], holds: Callable[[TicketCase], bool], most: int = 8) -> Witness | None:
    """The smallest of the first few tickets for which a claim holds, and nothing in it that it needs not; else None."""
    best: TicketCase | None = None
    for _, each in zip(range(most), sketches, strict=False):
        ticket = each.ticket()
        if holds(ticket) and (best is None or _size(ticket) < _size(best)):
            best = ticket
            if not _size(best):
                break
    return None if best is None else Witness(_shrunk(best, holds))


def _shrunk(ticket: TicketCase, holds: Callable[[TicketCase], bool]) -> TicketCase:
    """Without each value that the claim does not need."""
    for name in list(ticket.before or ()):
        if name != "updated_at":
            less = replace(ticket, before={key: v for key, v in (ticket.before or {}).items() if key != name})
            ticket = less if holds(less) else ticket
    for name in list(ticket.after):
        if name not in (CREATED, UPDATED):
            less = replace(ticket, after={key: v for key, v in ticket.after.items() if key != name})
            ticket = less if holds(less) else ticket
    return ticket


def _size(ticket: TicketCase) -> int:
    return len(ticket.after) + len(ticket.before or ()) + len(ticket.changed_at)


def _instant(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def _plain(at: datetime) -> str:
    text = format_instant(at)
    return text.replace(".000000Z", "Z")


def _shown(value: object) -> object:
    return value.replace(".000000Z", "Z") if isinstance(value, str) else value
