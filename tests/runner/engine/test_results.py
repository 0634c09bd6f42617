"""What comes back from the world: messages and writes; and the effects that ask for them."""

from __future__ import annotations

from functools import partial

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.briefing import briefing
from runner.engine.reasons import Reason
from runner.engine.replay import Verdict
from runner.engine.results import ENDED
from runner.engine.state import Phase, next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    TEXT,
    YES,
    Life,
    accepted,
    at,
    closed,
    contract,
    exhausted,
    opened,
    step,
    without,
)

STALE = ["ResultIgnored: stale"]
quiet = partial(opened, answers=())


def closing(**changes: object) -> Life:
    """Cancelled while a message and a write were on their way."""
    life = without(opened(**changes), "deliveries", "writes")
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(4))
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(5))
    return life


@table(
    Row("a channel took it", quiet, cmd.Deliver(delivery=1, channel="chat"), at(1), ["DeliveryTaken: delivered"]),
    Row("taken twice", opened, cmd.Deliver(delivery=1, channel="chat"), at(1), STALE),
    Row("never sent", quiet, cmd.Deliver(delivery=9, channel="chat"), at(1), STALE),
    Row(
        "no channel took it",
        quiet,
        cmd.FailDelivery(delivery=1, why="none"),
        at(1),
        [
            "DeliveryFailed: undelivered",
            "ExceptionRaised: undelivered",
            "exception 1 is boss's: undelivered",
            "tell boss: undelivered",
        ],
    ),
    Row(
        "it was not sent, since its offer had ended",
        quiet,
        cmd.FailDelivery(delivery=1, why=ENDED),
        at(1),
        ["DeliveryFailed: stale"],
    ),
    Row("failed after it was taken", opened, cmd.FailDelivery(delivery=1, why="none"), at(1), STALE),
    Row(
        "the escalation owner cannot be told that it cannot be told",
        partial(exhausted, answers=()),
        cmd.FailDelivery(delivery=1, why="none"),
        at(2000),
        [
            "DeliveryFailed: undelivered",
            "ExceptionRaised: undelivered",
            "exception 1 is boss's: undelivered",
            "tell boss: undelivered",
        ],
    ),
    Row("the ticket was written", quiet, cmd.WriteRecord(write=1), at(1), ["RecordConfirmed: written"]),
    Row("written twice", opened, cmd.WriteRecord(write=1), at(1), STALE),
    Row(
        "the ticket could not be written",
        quiet,
        cmd.FailRecord(write=1, why="403"),
        at(1),
        ["RecordFailed: unwritten", "tell boss: record_failed"],
    ),
    Row("a write that never was", quiet, cmd.FailRecord(write=5, why="403"), at(1), STALE),
    Row("after the end: taken", closing, cmd.Deliver(delivery=2, channel="chat"), at(6), ["DeliveryTaken: delivered"]),
    Row(
        "after the end: not taken, and nobody is told",
        closing,
        cmd.FailDelivery(delivery=2, why="x"),
        at(6),
        ["DeliveryFailed: undelivered"],
    ),
    Row("after the end: written", closing, cmd.WriteRecord(write=3), at(6), ["RecordConfirmed: written"]),
    Row(
        "after the end: not written",
        closing,
        cmd.FailRecord(write=3, why="x"),
        at(6),
        ["RecordFailed: unwritten", "tell boss: record_failed"],
    ),
    Row("after the end: time", closed, cmd.Tick(), at(9999), []),
)
def test_results(row: Row) -> None:
    play(row)


def test_an_offer_that_ended_before_its_message_was_taken_is_not_told() -> None:
    life = quiet()
    life.tick(at(60))
    life.do(cmd.Deliver(delivery=1, channel="mail"))
    assert 1 not in life.live.offers
    assert not life.live.offers[2].told


@pytest.mark.parametrize(
    "failure", [cmd.FailDelivery(delivery=1, why="x" * 300), cmd.FailRecord(write=1, why="x" * 300)]
)
def test_why_it_failed_is_cut(failure: cmd.Args) -> None:
    events = quiet().do(failure).events
    assert events[0].why == "x" * 256  # type: ignore[union-attr]


def test_the_message_of_an_offer_says_until_when_and_why() -> None:
    (message,) = [effect for effect in quiet().effects if effect.kind == "message"]
    assert message.lane == ""
    wanted = {
        "delivery": 1,
        "to": "ann",
        "about": "offer",
        "offer": 1,
        "accountable": "ann",
        "reason": "first_rung",
        "rule": "small#/owners/primary",
        "accept_by": "2026-03-03T10:00:00.000000Z",
    }
    assert wanted.items() <= message.payload.items()


def test_a_message_of_no_offer_has_no_end() -> None:
    life = exhausted()
    messages = [effect.payload for effect in life.effects if effect.kind == "message"]
    assert messages[-1]["accept_by"] is None  # the offer without end
    life.tick(at(300))
    assert life.effects[-1].payload["about"] == "reminder"
    assert life.effects[-1].payload["offer"] is None


def test_the_ticket_is_written_only_when_it_would_say_something_else() -> None:
    life = opened()
    before = life.live.write_count
    life.do(cmd.Reject(offer=1, why="not_mine"), "ben")
    life.do(cmd.NoteOtherMatch(template="big"))
    assert life.live.write_count == before
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    record = life.effects[-1]
    assert record.payload["fields"] == {
        "x_state": "accepted",
        "x_owner": "ann",
        "x_accepted": "2026-03-03T09:05:00.000000Z",
    }


def test_writes_to_the_ticket_share_a_lane_and_messages_have_none() -> None:
    steps = (step("notify", who="owner"), step("note"), step("set_fields"), step("create_ticket"))
    life = accepted(contract=contract(runbook={"accepted": steps}))
    lanes = {(each.kind, each.payload.get("step_kind")): each.lane for each in life.effects}
    assert lanes == {
        ("message", None): "",
        ("record", None): "ticket",
        ("step", "notify"): "",
        ("step", "note"): "ticket",
        ("step", "set_fields"): "ticket",
        ("step", "create_ticket"): "ticket",
    }


def test_a_step_knows_who_is_accountable_and_until_when() -> None:
    life = opened(contract=contract(runbook={"open": (step("notify", who="secondary"),)}))
    (effect,) = [each for each in life.effects if each.kind == "step"]
    wanted = {
        "run": "open#1",
        "point": "open",
        "step": 0,
        "attempt": 1,
        "who": "ben",
        "accountable": "ann",
        "phase": "offered",
    }
    assert wanted.items() <= effect.payload.items()
    assert effect.payload["accept_by"] == "2026-03-03T10:00:00.000000Z"
    assert effect.payload["owners"] == {"primary": "ann", "secondary": "ben", "escalation_owner": "boss"}


def test_the_end_is_written_to_the_ticket_with_who_had_it_last() -> None:
    life = closed()
    (last,) = [each.payload["fields"] for each in life.effects if each.kind == "record"][-1:]
    assert life.live.phase is Phase.CLOSED
    assert last == {"x_state": "closed", "x_owner": "ann", "x_accepted": "2026-03-03T09:05:00.000000Z"}


def test_a_step_is_briefed_with_how_things_stood_when_it_was_decided() -> None:
    steps = (step("notify", who="owner", inputs={"channel": "finance"}),)
    life = accepted(contract=contract(runbook={"accepted": steps}))
    (effect,) = [each for each in life.effects if each.kind == "step"]
    assert dict(briefing(life.contract, "E-1", effect.payload, {"ann": "Ann A."})) == {
        "escalation": {
            "id": "E-1",
            "template": "small",
            "state": "accepted",
            "opened_at": "2026-03-03T09:00:00.000000Z",
            "outcome_due": "2026-03-03T17:00:00.000000Z",
        },
        "owner": "Ann A.",
        "previous": None,
        "owners": {"primary": "Ann A.", "secondary": "ben", "escalation_owner": "boss"},
        "accept_by": None,
        "asked": "Ann A.",
        "outcome": "It is done.",
        "inputs": {"channel": "finance"},
        "created": None,
        "steps": {},
        "checklist": {"understood": True, "reachable": True},
    }


def test_the_last_steps_name_somebody_although_nobody_ever_had_it() -> None:
    life = opened(contract=contract(runbook={"closed": (step("note"),)}))
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(1))
    (effect,) = [each for each in life.effects if each.kind == "step"]
    assert effect.payload["accountable"] == "boss"


def not_written(**changes: object) -> Life:
    """The first write to the ticket failed after a minute."""
    life = opened(answers=("deliveries", "steps"), **changes)
    life.do(cmd.FailRecord(write=1, why="403"), when=at(1))
    return life


def told_of_the_record(life: Life) -> list[str]:
    return [e.to for _, e in life.events if isinstance(e, ev.DeliveryRequested) and e.about == "record_failed"]


@table(
    Row("not yet", not_written, cmd.Tick(), at(11, seconds=-1), []),
    Row("written late after all", not_written, cmd.WriteRecord(write=1), at(2), STALE),
    Row(
        "somebody accepts meanwhile: that is written, and nothing else waits",
        not_written,
        cmd.Accept(offer=1, answers=YES),
        at(5),
        ["ann accepts 1: accepted"],
        "ann",
    ),
)
def test_after_a_failed_write(row: Row) -> None:
    play(row)


def test_what_could_not_be_written_is_requested_again_when_a_step_may_take_no_longer() -> None:
    life = not_written()
    assert (life.live.unwritten, life.live.rewrite_at, next_deadline(life.live)) == (True, at(11), at(11))
    again = life.tick(at(11)).one(ev.RecordRequested)
    assert (again.reason, again.rule, again.write) == (Reason.UNWRITTEN, "fields#/record", 2)
    assert (again.state, again.owner) == ("offered", "ann")
    assert (life.live.writes, life.live.rewrite_at) == ((2,), None)
    assert life.effects[-1].payload["fields"] == {"x_state": "offered", "x_owner": "ann", "x_accepted": None}
    life.do(cmd.WriteRecord(write=2))
    assert not life.live.unwritten
    assert next_deadline(life.live) == at(60)


def test_the_first_write_says_that_the_ticket_shows_who_is_accountable() -> None:
    assert [e.reason for _, e in opened().events if isinstance(e, ev.RecordRequested)] == [Reason.RECORD]


def test_the_escalation_owner_hears_of_it_once_until_a_write_succeeds() -> None:
    life = not_written()
    for minute, write in ((11, 2), (21, 3)):
        life.tick(at(minute))
        life.do(cmd.FailRecord(write=write, why="403"))
    assert told_of_the_record(life) == ["boss"]
    life.tick(at(31))
    life.do(cmd.WriteRecord(write=4))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(32))
    life.do(cmd.FailRecord(write=5, why="403"))
    assert told_of_the_record(life) == ["boss", "boss"]


def test_a_newer_write_takes_the_place_of_the_one_that_waits() -> None:
    life = not_written()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    assert (life.live.writes, life.live.rewrite_at) == ((2,), None)
    life.do(cmd.WriteRecord(write=2))
    assert not life.live.unwritten


def test_an_older_write_that_fails_waits_for_the_newer_one() -> None:
    life = quiet()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    failed = life.do(cmd.FailRecord(write=1, why="403")).one(ev.RecordFailed)
    assert (failed.retry_at, life.live.unwritten, life.live.rewrite_at) == (None, True, None)
    life.do(cmd.WriteRecord(write=2))
    assert not life.live.unwritten


def test_an_older_write_that_fails_after_the_newer_one_has_nothing_left_to_write() -> None:
    life = quiet()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(cmd.WriteRecord(write=2))
    assert life.do(cmd.FailRecord(write=1, why="403")).one(ev.RecordFailed).retry_at is None
    assert not life.live.unwritten


def test_the_record_is_written_again_although_the_ticket_was_set_back_after_it() -> None:
    """Setting back is a write of its own: its success says nothing about the record."""
    life = without(accepted(), "writes")
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(10))
    life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(11))
    record, restore = life.live.writes
    life.do(cmd.FailRecord(write=record, why="403"), when=at(12))
    life.do(cmd.WriteRecord(write=restore))
    assert (life.live.unwritten, life.live.rewrite_at) == (True, at(22))


def test_what_could_not_be_set_back_is_told_and_leaves_the_record_alone() -> None:
    life = without(accepted(), "writes")
    life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(11))
    (restore,) = life.live.writes
    life.do(cmd.FailRecord(write=restore, why="403"))
    assert told_of_the_record(life) == ["boss"]
    assert (life.live.unwritten, life.live.rewrite_at) == (False, None)


def test_a_ticket_that_is_gone_is_not_written_any_more() -> None:
    life = not_written()
    life.do(cmd.NoteGone(), when=at(2))
    assert (life.live.gone, life.live.rewrite_at) == (True, None)
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.until(at(300))
    assert life.live.write_count == 1
    assert life.replay().verdict is Verdict.IDENTICAL


def test_a_ticket_that_is_back_is_written_again_with_what_it_missed() -> None:
    life = not_written()
    life.do(cmd.NoteGone(), when=at(2))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    back = life.do(cmd.NoteBack(), when=at(9)).one(ev.RecordRequested)
    assert (back.state, back.owner) == ("accepted", "ann")
    assert not life.live.gone
    life.do(cmd.WriteRecord(write=back.write), when=at(9))
    assert not life.live.unwritten
    assert life.replay().verdict is Verdict.IDENTICAL


def test_a_ticket_that_is_back_and_says_what_it_should_is_left_alone() -> None:
    life = quiet()
    life.do(cmd.WriteRecord(write=1))
    life.do(cmd.NoteGone(), when=at(2))
    assert [event.type for event in life.do(cmd.NoteBack(), when=at(9)).events] == ["TicketBack", "ExceptionEnded"]


def test_a_write_that_fails_because_the_ticket_is_gone_is_not_tried_again() -> None:
    life = quiet()
    life.do(cmd.NoteGone())
    failed = life.do(cmd.FailRecord(write=1, why="404")).one(ev.RecordFailed)
    assert (failed.retry_at, life.live.rewrite_at) == (None, None)


def test_the_last_write_of_an_escalation_is_not_tried_again() -> None:
    life = closing()
    assert life.do(cmd.FailRecord(write=3, why="403")).one(ev.RecordFailed).retry_at is None
    assert next_deadline(life.live) is None
