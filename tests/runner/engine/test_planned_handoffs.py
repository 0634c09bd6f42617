"""Planned handoffs: one tier after the other, whoever can be asked, without counting as being passed around."""

from __future__ import annotations

from functools import partial

from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import NET, Life, accepted, at, away, contract, hand_over, handoff, roster

TIERS = (NET, OwnerRef(person="cora"), OwnerRef(person="abe"))
PLANNED = contract(handoff=handoff(sequence=TIERS, at_most=0))
NEXT = hand_over(None)


def tier_one(**changes: object) -> Life:
    """Ann has handed it to the first tier, carl, who took it."""
    life = accepted(**{"contract": PLANNED, **changes})
    life.do(NEXT, "ann", when=at(10))
    life.accept()
    return life


def tier_three() -> Life:
    """All tiers had it; abe holds it."""
    life = tier_one()
    for sender in ("carl", "cora"):
        life.do(NEXT, sender, when=life.now)
        life.accept()
    return life


@table(
    Row(
        "to the first tier, although no other handoff is allowed",
        partial(accepted, contract=PLANNED),
        NEXT,
        at(10),
        ["handoff offer 2 to carl: planned_handoff", "tell carl: offer"],
        "ann",
    ),
    Row(
        "from there to the second",
        tier_one,
        NEXT,
        at(20),
        ["handoff offer 3 to cora: planned_handoff", "tell cora: offer"],
        "carl",
    ),
    Row(
        "a tier that nobody can be asked in is passed over",
        partial(accepted, contract=PLANNED, roster=roster(away("carl"), away("cora"))),
        NEXT,
        at(10),
        ["handoff offer 2 to abe: planned_handoff", "tell abe: offer"],
        "ann",
    ),
    Row(
        "whoever holds it is not the next",
        partial(tier_one, roster=roster(away("carl"))),
        NEXT,
        at(20),
        ["handoff offer 3 to abe: planned_handoff", "tell abe: offer"],
        "cora",
    ),
    Row(
        "after the last tier it is the escalation owner's",
        tier_three,
        NEXT,
        at(60),
        ["handoff offer 5 to boss: sequence_end", "tell boss: offer"],
        "abe",
    ),
    Row("without a sequence a receiver is named", accepted, NEXT, at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row(
        "what a handoff must carry, it carries here too",
        partial(accepted, contract=PLANNED),
        hand_over(None, reason=None),
        at(10),
        RejectReason.HANDOFF_INCOMPLETE,
        "ann",
    ),
    Row(
        "a receiver by name still counts",
        partial(accepted, contract=PLANNED),
        hand_over("carl"),
        at(10),
        ["handoff offer 2 to boss: handoff_limit", "tell boss: offer"],
        "ann",
    ),
)
def test_planned(row: Row) -> None:
    play(row)


def test_a_tier_that_does_not_answer_is_asked_again() -> None:
    life = accepted(contract=PLANNED)
    life.do(NEXT, "ann", when=at(10))
    life.until(at(40))
    assert accountable(life.live) == "ann"
    assert life.do(NEXT, "ann").one(ev.OwnerOffered).to == "carl"
    assert life.live.handoffs == 0


def test_the_rule_is_the_sequence() -> None:
    life = accepted(contract=PLANNED)
    offer = life.do(NEXT, "ann", when=at(10)).one(ev.OwnerOffered)
    assert (offer.rule, offer.planned) == ("small#/handoff/sequence", 0)


def test_a_command_without_receiver_is_kept_as_such() -> None:
    assert cmd.HandOver(to=None).model_dump()["to"] is None
