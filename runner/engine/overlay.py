"""The overlay: absences, swaps and overrides that people enter while the runner runs, as an append-only stream.

An entry is never changed and never removed; what it says can only end earlier, from now on. What makes no sense is
refused in words. Lays the entries over a compiled roster; who is on call then is decided in `roster`. Reads no clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from runner.contract.canonical import canonical, digest_of
from runner.contract.roster_form import AbsenceOf, OverrideOf, RosterForm, RotationOf, SwapOf
from runner.contract.values import Closed, Instant, format_instant

__all__ = [
    "AbsenceEntry",
    "EndEntry",
    "Entry",
    "Overlay",
    "OverlayBroken",
    "OverlayReason",
    "OverlayRefused",
    "OverrideEntry",
    "Span",
    "SwapEntry",
    "check_entry",
    "concerned",
    "with_overlay",
]


class AbsenceEntry(Closed):
    """A person is away from an instant (included) until another (excluded)."""

    type: Literal["absence"] = "absence"
    person: str
    start: Instant
    end: Instant


class SwapEntry(Closed):
    """`person` has the turns of `instead_of` in a rotation from an instant (included) until another (excluded)."""

    type: Literal["swap"] = "swap"
    rotation: str
    person: str
    instead_of: str
    start: Instant
    end: Instant


class OverrideEntry(Closed):
    """`person` is on call in a rotation, whoever's turn it is, from an instant (included) until another (excluded)."""

    type: Literal["override"] = "override"
    rotation: str
    person: str
    start: Instant
    end: Instant


class EndEntry(Closed):
    """An earlier entry ends at `end`, sooner than it said; one that has not begun by then never counts."""

    type: Literal["end"] = "end"
    entry: int
    end: Instant


Span = AbsenceEntry | SwapEntry | OverrideEntry


class Entry(Closed):
    """One entry: its number from 1 on, when and by whom it was made, what it says, and the hash of the one before."""

    v: Literal[1] = 1
    number: int
    id: str
    at: Instant
    actor: str
    what: Annotated[Span | EndEntry, Field(discriminator="type")]
    prev: str

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON; what `Overlay.read` reads."""
        return canonical(self.model_dump(mode="json"))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical form, hexadecimal."""
        return digest_of(self.canonical)


class OverlayReason(StrEnum):
    """Why an entry was refused."""

    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_ROTATION = "unknown_rotation"
    UNKNOWN_ENTRY = "unknown_entry"
    NO_SHIFTS = "no_shifts"
    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"
    IN_THE_PAST = "in_the_past"
    WITH_ONESELF = "with_oneself"
    OVERLAPS = "overlaps"
    NOT_SHORTER = "not_shorter"


class OverlayRefused(Exception):
    """An entry that makes no sense; nothing was written. `detail` says what to do."""

    def __init__(self, reason: OverlayReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class OverlayBroken(Exception):
    """A stored entry does not follow the one before it: it was changed, or one is missing."""

    def __init__(self, number: int, good: Overlay) -> None:
        super().__init__(f"entry {number} of the overlay does not follow the one before it")
        self.number = number
        self.good = good
        """The overlay up to the last entry that follows."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """All entries so far, folded: `spans` by number, each with the end that counts now."""

    number: int = 0
    hash: str = ""
    at: datetime | None = None
    """When the last entry was made; None if there is none."""
    spans: Mapping[int, Span] = field(default_factory=dict)

    def next(self, what: Span | EndEntry, *, id: str, at: datetime, actor: str) -> Entry:  # noqa: A002 - its name
        """The entry that would follow; `check_entry` says whether it may."""
        return Entry(number=self.number + 1, id=id, at=at, actor=actor, what=what, prev=self.hash)

    def then(self, entry: Entry) -> Overlay:
        """With one more entry."""
        what, spans = entry.what, dict(self.spans)
        if isinstance(what, EndEntry):
            spans[what.entry] = spans[what.entry].model_copy(update={"end": what.end})
        else:
            spans[entry.number] = what
        return replace(self, number=entry.number, hash=entry.hash, at=entry.at, spans=spans)

    def read(self, rows: Iterable[tuple[int, bytes, str]]) -> Overlay:
        """With the stored rows (number, body, hash) that follow; raises OverlayBroken."""
        overlay = self
        for number, body, stored in rows:
            try:
                entry = Entry.model_validate(json.loads(body))
                whole = digest_of(body) == stored and entry.prev == overlay.hash
                if not whole or not entry.number == number == overlay.number + 1:
                    raise OverlayBroken(number, overlay)
                overlay = overlay.then(entry)
            except (ValueError, KeyError) as error:
                raise OverlayBroken(number, overlay) from error
        return overlay


def concerned(overlay: Overlay, what: Span | EndEntry) -> tuple[str, ...]:
    """Who may say this without being a manager: who is away, and who takes something over.

    A shift is not pushed onto somebody: whose it is may ask another to enter the swap. What runs may be ended by
    everybody whom it names.
    """
    if not isinstance(what, EndEntry):
        return (what.person,)
    span = overlay.spans.get(what.entry)
    if span is None:
        return ()
    return (span.person, span.instead_of) if isinstance(span, SwapEntry) else (span.person,)


def check_entry(form: RosterForm, overlay: Overlay, what: Span | EndEntry, now: datetime) -> None:
    """Raises OverlayRefused if the entry makes no sense on top of what there is; `form` is the compiled roster."""
    if isinstance(what, EndEntry):
        _check_end(overlay, what, now)
        return
    _check_names(form, what)
    if what.start >= what.end:
        reason = OverlayReason.ENDS_BEFORE_IT_BEGINS
        raise OverlayRefused(reason, "it ends before it begins; let `until` be later than `from`")
    if what.end <= now:
        detail = f"it was over at {_said(what.end)}, and what has been stays as it was"
        raise OverlayRefused(OverlayReason.IN_THE_PAST, detail)
    if what.start < now:
        advice = "leave `from` out for: from now on"
        raise OverlayRefused(OverlayReason.IN_THE_PAST, f"it begins in the past, at {_said(what.start)}; {advice}")
    for number, other in overlay.spans.items():
        if _same(what, other) and what.start < other.end and other.start < what.end:
            when = f"from {_said(other.start)} until {_said(other.end)}"
            advice = f"let one begin where the other ends, or end entry {number} first"
            raise OverlayRefused(OverlayReason.OVERLAPS, f"entry {number} says so for {other.person} {when}; {advice}")


def _check_names(form: RosterForm, what: Span) -> None:
    people = (what.person, what.instead_of) if isinstance(what, SwapEntry) else (what.person,)
    for person in people:
        if person not in form.people:
            advice = "use an id of the people file"
            raise OverlayRefused(OverlayReason.UNKNOWN_PERSON, f"there is nobody `{person}`; {advice}")
    if isinstance(what, AbsenceEntry):
        return
    rotation = form.rotations.get(what.rotation)
    if rotation is None:
        known = ", ".join(form.rotations) or "none"
        reason = OverlayReason.UNKNOWN_ROTATION
        raise OverlayRefused(reason, f"there is no rotation `{what.rotation}`; there are: {known}")
    if isinstance(what, OverrideEntry):
        return
    if what.person == what.instead_of:
        raise OverlayRefused(OverlayReason.WITH_ONESELF, f"{what.person} cannot swap with themselves; name another")
    members = dict.fromkeys(each for version in rotation.versions for layer in version.layers for each in layer.members)
    if what.instead_of not in members:
        detail = f"{what.instead_of} has no shifts in {what.rotation}; its members are {', '.join(members)}"
        raise OverlayRefused(OverlayReason.NO_SHIFTS, detail)


def _check_end(overlay: Overlay, what: EndEntry, now: datetime) -> None:
    span = overlay.spans.get(what.entry)
    if span is None:
        raise OverlayRefused(OverlayReason.UNKNOWN_ENTRY, f"there is no absence, swap or override {what.entry}")
    if what.end < now:
        raise OverlayRefused(OverlayReason.IN_THE_PAST, "what has been stays as it was; leave `until` out for: now")
    if span.end <= max(now, span.start):
        raise OverlayRefused(OverlayReason.NOT_SHORTER, f"entry {what.entry} is over already")
    if what.end >= span.end:
        advice = "for a longer one make another entry that begins there"
        detail = f"entry {what.entry} ends at {_said(span.end)} and can only be made shorter; {advice}"
        raise OverlayRefused(OverlayReason.NOT_SHORTER, detail)


def _same(what: Span, other: Span) -> bool:
    """Whether two entries say something of the same, so that both at once would contradict or repeat each other."""
    match what, other:
        case AbsenceEntry(), AbsenceEntry():
            return what.person == other.person
        case SwapEntry(), SwapEntry():
            return (what.rotation, what.instead_of) == (other.rotation, other.instead_of)
        case OverrideEntry(), OverrideEntry():
            return what.rotation == other.rotation
        case _:
            return False


def _said(at: datetime) -> str:
    return f"{format_instant(at)[:16]}Z"


def with_overlay(form: RosterForm, overlay: Overlay, *, since: datetime | None = None) -> RosterForm:
    """The roster with the overlay on top; the very same if nothing of it counts from `since` on (None: ever).

    What names somebody or a rotation that is no longer there is left out. An override or swap of the overlay comes
    before those of the files.
    """
    spans = [span for _, span in sorted(overlay.spans.items()) if _counts(form, span, since)]
    if not spans:
        return form
    absences = (
        AbsenceOf(person=each.person, start=each.start, end=each.end)
        for each in spans
        if isinstance(each, AbsenceEntry)
    )
    swaps = (
        SwapOf(rotation=each.rotation, person=each.person, instead_of=each.instead_of, start=each.start, end=each.end)
        for each in spans
        if isinstance(each, SwapEntry)
    )
    overrides: dict[str, list[OverrideOf]] = {}
    for each in spans:
        if isinstance(each, OverrideEntry):
            override = OverrideOf(person=each.person, start=each.start, end=each.end)
            overrides.setdefault(each.rotation, []).append(override)
    rotations = {name: _overridden(form.rotations[name], over) for name, over in overrides.items()}
    return form.but(
        absences=(*form.absences, *absences),
        swaps=(*swaps, *form.swaps),
        rotations={**form.rotations, **rotations},
    )


def _counts(form: RosterForm, span: Span, since: datetime | None) -> bool:
    people = {span.person, span.instead_of} if isinstance(span, SwapEntry) else {span.person}
    there = people <= form.people.keys() and (isinstance(span, AbsenceEntry) or span.rotation in form.rotations)
    return there and span.start < span.end and (since is None or span.end > since)


def _overridden(rotation: RotationOf, over: list[OverrideOf]) -> RotationOf:
    kept = [piece for each in rotation.overrides for piece in _around(each, over)]
    return rotation.model_copy(update={"overrides": tuple(sorted([*kept, *over], key=lambda each: each.start))})


def _around(given: OverrideOf, over: Iterable[OverrideOf]) -> Iterator[OverrideOf]:
    """What is left of an override of the files once those of the overlay are in force."""
    start = given.start
    for each in sorted(over, key=lambda one: one.start):
        if each.end <= start or each.start >= given.end:
            continue
        if start < each.start:
            yield given.model_copy(update={"start": start, "end": each.start})
        start = each.end
    if start < given.end:
        yield given.model_copy(update={"start": start})
