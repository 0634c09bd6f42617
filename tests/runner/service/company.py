"""The tests' company for the service: its revision, and an office with decider, store and clock; no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from runner.channels import Dispatcher, Message
from runner.clock import SteppedClocks
from runner.contract.contract import Contract
from runner.contract.load import Revision, load_revision
from runner.engine import commands as cmd
from runner.engine.decision import Advance, Stamp, read_decision
from runner.engine.observation import Case, Reading
from runner.engine.roster import Roster
from runner.engine.routing import routing_table
from runner.engine.state import State, load_state
from runner.revision import FolderTree
from runner.service.active import Active
from runner.service.decider import Decider
from runner.service.fieldmap import FieldMap
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.service.performer import result_command
from runner.service.requests import Texts
from runner.store import ActiveEpoch, Claimed, Store, Stream
from runner.zones import tzdata_version, zone
from tests.company import COMPANY
from tests.runner.revision.conftest import Repository

START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
"""A Tuesday, 09:00 in Berlin. Anna Keller is asked about invoices first, then Tomasz Nowak, then Miriam Okafor."""
ANNA, TOMASZ, MIRIAM = "anna-keller", "tomasz-nowak", "miriam-okafor"
BILLING: Mapping[str, Any] = {
    "subject": "Invoice 17 is wrong",
    "type": "billing",
    "priority": "high",
    "status": "new",
    "account.tier": "enterprise",
    "account.name": "Acme",
}
CRITICAL: Mapping[str, Any] = {
    "subject": "All is down", "type": "incident", "priority": "urgent", "severity": "critical", "status": "open",
    "account.tier": "enterprise",
}  # fmt: skip
YES: dict[str, cmd.Scalar] = {"has_evidence": True, "scope_clear": True, "next_action": True}
PROOF = {"invoice_id": "INV-17b", "customer_confirmation": "mail of 3 March"}


def at(hours: float = 0, *, seconds: float = 0) -> datetime:
    return START + timedelta(hours=hours, seconds=seconds)


@cache
def revision() -> Revision:
    """Its revision, loaded once."""
    loaded = load_revision(FolderTree(COMPANY), scenarios=False)
    assert loaded.revision is not None, loaded.findings
    return loaded.revision


def company_files() -> dict[str, str | bytes]:
    """Its policies and templates, by path."""
    tree = FolderTree(COMPANY)
    return {path: tree.read(path) for path in tree.paths()}


def governance(folder: Path) -> Repository:
    """A real repository with the company in one commit."""
    repository = Repository(folder)
    repository.commit(company_files(), "genesis")
    return repository


def changed(contract: Contract, **changes: Any) -> Contract:
    """A contract of its own that says something else."""
    return Contract.model_validate({**contract.model_dump(mode="json"), **changes}, strict=False)


class Mailbox:
    """A channel that takes everything."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)

    def close(self) -> None:
        pass


def active(found: Revision, senders: Mapping[str, Any]) -> Active:
    """A revision as it is when epoch 7 is active."""
    policies = found.policies
    return Active(
        epoch=ActiveEpoch(7, "c" * 40, "m" * 64, found.roster.digest, START),
        revision=found,
        table=routing_table(found.routing, found.contracts, zone),
        roster=Roster(found.roster, zone),
        stamp=Stamp(found.roster.digest, 7, tzdata_version()),
        fields=FieldMap(policies.fields, policies.people, "local"),
        dispatcher=Dispatcher(policies.people, policies.channels, senders),
    )


class Office:
    """A decider over a store in stepped time. Everything happens when a test says so."""

    def __init__(self, store: Store, seed: int | None = 1) -> None:
        self.store = store
        self.clocks = SteppedClocks(START)
        self.ids = Ids(seed)
        self.metrics = Metrics()
        self.mail = Mailbox()
        self.active = active(revision(), dict.fromkeys(revision().policies.channels.channels, self.mail))
        self.decider = Decider(lambda: self.active, self.clocks, self.ids, self.metrics)
        contracts = {each.digest: each.canonical for each in revision().contracts.values()}
        with store.transaction() as tx:
            assert tx.activate(None, self.active.epoch, contracts, revision().roster.canonical)

    def use(self, *contracts: Contract) -> None:
        """Activate the next epoch, in which these contracts stand in the place of others of their names."""
        named = {**self.active.revision.contracts, **{each.name: each for each in contracts}}
        before, found = self.active.epoch, replace(self.active.revision, contracts=named)
        stamp = replace(self.active.stamp, epoch=before.epoch + 1)
        table, epoch = routing_table(found.routing, named, zone), replace(before, epoch=before.epoch + 1)
        self.active = replace(self.active, epoch=epoch, revision=found, table=table, stamp=stamp)
        kept = {each.digest: each.canonical for each in contracts}
        with self.store.transaction() as tx:
            assert tx.activate(before.epoch, epoch, kept, found.roster.canonical)

    def contract(self, digest: str) -> Contract:
        with self.store.reader() as reader:
            return self.decider.contract(reader, digest)

    def see(
        self, ticket: str, fields: Mapping[str, Any] | None, *, tasks: tuple[str, ...] = (), version: str = ""
    ) -> Any:
        """A look at a ticket with these fields, None: it is gone."""
        now = self.clocks.now()
        name = version or str(now.timestamp())
        reading = Reading(ticket, name, now, now, dict(fields)) if fields is not None else None
        with self.store.transaction() as tx:
            return self.decider.look(tx, ticket, reading, tasks)

    def open(self, ticket: str, fields: Mapping[str, Any] = BILLING) -> str:
        """The escalation that a ticket opens."""
        self.see(ticket, fields)
        found = self.case(ticket).escalation
        assert found is not None
        return found

    def case(self, ticket: str) -> Case:
        with self.store.reader() as reader:
            case = reader.case(ticket)
        assert case is not None
        return case

    def act(self, escalation: str, person: str, args: cmd.Args, texts: Texts | None = None) -> Advance | None:
        jobs = revision().policies.people.people[person].jobs
        command = self.decider.command(args, actor=person, source="api", jobs=jobs)
        with self.store.transaction() as tx:
            return self.decider.apply(tx, escalation, command, texts.kept if texts is not None else {})

    def fire(self, limit: int = 200) -> int:
        with self.store.transaction() as tx:
            return self.decider.fire(tx, limit)

    def drain(self, limit: int = 200) -> int:
        with self.store.transaction() as tx:
            return self.decider.drain(tx, limit)

    def move(self, hours: float = 0, *, seconds: float = 0) -> None:
        self.clocks.set(at(hours, seconds=seconds))

    def stream(self, escalation: str) -> Stream:
        with self.store.reader() as reader:
            stream = reader.stream(escalation)
        assert stream is not None
        return stream

    def state(self, escalation: str) -> State:
        return load_state(self.stream(escalation).state)

    def rows(self, escalation: str) -> list[Any]:
        """The decisions of an escalation, read back."""
        with self.store.reader() as reader:
            return [read_decision(body) for _, body, _ in reader.decisions(escalation)]

    def events(self, escalation: str) -> list[str]:
        return [event.type for row in self.rows(escalation) for event in row.events]

    def claim(self, limit: int = 100) -> list[Claimed]:
        with self.store.transaction() as tx:
            return tx.claim(limit, 0.0, 60.0)

    def queue(self, escalation: str, command: cmd.Command, key: str) -> None:
        with self.store.transaction() as tx:
            assert tx.put_command(escalation, command.model_dump_json().encode(), key)

    def succeed(self, created: str | None = None) -> None:
        """Let every effect go well, and every one that follows; `created` is the ticket that a step makes."""
        while claims := self.claim():
            with self.store.transaction() as tx:
                for claimed in claims:
                    result = result_command(claimed.key, _success(claimed, created)).model_dump_json().encode()
                    assert tx.settle(claimed.key, claimed.attempt, result=result)
            self.drain()


def _success(claimed: Claimed, created: str | None) -> cmd.Args:
    payload: Mapping[str, Any] = claimed.payload
    match claimed.kind:
        case "message":
            return cmd.Deliver(delivery=payload["delivery"], channel="chat")
        case "step":
            result: dict[str, cmd.Scalar] = {"ticket": created} if created is not None else {}
            return cmd.SucceedStep(run=payload["run"], step=payload["step"], attempt=payload["attempt"], result=result)
        case _:
            return cmd.WriteRecord(write=payload["write"])
