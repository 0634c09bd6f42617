"""Random runs that change the world, with failures at every place, results late, twice or never, and rollbacks by hand.

A world beside the engine remembers what was really done and undone. In the end every change of a run that is taken back
is undone once, or it is reported, kept on purpose or released; and it was undone in reverse order.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.effects import Effect
from runner.engine.rollback import rolled_back
from runner.engine.state import dump_state
from runner.engine.undo import changes_world
from tests.runner.engine.machines import BUDGET
from tests.runner.engine.worlds import TEXT, Life, contract, step, twice

FIELDS: dict[str, Any] = {"args": {"fields": {"priority": "urgent"}}, "changes": True}


def act(action: str, back: str | None = None, **changes: Any) -> StepOf:
    return step("action", args={"action": action, "with": {}}, changes=True, undo_by=back, **changes)


STEPS = (
    step(),
    step("set_fields", undo="restore", **FIELDS),
    step("set_fields", undo="restore", on_error="stop", retry=twice(300, 1), **FIELDS),
    step("assign", args={"field": "assignee"}, changes=True, kept="It stays."),
    act("lock", "unlock"),
    act("lock", "unlock", on_error="stop"),
    act("lock", "unlock", on_error="stop", retry=twice(600)),
    act("unlock", "lock"),
    act("pay", on_error="stop"),
    step(on_error="stop"),
)
RUNBOOKS = st.dictionaries(
    st.sampled_from(("open", "failover", "accepted")),
    st.lists(st.sampled_from(STEPS), min_size=1, max_size=5),
    min_size=1,
)
WHICH = st.integers(0, 5)
HOW = st.sampled_from(("well", "well", "well", "fail", "lost", "doubt, done", "doubt, not done"))


class Rollbacks(RuleBasedStateMachine):
    """One escalation and the world in which its steps are done."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.seen = 0
        self.waiting: list[Effect] = []
        self.late: list[cmd.Args] = []
        self.given: list[cmd.Args] = []
        self.done: set[str] = set()
        self.undone: Counter[str] = Counter()
        self.undos: set[tuple[str, str]] = set()

    @initialize(runbook=RUNBOOKS)
    def opening(self, runbook: dict[str, list[StepOf]]) -> None:
        terms = contract(runbook={point: tuple(steps) for point, steps in runbook.items()})
        self.life = Life(terms, answers=("deliveries", "writes"))
        self.life.open()
        self.look()

    def look(self) -> None:
        fresh = self.life.effects[self.seen :]
        self.seen = len(self.life.effects)
        self.waiting += [effect for effect in fresh if effect.kind in ("step", "undo")]

    def give(self, args: cmd.Args, actor: str = "surety:test") -> None:
        self.life.do(args, actor)
        self.look()

    def perform(self, effect: Effect, how: str) -> None:
        """Do one effect as the service would: nothing of a run that is taken back, no try that is overtaken."""
        payload: dict[str, Any] = effect.payload
        key = f"{payload['run']}/{payload['step']}"
        place = {name: payload[name] for name in ("run", "step", "attempt")}
        result: cmd.Args
        if effect.kind == "undo":
            place["rollback"] = payload["rollback"]
            if how in ("well", "lost"):
                if (payload["rollback"], key) not in self.undos:
                    self.undos.add((payload["rollback"], key))
                    self.undone[key] += 1
                result = cmd.SucceedUndo(**place)
            else:
                result = cmd.FailUndo(**place, why="no")
        elif rolled_back(self.life.live, str(payload["run"])) or how in ("fail", "doubt, not done"):
            result = cmd.FailStep(**place, why="no", unknown=how == "doubt, not done")
        else:
            if changes_world(self.life.contract.runbook[payload["point"]][payload["step"]]):
                self.done.add(key)
            said: dict[str, cmd.Scalar] = {"was.priority": "low", "field.priority": "urgent"}
            result = cmd.SucceedStep(**place, result=said)
            if how == "doubt, done":
                result = cmd.FailStep(**place, why="no", unknown=True)
        if how == "lost":
            self.late.append(result)
            return
        self.given.append(result)
        self.give(result)

    @rule(which=WHICH, how=HOW)
    def world(self, which: int, how: str) -> None:
        if self.waiting:
            self.perform(self.waiting.pop(which % len(self.waiting)), how)

    @rule(which=WHICH)
    def result_comes_late(self, which: int) -> None:
        if self.late:
            result = self.late.pop(which % len(self.late))
            self.given.append(result)
            self.give(result)

    @rule(which=WHICH)
    def result_comes_again(self, which: int) -> None:
        if self.given:
            self.give(self.given[which % len(self.given)])

    @rule(minutes=st.sampled_from((1, 5, 10, 45, 90)))
    def time_passes(self, minutes: int) -> None:
        self.life.until(self.life.now + timedelta(minutes=minutes))
        self.look()

    @rule(run=st.sampled_from((None, None, "open#1", "accepted#1", "failover#1")))
    def somebody_rolls_back(self, run: str | None) -> None:
        self.give(cmd.RollBack(run=run, text=TEXT), "boss")

    @rule()
    def somebody_accepts(self) -> None:
        ladder = [offer for offer in self.life.live.offers.values() if offer.purpose == "ladder"]
        if ladder:
            self.life.accept(offer=ladder[0].id, actor=ladder[0].to)
            self.look()

    @invariant()
    def states_come_back_as_they_were(self) -> None:
        if self.life.state is not None:
            before = dump_state(self.life.live)
            self.life.reload()
            assert dump_state(self.life.live) == before

    def teardown(self) -> None:
        if self.life.state is None:
            return
        for _ in range(300):
            if not self.waiting and not self.late:
                break
            for effect in [self.waiting.pop(0)] if self.waiting else []:
                self.perform(effect, "well")
            if self.late:
                self.given.append(self.late.pop(0))
                self.give(self.given[-1])
        assert not self.life.live.rollbacks, "a rollback without an end"
        events = [event for _, event in self.life.events]
        self.everything_is_accounted_for(events)
        self.order_is_reverse(events)
        assert self.life.replay().verdict.value == "identical"

    def everything_is_accounted_for(self, events: list[ev.Event]) -> None:
        reported = {key for each in events if isinstance(each, ev.RollbackEnded) for key in each.not_undone}
        otherwise = {f"{e.run}/{e.step}" for e in events if isinstance(e, ev.StepKept | ev.StepReleased)}
        otherwise |= {f"{e.run}/{e.step}" for e in events if isinstance(e, ev.ChangeLogged) and e.undo == "settled"}
        for key in self.done:
            taken = rolled_back(self.life.live, key.partition("/")[0])
            if not taken:
                assert self.undone[key] == 0, f"{key} was undone, and nobody asked for it"
            elif key not in reported | otherwise:
                assert self.undone[key] == 1, f"{key} was undone {self.undone[key]} times"
            elif key in otherwise:
                assert self.undone[key] == 0, f"{key} was undone although it was to stay"
        for key, times in self.undone.items():
            assert key in self.done, f"{key} was undone and never done"
            assert times == 1 or key in reported

    @staticmethod
    def order_is_reverse(events: list[ev.Event]) -> None:
        logged: list[tuple[str, str]] = []
        scopes: dict[str, str | None] = {}
        given_up: set[tuple[str, str]] = set()
        for event in events:
            match event:
                case ev.ChangeLogged():
                    key = f"{event.run}/{event.step}"
                    logged = [each for each in logged if each[0] != key]
                    logged += [] if event.undo == "settled" else [(key, event.undo)]
                case ev.RollbackStarted():
                    scopes[event.rollback] = event.run
                case ev.UndoRequested(attempt=1):
                    key, scope = f"{event.run}/{event.step}", scopes[event.rollback]
                    left = [
                        name
                        for name, _ in logged
                        if (event.rollback, name) not in given_up and scope in (None, name.partition("/")[0])
                    ]
                    assert left[-1] == key, f"{key} before {left[-1]}"
                case ev.StepUndone() | ev.StepKept() | ev.StepReleased():
                    logged = [each for each in logged if each[0] != f"{event.run}/{event.step}"]
                case ev.UndoFailed(again=False):
                    given_up.add((event.rollback, f"{event.run}/{event.step}"))
                case ev.RollbackEnded():
                    lost = {key for name, key in given_up if name == event.rollback}
                    logged = [(k, how) for k, how in logged if k not in lost or how in ("restore", "action")]
                case _:
                    pass


def test_every_change_is_undone_once_or_somebody_hears_of_it() -> None:
    run_state_machine_as_test(Rollbacks, settings=BUDGET)
