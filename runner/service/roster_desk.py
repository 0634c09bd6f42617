"""The desk for the roster: people enter absences and swaps, end them, and see who is on call. Decides no escalation."""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from runner.clock import Clocks
from runner.contract.values import OwnerRef, format_instant
from runner.engine.overlay import AbsenceEntry, EndEntry, Entry, Overlay, OverrideEntry, Span, SwapEntry
from runner.engine.reasons import SENTENCES
from runner.engine.roster import Nobody, Roster
from runner.service.active import Active
from runner.service.body import When, Word
from runner.service.decider import Decider
from runner.service.ids import Ids
from runner.service.overlaid import laid, overlay_of
from runner.service.people import KeyReused
from runner.service.writer import Writer
from runner.store.port import Store, Transaction

__all__ = ["AbsenceBody", "EndBody", "RosterBody", "RosterDesk", "SwapBody"]

_NAMESPACE = uuid.UUID("5f0d7a3e-2c57-4b0e-8a36-9c1d0f6b7e21")
"""Ids of entries that come with a key follow from it, so that the same request is the same entry."""


class RosterBody(BaseModel, ABC):
    """A body. Unknown keys are refused, and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @abstractmethod
    def entry(self, person: str, now: datetime) -> Span | EndEntry:
        """What `person` says by it, with `now` where it leaves out an instant."""


class AbsenceBody(RosterBody):
    """Somebody is away; the one who says so if nobody is named, from now on if there is no `from`."""

    person: Word | None = None
    from_: When | None = Field(default=None, alias="from")
    until: When

    def entry(self, person: str, now: datetime) -> Span | EndEntry:
        """An absence."""
        return AbsenceEntry(person=self.person or person, start=self.from_ or now, end=self.until)


class SwapBody(RosterBody):
    """Somebody takes over the shifts of another in a rotation, or without `instead_of` whoever's turn it is."""

    rotation: Word
    person: Word | None = None
    instead_of: Word | None = None
    from_: When | None = Field(default=None, alias="from")
    until: When

    def entry(self, person: str, now: datetime) -> Span | EndEntry:
        """A swap with somebody, or an override."""
        who, start, end = self.person or person, self.from_ or now, self.until
        if self.instead_of is None:
            return OverrideEntry(rotation=self.rotation, person=who, start=start, end=end)
        return SwapEntry(rotation=self.rotation, person=who, instead_of=self.instead_of, start=start, end=end)


class EndBody(RosterBody):
    """An earlier entry ends, now if there is no `until`."""

    number: int = 0
    """Stands in the path, not in the body."""
    until: When | None = None

    def entry(self, person: str, now: datetime) -> Span | EndEntry:
        """The end of an entry."""
        del person
        return EndEntry(entry=self.number, end=self.until or now)


class RosterDesk:
    """Acts for people. Called from several threads."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        decider: Decider,
        active: Callable[[], Active],
        clocks: Clocks,
        ids: Ids,
    ) -> None:
        self._store = store
        self._writer = writer
        self._decider = decider
        self._active = active
        self._clocks = clocks
        self._ids = ids

    def enter(self, person: str, asked: RosterBody, key: str) -> dict[str, Any]:
        """Write what a person says; the entry with its number.

        With a key, the same request again gets the same entry. Raises OverlayRefused, NotTheirs, and KeyReused if the
        key came with something else before.
        """
        source_key = f"roster:{person}:{key}"
        made_id = str(uuid.uuid5(_NAMESPACE, source_key)) if key else self._ids.new(self._clocks.now())

        def piece(tx: Transaction) -> tuple[Entry, bool]:
            now = self._clocks.now()
            if key and not tx.first_time(source_key):
                return _entered_before(tx, made_id, person, asked), True
            return self._decider.enter(tx, asked.entry(person, now), id=made_id, person=person), False

        entry, repeated = self._writer.call(piece)
        return {**_entry_view(entry.number, entry.what), "by": entry.actor, "repeated": repeated}

    def show(self, at: datetime | None) -> dict[str, Any]:
        """Who is on call in each rotation and on each rung at an instant, now if none is given, and why."""
        now = self._clocks.now()
        instant = at if at is not None else now
        with self._store.reader() as reader:
            overlay = overlay_of(reader)
        active = laid(self._active(), overlay)
        roster, contracts = active.roster, active.revision.contracts
        change = roster.next_change(instant)
        return {
            "at": format_instant(instant),
            "epoch": active.epoch.epoch,
            "rotations": {name: _found(roster, OwnerRef(rotation=name), instant) for name in roster.form.rotations},
            "templates": {
                name: {rung.name: _found(roster, rung.owner, instant) for rung in contract.ladder}
                for name, contract in contracts.items()
            },
            "last_resort": roster.last_resort.id,
            "next_change": format_instant(change) if change is not None else None,
            "overlay": _running(overlay, now),
        }


def _entered_before(tx: Transaction, made_id: str, person: str, asked: RosterBody) -> Entry:
    for _, body, _ in tx.overlay():
        entry = Entry.model_validate(json.loads(body))
        if entry.id == made_id:
            if asked.entry(person, _moment(entry)) == entry.what:
                return entry
            break
    raise KeyReused("this Idempotency-Key came with another request before: use a new key")


def _moment(entry: Entry) -> datetime:
    """What stood for *now* in an entry, if anything did."""
    return entry.what.end if isinstance(entry.what, EndEntry) else entry.what.start


def _found(roster: Roster, ref: OwnerRef, at: datetime) -> dict[str, Any]:
    found = roster.on_call(ref, at)
    nobody = found.reason if isinstance(found, Nobody) else None
    return {
        "person": None if isinstance(found, Nobody) else found.id,
        "reason": nobody,
        "why": SENTENCES[nobody] if nobody is not None else None,
        "passed_over": {who: SENTENCES[why] for who, why in found.passed_over},
    }


def _running(overlay: Overlay, now: datetime) -> list[dict[str, Any]]:
    """The entries that count now or later."""
    spans = sorted(overlay.spans.items())
    return [_entry_view(number, span) for number, span in spans if span.end > max(now, span.start)]


def _entry_view(number: int, what: Span | EndEntry) -> dict[str, Any]:
    plain = what.model_dump(mode="json")
    start, end = plain.pop("start", None), plain.pop("end")
    return {"number": number, **plain, **({"from": start} if start is not None else {}), "until": end}
