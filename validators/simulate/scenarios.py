"""Running a scenario: its acts in virtual time, its expectations checked at their instants. Reads no clock."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.roster_form import AbsenceOf
from runner.contract.scenario import ROSTER_ACTS, WORLD_ACTS, Act, Expect, Scenario
from runner.engine.decision import Decision
from runner.engine.kpis import Figures
from runner.engine.overlay import OverlayRefused
from runner.engine.reasons import RejectReason
from validators.check.names import check_names, finding, template_of
from validators.simulate.acts import command_of, roster_entry
from validators.simulate.expectations import mismatches
from validators.simulate.simulation import Simulation
from validators.simulate.timeline import Entry, timeline

__all__ = ["Failure", "ScenarioResult", "full_name", "run_scenario", "select"]

_BEFORE: Final = 6
_AFTER: Final = 2
"""Entries of the owner timeline shown around a failure."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not hold. `expected` and `got` are words; `around` is the owner timeline near it."""

    diagnostic: Diagnostic
    ticket: str = ""
    at: datetime | None = None
    expected: str = ""
    got: str = ""
    around: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a scenario showed; it passed if there are no failures. `kpis` has one entry for each escalation."""

    name: str
    failures: tuple[Failure, ...]
    timeline: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    kpis: tuple[Figures, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def full_name(path: str, scenario: Scenario) -> str:
    """A scenario's name with that of its template: `enterprise-billing/nobody-answers`."""
    return f"{template_of(path)}/{scenario.name}"


def select(revision: Revision, pattern: str | None) -> list[tuple[str, Scenario, Document]]:
    """The scenarios whose full name, template or own name fits a pattern with `*` and `?`; all without one."""
    return [
        each
        for each in revision.scenarios
        if pattern is None
        or any(
            fnmatch.fnmatchcase(name, pattern)
            for name in (full_name(each[0], each[1]), template_of(each[0]), each[1].name)
        )
    ]


def run_scenario(revision: Revision, scenario: Scenario, document: Document) -> ScenarioResult:
    """Run it to its end. Raises SimulationLimit if that is too far away."""
    name = full_name(document.path, scenario)
    unknown = check_names(revision, scenario, document)
    if unknown:
        return ScenarioResult(name, tuple(map(Failure, unknown)), (), (), ())
    return _Run(revision, scenario, document).result(name)


class _Run:
    def __init__(self, revision: Revision, scenario: Scenario, document: Document) -> None:
        self._revision = revision
        self._scenario = scenario
        self._document = document
        self._times = LocalTimes(scenario.zone, scenario.start)
        self._simulation = Simulation(revision, self._absences())
        self._simulation.world.actions.answers = scenario.actions
        self._failures: list[Failure] = []

    def _absences(self) -> Iterator[AbsenceOf]:
        for each in self._scenario.absences:
            start, end = self._times.instant(each.from_), self._times.instant(each.until)
            yield AbsenceOf(person=each.person, start=start, end=end)

    def result(self, name: str) -> ScenarioResult:
        scenario, instant = self._scenario, self._times.instant
        tickets, acts = scenario.tickets.items(), list(enumerate(scenario.acts))
        expects = list(enumerate(scenario.expect))
        at_all = [ticket.at for ticket in scenario.tickets.values()] + [act.at for act in scenario.acts]
        for now in sorted({instant(at) for at in (*at_all, *(expect.at for expect in scenario.expect))}):
            self._simulation.run(now, including=False)
            for key, ticket in tickets:
                if instant(ticket.at) == now:
                    fields = self._times.fields(self._simulation.fields, ticket.fields)
                    self._simulation.create(key, fields, now)
            for index, act in acts:
                if instant(act.at) == now:
                    self._act(act, ("acts", index), now)
            self._simulation.run(now, including=True)
            for index, expect in expects:
                if instant(expect.at) == now:
                    self._expect(expect, ("expect", index), now)
        self._texts()
        entries = timeline(self._revision, iter(self._simulation.lives.values()), self._simulation.world.names)
        lives = self._simulation.lives.values()
        return ScenarioResult(
            name,
            tuple(_with_timeline(failure, entries) for failure in self._failures),
            entries,
            tuple(decision for life in lives for decision in life.decisions),
            tuple(life.kpis.figures() for life in lives),
        )

    def _texts(self) -> None:
        """A text that cannot be rendered fails every scenario that comes across it, whatever it expects."""
        for rule, (now, why) in self._simulation.world.unrendered.items():
            message = f"the text of this step cannot be rendered at {self._times.show(now)}: {why}"
            where = self._revision.place(rule) or self._document.at()
            self._failures.append(Failure(Diagnostic("SUR605", Severity.ERROR, message, where), "", now, "a text", why))

    def _key(self, ticket: str | None) -> str:
        return ticket if ticket is not None else next(iter(self._scenario.tickets))

    def _act(self, act: Act, path: Path, now: datetime) -> None:
        key, simulation = self._key(act.ticket), self._simulation
        if act.do in WORLD_ACTS:
            self._world_act(act, key, path, now)
            return
        life = simulation.latest(key)
        if life is None:
            if act.refused != RejectReason.NOT_OPEN:
                self._wrong(path, "do", now, "an escalation to act on", f"ticket {key} never had one")
            return
        rejected = simulation.give(life, command_of(act, simulation, life, self._times), act.by or "", now)
        if act.refused is None and rejected is not None:
            self._wrong(path, "do", now, f"`{act.do}` to succeed", f"refused, {rejected}")
        elif act.refused is not None and (rejected is None or rejected.reason != act.refused):
            got = f"refused, {rejected}" if rejected is not None else "it succeeded"
            self._wrong(path, "refused", now, f"`{act.do}` to be refused as {act.refused}", got)

    def _world_act(self, act: Act, key: str, path: Path, now: datetime) -> None:
        simulation, world = self._simulation, self._simulation.world
        if act.do in ROSTER_ACTS:
            self._roster_act(act, path, now)
        elif act.do == "undelivered":
            world.silent.add(act.who or "")
        elif act.do in ("step_fails", "step_hangs", "step_works"):
            world.kinds_that_fail = _with(world.kinds_that_fail, act, act.step, "step_fails")
            world.kinds_that_hang = _with(world.kinds_that_hang, act, act.step, "step_hangs")
            world.actions.failing = _with(world.actions.failing, act, act.action, "step_fails")
            world.actions.hanging = _with(world.actions.hanging, act, act.action, "step_hangs")
        elif key not in world.tickets or world.tickets[key].gone:
            known = ", ".join(name for name, ticket in world.tickets.items() if not ticket.gone) or "none"
            self._wrong(path, "do", now, f"a ticket {key} to {act.do}", f"no such ticket; the tickets are {known}")
        elif act.do == "update":
            simulation.update(key, self._times.fields(simulation.fields, act.fields), now)
        elif act.do == "merge" and act.into not in world.tickets:
            self._wrong(path, "into", now, "a ticket to merge it into", f"there is no ticket {act.into}")
        elif act.do == "merge":
            simulation.merge(key, act.into or "", now)
        else:
            simulation.delete(key, now)

    def _roster_act(self, act: Act, path: Path, now: datetime) -> None:
        """What somebody enters while the runner runs; what makes no sense is refused as there."""
        try:
            if act.do == "back":
                self._simulation.back(act.who or "", now)
            else:
                self._simulation.enter(roster_entry(act, self._times, now), now)
        except OverlayRefused as refused:
            if act.refused != refused.reason:
                self._wrong(path, "do", now, f"`{act.do}` to make sense", f"refused, {refused}")
            return
        if act.refused is not None:
            self._wrong(path, "refused", now, f"`{act.do}` to be refused as {act.refused}", "it succeeded")

    def _expect(self, expect: Expect, path: Path, now: datetime) -> None:
        key, awaited = self._key(expect.ticket), self._scenario.tickets
        for found in mismatches(expect, self._simulation, key, now, self._times, awaited=awaited):
            what = ".".join(found.path)
            self._fail("SUR603", (*path, *found.path), now, found.expected, found.got, f"{what} is not as expected")

    def _wrong(self, path: Path, key: str, now: datetime, expected: str, got: str) -> None:
        self._fail("SUR604", (*path, key), now, expected, got, "an act went otherwise")

    def _fail(self, code: str, path: Path, now: datetime, expected: str, got: str, what: str) -> None:  # noqa: PLR0917
        message = f"{what} at {self._times.show(now)}: expected {expected}; got {got}"
        ticket = self._key((self._scenario.acts if path[0] == "acts" else self._scenario.expect)[int(path[1])].ticket)
        self._failures.append(Failure(finding(self._document, code, path, message), ticket, now, expected, got))


def _with(names: frozenset[str], act: Act, name: str | None, trouble: str) -> frozenset[str]:
    """The kinds of step or actions in a trouble after an act, which ends every other trouble of the one it names."""
    named = frozenset() if name is None else frozenset((name,))
    return names | named if act.do == trouble else names - named


def _with_timeline(failure: Failure, entries: Iterable[Entry]) -> Failure:
    at, ticket = failure.at, failure.ticket
    owners = [entry for entry in entries if entry.owner and ticket in ("", entry.ticket)]
    if at is None:
        return failure
    past = [entry for entry in owners if entry.at <= at]
    later = [entry for entry in owners if entry.at > at]
    around = (*past[-_BEFORE:], *later[:_AFTER])
    return replace(failure, around=around)
