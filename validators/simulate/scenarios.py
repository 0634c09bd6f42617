"""Running a scenario: its acts in virtual time, its assertions compared as time passes. Reads no clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from runner.contract.assertions import Expect
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.load import Revision
from runner.contract.local_time import local_times
from runner.contract.roster_form import AbsenceOf
from runner.contract.scenario import ROSTER_ACTS, WORLD_ACTS, Act, Scenario
from runner.engine.overlay import OverlayRefused
from runner.engine.reasons import RejectReason
from runner.zones import zone
from validators.check.names import check_names, finding, template_of
from validators.simulate.acts import command_of, roster_entry
from validators.simulate.beginnings import Beginnings
from validators.simulate.covered import Covered, CoveringWorld
from validators.simulate.expectations import mismatches
from validators.simulate.moments import Moment, moments_of
from validators.simulate.overtime import OverTime
from validators.simulate.owners import Difference, difference, owner_changes
from validators.simulate.results import Failure, Place, ScenarioResult, full_name, with_timeline
from validators.simulate.simulation import Simulation, SimulationLimit
from validators.simulate.timeline import timeline
from validators.simulate.unused import repeated, without_effect

__all__ = ["run_scenario"]

_ACCEPT: Final = "if it is meant so now, surety test --accept writes it down for review"
_SINCE: Final = "`at` is when it came into the state in which it ends, not when it is looked at"


def run_scenario(
    revision: Revision,
    scenario: Scenario,
    document: Document,
    *,
    rows: bool = True,
    covering: bool = False,
    figures: bool = True,
    owners: bool = True,
    beginnings: Beginnings | None = None,
) -> ScenarioResult:
    """Run it to its end. Raises SimulationLimit if that is too far away.

    Without `rows` no decision is written down, without `figures` none is counted, and without `owners` it is not noted
    who was accountable; with `covering` it is noted what the scenario covers. What `beginnings` have of it is not
    played again; they are for scenarios that are run in the same way, one after the other.
    """
    name = full_name(document.path, scenario)
    unknown = check_names(revision, scenario, document)
    if unknown:
        return ScenarioResult(name, tuple(map(Failure, unknown)), (), (), (), _place(scenario, document))
    run = _Run(revision, scenario, document, rows=rows, covering=covering)
    try:
        run.go(beginnings=beginnings if not covering else None)
        if not run.failures:
            run.judge_what_is_there()
    except SimulationLimit as limit:
        raise SimulationLimit(f"{name} ({document.path}) needs {limit}") from None
    return run.result(name, figures=figures, owners=owners)


def _place(scenario: Scenario, document: Document) -> Place:
    return Place(document.path, document.case, scenario.zone, scenario.start)


class _Run:
    def __init__(
        self, revision: Revision, scenario: Scenario, document: Document, *, rows: bool, covering: bool
    ) -> None:
        self._revision = revision
        self._scenario = scenario
        self._document = document
        self._times = local_times(scenario.zone, scenario.start)
        self._simulation = Simulation(revision, self._absences())
        self._simulation.world.actions.answers = scenario.actions
        self._over_time = OverTime(scenario, self._simulation, self._times)
        if self._over_time:
            self._simulation.watchers.append(self._over_time)
        self._simulation.rows = rows
        self._covered = self._note_what_is_covered() if covering else None
        self.failures: list[Failure] = []
        self._idle: list[int] = []
        """Acts after which everything was as before."""
        self._last = self._times.instant("00:00")

    def _absences(self) -> Iterator[AbsenceOf]:
        for each in self._scenario.absences:
            start, end = self._times.instant(each.from_), self._times.instant(each.until)
            yield AbsenceOf(person=each.person, start=start, end=end)

    def _note_what_is_covered(self) -> Covered:
        covered = Covered(self._revision.contracts.get(template_of(self._document.path)))
        self._simulation.watchers.append(covered)
        self._simulation.make_world = lambda now, roster: CoveringWorld(now, roster, zone, covered.box)
        return covered

    def go(self, *, looking: bool = True, beginnings: Beginnings | None = None) -> None:
        """Let time pass, up to the last instant that the scenario names; without `looking` compare nothing."""
        moments = moments_of(self._scenario, self._times, self._over_time.instants())
        begun = beginnings.of(self._scenario) if beginnings is not None else None
        if begun is not None:
            self._simulation, self._idle = begun.simulation.copy(), list(begun.idle)
            self._last = moments[begun.moments - 1].now
        for number, moment in enumerate(moments[begun.moments if begun is not None else 0 :], 1):
            self._play(moment)
            if looking:
                self._look(moment)
            if beginnings is not None and not self.failures:
                beginnings.reached(number + (begun.moments if begun is not None else 0), self._simulation, self._idle)
        if looking:
            self._in_the_end()
            self._texts()

    def _play(self, moment: Moment) -> None:
        scenario, simulation, now = self._scenario, self._simulation, moment.now
        self._last = now
        simulation.run(now, including=False)
        for key in moment.tickets:
            fields = self._times.fields(simulation.fields, scenario.tickets[key].fields)
            simulation.create(key, fields, now)
        for index in moment.acts:
            self._act(scenario.acts[index], ("acts", index), now)
        simulation.run(now, including=True)

    def _look(self, moment: Moment) -> None:
        self._over_time.reached(moment.now)
        for index in moment.expects:
            self._expect(self._scenario.expect[index], ("expect", index), moment.now)

    def result(self, name: str, *, figures: bool, owners: bool) -> ScenarioResult:
        """What it showed."""
        lives = self._simulation.lives.values()
        told = self.failures or self._simulation.rows  # of a scenario that passed nobody reads it
        entries = timeline(self._revision, iter(lives), self._simulation.world.names) if told else ()
        return ScenarioResult(
            name,
            tuple(with_timeline(failure, entries) for failure in self.failures),
            entries,
            tuple(decision for life in lives for decision in life.decisions),
            tuple(life.kpis.figures() for life in lives) if figures else (),
            _place(self._scenario, self._document),
            owner_changes(self._scenario, lives, self._times) if owners else (),
            sum(len(life.history) for life in lives),
            frozenset(self._covered.keys) if self._covered is not None else frozenset(),
        )

    def judge_what_is_there(self) -> None:
        """Nothing may be there that does nothing: what a reader takes for a part of the story must be one."""
        for index, since in repeated(self._scenario, self._simulation, self._times):
            message = (
                f"nothing can happen any more after {self._times.show(since)}, so this can only repeat what was seen"
            )
            self._unused("SUR606", ("expect", index, "at"), message, "remove it, or name an earlier time")
        for index in self._idle:
            message = f"`{self._scenario.acts[index].do}` changes nothing: everything was so before"
            self._unused("SUR610", ("acts", index, "do"), message, "remove it, or give it something to change")
        for path, what in without_effect(self._scenario, self._simulation, self._times, self._again):
            code = "SUR610" if path[0] == "acts" else "SUR609"
            key = (*path, "do") if path[0] == "acts" else path
            self._unused(code, key, f"{what}: everything happens as it would without", "remove it, or change its time")

    def _again(self, other: Scenario) -> Simulation:
        """The simulation of nearly the same scenario, up to the same instant."""
        run = _Run(self._revision, other, self._document, rows=False, covering=False)
        run.go(looking=False)
        return run._simulation

    def _unused(self, code: str, path: Path, message: str, help_text: str) -> None:
        self.failures.append(Failure(finding(self._document, code, path, message, help_text)))

    def _in_the_end(self) -> None:
        for each in self._over_time.broken(self._last):
            if each.at is None:
                self._unused("SUR606", each.path, each.what, "give it a time or a state that is reached, or remove it")
            else:
                self._fail("SUR603", each.path, each.at, each.expected, each.got, each.what, each.ticket)
        ends = self._scenario.ends
        if ends is not None:
            key, awaited = self._key(ends.ticket), self._scenario.tickets
            for found in mismatches(ends, self._simulation, key, self._last, self._times, awaited=awaited):
                what = f"{'.'.join(found.path)} is not as expected in the end,"
                where: Path = ("ends", *found.path)
                more = _SINCE if found.path == ("at",) else ""
                self._fail("SUR603", where, self._last, found.expected, found.got, what, key, help_text=more)
        other = self._other_owners() if self._scenario.owners is not None else None
        if other is not None:
            path: Path = ("owners", other.index)
            what = "who is accountable is not as written down"
            at, expected, got = other.at, other.expected, other.got
            self._fail("SUR611", path, at, expected, got, what, other.ticket, help_text=_ACCEPT)

    def _other_owners(self) -> Difference | None:
        found = owner_changes(self._scenario, self._simulation.lives.values(), self._times)
        return difference(self._scenario, found, self._times)

    def _texts(self) -> None:
        """A text that cannot be rendered fails every scenario that comes across it, whatever it expects."""
        for rule, (now, why) in self._simulation.world.unrendered.items():
            message = f"the text of this step cannot be rendered at {self._times.show(now)}: {why}"
            where = self._revision.place(rule) or self._document.at()
            self.failures.append(Failure(Diagnostic("SUR605", Severity.ERROR, message, where), "", now, "a text", why))

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
        before = len(life.history)
        rejected = simulation.give(life, command_of(act, simulation, life, self._times), act.by or "", now)
        if rejected is None and len(life.history) == before:
            self._idle.append(int(path[1]))
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
            if not simulation.update(key, self._times.fields(simulation.fields, act.fields), now):
                self._idle.append(int(path[1]))
        elif act.do == "merge" and act.into not in world.tickets:
            self._wrong(path, "into", now, "a ticket to merge it into", f"there is no ticket {act.into}")
        elif act.do == "merge" and act.into == key:
            self._wrong(path, "into", now, "another ticket to merge it into", f"{key} itself")
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
        if key in awaited and now < self._times.instant(awaited[key].at):
            message = f"there is no ticket {key} before {self._times.show(self._times.instant(awaited[key].at))}"
            self._unused("SUR606", (*path, "at"), f"{message}, so there is nothing to look at", "name a later time")
            return
        for found in mismatches(expect, self._simulation, key, now, self._times, awaited=awaited):
            what = f"{'.'.join(found.path)} is not as expected"
            self._fail("SUR603", (*path, *found.path), now, found.expected, found.got, what, key)

    def _wrong(self, path: Path, key: str, now: datetime, expected: str, got: str) -> None:
        ticket = self._key(self._scenario.acts[int(path[1])].ticket)
        self._fail("SUR604", (*path, key), now, expected, got, "an act went otherwise", ticket)

    def _fail(  # noqa: PLR0917 - as it reads
        self,
        code: str,
        path: Path,
        now: datetime,
        expected: str,
        got: str,
        what: str,
        ticket: str,
        *,
        help_text: str = "",
    ) -> None:
        message = f"{what} at {self._times.show(now)}: expected {expected}; got {got}"
        found = finding(self._document, code, path, message, help_text)
        self.failures.append(Failure(found, ticket, now, expected, got))


def _with(names: frozenset[str], act: Act, name: str | None, trouble: str) -> frozenset[str]:
    """The kinds of step or actions in a trouble after an act, which ends every other trouble of the one it names."""
    named = frozenset() if name is None else frozenset((name,))
    return names | named if act.do == trouble else names - named
