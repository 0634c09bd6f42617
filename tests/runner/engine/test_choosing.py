"""Choices: by answers, by the ticket, and both; nested, with empty branches, and when the state is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runner.contract.conditions import Compare, HeldFor, In
from runner.contract.contract import AnswerOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.choosing import branch_of, by_answers, by_engine, chosen, to_come
from runner.engine.conditions import Facts
from tests.runner.engine.programs import answer, approve, ask, choose, program, rules, wait
from tests.runner.engine.worlds import TEXT, Life, accepted, at, contract, opened, step

SENT = ("deliveries", "writes")
HIGH = In("priority", ("high",))
REFUND, CREDIT = {"decision": "refund"}, {"decision": "credit"}
BY_ANSWER = choose(("refund", REFUND, [step()]), ("credit", CREDIT, []), ("rest", None, [step(), step()]))
BY_TICKET = choose(("high", HIGH, [step()]), ("rest", None, []), of=None)
MIXED = choose(("refund", REFUND, [step()]), ("high", HIGH, []), ("rest", None, [step()]))


def running(*steps: Any, point: str = "open") -> Life:
    return opened(contract=contract(runbook={point: program(*steps)}), answers=SENT)


def facts(**after: Any) -> Facts:
    return Facts({}, after, {}, at(0))


@pytest.mark.parametrize(
    ("word", "way", "given", "ticket", "name"),
    [
        ("the first answer", BY_ANSWER, REFUND, {}, "refund"),
        ("the second answer", BY_ANSWER, CREDIT, {}, "credit"),
        ("another answer", BY_ANSWER, {"decision": "both"}, {}, "rest"),
        ("no answer", BY_ANSWER, {}, {}, "rest"),
        ("the ticket", BY_TICKET, {}, {"priority": "high"}, "high"),
        ("another ticket", BY_TICKET, {}, {"priority": "low"}, "rest"),
        ("an answer before the ticket", MIXED, REFUND, {"priority": "high"}, "refund"),
        ("the ticket after the answers", MIXED, CREDIT, {"priority": "high"}, "high"),
        ("neither", MIXED, CREDIT, {}, "rest"),
    ],
)
def test_the_first_branch_that_holds(word: str, way: Any, given: dict[str, Any], ticket: Any, name: str) -> None:
    one, results = way[0], {"money": given}
    assert chosen(one, results, facts(**ticket), {}) == name, word
    at_once = by_answers(one, results)
    assert at_once in (name, None)
    assert (at_once is None) == (one is BY_TICKET[0] or (one is MIXED[0] and given is not REFUND))
    assert by_engine(one, results) == (at_once is not None)
    assert branch_of(one, name) is not None
    assert branch_of(one, "none of them") is None


@pytest.mark.parametrize(
    ("given", "wanted", "same"),
    [
        (1, 1, True),
        (1.0, 1, True),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        (False, True, False),
        ("a", "a", True),
        ("a", "b", False),
        (None, "a", False),
        (3, "a", False),
        ("2026-03-04T09:00:00.000000Z", "2026-03-04T10:00:00+01:00", True),
        ("2026-03-04T09:00:00.000000Z", "2026-03-04T10:00:00+02:00", False),
        ("2026-03-04T09:00:00.000000Z", "soon", False),
    ],
)
def test_when_an_answer_is_the_one_that_a_branch_names(given: Any, wanted: Any, same: bool) -> None:
    one = choose(("it", {"decision": wanted}, []), ("rest", None, []))[0]
    assert by_answers(one, {"money": {"decision": given}}) == ("it" if same else "rest")


def test_a_branch_that_wants_two_answers_wants_both() -> None:
    one = choose(("both", {"a": 1, "b": 2}, []), ("rest", None, []))[0]
    assert by_answers(one, {"money": {"a": 1, "b": 2}}) == "both"
    assert by_answers(one, {"money": {"a": 1, "b": 3}}) == "rest"


def test_time_counts_in_a_choice() -> None:
    held = choose(("long", HeldFor("priority", ("high",), 3600), []), ("rest", None, []), of=None)[0]
    seen = Facts({}, {"priority": "high"}, {"priority": at(0)}, at(60) + timedelta(seconds=1))
    assert chosen(held, {}, seen, {}) == "long"


def test_a_choice_without_a_last_branch_is_a_fault() -> None:
    one = choose(("more", Compare("amount", "more_than", 5), []), of=None)[0]
    with pytest.raises(AssertionError, match="every other case"):
        chosen(one, {}, facts(amount=1), {})


# in a run


def test_by_an_answer_the_run_goes_on_at_once() -> None:
    life = running(ask(), BY_ANSWER, step())
    assert life.do(answer(life, decision="refund"), "carl").story == [
        "carl answers 2: answered",
        "StepSucceeded: answered",
        "step open#1/1",
        "branch refund",
        "step open#1/2",
    ]
    assert life.do(cmd.SucceedStep(run="open#1", step=2, attempt=1)).story == ["StepSucceeded: done", "step open#1/5"]
    assert rules(life) == ["0", "1", "1/choose/branches/0/steps/0", "2"]
    assert not [each for each in life.effects if each.payload.get("step_kind") == "choose"]


def test_a_branch_without_steps_goes_on_behind_the_choice() -> None:
    life = running(ask(), BY_ANSWER, step())
    assert life.do(answer(life, decision="credit"), "carl").story[-2:] == ["branch credit", "step open#1/5"]


def test_a_branch_without_steps_may_be_the_end() -> None:
    life = running(ask(), BY_ANSWER)
    story = life.do(answer(life, decision="credit"), "carl").story
    assert story[-2:] == ["branch credit", "run open#1 ends: done, 0 skipped"]


def looking(*steps: Any) -> Life:
    """A choice over the ticket has been asked for."""
    return running(*(steps or (BY_TICKET, step())))


def found(branch: Any, step: int = 0) -> cmd.SucceedStep:
    return cmd.SucceedStep(run="open#1", step=step, attempt=1, result={"branch": branch})


def test_over_the_ticket_the_world_is_asked() -> None:
    life = looking()
    (effect,) = [each for each in life.effects if each.kind == "step"]
    assert (effect.payload["step_kind"], effect.payload["results"], effect.lane) == ("choose", {}, "ticket")
    assert effect.payload["at"] == "2026-03-03T09:00:00.000000Z"
    assert life.do(found("high")).story == ["branch high", "step open#1/1"]


@pytest.mark.parametrize("branch", ["low", None, 3])
def test_a_branch_that_is_none_is_a_failed_step(branch: Any) -> None:
    assert looking().do(found(branch)).story == [
        "step open#1/0 fails: failed",
        "tell boss: step_failed",
        "step open#1/2",
    ]


def test_a_choice_that_nobody_makes_fails_in_time_and_goes_on_behind_it() -> None:
    assert looking().do(cmd.Tick(), when=at(10)).story == [
        "step open#1/0 fails: timed_out",
        "tell boss: step_failed",
        "step open#1/2",
    ]


def test_choices_inside_choices() -> None:
    inner = choose(("credit", CREDIT, [step()]), ("rest", None, [step()]))
    life = running(ask(), choose(("high", HIGH, [inner, step()]), ("rest", None, []), of=None), step())
    life.do(answer(life, decision="refund"), "carl")
    story = life.do(found("high", 1)).story
    assert story == ["branch high", "step open#1/2", "branch rest", "step open#1/4"]
    for _ in range(3):
        position = life.live.runs["open#1"].step
        life.do(cmd.SucceedStep(run="open#1", step=position, attempt=1))
    assert rules(life)[3:] == [
        "1/choose/branches/0/steps/0/choose/branches/1/steps/0",
        "1/choose/branches/0/steps/1",
        "2",
    ]
    assert life.live.runs == {}


def test_a_choice_with_a_name_keeps_its_branch() -> None:
    life = running(choose(("only", None, [step()]), of=None, name="way"))
    assert life.live.results["way"] == {"branch": "only"}
    assert life.live.runs["open#1"].results == {"way": {"branch": "only"}}


def test_a_choice_that_is_no_longer_to_be_done_passes_over_its_branches() -> None:
    small = contract(runbook={"accepted": program(ask(), choose(("only", None, [step(on_leave="finish")])), step())})
    life = accepted(contract=small, answers=SENT)
    story = life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6)).story
    assert "run accepted#1 ends: left_state, 3 skipped" in story


def test_an_answer_counts_only_in_the_run_in_which_it_was_given() -> None:
    """A question that failed has no answer, although the one before it at the same point had."""
    steps = program(ask(otherwise="fail"), BY_ANSWER)
    life = opened(contract=contract(runbook={"accepted": steps}), answers=SENT)
    life.accept()
    life.do(answer(life, decision="refund"), "carl")
    life.do(cmd.SucceedStep(run="accepted#1", step=2, attempt=1))
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    assert life.live.results["money"] == REFUND
    story = life.do(cmd.Reject(offer=3, why="not_mine"), "carl").story
    assert "branch rest" in story


def test_answers_are_known_to_the_texts_of_later_steps() -> None:
    life = running(ask(answers={"sum": AnswerOf(type="number")}), approve(), step("notify", who="owner"))
    life.do(answer(life, sum=12), "carl")
    life.do(answer(life, approved=True), "carl")
    effect = life.effects[-1]
    assert effect.payload["results"] == {"money": {"sum": 12}, "allowed": {"approved": True}}


def test_what_may_still_come() -> None:
    steps = program(step(), choose(("one", HIGH, [step("page")]), ("rest", None, [])), wait())
    kinds = [sorted(each.kind for each in to_come(steps, position)) for position in range(len(steps) + 1)]
    assert kinds == [["choose", "note", "page", "wait"], ["choose", "page", "wait"], ["page", "wait"], ["wait"], []]


def test_the_timeline_of_a_choice_names_the_branch() -> None:
    life = looking()
    (event,) = [each for each in life.do(found("rest")).events if isinstance(each, ev.StepSucceeded)]
    assert event.result == {"branch": "rest"}
