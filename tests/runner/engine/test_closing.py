"""Resolving and closing: every check that does not hold is named, whether a person or the helpdesk says it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import Phase
from tests.runner.engine.tables import Refused, Row, play, table
from tests.runner.engine.worlds import (
    TASK,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    closed,
    contract,
    exhausted,
    handed,
    limits,
    opened,
    resolved,
    step,
    troubled,
    with_task,
    without,
)

TASK_LATER = contract(runbook={"accepted": (step(), step("create_ticket", task=True))})
BARE = contract(verify=())


def resolve(given: dict[str, str] | None = None, /, **facts: object) -> Callable[[Life], cmd.Resolve]:
    return lambda life: cmd.Resolve(evidence=given or {}, facts=life.facts(**facts))


def close(code: str = "fixed", /, **facts: object) -> Callable[[Life], cmd.Close]:
    return lambda life: cmd.Close(code=code, impact=120, facts=life.facts(**facts))


def outside(**facts: object) -> Callable[[Life], cmd.NoteSolvedOutside]:
    return lambda life: cmd.NoteSolvedOutside(facts=life.facts(**facts))


def with_task_of_nobody(**changes: Any) -> Life:
    return with_task(None, **changes)


def unwritten(**changes: object) -> Life:
    """Accepted; the ticket could not be written since."""
    life = accepted(answers=("deliveries",), **changes)
    for write in life.live.writes:
        life.do(cmd.FailRecord(write=write, why="403"), when=at(6))
    return life


def resolved_unwritten(**changes: object) -> Life:
    """Resolved; the ticket could not be told so."""
    life = without(accepted(**changes), "writes")
    life.do(resolve()(life), "ann", when=at(60))
    life.do(cmd.FailRecord(write=max(life.live.writes), why="403"), when=at(61))
    return life


def resolved_being_written(**changes: object) -> Life:
    """Resolved; the ticket is being told so."""
    life = without(accepted(**changes), "writes")
    life.do(resolve()(life), "ann", when=at(60))
    return life


def resolved_with_task(**changes: Any) -> Life:
    """Resolved; the task ticket T-9 was cora's."""
    life = with_task(**changes)
    life.do(resolve()(life), "ann", when=at(60))
    return life


def resolved_with_later_task(**changes: object) -> Life:
    """Resolved; then the runbook made the task ticket T-9."""
    later = contract(runbook={"resolved": (step("create_ticket", task=True),)})
    life = resolved(contract=later, answers=("deliveries", "writes"), **changes)
    life.do(cmd.SucceedStep(run="resolved#1", step=0, attempt=1, result={"ticket": "T-9"}), when=at(61))
    return life


def resolved_and_gone(**changes: object) -> Life:
    """Resolved; then the ticket was gone."""
    life = resolved(**changes)
    life.do(cmd.NoteGone(), when=at(65))
    return life


def late_task(**changes: object) -> Life:
    """The task was given up, and its ticket T-9 was created after all."""
    life = failed_task(**changes)
    life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1, result={"ticket": "T-9"}), when=at(40))
    return life


def failed_task(**changes: object) -> Life:
    life = accepted(contract=TASK, answers=("deliveries", "writes"), **changes)
    life.do(cmd.FailStep(run="accepted#1", step=0, attempt=1, why="refused"), when=at(6))
    return life


def fought(**changes: object) -> Life:
    """Solved outside without proof, and set back, as often as the limit allows."""
    life = accepted(**changes)
    for minute in (20, 30):
        life.do(outside(evidence=())(life), when=at(minute))
    return life


DONE = ["OutcomeResolved: proven"]
BOSS_IS_ASKED = Refused(
    RejectReason.NOT_VERIFIED,
    ["ResolutionRefused: unproven", "RemediationAsked: unproven", "tell boss: remediation"],
)
REOPENED = ["VerificationFailed: unproven", "OutcomeReopened: unproven", "tell boss: not_closed"]
BOTH = {"invoice": TEXT, "confirmation": TEXT}


@table(
    Row("proven by the ticket's fields", accepted, resolve(), at(60), DONE, "ann"),
    Row("proven by what is handed in", accepted, resolve(BOTH, evidence=()), at(60), DONE, "ann"),
    Row("proven half by each", accepted, resolve({"invoice": TEXT}, evidence=("confirmation",)), at(60), DONE, "ann"),
    Row("nothing is asked", partial(accepted, contract=BARE), resolve(evidence=(), record={}), at(60), DONE, "ann"),
    Row(
        "the steps begin",
        partial(accepted, contract=contract(runbook={"resolved": (step(),)})),
        resolve(),
        at(60),
        [*DONE, "run resolved#1", "step resolved#1/0"],
        "ann",
    ),
    Row("a handoff on its way is over", handed, resolve(), at(60), ["offer 2 ends: superseded", *DONE], "ann"),
    Row(
        "evidence that proves nothing here",
        accepted,
        resolve({"photo": TEXT}),
        at(60),
        RejectReason.UNKNOWN_EVIDENCE,
        "ann",
    ),
    Row("an exception is open", troubled, resolve(), at(60), RejectReason.EXCEPTION_OPEN, "ann"),
    Row("by somebody else", accepted, resolve(), at(60), RejectReason.NOT_YOURS, "boss"),
    Row("before anybody accepted", opened, resolve(), at(60), RejectReason.NOT_YOURS, "ann"),
    Row("twice", resolved, resolve(), at(61), RejectReason.WRONG_STATE, "ann"),
    Row("a task ticket is done", with_task_of_nobody, resolve(), at(60), DONE, "ann"),
    Row("evidence is missing", accepted, resolve(evidence=()), at(60), RejectReason.NOT_VERIFIED, "ann"),
    Row("a task ticket is open", with_task_of_nobody, resolve(open_tasks=("T-9",)), at(60), BOSS_IS_ASKED, "ann"),
    Row("another's open task does not matter", with_task_of_nobody, resolve(open_tasks=("T-8",)), at(60), DONE, "ann"),
    Row("a task could not be made", failed_task, resolve(), at(60), BOSS_IS_ASKED, "ann"),
    Row("a task was made late, and is done", late_task, resolve(), at(60), DONE, "ann"),
    Row("a task was made late", late_task, resolve(open_tasks=("T-9",)), at(60), BOSS_IS_ASKED, "ann"),
)
def test_resolve(row: Row) -> None:
    play(row)


@pytest.mark.parametrize(
    ("word", "given", "facts", "noes"),
    [
        (
            "each missing proof",
            accepted,
            {"evidence": ()},
            ["outcome_evidence: invoice is missing", "outcome_evidence: confirmation is missing"],
        ),
        ("an open task", with_task_of_nobody, {"open_tasks": ("T-9",)}, ["tasks_done: ticket T-9 is not done"]),
        (
            "a failed task",
            failed_task,
            {},
            ["tasks_done: step accepted#1/0 failed; a manager may close with a rationale"],
        ),
        (
            "a task on its way",
            lambda: accepted(contract=TASK, answers=("deliveries", "writes")),
            {},
            ["tasks_done: accepted#1 has not created its task yet"],
        ),
        (
            "a task that a later step will make",
            lambda: accepted(contract=TASK_LATER, answers=("deliveries", "writes")),
            {},
            ["tasks_done: accepted#1 has not created its task yet"],
        ),
        (
            "the ticket says otherwise",
            accepted,
            {"record": {"x_state": "accepted", "x_owner": "zoe"}},
            ["fields_consistent: x_owner is 'zoe', the record says 'ann'"],
        ),
        (
            "the ticket says nothing",
            accepted,
            {"record": {}},
            [
                "fields_consistent: x_state is None, the record says 'accepted'",
                "fields_consistent: x_owner is None, the record says 'ann'",
            ],
        ),
        (
            "a write is on its way",
            lambda: accepted(answers=("deliveries",)),
            {},
            ["fields_consistent: a write to the ticket is still under way; try again shortly"],
        ),
        (
            "the ticket could not be written",
            unwritten,
            {},
            ["fields_consistent: the ticket could not be written; it is tried again by itself"],
        ),
        (
            "all at once",
            with_task_of_nobody,
            {"evidence": ("invoice",), "open_tasks": ("T-9",), "record": {"x_state": "accepted"}},
            [
                "outcome_evidence: confirmation is missing",
                "tasks_done: ticket T-9 is not done",
                "fields_consistent: x_owner is None, the record says 'ann'",
            ],
        ),
    ],
)
def test_the_noes_are_named_one_by_one(
    word: str, given: Callable[[], Life], facts: dict[str, object], noes: list[str]
) -> None:
    life = given()
    outcome = life.do(resolve(**facts)(life), "ann", when=at(7))
    assert outcome.rejected is RejectReason.NOT_VERIFIED, word
    assert outcome.detail == "; ".join(noes)


def test_what_is_not_verified_is_not_asked() -> None:
    life = with_task_of_nobody()
    life.contract = contract(runbook=TASK.runbook, verify=("outcome_evidence",))
    assert life.do(resolve(open_tasks=("T-9",), record={})(life), "ann").rejected is None


@table(
    Row("by the holder", resolved, close(), at(70), ["EscalationClosed: closed"], "ann"),
    Row("by a manager", resolved, close("no_error"), at(70), ["EscalationClosed: closed", "tell ann: ended"], "boss"),
    Row(
        "by somebody with the job",
        resolved,
        close(),
        at(70),
        ["EscalationClosed: closed", "tell ann: ended"],
        "dora",
        ("duty-manager",),
    ),
    Row(
        "the steps begin",
        partial(resolved, contract=contract(runbook={"closed": (step(),)})),
        close(),
        at(70),
        ["EscalationClosed: closed", "run closed#1", "step closed#1/0"],
        "ann",
    ),
    Row("by a bystander", resolved, close(), at(70), RejectReason.NOT_YOURS, "ben"),
    Row("with an unknown code", resolved, close("meh"), at(70), RejectReason.UNKNOWN_CODE, "ann"),
    Row("what is not resolved", accepted, close(), at(70), RejectReason.WRONG_STATE, "ann"),
    Row(
        "the proof is gone again: back to its owner",
        resolved,
        close(evidence=()),
        at(70),
        Refused(RejectReason.NOT_VERIFIED, REOPENED),
        "ann",
    ),
    Row(
        "the proof is gone again, finds a manager: the owner is asked for it",
        resolved,
        close(evidence=("invoice",)),
        at(70),
        Refused(
            RejectReason.NOT_VERIFIED,
            [*REOPENED[:2], "RemediationAsked: unproven", "tell ann: remediation", "tell ann: not_closed"],
        ),
        "boss",
    ),
    Row(
        "the ticket says otherwise",
        resolved,
        close(record={}),
        at(70),
        Refused(RejectReason.NOT_VERIFIED, REOPENED),
        "ann",
    ),
    Row(
        "a task ticket was opened again",
        resolved_with_task,
        close(open_tasks=("T-9",)),
        at(70),
        Refused(
            RejectReason.NOT_VERIFIED,
            [*REOPENED[:2], "RemediationAsked: unproven", "tell cora: remediation", REOPENED[2]],
        ),
        "ann",
    ),
    Row(
        "a task ticket that was made since is open: it stays resolved",
        resolved_with_later_task,
        close(open_tasks=("T-9",)),
        at(70),
        BOSS_IS_ASKED,
        "ann",
    ),
    Row(
        "an exception of the runner's is open: it stays resolved",
        resolved_and_gone,
        close(),
        at(70),
        Refused(RejectReason.EXCEPTION_OPEN, BOSS_IS_ASKED.story),
        "ann",
    ),
    Row("a write is under way", resolved_being_written, close(), at(70), RejectReason.NOT_VERIFIED, "ann"),
    Row("the ticket could not be written", resolved_unwritten, close(), at(70), RejectReason.NOT_VERIFIED, "ann"),
    Row("twice", closed, close(), at(71), RejectReason.NOT_OPEN, "ann"),
)
def test_close(row: Row) -> None:
    play(row)


def test_what_was_handed_in_when_resolving_still_proves_when_closing() -> None:
    life = accepted()
    life.do(resolve(BOTH, evidence=())(life), "ann", when=at(60))
    outcome = life.do(close(evidence=())(life), "ann", when=at(70))
    event = outcome.one(ev.EscalationClosed)
    assert (event.code, event.impact, event.by, event.text) == ("fixed", 120, "ann", None)


UNPROVEN = ["VerificationFailed: unproven", "RestoreRequested: unproven"]


@table(
    Row("with proof it is resolved", accepted, outside(), at(60), ["OutcomeResolved: solved_outside"]),
    Row(
        "the record's fields are not asked for: our write may be later than that look",
        accepted,
        outside(record={}),
        at(60),
        ["OutcomeResolved: solved_outside"],
    ),
    Row(
        "while our write is under way",
        partial(accepted, answers=("deliveries",)),
        outside(),
        at(60),
        ["OutcomeResolved: solved_outside"],
    ),
    Row("resolved already: nothing follows", resolved, outside(), at(61), []),
    Row(
        "with proof, a handoff on its way is over",
        handed,
        outside(),
        at(60),
        ["offer 2 ends: superseded", "OutcomeResolved: solved_outside"],
    ),
    Row(
        "without proof it is set back",
        accepted,
        outside(evidence=()),
        at(60),
        [*UNPROVEN, "tell ann: unproven", "tell boss: unproven"],
    ),
    Row("before anybody accepted", opened, outside(), at(50), [*UNPROVEN, "tell ann: unproven", "tell boss: unproven"]),
    Row("in exhaustion: one person, one message", exhausted, outside(), at(250), [*UNPROVEN, "tell boss: unproven"]),
    Row("an exception is open", troubled, outside(), at(60), [*UNPROVEN, "tell ann: unproven", "tell boss: unproven"]),
    Row(
        "set back often enough: only flagged",
        fought,
        outside(evidence=()),
        at(60),
        ["VerificationFailed: unproven", "tell ann: unproven", "tell boss: unproven"],
    ),
    Row("set back often enough, then proven", fought, outside(), at(60), ["OutcomeResolved: solved_outside"]),
    Row(
        "never to be set back",
        partial(accepted, contract=contract(limits=limits(restores_at_most=0))),
        outside(evidence=()),
        at(60),
        ["VerificationFailed: unproven", "tell ann: unproven", "tell boss: unproven"],
    ),
    Row("after the end", closed, outside(), at(80), RejectReason.NOT_OPEN),
)
def test_solved_outside(row: Row) -> None:
    play(row)


def test_what_is_set_back_says_why_on_the_ticket() -> None:
    life = accepted()
    outcome = life.do(outside(evidence=("invoice",))(life))
    (restore,) = [effect for effect in outcome.effects if effect.kind == "restore"]
    assert restore.lane == "ticket"
    assert restore.payload["fields"] == {"status": "open"}
    assert restore.payload["noes"] == ["outcome_evidence: confirmation is missing"]
    noes = outcome.one(ev.VerificationFailed).noes
    assert noes == ("outcome_evidence: confirmation is missing",)


def test_setting_back_is_a_write_that_resolving_waits_for() -> None:
    life = without(accepted(), "writes")
    life.do(outside(evidence=())(life))
    (write,) = life.live.writes
    assert life.do(resolve()(life), "ann").rejected is RejectReason.NOT_VERIFIED
    life.do(cmd.WriteRecord(write=write))
    assert life.do(resolve()(life), "ann").rejected is None


def test_nothing_ends_because_the_helpdesk_says_so() -> None:
    life = accepted()
    life.do(outside()(life))
    assert life.live.phase is Phase.RESOLVED
    life.until(at(60 * 48))
    assert life.live.phase is Phase.RESOLVED


def test_the_last_proof_may_come_with_a_late_acceptance() -> None:
    life = exhausted()
    life.do(cmd.Accept(offer=7, answers=YES), "boss", when=at(260))
    assert life.do(resolve()(life), "boss").story == DONE


DELIVERED = contract(verify=("delivered",))


def unheard() -> Life:
    """Ann accepted after no channel had taken the message to her; nor was boss, who was to hear of it."""
    life = opened(contract=DELIVERED, answers=("steps", "writes"))
    for number in (1, 2):
        life.do(cmd.FailDelivery(delivery=number, why="no channel"), when=at(number))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    return life


def test_who_accepts_has_been_reached() -> None:
    assert unheard().live.unreached == ("boss",)


def test_who_was_never_reached_keeps_it_from_being_resolved() -> None:
    life = unheard()
    outcome = life.do(resolve()(life), "ann", when=at(10))
    assert outcome.rejected is RejectReason.EXCEPTION_OPEN
    assert outcome.detail.startswith("exception: undelivered is open, ceo owns recovery; delivered: no channel reached")
    life.do(cmd.EndException(exception=2, text=TEXT), "ann")
    outcome = life.do(resolve()(life), "ann", when=at(10))
    assert outcome.rejected is RejectReason.NOT_VERIFIED
    assert outcome.detail == "delivered: no channel reached boss; a manager may close with a rationale"


def test_who_was_reached_since_does_not() -> None:
    life = unheard()
    life.do(cmd.RaiseException(exception_class="mine", text=TEXT), "ann", when=at(6))
    life.do(cmd.Deliver(delivery=max(life.live.deliveries), channel="chat"))
    life.do(cmd.EndException(exception=3, text=TEXT), "ann", when=at(7))
    assert life.live.unreached == ()
    assert life.do(resolve()(life), "ann", when=at(10)).rejected is None


def test_without_that_check_nobody_has_to_be_reached() -> None:
    life = opened(contract=BARE, answers=("steps", "writes"))
    life.do(cmd.FailDelivery(delivery=1, why="no channel"), when=at(1))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    assert life.do(resolve()(life), "ann").rejected is None
