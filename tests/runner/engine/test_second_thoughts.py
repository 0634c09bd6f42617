"""Taking an acceptance back, and rejecting for a conflict of interest: quietly, and for good."""

from __future__ import annotations

from typing import Any

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    BOSS,
    DESK,
    HOUR,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    box,
    contract,
    exception,
    exhausted,
    hand_over,
    handed,
    handoff,
    opened,
    resolved,
    step,
    troubled,
    without,
)

BACK = cmd.Unaccept()
UNDONE = ["OwnerReleased ann: unaccepted", "ladder offer 2 to ann: unaccepted"]
PASSED_ON = ["offer 2 ends: unaccepted", "ladder offer 3 to ben: unaccepted", "tell ben: offer", "tell boss: failover"]


def undone(**changes: Any) -> Life:
    """Ann accepted after five minutes, and took it back a minute later."""
    life = accepted(**changes)
    life.do(BACK, "ann", when=at(6))
    return life


def conflict(offer: int = 1) -> cmd.Reject:
    return cmd.Reject(offer=offer, why="conflict", text=TEXT)


@table(
    Row("by the holder", accepted, BACK, at(6), UNDONE, "ann"),
    Row("by somebody else", accepted, BACK, at(6), RejectReason.NOT_YOURS, "boss"),
    Row("before accepting", opened, BACK, at(3), RejectReason.NOT_YOURS, "ann"),
    Row("twice", undone, BACK, at(6, seconds=2), RejectReason.NOT_YOURS, "ann"),
    Row("when it is resolved", resolved, BACK, at(61), RejectReason.WRONG_STATE, "ann"),
    Row("accepted again in time", undone, cmd.Accept(offer=2, answers=YES), at(6, seconds=10),
        ["ann accepts 2: accepted"], "ann"),
    Row("not accepted again", undone, cmd.Tick(), at(6, seconds=10), PASSED_ON),
    Row("a moment before that", undone, cmd.Tick(), at(6, seconds=9), []),
    Row("and rejected after all", undone, cmd.Reject(offer=2, why="not_mine"), at(6, seconds=5), [
        "offer 2 ends: rejected_not_mine", "ladder offer 3 to ben: rejected_not_mine", "tell ben: offer",
        "tell boss: failover",
    ], "ann"),
    Row("with a handoff on its way", handed, BACK, at(12),
        ["offer 2 ends: superseded", "OwnerReleased ann: unaccepted", "ladder offer 3 to ann: unaccepted"], "ann"),
)  # fmt: skip
def test_unaccept(row: Row) -> None:
    play(row)


def test_an_unaccept_within_ten_seconds_pages_nobody() -> None:
    """A slip of the thumb: nobody hears of it, and what was begun goes on."""
    work = {"accepted": (step(), step()), "failover": (step("page", who="escalation_owner"),)}
    life = without(accepted(contract=contract(runbook=work)), "steps")
    before = [event for _, event in life.events if isinstance(event, ev.DeliveryRequested | ev.StepRequested)]
    life.do(BACK, "ann", when=at(6))
    offer = life.live.offers[2]
    assert (offer.told, offer.due, accountable(life.live)) == (True, at(6, seconds=10), "ann")
    life.do(cmd.Accept(offer=2, answers=YES), "ann", when=at(6, seconds=9))
    after = [event for _, event in life.events if isinstance(event, ev.DeliveryRequested | ev.StepRequested)]
    assert after == before
    assert life.until(at(7)) == []
    assert (life.live.phase, life.live.accepted_at) == (Phase.ACCEPTED, at(6, seconds=9))


def test_what_was_begun_goes_on_while_one_thinks_better_of_it() -> None:
    life = without(opened(contract=contract(runbook={"accepted": (step(), step(), step())})), "steps")
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(BACK, "ann", when=at(6))
    life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1), when=at(6, seconds=1))
    assert life.live.runs["accepted#1"].step == 1
    life.do(cmd.Accept(offer=2, answers=YES), "ann", when=at(6, seconds=2))
    life.do(cmd.SucceedStep(run="accepted#1", step=1, attempt=1), when=at(6, seconds=3))
    assert life.live.runs["accepted#1"].step == 2


def test_it_is_given_up_once_the_next_is_asked() -> None:
    life = without(opened(contract=contract(runbook={"accepted": (step(), step())})), "steps")
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(BACK, "ann", when=at(6))
    life.tick(at(6, seconds=10))
    assert life.live.runs["accepted#1"].leaving


def test_a_receiver_who_takes_it_back_passes_it_to_the_rung_after_the_senders() -> None:
    life = handed()
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(12))
    life.do(BACK, "carl", when=at(13))
    assert (accountable(life.live), life.live.offers[3].rung) == ("carl", None)
    life.tick(at(13, seconds=10))
    assert accountable(life.live) == "ben"


def test_out_of_exhaustion_it_goes_back_to_it() -> None:
    life = exhausted()
    life.do(cmd.Accept(offer=7, answers=YES), "boss", when=at(241))
    life.do(BACK, "boss", when=at(242))
    assert (life.live.phase, accountable(life.live)) == (Phase.OFFERED, "boss")
    life.tick(at(242, seconds=10))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "boss")


def test_a_conflict_is_for_good() -> None:
    """Neither in the next pass, nor as a receiver, nor by a manager, nor for an exception."""
    life = opened(contract=contract(exceptions={"mine": exception(DESK, name="mine")}, outcome_within=box(99 * HOUR)))
    life.do(conflict(), "ann", when=at(5))
    assert life.live.conflicts == ("ann",)
    skipped = [e for each in life.until(at(70)) for e in each.events if isinstance(e, ev.RungSkipped)]
    assert [(each.rung, each.reason, each.passed_over["ann"]) for each in skipped] == [
        ("primary", Reason.CONFLICT, Reason.CONFLICT)
    ]
    assert accountable(life.live) == "ben"
    given = life.do(cmd.Override(action="give", text=TEXT, to="ann"), "boss")
    assert given.rejected is RejectReason.RECEIVER_UNAVAILABLE
    life.accept()
    assert life.do(hand_over("ann"), "ben").rejected is RejectReason.RECEIVER_UNAVAILABLE
    story = life.do(cmd.RaiseException(exception_class="mine", text=TEXT), "ben").story
    assert "exception 1 is boss's: conflict" in story


def test_a_planned_receiver_with_a_conflict_is_passed_over() -> None:
    life = opened(contract=contract(handoff=handoff(sequence=(DESK, BOSS))))
    life.do(conflict(), "ann", when=at(5))
    life.accept()
    life.do(hand_over(None), "ben", when=at(6))
    assert [offer.to for offer in life.live.offers.values()] == ["boss"]


def test_a_receiver_with_a_conflict_returns_it_and_is_not_asked_again() -> None:
    life = handed()
    life.do(conflict(2), "carl", when=at(12))
    assert life.live.conflicts == ("carl",)
    assert life.do(hand_over("carl"), "ann").rejected is RejectReason.RECEIVER_UNAVAILABLE


def test_a_path_owner_with_a_conflict_passes_recovery_on() -> None:
    life = troubled()
    story = life.do(conflict(2), "carl", when=at(12)).story
    assert story[:2] == ["offer 2 ends: rejected_conflict", "exception 1 is boss's: rejected_conflict"]


@table(
    Row("on the last rung, before exhaustion", opened, conflict(), at(5), [
        "offer 1 ends: rejected_conflict", "ladder offer 2 to ben: rejected_conflict", "tell ben: offer",
        "tell boss: failover",
    ], "ann"),
    Row("in exhaustion the last resort holds it", exhausted, conflict(7), at(241), [
        "offer 7 ends: rejected_conflict", "ladder offer 8 to ceo: rejected_conflict", "tell ceo: offer",
    ], "boss"),
)  # fmt: skip
def test_conflict(row: Row) -> None:
    play(row)


def test_the_last_resort_stands_in_for_an_escalation_owner_with_a_conflict() -> None:
    life = exhausted()
    life.do(conflict(7), "boss", when=at(241))
    told = [event.to for out in life.until(at(400)) for event in out.events if isinstance(event, ev.DeliveryRequested)]
    assert told
    assert set(told) == {"ceo"}
    assert life.do(conflict(8), "ceo").rejected is RejectReason.NOBODY_ABOVE
    assert life.live.conflicts == ("boss",)


def test_a_ladder_of_conflicts_ends_with_the_last_resort() -> None:
    life = opened()
    for person in ("ann", "ben", "boss"):
        life.do(conflict(max(life.live.offers)), person, when=at(5))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "ceo")
    exhausting = [event for _, event in life.events if isinstance(event, ev.LadderExhausted)]
    assert [(each.holder, each.reason) for each in exhausting] == [("ceo", Reason.LAST_RESORT)]
