"""Driving a run: the script and the clock, through however many deaths of the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

from runner.demo.actors import ActError
from runner.demo.stepping import NotSettled
from tests.crash.outcome import Outcome, collect
from tests.crash.script import END, SCRIPT, Act, Change, Create, Step
from tests.crash.stage import OBSERVER, Stage

Result = TypeVar("Result")


@dataclass(frozen=True)
class Death:
    """How the runner dies next: at a pass of a point, or after some seconds from outside."""

    at: tuple[str, int] | None = None
    seconds: float | None = None


@dataclass
class Tally:
    """How often it died, by point."""

    deaths: dict[str, int] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        return sum(self.deaths.values())

    def count(self, death: Death) -> None:
        name = death.at[0] if death.at is not None else "random"
        self.deaths[name] = self.deaths.get(name, 0) + 1


class Run:
    """One run of the script. `deaths` says how each start of the runner ends; when they are used up it lives on."""

    def __init__(self, stage: Stage, deaths: Iterator[Death], tally: Tally) -> None:
        self._stage = stage
        self._deaths = deaths
        self._tally = tally
        self._death = Death()
        self._tickets: dict[str, str] = {}

    def whole(self) -> Outcome:
        """From the first instant to the last; what it came to."""
        self._start()
        script = list(SCRIPT)
        self._steadily(self._stage.stepper.settle)
        while True:
            due = self._stage.stepper.next_instant()
            instants = [at for at in (due, script[0][0] if script else None) if at is not None and at <= END]
            if not instants:
                break
            instant = min(instants)
            assert due is None or not script or due != script[0][0], "the script must keep off deadlines"
            self._move(instant)
            if script and script[0][0] == instant:
                for number, step in enumerate(script.pop(0)[1]):
                    self._do(step, f"{instant.isoformat()} {number}")
                    self._steadily(self._stage.stepper.settle)
        assert self._stage.runner is not None
        if self._stage.runner.end() != 0:
            self._again()
            self._steadily(self._stage.stepper.settle)
            assert self._stage.runner.end() == 0, self._stage.log()[-2000:]
        return collect(self._stage, self._tickets)

    def _move(self, instant: datetime) -> None:
        def move() -> None:
            self._stage.move(instant)
            self._stage.stepper.settle()

        self._steadily(move)

    def _start(self) -> None:
        self._death = next(self._deaths, Death())
        while not self._stage.start_runner(self._death.at, self._death.seconds):
            self._died()
            self._death = next(self._deaths, Death())

    def _died(self) -> None:
        assert self._stage.runner is not None
        code = self._stage.runner.gone()
        assert code == -9, f"it ended with {code} by itself:\n{self._stage.log()[-4000:]}"
        self._tally.count(self._death)

    def _again(self) -> None:
        self._died()
        self._start()

    def _steadily(self, operation: Callable[[], Result]) -> Result:
        """Do it, and do it again after every death; it must be one that may be repeated."""
        while True:
            try:
                return operation()
            except (NotSettled, ActError, httpx.HTTPError):
                assert self._stage.runner is not None
                if not self._stage.runner.dies_within(2):
                    raise
                self._again()

    def _do(self, step: Step, key: str) -> None:
        match step:
            case Create():
                self._create(step)
            case Change():
                self._change(step)
            case Act():
                self._act(step, key)

    def _create(self, step: Create) -> None:
        self._tickets[step.ticket] = self._stage.customers.create(step.fields, f"script:{step.ticket}")

    def _change(self, step: Change) -> None:
        ref = self._tickets[step.ticket]
        if step.task:
            ref = self._steadily(lambda: self._find(step.ticket))["links"][-1]
        if step.fields is None:
            self._stage.customers.delete(ref)
        else:
            self._stage.customers.update(ref, step.fields)

    def _find(self, ticket: str) -> dict[str, Any]:
        ref = self._tickets[ticket]
        listed = self._stage.owners.get("/api/escalations", OBSERVER, open="false", limit="500")["escalations"]
        return max((each for each in listed if each["ticket"] == ref), key=lambda each: str(each["id"]))

    def _asked(self, step: Act) -> tuple[str, str, dict[str, Any]]:
        """Which escalation, who and what: settled once, before anything is sent."""
        found = self._find(step.ticket)
        by = step.by or str(found["accountable"])
        body = dict(step.body)
        if step.action in ("accept", "reject", "answer"):
            mine = [offer["offer"] for offer in found["offers"] if offer["to"] == by]
            body["offer"] = mine[-1] if mine else found["offers"][-1]["offer"]
        if step.action == "accept" and "answers" not in body:
            body["answers"] = dict.fromkeys(found["checklist"], True)
        return str(found["id"]), by, body

    def _act(self, step: Act, key: str) -> None:
        escalation, by, body = self._steadily(lambda: self._asked(step))
        status, answer = self._steadily(lambda: self._stage.act(escalation, step.action, by, body, key))
        assert (status, answer.get("error")) == ((409, step.refused) if step.refused else (200, None)), (step, answer)
