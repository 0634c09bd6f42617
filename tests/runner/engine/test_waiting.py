"""Waiting: bounded in all, the clocks stand still and go on, it falls to somebody, and it never lasts for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, CalendarOf, WaitingOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable, deadlines
from runner.engine.waiting import expire_wait, go_on
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    DAY,
    HOUR,
    PEOPLE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    contract,
    exhausted,
    hand_over,
    opened,
    resolved,
    roster,
    step,
)

OFFICE = CalendarOf(zone="UTC", week=(((540, 1020),),) * 5 + ((),) * 2, closed=())


def patient(then: str = "owner", at_most: BoxOf | int = 4 * HOUR, **changes: Any) -> Any:
    return contract(waiting=WaitingOf(at_most=box(at_most), then=then), **changes)  # type: ignore[arg-type]


def holding(**changes: Any) -> Life:
    """Ann accepted after five minutes; she may wait for four hours in all."""
    return accepted(contract=patient(**changes))


def until(minutes: float, for_: str = "date") -> cmd.Wait:
    return cmd.Wait(for_=for_, until=at(minutes), text=TEXT)  # type: ignore[arg-type]


CUSTOMER = cmd.Wait(for_="customer", text=TEXT)
RESUME = cmd.Resume()
CHANGED = cmd.NoteChanged(fields=("answer",))


def waits(**changes: Any) -> Life:
    """And ten minutes after the beginning she waits for the customer, until 250 at the latest."""
    life = holding(**changes)
    life.do(CUSTOMER, "ann", when=at(10))
    return life


def waits_for_a_date(**changes: Any) -> Life:
    life = holding(**changes)
    life.do(until(70), "ann", when=at(10))
    return life


def used_up(**changes: Any) -> Life:
    life = waits(**changes)
    life.tick(at(250))
    return life


STARTED = ["WaitingStarted: waits"]


@table(
    Row("for the customer", holding, CUSTOMER, at(10), STARTED, "ann"),
    Row("for a date", holding, until(100), at(10), STARTED, "ann"),
    Row("to the last instant", holding, until(250), at(10), STARTED, "ann"),
    Row("a second beyond", holding, until(250.1), at(10), RejectReason.WAITING_OUT_OF_BOUNDS, "ann"),
    Row("until now", holding, until(10), at(10), RejectReason.WAITING_OUT_OF_BOUNDS, "ann"),
    Row("until before", holding, until(9), at(10), RejectReason.WAITING_OUT_OF_BOUNDS, "ann"),
    Row(
        "for a date without one",
        holding,
        cmd.Wait(for_="date", text=TEXT),
        at(10),
        RejectReason.WAITING_OUT_OF_BOUNDS,
        "ann",
    ),
    Row("where the contract does not allow it", accepted, CUSTOMER, at(10), RejectReason.WAITING_NOT_ALLOWED, "ann"),
    Row("by somebody else", holding, CUSTOMER, at(10), RejectReason.NOT_YOURS, "boss"),
    Row("before accepting", partial(opened, contract=patient()), CUSTOMER, at(3), RejectReason.NOT_YOURS, "ann"),
    Row("in exhaustion", partial(exhausted, contract=patient()), CUSTOMER, at(241), RejectReason.NOT_YOURS, "boss"),
    Row("resolved", partial(resolved, contract=patient()), CUSTOMER, at(61), RejectReason.WRONG_STATE, "ann"),
    Row("when all of it is used up", used_up, CUSTOMER, at(251), RejectReason.WAITING_OUT_OF_BOUNDS, "ann"),
    Row("longer", waits_for_a_date, until(120), at(30), ["WaitingEnded: resumed", *STARTED], "ann"),
)
def test_wait(row: Row) -> None:
    play(row)


def test_not_while_a_handoff_waits_for_its_receiver() -> None:
    life = holding()
    life.do(hand_over("carl"), "ann", when=at(8))
    assert life.do(CUSTOMER, "ann", when=at(10)).rejected is RejectReason.HANDOFF_PENDING


def test_not_before_the_checklist_is_answered() -> None:
    life = opened(contract=patient(checklist_within=box(HOUR)))
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(5))
    assert life.do(CUSTOMER, "ann", when=at(10)).rejected is RejectReason.CHECKLIST_INCOMPLETE


OVER = ["WaitingEnded: wait_over", "tell ann: waited"]


@table(
    Row("the holder goes on", waits, RESUME, at(20), ["WaitingEnded: resumed"], "ann"),
    Row("somebody else would", waits, RESUME, at(20), RejectReason.NOT_YOURS, "boss"),
    Row("nobody waits", holding, RESUME, at(20), RejectReason.WRONG_STATE, "ann"),
    Row(
        "the customer changes the ticket", waits, CHANGED, at(20), ["WaitingEnded: ticket_changed", "tell ann: waited"]
    ),
    Row("who waits for a date waits on", waits_for_a_date, CHANGED, at(20), []),
    Row("nobody waits for a change", holding, CHANGED, at(20), []),
    Row("the time is over", waits, cmd.Tick(), at(250), OVER),
    Row("a moment before", waits, cmd.Tick(), at(250, seconds=-1), []),
    Row(
        "it falls to the escalation owner",
        partial(waits, then="escalation_owner"),
        cmd.Tick(),
        at(250),
        [
            "WaitingEnded: wait_over",
            "OwnerReleased ann: wait_over",
            "ladder offer 2 to boss: wait_over",
            "tell boss: offer",
            "tell ann: released",
        ],
    ),
    Row(
        "the failover steps begin",
        partial(waits, then="escalation_owner", runbook={"failover": (step(),)}),
        cmd.Tick(),
        at(250),
        [
            "WaitingEnded: wait_over",
            "OwnerReleased ann: wait_over",
            "ladder offer 2 to boss: wait_over",
            "tell boss: offer",
            "tell ann: released",
            "run failover#1",
            "step failover#1/0",
        ],
    ),
    Row(
        "the holder hands it over",
        waits,
        hand_over("carl"),
        at(20),
        ["WaitingEnded: resumed", "handoff offer 2 to carl: handed_over", "tell carl: offer"],
        "ann",
    ),
    Row(
        "the holder passes it up",
        waits,
        cmd.Escalate(offer=None, text=TEXT),
        at(20),
        [
            "WaitingEnded: resumed",
            "OwnerReleased ann: escalated",
            "ladder offer 2 to ben: escalated",
            "tell ben: offer",
            "tell boss: failover",
        ],
        "ann",
    ),
    Row(
        "the holder resolves it",
        waits,
        lambda life: cmd.Resolve(evidence={}, facts=life.facts()),
        at(20),
        ["WaitingEnded: resumed", "OutcomeResolved: proven"],
        "ann",
    ),
    Row(
        "a manager takes it",
        waits,
        cmd.Override(action="take", text=TEXT),
        at(20),
        ["WaitingEnded: override", "OwnerTook boss: override", "tell ann: override"],
        "boss",
    ),
    Row(
        "a manager closes it",
        waits,
        cmd.Override(action="close", text=TEXT, code="fixed"),
        at(20),
        ["WaitingEnded: override", "EscalationClosed: override", "tell ann: ended"],
        "boss",
    ),
    Row(
        "a manager cancels it",
        waits,
        cmd.Cancel(text=TEXT),
        at(20),
        ["WaitingEnded: override", "EscalationCancelled: cancelled", "tell ann: ended"],
        "boss",
    ),
    Row(
        "who may not does nothing",
        waits,
        cmd.Override(action="take", text=TEXT),
        at(20),
        RejectReason.NOT_ALLOWED,
        "ben",
    ),
    Row(
        "solved outside, and proven",
        waits,
        lambda life: cmd.NoteSolvedOutside(facts=life.facts()),
        at(20),
        ["WaitingEnded: solved_outside", "OutcomeResolved: solved_outside"],
    ),
)
def test_the_end_of_it(row: Row) -> None:
    play(row)


def test_solved_outside_without_proof_it_waits_on() -> None:
    life = waits()
    story = life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(20)).story
    assert "VerificationFailed: unproven" in story
    assert life.live.phase is Phase.WAITING


def test_an_exception_may_be_raised_meanwhile_and_the_wait_goes_on() -> None:
    life = waits()
    assert life.do(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann", when=at(20)).rejected is None
    assert life.live.phase is Phase.WAITING
    life.do(cmd.EndException(exception=1, text=TEXT), "ann", when=at(30))
    assert life.live.phase is Phase.WAITING


def test_the_ticket_says_that_it_waits_and_whose_it_is() -> None:
    life = waits()
    assert (life.live.record, accountable(life.live)) == (("waiting", "ann", at(5)), "ann")


def test_the_outcome_stands_still_and_goes_on_with_what_was_left() -> None:
    life = waits()
    assert life.live.outcome_due == at(480)
    life.until(at(100))
    life.do(RESUME, "ann", when=at(130))
    assert life.live.outcome_due == at(600)


def test_it_stands_still_past_its_own_instant() -> None:
    life = waits(outcome=60 * 60)
    assert life.until(at(249)) == []
    life.until(at(250))
    assert (life.live.outcome_missed, life.live.outcome_due) == (False, at(300))


def test_what_had_passed_before_is_not_undone() -> None:
    """The inbox comes before deadlines, so that a late wait could hide a breach."""
    life = holding(outcome=HOUR)
    life.do(CUSTOMER, "ann", when=at(61))
    missed = life.tick(at(62)).one(ev.OutcomeMissed)
    assert (missed.due, life.live.phase) == (at(60), Phase.WAITING)
    life.do(RESUME, "ann", when=at(70))
    assert life.live.outcome_due == at(60)


def test_what_is_left_is_counted_in_the_calendar_of_the_outcome() -> None:
    """Tuesday 9:10 to Wednesday 9:10, of eight open hours a day."""
    terms = patient(at_most=3 * DAY, outcome=BoxOf(seconds=4 * HOUR, calendar="office"), calendars={"office": OFFICE})
    life = accepted(contract=terms)
    assert life.live.outcome_due == at(240)
    life.do(CUSTOMER, "ann", when=at(10))
    life.do(RESUME, "ann", when=at(10 + 20 * 60))
    assert life.live.outcome_due == datetime(2026, 3, 4, 12, 50, tzinfo=UTC)


def test_the_bound_is_for_all_waits_together_in_its_own_calendar() -> None:
    terms = patient(at_most=BoxOf(seconds=9 * HOUR, calendar="office"), calendars={"office": OFFICE}, outcome=9 * DAY)
    life = accepted(contract=terms)
    life.do(CUSTOMER, "ann", when=at(60))
    assert life.live.waiting is not None
    assert life.live.waiting.until == datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
    life.do(RESUME, "ann", when=datetime(2026, 3, 3, 20, 0, tzinfo=UTC))
    assert life.live.waited == 7 * HOUR
    life.do(CUSTOMER, "ann", when=datetime(2026, 3, 4, 10, 0, tzinfo=UTC))
    assert life.live.waiting is not None
    assert life.live.waiting.until == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_another_holder_has_no_more_of_it() -> None:
    life = used_up()
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(260))
    life.accept()
    assert life.do(CUSTOMER, "ben").rejected is RejectReason.WAITING_OUT_OF_BOUNDS


def test_progress_stands_still_and_is_counted_anew() -> None:
    life = waits(progress_within=box(HOUR))
    assert life.live.progress_due is None
    life.tick(at(250))
    assert life.live.progress_due == at(310)
    life.do(cmd.Progress(text=TEXT), "ann", when=at(300))
    assert life.live.progress_due == at(360)


def test_a_late_tick_uses_up_no_more_than_was_waited() -> None:
    life = waits_for_a_date(outcome=9 * DAY)
    ended = life.tick(at(200)).one(ev.WaitingEnded)
    assert (ended.due, ended.waited, life.live.waited) == (at(70), HOUR, HOUR)


def test_an_escalation_owner_who_waited_is_asked_anew_and_not_told_to_let_go() -> None:
    life = opened(contract=patient("escalation_owner"))
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(5))
    life.do(CUSTOMER, "boss", when=at(10))
    assert life.tick(at(250)).story == [
        "WaitingEnded: wait_over",
        "OwnerReleased boss: wait_over",
        "ladder offer 2 to boss: wait_over",
        "tell boss: offer",
    ]


def test_nobody_waits_for_ever_because_nobody_waits() -> None:
    draft = Draft(patient(), opened().live, opened().world())
    with pytest.raises(AssertionError, match="a wait of nobody is over"):
        expire_wait(draft)
    with pytest.raises(AssertionError, match="nobody waits"):
        go_on(draft, Reason.RESUMED)


def test_nobody_is_left_when_it_is_over() -> None:
    life = waits(then="escalation_owner")
    life.roster = roster(away("boss"))
    life.tick(at(250))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "ceo")


def test_the_accepted_steps_go_on_while_one_waits() -> None:
    life = opened(contract=patient(runbook={"accepted": (step(), step())}), answers=("deliveries", "writes"))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    life.do(CUSTOMER, "ann", when=at(6))
    life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1))
    assert life.live.runs["accepted#1"].step == 1


@given(
    then=st.sampled_from(("owner", "escalation_owner")),
    at_most=st.sampled_from((60, HOUR, 5 * HOUR, 3 * DAY)),
    calendar=st.sampled_from((None, "office")),
    for_=st.sampled_from(("customer", "date")),
    span=st.integers(1, 3 * DAY),
    late=st.sampled_from((0, 0, 1, 3600, DAY)),
    missing=st.sets(st.sampled_from(sorted(PEOPLE)), max_size=8),
    outcome=st.sampled_from((60, HOUR, 8 * HOUR)),
)
def test_a_wait_always_ends(  # noqa: PLR0917 - what is drawn at random
    then: str, at_most: int, calendar: str | None, for_: str, span: int, late: int, missing: set[str], outcome: int
) -> None:
    """There is a deadline from the first moment on, and handling what is due leads out of it, whoever is there."""
    terms = patient(then, BoxOf(seconds=at_most, calendar=calendar), calendars={"office": OFFICE}, outcome=outcome)
    life = accepted(contract=terms)
    life.do(cmd.Wait(for_=for_, until=at(10, seconds=span), text=TEXT), "ann", when=at(10))  # type: ignore[arg-type]
    if life.live.waiting is None:
        life.do(CUSTOMER, "ann", when=at(10))
    wait = life.live.waiting
    assert wait is not None
    assert wait.until in {each.at for each in deadlines(life.live)}
    life.roster = roster(*map(away, sorted(missing)))
    life.now = wait.until + (at(0, seconds=late) - at(0))
    for _ in range(20):
        if life.live.phase is not Phase.WAITING:
            break
        assert life.tick().events
    assert life.live.phase is not Phase.WAITING
    assert accountable(life.live)
    assert life.live.waited <= at_most
