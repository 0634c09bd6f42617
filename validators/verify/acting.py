"""The moves of an exploration as acts of a scenario: who does it by name, and with what. Plays nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from runner.contract.local_time import LocalTimes
from runner.engine.state import accountable
from validators.simulate import Life, Simulation
from validators.verify.story import Step

__all__ = ["Unplayable", "act_of", "helpdesk_fields", "local", "other_person"]

_ACTS: Final[Mapping[str, str]] = {
    "Accept": "accept",
    "AddTask": "add_task",
    "Answer": "answer",
    "AttachPostmortem": "attach_postmortem",
    "Cancel": "cancel",
    "Clarify": "clarify",
    "Close": "close",
    "CompleteChecklist": "complete_checklist",
    "EndException": "end_exception",
    "Escalate": "escalate",
    "FinishTask": "finish_task",
    "HandOver": "hand_over",
    "Progress": "progress",
    "RaiseException": "raise_exception",
    "Reject": "reject",
    "Reopen": "reopen",
    "Resolve": "resolve",
    "Resume": "resume",
    "RollBack": "roll_back",
    "Snooze": "snooze",
    "Unaccept": "unaccept",
    "Wait": "wait",
}
_TASK: Final = "What is to be done."
_PLAIN: Final = ("yes", "number", "choice", "instant")


class Unplayable(Exception):
    """The course cannot be played as it was found; the message says where it stops."""


def act_of(simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> dict[str, Any]:
    """The act of a scenario that gives the same command. Raises Unplayable if there is none."""
    args, do = step.args, _ACTS.get(step.type)
    plain: dict[str, Any] = {"at": local(times, now), "do": do}
    if step.type == "Override":
        plain["do"] = "override_close" if args["action"] == "close" else args["action"]
    elif do is None:
        raise Unplayable(f"a scenario has no act for `{step.label}`")
    plain["by"] = _who(simulation, life, step)
    return plain | _more(simulation, life, step, times, now)


def _more(simulation: Simulation, life: Life, step: Step, times: LocalTimes, now: datetime) -> dict[str, Any]:
    """What the act says beside who does it."""
    args, later = step.args, local(times, now + timedelta(hours=1))
    match step.type:
        case "Reject":
            return {"why": args["why"]}
        case "HandOver":
            given = {"text": "reason", "next_step": "next_step", "artifacts": "artifacts", "expected_at": "expected_at"}
            said = {"text": "As verified.", "next_step": "Go on.", "artifacts": ["a log"], "expected_at": later}
            to = {"to": other_person(simulation, life)} if args["to"] is not None else {}
            return to | {key: said[key] for key, name in given.items() if args[name]}
        case "Accept" | "CompleteChecklist":
            return _answers(life, args["answers"])
        case "RaiseException":
            tasks = [{"title": _TASK, "owner": other_person(simulation, life)}] if args["tasks"] else []
            plan = {"plan": "As verified."} if args["plan"] else {}
            return {"exception_class": args["exception_class"], **plan, **({"tasks": tasks} if tasks else {})}
        case "AddTask" | "FinishTask":
            task = {"title": _TASK, "owner": other_person(simulation, life)}
            return {"tasks": [task]} if step.type == "AddTask" else {"task": _TASK}
        case "AttachPostmortem":
            return {"to": accountable(life.state)}
        case "Override" | "Close" if step.type == "Close" or args["action"] == "close":
            return {"code": args["code"]}
        case "Override":
            return {"to": other_person(simulation, life)} if args["action"] == "give" else {}
        case "Wait" | "Snooze":
            until = {"until": later} if args["until"] else {}
            return {"for": args["for_"], **until} if step.type == "Wait" else until
        case "Resolve":
            given = args["facts"]["evidence"]
            return {"evidence": dict.fromkeys(given, "seen")} if given else {}
        case _:
            return {}


def _answers(life: Life, given: Mapping[str, Any]) -> dict[str, Any]:
    """The checklist: as it wants to be if all of it is answered, else only what is."""
    every = life.contract.checklist
    if all(check.name in given for check in every):
        return {}
    sample = {check.name: check for check in every}
    return {"answers": {name: value for name, value in given.items() if sample[name].answer in _PLAIN}}


def helpdesk_fields(life: Life, step: Step) -> dict[str, Any] | None:
    """What somebody changes in the helpdesk, as fields of the ticket; None if the step is no such change."""
    record = life.contract.record
    match step.type:
        case "NoteSolvedOutside":
            given = step.args["facts"]["evidence"]
            needs = [need for need in life.contract.evidence if need.name in given]
            if any(need.field is None for need in needs):
                raise Unplayable("the ticket has no field for the proof")
            return {record.lifecycle: record.done[0], **{need.field: "seen" for need in needs if need.field}}
        case "NoteReopened":
            return {record.lifecycle: record.reopen_to}
        case "NoteDrift":
            return {record.owner: None}
        case _:
            return None


def local(times: LocalTimes, at: datetime) -> str:
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
        case "path owner":
            found = next((each.owner for each in state.exceptions.values()), None)
        case "task owner":
            tasks = (task for each in state.exceptions.values() for task in each.tasks.values())
            found = next((task.owner for task in tasks), None)
        case "manager":
            people = simulation.revision.policies.people.people
            jobs = set(life.contract.override_jobs)
            found = next((name for name, each in people.items() if jobs & set(each.jobs)), None)
        case _:
            found = other_person(simulation, life)
    if found is None:
        raise Unplayable(f"nobody is there to `{step.label}`")
    return found


def other_person(simulation: Simulation, life: Life) -> str:
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
