"""Figures of one escalation: folded from what was decided, all at once or one decision at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from runner.contract.contract import WaitingOf
from runner.contract.roster_form import PersonOf
from runner.engine import commands as cmd
from runner.engine.decision import read_decision
from runner.engine.events import EVENT_TYPES
from runner.engine.kpis import COUNTS, KEPT, TIMES, Figures, Fold, counting, figures, spans_between
from runner.engine.reasons import Reason
from tests.runner.engine.test_clarification import asked as unclear
from tests.runner.engine.test_clarification import said
from tests.runner.engine.test_drift import fought
from tests.runner.engine.test_service_hours import NIGHT, at_night
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
    closed,
    contract,
    exhausted,
    handed,
    opened,
    page,
    resolved,
    roster,
    step,
    troubled,
    turning,
)


def of(life: Life, until: float | None = None) -> Figures:
    fold = Fold()
    for _, body, _ in life.rows:
        row = read_decision(body)
        fold.add(row.now, row.events, row.command.actor, row.stamp.epoch)
    return fold.figures(at(until) if until is not None else None)


def test_a_life_that_went_well() -> None:
    found = of(closed())
    assert found == Figures(
        template="small", opened_at=at(0), epoch=1, ending="closed", first_owner="ann", account=None,
        fields={"priority": "high"},
        times={
            "time_to_first_owner": 0, "time_to_acknowledge": 300, "time_to_first_action": 3600,
            "time_to_resolution": 3600, "time_to_close": 4200, "longest_silence": 3300, "waiting": 0, "lateness": 0,
            "runner_lateness": 0,
        },
        kept=dict.fromkeys(KEPT, True), counts=dict.fromkeys(COUNTS, 0), exceptions={}, impact=None, code="fixed",
    )  # fmt: skip


def test_the_opening_alone() -> None:
    found = of(opened())
    assert [name for name in TIMES if found.value(name) is None] == [
        "time_to_acknowledge", "time_to_first_action", "time_to_resolution", "time_to_close",
    ]  # fmt: skip
    assert (found.ending, found.code, found.impact, set(found.kept.values())) == ("open", None, None, {None})


def _did(command: cmd.Args, actor: str, minutes: float = 0, **changes: Any) -> Life:
    life = opened(**changes)
    life.do(command, actor, when=at(minutes))
    return life


def _until(given: Callable[[], Life], minutes: float) -> Life:
    life = given()
    life.until(at(minutes))
    return life


def _accepting(life: Life, minutes: float) -> Life:
    life.now = at(minutes)
    life.accept()
    return life


def _recovery() -> Life:
    life = _did(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann")
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(3))
    return life


def _taken() -> Life:
    return _did(cmd.Override(action="take", text=TEXT), "boss", 20)


def _undelivered() -> Life:
    life = opened(answers=())
    life.do(cmd.FailDelivery(delivery=1, why="x"))
    return life


def _unheard() -> Life:
    return _until(lambda: opened(contract=contract(runbook={"open": (page(),)})), 5)


def _stopped() -> Life:
    life = opened(contract=contract(runbook={"open": (step(on_error="stop"),)}), answers=())
    life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="x"))
    return life


def _escalated() -> Life:
    life = accepted()
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(30))
    return life


def _silent_owner() -> Life:
    return _until(lambda: accepted(contract=contract(progress_within=box(HOUR))), 125)


def _spent() -> Life:
    life = resolved()
    life.do(cmd.Close(code="fixed", impact=70, facts=life.facts()), "ann", when=at(70))
    return life


def _outside() -> Life:
    life = accepted()
    life.do(cmd.NoteSolvedOutside(facts=life.facts()), when=at(50))
    return life


def _by_override() -> Life:
    return _did(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", 30)


def _outage() -> Life:
    """Nobody handled a deadline for twenty minutes."""
    life = opened()
    life.now = at(80)
    life.drain()
    return life


def _seen_late(**changes: Any) -> Life:
    life = Life()
    life.open(created_at=at(-4), **changes)
    return life


def _second_thoughts(minutes: float) -> Life:
    """Ann takes her acceptance back; the rung after hers is asked when she does not think better of it."""
    life = accepted()
    life.do(cmd.Unaccept(), "ann", when=at(6))
    life.until(at(minutes))
    return life


def _accepting_again() -> Life:
    life = accepted()
    life.do(cmd.Unaccept(), "ann", when=at(6))
    return _accepting(life, 6.1)


def _receiver_thinks_better() -> Life:
    life = _accepting(handed(), 15)
    life.do(cmd.Unaccept(), "carl", when=at(16))
    return life


def _tapped(minutes: float) -> Life:
    """Ann accepts with one tap and does not answer the checklist within ten minutes."""
    life = opened(contract=contract(checklist_within=box(600)))
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(5))
    life.until(at(minutes))
    return life


def _answered() -> Life:
    life = _tapped(5)
    life.do(cmd.CompleteChecklist(answers=YES), "ann", when=at(10))
    return life


def _waiting(minutes: float) -> Life:
    """Ann waits from 00:30 on, for an hour at most."""
    life = accepted(contract=contract(waiting=WaitingOf(at_most=box(HOUR), then="owner")))
    life.do(cmd.Wait(for_="customer", text=TEXT), "ann", when=at(30))
    life.until(at(minutes))
    return life


def _waited_in_vain() -> Life:
    life = accepted(contract=contract(waiting=WaitingOf(at_most=box(HOUR), then="escalation_owner")))
    life.do(cmd.Wait(for_="customer", text=TEXT), "ann", when=at(30))
    life.until(at(90))
    return life


def _resolved_after_waiting() -> Life:
    life = _waiting(120)
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(150))
    return life


def _reopened(life: Life) -> Life:
    life.do(cmd.NoteReopened(), when=at(100))
    return life


def _everybody_rejects() -> Life:
    life = opened(contract=contract(repeat=0))
    for offer, person in enumerate(("ann", "ben", "boss"), start=1):
        life.do(cmd.Reject(offer=offer, why="not_mine"), person, when=at(offer))
    return life


def _unowned_recovery() -> Life:
    """Nobody owns the recovery within its two hours; ann still has three to accept."""
    terms = contract(ladder=(("primary", 5 * HOUR), ("escalation_owner", HOUR)))
    life = _did(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann", contract=terms)
    life.until(at(180))
    return life


def _away_while_asked() -> Life:
    life = opened()
    life.roster = roster(away("ann", at(10)))
    life.do(cmd.NoteRoster(), when=at(10))
    return life


def _out_of_the_company() -> Life:
    life = opened()
    people = {name: PersonOf(jobs=()) for name in PEOPLE if name != "ann"}
    rotation = turning(("abe",), "2026-01-05T09:00", days=7)
    life.roster = roster(people=people, rotations={"desk": rotation, "backup": rotation})
    life.do(cmd.NoteRoster(), when=at(10))
    return life


def _rolled_back() -> Life:
    lock = step("action", args={"action": "lock", "with": {}}, changes=True, undo_by="unlock")
    life = accepted(contract=contract(runbook={"open": (lock,)}))
    life.do(cmd.RollBack(run=None, text=TEXT), "ann", when=at(10))
    life.do(cmd.SucceedUndo(rollback="rollback#1", run="open#1", step=0, attempt=1), when=at(11))
    return life


def _merged() -> Life:
    return _did(cmd.NoteMerged(into="T-9", escalation="E-9"), "surety:test", 40)


def _given() -> Life:
    return _did(cmd.Override(action="give", text=TEXT, to="carl"), "boss")


@pytest.mark.parametrize(
    ("word", "life", "name", "expected"),
    [
        ("named when it is opened", opened, "time_to_first_owner", 0),
        (
            "named as late as the ticket was seen",
            lambda: _seen_late(observed="created"),
            "time_to_first_owner",
            240,
        ),
        (
            "a later trigger waits for nobody",
            lambda: _seen_late(observed="updated"),
            "time_to_first_owner",
            0,
        ),
        ("accepted late", lambda: _did(cmd.Accept(offer=1, answers=YES), "ann", 61), "lateness", 60),
        (
            "late, and acknowledged then",
            lambda: _did(cmd.Accept(offer=1, answers=YES), "ann", 61),
            "time_to_acknowledge",
            3660,
        ),
        ("late is not in time", lambda: _did(cmd.Accept(offer=1, answers=YES), "ann", 61), "acceptance_in_time", False),
        ("nobody answers", exhausted, "time_to_acknowledge", None),
        ("nobody answers, so no time was kept", exhausted, "acceptance_in_time", False),
        ("a service time is missed with one of its parts", exhausted, "sla_compliance", False),
        ("passed on and then accepted", lambda: _accepting(_until(opened, 60), 65), "acceptance_in_time", False),
        (
            "rejected and then accepted",
            lambda: _accepting(_did(cmd.Reject(offer=1, why="not_mine"), "ann"), 5),
            "acceptance_in_time",
            True,
        ),
        ("everybody rejects", _everybody_rejects, "acceptance_in_time", False),
        ("a recovery that nobody owns is another matter", _unowned_recovery, "acceptance_in_time", None),
        ("asked anew after a lapse, and no answer", lambda: _until(_silent_owner, 300), "acceptance_in_time", True),
        ("merged into another: silent until then", _merged, "longest_silence", 2400),
        ("the one who was asked goes away", _away_while_asked, "failovers", 1),
        ("the one who was asked leaves the company", _out_of_the_company, "failovers", 1),
        ("nobody says what was missing", lambda: _until(unclear, 245), "failovers", 1),
        ("what was missing is said", said, "failovers", 0),
        ("outside the service hours nobody fails to answer", lambda: _until_morning(1), "failovers", 0),
        ("in the morning nobody has failed to answer", lambda: _until_morning(12.5), "failovers", 0),
        ("changed by others, restored twice, reported", lambda: fought(3), "drift", 3),
        ("taken back", _rolled_back, "rollbacks", 1),
        ("tickets of the same cause", lambda: _did(cmd.NoteLinked(ticket="T-2"), "surety:test"), "linked", 1),
        ("a later lapse does not change when it was accepted", _silent_owner, "acceptance_in_time", True),
        ("a handoff that nobody takes does not either", lambda: _until(handed, 40), "acceptance_in_time", True),
        ("taking over recovery does not acknowledge", _recovery, "time_to_acknowledge", None),
        ("a manager who takes it acknowledges", _taken, "time_to_acknowledge", 1200),
        ("a handoff accepted does not acknowledge again", lambda: _accepting(handed(), 15), "time_to_acknowledge", 300),
        ("taken back, so not acknowledged", lambda: _second_thoughts(6), "time_to_acknowledge", None),
        ("taken back is counted", lambda: _second_thoughts(6), "unaccepted", 1),
        ("taken back is no action", lambda: _second_thoughts(6), "time_to_first_action", None),
        ("taken back, and offered to the same person", lambda: _second_thoughts(6), "failovers", 0),
        ("taken back for good", lambda: _second_thoughts(7), "failovers", 1),
        ("taken back in time is no breach", lambda: _second_thoughts(7), "acceptance_in_time", None),
        ("taken back and accepted again", _accepting_again, "time_to_acknowledge", 366),
        ("taken back and accepted again within the time", _accepting_again, "acceptance_in_time", True),
        ("taken back by a receiver", _receiver_thinks_better, "time_to_acknowledge", 300),
        ("one tap", lambda: _tapped(5), "time_to_acknowledge", 300),
        ("a tap without a checklist is no acceptance", lambda: _tapped(15), "time_to_acknowledge", None),
        ("and a breach", lambda: _tapped(15), "acceptance_in_time", False),
        ("and a lapse", lambda: _tapped(15), "lapsed", 1),
        ("and a failover", lambda: _tapped(15), "failovers", 1),
        ("answering the checklist is no action", _answered, "time_to_first_action", None),
        ("answered in its time", _answered, "time_to_acknowledge", 300),
        ("waiting is an action", lambda: _waiting(30), "time_to_first_action", 1800),
        ("the time spent waiting", lambda: _waiting(120), "waiting", 3600),
        ("a wait that ended on time", lambda: _waiting(120), "runner_lateness", 0),
        ("a wait that ended falls to the escalation owner", _waited_in_vain, "failovers", 1),
        ("a wait that ended is its owner's again", lambda: _waiting(120), "failovers", 0),
        ("without the time spent waiting", _resolved_after_waiting, "time_to_resolution", 5400),
        ("resolved again is not resolved", lambda: _reopened(resolved()), "time_to_resolution", None),
        ("it was opened again", lambda: _reopened(resolved()), "reopened", 1),
        ("accepting is no action", accepted, "time_to_first_action", None),
        ("raising an exception is one", troubled, "time_to_first_action", 600),
        ("handing over is one", handed, "time_to_first_action", 600),
        ("passing it up is none", _escalated, "time_to_first_action", None),
        ("what the manager does is none of the holder's", _taken, "time_to_first_action", None),
        ("solving it in the helpdesk is one", _outside, "time_to_first_action", 3000),
        ("solved in the helpdesk is resolved", _outside, "time_to_resolution", 3000),
        ("closed without a proof is not resolved", _by_override, "time_to_resolution", None),
        ("closed by override", _by_override, "time_to_close", 1800),
        ("closed before the outcome was due", _by_override, "outcome_in_time", True),
        ("closed without anybody's acceptance", _by_override, "acceptance_in_time", None),
        ("cancelled is not closed", lambda: _did(cmd.Cancel(text=TEXT), "boss"), "time_to_close", None),
        ("the outcome missed", lambda: _until(accepted, 480), "outcome_in_time", False),
        ("the outcome still open", accepted, "outcome_in_time", None),
        ("nobody answered: five failovers", exhausted, "failovers", 5),
        ("nobody answered: exhausted", exhausted, "exhausted", 1),
        ("trying again is no failover", lambda: _until(lambda: opened(answers=()), 180), "failovers", 1),
        ("a rejection", lambda: _did(cmd.Reject(offer=1, why="conflict"), "ann"), "failovers", 1),
        ("escalated by the one who is asked", lambda: _did(cmd.Escalate(offer=1, text=TEXT), "ann"), "failovers", 1),
        ("escalated by the holder", _escalated, "failovers", 1),
        ("given by a manager", _given, "failovers", 0),
        ("a rung without anybody", lambda: opened(roster=roster(away("ann"))), "skipped", 1),
        ("a rung without anybody is no failover", lambda: opened(roster=roster(away("ann"))), "failovers", 0),
        ("an owner who fell silent", _silent_owner, "lapsed", 1),
        ("an owner who fell silent is a failover", _silent_owner, "failovers", 1),
        ("escalating is no lapse", _escalated, "lapsed", 0),
        ("a handoff offered is not one", handed, "handoffs", 0),
        ("a handoff accepted", lambda: _accepting(handed(), 15), "handoffs", 1),
        ("an exception", troubled, "exceptions", 1),
        ("a message that nobody took", _undelivered, "undelivered", 1),
        ("a page without reaction", _unheard, "pages_unanswered", 1),
        ("a run that went to its end", _unheard, "runs_stopped", 0),
        ("a run that stopped", _stopped, "runs_stopped", 1),
        ("a deadline handled on time", exhausted, "runner_lateness", 0),
        ("a deadline handled late", _outage, "runner_lateness", 1200),
        ("the impact that was said at the close", _spent, "business_impact", 70),
        ("nobody said what it cost", closed, "business_impact", None),
    ],
)
def test_one_figure(word: str, life: Callable[[], Life], name: Any, expected: object) -> None:
    assert of(life()).value(name) == expected, word


@pytest.mark.parametrize(
    ("word", "life", "until", "minutes"),
    [
        ("from the offer to the acceptance, and on", accepted, 5, 5),
        ("until now, while it is open", accepted, 60, 55),
        ("a message ends it", lambda: _until(opened, 60), 90, 60),
        ("nothing counts once it is over", closed, 9000, 55),
        ("an offer that no channel takes ends nothing", lambda: opened(answers=("steps", "writes")), 59, 59),
        ("a step for somebody ends it", lambda: _until(_step_for_ben, 10), 40, 30),
        ("a step for nobody does not", lambda: _until(_step_for_nobody, 10), 40, 40),
    ],
)
def test_the_longest_silence(word: str, life: Callable[[], Life], until: float, minutes: float) -> None:
    assert of(life(), until).value("longest_silence") == minutes * 60, word


def _step_for_ben() -> Life:
    return _with_step(step("notify", who="secondary"))


def _step_for_nobody() -> Life:
    return _with_step(step("note"))


def _with_step(of_run: Any) -> Life:
    """Nobody hears of the offer; the step is done after ten minutes."""
    life = opened(contract=contract(runbook={"open": (of_run,)}), answers=())
    life.do(cmd.SucceedStep(run="open#1", step=0, attempt=1), when=at(10))
    return life


def _until_morning(hours: float) -> Life:
    life = at_night()
    life.until(NIGHT + timedelta(hours=hours))
    return life


def test_the_first_owner_is_whom_the_ladder_asks_first_and_not_who_has_it_at_night() -> None:
    assert (of(_until_morning(1)).first_owner, of(_until_morning(13)).first_owner) == ("boss", "ann")
    assert of(_until_morning(20)).first_owner == "ann"


def test_earlier_escalations_of_the_account_are_repeats() -> None:
    life = Life()
    life.open(account="acme", earlier=("E-7", "E-8"))
    assert (of(life).account, of(life).counts["repeats"]) == ("acme", 2)
    assert (of(opened()).account, of(opened()).counts["repeats"]) == (None, 0)


def test_exceptions_are_counted_by_class() -> None:
    life = troubled()
    life.do(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann", when=at(11))
    life.do(cmd.RaiseException(exception_class="mine", text=TEXT), "ann", when=at(12))
    assert of(life).exceptions == {"vendor": 2, "mine": 1}


def test_without_an_opening_there_are_no_figures() -> None:
    with pytest.raises(ValueError, match="no opening"):
        figures([])


def _open_again() -> Life:
    """Closed after 70 minutes, opened again by its last owner after ten hours."""
    life = closed(contract=contract(reopen_within=DAY))
    life.do(cmd.Reopen(text=TEXT), "ann", when=at(600))
    return life


def test_what_is_opened_again_is_neither_resolved_nor_closed() -> None:
    found = of(_open_again())
    assert (found.ending, found.code, found.counts["reopened"], found.counts["failovers"]) == ("open", None, 1, 0)
    assert (found.value("time_to_resolution"), found.value("time_to_close")) == (None, None)
    assert found.value("time_to_acknowledge") == 300


def test_nobody_has_to_hear_of_it_while_it_is_closed() -> None:
    life = _open_again()
    assert of(life, 630).value("longest_silence") == 3300
    assert of(life, 660).value("longest_silence") == 3600


def test_what_a_decision_has_made_known() -> None:
    before, after = of(resolved()), of(closed())
    assert list(spans_between(before, after)) == [
        ("time_to_close", 4200), ("longest_silence", 3300), ("waiting", 0), ("lateness", 0), ("runner_lateness", 0),
    ]  # fmt: skip
    assert list(spans_between(of(opened()), of(accepted()))) == [("time_to_acknowledge", 300)]
    assert list(spans_between(after, after)) == []


def test_a_refusal_is_no_act() -> None:
    life = accepted()
    life.do(cmd.Cancel(text=TEXT), "ann", when=at(20))
    assert of(life).value("time_to_first_action") is None
    assert of(life, 30).value("longest_silence") == 25 * 60


def test_what_comes_before_the_opening_counts_for_nothing() -> None:
    fold = Fold()
    fold.add(at(-5), (), "ann")
    rows = [read_decision(body) for _, body, _ in opened().rows]
    for row in rows:
        fold.add(row.now, row.events, row.command.actor, row.stamp.epoch)
    assert fold.figures() == of(opened())


@pytest.mark.parametrize("life", [closed, exhausted, handed, troubled, _silent_owner, _outage, _outside])
def test_taken_one_by_one_they_equal_the_whole(life: Callable[[], Life]) -> None:
    rows = [read_decision(body) for _, body, _ in life().rows]
    fold = Fold()
    for number, row in enumerate(rows, start=1):
        fold.add(row.now, row.events, row.command.actor)
        assert fold.figures() == figures((each.now, each.events, each.command.actor) for each in rows[:number])


def test_every_event_that_is_counted_exists() -> None:
    known = {each.model_fields["type"].default for each in EVENT_TYPES}
    named = {
        *counting.COUNTED, *(event for event, _ in counting.COUNTED_FOR), *counting.OVERDUE, *counting.NO_ACTION,
        *counting.PAUSES, *counting.RESUMES, *counting.REOPENS,
    }  # fmt: skip
    assert named <= known


def test_every_reason_that_is_counted_exists() -> None:
    named = {
        *counting.FAILOVERS,
        *counting.UNANSWERED,
        *counting.RETRACTS,
        *(reason for _, reason in counting.COUNTED_FOR),
    }
    assert named <= {each.value for each in Reason}


def test_each_figure_has_its_name_in_json() -> None:
    plain = of(troubled()).plain()
    assert set(plain) >= {*TIMES, *KEPT, *COUNTS, "business_impact", "exceptions_by_class", "template", "epoch"}
    assert (plain["exceptions"], plain["exceptions_by_class"]) == (1, {"vendor": 1})
