"""The active revision with the overlay on top of its roster, and how people change the overlay.

The overlay is looked at once in every transaction, so that whatever another runner has written counts at once. Decides
nothing about escalations.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from runner.clock import Clocks
from runner.contract.contract import Contract
from runner.contract.values import OwnerRef
from runner.engine.overlay import (
    EndEntry,
    Entry,
    Overlay,
    OverlayBroken,
    Span,
    check_entry,
    concerned,
    with_overlay,
)
from runner.engine.roster import Person, Roster
from runner.service.active import Active
from runner.store.port import Reader, StoreError, Transaction
from runner.zones import zone

__all__ = ["NotTheirs", "Overlaid", "laid", "managers", "overlay_of"]

_log = logging.getLogger(__name__)


class NotTheirs(Exception):
    """A person may not say this of somebody else; the message says who may."""


def laid(active: Active, overlay: Overlay, *, since: datetime | None = None) -> Active:
    """A revision with the overlay on top; the very same if nothing of it counts from `since` on (None: ever)."""
    form = with_overlay(active.revision.roster, overlay, since=since)
    if form is active.revision.roster:
        return active
    return replace(active, roster=Roster(form, zone), stamp=replace(active.stamp, roster=form.digest))


def managers(active: Active, now: datetime) -> frozenset[str]:
    """Who has a manager's rights now: escalation owners, the last resort, and the jobs that governance names."""
    governance, roster = active.revision.policies.governance, active.roster
    refs: set[OwnerRef] = {_escalation_owner(each) for each in active.revision.contracts.values()}
    owners = (roster.on_call(ref, now) for ref in refs)
    found = {each.id for each in owners if isinstance(each, Person)}
    jobs = (person for job in governance.override_jobs for person in roster.form.jobs.get(job, ()))
    return frozenset((*found, governance.last_resort, *jobs))


def _escalation_owner(contract: Contract) -> OwnerRef:
    return contract.owners["escalation_owner"]


@dataclass(slots=True)
class _Laid:
    """What was made of a revision and an overlay; `kept` once the store is known to have its roster for good."""

    base: Active
    overlay: Overlay
    active: Active
    kept: bool


class Overlaid:
    """Gives the active revision as it counts in a transaction. Used by the thread that writes."""

    def __init__(self, active: Callable[[], Active], clocks: Clocks) -> None:
        self._active = active
        self._clocks = clocks
        self._overlay = Overlay()
        self._laid: _Laid | None = None
        self._seen: Transaction | None = None
        self.broken: str | None = None
        """What is wrong with the stored overlay; None if every entry follows the one before it."""

    @property
    def last(self) -> Active | None:
        """What `current` gave last; None before the first time."""
        return self._laid.active if self._laid is not None else None

    def current(self, tx: Transaction) -> Active:
        """The active revision with all entries of the overlay that the transaction sees; its roster is kept in it."""
        base, fresh = self._active(), tx is not self._seen
        if fresh:
            self._seen = tx
            self._overlay = self._read(tx)
        made = self._laid
        if made is None or made.base is not base or made.overlay is not self._overlay:
            made = self._laid = self._lay(tx, base)
        elif fresh and not made.kept:
            self._keep(tx, made)
        return made.active

    def enter(self, tx: Transaction, what: Span | EndEntry, *, id: str, actor: str) -> Entry:  # noqa: A002 - its name
        """Write one more entry: people for themselves, managers for everybody.

        Raises OverlayRefused for what makes no sense, NotTheirs, and StoreError if the stored entries do not hold.
        """
        active = self.current(tx)
        if self.broken is not None:
            raise StoreError(self.broken, "restore a copy of the store in which the overlay is whole")
        now = self._clocks.now()
        if self._overlay.at is not None:
            now = max(now, self._overlay.at)
        check_entry(active.revision.roster, self._overlay, what, now)
        people, allowed = concerned(self._overlay, what), managers(active, now)
        if actor not in people and actor not in allowed:
            who = " or ".join(people)
            raise NotTheirs(f"only {who} or a manager may say this; managers now: {', '.join(sorted(allowed))}")
        entry = self._overlay.next(what, id=id, at=now, actor=actor)
        tx.add_overlay(entry.number, entry.canonical, entry.hash)
        self._overlay = self._overlay.then(entry)
        self.current(tx)
        _log.info("overlay entry %s by %s: %s", entry.number, actor, what.type)
        return entry

    def _read(self, tx: Transaction) -> Overlay:
        """What was read before with what came since; from the beginning if that was never committed."""
        known = self._overlay
        rows = tx.overlay(max(known.number - 1, 0))
        if known.number:
            if not rows or (rows[0][0], rows[0][2]) != (known.number, known.hash):
                known, rows = Overlay(), tx.overlay()
            else:
                rows = rows[1:]
        try:
            read = known.read(rows)
        except OverlayBroken as broken:
            if self.broken is None:
                _log.error("%s: it and all later ones are left out", broken)
            self.broken = str(broken)
            return broken.good
        self.broken = None
        return read

    def _lay(self, tx: Transaction, base: Active) -> _Laid:
        active = laid(base, self._overlay, since=self._overlay.at)
        made = _Laid(base, self._overlay, active, kept=active is base)
        if not made.kept:
            self._store(tx, made)
        return made

    def _keep(self, tx: Transaction, made: _Laid) -> None:
        """The transaction that kept it may have failed; what an earlier one has kept is there for good."""
        try:
            tx.roster(made.active.stamp.roster)
            made.kept = True
        except LookupError:
            self._store(tx, made)

    @staticmethod
    def _store(tx: Transaction, made: _Laid) -> None:
        tx.keep_roster(made.active.stamp.roster, made.active.roster.form.canonical)


def overlay_of(reader: Reader) -> Overlay:
    """The stored overlay up to the last entry that follows."""
    try:
        return Overlay().read(reader.overlay())
    except OverlayBroken as broken:
        return broken.good
