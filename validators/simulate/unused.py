"""What a scenario holds and does not need: fixtures without which everything happens all the same. Reads no clock.

Nothing is guessed: the scenario is run once more without the fixture, and every event, message and value is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from runner.contract.assertions import Look, looks
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act, Scenario
from runner.engine import events as ev
from runner.engine.reasons import Reason
from validators.simulate.lives import Life
from validators.simulate.simulation import Simulation

__all__ = ["repeated", "without_effect"]

Path = tuple[str | int, ...]
_MAY_BE_IDLE = frozenset(("undelivered", "step_fails", "step_hangs", "step_works", "absent", "back", "swap"))
"""Acts that succeed whether or not anything follows from them."""


def without_effect(
    scenario: Scenario, simulation: Simulation, times: LocalTimes, again: Callable[[Scenario], Iterator[Simulation]]
) -> Iterator[tuple[Path, str]]:
    """Absences, answers of actions, acts and tickets that change nothing: where each is written, and what it is.

    `again` runs a scenario up to the same instant, and gives its simulation after each instant that it names.
    """
    evident = _Evidence(simulation)
    for path, what, other in _without(scenario, simulation, times):
        if not evident.of(scenario, path) and _same(simulation, again(_up_to_the_same(other, scenario))):
            yield path, what
    if len(scenario.tickets) > 1:
        for key in scenario.tickets:
            if not _is_named(scenario, key) and not _has_part(simulation, key):
                yield ("tickets", key), f"the ticket {key} has no part in the story"


def _without(scenario: Scenario, simulation: Simulation, times: LocalTimes) -> Iterator[tuple[Path, str, Scenario]]:
    for index, absence in enumerate(scenario.absences):
        if not _ends_in_time(simulation, times, absence.until):
            left = (*scenario.absences[:index], *scenario.absences[index + 1 :])
            what = f"the absence of {absence.person} changes nothing"
            yield ("absences", index), what, scenario.model_copy(update={"absences": left})
    for name in scenario.actions:
        rest = {key: each for key, each in scenario.actions.items() if key != name}
        yield ("actions", name), f"what {name} answers changes nothing", scenario.model_copy(update={"actions": rest})
    for index, act in enumerate(scenario.acts):
        if act.do in _MAY_BE_IDLE and act.refused is None and not _ends_in_time(simulation, times, act.until):
            acts = (*scenario.acts[:index], *scenario.acts[index + 1 :])
            yield ("acts", index), f"`{act.do}` changes nothing", scenario.model_copy(update={"acts": acts})


class _Evidence:
    """What events say by themselves of the part that a fixture had, so that most need not be run without."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._known: frozenset[tuple[str, str]] | None = None

    def of(self, scenario: Scenario, path: Path) -> bool:
        """Whether the fixture at a path had a part for certain; False says nothing."""
        if path[0] == "absences":
            return self._is_away(scenario, scenario.absences[int(path[1])].person)
        if path[0] == "actions":
            return ("done", str(path[1])) in self._names() and bool(scenario.actions[str(path[1])])
        act = scenario.acts[int(path[1])]
        if act.do in ("step_fails", "step_hangs"):
            return ("failed", act.action or act.step or "") in self._names()
        if act.do == "undelivered":
            return ("unreached", act.who or "") in self._names()
        return act.do == "absent" and self._is_away(scenario, act.who or "")

    def _is_away(self, scenario: Scenario, person: str) -> bool:
        """Whether somebody was away for one reason alone, and something came of it."""
        reasons = [each.person for each in scenario.absences]
        reasons += [each.person for each in self._simulation.revision.roster.absences]
        reasons += [act.who or "" for act in scenario.acts if act.do == "absent"]
        return reasons.count(person) == 1 and ("away", person) in self._names()

    def _names(self) -> frozenset[tuple[str, str]]:
        if self._known is None:
            lives = self._simulation.lives.values()
            self._known = frozenset(
                each for life in lives for _, events in life.history for event in events for each in _said(life, event)
            )
        return self._known


def _said(life: Life, event: ev.Event) -> Iterator[tuple[str, str]]:
    """Who was passed over because of an absence, or not reached, and which steps were done or failed."""
    match event:
        case ev.OwnerOffered() | ev.RungSkipped() | ev.QuestionAsked():
            yield from (("away", person) for person, why in event.passed_over.items() if why is Reason.ABSENT)
        case ev.OfferEnded() | ev.OwnerReleased() | ev.OwnerAway() if event.reason is Reason.ABSENT:
            yield "away", event.person
        case ev.ExceptionRaised() if event.about is not None:
            yield "unreached", event.about
        case ev.StepSucceeded() | ev.StepFailed():
            step = life.contract.runbook[event.run.partition("#")[0]][event.step]
            how = "done" if isinstance(event, ev.StepSucceeded) else "failed"
            yield from (
                (how, str(name)) for name in (step.kind, step.args.get("action"), step.args.get("source")) if name
            )


def _up_to_the_same(other: Scenario, scenario: Scenario) -> Scenario:
    """What is left still lasts as long, and refuses nothing."""
    last = Act.model_construct(at=scenario.acts[-1].at, do="step_works", step=None) if scenario.acts else None
    return other if last is None else other.model_copy(update={"acts": (*other.acts, last)})


def _same(one: Simulation, others: Iterable[Simulation]) -> bool:
    """Whether the same has happened in the end; what becomes of it is not asked any more once something else has."""
    other = one
    known: dict[str, int] = {}
    for other in others:
        for key, life in other.lives.items():
            since, now = known.get(key, 0), len(life.history)
            if key not in one.lives or life.history[since:] != one.lives[key].history[since:now]:
                return False
            known[key] = now
    return _seen(one) == _seen(other)


def _seen(simulation: Simulation) -> object:
    lives = {key: life.history for key, life in simulation.lives.items()}
    tickets = {key: (each.fields, each.gone, each.notes) for key, each in simulation.world.tickets.items()}
    return lives, tickets, simulation.world.messages


def _ends_in_time(simulation: Simulation, times: LocalTimes, until: str | None) -> bool:
    """Whether something is decided at the very instant at which a span is over: then that is what is tried."""
    if until is None:
        return False
    end = times.instant(until)
    return any(at == end for life in simulation.lives.values() for at, _ in life.history)


def _is_named(scenario: Scenario, key: str) -> bool:
    looked: list[Look] = [*scenario.expect, *scenario.always, *scenario.never, *scenario.eventually]
    names = {each.ticket for each in looked} | {change.ticket for change in scenario.owners or ()}
    names |= {name for act in scenario.acts for name in (act.ticket, act.into)}
    return key in names or (scenario.ends is not None and scenario.ends.ticket == key)


def _has_part(simulation: Simulation, key: str) -> bool:
    case = simulation.cases.get(key)
    return any(life.ticket == key for life in simulation.lives.values()) or (
        case is not None and case.linked is not None
    )


def repeated(scenario: Scenario, simulation: Simulation, times: LocalTimes) -> Iterator[tuple[int, datetime]]:
    """Expectations after the end of everything that look at nothing new: which, and since when all is quiet."""
    if simulation.next_due() is not None:
        return
    happened = [at for life in simulation.lives.values() for at, _ in life.history]
    happened += [times.instant(act.at) for act in scenario.acts]
    happened += [times.instant(ticket.at) for ticket in scenario.tickets.values()]
    quiet = max(happened)
    looked: dict[str | None, set[str]] = {}
    for index, expect in sorted(enumerate(scenario.expect), key=lambda each: times.instant(each[1].at)):
        if times.instant(expect.at) > quiet:
            given = {name for name in looks(type(expect)) if getattr(expect, name) is not None}
            if given <= looked.get(expect.ticket, set()):
                yield index, quiet
            looked.setdefault(expect.ticket, set()).update(given)
