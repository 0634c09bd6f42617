"""Drift: what others make of what was written is restored, adopted or reported; our own writes are none of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from runner.contract.contract import DriftOf
from runner.contract.policies import TicketField
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.drift import drifted, mark, own_fields
from runner.engine.reasons import RejectReason
from runner.engine.state import Change, Rollback
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    YES,
    Life,
    accepted,
    at,
    away,
    closed,
    contract,
    exhausted,
    handed,
    handoff,
    limits,
    opened,
    resolved,
    roster,
    step,
    without,
)


def terms(**drift: Any) -> Any:
    return contract(drift=DriftOf(**drift), runbook={"open": (step("set_fields", args={"fields": {"queue": "sdr"}}),)})


def wrote(given: Any = accepted, /, **changes: Any) -> Life:
    """Accepted; a step has put the ticket into a queue."""
    life: Life = given(**{"contract": terms(), "answers": ("deliveries", "writes"), **changes})
    life.do(cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"field.queue": "sdr", "ticket": None}))
    return life


def fought(times: int, name: str = "x_owner", **changes: Any) -> Life:
    """Changed by others, and written again, this often."""
    life = wrote(**changes)
    for minute in range(times):
        life.do(cmd.NoteDrift(fields={name: "zoe"}), when=at(10 + minute))
        life.answer()
    return life


ZOE = cmd.NoteDrift(fields={"x_owner": "zoe"})
CARL = cmd.NoteDrift(fields={"x_owner": "carl"})
QUEUE = cmd.NoteDrift(fields={"queue": "spam"})
TOLD = ["tell ann: drift", "tell boss: drift"]
RESTORED, FLAGGED = "DriftFound: drifted", "DriftFound: drift_limit"
ADOPT = partial(accepted, contract=terms(owner="adopt"))
FLAG = partial(accepted, contract=terms(owner="flag"))


@table(
    Row("the record is written again", accepted, ZOE, at(20), [RESTORED]),
    Row("while it is offered", opened, ZOE, at(20), [RESTORED]),
    Row("when it is resolved", resolved, ZOE, at(70), [RESTORED]),
    Row("after the limit it is reported", partial(fought, 2), ZOE, at(20), [FLAGGED, *TOLD]),
    Row("a value once", partial(fought, 3), ZOE, at(20), []),
    Row("another value again", partial(fought, 3), CARL, at(20), [FLAGGED, *TOLD]),
    Row("our own write is under way", lambda: without(accepted(answers=("deliveries",))), ZOE, at(20), []),
    Row("nothing of ours", accepted, cmd.NoteDrift(fields={"amount": 7}), at(20), []),
    Row("after the end", closed, ZOE, at(80), RejectReason.NOT_OPEN),
    Row("flag", FLAG, ZOE, at(20), [RESTORED, *TOLD]),
    Row(
        "flag, in exhaustion: one person, one message",
        partial(exhausted, contract=terms(owner="flag")),
        ZOE,
        at(250),
        [RESTORED, "tell boss: drift"],
    ),
    Row(
        "adopted as a handoff, and written back until it is accepted",
        ADOPT,
        CARL,
        at(20),
        ["DriftFound: adopted", "handoff offer 2 to carl: adopted", "tell carl: offer", "tell ann: drift"],
    ),
    Row("adopt: nobody of that name", ADOPT, ZOE, at(20), [RESTORED, *TOLD]),
    Row("adopt: the one who holds it", ADOPT, cmd.NoteDrift(fields={"x_owner": "ann"}), at(20), [RESTORED, *TOLD]),
    Row("adopt: taken away", ADOPT, cmd.NoteDrift(fields={"x_owner": None}), at(20), [RESTORED, *TOLD]),
    Row(
        "adopt: that person is away",
        partial(ADOPT, roster=roster(away("carl"))),
        CARL,
        at(20),
        [RESTORED, *TOLD],
    ),
    Row("adopt: nobody holds it", partial(opened, contract=terms(owner="adopt")), CARL, at(20), [RESTORED, *TOLD]),
    Row(
        "adopt: handed over already",
        partial(handed, contract=terms(owner="adopt")),
        cmd.NoteDrift(fields={"x_owner": "cora"}),
        at(20),
        [RESTORED, *TOLD],
    ),
    Row(
        "adopt: handoffs enough",
        partial(accepted, contract=contract(drift=DriftOf(owner="adopt"), handoff=handoff(at_most=0))),
        CARL,
        at(20),
        [RESTORED, *TOLD],
    ),
    Row("adopt: another field of the record", ADOPT, cmd.NoteDrift(fields={"x_state": "text:1"}), at(20), [RESTORED]),
    Row("a step's field is taken as it is", wrote, QUEUE, at(20), [RESTORED]),
    Row(
        "a step's field is written again",
        partial(wrote, contract=terms(fields="restore")),
        QUEUE,
        at(20),
        [RESTORED, "FieldsRequested: drifted"],
    ),
    Row(
        "a step's field after the limit",
        partial(fought, 2, "queue", contract=terms(fields="restore")),
        QUEUE,
        at(20),
        [FLAGGED, *TOLD],
    ),
    Row("a step's field is reported", partial(wrote, contract=terms(fields="flag")), QUEUE, at(20), [RESTORED, *TOLD]),
    Row(
        "both at once",
        wrote,
        cmd.NoteDrift(fields={"x_owner": "zoe", "queue": None}),
        at(20),
        [RESTORED, RESTORED],
    ),
)
def test_drift(row: Row) -> None:
    play(row)


def test_the_record_is_written_with_what_it_says() -> None:
    outcome = accepted().do(ZOE, when=at(20))
    request = outcome.one(ev.RecordRequested)
    assert (request.state, request.owner, request.reason) == ("accepted", "ann", "drifted")
    assert [effect.kind for effect in outcome.effects] == ["record"]


def test_what_is_adopted_is_the_confirmed_value_from_then_on() -> None:
    life = wrote()
    life.do(QUEUE, when=at(20))
    assert life.live.written == {"queue": "spam"}
    life.do(cmd.NoteDrift(fields={"queue": None}), when=at(21))
    assert life.live.written == {}
    assert life.do(QUEUE, when=at(22)).story == []


def test_what_is_restored_is_what_the_step_had_written() -> None:
    life = wrote(contract=terms(fields="restore"))
    outcome = life.do(QUEUE, when=at(20))
    (effect,) = outcome.effects
    assert (effect.kind, effect.lane, effect.payload["fields"]) == ("record", "ticket", {"queue": "sdr"})


def test_the_one_who_was_named_in_the_helpdesk_may_accept() -> None:
    life = accepted(contract=terms(owner="adopt"))
    life.do(CARL, when=at(20))
    assert life.live.record == ("accepted", "ann", at(5))
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(25))
    assert life.live.holder == "carl"


def test_a_crm_that_moves_it_back_three_times_is_stopped_at_the_limit() -> None:
    life = wrote(contract=terms(fields="restore"))
    stories = []
    for minute in (10, 20, 30, 40):
        stories.append(life.do(QUEUE, when=at(minute)).story)
        life.answer()
    assert stories == [[RESTORED, "FieldsRequested: drifted"]] * 2 + [[FLAGGED, *TOLD], []]


def test_a_state_does_not_grow_with_what_is_reported() -> None:
    life = accepted(contract=terms(owner="flag"))
    for number in range(60):
        life.do(cmd.NoteDrift(fields={"x_owner": f"p{number}"}), when=at(20 + number))
    assert len(life.live.flagged) == 20


def test_never_to_be_restored() -> None:
    life = accepted(contract=contract(limits=limits(restores_at_most=0)))
    assert life.do(ZOE, when=at(20)).story == [FLAGGED, *TOLD]


def test_a_ticket_that_is_solved_without_proof_may_only_be_reported() -> None:
    life = accepted(contract=contract(drift=DriftOf(status="flag")))
    outcome = life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(20))
    assert outcome.story == ["VerificationFailed: unproven", "tell ann: unproven", "tell boss: unproven"]


FIELDS = {
    "x_state": TicketField(type="text", summary="State."),
    "x_owner": TicketField(type="person", summary="Owner."),
    "x_accepted": TicketField(type="instant", summary="Since."),
    "queue": TicketField(type="text", summary="Queue."),
    "status": TicketField(type="choice", summary="Status.", values=("open", "solved")),
}
LATER = "2026-03-03T09:06:00.000000Z"
GOOD: dict[str, Any] = {
    "x_state": "accepted", "x_owner": "ann", "x_accepted": "2026-03-03T09:05:00.000000Z", "queue": "sdr",
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "reading", "found"),
    [
        ("as written", {}, {}),
        ("another owner", {"x_owner": "zoe"}, {"x_owner": "zoe"}),
        ("taken away", {"x_owner": None}, {"x_owner": None}),
        ("a text stands as its mark", {"queue": "spam"}, {"queue": mark("spam")}),
        (
            "another instant",
            {"x_accepted": "2026-03-03T09:06:00.000000Z"},
            {"x_accepted": "2026-03-03T09:06:00.000000Z"},
        ),
        ("a field that is not ours", {"status": "solved"}, {}),
    ],
)
def test_what_a_reading_says_that_is_not_ours(word: str, reading: dict[str, Any], found: dict[str, Any]) -> None:
    life = wrote()
    given = {**GOOD, "x_accepted": "2026-03-03T09:05:00.000000Z", **reading}
    kept = {name: value for name, value in given.items() if value is not None}
    assert drifted(life.contract, life.live, FIELDS, kept) == (found, False), word


def test_what_is_being_written_is_judged_later() -> None:
    life = without(wrote(), "writes")
    state = life.live
    spoilt = {**GOOD, "queue": "spam", "x_accepted": "2026-03-03T09:05:00.000000Z"}
    assert drifted(life.contract, replace(state, writes=(9,)), FIELDS, spoilt) == ({}, True)
    assert drifted(life.contract, replace(state, unwritten=True), FIELDS, spoilt) == ({}, True)
    again = opened(contract=terms(), answers=("deliveries", "writes"))
    assert "queue" in own_fields(again.contract, again.live), "a step is writing it"
    kept = replace(again.live, written={"queue": "old"})
    reading = {**GOOD, "x_state": "offered", "x_accepted": None}
    assert drifted(again.contract, kept, FIELDS, {k: v for k, v in reading.items() if v}) == ({}, True)


def test_what_is_being_taken_back_is_judged_later() -> None:
    life = wrote()
    change = Change("open#1", 0, "restore", {"field.queue": None})
    rollback = Rollback("r1", None, step="open#1/0")
    state = replace(life.live, changes=(change,), rollbacks={"r1": rollback})
    reading = {**GOOD, "queue": "spam"}
    assert drifted(life.contract, state, FIELDS, reading) == ({}, True)
    done = replace(state, rollbacks={})
    assert drifted(life.contract, done, FIELDS, reading) == ({"queue": mark("spam")}, False)


def test_an_adopted_text_is_compared_by_its_mark() -> None:
    life = wrote()
    state = replace(life.live, written={"queue": mark("spam")})
    reading = {**GOOD, "queue": "spam", "x_accepted": "2026-03-03T09:05:00.000000Z"}
    assert drifted(life.contract, state, FIELDS, reading) == ({}, False)
    assert drifted(life.contract, state, FIELDS, {**reading, "queue": "ham"}) == ({"queue": mark("ham")}, False)


def test_before_the_record_was_wanted_there_is_nothing_to_compare() -> None:
    life = wrote()
    assert drifted(life.contract, replace(life.live, record=None), FIELDS, {"queue": "sdr"}) == ({}, False)


def test_the_lifecycle_is_not_a_field_of_a_step() -> None:
    life = wrote()
    state = replace(life.live, written={"status": "open"})
    reading = {**GOOD, "status": "solved", "x_accepted": "2026-03-03T09:05:00.000000Z"}
    assert drifted(life.contract, state, FIELDS, reading) == ({}, False)
