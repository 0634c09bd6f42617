"""A roster that changes while something is waited for, asked, kept or held until the service hours begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from runner.contract.contract import CalendarOf, ClarifyOf, WaitingOf
from runner.contract.roster_form import AbsenceOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.replay import Verdict
from runner.engine.state import Phase, accountable
from tests.runner.engine.programs import approve, ask, program
from tests.runner.engine.worlds import (
    HOUR,
    MINUTE,
    TEXT,
    Life,
    Outcome,
    accepted,
    at,
    away,
    box,
    contract,
    opened,
    roster,
    step,
)

SENT = ("deliveries", "writes")


def tell(life: Life, *people: str, minutes: float = 20, more: tuple[AbsenceOf, ...] = ()) -> Outcome:
    """These people are away from this minute on, and the life is told; once is enough."""
    life.roster = roster(*more, *(away(person, at(minutes), 48) for person in people))
    outcome = life.do(cmd.NoteRoster(), when=at(minutes))
    assert not life.do(cmd.NoteRoster()).events
    assert life.replay().verdict is Verdict.IDENTICAL
    return outcome


def test_a_holder_who_waits_and_goes_away_waits_no_more() -> None:
    life = accepted(contract=contract(waiting=WaitingOf(at_most=box(4 * HOUR), then="owner")))
    life.do(cmd.Wait(for_="customer", text=TEXT), "ann", when=at(10))
    assert tell(life, "ann").story == [
        "WaitingEnded: absent",
        "OwnerReleased ann: absent",
        "repeat 0",
        "ladder offer 2 to ben: absent",
        "tell ben: offer",
        "tell ann: released",
        "tell boss: failover",
    ]
    assert (life.live.phase, life.live.waiting) == (Phase.OFFERED, None)


def asking(*steps: Any) -> Life:
    return opened(contract=contract(runbook={"open": program(*steps)}), answers=SENT)


def test_a_question_to_somebody_who_goes_away_passes_as_if_it_had_not_been_answered() -> None:
    life = asking(ask(), step())
    assert [offer.to for offer in life.live.offers.values() if offer.purpose == "question"] == ["carl"]
    outcome = tell(life, "carl")
    ended = outcome.one(ev.OfferEnded)
    assert (ended.person, ended.reason) == ("carl", Reason.ABSENT)
    assert [(each.to, each.reason) for each in (outcome.one(ev.QuestionAsked),)] == [("boss", Reason.ABSENT)]


def test_a_question_that_the_last_must_answer_moves_with_the_escalation_owner() -> None:
    life = asking(ask(), step())
    tell(life, "carl")
    outcome = tell(life, "boss", minutes=30, more=(away("carl", at(20), 48),))
    asked = outcome.one(ev.QuestionAsked)
    assert (asked.to, asked.reason, asked.last) == ("ceo", Reason.ROSTER_MOVED, True)
    assert tell(life, "boss", "ceo", minutes=30, more=(away("carl", at(20), 48),)).events == ()


def test_an_approval_passes_too() -> None:
    life = asking(approve(who=OwnerRef(person="dora")), step())
    assert [each.to for each in tell(life, "dora").events if isinstance(each, ev.QuestionAsked)] == ["boss"]


def test_who_answers_for_what_was_superseded_is_free_when_away() -> None:
    life = Life(contract=contract(owners={"primary": OwnerRef(rotation="backup")}))
    life.open(keeper="carl")
    assert accountable(life.live) == "carl"
    outcome = tell(life, "carl")
    assert outcome.story == ["OwnerReleased carl: absent", "tell boss: failover"]
    assert (accountable(life.live), life.live.phase) == ("ben", Phase.OFFERED)
    assert tell(kept(), "cora").events == ()


def kept() -> Life:
    life = Life(contract=contract())
    life.open(keeper="carl")
    return life


OFFICE = CalendarOf(zone="Europe/Berlin", week=(((540, 1020),),) * 5 + ((),) * 2, closed=())
NIGHT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def test_what_is_held_until_the_service_hours_is_held_by_whoever_is_the_escalation_owner() -> None:
    served = contract(
        hours="office",
        calendars={"office": OFFICE},
        outcome_within=box(999 * HOUR),
        runbook={"failover": (step(),)},
    )
    life = Life(served, now=NIGHT)
    life.open(created_at=NIGHT)
    assert accountable(life.live) == "boss"
    later = NIGHT + timedelta(hours=1)
    life.roster = roster(away("boss", later, 8))
    outcome = life.do(cmd.NoteRoster(), when=later)
    assert outcome.story == [
        "offer 1 ends: absent",
        "ladder offer 2 to ceo: outside_hours",
        "tell ceo: service_hours",
    ]
    assert life.live.offers[2].due == MORNING
    (begun,) = life.until(MORNING)
    assert "ladder offer 3 to ann: first_rung" in begun.story


def test_who_asked_for_what_is_missing_and_goes_away_is_waited_for_no_longer() -> None:
    clarify = ClarifyOf(within=box(4 * HOUR), who=None, exception=None)
    life = opened(contract=contract(clarify=clarify))
    life.do(cmd.Reject(offer=1, why="incomplete"), "ann", when=at(5))
    assert life.live.clarification is not None
    outcome = tell(life, "ann")
    assert outcome.story[:2] == ["offer 1 ends: absent", "ladder offer 2 to ben: absent"]
    assert life.live.clarification is None


def test_somebody_who_thinks_again_and_goes_away_is_passed_over_at_once() -> None:
    life = accepted(contract=contract())
    life.do(cmd.Unaccept(), "ann", when=at(6))
    outcome = tell(life, "ann", minutes=6 + 5 / MINUTE)
    assert outcome.story[0] == "offer 2 ends: absent"
    assert accountable(life.live) == "ben"
