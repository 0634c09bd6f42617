"""Notes what a scenario covers while it runs, under the names of `coverable`. Judges nothing, and drives nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runner.contract.contract import BoxOf, Contract, StepOf
from runner.engine import events as ev
from runner.engine.choosing import QUESTIONS
from runner.engine.conditions import Hours, Test, compile_condition
from runner.engine.observation import Observation
from runner.engine.reasons import Reason
from runner.engine.state import Phase, deadlines
from runner.engine.transitions import TRANSITIONS
from runner.engine.wait_steps import HOLDS
from runner.engine.world import RosterWorld
from runner.zones import zone
from validators.simulate.coverable import Kind
from validators.simulate.leaf_words import leaves
from validators.simulate.lives import Life

__all__ = ["Covered", "CoveringWorld"]


@dataclass(frozen=True, slots=True)
class CoveringWorld(RosterWorld):
    """A world that tells of each box of time that it is asked for."""

    tell: Callable[[Contract, BoxOf, datetime, datetime], None] = lambda *_: None

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        """By the contract's own calendar."""
        end = RosterWorld.add_time(self, contract, at, box)
        if box.calendar is not None:
            self.tell(contract, box, at, end)
        return end


@dataclass(slots=True)
class Covered:
    """A watcher of a simulation; `keys` are those of the items that were covered. `own` is the template beside it."""

    own: Contract | None
    keys: set[str] = field(default_factory=set)
    _phases: dict[str, Phase] = field(default_factory=dict)
    _purposes: dict[tuple[str, int], str] = field(default_factory=dict)
    _classes: dict[tuple[str, int], str] = field(default_factory=dict)
    _tests: tuple[tuple[str, Test], ...] | None = None

    def decided(self, life: Life, events: tuple[ev.Event, ...], now: datetime) -> None:
        """Note what the events of a decision stand for."""
        del now
        for event in events:
            self._phase(life, event)
            self._note(life, "reason", event.reason.value)
            match event:
                case ev.ExceptionRaised():
                    self._classes[life.escalation, event.exception] = event.exception_class
                    self._note(life, "exception", f"{event.exception_class} raised")
                case ev.ExceptionEnded():
                    name = self._classes.get((life.escalation, event.exception), "")
                    self._note(life, "exception", f"{name} ended")
                case ev.QuestionAnswered():
                    how = "defaulted" if event.reason is Reason.DEFAULTED else "answered"
                    self._of_step(life, event.run, event.step, "question", how)
                case ev.StepSucceeded():
                    self._of_step(life, event.run, event.step, "step", "done")
                    self._chosen(life, event)
                case ev.StepFailed():
                    self._of_step(life, event.run, event.step, "step", "failed")
                case ev.StepUndone():
                    self._of_step(life, event.run, event.step, "step", "undone")
                case ev.QuestionAsked() if event.last:
                    self._of_step(life, event.run, event.step, "question", "escalated")

    def settled(self, now: datetime) -> None:
        """Nothing more to note."""

    def due(self, life: Life) -> None:
        """Note which deadline is handled next."""
        oldest = min(deadlines(life.state))
        sort = oldest.sort
        if sort == "offer":
            purpose = life.state.offers[int(oldest.key)].purpose
            sort = "question" if purpose == "question" else f"{purpose} offer"
        self._note(life, "deadline", sort)

    def observed(self, seen: Observation, hours: Hours, now: datetime) -> None:
        """Note which parts of the own template's trigger a look at a ticket has shown to be true, or false."""
        if self.own is None:
            return
        if self._tests is None:
            self._tests = tuple((text, compile_condition(leaf, hours)) for leaf, text in leaves(self.own.condition))
        facts = seen.facts(now)
        for text, holds in self._tests:
            self.keys.add(f"{self.own.name}|guard|trigger: {text} {'holds' if holds(facts) else 'fails'}")

    def box(self, contract: Contract, box: BoxOf, start: datetime, end: datetime) -> None:
        """Note what a time that counts in a calendar has run across."""
        name = box.calendar or ""
        if end - start > timedelta(seconds=box.seconds):
            self.keys.add(f"{contract.name}|calendar|{name}: closed hours")
        clock = zone(contract.calendars[name].zone)
        if start.astimezone(clock).utcoffset() != end.astimezone(clock).utcoffset():
            self.keys.add(f"{contract.name}|calendar|{name}: clock change")

    def _note(self, life: Life, kind: Kind, name: str) -> None:
        self.keys.add(f"{life.contract.name}|{kind}|{name}")

    def _phase(self, life: Life, event: ev.Event) -> None:
        """Follow the phase through the events of a decision, by the table."""
        before = self._phases.get(life.escalation, Phase.OFFERED)
        name: str = event.type
        if isinstance(event, ev.OwnerOffered):
            self._purposes[life.escalation, event.offer] = event.purpose
        if isinstance(event, ev.OfferAccepted) and self._purposes[life.escalation, event.offer] != "exception":
            name = "HolderAccepted"
        after = TRANSITIONS.get((before, name))
        if after is not None:
            self._phases[life.escalation] = after
            self._note(life, "transition", f"{before} -> {after} by {name}")
            self._note(life, "state", after.value)

    def _of_step(self, life: Life, run: str, index: int, kind: Kind, how: str) -> None:
        place, step = _step(life.contract, run, index)
        if (kind == "question") == (step.kind in QUESTIONS):
            self._note(life, kind, f"{place}: {how}")

    def _chosen(self, life: Life, event: ev.StepSucceeded) -> None:
        place, step = _step(life.contract, event.run, event.step)
        if step.kind == "choose":
            for branch in step.branches:
                if branch.name == event.result.get("branch"):
                    self._note(life, "guard", f"{place}: {branch.name} taken")
                    return
                self._note(life, "guard", f"{place}: {branch.name} passed over")
        elif step.kind == "wait" and HOLDS in event.result:
            self._note(life, "guard", f"{place}: {'came true' if event.result[HOLDS] else 'in vain'}")


def _step(contract: Contract, run: str, index: int) -> tuple[str, StepOf]:
    """The step of a run, and what it is called."""
    point = run.partition("#")[0]
    step = contract.runbook[point][index]
    return f"{point}[{index}] {step.args.get('action', step.kind)}", step
