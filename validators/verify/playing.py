"""A course of an exploration played in the simulator: with people of the roster, real times, and a world that fails.

Where the exploration has nobody, people are away; where a message reaches nobody, somebody is silent from the start.
What cannot be played as it was found is said, with the place at which it stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.roster_form import AbsenceOf
from runner.contract.scenario import Act, Scenario
from runner.contract.values import OwnerRef
from runner.engine.overlay import AbsenceEntry, OverlayRefused
from runner.engine.roster import Person
from runner.engine.state import Deadline, State, accountable, deadlines
from validators.simulate import Life, Simulation, SimulationLimit
from validators.simulate.acts import command_of
from validators.verify.acting import Unplayable, act_of, helpdesk_fields, local
from validators.verify.people import people_in
from validators.verify.story import Step, due_words
from validators.verify.tickets import opened_by

__all__ = ["Played", "Standing", "played"]

_MINUTE: Final = timedelta(minutes=1)
_AWAY: Final = timedelta(days=60)
"""How long those are away of whom the exploration says that nobody is there: longer than any course."""
_TRIES: Final = 12
"""How often a course is begun anew because somebody must be away or silent from the start."""
_PASSES: Final = 100
"""How many deadlines pass at most, of the same sort or such as change nothing, before the one that is awaited."""
_UNHEARD: Final = ("which reached nobody", "no channel took the message")
_OF_THE_RUNBOOK: Final = ("step", "record", "page", "undo")
"""Deadlines that most courses know nothing of, since they leave the runbook out."""
_AS_IT_IS: Final = frozenset(("SucceedStep", "SucceedUndo", "Deliver", "WriteRecord"))
"""What the virtual world does by itself, at once."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stood at some time: the state, who answered for it, which exceptions were open."""

    state: str
    owner: str | None
    exceptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A course as it was played: acts and absences with their instants, how it stood before the last step and at the
    end, and who the escalation owner was (None: nobody). `failed`: the engine failed at the last step, or went round.
    """

    acts: tuple[dict[str, Any], ...]
    absences: tuple[dict[str, Any], ...]
    opened: datetime
    ended: datetime
    before: Standing
    state: State
    manager: str | None
    failed: str = ""
    trail: tuple[tuple[datetime, State], ...] = ()
    """How it stood after each step, with the instant."""
    rungs: Mapping[str, str | None] = field(default_factory=dict)
    """Who is on call at the end, by rung; None: nobody."""

    @property
    def owner(self) -> str | None:
        """Who is accountable at the end; None if nobody is."""
        return accountable(self.state)


@dataclass(frozen=True, slots=True)
class _Needs:
    """What must be so from the start: who is away, who is silent, which steps fail."""

    away: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


class _Further(Exception):
    """The course must be begun anew, with more that is so from the start."""

    def __init__(self, needs: _Needs) -> None:
        super().__init__()
        self.needs = needs


def played(revision: Revision, base: Scenario, steps: Sequence[Step], *, loosely: bool = False) -> Played:
    """Play a course from the opening of a scenario of one ticket; see `beginning`. Raises Unplayable.

    `loosely`: whatever falls due before what the course awaits may change how it stands.
    """
    needs = _Needs()
    for _ in range(_TRIES):
        try:
            return _Play(revision, base, steps, needs, loosely).go()
        except _Further as further:
            needs = further.needs
    raise Unplayable("ever more people would have to be away")


@dataclass(slots=True)
class _Play:
    revision: Revision
    base: Scenario
    steps: Sequence[Step]
    needs: _Needs
    loosely: bool = False
    acts: list[dict[str, Any]] = field(default_factory=list)
    trail: list[tuple[datetime, State]] = field(default_factory=list)

    def go(self) -> Played:
        times = LocalTimes(self.base.zone, self.base.start)
        start = times.instant("00:00")
        away = start + _AWAY
        simulation = Simulation(self.revision, [AbsenceOf(person=p, start=start, end=away) for p in self.needs.away])
        life, opened, failed = self._open(simulation, times)
        self._everybody_is_there_or_not(simulation, life, self.steps[0] if self.steps else None, opened)
        now, before = opened, _standing(life)
        self.trail.append((now, life.state))
        for number, step in enumerate(() if failed else self.steps[1:], start=2):
            before = _standing(life)
            now, failed = self._try(simulation, life, step, times, now, last=number == len(self.steps))
            self.trail.append((now, life.state))
            if failed:
                break
            if number < len(self.steps) and not self.loosely and step.phase != life.state.phase.value:
                raise Unplayable(f"after `{step.label}` it is {life.state.phase.value}, and not {step.phase}")
        absences = [{"person": p, "from": local(times, start), "until": local(times, away)} for p in self.needs.away]
        manager = _whom(simulation, life.contract.owners["escalation_owner"], now)
        rungs = {str(rung.name): _whom(simulation, rung.owner, now) for rung in life.contract.ladder}
        trail, acts = tuple(self.trail), tuple(self.acts)
        return Played(acts, tuple(absences), opened, now, before, life.state, manager, failed, trail, rungs)

    def _open(self, simulation: Simulation, times: LocalTimes) -> tuple[Life, datetime, str]:
        """What the ticket opens, and when; and how the simulation failed, if it did already then."""
        ticket = next(iter(self.base.tickets.values()))
        self._from_the_start(simulation, times, times.instant(ticket.at))
        opened = opened_by(simulation, self.base, times)
        if opened.life is None:
            raise Unplayable("the ticket of the first scenario opens nothing")
        self.acts += [each.model_dump(mode="json", exclude_unset=True, exclude={"ticket"}) for each in opened.changes]
        return opened.life, opened.at, opened.failed

    def _try(
        self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime, *, last: bool
    ) -> tuple[datetime, str]:
        """Play a step; when it was, and how the engine failed: in the last step, or by going round before."""
        try:
            return self._step(simulation, life, step, times, now), ""
        except (Unplayable, _Further):
            raise
        except SimulationLimit as limit:  # it went round, so there is no end to come to
            return now, _said(limit)
        except Exception as error:
            if not last:
                raise Unplayable(f"the engine fails at `{step.label}`, before the end of the course") from error
            return now, _said(error)

    def _from_the_start(self, simulation: Simulation, times: LocalTimes, now: datetime) -> None:
        simulation.world.silent.update(self.needs.silent)
        simulation.world.kinds_that_fail = frozenset(self.needs.failing)
        self.acts += [{"at": local(times, now), "do": "undelivered", "who": each} for each in self.needs.silent]
        self.acts += [{"at": local(times, now), "do": "step_fails", "step": each} for each in self.needs.failing]

    def _everybody_is_there_or_not(self, simulation: Simulation, life: Life, step: Step | None, now: datetime) -> None:
        """Whoever would be on call where nobody is to be must be away from the start."""
        for words in step.world if step is not None else ():
            ref = _reference(life, words)
            there = _whom(simulation, ref, now) if ref is not None else None
            if words.endswith("nobody on call") and there is not None:
                raise _Further(replace(self.needs, away=(*self.needs.away, there)))
            if words.endswith("somebody on call") and ref is not None and there is None:
                raise Unplayable(f"whoever would be {words.partition(':')[0]} is away already for somebody else")

    def _step(self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> datetime:
        if step.kind == "time":
            return self._pass(simulation, life, step, times, now)
        if step.type == "FailDelivery" and "reaches nobody" in step.label:
            self._silence(life)
            return now
        if step.type == "FailStep":
            kind = step.label.partition("(")[2].partition(")")[0]
            if kind not in self.needs.failing:
                raise _Further(replace(self.needs, failing=(*self.needs.failing, kind)))
            return now
        if step.type in _AS_IT_IS:
            return now
        now += _MINUTE
        simulation.run(now, including=True)
        self._leave(simulation, life, step, times, now)
        if step.type == "NoteRoster":
            return now
        fields = helpdesk_fields(life, step)
        if fields is not None:
            key = life.ticket
            self.acts.append({"at": local(times, now), "do": "update", "fields": fields})
            if not simulation.update(key, times.fields(simulation.fields, fields), now):
                raise Unplayable(f"`{step.label}` changes nothing of the ticket")
            return now
        if step.type == "NoteGone":
            self.acts.append({"at": local(times, now), "do": "delete"})
            simulation.delete(life.ticket, now)
            return now
        if step.type == "HandOver" and step.label.endswith("beyond the limit"):
            now = self._hand_on(simulation, life, step, times, now)
        if step.type in ("Resolve", "Close") and not step.args["facts"]["open_tasks"]:
            self._finish_tasks(simulation, life, times, now)
        self._give(simulation, life, step, times, now)
        return now

    def _finish_tasks(self, simulation: Simulation, life: Life, times: LocalTimes, now: datetime) -> None:
        """The tickets that the runbook created are solved, since the course knows of none that is not."""
        record = life.contract.record
        done = {record.lifecycle: record.done[0]}
        for task in simulation.facts(life).open_tasks:
            self.acts.append({"at": local(times, now), "do": "update", "ticket": task, "fields": done})
            simulation.update(task, times.fields(simulation.fields, done), now)

    def _hand_on(self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> datetime:
        """As many handoffs as are allowed, each accepted: an exploration tries what is beyond without them."""
        accept = replace(step, label="accept the handoff offer", who="asked", type="Accept", args={"answers": {}})
        every = {check.name: True for check in life.contract.checklist}
        for _ in range(life.contract.handoff.at_most):
            self._give(simulation, life, step, times, now)
            self._give(simulation, life, replace(accept, args={"answers": every}), times, now + _MINUTE)
            now += 2 * _MINUTE
        return now

    def _give(self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> None:
        plain = act_of(simulation, life, step, times, now)
        self.acts.append(plain)
        act = Act.model_validate(plain)
        refused = simulation.give(life, command_of(act, simulation, life, times), act.by or "", now)
        if refused is not None:
            raise Unplayable(f"`{step.label}` is refused: {refused}")

    def _silence(self, life: Life) -> None:
        """No channel takes what goes to whoever is asked; from the start, since the message is sent with the offer."""
        asked = next((offer.to for offer in life.state.offers.values() if offer.purpose == "ladder"), None)
        silent = asked or accountable(life.state)
        if silent is not None and silent not in self.needs.silent:
            raise _Further(replace(self.needs, silent=(*self.needs.silent, silent)))

    def _pass(self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> datetime:
        """Let the deadline pass that falls due in this step; it must be the next one."""
        if any(words in step.label for words in _UNHEARD):
            self._silence(life)
        for _ in range(_PASSES):
            due = min((each for each in deadlines(life.state) if _concerns(step, each, life.state)), default=None)
            if due is None or due.sort != step.sort:
                if due is None or not self._changes_nothing(simulation, life, due):
                    first = due_words(due.sort) if due is not None else "nothing"
                    raise Unplayable(f"`{due_words(step.sort)}` cannot come next: `{first}` comes first")
                now = max(now, due.at)
                continue
            self._leave(simulation, life, step, times, max(now, due.at - _MINUTE))
            simulation.run(due.at, including=True)
            now = max(now, due.at)
            if step.sort != "offer" or life.state.phase.value in (step.phase, "accepted") or life.state.phase.over:
                break
        return now

    def _changes_nothing(self, simulation: Simulation, life: Life, due: Deadline) -> bool:
        """Let a deadline pass of which the course says nothing, such as a reminder's; whether it stands as before."""
        before = _shape(life.state)
        simulation.run(due.at, including=True)
        return self.loosely or _shape(life.state) == before

    def _leave(self, simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> None:
        """Whoever must be away for this step says so shortly before."""
        leaving = []
        for words in step.world:
            ref = _reference(life, words)
            if words.endswith(" is away"):
                leaving.append(people_in(life.state).get(words.removesuffix(" is away")))
            elif words.endswith("nobody on call") and ref is not None:
                leaving.append(_whom(simulation, ref, now))
        for person in filter(None, leaving):
            simulation.run(now, including=True)
            self.acts.append({"at": local(times, now), "do": "absent", "who": person})
            self.acts[-1]["until"] = local(times, now + _AWAY)
            try:
                simulation.enter(AbsenceEntry(person=person, start=now, end=now + _AWAY), now)
            except OverlayRefused as refused:
                raise Unplayable(f"{person} cannot be away for `{step.label}`: {refused}") from refused


def _concerns(step: Step, due: Deadline, state: State) -> bool:
    """Whether a deadline is one of the course: those of the runbook pass beside it, unless the step is about one."""
    if due.sort == "offer" and state.offers[int(due.key)].run is not None:
        return "question" in step.label
    return due.sort == step.sort or due.sort not in _OF_THE_RUNBOOK


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _shape(state: State) -> tuple[object, ...]:
    """How it stands, whoever the people are."""
    asked = sorted(offer.purpose for offer in state.offers.values() if offer.run is None)
    classes = sorted(each.exception_class for each in state.exceptions.values())
    return state.phase, state.rung, state.ladder_pass, state.outcome_missed, asked, classes


def _standing(life: Life) -> Standing:
    state = life.state
    classes = tuple(each.exception_class for each in state.exceptions.values())
    return Standing(state.phase.value, accountable(state), classes)


def _reference(life: Life, words: str) -> OwnerRef | None:
    """The reference of which the world says who is on call; None if it speaks of something else."""
    name = words.partition(": ")[0]
    contract = life.contract
    if name.startswith("path owner of "):
        return contract.class_of(name.removeprefix("path owner of ")).owner
    if name.startswith("handoff ") and name[8:].isdecimal():
        return contract.handoff.sequence[int(name[8:]) - 1]
    rungs = {rung.name.replace("_", " "): rung.owner for rung in contract.ladder}
    return rungs.get(name) or contract.owners.get(name.replace(" ", "_"))


def _whom(simulation: Simulation, ref: OwnerRef | None, at: datetime) -> str | None:
    found = simulation.rosters.now.on_call(ref, at) if ref is not None else None
    return found.id if isinstance(found, Person) else None
