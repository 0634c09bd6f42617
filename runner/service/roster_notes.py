"""Telling open escalations that the roster has changed: which of them are still to be told, a slice at a time.

The store remembers up to which roster and instant all were told, and how far the present round has come, so that a
restart goes on where it was. What follows for an escalation is decided in the engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from runner.contract.values import format_instant, parse_instant
from runner.engine.roster import Roster
from runner.store.port import Reader, Stream, Transaction

__all__ = ["RosterMark", "next_slice", "roster_due"]

_NAME = "roster"


@dataclass(frozen=True, slots=True)
class RosterMark:
    """The roster by digest and the instant that a round is about; `after` is the id up to which it has come.

    None in `after`: the round is done, and every open escalation knows of that roster at that instant.
    """

    roster: str
    at: datetime
    after: str | None

    @classmethod
    def read(cls, reader: Reader) -> RosterMark | None:
        """The mark of the last round; None before the first."""
        text = reader.cursor(_NAME)
        if text is None:
            return None
        roster, at, after = json.loads(text)
        return cls(roster, parse_instant(at), after)

    def write(self, tx: Transaction) -> None:
        """Remember it."""
        tx.set_cursor(_NAME, json.dumps([self.roster, format_instant(self.at), self.after]))


def next_slice(tx: Transaction, roster: Roster, now: datetime, limit: int) -> list[Stream]:
    """The next open escalations to be told of the roster, in order of id; a new round begins when it has changed.

    What changes during a round begins another one after it.
    """
    mark = RosterMark.read(tx)
    if mark is None or mark.after is None:
        if mark is not None and not _changed(mark, roster, now):
            return []
        mark = RosterMark(roster.digest, now, "")
    found = tx.streams(open_only=True, limit=limit, after=mark.after or "")
    replace(mark, after=found[-1].escalation if len(found) == limit else None).write(tx)
    return found


def roster_due(reader: Reader, roster: Roster | None, now: datetime) -> datetime | None:
    """When open escalations are to be told next: `now` if some are to be told already; None if never."""
    mark = RosterMark.read(reader)
    if roster is None or mark is None or mark.after is not None or mark.roster != roster.digest:
        return now
    if not reader.streams(open_only=True, limit=1):
        return None
    return roster.next_change(mark.at)


def _changed(mark: RosterMark, roster: Roster, now: datetime) -> bool:
    change = roster.next_change(mark.at)
    return mark.roster != roster.digest or (change is not None and change <= now)
