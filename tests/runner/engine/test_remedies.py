"""Remedies and post-mortems: what keeps an escalation from ending is asked of whoever can see to it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, next_deadline
from runner.engine.words import in_words
from tests.runner.engine.tables import Refused, Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    TASK,
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
    hand_over,
    opened,
    resolved,
    roster,
    step,
    troubled,
    with_task,
)


def resolve(life: Life, /, **facts: Any) -> cmd.Resolve:
    return cmd.Resolve(evidence={}, facts=life.facts(**facts))


def close(life: Life, /, **facts: Any) -> cmd.Close:
    return cmd.Close(code="fixed", impact=7, facts=life.facts(**facts))


def asked(**changes: Any) -> Life:
    """Ann wanted to resolve it while T-9 was open, so cora was asked to see to it."""
    life = with_task(**changes)
    life.do(resolve(life, open_tasks=("T-9",)), "ann", when=at(30))
    return life


def late(**changes: Any) -> Life:
    life = asked(**changes)
    life.tick(at(90))
    return life


def owned(**changes: Any) -> Life:
    """Carl owns recovery from an exception."""
    life = troubled(**changes)
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(11))
    return life


CORA_IS_ASKED = ["ResolutionRefused: unproven", "RemediationAsked: unproven", "tell cora: remediation"]
OVERDUE = ["RemediationOverdue: not_remedied", "tell boss: remediation_overdue"]


@table(
    Row(
        "a task ticket is its assignee's",
        with_task,
        partial(resolve, open_tasks=("T-9",)),
        at(30),
        Refused(RejectReason.NOT_VERIFIED, CORA_IS_ASKED),
        "ann",
    ),
    Row(
        "a task ticket of nobody is the escalation owner's",
        partial(with_task, None),
        partial(resolve, open_tasks=("T-9",)),
        at(30),
        Refused(RejectReason.NOT_VERIFIED, [*CORA_IS_ASKED[:2], "tell boss: remediation"]),
        "ann",
    ),
    Row(
        "one's own task is one's own to do",
        partial(with_task, "ann"),
        partial(resolve, open_tasks=("T-9",)),
        at(30),
        RejectReason.NOT_VERIFIED,
        "ann",
    ),
    Row(
        "what is one's own is not asked of anybody",
        with_task,
        partial(resolve, open_tasks=("T-9",), evidence=()),
        at(30),
        Refused(RejectReason.NOT_VERIFIED, CORA_IS_ASKED),
        "ann",
    ),
    Row(
        "an exception is its owner's",
        owned,
        resolve,
        at(30),
        Refused(RejectReason.EXCEPTION_OPEN, [*CORA_IS_ASKED[:2], "tell carl: remediation"]),
        "ann",
    ),
    Row(
        "an exception that nobody owns yet is the raiser's",
        troubled,
        resolve,
        at(30),
        RejectReason.EXCEPTION_OPEN,
        "ann",
    ),
    Row(
        "asked already: once is enough",
        asked,
        partial(resolve, open_tasks=("T-9",)),
        at(40),
        Refused(RejectReason.NOT_VERIFIED, CORA_IS_ASKED[:1]),
        "ann",
    ),
    Row("not done in time", asked, cmd.Tick(), at(90), OVERDUE),
    Row("not yet", asked, cmd.Tick(), at(90, seconds=-1), []),
    Row("and again", late, cmd.Tick(), at(150), OVERDUE),
    Row("done", asked, resolve, at(40), ["RemediationEnded: remedied", "OutcomeResolved: proven"], "ann"),
    Row("done late", late, resolve, at(100), ["RemediationEnded: remedied", "OutcomeResolved: proven"], "ann"),
    Row(
        "done, and something else is missing",
        asked,
        partial(resolve, evidence=()),
        at(40),
        RejectReason.NOT_VERIFIED,
        "ann",
    ),
    Row(
        "the helpdesk shows that it is done",
        asked,
        lambda life: cmd.NoteSolvedOutside(facts=life.facts()),
        at(40),
        ["RemediationEnded: remedied", "OutcomeResolved: solved_outside"],
    ),
    Row(
        "closed with a rationale",
        asked,
        cmd.Override(action="close", text=TEXT, code="fixed"),
        at(40),
        ["EscalationClosed: override", "tell ann: ended"],
        "boss",
    ),
)
def test_remedies(row: Row) -> None:
    play(row)


def test_what_was_asked_and_until_when() -> None:
    life = asked()
    (remedy,) = life.live.remedies.values()
    words = "tasks_done: ticket T-9 is not done"
    assert (remedy.check, remedy.to, remedy.due, remedy.words) == ("tasks_done/T-9", "cora", at(90), words)
    assert next_deadline(life.live) == at(90)
    told = [e.payload for e in life.effects if e.payload.get("about") == "remediation"]
    assert [(each["to"], each["note"]) for each in told] == [("cora", words)]


def test_when_it_is_late_it_is_the_escalation_owners() -> None:
    life = late()
    assert (life.live.remedies["tasks_done/T-9"].to, life.live.remedies["tasks_done/T-9"].due) == ("boss", at(150))


def test_when_it_is_over_nothing_is_asked_any_more() -> None:
    life = asked()
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(40))
    assert not life.live.remedies


def test_an_exception_that_ends_is_seen_to_at_once() -> None:
    life = owned()
    life.do(resolve(life), "ann", when=at(30))
    assert list(life.live.remedies) == ["exception/1"]
    story = life.do(cmd.EndException(exception=1, text=TEXT), "carl", when=at(40)).story
    assert story == ["ExceptionEnded: recovered", "tell ann: exception_ended", "RemediationEnded: remedied"]


def test_a_task_of_an_exception_is_its_owners_and_seen_to_when_it_is_done() -> None:
    life = owned()
    for owner in ("cora", "ben"):
        life.do(cmd.AddTask(exception=1, task=cmd.Task(title=TEXT, owner=owner)), "carl", when=at(12))
    life.do(resolve(life), "ann", when=at(30))
    wanted = {
        "exception/1": "carl",
        "tasks_done/exception 1, task 1": "cora",
        "tasks_done/exception 1, task 2": "ben",
    }
    assert {check: each.to for check, each in life.live.remedies.items()} == wanted
    life.do(cmd.FinishTask(exception=1, task=1), "cora", when=at(40))
    assert list(life.live.remedies) == ["exception/1", "tasks_done/exception 1, task 2"]
    life.do(cmd.EndException(exception=1, text=TEXT), "boss", when=at(41))
    assert not life.live.remedies


def test_a_person_who_is_reached_is_seen_to() -> None:
    life = opened(contract=contract(verify=("delivered",)), answers=("steps", "writes"))
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(1))
    for number in [each.id for each in life.live.deliveries.values() if each.to == "ann"]:
        life.do(cmd.FailDelivery(delivery=number, why="no channel"))
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(5))
    for number in [each.id for each in life.live.deliveries.values()]:
        life.do(cmd.Deliver(delivery=number, channel="chat"))
    for exception in list(life.live.exceptions):
        life.do(cmd.EndException(exception=exception, text=TEXT), "boss")
    assert life.do(resolve(life), "carl", when=at(10)).rejected is RejectReason.NOT_VERIFIED
    assert {check: each.to for check, each in life.live.remedies.items()} == {"delivered/ann": "boss"}
    life.do(hand_over("ann"), "carl", when=at(11))
    life.do(cmd.Deliver(delivery=max(life.live.deliveries), channel="chat"))
    assert not life.live.remedies


def test_a_task_that_is_made_after_all_is_seen_to() -> None:
    life = accepted(contract=TASK, answers=("deliveries", "writes"))
    life.do(cmd.FailStep(run="accepted#1", step=0, attempt=1, why="refused"), when=at(6))
    life.do(resolve(life), "ann", when=at(30))
    assert list(life.live.remedies) == ["tasks_done/steps"]
    done = cmd.SucceedStep(run="accepted#1", step=0, attempt=1, result={"ticket": "T-9"})
    assert life.do(done, when=at(40)).story[-1] == "RemediationEnded: remedied"


def test_a_refusal_with_remedies_stands_in_the_row() -> None:
    life = asked()
    row = next(body for _, body, _ in life.rows if b"ResolutionRefused" in body)
    assert b'"rejected":{"detail":"tasks_done: ticket T-9 is not done","reason":"not_verified"}' in row


def test_the_story_in_words() -> None:
    told = [in_words(event, {"cora": "Cora"}) for _, event in late().events]
    assert [words for words in told if words and ("T-9" in words or "see to" in words)] == [
        "ann cannot end it yet: tasks_done: ticket T-9 is not done",
        "Cora is to see to it: tasks_done: ticket T-9 is not done",
        "Cora is asked to see to what is missing",
        "nobody saw to tasks_done/T-9, it is boss's now",
    ]


# what was resolved and does not hold any more


def test_back_to_the_same_owner_and_resolved_again() -> None:
    life = resolved(contract=contract(progress_within=box(3 * HOUR)))
    outcome = life.do(close(life, evidence=()), "boss", when=at(70))
    assert (life.live.phase, life.live.holder, life.live.remind_at) == (Phase.ACCEPTED, "ann", None)
    assert life.live.progress_due == at(250)
    assert outcome.one(ev.VerificationFailed).noes[0] == "outcome_evidence: invoice is missing"
    assert set(life.live.remedies) == {"outcome_evidence/invoice", "outcome_evidence/confirmation"}
    life.do(resolve(life), "ann", when=at(80))
    assert not life.live.remedies
    assert life.do(close(life), "ann", when=at(81)).rejected is None


def test_after_the_outcomes_time_the_reopened_one_is_overdue() -> None:
    life = resolved()
    life.do(close(life, evidence=()), "ann", when=at(60 * 10))
    assert life.tick().one(ev.OutcomeMissed).due == at(60 * 8)


# post-mortems

ALWAYS = contract(postmortem="always")
BREACHED = contract(postmortem="when_breached", repeat=0)


def attach(owner: str = "carl") -> cmd.AttachPostmortem:
    return cmd.AttachPostmortem(text=TEXT, remediation_owner=owner)


def written(**changes: Any) -> Life:
    life = resolved(contract=ALWAYS, **changes)
    life.do(attach(), "ann", when=at(65))
    return life


ATTACHED = ["PostmortemAttached: attached", "tell carl: postmortem"]


@table(
    Row("by the holder", accepted, attach(), at(10), ATTACHED, "ann"),
    Row("by a manager", accepted, attach(), at(10), ATTACHED, "boss"),
    Row("when resolved", resolved, attach(), at(70), ATTACHED, "ann"),
    Row("in place of an earlier one", written, attach(), at(70), ATTACHED, "ann"),
    Row("one's own to see to", accepted, attach("ann"), at(10), ATTACHED[:1], "ann"),
    Row(
        "somebody away may see to it",
        partial(accepted, roster=roster(away("carl"))),
        attach(),
        at(10),
        ATTACHED,
        "ann",
    ),
    Row("nobody sees to it", accepted, attach("zoe"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "ann"),
    Row("by a bystander", accepted, attach(), at(10), RejectReason.NOT_YOURS, "ben"),
    Row("before anybody accepted", opened, attach(), at(10), RejectReason.WRONG_STATE, "ann"),
    Row("after the end", closed, attach(), at(80), RejectReason.NOT_OPEN, "ann"),
    Row(
        "a close without it",
        partial(resolved, contract=ALWAYS),
        close,
        at(70),
        RejectReason.NOT_VERIFIED,
        "ann",
    ),
    Row(
        "a close without it, by a manager: the holder is asked",
        partial(resolved, contract=ALWAYS),
        close,
        at(70),
        Refused(RejectReason.NOT_VERIFIED, [*CORA_IS_ASKED[:2], "tell ann: remediation"]),
        "boss",
    ),
    Row("a close with it", written, close, at(70), ["EscalationClosed: closed"], "ann"),
    Row(
        "a manager may close without it, with a rationale",
        partial(resolved, contract=ALWAYS),
        cmd.Override(action="close", text=TEXT, code="fixed"),
        at(70),
        ["EscalationClosed: override", "tell ann: ended"],
        "boss",
    ),
    Row(
        "no breach, no post-mortem",
        partial(resolved, contract=BREACHED),
        close,
        at(70),
        ["EscalationClosed: closed"],
        "ann",
    ),
)
def test_postmortem(row: Row) -> None:
    play(row)


def test_the_post_mortem_that_a_manager_missed_is_seen_to_when_it_is_attached() -> None:
    life = resolved(contract=ALWAYS)
    life.do(close(life), "boss", when=at(70))
    assert {check: each.to for check, each in life.live.remedies.items()} == {"postmortem": "ann"}
    assert life.do(attach(), "ann", when=at(71)).story == [*ATTACHED, "RemediationEnded: remedied"]


def test_a_checklist_that_is_not_answered_yet_keeps_it_from_being_resolved() -> None:
    life = opened(contract=contract(checklist_within=box(HOUR)))
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(5))
    refused = life.do(resolve(life), "ann", when=at(6))
    assert refused.rejected is RejectReason.NOT_VERIFIED
    assert refused.detail == "accepted: the checklist is not answered yet"


def test_the_close_carries_it() -> None:
    life = written()
    event = life.do(close(life), "ann", when=at(70)).one(ev.EscalationClosed)
    assert (event.postmortem, event.remediation_owner) == (TEXT, "carl")
    life = closed()
    (plain,) = [event for _, event in life.events if isinstance(event, ev.EscalationClosed)]
    assert (plain.postmortem, plain.remediation_owner) == (None, None)


def overdue() -> Life:
    life = accepted(contract=BREACHED)
    life.until(at(60 * 8))
    return life


def tried_everybody() -> Life:
    life = exhausted(contract=BREACHED)
    life.accept()
    return life


def accepted_late() -> Life:
    life = opened(contract=BREACHED, answers=("steps", "writes"))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(61))
    life.answers = ("deliveries", "steps", "writes")
    life.answer()
    return life


@pytest.mark.parametrize("given", [overdue, tried_everybody, accepted_late])
def test_a_breach_makes_it_needed(given: Any) -> None:
    life = given()
    assert life.live.breached
    holder = life.live.holder
    life.do(resolve(life), holder)
    refused = life.do(close(life), holder)
    assert refused.rejected is RejectReason.NOT_VERIFIED
    assert refused.detail == "postmortem: it needs one with a remediation owner before it closes"
    life.do(attach(), holder)
    assert life.do(close(life), holder).rejected is None


def test_a_handoff_accepted_late_is_no_breach() -> None:
    life = accepted(contract=BREACHED)
    life.do(hand_over("carl"), "ann", when=at(10))
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(41))
    assert [event.reason for _, event in life.events if isinstance(event, ev.OfferAccepted)][-1] is Reason.ACCEPTED_LATE
    assert not life.live.breached


def test_many_failed_steps_are_one_thing_to_see_to() -> None:
    tasks = tuple(step("create_ticket", task=True) for _ in range(5))
    life = accepted(contract=contract(runbook={"accepted": tasks}), answers=("deliveries", "writes"))
    for number in range(5):
        life.do(cmd.FailStep(run="accepted#1", step=number, attempt=1, why="refused"), when=at(6))
    life.do(resolve(life), "ann", when=at(30))
    (remedy,) = life.live.remedies.values()
    steps = "accepted#1/0, accepted#1/1, accepted#1/2 and 2 more"
    assert remedy.words == f"tasks_done: step {steps} failed; a manager may close with a rationale"
