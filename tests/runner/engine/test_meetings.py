"""Where two features meet: each of these orders of events once left an escalation worse off than either did alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runner.contract.contract import AnswerOf, CalendarOf, ClarifyOf, Contract, StepOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.replay import Verdict
from runner.engine.state import Phase, accountable
from tests.runner.engine.worlds import (
    BOSS,
    DAY,
    HOUR,
    MINUTE,
    T0,
    TEXT,
    YES,
    Life,
    Outcome,
    accepted,
    at,
    away,
    box,
    closed,
    contract,
    exception,
    opened,
    page,
    resolved,
    roster,
    step,
)

LOCK = step("action", undo_by="unlock", changes=True, args={"action": "lock"})
STOPS = step("note", on_error="stop")
SLOW = ("deliveries", "writes")
OFFICE = CalendarOf(zone="UTC", week=(((540, 1080),),) * 5 + ((),) * 2, closed=())
"""Open from 9:00 to 18:00."""


def broken(*steps: StepOf, **changes: Any) -> Contract:
    """Steps at the opening, and the same for every exception; a run that stops is an exception."""
    failed = exception(BOSS, name="step_failed")
    return contract(runbook={"open": steps, "exception": steps}, built_in={"step_failed": failed}, **changes)


def fail(life: Life) -> None:
    """The newest run's step fails."""
    run = list(life.live.runs.values())[-1]
    life.do(cmd.FailStep(run=run.id, step=run.step, attempt=run.attempt, why="no"))


def raised(life: Life) -> list[str]:
    return [event.exception_class for _, event in life.events if isinstance(event, ev.ExceptionRaised)]


# exceptions and their own steps


def test_steps_for_an_exception_that_fail_begin_no_such_steps_again() -> None:
    life = opened(contract=broken(STOPS), answers=SLOW)
    fail(life)
    assert list(life.live.runs) == ["exception#1"], "the steps for what failed at the opening"
    fail(life)
    assert (raised(life), life.live.runs) == (["step_failed", "step_failed"], {})


def test_steps_approved_for_a_class_that_fail_begin_none_again() -> None:
    failed = exception(BOSS, name="step_failed")
    terms = contract(runbook={"open": (STOPS,), "exception:step_failed": (STOPS,)}, built_in={"step_failed": failed})
    life = opened(contract=terms, answers=SLOW)
    fail(life)
    fail(life)
    assert (raised(life), life.live.runs) == (["step_failed", "step_failed"], {})


def test_what_steps_for_an_exception_leave_undone_begins_none_again() -> None:
    life = opened(contract=contract(runbook={"open": (LOCK, STOPS), "exception": (LOCK, STOPS)}), answers=SLOW)
    for _ in range(2):
        run = list(life.live.runs.values())[-1]
        life.do(cmd.SucceedStep(run=run.id, step=0, attempt=1))
        fail(life)
        (rollback,) = life.live.rollbacks.values()
        for attempt in (1, 2):
            life.do(cmd.FailUndo(rollback=rollback.id, run=run.id, step=0, attempt=attempt, why="no"))
    assert (raised(life), life.live.runs) == (["not_undone", "not_undone"], {})


# opening again


def test_what_is_opened_again_is_not_left_with_an_owner_who_is_away() -> None:
    life = resolved(roster=roster(away("ann", at(65))))
    life.do(cmd.NoteRoster(), when=at(66))
    story = life.do(cmd.NoteReopened(), when=at(70)).story
    assert story == [
        "OutcomeReopened: reopened",
        "OwnerReleased ann: absent",
        "repeat 0",
        "ladder offer 2 to ben: absent",
        "tell ben: offer",
        "tell ann: released",
        "tell boss: failover",
        "tell boss: reopened",
    ]
    assert accountable(life.live) == "ben"


def test_a_close_that_finds_it_unproven_asks_another_for_an_owner_who_is_away() -> None:
    life = resolved(roster=roster(away("ann", at(65))))
    life.do(cmd.NoteRoster(), when=at(66))
    facts = life.facts(evidence=("invoice",))
    outcome = life.do(cmd.Close(code="fixed", facts=facts), "boss", when=at(70))
    assert outcome.rejected is RejectReason.NOT_VERIFIED
    assert outcome.story[-3:] == ["RemediationAsked: unproven", "tell ben: remediation", "tell ben: not_closed"]
    assert (accountable(life.live), life.live.remedies["outcome_evidence/confirmation"].to) == ("ben", "ben")


def test_an_owner_who_goes_away_after_resolving_again_is_told_of_again() -> None:
    life = resolved(roster=roster(away("ann", at(65), 1)))
    life.do(cmd.NoteRoster(), when=at(66))
    life.roster = roster()
    life.do(cmd.NoteReopened(), when=at(140))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(150))
    life.roster = roster(away("ann", at(155), 1))
    assert life.do(cmd.NoteRoster(), when=at(156)).story == ["OwnerAway: absent", "tell boss: owner_away"]


def test_what_is_incomplete_after_opening_again_is_asked_again() -> None:
    asks = ClarifyOf(within=box(HOUR), who=None, exception=None)
    life = opened(contract=contract(clarify=asks, reopen_within=DAY))
    life.do(cmd.Reject(offer=1, why="incomplete"), "ann", when=at(1))
    life.do(cmd.Clarify(text=TEXT), "carl", when=at(2))
    life.do(cmd.Accept(offer=2, answers=YES), "ann", when=at(5))
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(70))
    life.do(cmd.Reopen(text=TEXT), "boss", when=at(80))
    life.do(cmd.Reject(offer=3, why="incomplete"), "ann", when=at(81))
    assert life.live.clarification is not None


def test_at_night_the_time_for_what_is_opened_again_begins_with_the_service_hours() -> None:
    life = closed(contract=contract(hours="office", calendars={"office": OFFICE}, reopen_within=DAY))
    offered = life.do(cmd.Reopen(text=TEXT), "boss", when=at(12 * 60)).one(ev.OwnerOffered)
    assert offered.due == T0 + timedelta(days=1, hours=1)


def test_at_night_the_time_for_whom_no_message_reached_begins_with_the_service_hours() -> None:
    ladder = (("primary", 9 * HOUR), ("secondary", HOUR), ("escalation_owner", HOUR))
    terms = contract(hours="office", calendars={"office": OFFICE}, ladder=ladder)
    life = opened(contract=terms, answers=("steps", "writes"))
    life.now = at(9 * 60)
    again = next(e for done in life.drain() for e in done.events if isinstance(e, ev.OwnerOffered))
    assert (again.to, again.reason, again.due) == ("ann", Reason.NOT_TOLD, T0 + timedelta(days=1, hours=9))


# what becomes of the ticket


def test_a_ticket_that_was_gone_and_was_merged_is_gone_no_more() -> None:
    life = accepted()
    life.do(cmd.NoteGone(), when=at(10))
    assert "ExceptionEnded: merged" in life.do(cmd.NoteMerged(into="T-2"), when=at(11)).story
    assert not life.live.exceptions


def locked(**changes: Any) -> Life:
    """Ann holds it, and an action holds something in the world."""
    return accepted(contract=contract(runbook={"open": (LOCK,)}, on_other_match="supersede"), **changes)


def test_nothing_takes_over_what_holds_something_in_the_world() -> None:
    life = locked()
    assert life.do(cmd.NoteOtherMatch(template="big", supersede=True)).story == ["OtherMatchNoted: other_match"]
    assert life.live.phase is Phase.ACCEPTED


def test_what_holds_when_a_ticket_is_merged_into_anothers_is_told() -> None:
    outcome = locked().do(cmd.NoteMerged(into="T-2", escalation="E-9"))
    assert outcome.story == ["EscalationCancelled: merged", "tell ann: merged", "tell boss: still_holds"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_last_write_that_fails_is_told_unless_another_writes_it_now(replaced: bool) -> None:
    life = accepted(contract=contract(on_other_match="supersede"), answers=("deliveries", "steps"))
    end: cmd.Args = cmd.Cancel(text=TEXT)
    life.do(cmd.NoteOtherMatch(template="big", supersede=True) if replaced else end, "boss", when=at(10))
    failed = life.do(cmd.FailRecord(write=max(life.live.writes), why="403"), when=at(11))
    assert failed.story == ["RecordFailed: unwritten", *([] if replaced else ["tell boss: record_failed"])]


# a conflict of interest


def test_who_answered_for_what_it_takes_the_place_of_does_so_no_more_with_a_conflict() -> None:
    life = Life()
    life.open(keeper="ann")
    story = life.do(cmd.Reject(offer=1, why="conflict"), "ann").story
    assert story[:3] == [
        "offer 1 ends: rejected_conflict",
        "OwnerReleased ann: rejected_conflict",
        "ladder offer 2 to ben: rejected_conflict",
    ]
    assert accountable(life.live) == "ben"


def test_who_has_a_conflict_is_nobodys_substitute() -> None:
    asks = step(
        "ask", who=OwnerRef(person="ben"), within=box(HOUR), otherwise="escalate", answers={"ok": AnswerOf(type="text")}
    )
    life = opened(contract=contract(runbook={"open": (asks,)}))
    assert life.live.substitute == "ben"
    assert "substitute now: boss" in life.do(cmd.Reject(offer=2, why="conflict"), "ben").story


def test_who_has_a_conflict_is_woken_for_nothing() -> None:
    life = opened(contract=contract(runbook={"accepted": (page("primary"),)}))
    life.do(cmd.Reject(offer=1, why="conflict"), "ann")
    assert "step accepted#1/0 for boss" in life.accept().story


# remedies


def test_what_holds_in_the_world_is_asked_for_until_it_holds_no_more() -> None:
    unlock = step("action", args={"action": "unlock"}, changes=True)
    life = resolved(contract=contract(runbook={"resolved": (LOCK, step("wait", within=box(30 * MINUTE)), unlock)}))
    outcome: Outcome = life.do(cmd.Close(code="fixed", facts=life.facts()), "boss", when=at(70))
    assert outcome.story == ["ResolutionRefused: unproven", "RemediationAsked: unproven", "tell ann: remediation"]
    life.until(at(95))
    assert not life.live.remedies
    assert life.do(cmd.Close(code="fixed", facts=life.facts()), "boss").rejected is None
    assert life.replay().verdict is Verdict.IDENTICAL


def test_a_tap_and_a_second_thought_keep_the_offer_with_the_same_person() -> None:
    terms = contract(checklist_within=box(10 * MINUTE))
    life = opened(contract=terms)
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(5))
    life.do(cmd.Unaccept(), "ann", when=at(6))
    assert life.live.checklist_due is None
    life.do(cmd.Accept(offer=2, answers=YES), "ann", when=at(6, seconds=5))
    assert (accountable(life.live), life.live.checklist_due) == ("ann", None)


def test_who_has_a_conflict_is_asked_nothing_else_and_owns_no_recovery() -> None:
    asks = step(
        "ask", who=OwnerRef(person="ann"), within=box(HOUR), otherwise="escalate", answers={"ok": AnswerOf(type="text")}
    )
    life = opened(contract=contract(runbook={"open": (asks,)}))
    life.do(cmd.RaiseException(exception_class="mine", text=TEXT), "ann", when=at(1))
    assert life.live.exceptions[1].owner == "ann"
    story = life.do(cmd.Reject(offer=1, why="conflict"), "ann", when=at(2)).story
    assert story == [
        "offer 1 ends: rejected_conflict",
        "ladder offer 3 to ben: rejected_conflict",
        "tell ben: offer",
        "tell boss: failover",
        "offer 2 ends: rejected_conflict",
        "question 4 to boss at last: rejected_conflict",
        "tell boss: question",
        "exception 1 is boss's: conflict",
        "tell boss: exception",
    ]


def test_a_conflict_said_to_a_question_passes_the_offer_on_as_well() -> None:
    asks = step(
        "ask", who=OwnerRef(person="ann"), within=box(HOUR), otherwise="escalate", answers={"ok": AnswerOf(type="text")}
    )
    life = opened(contract=contract(runbook={"open": (asks,)}))
    life.do(cmd.Reject(offer=2, why="conflict"), "ann")
    assert accountable(life.live) == "ben"


def test_an_owner_who_has_a_conflict_with_a_question_goes_on_as_owner() -> None:
    asks = step("ask", who="owner", within=box(HOUR), otherwise="escalate", answers={"ok": AnswerOf(type="text")})
    life = accepted(contract=contract(runbook={"accepted": (asks,)}))
    life.do(cmd.Reject(offer=2, why="conflict"), "ann")
    assert (accountable(life.live), life.live.conflicts) == ("ann", ())
    assert life.live.offers[3].to == "boss"


# what others end


@pytest.mark.parametrize(
    ("given", "args", "about"),
    [
        (opened, cmd.Override(action="take", text=TEXT), "override"),
        (accepted, cmd.Override(action="take", text=TEXT), "override"),
        (accepted, cmd.Override(action="close", text=TEXT, code="fixed"), "ended"),
        (accepted, cmd.Cancel(text=TEXT), "ended"),
        (opened, cmd.Cancel(text=TEXT), "ended"),
    ],
)
def test_who_answered_for_it_hears_of_what_a_manager_did(given: Any, args: cmd.Args, about: str) -> None:
    told = given().do(args, "boss", when=at(10)).one(ev.DeliveryRequested)
    assert (told.to, told.about) == ("ann", about)


def test_who_ends_it_alone_hears_nothing() -> None:
    life = resolved()
    facts = life.facts()
    assert life.do(cmd.Close(code="fixed", facts=facts), "ann", when=at(70)).story == ["EscalationClosed: closed"]


def test_one_after_the_other_who_cannot_be_reached_begins_the_steps_for_an_exception_once() -> None:
    asks = step("ask", who=BOSS, within=box(HOUR), otherwise="escalate", answers={"ok": AnswerOf(type="text")})
    life = opened(contract=contract(runbook={"exception": (asks,)}), answers=("steps", "writes"))
    life.do(cmd.FailDelivery(delivery=1, why="no channel"), when=at(1))
    life.do(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann", when=at(2))
    assert list(life.live.runs) == ["exception#1", "exception#2"], "what people raise has steps of its own"
    told = [number for number, each in life.live.deliveries.items() if each.to == "boss"]
    life.do(cmd.FailDelivery(delivery=told[0], why="no channel"), when=at(3))
    assert raised(life) == ["undelivered", "vendor", "undelivered"]
    assert list(life.live.runs) == ["exception#1", "exception#2"]
