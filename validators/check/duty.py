"""Who is on call from a day on: the runner's own resolution over the days that the rules look at, each answer once.

Says nothing about whether that is good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from runner.contract.load import Revision
from runner.contract.roster_form import RosterForm
from runner.contract.values import OwnerRef
from runner.engine.coverage import OddHandover, Piece, coverage, odd_handovers
from runner.engine.roster import Roster
from runner.zones import zone
from validators.check.business_time import start_of

__all__ = ["DAYS", "Duty", "Ladder"]

Ladder = tuple[tuple[str, OwnerRef], ...]
"""The rungs in the order in which they are asked, each with whom it asks."""

DAYS: Final = 90
"""How far the rules look ahead: a quarter, for which people plan their holidays."""
_YEAR: Final = timedelta(days=366)
"""How far they look for changes of the clocks, of which there are two a year."""


class Duty:
    """Who is on call in the 90 days from midnight UTC of a day on."""

    def __init__(self, revision: Revision, today: date) -> None:
        self._revision = revision
        self.roster = Roster(revision.roster, zone)
        self.start = start_of(today)
        self.end = self.start + timedelta(days=DAYS)
        self._pieces: dict[OwnerRef, tuple[Piece, ...]] = {}

    def pieces(self, ref: OwnerRef) -> tuple[Piece, ...]:
        """Whom a reference means at every instant of these days."""
        if ref not in self._pieces:
            self._pieces[ref] = coverage(self.roster, ref, self.start, self.end)
        return self._pieces[ref]

    def odd_handovers(self, rotation: str) -> tuple[OddHandover, ...]:
        """The hand-overs of the coming year at a local time that does not exist or comes twice."""
        return odd_handovers(self.roster, rotation, self.start, self.start + _YEAR)

    def people_of(self, ref: OwnerRef) -> tuple[str, ...]:
        """Everybody whom a reference could mean, substitutes aside."""
        return tuple(_people_of(self.roster.form, ref))

    def zone_of(self, person: str) -> ZoneInfo:
        """The person's own zone."""
        return zone(self._revision.policies.people.people[person].zone)

    @cached_property
    def ladders(self) -> Mapping[Ladder, list[str]]:
        """Every ladder that any template has, with the names of these templates: many have the same."""
        found: dict[Ladder, list[str]] = {}
        for name, contract in self._revision.contracts.items():
            found.setdefault(tuple((rung.name, rung.owner) for rung in contract.ladder), []).append(name)
        return found

    @cached_property
    def asked(self) -> Mapping[OwnerRef, str]:
        """Every reference that an owner is named by, with a place that names it, in words: on a ladder, if it does."""
        found: dict[OwnerRef, str] = {}
        for ladder, names in self.ladders.items():
            for rung, owner in ladder:
                found.setdefault(owner, f"the {rung.replace('_', ' ')} of `{names[0]}`")
        for name, contract in self._revision.contracts.items():
            if contract.ladder[-1].name != "escalation_owner":
                found.setdefault(contract.owners["escalation_owner"], f"the escalation owner of `{name}`")
            for each in contract.handoff.sequence:
                found.setdefault(each, f"in the planned handoffs of `{name}`")
            for cls, exception in contract.exceptions.items():
                if exception.owner not in found:
                    found[exception.owner] = f"the path owner of `{cls}` in `{name}`"
        return found

    @cached_property
    def who_may_be_asked(self) -> Mapping[str, str]:
        """Everybody who may ever be asked by one of these references or as the last resort, with the first place."""
        found: dict[str, str] = {}
        for ref, place in self.asked.items():
            for person in self.people_of(ref):
                found.setdefault(person, place)
        waiting = list(found)
        for person in waiting:
            known = self.roster.form.people.get(person)
            if known is not None and known.substitute is not None and known.substitute not in found:
                found[known.substitute] = f"the substitute of `{person}`"
                waiting.append(known.substitute)
        found.setdefault(self.roster.form.last_resort, "the last resort")
        return found


def _people_of(form: RosterForm, ref: OwnerRef) -> Iterator[str]:
    """Everybody whom a reference could mean, substitutes aside."""
    if ref.person is not None:
        yield ref.person
    elif ref.team is not None:
        yield from form.teams.get(ref.team, ())
    elif ref.role is not None:
        yield from form.jobs.get(ref.role, ())
    elif ref.rotation in form.rotations:
        rotation = form.rotations[ref.rotation]
        yield from (person for version in rotation.versions for layer in version.layers for person in layer.members)
        yield from (override.person for override in rotation.overrides)
        yield from (swap.person for swap in form.swaps if swap.rotation == ref.rotation)
