"""What others do to a ticket, in transactions, over memory and over SQLite: drift, and later what ends and begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine.drift import mark
from runner.engine.observation import Reading
from runner.engine.reasons import RejectReason
from runner.engine.state import accountable
from runner.service.replaying import replay_store
from runner.store import SqliteStore, Store
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, BILLING, MIRIAM, YES, Office, changed


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    store: Store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "surety.db")
    yield Office(store)
    store.close()


def read(office: Office, fields: dict[str, Any], settled: int | None, version: str) -> Any:
    now = office.clocks.now()
    with office.store.transaction() as tx:
        return office.decider.look(tx, "T-1", Reading("T-1", version, now, now, fields), (), settled)


def hints(office: Office) -> list[str]:
    with office.store.transaction() as tx:
        return [hint.ticket for hint in tx.take_hints(9, 0.0, 60.0)]


WRITTEN = {**BILLING, "escalation_state": "offered", "escalation_owner": ANNA}


def test_a_reading_from_before_our_last_write_was_settled_is_no_drift(office: Office) -> None:
    escalation = office.open("T-1")
    early = office.state(escalation).settled
    office.succeed()
    assert office.state(escalation).settled > early
    read(office, dict(BILLING), early, "2")
    assert "DriftFound" not in office.events(escalation)
    assert office.case("T-1").unsettled, "it must be read again once our writes are settled"
    read(office, {**WRITTEN, "group": "Finance"}, office.state(escalation).settled, "3")
    assert not office.case("T-1").unsettled
    assert "DriftFound" not in office.events(escalation)


def test_a_ticket_that_could_not_be_judged_is_read_again_when_our_writes_are_settled(office: Office) -> None:
    escalation = office.open("T-1")
    office.succeed()
    office.move(seconds=60)
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    assert hints(office) == []
    read(office, dict(BILLING), office.state(escalation).settled, "2")
    assert office.case("T-1").unsettled
    office.succeed()
    assert hints(office) == ["T-1"]
    assert not office.case("T-1").unsettled


def test_what_others_wrote_is_written_again(office: Office) -> None:
    escalation = office.open("T-1")
    office.succeed()
    office.move(seconds=60)
    read(office, {**WRITTEN, "escalation_owner": "somebody"}, office.state(escalation).settled, "2")
    row = office.rows(escalation)[-1]
    assert (row.command.args.type, row.command.args.fields) == ("NoteDrift", {"escalation_owner": "somebody"})
    assert [event.type for event in row.events] == ["DriftFound", "RecordRequested"]
    payloads: list[Any] = [claimed.payload for claimed in office.claim()]
    assert [payload["fields"]["escalation_owner"] for payload in payloads] == [ANNA]


def test_a_look_without_knowing_when_it_was_read_judges_nothing(office: Office) -> None:
    escalation = office.open("T-1")
    office.succeed()
    read(office, {**WRITTEN, "escalation_owner": "somebody"}, None, "2")
    assert "DriftFound" not in office.events(escalation)


def closed(office: Office, within: int | None = 7200) -> str:
    """An escalation that its owner has closed at once, and that may be opened again."""
    billing = office.active.revision.contracts["enterprise-billing"]
    office.use(changed(billing, reopen_within=within, rearm=None, runbook={}))
    escalation = office.open("T-1")
    office.succeed()
    office.act(escalation, MIRIAM, cmd.Override(action="close", text="a" * 64, code="refunded"))
    assert office.case("T-1").escalation is None
    return escalation


def test_a_closed_escalation_is_open_again_in_the_store(office: Office) -> None:
    escalation = closed(office)
    office.move(1)
    read(office, {**BILLING, "status": "solved"}, None, "2")
    read(office, {**BILLING, "status": "open"}, None, "3")
    stream = office.stream(escalation)
    assert (stream.open, office.case("T-1").escalation, office.state(escalation).phase) == (True, escalation, "offered")
    with office.store.reader() as reader:
        assert reader.escalations(limit=9) == [escalation], "no second one at the same time"
    office.act(escalation, MIRIAM, cmd.Override(action="close", text="a" * 64, code="refunded"))
    assert not office.stream(escalation).open
    assert replay_store(office.store).identical


def test_nobody_opens_again_what_another_has_followed(office: Office) -> None:
    escalation = closed(office)
    office.move(1)
    read(office, {**BILLING, "type": "incident", "severity": "critical"}, None, "2")
    other = office.case("T-1").escalation
    assert other not in (None, escalation)
    refused = office.act(escalation, MIRIAM, cmd.Reopen(text="a" * 64))
    assert refused is not None
    assert refused.rejected is not None
    assert refused.rejected.reason is RejectReason.ALREADY_OPEN
    assert office.rows(escalation)[-1].command.args.other == other, "so that replay refuses it as well"
    assert replay_store(office.store).identical


CRITICAL = {**BILLING, "type": "incident", "severity": "critical"}


def test_another_template_takes_over_in_one_transaction(office: Office) -> None:
    billing = office.active.revision.contracts["enterprise-billing"]
    office.use(changed(billing, on_other_match="supersede"))
    first = office.open("T-1")
    office.act(first, ANNA, cmd.Accept(offer=1, answers=YES))
    office.move(seconds=60)
    read(office, CRITICAL, None, "2")
    second = office.case("T-1").escalation
    assert second not in (None, first)
    assert (office.state(first).phase, office.stream(first).open) == ("cancelled", False)
    state = office.state(str(second))
    assert (state.template, state.keeper, accountable(state)) == ("critical-enterprise", ANNA, ANNA)
    assert office.rows(str(second))[0].command.args.keeper == ANNA
    assert office.case("T-1").superseded == ("enterprise-billing>critical-enterprise",)
    (offer,) = [each for each in state.offers.values() if each.purpose == "ladder"]
    steps = [each.payload for each in office.claim() if each.escalation == second and each.kind == "step"]
    assert offer.to != ANNA
    assert {each["asked"] for each in steps} == {offer.to}, "texts can name who is to accept it"
    assert replay_store(office.store).identical


def merged(office: Office, ticket: str, into: str) -> None:
    now = office.clocks.now()
    with office.store.transaction() as tx:
        reading = Reading(ticket, "9", now, now, {**BILLING, "status": "closed"}, into)
        office.decider.look(tx, ticket, reading, ())


def test_an_escalation_goes_with_its_ticket(office: Office) -> None:
    escalation = office.open("T-1")
    merged(office, "T-1", "T-2")
    assert (office.stream(escalation).ticket, office.state(escalation).ticket) == ("T-2", "T-2")
    assert (office.case("T-1").escalation, office.case("T-2").escalation) == (None, escalation)
    assert hints(office) == ["T-2"], "it is to be read"
    office.see("T-2", BILLING)
    merged(office, "T-1", "T-2")
    with office.store.reader() as reader:
        assert reader.escalations(limit=9) == [escalation], "neither ticket opens another"
    assert {claimed.ticket for claimed in office.claim()} == {"T-2"}
    assert replay_store(office.store).identical


def test_of_two_escalations_on_merged_tickets_one_ends_and_names_the_other(office: Office) -> None:
    first, second = office.open("T-1"), office.open("T-2")
    merged(office, "T-1", "T-2")
    assert (office.stream(first).open, office.stream(second).open) == (False, True)
    event = next(e for row in office.rows(first) for e in row.events if e.type == "EscalationCancelled")
    assert (event.instead, event.reason) == (second, "merged")
    assert office.case("T-2").escalation == second


def grouped(office: Office, within: int | None = None) -> None:
    billing = office.active.revision.contracts["enterprise-billing"]
    office.use(changed(billing, group_by=("account.name",), group_within=within, rearm=None, runbook={}))


def test_fifty_tickets_of_one_cause_are_one_escalation_with_its_links(office: Office) -> None:
    grouped(office)
    escalation = office.open("T-0")
    for number in range(1, 50):
        found = office.see(f"T-{number}", BILLING)
        assert (found.opens, found.why) == (None, "linked")
    with office.store.transaction() as tx:
        assert tx.escalations(limit=99) == [escalation]
        assert len(tx.linked(escalation)) == 49
    assert office.state(escalation).linked == 49
    case = office.case("T-7")
    assert (case.linked, case.escalation, case.outcome_reason) == (escalation, None, "linked")
    office.see("T-7", {**BILLING, "subject": "again"})
    office.see("T-7", {**BILLING, "priority": "low"})
    office.see("T-7", BILLING)
    assert office.state(escalation).linked == 49, "the same ticket again is no further link"
    office.act(escalation, MIRIAM, cmd.Override(action="close", text="a" * 64, code="refunded"))
    office.see("T-7", {**BILLING, "subject": "and again"})
    with office.store.reader() as reader:
        assert reader.escalations(limit=99) == [escalation], "a linked ticket does not open by itself afterwards"
    after = office.case("T-7")
    assert (after.linked, set(after.closed_at)) == (None, {"enterprise-billing"})
    assert replay_store(office.store).identical


def test_another_cause_and_no_cause_open_escalations_of_their_own(office: Office) -> None:
    grouped(office)
    first = office.open("T-1")
    second = office.open("T-2", {**BILLING, "account.name": "Other"})
    third = office.open("T-3", {name: value for name, value in BILLING.items() if name != "account.name"})
    assert len({first, second, third}) == 3
    assert office.rows(first)[0].events[0].group != office.rows(second)[0].events[0].group
    assert office.rows(third)[0].events[0].group is None


def test_linked_tickets_go_with_what_takes_the_place_of_their_escalation(office: Office) -> None:
    billing = office.active.revision.contracts["enterprise-billing"]
    office.use(changed(billing, group_by=("account.name",), on_other_match="supersede", rearm=None, runbook={}))
    office.open("T-1")
    office.see("T-2", BILLING)
    office.move(seconds=60)
    read(office, CRITICAL, None, "2")
    other = office.case("T-1").escalation
    assert office.case("T-2").linked == other
    merged(office, "T-1", "T-3")
    third = office.open("T-4", {**BILLING, "account.name": "Other"})
    merged(office, "T-3", "T-4")
    assert office.case("T-2").linked == third
    office.act(third, MIRIAM, cmd.Override(action="close", text="a" * 64, code="refunded"))
    assert (office.case("T-2").linked, set(office.case("T-2").closed_at)) == (None, {"enterprise-billing"})
    assert replay_store(office.store).identical


def test_after_its_time_another_escalation_stands_for_the_cause(office: Office) -> None:
    grouped(office, within=3600)
    first = office.open("T-1")
    office.move(1)
    office.see("T-2", BILLING)
    assert office.case("T-2").linked == first
    office.move(2)
    second = office.open("T-3")
    office.see("T-4", BILLING)
    assert office.case("T-4").linked == second != first


def test_when_it_is_over_the_next_ticket_opens_another(office: Office) -> None:
    grouped(office)
    first = office.open("T-1")
    office.act(first, MIRIAM, cmd.Override(action="close", text="a" * 64, code="refunded"))
    second = office.open("T-2")
    assert second != first


def test_both_webhooks_of_one_ticket_at_once_open_one_escalation(office: Office) -> None:
    """Two readers that saw the same version, each in its own transaction and both in one."""
    read(office, dict(BILLING), None, "1")
    read(office, dict(BILLING), None, "1")
    now = office.clocks.now()
    with office.store.transaction() as tx:
        for _ in range(2):
            office.decider.look(tx, "T-2", Reading("T-2", "1", now, now, dict(BILLING)), ())
    with office.store.reader() as reader:
        assert len(reader.escalations(limit=9)) == 2


def test_our_own_writes_never_trigger(office: Office) -> None:
    """What we write is read back as it was written, and opens and changes nothing."""
    escalation = office.open("T-1")
    office.succeed()
    rows = len(office.rows(escalation))
    state = office.state(escalation)
    seen = {**BILLING, **state.written}
    seen |= {"escalation_state": "offered", "escalation_owner": ANNA}
    for version in ("2", "3"):
        read(office, seen, state.settled, version)
    assert len(office.rows(escalation)) == rows


def test_an_opening_names_the_earlier_ones_of_its_account(office: Office) -> None:
    policies = office.active.revision.policies
    fields = policies.fields.model_copy(update={"account": "account.name"})
    found = replace(office.active.revision, policies=replace(policies, fields=fields))
    office.active = replace(office.active, revision=found)
    first, second = office.open("T-1"), office.open("T-2")
    other = office.open("T-3", {**BILLING, "account.name": "Other"})
    office.move(24 * 91)
    late = office.open("T-4")
    opened = {name: office.rows(name)[0].events[0] for name in (first, second, other, late)}
    assert opened[second].earlier == (first,)
    assert (opened[first].earlier, opened[other].earlier, opened[late].earlier) == ((), (), ())
    assert opened[first].account == opened[late].account == mark("Acme")


@pytest.mark.parametrize("edit", ["edited", "gone from the order"])
def test_a_running_escalation_finishes_under_its_own_contract(office: Office, edit: str) -> None:
    escalation = office.open("T-1")
    digest = office.stream(escalation).contract
    if edit == "edited":
        office.use(changed(office.active.revision.contracts["enterprise-billing"], repeat=0, runbook={}))
    else:
        order = tuple(name for name in office.active.revision.routing.order if name != "enterprise-billing")
        routing = replace(office.active.revision.routing, order=order)
        office.active = replace(office.active, revision=replace(office.active.revision, routing=routing))
        office.use()
    office.see("T-1", {**BILLING, "subject": "seen under the new revision"})
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    assert (office.stream(escalation).contract, office.state(escalation).holder) == (digest, ANNA)
    assert office.stream(escalation).open
    assert replay_store(office.store).identical
