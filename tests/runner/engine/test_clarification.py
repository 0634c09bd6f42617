"""Rejected as incomplete: the requester is asked, the offer stays, and a deadline says what follows in the end."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from runner.contract.contract import ClarifyOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.clarification import _given as given
from runner.engine.clarification import expire_clarification
from runner.engine.draft import Draft
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    GHOST,
    HOUR,
    NET,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    contract,
    exhausted,
    handed,
    opened,
    roster,
    step,
    troubled,
    without,
)


def asking(who: Any = NET, exception: str | None = "mine", **changes: Any) -> Any:
    return contract(clarify=ClarifyOf(within=box(4 * HOUR), who=who, exception=exception), **changes)


INCOMPLETE = cmd.Reject(offer=1, why="incomplete", text=TEXT)
SAID = cmd.Clarify(text=TEXT)
CHANGED = cmd.NoteChanged(fields=("amount",))
ASKED = ["ClarificationAsked: clarify", "tell carl: clarify", "tell boss: clarifying"]
ANEW = [
    "ClarificationGiven: clarified", "offer 1 ends: clarified", "ladder offer 2 to ann: clarified", "tell ann: offer",
]  # fmt: skip


def asked(**changes: Any) -> Life:
    """Ann rejected it as incomplete after five minutes; the requester has until 245."""
    life = opened(contract=asking(**changes))
    life.do(INCOMPLETE, "ann", when=at(5))
    return life


def said(**changes: Any) -> Life:
    life = asked(**changes)
    life.do(SAID, "ben", when=at(30))
    return life


@table(
    Row("incomplete", partial(opened, contract=asking()), INCOMPLETE, at(5), ASKED, "ann"),
    Row("without a text", partial(opened, contract=asking()), cmd.Reject(offer=1, why="incomplete"), at(5),
        ASKED, "ann"),
    Row("by the ticket alone", partial(opened, contract=asking(None)), INCOMPLETE, at(5),
        [ASKED[0], "tell boss: clarifying"], "ann"),
    Row("the escalation owner sees to it", partial(opened, contract=asking("escalation_owner")), INCOMPLETE, at(5),
        [ASKED[0], "tell boss: clarify"], "ann"),
    Row("the one who is asked", partial(opened, contract=asking("owner")), INCOMPLETE, at(5),
        [ASKED[0], "tell ann: clarify", ASKED[2]], "ann"),
    Row("somebody of the ladder", partial(opened, contract=asking("secondary")), INCOMPLETE, at(5),
        [ASKED[0], "tell ben: clarify", ASKED[2]], "ann"),
    Row("nobody can be reached for it", partial(opened, contract=asking(GHOST)), INCOMPLETE, at(5),
        [ASKED[0], "tell boss: clarify"], "ann"),
    Row("another reason passes on", partial(opened, contract=asking()), cmd.Reject(offer=1, why="not_mine"), at(5),
        ["offer 1 ends: rejected_not_mine", "ladder offer 2 to ben: rejected_not_mine", "tell ben: offer",
         "tell boss: failover"], "ann"),
    Row("where the contract does not ask", opened, INCOMPLETE, at(5),
        ["offer 1 ends: rejected_incomplete", "ladder offer 2 to ben: rejected_incomplete", "tell ben: offer",
         "tell boss: failover"], "ann"),
    Row("a handoff goes back to who can say it", partial(handed, contract=asking()),
        cmd.Reject(offer=2, why="incomplete"), at(12),
        ["offer 2 ends: rejected_incomplete", "tell ann: returned", "tell boss: returned"], "carl"),
    Row("an exception is the escalation owner's", partial(troubled, contract=asking()),
        cmd.Reject(offer=2, why="incomplete"), at(12),
        ["offer 2 ends: rejected_incomplete", "exception 1 is boss's: rejected_incomplete", "tell boss: exception"],
        "carl"),
    Row("in exhaustion", partial(exhausted, contract=asking()), cmd.Reject(offer=7, why="incomplete"), at(241),
        RejectReason.NOBODY_ABOVE, "boss"),
    Row("while it is asked", asked, INCOMPLETE, at(6), RejectReason.WRONG_STATE, "ann"),
    Row("once more after it was said", said, cmd.Reject(offer=2, why="incomplete"), at(31),
        ["offer 2 ends: rejected_incomplete", "ladder offer 3 to ben: rejected_incomplete", "tell ben: offer",
         "tell boss: failover"], "ann"),
)  # fmt: skip
def test_rejected(row: Row) -> None:
    play(row)


@table(
    Row("somebody says it", asked, SAID, at(30), ANEW, "ben"),
    Row("the one who asked says it", asked, SAID, at(30), ANEW, "ann"),
    Row("the ticket says it", asked, CHANGED, at(30), ANEW),
    Row("at the very instant", asked, SAID, at(245), ANEW, "ben"),
    Row("late, before anything else", asked, SAID, at(300), ANEW, "ben"),
    Row("nothing was asked", opened, SAID, at(30), RejectReason.WRONG_STATE, "ben"),
    Row("nothing was asked of the ticket", opened, CHANGED, at(30), []),
    Row("it was said before", said, SAID, at(31), RejectReason.WRONG_STATE, "ben"),
    Row("who asked takes it all the same", asked, cmd.Accept(offer=1, answers=YES), at(30),
        ["ann accepts 1: accepted"], "ann"),
    Row("who asked gives it up for another reason", asked, cmd.Reject(offer=1, why="no_capacity"), at(30),
        ["offer 1 ends: rejected_no_capacity", "ladder offer 2 to ben: rejected_no_capacity", "tell ben: offer",
         "tell boss: failover"], "ann"),
    Row("who asked passes it up", asked, cmd.Escalate(offer=1, text=TEXT), at(30),
        ["offer 1 ends: escalated", "ladder offer 2 to ben: escalated", "tell ben: offer", "tell boss: failover"],
        "ann"),
    Row("a manager takes it", asked, cmd.Override(action="take", text=TEXT), at(30),
        ["offer 1 ends: override", "OwnerTook boss: override", "tell ann: override"], "boss"),
    Row("no answer in time", asked, cmd.Tick(), at(245), [
        "ClarificationMissed: not_clarified", "ExceptionRaised: not_clarified",
        "exception offer 2 to ann: raised", "tell ann: offer", "tell boss: exception",
        "offer 1 ends: not_clarified", "ladder offer 3 to ben: not_clarified", "tell ben: offer", "tell boss: failover",
    ]),
    Row("no answer, and no exception for it", partial(asked, exception=None), cmd.Tick(), at(245), [
        "ClarificationMissed: not_clarified", "offer 1 ends: not_clarified",
        "ladder offer 2 to ben: not_clarified", "tell ben: offer", "tell boss: failover",
    ]),
)  # fmt: skip
def test_the_answer(row: Row) -> None:
    life = play(row)
    answered = row.given is asked and row.command != cmd.Tick()
    assert not answered or life.live.clarification is None


def test_meanwhile_it_stays_with_whoever_asked_and_the_timebox_does_not_run() -> None:
    life = asked()
    assert (accountable(life.live), life.live.offers[1].due) == ("ann", None)
    assert life.until(at(244)) == []
    assert life.live.clarification is not None


def test_anew_with_a_timebox_of_its_own() -> None:
    life = said()
    offer = life.live.offers[2]
    assert (offer.to, offer.rung, offer.due, offer.on_end) == ("ann", 0, at(90), "next_rung")


def test_who_went_away_meanwhile_is_not_asked_anew() -> None:
    life = asked()
    life.roster = roster(away("ann"))
    life.do(SAID, "ben", when=at(30))
    assert accountable(life.live) == "ben"
    offered = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)][-1]
    assert offered.reason is Reason.ABSENT


def test_the_comment_is_an_effect_with_the_digest_of_what_is_missing() -> None:
    life = asked()
    (comment,) = [each for each in life.effects if each.kind == "comment"]
    assert comment.lane == "ticket"
    assert comment.payload == {
        "write": life.live.write_count, "person": "ann", "due": "2026-03-03T13:05:00.000000Z", "text": TEXT,
    }  # fmt: skip


def test_a_comment_that_cannot_be_written_is_told_like_any_other_write() -> None:
    life = opened(contract=asking(), answers=("deliveries",))
    life.do(INCOMPLETE, "ann", when=at(5))
    story = life.do(cmd.FailRecord(write=life.live.write_count, why="403")).story
    assert "tell boss: record_failed" in story
    assert life.live.clarification is not None


def test_each_is_asked_for_once_in_a_pass_so_that_it_ends() -> None:
    """Three people who find it incomplete, twice, and a requester who always answers something."""
    life = opened(contract=asking(outcome_within=box(99 * HOUR)))
    for _ in range(40):
        if life.live.phase is Phase.EXHAUSTED:
            break
        offer = max(life.live.offers)
        life.do(cmd.Reject(offer=offer, why="incomplete"), life.live.offers[offer].to)
        if life.live.clarification is not None:
            life.do(CHANGED)
    assert life.live.phase is Phase.EXHAUSTED
    assert len([event for _, event in life.events if isinstance(event, ev.ClarificationAsked)]) == 6


def test_the_times_of_the_story() -> None:
    """Rejected at 11:30, expired at 15:30 with an exception, the escalation owner offered, accepted at 15:45."""
    two_hours = (("primary", 2 * HOUR), ("secondary", 2 * HOUR), ("escalation_owner", 2 * HOUR))
    life = opened(contract=asking(OwnerRef(team="net"), "vendor", ladder=two_hours, outcome=16 * HOUR))
    life.until(at(120))
    life.do(cmd.Reject(offer=2, why="incomplete", text=TEXT), "ben", when=at(150))
    life.until(at(390))
    assert [each.exception_class for each in life.live.exceptions.values()] == ["vendor"]
    assert accountable(life.live) == "boss"
    (raised,) = [event for _, event in life.events if isinstance(event, ev.ExceptionRaised)]
    assert (raised.by, raised.reason) == ("surety:clock", Reason.NOT_CLARIFIED)
    life.do(cmd.Accept(offer=max(o.id for o in life.live.offers.values() if o.to == "boss"), answers=YES), "boss",
            when=at(405))  # fmt: skip
    assert life.live.phase is Phase.ACCEPTED


def test_who_thinks_better_of_it_may_find_it_incomplete() -> None:
    """What was begun with the acceptance is given up then, since the answer may take hours."""
    work = {"accepted": (step(), step())}
    life = without(opened(contract=asking(runbook=work)), "steps")
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(cmd.Unaccept(), "ann", when=at(6))
    assert not life.live.runs["accepted#1"].leaving
    life.do(cmd.Reject(offer=2, why="incomplete"), "ann", when=at(6, seconds=5))
    assert (accountable(life.live), life.live.runs["accepted#1"].leaving) == ("ann", True)
    life.do(SAID, "ben", when=at(30))
    assert life.live.offers[3].quiet is False


@pytest.mark.parametrize("passed_on", [False, True])
def test_the_one_before_sees_to_it_if_there_is_one(passed_on: bool) -> None:
    life = opened(contract=asking("previous_owner"))
    if passed_on:
        life.do(cmd.Escalate(offer=1, text=TEXT), "ann", when=at(4))
    offer = max(life.live.offers)
    story = life.do(cmd.Reject(offer=offer, why="incomplete"), accountable(life.live) or "", when=at(5)).story
    assert "tell ann: clarify" in story


def test_nobody_can_answer_what_nobody_asked() -> None:
    draft = Draft(asking(), opened().live, opened().world())
    with pytest.raises(AssertionError, match="nothing was asked"):
        expire_clarification(draft)
    with pytest.raises(AssertionError, match="nothing was asked"):
        given(draft, "ben", None, ())


def test_nothing_is_left_of_it_when_it_is_over() -> None:
    life = asked()
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(6))
    assert life.live.clarification is None
    assert accepted().live.clarification is None
