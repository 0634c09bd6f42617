"""What comes back from the world: messages and writes; and the effects that ask for them."""

from __future__ import annotations

from functools import partial

import pytest

from runner.engine import commands as cmd
from runner.engine.briefing import briefing
from runner.engine.state import Phase
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
    life.do(cmd.NoteGone(), when=at(4))
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
        ["DeliveryFailed: undelivered", "tell boss: undelivered"],
    ),
    Row("failed after it was taken", opened, cmd.FailDelivery(delivery=1, why="none"), at(1), STALE),
    Row(
        "the escalation owner cannot be told that it cannot be told",
        partial(exhausted, answers=()),
        cmd.FailDelivery(delivery=1, why="none"),
        at(2000),
        ["DeliveryFailed: undelivered", "tell boss: undelivered"],
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
    Row("after the end: written", closing, cmd.WriteRecord(write=2), at(6), ["RecordConfirmed: written"]),
    Row("after the end: not written", closing, cmd.FailRecord(write=2, why="x"), at(6), ["RecordFailed: unwritten"]),
    Row("after the end: time", closed, cmd.Tick(), at(9999), []),
)
def test_results(row: Row) -> None:
    play(row)


def test_a_message_to_the_escalation_owner_that_fails_tells_nobody_else() -> None:
    life = quiet()
    life.do(cmd.NoteGone())
    assert life.do(cmd.FailDelivery(delivery=2, why="none")).story == ["DeliveryFailed: undelivered"]


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
    life.do(cmd.NoteGone())
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
    assert briefing(life.contract, "E-1", effect.payload, {"ann": "Ann A."}) == {
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
        "outcome": "It is done.",
        "inputs": {"channel": "finance"},
        "created": None,
    }
