"""What all scenarios of a revision stand on, prepared once: its routing table, and rosters by their digest."""

from __future__ import annotations

from dataclasses import dataclass, field

from runner.contract.load import Revision
from runner.contract.roster_form import RosterForm
from runner.engine.roster import Roster
from runner.engine.routing import RoutingTable, routing_table
from runner.zones import zone

__all__ = ["Ground", "ground_of"]


@dataclass(slots=True)
class Ground:
    """Nothing in it depends on what happens in a scenario."""

    revision: Revision
    table: RoutingTable
    rosters: dict[str, Roster] = field(default_factory=dict)

    def roster(self, form: RosterForm) -> Roster:
        """The roster of a form; the same for the same bytes."""
        found = self.rosters.get(form.digest)
        if found is None:
            found = self.rosters[form.digest] = Roster(form, zone)
        return found


_latest: list[Ground] = []
"""Of the revision that was asked for last, since one program seldom has two."""


def ground_of(revision: Revision) -> Ground:
    """What scenarios of this revision stand on."""
    if not _latest or _latest[0].revision is not revision:
        _latest[:] = [Ground(revision, routing_table(revision.routing, revision.contracts, zone))]
    return _latest[0]
