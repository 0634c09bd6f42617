"""Running scenarios: their acts in virtual time, their assertions compared as time passes. Reads no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from validators.simulate.covered import Covered, CoveringWorld
from validators.simulate.expectations import mismatches
from validators.simulate.moments import Moment, moments_of
from validators.simulate.overtime import OverTime
from validators.simulate.owners import Difference, difference, owner_changes
from validators.simulate.results import Failure, Place, ScenarioResult, Tried, full_name, with_timeline
from validators.simulate.simulation import Simulation, SimulationLimit
from validators.simulate.timeline import timeline
from validators.simulate.together import Outcome, play
from validators.simulate.unused import repeated, without_effect

__all__ = ["run_scenario", "run_scenarios"]

_ACCEPT: Final = "if it is meant so now, surety test --accept writes it down for review"
_AS_SAID: Final = Outcome()
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
) -> ScenarioResult:
    """Run a single one, as `run_scenarios` does."""
    tried = [(document.path, scenario, document)]
    return run_scenarios(revision, tried, rows=rows, covering=covering, figures=figures, owners=owners)[0]


def run_scenarios(
    revision: Revision,
    tried: Sequence[Tried],
    *,
    rows: bool = True,
    covering: bool = False,
    figures: bool = True,
    owners: bool = True,
) -> list[ScenarioResult]:
    """Run each to its end; what happens alike in several from their first moment on is played once.

    Without `rows` no decision is written down, without `figures` none is counted, and without `owners` it is not noted
    who was accountable; with `covering` it is noted what each scenario covers, and each is played by itself. Raises
    SimulationLimit if an end is too far away.
    """
    results: list[ScenarioResult | None] = [None] * len(tried)
    runs: list[tuple[int, _Run]] = []
    for number, (_, scenario, document) in enumerate(tried):
        unknown = check_names(revision, scenario, document)
        if unknown:
            place, name = _place(scenario, document), full_name(document.path, scenario)
            results[number] = ScenarioResult(name, tuple(map(Failure, unknown)), (), (), (), place)
        else:
            run = _Run(revision, scenario, document, rows=rows, covering=covering)
            run.figures, run.owners = figures, owners
            runs.append((number, run))
    play(run for _, run in runs)
    for number, run in runs:
        results[number] = run.result
    return [each for each in results if each is not None]


def _place(scenario: Scenario, document: Document) -> Place:
    return Place(document.path, document.case, scenario.zone, scenario.start)


class _Run:
    """A scenario under way, by itself or beside others; `result` is there as soon as it has arrived."""

    _simulation: Simulation
    result: ScenarioResult

    def __init__(
        self, revision: Revision, scenario: Scenario, document: Document, *, rows: bool, covering: bool
    ) -> None:
        self._revision = revision
        self._scenario = scenario
        self._document = document
        self._rows = rows
        self.figures = self.owners = True
        self._times = local_times(scenario.zone, scenario.start)
        self._over_time = OverTime(scenario, self._times)
        self._covered = Covered(revision.contracts.get(template_of(document.path))) if covering else None
        self.failures: list[Failure] = []
        self._idle: list[int] = []
        """Acts after which everything was as before."""
        self._last = self._times.instant("00:00")

    @property
    def title(self) -> str:
        """Its name, and where it is written."""
        return f"{full_name(self._document.path, self._scenario)} ({self._document.path})"

    @property
    def world(self) -> str:
        """Its times, who is away, and what other systems answer; if it is noted what it covers, it is alone in it."""
        scenario = self._scenario
        alone = id(self) if self._covered is not None else 0
        return repr((scenario.zone, scenario.start, scenario.absences, scenario.actions, alone))

    def moments(self) -> list[Moment]:
        """Every instant that it names."""
        return moments_of(self._scenario, self._times, self._over_time.instants())

    def begin(self) -> Simulation:
        """A simulation in which nothing has happened."""
        simulation, covered = Simulation(self._revision, self._absences()), self._covered
        simulation.world.actions.answers = self._scenario.actions
        simulation.rows = self._rows
        if covered is not None:
            simulation.make_world = lambda now, roster: CoveringWorld(now, roster, zone, covered.box)
        return simulation

    def ride(self, simulation: Simulation) -> None:
        """Look at this one from now on."""
        self._simulation = self._over_time.simulation = simulation
        if self._over_time:
            simulation.watchers.append(self._over_time)
        if self._covered is not None:
            simulation.watchers.append(self._covered)

    def deeds(self, moment: Moment) -> str:
        """The tickets that appear and the acts, with all that is said of them but when."""
        if not moment.tickets and not moment.acts:
            return ""
        scenario = self._scenario
        tickets = [(key, scenario.tickets[key].fields) for key in moment.tickets]
        acts = [(self._key(act.ticket), _said(act)) for act in (scenario.acts[index] for index in moment.acts)]
        return repr((tickets, acts))

    def do(self, moment: Moment) -> list[Outcome]:
        """Let tickets appear, and then the acts happen."""
        scenario, simulation = self._scenario, self._simulation
        for key in moment.tickets:
            fields = self._times.fields(simulation.fields, scenario.tickets[key].fields)
            simulation.create(key, fields, moment.now)
        return [self._act(scenario.acts[index], moment.now) for index in moment.acts]

    def done(self, moment: Moment, outcomes: Sequence[Outcome]) -> None:
        """Note which acts changed nothing, or went otherwise."""
        for index, outcome in zip(moment.acts, outcomes, strict=True):
            if outcome.idle:
                self._idle.append(index)
            if outcome.wrong is not None:
                key, expected, got = outcome.wrong
                ticket = self._key(self._scenario.acts[index].ticket)
                what = "an act went otherwise"
                self._fail("SUR604", ("acts", index, key), moment.now, expected, got, what, ticket)

    def look(self, moment: Moment) -> None:
        """Compare what is."""
        self._last = moment.now
        self._over_time.reached(moment.now)
        for index in moment.expects:
            self._expect(self._scenario.expect[index], ("expect", index), moment.now)

    def arrive(self) -> None:
        """Compare what is in the end, and tell what it showed."""
        self._in_the_end()
        self._texts()
        if not self.failures:
            try:
                self._judge_what_is_there()
            except SimulationLimit as limit:
                raise SimulationLimit(f"{self.title} needs {limit}") from None
        self.result = self._told()

    def go(self) -> None:
        """Play it by itself up to the last instant that it names."""
        for moment, _ in zip(self.moments(), self.played(), strict=True):
            self.look(moment)
        self._in_the_end()
        self._texts()

    def played(self) -> Iterator[Simulation]:
        """Its simulation after each instant that it names, while it is played by itself."""
        simulation = self.begin()
        self.ride(simulation)
        for moment in self.moments():
            simulation.run(moment.now, including=False)
            self.done(moment, self.do(moment))
            simulation.run(moment.now, including=True)
            yield simulation
        simulation.watchers = []

    def _absences(self) -> Iterator[AbsenceOf]:
        for each in self._scenario.absences:
            start, end = self._times.instant(each.from_), self._times.instant(each.until)
            yield AbsenceOf(person=each.person, start=start, end=end)

    def _told(self) -> ScenarioResult:
        lives = self._simulation.lives.values()
        told = self.failures or self._simulation.rows  # of a scenario that passed nobody reads it
        entries = timeline(self._revision, iter(lives), self._simulation.world.names) if told else ()
        return ScenarioResult(
            full_name(self._document.path, self._scenario),
            tuple(with_timeline(failure, entries) for failure in self.failures),
            entries,
            tuple(decision for life in lives for decision in life.decisions),
            tuple(life.kpis.figures() for life in lives) if self.figures else (),
            _place(self._scenario, self._document),
            owner_changes(self._scenario, lives, self._times) if self.owners else (),
            sum(len(life.history) for life in lives),
            frozenset(self._covered.keys) if self._covered is not None else frozenset(),
        )

    def _judge_what_is_there(self) -> None:
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

    def _again(self, other: Scenario) -> Iterator[Simulation]:
        """The simulation of nearly the same scenario after each instant, up to the same one."""
        return _Run(self._revision, other, self._document, rows=False, covering=False).played()

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

    def _act(self, act: Act, now: datetime) -> Outcome:
        key, simulation = self._key(act.ticket), self._simulation
        if act.do in WORLD_ACTS:
            return self._world_act(act, key, now)
        life = simulation.latest(key)
        if life is None:
            if act.refused == RejectReason.NOT_OPEN:
                return _AS_SAID
            return Outcome(wrong=("do", "an escalation to act on", f"ticket {key} never had one"))
        before = len(life.history)
        rejected = simulation.give(life, command_of(act, simulation, life, self._times), act.by or "", now)
        idle = rejected is None and len(life.history) == before
        if act.refused is None and rejected is not None:
            return Outcome(idle, ("do", f"`{act.do}` to succeed", f"refused, {rejected}"))
        if act.refused is not None and (rejected is None or rejected.reason != act.refused):
            got = f"refused, {rejected}" if rejected is not None else "no refusal"
            return Outcome(idle, ("refused", f"`{act.do}` to be refused as {act.refused}", got))
        return Outcome(idle)

    def _world_act(self, act: Act, key: str, now: datetime) -> Outcome:
        simulation, world = self._simulation, self._simulation.world
        if act.do in ROSTER_ACTS:
            return self._roster_act(act, now)
        if act.do == "undelivered":
            world.silent.add(act.who or "")
        elif act.do in ("step_fails", "step_hangs", "step_works"):
            world.kinds_that_fail = _with(world.kinds_that_fail, act, act.step, "step_fails")
            world.kinds_that_hang = _with(world.kinds_that_hang, act, act.step, "step_hangs")
            world.actions.failing = _with(world.actions.failing, act, act.action, "step_fails")
            world.actions.hanging = _with(world.actions.hanging, act, act.action, "step_hangs")
        elif key not in world.tickets or world.tickets[key].gone:
            known = ", ".join(name for name, ticket in world.tickets.items() if not ticket.gone) or "none"
            return Outcome(wrong=("do", f"a ticket {key} to {act.do}", f"no such ticket; the tickets are {known}"))
        elif act.do == "update":
            return Outcome(idle=not simulation.update(key, self._times.fields(simulation.fields, act.fields), now))
        elif act.do == "merge" and act.into not in world.tickets:
            return Outcome(wrong=("into", "a ticket to merge it into", f"there is no ticket {act.into}"))
        elif act.do == "merge" and act.into == key:
            return Outcome(wrong=("into", "another ticket to merge it into", f"{key} itself"))
        elif act.do == "merge":
            simulation.merge(key, act.into or "", now)
        else:
            simulation.delete(key, now)
        return _AS_SAID

    def _roster_act(self, act: Act, now: datetime) -> Outcome:
        """What somebody enters while the runner runs; what makes no sense is refused as there."""
        try:
            if act.do == "back":
                self._simulation.back(act.who or "", now)
            else:
                self._simulation.enter(roster_entry(act, self._times, now), now)
        except OverlayRefused as refused:
            if act.refused == refused.reason:
                return _AS_SAID
            return Outcome(wrong=("do", f"`{act.do}` to make sense", f"refused, {refused}"))
        if act.refused is not None:
            return Outcome(wrong=("refused", f"`{act.do}` to be refused as {act.refused}", "no refusal"))
        return _AS_SAID

    def _expect(self, expect: Expect, path: Path, now: datetime) -> None:
        key, awaited = self._key(expect.ticket), self._scenario.tickets
        if key in awaited and now < self._times.instant(awaited[key].at):
            message = f"there is no ticket {key} before {self._times.show(self._times.instant(awaited[key].at))}"
            self._unused("SUR606", (*path, "at"), f"{message}, so there is nothing to look at", "name a later time")
            return
        for found in mismatches(expect, self._simulation, key, now, self._times, awaited=awaited):
            what = f"{'.'.join(found.path)} is not as expected"
            self._fail("SUR603", (*path, *found.path), now, found.expected, found.got, what, key)

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


def _said(act: Act) -> list[tuple[str, object]]:
    """Everything that an act says beside when, and to which ticket."""
    return [(name, value) for name, value in vars(act).items() if value is not None and name not in ("at", "ticket")]


def _with(names: frozenset[str], act: Act, name: str | None, trouble: str) -> frozenset[str]:
    """The kinds of step or actions in a trouble after an act, which ends every other trouble of the one it names."""
    named = frozenset() if name is None else frozenset((name,))
    return names | named if act.do == trouble else names - named
