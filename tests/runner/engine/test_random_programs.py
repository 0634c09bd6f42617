"""Random runbooks of questions, approvals, waits and nested choices against random answers, deadlines and changes.

Every run ends or has a deadline; every try of a step is requested once; nothing of a left run begins that need not be
finished; nothing is done that was to be approved and was not; a branch is gone through as it was chosen; results come
only from steps of the same run that are done.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from runner.contract.conditions import In
from runner.contract.contract import AnswerOf, Contract, StepOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.choosing import QUESTIONS, branch_of
from runner.engine.evolve import evolve
from runner.engine.reasons import Reason
from runner.engine.replay import Verdict
from runner.engine.state import Run, State, next_deadline
from tests.runner.engine.guarantees import hold
from tests.runner.engine.machines import BUDGET, NUMBERS, SOME
from tests.runner.engine.programs import approve, ask, choose, program, wait
from tests.runner.engine.worlds import (
    BOSS,
    DESK,
    GHOST,
    HOUR,
    MACHINE,
    NET,
    PEOPLE,
    TEXT,
    YES,
    Life,
    away,
    box,
    contract,
    roster,
    step,
    twice,
)

HIGH = In("priority", ("high",))
WHO = st.sampled_from((NET, DESK, BOSS, GHOST, "owner", "previous_owner", "secondary", "escalation_owner"))
LEAVE = st.sampled_from(("cancel", "cancel", "finish"))
ERROR = st.sampled_from(("continue", "continue", "stop"))
NAMES = st.sampled_from(("a", "b", None))
WITHIN = st.sampled_from((600, HOUR, 4 * HOUR)).map(box)
DECISIONS = {"decision": AnswerOf(type="choice", values=("x", "y"), default="x")}
ANSWERED = st.fixed_dictionaries({"decision": st.sampled_from(("x", "y"))})


def built(kind: Any, /, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, on_leave=LEAVE, on_error=ERROR, **given)


LEAVES = st.one_of(
    built(step, kind=st.sampled_from(("note", "notify", "create_ticket"))),
    built(step, kind=st.just("note"), retry=st.just(twice(300)), task=st.booleans()),
    built(
        ask,
        name=NAMES,
        who=WHO,
        within=WITHIN,
        otherwise=st.sampled_from(("escalate", "default", "fail")),
        answers=st.just(DECISIONS),
    ),
    built(approve, who=WHO, within=WITHIN, otherwise=st.sampled_from(("escalate", "fail"))),
    built(wait, hours=st.sampled_from((0.5, 2))),
    built(wait, until=st.just(HIGH), otherwise=st.sampled_from(("escalate", "go_on", "fail"))),
)
CONDITIONS = st.one_of(ANSWERED, st.just(HIGH))


def branching(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Choices whose branches hold such steps."""

    def laid(ways: list[Any], last: list[Any], of: str | None, on_leave: str, on_error: str) -> Any:
        named = [(f"way{number}", when, steps) for number, (when, steps) in enumerate(ways)]
        return choose(*named, ("rest", None, last), of=of, on_leave=on_leave, on_error=on_error)

    some = st.lists(inner, max_size=2)
    ways = st.lists(st.tuples(CONDITIONS, some), max_size=2)
    return st.builds(laid, ways=ways, last=some, of=NAMES, on_leave=LEAVE, on_error=ERROR)


STEPS = st.lists(st.recursive(LEAVES, branching, max_leaves=5), min_size=1, max_size=4).map(lambda each: program(*each))
RUNBOOKS = st.dictionaries(
    st.sampled_from(("open", "accepted", "failover", "resolved", "handoff", "closed")), STEPS, min_size=1, max_size=3
)


def check_programs(terms: Contract, before: State | None, events: tuple[ev.Event, ...], now: datetime) -> None:
    """What must hold of the runs in one decision, event by event."""
    state = before
    for event in events:
        if isinstance(event, ev.StepRequested) and state is not None:
            _begins(terms, state.runs.get(event.run), event, state)
        state = evolve(state, event, now)
    assert state is not None
    _questions(terms, state)


def _begins(terms: Contract, run: Run | None, event: ev.StepRequested, state: State) -> None:
    if run is None:
        return
    steps = terms.runbook[run.point]
    asked = steps[event.step]
    retried = event.attempt == run.attempt + 1 and event.step == run.step
    hold("left", not run.leaving or asked.on_leave == "finish", f"{event.run}/{event.step} begins although it was left")
    hold("left", not state.phase.over or asked.kind not in QUESTIONS, "somebody is asked about what is over")
    hold("once", retried or event.attempt == 1, f"try {event.attempt} of {event.run}/{event.step}")
    hold("once", retried or event.step > run.step, f"{event.run} goes back from {run.step} to {event.step}")
    if not retried:
        ways = list(_ways(steps, run.step, event.step))
        hold("branches", ways, f"{event.step} does not follow {run.step}")
        right = any(all(steps[each].kind != "approve" for each in passed) for passed in ways)
        hold("approved", right, "an approval is passed over")


def _ways(steps: tuple[StepOf, ...], done: int, following: int) -> Iterator[list[int]]:
    """The steps that are passed over between two, by each branch that leads to the second."""
    behind = steps[done].then
    for start in (behind if behind is not None else done + 1, *(branch.start for branch in steps[done].branches)):
        passed, position = [], start
        while position < following:
            passed.append(position)
            then = steps[position].then
            position = then if then is not None else position + 1
        if position == following:
            yield passed


def _questions(terms: Contract, state: State) -> None:
    """Every open question belongs to the step that its run has come to, and is as long as that."""
    asked = {offer.run: offer for offer in state.offers.values() if offer.purpose == "question"}
    hold("asked", set(asked) <= set(state.runs), "a question without its run")
    hold("asked", len(asked) == sum(o.purpose == "question" for o in state.offers.values()), "two questions of a run")
    for run in state.runs.values():
        kind = terms.runbook[run.point][run.step].kind
        offer = asked.get(run.id)
        hold("asked", (offer is not None) == (kind in QUESTIONS), f"{run.id} at {kind}: {offer}")
        stays = terms.runbook[run.point][run.step].on_leave == "finish"
        lasting = kind in (*QUESTIONS, "wait")
        hold("left", not lasting or not run.leaving or stays, f"{run.id} is at {kind} although it was left")
        hold("asked", offer is None or (offer.step, offer.due) == (run.step, run.due), "another end than its step's")


class ProgramLife(Life):
    """A life whose runs are looked at, decision for decision."""

    def judge(self, seen: Any) -> None:
        super().judge(seen)
        check_programs(self.contract, seen.before, seen.done.events, seen.state.now)


class Programs(RuleBasedStateMachine):
    """One escalation with random runbooks, and what bears on them; everything else is left to the other machines."""

    def __init__(self) -> None:
        super().__init__()
        self.life: Life = ProgramLife()
        self.sound = False

    @initialize(runbook=RUNBOOKS, accepts=st.booleans())
    def opening(self, runbook: dict[str, Any], accepts: bool) -> None:
        self.life = ProgramLife(contract(runbook=runbook, repeat=0), roster(), answers=("deliveries", "writes"))
        self.life.open()
        if accepts:
            self.life.accept(offer=1)
        self.sound = True

    def give(self, args: cmd.Args, actor: str = MACHINE) -> None:
        self.sound = False
        self.life.do(args, actor, jobs=PEOPLE.get(actor, ()))
        self.sound = True

    def asked(self, offer: int) -> str:
        offers = self.life.live.offers
        return offers[offer].to if offer in offers else "ben"

    def a_question(self, number: int) -> int:
        asked = sorted(offer.id for offer in self.life.live.offers.values() if offer.purpose == "question")
        return asked[number % len(asked)] if asked else number

    # answers

    @rule(number=NUMBERS, answers=st.sampled_from(({"decision": "x"}, {"decision": "y"}, {}, {"decision": "z"})))
    def answer(self, number: int, answers: dict[str, cmd.Scalar]) -> None:
        offer = self.a_question(number)
        self.give(cmd.Answer(offer=offer, answers=answers), self.asked(offer))

    @rule(number=NUMBERS, approved=st.sampled_from((True, True, False)))
    def approve(self, number: int, approved: bool) -> None:
        offer = self.a_question(number)
        self.give(cmd.Answer(offer=offer, answers={"approved": approved}), self.asked(offer))

    @rule(
        number=NUMBERS,
        actor=st.sampled_from(("ann", "boss", "ceo", "dora", "ghost")),
        answers=st.sampled_from(({"decision": "x"}, {"approved": True})),
    )
    def answer_in_anothers_place(self, number: int, actor: str, answers: dict[str, cmd.Scalar]) -> None:
        offer = self.a_question(number)
        self.give(cmd.Answer(offer=offer, answers=answers), actor)

    @rule(number=NUMBERS, up=st.booleans(), why=st.sampled_from(("not_mine", "no_capacity", "conflict")))
    def pass_a_question_on(self, number: int, up: bool, why: Any) -> None:
        offer = self.a_question(number)
        args = cmd.Escalate(offer=offer, text=TEXT) if up else cmd.Reject(offer=offer, why=why)
        self.give(args, self.asked(offer))

    # results

    @rule(number=NUMBERS, way=st.sampled_from(("way0", "way1", "rest", "none")), holds=st.booleans())
    def the_world_answers(self, number: int, way: str, holds: bool) -> None:
        """Whatever a run waits for, fitting most often."""
        runs = [run for run in self.life.live.runs.values() if not run.waiting]
        if runs:
            run = runs[number % len(runs)]
            kind = self.life.step_of(run).kind
            fitting: dict[str, dict[str, cmd.Scalar]] = {"choose": {"branch": way}, "wait": {"holds": holds}}
            self.give(cmd.SucceedStep(run=run.id, step=run.step, attempt=run.attempt, result=fitting.get(kind, {})))

    @rule(number=NUMBERS)
    def the_world_fails(self, number: int) -> None:
        runs = list(self.life.live.runs.values())
        if runs:
            run = runs[number % len(runs)]
            self.give(cmd.FailStep(run=run.id, step=run.step, attempt=run.attempt, why="refused"))

    @rule()
    def the_same_result_again(self) -> None:
        done = [event for _, event in self.life.events if isinstance(event, ev.StepSucceeded)]
        if done:
            self.give(cmd.SucceedStep(run=done[-1].run, step=done[-1].step, attempt=1, result=dict(done[-1].result)))

    # time

    @rule(nudge=st.sampled_from((-1, 0, 0, 600)))
    def the_next_deadline(self, nudge: int) -> None:
        due = next_deadline(self.life.live)
        if due is not None:
            self.life.now = max(self.life.now, due + timedelta(seconds=nudge))
            self.give(cmd.Tick())

    @rule(hours=st.integers(1, 6))
    def time_passes(self, hours: int) -> None:
        self.sound = False
        self.life.now = max(self.life.now, self.life.live.now)
        self.life.until(self.life.now + timedelta(hours=hours))
        self.sound = True

    # the state

    @rule()
    def somebody_accepts(self) -> None:
        asked = [offer for offer in self.life.live.offers.values() if offer.purpose == "ladder"]
        if asked:
            self.give(cmd.Accept(offer=asked[0].id, answers={**YES}), asked[0].to)

    @rule()
    def the_holder_gives_it_up(self) -> None:
        if self.life.live.holder is not None:
            self.give(cmd.Escalate(offer=None, text=TEXT), self.life.live.holder)

    @rule()
    def the_manager_takes_it(self) -> None:
        self.give(cmd.Override(action="take", text=TEXT), "boss")

    @rule()
    def it_is_resolved(self) -> None:
        if self.life.live.holder is not None:
            self.give(cmd.Resolve(evidence={}, facts=self.life.facts()), self.life.live.holder)

    @rule(closes=st.booleans())
    def it_ends(self, closes: bool) -> None:
        if closes and self.life.live.holder is not None:
            self.give(cmd.Close(code="fixed", facts=self.life.facts()), self.life.live.holder)
        elif len(self.life.rows) > 12:  # most lives are longer
            self.give(cmd.Cancel(text=TEXT), "boss")

    @rule(missing=SOME)
    def people_come_and_go(self, missing: set[str]) -> None:
        self.life.roster = roster(*map(away, sorted(missing)))
        self.give(cmd.NoteRoster())

    @rule()
    def the_runner_starts_again(self) -> None:
        self.life.reload()

    def teardown(self) -> None:
        """Nobody does anything any more: all runs end but those of which somebody is reminded."""
        if not self.sound:
            return
        life = self.life
        life.now = max(life.now, life.live.now)
        life.until(life.now + timedelta(days=1))
        found = life.replay()
        hold("reproducible", found.verdict is Verdict.IDENTICAL, f"{found.verdict} at {found.at}: {found.detail}")
        _results(life)
        tries = [(e.run, e.step, e.attempt) for _, e in life.events if isinstance(e, ev.StepRequested)]
        hold("once", len(tries) == len(set(tries)), "a try was requested twice")
        still = [run for run in life.live.runs.values() if life.step_of(run).kind not in QUESTIONS]
        hold("ends", not still, f"{still} have not ended although nothing of them can last so long")
        hold("ends", not life.live.runs or not life.live.phase.over, "over, and yet somebody is to answer")
        soon = life.live.now + timedelta(seconds=life.contract.limits.remind_every)
        for run in life.live.runs.values():
            hold("ends", run.due <= soon, "nobody is reminded")


def _results(life: Life) -> None:
    """What is known by name was left by a step that is done; a question leaves what was answered to it."""
    done: dict[str, dict[str, Any]] = {}
    answers: dict[tuple[str, int], dict[str, Any]] = {}
    for _, event in life.events:
        if isinstance(event, ev.QuestionAnswered):
            answers[event.run, event.step] = event.answers
        if isinstance(event, ev.StepSucceeded):
            point = event.run.partition("#")[0]
            one = life.contract.runbook[point][event.step]
            if one.kind in QUESTIONS:
                hold("results", event.result == answers.get((event.run, event.step)), "not what was answered")
            if one.kind == "choose":
                hold("results", branch_of(one, event.result.get("branch")), "no such branch")
                hold("results", event.reason is Reason.CHOSEN, event.reason)
            if event.name is not None:
                done[event.name] = event.result
    hold("results", life.live.results == done, "results of steps that are not done")


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(BUDGET, max_examples=50)
