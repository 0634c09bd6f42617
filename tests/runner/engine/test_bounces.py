"""To and fro between the same two people: once it may go back, the second time it goes to the escalation owner."""

from __future__ import annotations

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import accountable
from tests.runner.engine.worlds import NET, TEXT, Life, accepted, contract, hand_over, handoff, opened

PATIENT = contract(handoff=handoff(at_most=20))


def passed(*people: str, life: Life | None = None) -> Life:
    """Ann, who accepted, hands it on; each receiver accepts."""
    found = life or accepted(contract=PATIENT)
    for to in people:
        found.do(hand_over(to), found.live.holder or "")
        found.accept()
    return found


@pytest.mark.parametrize(
    ("word", "before", "to", "goes_to", "reason"),
    [
        ("there", (), "carl", "carl", Reason.HANDED_OVER),
        ("and back", ("carl",), "ann", "ann", Reason.HANDED_OVER),
        ("and there again", ("carl", "ann"), "carl", "boss", Reason.BOUNCED),
        ("on to another", ("carl", "ann"), "cora", "cora", Reason.HANDED_OVER),
        ("round about", ("carl", "cora", "ann"), "carl", "carl", Reason.HANDED_OVER),
        ("back after a detour", ("carl", "ann", "cora", "carl"), "ann", "ann", Reason.HANDED_OVER),
        ("and back once more", ("carl", "ann", "cora", "carl", "ann"), "carl", "boss", Reason.BOUNCED),
        ("others have a turn of their own", ("carl", "ann", "cora"), "ann", "ann", Reason.HANDED_OVER),
        ("to and fro with the escalation owner", ("boss", "ann"), "boss", "boss", Reason.BOUNCED),
    ],
)
def test_where_it_goes(word: str, before: tuple[str, ...], to: str, goes_to: str, reason: Reason) -> None:
    life = passed(*before)
    offer = life.do(hand_over(to), life.live.holder or "").one(ev.OwnerOffered)
    assert (offer.to, offer.reason) == (goes_to, reason), word
    assert offer.rule == "small#/handoff"


def test_it_says_so_whatever_the_number_of_handoffs() -> None:
    life = passed("carl", "ann", life=accepted(contract=contract(handoff=handoff(at_most=2))))
    assert life.do(hand_over("carl"), "ann").one(ev.OwnerOffered).reason is Reason.BOUNCED
    life.accept()
    assert accountable(life.live) == "boss"


def test_the_escalation_owner_does_not_send_it_back_either() -> None:
    life = passed("boss", "ann", "boss")
    found = life.do(hand_over("ann"), "boss")
    assert found.rejected is RejectReason.RECEIVER_UNAVAILABLE


def test_what_was_not_accepted_did_not_go_back() -> None:
    life = passed("carl")
    life.do(hand_over("ann"), "carl")
    life.do(cmd.Reject(offer=max(life.live.offers), why="no_capacity"), "ann")
    assert passed("ann", life=life).live.bounced == (("carl", "ann"),)


def test_what_a_manager_took_between_is_no_handoff() -> None:
    life = passed("carl", "ann")
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    assert life.do(hand_over("ann"), "boss").one(ev.OwnerOffered).to == "ann"
    life.accept()
    assert life.do(hand_over("carl"), "ann").one(ev.OwnerOffered).to == "carl"


def test_a_planned_sequence_goes_where_it_is_planned() -> None:
    life = opened(contract=contract(handoff=handoff(at_most=9, sequence=(NET,))))
    life.accept()
    passed("carl", "ann", life=life)
    offer = life.do(hand_over(None), "ann").one(ev.OwnerOffered)
    assert (offer.to, offer.reason) == ("carl", Reason.PLANNED_HANDOFF)
