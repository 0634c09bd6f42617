"""The shipped repository as the service has it in memory, and tickets that its templates take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from runner.channels import Dispatcher
from runner.clock import SteppedClocks
from runner.contract.load import Revision, load_revision
from runner.engine.decision import Stamp
from runner.engine.observation import Reading
from runner.engine.roster import Roster
from runner.engine.routing import routing_table
from runner.revision import FolderTree, bundled_data
from runner.service.active import Active
from runner.service.decider import Decider
from runner.service.fieldmap import FieldMap
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.store.port import ActiveEpoch, Store
from runner.zones import tzdata_version, zone

__all__ = ["START", "TEMPLATE", "House", "active", "readings", "revision"]

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday morning."""
TEMPLATE = "enterprise-billing"


@cache
def revision() -> Revision:
    """The shipped policies and templates, compiled; scenarios are left out."""
    found = load_revision(FolderTree(bundled_data()), scenarios=False).revision
    if found is None:
        raise RuntimeError("the shipped repository has findings; run: surety check")
    return found


@cache
def active() -> Active:
    """The shipped revision as if it were the active epoch."""
    shipped = revision()
    policies = shipped.policies
    epoch = ActiveEpoch(1, "0" * 40, "0" * 64, shipped.roster.digest, START)
    return Active(
        epoch=epoch,
        revision=shipped,
        table=routing_table(shipped.routing, shipped.contracts, zone),
        roster=Roster(shipped.roster, zone),
        stamp=Stamp(shipped.roster.digest, epoch.epoch, tzdata_version()),
        fields=FieldMap(policies.fields, policies.people, "local"),
        dispatcher=Dispatcher(policies.people, policies.channels, {}),
    )


def readings(count: int) -> list[Reading]:
    """Tickets that `TEMPLATE` takes, created at `START`, with a title, a text and the fields that routing reads."""
    fields = {
        "subject": "Invoice 2026-0042 is too high",
        "description": "The invoice has two lines for the same month. Please correct it before the audit. " * 3,
        "requester": "controller@customer.example",
        "type": "billing",
        "priority": "high",
        "status": "open",
        "account.name": "Customer",
        "account.tier": "enterprise",
        "revenue_at_risk": 48_000,
        "sla_due_at": "2026-03-04T09:00:00Z",
        "sla_paused": False,
    }
    return [Reading(f"T-{number:07}", "1", START, START, fields) for number in range(1, count + 1)]


@dataclass
class House:
    """A store with the shipped revision active, and the service's own code to decide over it, in stepped time."""

    store: Store
    clocks: SteppedClocks
    decider: Decider

    @classmethod
    def over(cls, store: Store, now: datetime = START) -> House:
        """Over a store; a fresh one gets the revision."""
        clocks = SteppedClocks(now)
        shipped = active()
        contracts = {each.digest: each.canonical for each in shipped.revision.contracts.values()}
        with store.transaction() as tx:
            if tx.active() is None:
                tx.activate(None, shipped.epoch, contracts, shipped.revision.roster.canonical)
        return cls(store, clocks, Decider(active, clocks, Ids(seed=1), Metrics()))

    def open(self, tickets: list[Reading], batch: int) -> None:
        """Look at each ticket for the first time, so many in a transaction."""
        for first in range(0, len(tickets), batch):
            with self.store.transaction() as tx:
                for reading in tickets[first : first + batch]:
                    self.decider.look(tx, reading.ticket, reading, ())

    def escalations(self) -> list[str]:
        """All of them."""
        with self.store.reader() as reader:
            return reader.escalations(limit=1_000_000)

    def fire(self, batch: int) -> None:
        """Handle every deadline that is due now, so many in a transaction."""
        while True:
            with self.store.transaction() as tx:
                if not self.decider.fire(tx, batch):
                    return

    def move(self, by: timedelta) -> None:
        """Let contract time pass."""
        self.clocks.set(self.clocks.now() + by)
