"""Questions and approvals: who is asked, what may be answered, and what follows when nobody does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runner.contract.contract import AnswerOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import accountable, next_deadline
from runner.engine.words import in_words
from tests.runner.engine.programs import answer, approve, ask, choose, program, question, rules, wait
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    BOSS,
    DESK,
    GHOST,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    contract,
    limits,
    opened,
    resolved,
    roster,
    step,
)

CEO, DORA = OwnerRef(person="ceo"), OwnerRef(person="dora")
SENT = ("deliveries", "writes")


def asking(*steps: Any, point: str = "open", begin: Callable[..., Life] = opened, **changes: Any) -> Life:
    """Opened, with these steps at the opening: a question to carl and a step after it, unless told otherwise."""
    small = contract(runbook={point: program(*(steps or (ask(), step())))})
    return begin(contract=small, **{"answers": SENT, **changes})


def accepting(*steps: Any, **changes: Any) -> Life:
    """Ann has accepted after five minutes, and that asks."""
    return asking(*(steps or (ask(), step())), point="accepted", begin=accepted, **changes)


def passed(*steps: Any, **changes: Any) -> Life:
    """Carl did not answer within four hours, and boss was asked."""
    life = asking(*steps, **changes)
    life.until(at(240))
    return life


def saying(actor_answers: dict[str, Any]) -> Callable[[Life], cmd.Answer]:
    return lambda life: answer(life, **actor_answers)


REFUND = saying({"decision": "refund"})
DONE = ["StepSucceeded: answered", "step open#1/1"]


@table(
    Row("the one who is asked", asking, REFUND, at(1), ["carl answers 2: answered", *DONE], by="carl"),
    Row(
        "a manager in that person's place",
        asking,
        REFUND,
        at(1),
        ["boss answers 2: override", "StepSucceeded: override", "step open#1/1"],
        by="boss",
    ),
    Row(
        "a job with the right",
        asking,
        REFUND,
        at(1),
        ["dora answers 2: override", "StepSucceeded: override", "step open#1/1"],
        by="dora",
        jobs=("duty-manager",),
    ),
    Row("somebody else", asking, REFUND, at(1), RejectReason.NOT_YOURS, by="ben"),
    Row("a job without the right", asking, REFUND, at(1), RejectReason.NOT_YOURS, by="dora"),
    Row("another offer", asking, cmd.Answer(offer=1), at(1), RejectReason.WRONG_OFFER, by="ann"),
    Row("no offer", asking, cmd.Answer(offer=9), at(1), RejectReason.UNKNOWN_OFFER, by="carl"),
    Row("to accept a question", asking, cmd.Accept(offer=2, answers=YES), at(1), RejectReason.WRONG_OFFER, by="carl"),
    Row(
        "a question that has passed on",
        passed,
        cmd.Answer(offer=2, answers={"decision": "refund"}),
        at(241),
        RejectReason.OFFER_ENDED,
        by="carl",
    ),
    Row("late, while it is still open", asking, REFUND, at(500), ["carl answers 2: answered", *DONE], by="carl"),
)
def test_who_may_answer(row: Row) -> None:
    play(row)


TYPED = {
    "way": AnswerOf(type="choice", values=("refund", "credit")),
    "amount": AnswerOf(type="number"),
    "vip": AnswerOf(type="boolean", default=False),
    "by": AnswerOf(type="person", required=False),
    "until": AnswerOf(type="instant", required=False),
    "why": AnswerOf(type="text", required=False),
}


@pytest.mark.parametrize(
    ("word", "given", "texts", "kept"),
    [
        ("all that must be there", {"way": "refund", "amount": 3}, {}, {"way": "refund", "amount": 3, "vip": False}),
        ("a default is replaced", {"way": "credit", "amount": 0.5, "vip": True}, {}, {"vip": True, "amount": 0.5}),
        ("somebody who is away", {"way": "credit", "amount": 1, "by": "abe"}, {}, {"by": "abe"}),
        (
            "an instant, as all are written",
            {"way": "credit", "amount": 1, "until": "2026-03-04T10:00:00+01:00"},
            {},
            {"until": "2026-03-04T09:00:00.000000Z"},
        ),
        ("a text", {"way": "credit", "amount": 1}, {"why": TEXT}, {"why": TEXT}),
        ("nothing counts as left out", {"way": "credit", "amount": 1, "by": None, "vip": None}, {}, {"vip": False}),
    ],
)
def test_answers_that_fit(word: str, given: dict[str, Any], texts: dict[str, str], kept: dict[str, Any]) -> None:
    life = asking(ask(answers=TYPED), roster=roster(away("abe")))
    outcome = life.do(answer(life, texts=texts, **given), "carl")
    assert outcome.rejected is None, (word, outcome.detail)
    result = outcome.one(ev.StepSucceeded).result
    assert kept.items() <= result.items()
    assert "by" in result or "by" not in kept
    assert outcome.one(ev.QuestionAnswered).answers == result == life.live.results["money"]


@pytest.mark.parametrize(
    ("given", "texts", "words"),
    [
        ({}, {}, "amount is missing, wanted: a number; way is missing, wanted: one of refund, credit"),
        ({"way": "cash", "amount": 1}, {}, "way does not fit, wanted: one of refund, credit"),
        ({"way": True, "amount": 1}, {}, "way does not fit"),
        ({"way": "refund", "amount": "3"}, {}, "amount does not fit, wanted: a number"),
        ({"way": "refund", "amount": True}, {}, "amount does not fit, wanted: a number"),
        ({"way": "refund", "amount": 1, "vip": 1}, {}, "vip does not fit, wanted: true or false"),
        ({"way": "refund", "amount": 1, "by": "nobody"}, {}, "by does not fit, wanted: a person"),
        ({"way": "refund", "amount": 1, "by": "No Name"}, {}, "by does not fit, wanted: a person"),
        ({"way": "refund", "amount": 1, "by": 7}, {}, "by does not fit, wanted: a person"),
        ({"way": "refund", "amount": 1, "until": "tomorrow"}, {}, "until does not fit, wanted: a date with time"),
        ({"way": "refund", "amount": 1, "until": "2026-03-04T10:00:00"}, {}, "until does not fit"),
        ({"way": "refund", "amount": 1, "why": "a text in the wrong place"}, {}, "why does not fit, wanted: a text"),
        ({"amount": 1}, {"way": TEXT}, "way does not fit, wanted: one of refund, credit"),
        ({"way": "refund", "amount": 1, "wy": 1}, {}, "there is no answer wy"),
    ],
)
def test_answers_that_do_not_fit(given: dict[str, Any], texts: dict[str, str], words: str) -> None:
    life = asking(ask(answers=TYPED))
    refused = life.do(answer(life, texts=texts, **given), "carl")
    assert refused.rejected is RejectReason.WRONG_ANSWER
    assert words in refused.detail
    assert "(answers: amount: a number; by: a person whom the people file knows, by id; until:" in refused.detail


@pytest.mark.parametrize(
    ("word", "who", "missing", "to", "reason", "passed_over"),
    [
        ("somebody by reference", DORA, (), "dora", Reason.ASKED, {}),
        ("a rotation", DESK, (), "ann", Reason.ASKED, {}),
        ("a rung", "secondary", (), "ben", Reason.ASKED, {}),
        ("whoever is accountable", "owner", (), "ann", Reason.ASKED, {}),
        ("the owner before, who is the same", "previous_owner", (), "ann", Reason.ASKED, {}),
        ("the escalation owner", "escalation_owner", (), "boss", Reason.ASKED, {}),
        ("nobody whom anyone knows", GHOST, (), "boss", Reason.UNKNOWN_REF, {}),
        ("a rung that is away", "secondary", ("ben",), "boss", Reason.ABSENT, {"ben": Reason.ABSENT}),
        ("the escalation owner, who is away", "escalation_owner", ("boss",), "ceo", Reason.ASKED, {}),
    ],
)
def test_who_is_asked(  # noqa: PLR0917 - the columns of the table
    word: str, who: Any, missing: tuple[str, ...], to: str, reason: Reason, passed_over: dict[str, Reason]
) -> None:
    life = asking(ask(who=who), roster=roster(*map(away, missing)))
    (asked,) = [event for _, event in life.events if isinstance(event, ev.QuestionAsked)]
    assert (asked.to, asked.reason) == (to, reason), word
    assert passed_over.items() <= asked.passed_over.items()
    (requested,) = [event for _, event in life.events if isinstance(event, ev.StepRequested)]
    assert requested.who == to
    assert requested.react_by is None
    assert accountable(life.live) == "ann"


def test_whoever_is_accountable_and_away_meanwhile_is_not_asked() -> None:
    life = accepted(contract=contract(runbook={"resolved": program(ask(who="owner"))}), answers=SENT)
    life.roster = roster(away("ann", at(30)))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(60))
    (asked,) = [event for _, event in life.events if isinstance(event, ev.QuestionAsked)]
    assert (asked.to, asked.reason) == ("boss", Reason.ABSENT)


def test_the_message_of_a_question_has_what_its_words_need() -> None:
    life = asking()
    (message,) = [each for each in life.effects if each.payload.get("about") == "question"]
    assert message.payload["offer"] == 2
    assert message.payload["accept_by"] == "2026-03-03T13:00:00.000000Z"
    said: Any = message.payload["question"]
    assert (said["point"], said["step"], said["who"], said["accountable"]) == ("open", 0, "carl", "ann")
    assert not [each for each in life.effects if each.kind == "step"]


def test_a_question_has_its_own_deadline_and_does_not_hold_up_the_ladder() -> None:
    life = asking()
    assert life.live.runs["open#1"].due == life.live.offers[2].due == at(240)
    life.until(at(239))
    assert accountable(life.live) == "boss"  # the second pass is nearly over
    assert 2 in life.live.offers


PASSED = ["offer 2 ends: no_answer", "question 3 to boss at last: no_answer", "tell boss: question"]


def silent(*steps: Any, **changes: Any) -> Life:
    """Nobody is told anything."""
    return asking(*steps, **{"roster": roster(), **changes}, point="open", begin=_untold)


def _untold(**changes: Any) -> Life:
    return opened(**{**changes, "answers": ()})


def reaching(begin: Callable[[], Life]) -> Life:
    """A life whose ladder is answered, so that only the question falls due."""
    life = begin()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    return life


def passed_on() -> Life:
    """Ann has accepted, and carl's question has passed on to boss."""
    life = reaching(asking)
    life.until(at(240))
    return life


@table(
    Row("escalate", partial(reaching, asking), cmd.Tick(), at(240), PASSED),
    Row("not yet", partial(reaching, asking), cmd.Tick(), at(239), []),
    Row(
        "the default counts",
        partial(
            reaching,
            partial(asking, ask(otherwise="default", answers={"ok": AnswerOf(type="boolean", default=False)}), step()),
        ),
        cmd.Tick(),
        at(240),
        [
            "offer 2 ends: no_answer",
            "surety:clock answers 2: defaulted",
            "StepSucceeded: defaulted",
            "step open#1/1",
        ],
    ),
    Row(
        "the step fails",
        partial(reaching, partial(asking, ask(otherwise="fail"), step())),
        cmd.Tick(),
        at(240),
        [
            "offer 2 ends: no_answer",
            "step open#1/0 fails: no_answer",
            "tell boss: step_failed",
            "step open#1/1",
        ],
    ),
    Row(
        "the step fails and stops its run",
        partial(reaching, partial(asking, ask(otherwise="fail", on_error="stop"), step())),
        cmd.Tick(),
        at(240),
        [
            "offer 2 ends: no_answer",
            "step open#1/0 fails: no_answer",
            "tell boss: run_stopped",
            "tell ann: run_stopped",
            "run open#1 ends: stopped, 1 skipped",
        ],
    ),
    Row(
        "the default counts although nobody was told of it",
        partial(
            reaching, partial(silent, ask(otherwise="default", answers={"ok": AnswerOf(type="boolean", default=False)}))
        ),
        cmd.Tick(),
        at(240),
        [
            "offer 2 ends: not_told",
            "surety:clock answers 2: defaulted",
            "StepSucceeded: defaulted",
            "run open#1 ends: done, 0 skipped",
            "tell boss: not_told",
        ],
    ),
    Row(
        "nobody was told of it",
        partial(reaching, silent),
        cmd.Tick(),
        at(240),
        ["offer 2 ends: not_told", "question 3 to boss at last: not_told", "tell boss: question"],
    ),
    Row(
        "refused by the one who is asked",
        asking,
        cmd.Reject(offer=2, why="not_mine", text=TEXT),
        at(1),
        ["offer 2 ends: rejected_not_mine", "question 3 to boss at last: rejected_not_mine", "tell boss: question"],
        by="carl",
    ),
    Row(
        "passed up by the one who is asked",
        asking,
        cmd.Escalate(offer=2, text=TEXT),
        at(1),
        ["offer 2 ends: escalated", "question 3 to boss at last: escalated", "tell boss: question"],
        by="carl",
    ),
    Row(
        "refused, where the step fails then",
        partial(asking, ask(otherwise="fail"), step()),
        cmd.Reject(offer=2, why="no_capacity"),
        at(1),
        [
            "offer 2 ends: rejected_no_capacity",
            "step open#1/0 fails: rejected_no_capacity",
            "tell boss: step_failed",
            "step open#1/1",
        ],
        by="carl",
    ),
    Row(
        "refused by the last",
        passed,
        lambda life: cmd.Reject(offer=question(life), why="not_mine"),
        at(241),
        RejectReason.NOBODY_ABOVE,
        by="boss",
    ),
    Row(
        "refused by the last, who has a conflict of interest",
        passed_on,
        lambda life: cmd.Reject(offer=question(life), why="conflict"),
        at(241),
        ["offer 3 ends: rejected_conflict", "question 4 to ceo at last: rejected_conflict", "tell ceo: question"],
        by="boss",
    ),
    Row(
        "refused by somebody else", asking, cmd.Reject(offer=2, why="not_mine"), at(1), RejectReason.NOT_YOURS, by="ben"
    ),
)
def test_what_follows_when_nobody_answers(row: Row) -> None:
    play(row)


def test_the_last_one_is_reminded_until_there_is_an_answer() -> None:
    life = asking()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    life.do(cmd.Tick(), when=at(240))
    assert next_deadline(life.live) == at(300)
    for hours in (5, 6, 7):
        outcome = life.do(cmd.Tick(), when=at(60 * hours))
        assert outcome.story == ["QuestionRenewed: still_open", "tell boss: question"]
        assert life.live.runs["open#1"].due == at(60 * hours + 60)
    assert life.do(answer(life, decision="credit"), "boss").rejected is None
    assert life.live.results["money"] == {"decision": "credit"}


def test_the_reminder_goes_to_whoever_is_the_last_then() -> None:
    life = asking()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    life.do(cmd.Tick(), when=at(240))
    life.roster = roster(away("boss"))
    assert life.do(cmd.Tick(), when=at(300)).story == [
        "offer 3 ends: roster_moved",
        "question 4 to ceo at last: roster_moved",
        "tell ceo: question",
    ]


def test_a_change_of_the_roster_passes_the_question_of_one_who_left_on() -> None:
    life = asking()
    life.roster = roster(away("carl", at(30)))
    story = life.do(cmd.NoteRoster(), when=at(31)).story
    assert story == ["offer 2 ends: absent", "question 3 to boss at last: absent", "tell boss: question"]


# approvals


def approving(*steps: Any, **changes: Any) -> Life:
    """Ann has accepted, and carl is to approve."""
    return accepting(*(steps or (approve(), step())), **changes)


NO, YEA = saying({"approved": False}), saying({"approved": True})


@table(
    Row(
        "a yes",
        approving,
        YEA,
        at(6),
        ["carl answers 2: answered", "StepSucceeded: answered", "step accepted#1/1"],
        by="carl",
    ),
    Row(
        "a no stops the run, whatever the step says of errors",
        approving,
        NO,
        at(6),
        [
            "carl answers 2: answered",
            "step accepted#1/0 fails: refused",
            "tell boss: run_stopped",
            "tell ann: run_stopped",
            "run accepted#1 ends: stopped, 1 skipped",
        ],
        by="carl",
    ),
    Row("no answer", approving, saying({}), at(6), RejectReason.WRONG_ANSWER, by="carl"),
    Row("another answer", approving, saying({"ok": True}), at(6), RejectReason.WRONG_ANSWER, by="carl"),
    Row(
        "nobody says anything, and the step fails then: the rest is not done",
        partial(approving, approve(otherwise="fail"), step()),
        cmd.Tick(),
        at(125),
        [
            "offer 2 ends: no_answer",
            "step accepted#1/0 fails: no_answer",
            "tell boss: run_stopped",
            "tell ann: run_stopped",
            "run accepted#1 ends: stopped, 1 skipped",
        ],
    ),
)
def test_approvals(row: Row) -> None:
    play(row)


@pytest.mark.parametrize(
    ("word", "who", "holder", "to", "reason"),
    [
        ("another one", CEO, "ann", "ceo", Reason.ASKED),
        ("the one who carries it out", "owner", "ann", "boss", Reason.OWN_APPROVAL),
        ("the escalation owner, who carries it out", "owner", "boss", "ceo", Reason.OWN_APPROVAL),
        ("nobody, and the escalation owner carries it out", GHOST, "boss", "ceo", Reason.OWN_APPROVAL),
    ],
)
def test_nobody_approves_what_they_carry_out(word: str, who: Any, holder: str, to: str, reason: Reason) -> None:
    life = opened(contract=contract(runbook={"accepted": program(approve(who), step())}), answers=SENT)
    life.do(cmd.Override(action="take", text=TEXT), "boss") if holder == "boss" else life.accept()
    (asked,) = [event for _, event in life.events if isinstance(event, ev.QuestionAsked)]
    assert (asked.to, asked.reason) == (to, reason), word


def test_where_nobody_else_is_left_nothing_is_approved() -> None:
    one = contract(owners={"escalation_owner": CEO}, runbook={"accepted": program(approve("owner"), step())})
    life = opened(contract=one, answers=SENT)
    outcome = life.do(cmd.Override(action="take", text=TEXT), "ceo")
    assert "step accepted#1/0 fails: own_approval" in outcome.story
    assert outcome.story[-1] == "run accepted#1 ends: stopped, 1 skipped"


def test_whoever_came_to_carry_it_out_meanwhile_may_say_no_but_not_yes() -> None:
    life = asking(approve(DORA), step())
    life.do(cmd.Override(action="take", text=TEXT), "dora", jobs=("duty-manager",))
    refused = life.do(answer(life, approved=True), "dora", jobs=("duty-manager",))
    assert refused.rejected is RejectReason.NOT_ALLOWED
    assert "reject the question" in refused.detail
    assert "step open#1/0 fails: refused" in life.do(answer(life, approved=False), "dora").story


def test_an_approval_of_the_escalation_owner_who_carries_it_out_passes_to_the_last_resort() -> None:
    life = opened(contract=contract(runbook={"accepted": program(approve())}), answers=SENT)
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    story = life.do(cmd.Reject(offer=question(life), why="conflict"), "carl").story
    assert "question 3 to ceo at last: own_approval" in story


def test_where_nobody_may_approve_any_more_it_is_not_approved() -> None:
    one = contract(owners={"escalation_owner": CEO}, runbook={"accepted": program(approve(), step())})
    life = opened(contract=one, answers=SENT)
    life.do(cmd.Override(action="take", text=TEXT), "ceo")
    story = life.do(cmd.Reject(offer=question(life), why="not_mine"), "carl").story
    assert story[0] == "offer 2 ends: rejected_not_mine"
    assert story[1] == "step accepted#1/0 fails: own_approval"


# leaving the state


def leave(life: Life) -> list[str]:
    return life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6)).story


@pytest.mark.parametrize(
    ("word", "steps", "story"),
    [
        (
            "the question is withdrawn",
            (ask(), step()),
            ["offer 2 ends: left_state", "run accepted#1 ends: left_state, 2 skipped"],
        ),
        (
            "also the last",
            (ask(),),
            ["offer 2 ends: left_state", "run accepted#1 ends: left_state, 1 skipped"],
        ),
        (
            "what must be finished is begun",
            (ask(), step(), step(on_leave="finish")),
            ["offer 2 ends: left_state", "step accepted#1/2"],
        ),
        (
            "what was to be approved is not",
            (approve(), step(on_leave="finish")),
            ["offer 2 ends: left_state", "run accepted#1 ends: left_state, 2 skipped"],
        ),
    ],
)
def test_a_question_is_withdrawn_as_the_state_is_left(word: str, steps: tuple[Any, ...], story: list[str]) -> None:
    life = accepting(*steps)
    found = leave(life)
    assert [each for each in found if "accepted#1" in each or each.startswith("offer 2")] == story, word
    assert not [offer for offer in life.live.offers.values() if offer.purpose == "question"]


def test_a_question_that_must_be_finished_stays_open() -> None:
    life = accepting(ask(on_leave="finish"), step(), step(on_leave="finish"))
    leave(life)
    assert question(life) == 2
    assert life.do(answer(life, decision="refund"), "carl").story == [
        "carl answers 2: answered",
        "StepSucceeded: answered",
        "step accepted#1/2",
    ]


def test_what_comes_after_an_approval_that_was_never_asked_for_is_not_done() -> None:
    life = accepting(step(), approve(), step(on_leave="finish"))
    leave(life)
    story = life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1), when=at(7)).story
    assert story == ["StepSucceeded: done", "run accepted#1 ends: left_state, 2 skipped"]


@pytest.mark.parametrize("on_leave", ["cancel", "finish"])
def test_nobody_is_asked_once_it_is_over(on_leave: str) -> None:
    life = asking(ask(on_leave=on_leave), ask(on_leave="finish"), step(on_leave="finish"))
    story = life.do(cmd.Cancel(text=TEXT), "boss", when=at(3)).story
    assert story[-1] == "step open#1/2"
    assert not life.live.offers
    assert life.do(cmd.Answer(offer=2), "carl").rejected is RejectReason.NOT_OPEN


def test_a_question_at_the_end_is_not_asked() -> None:
    """The checks refuse it; the engine asks nobody about what is over."""
    life = resolved(contract=contract(runbook={"closed": program(ask(), step())}))
    story = life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(70)).story
    assert "step closed#1/0 fails: left_state" in story
    assert rules(life)[-1] == "1"


def test_two_runs_may_each_have_a_question() -> None:
    both = contract(runbook={"open": program(ask()), "accepted": program(ask(who=DORA))})
    life = accepted(contract=both, answers=SENT)
    asked = {offer.run: offer.to for offer in life.live.offers.values() if offer.purpose == "question"}
    assert asked == {"open#1": "carl", "accepted#1": "dora"}
    life.do(cmd.Answer(offer=2, answers={"decision": "credit"}), "carl")
    assert list(life.live.runs) == ["accepted#1"]


@pytest.mark.parametrize("point", ["open", "failover", "accepted", "exhausted", "exception", "handoff", "resolved"])
def test_every_point_may_ask(point: str) -> None:
    small = contract(runbook={point: program(ask(who=DORA))}, limits=limits())
    life = opened(contract=small, answers=SENT)
    if point == "failover":
        life.until(at(60))
    elif point == "exhausted":
        life.until(at(240))
    elif point != "open":
        life.accept()
    if point == "exception":
        life.do(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann")
    elif point == "handoff":
        life.do(cmd.HandOver(to="carl", reason=TEXT, next_step=TEXT), "ann")
        life.accept()
    elif point == "resolved":
        life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")
    assert life.live.offers[question(life)].run == f"{point}#1"
    assert life.do(answer(life, decision="refund"), "dora").rejected is None


def test_the_machine_cannot_answer() -> None:
    life = asking()
    assert life.do(cmd.SucceedStep(run="open#1", step=0, attempt=1)).story == ["ResultIgnored: stale"]
    assert life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="x")).story == ["ResultIgnored: stale"]


def test_the_answer_of_a_long_default_does_not_go_into_the_state() -> None:
    long = {"why": AnswerOf(type="text", default="x" * 300)}
    life = asking(ask(otherwise="default", answers=long), step())
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    assert life.do(cmd.Tick(), when=at(240)).one(ev.StepSucceeded).result == {}


def test_the_escalation_owner_may_be_asked_first_and_then_again() -> None:
    life = asking(ask(who=BOSS))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(1))
    assert life.do(cmd.Tick(), when=at(240)).story == PASSED


def test_a_question_in_words() -> None:
    why = {"why": AnswerOf(type="text", required=False), "ok": AnswerOf(type="boolean")}
    life = asking(ask(who="secondary", answers=why), ask(otherwise="default", answers=why), roster=roster(away("ben")))
    life.do(answer(life, texts={"why": TEXT}, ok=True), "boss")
    life.do(cmd.Reject(offer=question(life), why="not_mine"), "carl")
    said = [in_words(event, {"boss": "Bo S."}) for _, event in life.events if event.type.startswith("Question")]
    assert said == [
        "Bo S. is to answer open#1/0 in place of ben (absent)",
        "Bo S. answers open#1/0 (ok: yes, why: a text)",
        "carl is to answer open#1/1",
        "nobody answers open#1/1 (nothing)",
    ]
    life = waited()
    assert [in_words(event, {}) for _, event in life.events if event.type == "StepSucceeded"] == [
        "run open#1 has waited",
        "run open#1 goes on with the branch rest",
        None,
    ]


def waited() -> Life:
    """It has waited, chosen and noted."""
    life = asking(wait(hours=1), choose(("rest", None, [])), step(), answers=("deliveries", "writes", "steps"))
    life.until(at(60))
    return life
