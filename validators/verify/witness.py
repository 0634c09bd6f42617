"""A course of an exploration made concrete: played in the simulator, with people and times, and written as a scenario.

What cannot be played as it was found is not written: an exploration lets any deadline be next, and real times may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act, Scenario
from runner.engine.state import Phase, State, accountable, deadlines
from validators.simulate import Life, Simulation
from validators.simulate.acts import command_of
from validators.verify.story import Step
from validators.verify.verdict import Violation

__all__ = ["Played", "Unplayable", "played", "scenario_plain"]

_MINUTE: Final = timedelta(minutes=1)
_ACTS: Final[Mapping[str, str]] = {
    "Accept": "accept",
    "Reject": "reject",
    "Escalate": "escalate",
    "HandOver": "hand_over",
    "Progress": "progress",
    "Unaccept": "unaccept",
    "CompleteChecklist": "complete_checklist",
    "Wait": "wait",
    "Resume": "resume",
    "Resolve": "resolve",
    "Close": "close",
    "RaiseException": "raise_exception",
    "EndException": "end_exception",
    "Cancel": "cancel",
    "Answer": "answer",
    "Clarify": "clarify",
    "RollBack": "roll_back",
    "Reopen": "reopen",
}

_REFUSALS: Final[Mapping[str, str]] = {
    "resolve": "not_verified",
    "close": "not_verified",
    "accept": "checklist_incomplete",
    "complete_checklist": "checklist_incomplete",
    "hand_over": "handoff_incomplete",
    "wait": "waiting_out_of_bounds",
}
"""With what an act should be refused that went through."""


class Unplayable(Exception):
    """The course cannot be played as it was found; the message says where it stops."""


@dataclass(frozen=True, slots=True)
class Played:
    """A course as it was played: the acts with their instants, and how it stood at the end."""

    acts: tuple[dict[str, Any], ...]
    opened: datetime
    ended: datetime
    state: State


def played(revision: Revision, base: Scenario, violation: Violation) -> Played:
    """Play the course of a violation from the opening of a scenario. Raises Unplayable."""
    times = LocalTimes(base.zone, base.start)
    simulation = Simulation(revision)
    key, ticket = next(iter(base.tickets.items()))
    now = times.instant(ticket.at)
    simulation.create(key, times.fields(simulation.fields, ticket.fields), now)
    while simulation.latest(key) is None:
        due = simulation.next_due()
        if due is None or due > now + timedelta(days=8):
            raise Unplayable("the ticket of the first scenario opens nothing")
        simulation.run(now := due, including=True)
    life = simulation.latest(key)
    if life is None:
        raise AssertionError("it was opened")
    opened, acts = now, []
    for number, step in enumerate(violation.steps[1:], start=2):
        last = number == len(violation.steps)
        if step.kind == "time":
            now = _pass(simulation, life, step, now)
        else:
            now += _MINUTE
            simulation.run(now, including=True)
            acts.append(_do(simulation, life, step, times, now, last=last))
        if not last and step.phase != life.state.phase.value:
            raise Unplayable(f"after `{step.label}` it is {life.state.phase.value}, and not {step.phase}")
    return Played(tuple(acts), opened, now, life.state)


def _pass(simulation: Simulation, life: Life, step: Step, now: datetime) -> datetime:
    """Let the deadline pass that falls due in this step; it must be the next one."""
    due = min((each for each in deadlines(life.state) if each.sort not in ("step", "record")), default=None)
    if due is None or due.sort != step.sort:
        raise Unplayable(f"{step.label} is not what falls due next, but {due.sort if due else 'nothing'}")
    simulation.run(due.at, including=True)
    return max(now, due.at)


def _do(
    simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime, *, last: bool
) -> dict[str, Any]:
    plain = _act(simulation, life, step, times, now)
    act = Act.model_validate(plain)
    refused = simulation.give(life, command_of(act, simulation, life, times), act.by or "", now)
    if refused is not None:
        raise Unplayable(f"`{step.label}` is refused{' as it should be' if last else ''}: {refused}")
    return plain


def _act(simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> dict[str, Any]:
    """The act of a scenario that gives the same command."""
    args, do = step.args, _ACTS.get(step.type)
    plain: dict[str, Any] = {"at": _local(times, now), "do": do}
    if step.type == "Override":
        plain["do"] = "override_close" if args["action"] == "close" else args["action"]
    elif do is None:
        raise Unplayable(f"a scenario has no act for `{step.label}`")
    plain["by"] = _who(simulation, life, step)
    match step.type:
        case "Reject":
            plain["why"] = args["why"]
        case "HandOver":
            plain |= {"to": _other(simulation, life), "text": "As verified.", "next_step": "Go on."}
            plain |= {"artifacts": ["a log"], "expected_at": _local(times, now + timedelta(hours=1))}
        case "Accept" if not args["answers"]:
            plain["answers"] = {}
        case "RaiseException":
            plain["exception_class"] = args["exception_class"]
        case "Close":
            plain["code"] = args["code"]
        case "Override":
            plain |= {"to": _other(simulation, life)} if args["action"] == "give" else {}
            plain |= {"code": args["code"]} if args["code"] else {}
        case "Wait":
            plain["for"] = args["for_"]
        case "Resolve" if args["facts"]["evidence"]:
            plain["evidence"] = dict.fromkeys(args["facts"]["evidence"], "seen")
        case _:
            pass
    return plain


def _local(times: LocalTimes, at: datetime) -> str:
    """An instant as scenarios write it, in their own zone."""
    return f"{at.astimezone(times.zone):%Y-%m-%d %H:%M:%S}"


def _who(simulation: Simulation, life: Life, step: Step) -> str:
    state = life.state
    found: str | None
    match step.who:
        case "asked":
            found = next((offer.to for offer in state.offers.values() if offer.purpose in step.label), None)
            found = found or next((offer.to for offer in state.offers.values()), None)
        case "owner" | "accountable":
            found = accountable(state) if not state.phase.over else state.previous
        case "path owner" | "task owner":
            found = next((each.owner for each in state.exceptions.values()), None)
        case "manager":
            people = simulation.revision.policies.people.people
            jobs = set(life.contract.override_jobs)
            found = next((name for name, each in people.items() if jobs & set(each.jobs)), None)
        case _:
            found = _other(simulation, life)
    if found is None:
        raise Unplayable(f"nobody is there to `{step.label}`")
    return found


def _other(simulation: Simulation, life: Life) -> str:
    """Somebody who has no part in it and no rights."""
    state, jobs = life.state, set(life.contract.override_jobs)
    known = {
        state.holder,
        state.giver,
        *state.asked,
        *(offer.to for offer in state.offers.values()),
        *state.owners.values(),
    }
    for name, each in simulation.revision.policies.people.people.items():
        if name not in known and not jobs & set(each.jobs):
            return name
    raise Unplayable("everybody has a part in it")


def scenario_plain(base: Scenario, name: str, violation: Violation, course: Played) -> dict[str, Any]:
    """The scenario as JSON data: it fails as long as the property does not hold.

    Raises Unplayable if what should be instead cannot be said in a scenario.
    """
    times, acts = LocalTimes(base.zone, base.start), [dict(act) for act in course.acts]
    end = _local(times, course.ended + _MINUTE)
    expect: list[dict[str, Any]]
    match violation.name:
        case "refuses" | "proven" | "earned" if acts:
            acts[-1]["refused"] = _REFUSALS.get(acts[-1]["do"], "not_allowed")
            before = violation.steps[-2].phase if len(violation.steps) > 1 else Phase.OFFERED.value
            expect = [{"at": end, "state": before}]
        case "manager-knows":
            expect = [
                {"at": _local(times, course.opened + timedelta(seconds=violation.limit or 0)), "reason": "no_answer"}
            ]
        case _:
            raise Unplayable(f"no expectation of a scenario says that {violation.words.split(':')[0]}")
    key, ticket = next(iter(base.tickets.items()))
    plain: dict[str, Any] = {
        "schema": "surety/v1",
        "kind": "Scenario",
        "name": name,
        "summary": f"Found by surety verify, property {violation.name}: {violation.words}.",
        "start": base.start,
        "zone": base.zone,
        "tickets": {key: ticket.model_dump(mode="json")},
    }
    return {**plain, **({"acts": acts} if acts else {}), "expect": expect}
