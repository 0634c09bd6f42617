"""The checklist: answers of each kind, with the acceptance or soon after a single tap; and what comes of none."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from runner.contract.contract import CheckOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.acceptance import expire_checklist
from runner.engine.draft import Draft
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    MINUTE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    box,
    contract,
    exhausted,
    hand_over,
    handed,
    opened,
    resolved,
    step,
    troubled,
)

TYPED = contract(
    checklist=(
        CheckOf(name="sure", question="Are you sure?"),
        CheckOf(name="amount", question="How much is it?", answer="number"),
        CheckOf(name="where", question="Where is it?", answer="choice", values=("here", "there")),
        CheckOf(name="by", question="Until when?", answer="instant"),
        CheckOf(name="plan", question="What comes next?", answer="text"),
        CheckOf(name="proof", question="What proves it?", answer="evidence"),
    )
)
GOOD: dict[str, Any] = {
    "sure": True, "amount": 0, "where": "there", "by": "2026-03-03T17:00:00Z", "plan": TEXT, "proof": TEXT,
}  # fmt: skip
TAP = cmd.Accept(offer=1, answers={})
LATER = cmd.CompleteChecklist(answers=YES)


def typed() -> Life:
    return opened(contract=TYPED)


def tapping(**changes: Any) -> Any:
    return contract(checklist_within=box(10 * MINUTE), **changes)


def tapped(**changes: Any) -> Life:
    """Ann accepted with one tap after five minutes; the checklist is due at 15 minutes."""
    life = opened(contract=tapping(**changes))
    life.do(TAP, "ann", when=at(5))
    return life


def answers(**changes: Any) -> cmd.Accept:
    return cmd.Accept(offer=1, answers={**GOOD, **changes})


@table(
    Row("each of its kind", typed, answers(), at(5), ["ann accepts 1: accepted"], "ann"),
    Row("a number with a fraction", typed, answers(amount=-1.5), at(5), ["ann accepts 1: accepted"], "ann"),
    Row("a no", typed, answers(sure=False), at(5), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
    Row("a yes that is a text", typed, answers(sure=TEXT), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a yes that is a number", typed, answers(sure=1), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a number that is a yes", typed, answers(amount=True), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a number in words", typed, answers(amount=TEXT), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("none of the choices", typed, answers(where="elsewhere"), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("no date", typed, answers(by="tomorrow"), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a date without a zone", typed, answers(by="2026-03-03T17:00:00"), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a date that is a number", typed, answers(by=17), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("a text that was not set aside", typed, answers(plan="I call"), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("evidence that is a yes", typed, answers(proof=True), at(5), RejectReason.WRONG_ANSWER, "ann"),
    Row("an empty text", typed, answers(plan=""), at(5), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
    Row("nothing at all", typed, TAP, at(5), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
)
def test_answers(row: Row) -> None:
    play(row)


def test_what_was_answered_is_recorded_as_it_was_given() -> None:
    life = typed()
    taken = life.do(answers(not_asked="x"), "ann", when=at(5)).one(ev.OfferAccepted)
    assert (taken.answers, taken.checklist_due) == (GOOD, None)
    assert type(taken.answers["amount"]) is int


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sure": False}, ("sure with a yes", "incomplete")),
        ({"amount": "x"}, ("amount with a number",)),
        ({"where": "x"}, ("where with one of: here, there",)),
        ({"by": "x"}, ("by with a date with time and zone",)),
        ({"plan": "x", "proof": "x"}, ("plan with a text", "proof with where the evidence is")),
    ],
)
def test_the_refusal_says_which_item_wants_what(wrong: dict[str, Any], words: tuple[str, ...]) -> None:
    detail = typed().do(answers(**wrong), "ann", when=at(5)).detail
    assert all(each in detail for each in words)
    assert "amount" not in detail or "amount" in wrong


@table(
    Row("a tap", partial(opened, contract=tapping()), TAP, at(5), ["ann accepts 1: accepted"], "ann"),
    Row(
        "with some answers it must be all of them",
        partial(opened, contract=tapping()),
        cmd.Accept(offer=1, answers={"understood": True}),
        at(5),
        RejectReason.CHECKLIST_INCOMPLETE,
        "ann",
    ),
    Row("where it may not follow", opened, TAP, at(5), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
    Row("the answers follow", tapped, LATER, at(10), ["ChecklistCompleted: checklist"], "ann"),
    Row("at the very instant", tapped, LATER, at(15), ["ChecklistCompleted: checklist"], "ann"),
    Row("late, before anything else", tapped, LATER, at(20), ["ChecklistCompleted: checklist"], "ann"),
    Row(
        "wrong ones",
        tapped,
        cmd.CompleteChecklist(answers={**YES, "reachable": "x"}),
        at(10),
        RejectReason.WRONG_ANSWER,
        "ann",
    ),
    Row("none", tapped, cmd.CompleteChecklist(answers={}), at(10), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
    Row("by somebody else", tapped, LATER, at(10), RejectReason.NOT_YOURS, "ben"),
    Row("that was answered already", accepted, LATER, at(10), RejectReason.WRONG_STATE, "ann"),
    Row("before accepting", opened, LATER, at(3), RejectReason.NOT_YOURS, "ann"),
    Row("when it is resolved", resolved, LATER, at(61), RejectReason.WRONG_STATE, "ann"),
    Row(
        "an exception is not taken with one tap",
        partial(troubled, contract=tapping()),
        cmd.Accept(offer=2, answers={}),
        at(12),
        RejectReason.CHECKLIST_INCOMPLETE,
        "carl",
    ),
)
def test_one_tap(row: Row) -> None:
    play(row)


def test_a_tap_is_the_acceptance_and_the_answers_change_nothing_of_it() -> None:
    life = tapped()
    assert (life.live.phase, life.live.accepted_at, life.live.checklist_due) == (Phase.ACCEPTED, at(5), at(15))
    life.do(LATER, "ann", when=at(10))
    assert (life.live.accepted_at, life.live.checklist_due) == (at(5), None)
    assert life.live.record == ("accepted", "ann", at(5))


def test_without_a_checklist_there_is_nothing_to_follow() -> None:
    life = opened(contract=tapping(checklist=()))
    life.do(TAP, "ann", when=at(5))
    assert life.live.checklist_due is None


MISSED = [
    "OwnerReleased ann: checklist_missed",
    "ladder offer 2 to ben: checklist_missed",
    "tell ben: offer",
    "tell ann: released",
    "tell boss: failover",
]


@table(
    Row("no answers", tapped, cmd.Tick(), at(15), MISSED),
    Row("a moment before", tapped, cmd.Tick(), at(15, seconds=-1), []),
    Row(
        "the failover steps begin",
        partial(tapped, runbook={"failover": (step(),)}),
        cmd.Tick(),
        at(15),
        [*MISSED, "run failover#1", "step failover#1/0"],
    ),
)
def test_the_acceptance_lapses(row: Row) -> None:
    play(row)


def test_the_lapse_is_dated_when_it_fell_due() -> None:
    life = tapped()
    released = life.tick(at(40)).one(ev.OwnerReleased)
    assert (released.due, released.rule) == (at(15), "small#/accept/checklist_within")
    assert accountable(life.live) == "ben"


def test_a_handoff_on_its_way_ends_with_the_acceptance() -> None:
    life = tapped()
    life.do(hand_over("carl"), "ann", when=at(10))
    story = life.tick(at(15)).story
    assert story[:2] == ["OwnerReleased ann: checklist_missed", "offer 2 ends: superseded"]
    assert [offer.to for offer in life.live.offers.values()] == ["ben"]


def test_the_receiver_of_a_handoff_has_the_same_time() -> None:
    life = handed(contract=tapping())
    life.do(cmd.Accept(offer=2, answers={}), "carl", when=at(12))
    assert life.live.checklist_due == at(22)
    life.tick(at(22))
    assert accountable(life.live) == "ben"


def test_a_receiver_who_answers_at_once_owes_nothing_of_the_senders() -> None:
    life = tapped()
    life.do(hand_over("carl"), "ann", when=at(10))
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(12))
    assert life.live.checklist_due is None


def test_a_manager_who_takes_it_is_asked_nothing() -> None:
    life = tapped()
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(10))
    assert (life.live.phase, life.live.checklist_due) == (Phase.ACCEPTED, None)


def test_nothing_is_resolved_before_the_checklist_is_answered() -> None:
    life = tapped()
    refused = life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(10))
    assert refused.rejected is not None
    assert "checklist" in refused.detail
    life.do(LATER, "ann")
    assert life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann").rejected is None


def test_nor_is_what_was_solved_outside() -> None:
    life = tapped()
    events = life.do(cmd.NoteSolvedOutside(facts=life.facts()), when=at(10)).events
    assert "VerificationFailed" in {event.type for event in events}
    assert life.live.phase is Phase.ACCEPTED


def test_taps_alone_end_in_exhaustion_and_not_in_a_loop() -> None:
    life = opened(contract=tapping())
    for _ in range(40):
        if life.live.phase is Phase.EXHAUSTED:
            break
        life.do(cmd.Accept(offer=max(life.live.offers), answers={}), accountable(life.live) or "")
        life.tick(life.live.checklist_due)
    assert life.live.phase is Phase.EXHAUSTED
    assert [event.reason for _, event in life.events if isinstance(event, ev.OwnerReleased)] == [
        Reason.CHECKLIST_MISSED
    ] * 6


def test_a_checklist_of_nobody_is_not_awaited() -> None:
    life = opened(contract=tapping())
    with pytest.raises(AssertionError, match="a checklist of nobody is overdue"):
        expire_checklist(Draft(life.contract, life.state, life.world()), at(5))


def test_who_takes_it_out_of_exhaustion_with_a_tap_owes_it_too() -> None:
    life = exhausted(contract=tapping(outcome_within=box(99 * HOUR)))
    life.do(cmd.Accept(offer=7, answers={}), "boss", when=at(241))
    life.tick(at(251))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "boss")
