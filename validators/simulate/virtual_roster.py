"""The roster of a simulation: that of the revision, with what people enter while the scenario runs. Decides nothing."""

from __future__ import annotations

from copy import copy
from datetime import datetime

from runner.contract.roster_form import RosterForm
from runner.engine.decision import Stamp
from runner.engine.overlay import (
    AbsenceEntry,
    EndEntry,
    Overlay,
    OverlayReason,
    OverlayRefused,
    Span,
    check_entry,
    with_overlay,
)
from runner.engine.roster import Roster
from runner.zones import tzdata_version
from validators.simulate.ground import Ground

__all__ = ["VirtualRoster"]


class VirtualRoster:
    """The roster as it is now, and up to when its changes were told; `by_digest` are all that there have been."""

    def __init__(self, form: RosterForm, ground: Ground) -> None:
        self._form = form
        self._ground = ground
        self._overlay = Overlay()
        self._told: datetime | None = None
        self.by_digest: dict[str, Roster] = {}
        self.now = self._lay(form)

    def copy(self) -> VirtualRoster:
        """Another one that is as this one is now."""
        other = copy(self)
        other.by_digest = dict(self.by_digest)
        return other

    @property
    def stamp(self) -> Stamp:
        """What decisions are made under now."""
        return Stamp(self.now.digest, 0, tzdata_version())

    def enter(self, what: Span | EndEntry, at: datetime) -> None:
        """Somebody is away from now on, or takes over a shift, or that ends; raises OverlayRefused."""
        check_entry(self._form, self._overlay, what, at)
        entry = self._overlay.next(what, id=f"o{self._overlay.number + 1}", at=at, actor="surety:scenario")
        self._overlay = self._overlay.then(entry)
        self.now = self._lay(with_overlay(self._form, self._overlay, since=at))

    def end_absence(self, person: str, at: datetime) -> None:
        """Somebody whose absence was entered is back from now on; raises OverlayRefused."""
        running = (
            number
            for number, span in self._overlay.spans.items()
            if isinstance(span, AbsenceEntry) and span.person == person and span.start <= at < span.end
        )
        number = next(running, None)
        if number is None:
            raise OverlayRefused(OverlayReason.UNKNOWN_ENTRY, f"{person} is not away by an act of this scenario")
        self.enter(EndEntry(entry=number, end=at), at)

    def told(self, at: datetime) -> None:
        """Every open escalation knows of the roster as it is at this instant."""
        self._told = at

    def next_change(self) -> datetime | None:
        """When open escalations are to be told next; None if never."""
        return self.now.next_change(self._told) if self._told is not None else None

    def _lay(self, form: RosterForm) -> Roster:
        roster = self._ground.roster(form)
        self.by_digest[form.digest] = roster
        return roster
