"""Deciding in transactions, over memory and over SQLite: opening, acting, what falls due, what waits in the inbox."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine.decision import advance
from runner.engine.reasons import CommandRejected, RejectReason
from runner.engine.state import Phase
from runner.service import decider as decider_module
from runner.service.decider import UnknownEscalation
from runner.service.requests import Texts
from runner.service.views import case_view
from runner.service.workers import decide_due
from runner.service.writer import Writer
from runner.store import SqliteStore, Store, StoreError
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, BILLING, MIRIAM, PROOF, START, TOMASZ, YES, Office, at

LATE_TICKET = {"priority": "high", "status": "open", "subject": "late", "sla_due_at": "2026-03-03T09:00:00Z"}


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    store: Store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "surety.db")
    yield Office(store)
    store.close()


def test_a_match_opens_names_and_asks(office: Office) -> None:
    escalation = office.open("T-1")
    stream, state = office.stream(escalation), office.state(escalation)
    assert (stream.ticket, stream.template, stream.seq, stream.open) == ("T-1", "enterprise-billing", 1, True)
    assert stream.due == at(seconds=600), "the first step's time ends first"
    assert [offer.to for offer in state.offers.values()] == [ANNA]
    assert state.owners == {"primary": ANNA, "secondary": TOMASZ, "escalation_owner": MIRIAM}
    row = office.rows(escalation)[0]
    assert (row.command.id, row.command.actor, row.command.source) == (escalation, "surety:routing", "routing")
    assert (row.stamp.epoch, row.prev, row.now) == (7, "", START)
    case = office.case("T-1")
    assert (case.escalation, case.outcome, case.fired_at) == (escalation, stream.template, {stream.template: START})
    assert {claimed.kind for claimed in office.claim()} == {"message", "step"}
    with office.store.reader() as reader:
        lane = [(row.kind, row.status.value) for row in reader.outbox_of(escalation) if row.lane]
    assert lane == [("step", "leased"), ("record", "behind")], "writes to one ticket go one after the other"


def test_free_texts_and_persons_of_the_ticket_stay_out_of_the_row(office: Office) -> None:
    escalation = office.open("T-1", {**BILLING, "description": "my number is 0170", "assignee": ANNA})
    assert set(office.rows(escalation)[0].command.args.fields) == {
        "type", "priority", "status", "account.tier", "created_at", "updated_at",
    } - {"created_at", "updated_at"}  # fmt: skip


def test_what_was_never_seen_and_is_gone_leaves_nothing(office: Office) -> None:
    assert office.see("T-1", None) is None
    with office.store.reader() as reader:
        assert reader.case("T-1") is None


def test_out_of_scope_is_remembered_with_its_reason(office: Office) -> None:
    office.see("T-1", {**BILLING, "priority": "low"})
    case = office.case("T-1")
    assert (case.escalation, case.outcome, case.outcome_reason) == (None, None, "out_of_scope")


def test_one_open_escalation_for_a_ticket_however_often_it_is_seen(office: Office) -> None:
    escalation = office.open("T-1")
    office.see("T-1", BILLING)
    office.see("T-1", {**BILLING, "subject": "still wrong"})
    office.see("T-1", {**BILLING, "priority": "low"})
    office.see("T-1", BILLING)
    with office.store.reader() as reader:
        assert reader.escalations(limit=10) == [escalation]


def test_another_template_that_would_match_is_noted(office: Office) -> None:
    escalation = office.open("T-1")
    office.see("T-1", {**BILLING, "type": "incident", "severity": "critical"})
    assert office.case("T-1").escalation == escalation
    row = office.rows(escalation)[-1]
    assert (row.command.actor, row.events[0].type) == ("surety:helpdesk", "OtherMatchNoted")
    assert row.events[0].template == "critical-enterprise"


def test_gone_is_told_once(office: Office) -> None:
    escalation = office.open("T-1")
    office.see("T-1", None)
    office.see("T-1", None)
    assert office.events(escalation).count("TicketGone") == 1


def test_a_person_accepts_and_the_text_of_a_refusal_is_kept_beside_the_row(office: Office) -> None:
    escalation = office.open("T-1")
    texts = Texts(office.ids)
    refused = office.act(escalation, TOMASZ, cmd.Reject(offer=1, why="not_mine", text=texts.ref("ask Anna")), texts)
    assert refused is not None
    assert refused.rejected is not None
    assert refused.rejected.reason is RejectReason.NOT_YOURS
    before = office.stream(escalation)
    assert before.seq == 2
    [digest] = texts.kept
    with office.store.reader() as reader:
        assert reader.text(escalation, digest) == "ask Anna"
        body = [body for _, body, _ in reader.decisions(escalation)][1]
    assert b"ask Anna" not in body
    assert digest.encode() in body
    taken = office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    assert taken is not None
    assert taken.rejected is None
    after = office.stream(escalation)
    assert (after.seq, office.state(escalation).phase, office.rows(escalation)[2].prev) == (
        3,
        Phase.ACCEPTED,
        before.hash,
    )


def test_a_refused_person_changes_nothing_but_the_record(office: Office) -> None:
    escalation = office.open("T-1")
    before = office.stream(escalation)
    office.act(escalation, TOMASZ, cmd.Accept(offer=1, answers=YES))
    after = office.stream(escalation)
    assert (after.state, after.due, after.seq) == (before.state, before.due, before.seq + 1)


def test_a_refused_machine_is_not_recorded(office: Office) -> None:
    escalation = office.open("T-1")
    command = office.decider.command(cmd.Accept(offer=9, answers={}), actor="surety:test", source="test")
    with pytest.raises(CommandRejected), office.store.transaction() as tx:
        office.decider.apply(tx, escalation, command, {})
    assert office.stream(escalation).seq == 1


def test_nothing_is_known_of_an_unknown_escalation(office: Office) -> None:
    with pytest.raises(UnknownEscalation):
        office.act("no-such-id", ANNA, cmd.Accept(offer=1, answers=YES))


def test_what_is_due_is_handled_the_longest_overdue_first(office: Office) -> None:
    first = office.open("T-1")
    office.move(0.5)
    second = office.open("T-2")
    office.move(3)
    assert office.fire(limit=1) == 1
    assert office.stream(first).seq > 1
    assert office.stream(second).seq == 1
    assert office.fire(limit=1) == 1
    assert office.stream(second).seq > 1
    assert office.fire() == 0


def test_several_deadlines_of_one_escalation_go_one_at_a_time_and_new_ones_start_now(office: Office) -> None:
    escalation = office.open("T-1")
    office.succeed()  # the offer was told, so that its silence is the person's
    office.move(80)  # past the timebox, two steps and the outcome
    assert office.fire() == 1
    due = [row for row in office.rows(escalation) if row.command.args.type == "Tick"]
    dated = [event.due for row in due for event in row.events if event.type in ("OfferEnded", "OutcomeMissed")]
    assert dated == sorted(dated)
    assert dated[0] == at(2), "a breach is dated when it fell due"
    assert office.stream(escalation).due is not None
    assert (office.stream(escalation).due or START) > at(80), "a new timebox starts now"
    assert len(due) == len(dated) == 2


def test_the_inbox_is_drained_before_a_deadline_is_handled(office: Office) -> None:
    escalation = office.open("T-1")
    office.move(2, seconds=90)
    accept = office.decider.command(cmd.Accept(offer=1, answers=YES), actor=ANNA, source="mail")
    office.queue(escalation, accept, "mail-1")
    writer = Writer(office.store)
    writer.start()
    assert decide_due(writer, office.decider, held=lambda: True)
    assert not decide_due(writer, office.decider, held=lambda: True), "held: no deadline is handled"
    decide_due(writer, office.decider)
    writer.stop()
    state = office.state(escalation)
    assert (state.phase, state.holder) == (Phase.ACCEPTED, ANNA)
    assert office.rows(escalation)[1].events[0].late_seconds == 90


def test_a_full_inbox_goes_before_any_deadline(office: Office) -> None:
    escalation = office.open("T-1")
    office.move(3)
    for number in range(3):
        late = cmd.Deliver(delivery=900 + number, channel="chat")
        office.queue(escalation, office.decider.command(late, actor="surety:outbox", source="outbox"), f"k{number}")
    writer = Writer(office.store)
    writer.start()
    assert decide_due(writer, office.decider, batch=2)
    assert [row.command.args.type for row in office.rows(escalation)] == ["Open", "Deliver", "Deliver"]
    assert decide_due(writer, office.decider, batch=2)
    writer.stop()
    assert [row.command.args.type for row in office.rows(escalation)][3:5] == ["Deliver", "Tick"]


def test_a_result_for_nobody_is_dropped(office: Office) -> None:
    result = office.decider.command(cmd.Deliver(delivery=1, channel="chat"), actor="surety:outbox", source="outbox")
    office.queue("no-such-escalation", result, "k")
    assert office.drain() == 1
    assert office.drain() == 0


def test_closing_frees_the_ticket_and_the_next_edge_opens_anew(office: Office) -> None:
    first = office.open("T-1")
    close = cmd.Override(action="close", text="a" * 64, code="duplicate")
    done = office.act(first, MIRIAM, close)
    assert done is not None
    assert done.rejected is None
    case = office.case("T-1")
    assert (case.escalation, case.closed_at) == (None, {"enterprise-billing": START})
    assert not office.stream(first).open
    office.see("T-1", BILLING)
    assert office.case("T-1").escalation is None, "it matched before and matches still: no edge"
    office.see("T-1", {**BILLING, "priority": "low"})
    office.see("T-1", BILLING)
    assert office.case("T-1").escalation not in (None, first)


def test_a_watch_asks_for_the_ticket_and_time_alone_opens(office: Office) -> None:
    office.see("T-1", LATE_TICKET)
    due = office.case("T-1").watch_due
    assert due == at(1.5, seconds=1), "more than 30 minutes past"
    office.clocks.set(due)
    assert office.fire() == 1
    assert office.case("T-1").watch_due is None
    with office.store.transaction() as tx:
        assert [hint.ticket for hint in tx.take_hints(9, 0.0, 1.0)] == ["T-1"]
    office.see("T-1", LATE_TICKET)
    escalation = office.case("T-1").escalation
    assert escalation is not None
    assert office.stream(escalation).template == "sla-breach"


def test_solved_outside_with_proof_resolves_and_without_it_is_set_back(office: Office) -> None:
    proven, unproven = office.open("T-1"), office.open("T-2")
    for escalation in (proven, unproven):
        office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
        office.succeed()
    record = {"escalation_state": "accepted", "escalation_owner": ANNA}
    office.see("T-1", {**BILLING, "status": "solved", **record, **PROOF})
    office.see("T-2", {**BILLING, "status": "solved", **record})
    assert office.state(proven).phase is Phase.RESOLVED
    assert office.state(unproven).phase is Phase.ACCEPTED
    assert "RestoreRequested" in office.events(unproven)


def test_one_fault_does_not_hold_up_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sick, well = office.open("T-1"), office.open("T-2")
    real = advance

    def faulty(*args: Any, **named: Any) -> Any:
        if named["escalation"] == sick:
            raise AssertionError("a decision without end")
        return real(*args, **named)

    monkeypatch.setattr(decider_module, "advance", faulty)
    office.move(3)
    office.fire()
    assert office.stream(sick).seq == 1
    assert office.stream(well).seq > 1
    assert office.decider.stuck == {sick: "AssertionError: a decision without end"}
    assert office.fire() == 0, "it is not tried again and again"
    monkeypatch.undo()
    office.act(sick, ANNA, cmd.Accept(offer=1, answers=YES))
    assert office.decider.stuck == {}, "the next command for it tries again"


def test_a_command_that_cannot_be_read_waits_and_the_others_go_on(office: Office) -> None:
    escalation = office.open("T-1")
    with office.store.transaction() as tx:
        tx.put_command(escalation, b'{"broken', "k1")
    accept = office.decider.command(cmd.Accept(offer=1, answers=YES), actor=ANNA, source="mail")
    office.queue(escalation, accept, "k2")
    office.drain(limit=1)
    office.drain(limit=1)
    assert office.state(escalation).holder == ANNA
    assert list(office.decider.stuck) == ["inbox 1"]
    with office.store.reader() as reader:
        assert reader.pending().inbox == 1, "nothing is thrown away"


def test_trouble_with_the_store_is_not_mistaken_for_a_fault_of_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalation = office.open("T-1")
    office.queue(escalation, office.decider.command(cmd.Tick(), actor="surety:test", source="test"), "k")
    office.move(3)

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", "make room")

    monkeypatch.setattr(decider_module, "advance", full)
    with pytest.raises(StoreError):
        office.fire()
    with pytest.raises(StoreError):
        office.drain()
    assert office.decider.stuck == {}


def test_a_look_that_is_due_is_not_lost_when_its_escalation_ends(office: Office) -> None:
    """A new revision has every ticket looked at again; many may wait for it."""
    escalation = office.open("T-1")
    with office.store.transaction() as tx:
        tx.watch_all(START)
    office.act(escalation, MIRIAM, cmd.Cancel(text="d" * 64))
    assert (office.case("T-1").escalation, office.case("T-1").watch_due) == (None, START)
    office.fire()
    with office.store.transaction() as tx:
        assert [hint.ticket for hint in tx.take_hints(9, 0.0, 9.0)] == ["T-1"]


def test_values_that_do_not_fit_are_shown_and_said_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {**BILLING, "type": "Billing"}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            office.see("T-1", wrong)
        first = [record.getMessage() for record in caplog.records]
        assert len(first) == 1
        assert "T-1: type holds the text `Billing`, which is none of: " in first[0]
        assert "it counts as absent: correct it in the helpdesk, or declare it in the Fields policy" in first[0]
        case = office.case("T-1")
        assert case.problems[0].startswith("type holds the text `Billing`")
        assert case_view(case)["problems"] == list(case.problems)
        office.see("T-1", {**wrong, "priority": "High"})
        assert len(caplog.records) == 2, "another problem is said"
        office.see("T-1", BILLING)
    assert len(caplog.records) == 2
    assert case_view(office.case("T-1"))["problems"] == []


def test_an_opening_and_an_end_are_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        escalation = office.open("T-1")
        office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
        office.act(escalation, MIRIAM, cmd.Cancel(text="d" * 64))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", f"{escalation} opened on T-1 by enterprise-billing; accountable: {ANNA}"),
        ("INFO", f"{escalation} on T-1 by enterprise-billing is cancelled; accountable was: {ANNA}"),
    ]
