"""Opening again: after resolving it is the holder's again, after closing it is asked anew, and never twice at once."""

from __future__ import annotations

from functools import partial

import pytest

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.intake import Intake, closed_case, intake, opened_case, reopen_until, reopened_case
from runner.engine.observation import Case, Reading, observe
from runner.engine.reasons import Reason, RejectReason
from runner.engine.reopening import take_back
from runner.engine.state import Phase, State
from tests.runner.engine.conditions_of import FIELDS
from tests.runner.engine.machines import TABLE, TEMPLATES
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    T0,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    closed,
    contract,
    opened,
    resolved,
    roster,
    step,
)

TERMS = contract(reopen_within=2 * HOUR, runbook={"open": (step(),), "failover": (step(),)})
CLOSED = partial(closed, contract=TERMS)
AGAIN = cmd.Reopen(text=TEXT)


def cancelled() -> Life:
    life = opened(contract=TERMS)
    life.do(cmd.Cancel(text=TEXT), "boss")
    return life


def again(**changes: object) -> Life:
    """Closed by ann, and opened again after two hours."""
    life = CLOSED(**changes)
    life.do(cmd.Reopen(), when=at(120))
    return life


OPENED = ["EscalationReopened: reopened", "ladder offer 2 to ann: reopened", "tell ann: offer", "tell boss: reopened"]


@table(
    Row("by its ticket", CLOSED, cmd.Reopen(), at(120), OPENED),
    Row("by its last holder", CLOSED, AGAIN, at(120), OPENED, "ann"),
    Row("by a manager", CLOSED, AGAIN, at(120), OPENED, "boss"),
    Row("in the last instant", CLOSED, cmd.Reopen(), at(190), OPENED),
    Row("too late", CLOSED, cmd.Reopen(), at(190, seconds=1), RejectReason.TOO_LATE),
    Row("by somebody else", CLOSED, AGAIN, at(120), RejectReason.NOT_YOURS, "carl"),
    Row("another is open on the ticket", CLOSED, cmd.Reopen(other="E-2"), at(120), RejectReason.ALREADY_OPEN),
    Row("a contract that does not", closed, cmd.Reopen(), at(120), RejectReason.TOO_LATE),
    Row("what is open", partial(accepted, contract=TERMS), AGAIN, at(20), RejectReason.WRONG_STATE, "ann"),
    Row("what was cancelled", cancelled, AGAIN, at(20), RejectReason.WRONG_STATE, "boss"),
    Row(
        "its last holder is away: the ladder, and the steps of the opening are not done again",
        partial(CLOSED, roster=roster(away("ann", at(100)))),
        cmd.Reopen(),
        at(120),
        [
            "EscalationReopened: reopened",
            "skip primary: absent",
            "ladder offer 2 to ben: reopened",
            "tell ben: offer",
            "tell boss: rung_skipped",
            "tell boss: reopened",
        ],
    ),
    Row(
        "the last holder rejects: the first rung would be the same person, so the second is asked",
        again,
        cmd.Reject(offer=2, why="no_capacity"),
        at(121),
        [
            "offer 2 ends: rejected_no_capacity",
            "skip primary: already_asked",
            "ladder offer 3 to ben: rejected_no_capacity",
            "tell ben: offer",
            "tell boss: rung_skipped",
            "tell boss: failover",
            "run failover#1",
            "step failover#1/0",
        ],
        "ann",
    ),
    Row("twice", again, AGAIN, at(130), RejectReason.WRONG_STATE, "ann"),
    Row(
        "other commands after the close",
        CLOSED,
        cmd.Accept(offer=1, answers=YES),
        at(120),
        RejectReason.NOT_OPEN,
        "ann",
    ),
)
def test_reopen(row: Row) -> None:
    play(row)


def test_whoever_was_asked_before_the_close_is_asked_again() -> None:
    life = opened(contract=TERMS)
    life.do(cmd.Reject(offer=1, why="no_capacity"), "ann", when=at(1))
    life.accept("ben")
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(5))
    life.do(cmd.Reopen(), when=at(10))
    story = life.do(cmd.Reject(offer=3, why="no_capacity"), "ben", when=at(11)).story
    assert story[1] == "ladder offer 4 to ann: rejected_no_capacity"


def test_it_begins_anew() -> None:
    life = again()
    state = life.live
    assert (state.phase, state.outcome_due, state.closed_at) == (Phase.OFFERED, at(120 + 8 * 60), None)
    assert (state.evidence, state.handoffs, state.record) == ({}, 0, ("offered", "ann", None))
    life.do(cmd.Accept(offer=2, answers=YES), "ann", when=at(121))
    assert life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann").rejected is None
    assert life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(150)).rejected is None
    assert life.do(cmd.Reopen(), when=at(200)).rejected is None, "the time is counted from the last close"


def test_nobody_answers_the_second_time_either() -> None:
    life = again()
    life.until(at(120 + 60))
    asked = [event.to for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert asked == ["ann", "ann", "ben"]
    life.until(at(120 + 60 * 8))
    assert life.live.phase is Phase.EXHAUSTED


BACK = ["OutcomeReopened: reopened", "tell ann: reopened", "tell boss: reopened"]


@table(
    Row("resolved: the same person goes on", resolved, cmd.NoteReopened(), at(70), BACK),
    Row("resolved by boss: one message", partial(resolved), cmd.NoteReopened(), at(70), BACK),
    Row("accepted: nothing follows", accepted, cmd.NoteReopened(), at(20), []),
    Row("closed", CLOSED, cmd.NoteReopened(), at(100), RejectReason.NOT_OPEN),
)
def test_the_ticket_is_not_done_any_more(row: Row) -> None:
    play(row)


def test_what_is_given_back_must_be_proven_again_and_progress_counts_anew() -> None:
    life = resolved(contract=contract(progress_within=box(HOUR)))
    life.do(cmd.NoteReopened(), when=at(70))
    assert (life.live.phase, life.live.holder, life.live.remind_at) == (Phase.ACCEPTED, "ann", None)
    assert life.live.progress_due == at(130)
    assert life.do(cmd.Resolve(evidence={}, facts=life.facts(evidence=())), "ann").rejected is RejectReason.NOT_VERIFIED


def test_the_outcomes_time_goes_on_when_it_is_given_back() -> None:
    life = resolved()
    life.do(cmd.NoteReopened(), when=at(60 * 9))
    life.tick()
    assert life.live.outcome_missed
    missed = [event for _, event in life.events if isinstance(event, ev.OutcomeMissed)]
    assert [event.due for event in missed] == [at(8 * 60)]


def test_what_is_overdue_stays_so_when_it_is_given_back() -> None:
    life = accepted()
    life.until(at(60 * 9))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")
    life.do(cmd.NoteReopened())
    assert life.live.outcome_missed
    assert life.live.remind_at is not None


def test_nobody_is_given_back_what_nobody_held() -> None:
    life = opened()
    with pytest.raises(AssertionError, match="resolved by nobody"):
        take_back(Draft(life.contract, life.live, life.world()), Reason.REOPENED, "small#/close/verify")


SMALL = TEMPLATES["small"]


def look(case: Case, minute: float, state: State | None = None, terms: Contract = SMALL, **fields: object) -> Intake:
    now = at(minute)
    seen = observe(FIELDS, case, Reading("T-1", str(minute), T0, now, {"vip": True, "priority": "high", **fields}), now)
    given = terms if state is not None else None
    return intake(TABLE, case, seen, now, fields=FIELDS, open_contract=given, open_state=state, closed_contract=terms)


def case_of(closes: float | None, until: float | None = None) -> Case:
    """A ticket that was done when its escalation was closed, and what may be done about it."""
    reading = Reading("T-1", "1", T0, T0, {"vip": True, "priority": "high", "status": "solved"})
    first = intake(TABLE, None, observe(FIELDS, None, reading, T0), T0, fields=FIELDS)
    case = opened_case(first.case, "small", "E-1", T0)
    if closes is None:
        return case
    return closed_case(TABLE, case, "small", at(closes), until=None if until is None else at(until))


@pytest.mark.parametrize(
    ("word", "minute", "status", "reopens", "opens"),
    [
        ("in time", 20, "open", True, False),
        ("at the last instant", 30, "open", True, False),
        ("too late", 31, "open", False, False),
        ("still done", 20, "solved", False, False),
        ("no status at all", 20, None, False, False),
        ("in time, although it might be opened anew by now", 25, "open", True, False),
    ],
)
def test_a_ticket_that_is_not_done_any_more(word: str, minute: float, status: str, reopens: bool, opens: bool) -> None:
    found = look(case_of(10, 30), minute, status=status)
    assert (found.reopens is not None, found.opens is not None) == (reopens, opens), word


def test_within_the_time_no_second_one_is_opened() -> None:
    case = case_of(0, 120)
    found = look(case, 70, status="open")
    assert (found.why, found.reopens, found.opens) == ("rearmed", cmd.Reopen(), None)
    back = reopened_case(found.case, "E-1")
    assert (back.escalation, back.closed_escalation, back.reopen_until) == ("E-1", None, None)
    assert look(back, 71, status="open").opens is None
    later = look(case, 121, status="open")
    assert later.reopens is None
    assert later.opens is not None


def test_a_ticket_that_is_gone_opens_nothing() -> None:
    case = case_of(10, 30)
    found = intake(TABLE, case, observe(FIELDS, case, None, at(20)), at(20), fields=FIELDS, closed_contract=SMALL)
    assert found.reopens is None


def test_only_what_was_closed_may_be_opened_again() -> None:
    life = CLOSED()
    assert reopen_until(TERMS, life.live) == at(70 + 120)
    assert reopen_until(contract(), life.live) is None
    assert reopen_until(TERMS, cancelled().live) is None


def test_the_escalation_is_told_only_if_it_is_resolved() -> None:
    life = resolved()
    told = look(case_of(None), 70, life.live, life.contract, status="open")
    assert cmd.NoteReopened() in told.notes
    assert cmd.NoteReopened() not in look(case_of(None), 70, accepted().live, life.contract, status="open").notes
