"""Handoffs: what they must carry, who answers meanwhile, how they end, and how many there may be."""

from __future__ import annotations

from functools import partial

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    contract,
    exhausted,
    hand_over,
    handed,
    handoff,
    opened,
    resolved,
    roster,
    step,
)

OFFERED = ["handoff offer 2 to carl: handed_over", "tell carl: offer"]
TO_CARL = hand_over("carl")
DEMANDING = contract(handoff=handoff(require=("reason", "next_step", "artifacts", "expected_at")))


def beyond(**changes: object) -> Life:
    """Ann, carl and cora have handed it on: cora holds it, and the two handoffs that are allowed are used up."""
    life = handed(**changes)
    life.accept()
    life.do(hand_over("cora"), "carl", when=at(20))
    life.accept()
    return life


def with_boss(**changes: object) -> Life:
    """Beyond the limit, and boss took it."""
    life = beyond(**changes)
    life.do(hand_over("ben"), "cora", when=at(30))
    life.accept()
    return life


@table(
    Row("to a colleague", accepted, TO_CARL, at(10), OFFERED, "ann"),
    Row(
        "with all that this contract asks for",
        partial(accepted, contract=DEMANDING),
        hand_over("carl", artifacts=(TEXT,), expected_at=at(60)),
        at(10),
        OFFERED,
        "ann",
    ),
    Row("without a reason", accepted, hand_over("carl", reason=None), at(10), RejectReason.HANDOFF_INCOMPLETE, "ann"),
    Row(
        "without artifacts",
        partial(accepted, contract=DEMANDING),
        TO_CARL,
        at(10),
        RejectReason.HANDOFF_INCOMPLETE,
        "ann",
    ),
    Row("before accepting", opened, TO_CARL, at(10), RejectReason.NOT_YOURS, "ann"),
    Row("by somebody else", accepted, TO_CARL, at(10), RejectReason.NOT_YOURS, "boss"),
    Row("when resolved", resolved, TO_CARL, at(61), RejectReason.WRONG_STATE, "ann"),
    Row("out of exhaustion", exhausted, TO_CARL, at(241), RejectReason.NOT_YOURS, "boss"),
    Row("while another waits", handed, hand_over("cora"), at(12), RejectReason.HANDOFF_PENDING, "ann"),
    Row("to oneself", accepted, hand_over("ann"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row("to nobody known", accepted, hand_over("zoe"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row("to what is no name", accepted, hand_over("Carl C., tier 2"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row("to an empty name", accepted, hand_over(""), at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row(
        "to somebody who is away",
        partial(accepted, roster=roster(away("carl"))),
        TO_CARL,
        at(10),
        RejectReason.RECEIVER_UNAVAILABLE,
        "ann",
    ),
    Row(
        "the receiver accepts",
        handed,
        cmd.Accept(offer=2, answers=YES),
        at(12),
        ["carl accepts 2: accepted", "tell ann: handed_over"],
        "carl",
    ),
    Row(
        "the receiver accepts, and the handoff's steps begin",
        partial(handed, contract=contract(runbook={"handoff": (step("note"),)})),
        cmd.Accept(offer=2, answers=YES),
        at(12),
        ["carl accepts 2: accepted", "tell ann: handed_over", "run handoff#1", "step handoff#1/0"],
        "carl",
    ),
    Row(
        "the receiver accepts late, while it is open",
        handed,
        cmd.Accept(offer=2, answers=YES),
        at(50),
        ["carl accepts 2: accepted_late", "tell ann: handed_over"],
        "carl",
    ),
    Row(
        "the receiver leaves a question out",
        handed,
        cmd.Accept(offer=2, answers={}),
        at(12),
        RejectReason.CHECKLIST_INCOMPLETE,
        "carl",
    ),
    Row(
        "the receiver does not answer",
        handed,
        cmd.Tick(),
        at(40),
        ["offer 2 ends: no_answer", "tell ann: returned", "tell boss: returned"],
    ),
    Row(
        "the receiver was never told",
        partial(handed, answers=()),
        cmd.Tick(),
        at(40),
        ["offer 2 ends: not_told", "tell ann: returned", "tell boss: returned"],
    ),
    Row(
        "beyond the limit it goes to the escalation owner",
        beyond,
        hand_over("ben"),
        at(30),
        ["handoff offer 4 to boss: handoff_limit", "tell boss: offer"],
        "cora",
    ),
    Row(
        "beyond the limit, by the escalation owner",
        with_boss,
        hand_over("ben"),
        at(40),
        RejectReason.RECEIVER_UNAVAILABLE,
        "boss",
    ),
)
def test_handoff(row: Row) -> None:
    play(row)


def test_the_sender_is_accountable_until_the_receiver_accepts() -> None:
    life = handed()
    assert accountable(life.live) == "ann"
    life.accept()
    assert accountable(life.live) == "carl"
    assert life.live.previous == "ann"


def test_handed_to_the_substitute_another_is_named() -> None:
    life = accepted()
    assert life.live.substitute == "ben"
    life.do(hand_over("ben"), "ann", when=at(10))
    assert life.accept().story == ["ben accepts 2: accepted", "tell ann: handed_over", "substitute now: boss"]
    assert life.live.substitute == "boss"


def test_a_handoff_that_came_back_may_be_tried_again_and_counts() -> None:
    life = handed()
    life.until(at(40))
    assert accountable(life.live) == "ann"
    assert life.do(hand_over("cora"), "ann").one(ev.OwnerOffered).to == "cora"
    assert life.live.handoffs == 2


def test_a_handoff_to_the_escalation_owner_who_sent_it_is_told_once() -> None:
    life = opened()
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    life.do(TO_CARL, "boss")
    life.now = at(40)
    assert (
        life.tick().story == ["offer 1 ends: no_answer"]
        if 1 in life.live.offers
        else ["offer 2 ends: no_answer", "tell boss: returned"]
    )


@pytest.mark.parametrize("missing", ["reason", "next_step", "artifacts", "expected_at"])
def test_what_is_missing_is_named(missing: str) -> None:
    life = accepted(contract=DEMANDING)
    given = {"artifacts": (TEXT,), "expected_at": at(60), missing: () if missing == "artifacts" else None}
    outcome = life.do(hand_over("carl", **given), "ann")
    assert outcome.detail == f"a handoff also needs: {missing}"
