"""The log of what steps changed: noted when a step is done, so that it can be taken back. Takes nothing back itself.

What the world reports of a step has names with a dot for this: `was.FIELD` is what a field held before, `field.FIELD`
what was written, `with.INPUT` what an action was given, `undo.INPUT` what the action is to be given that takes it back.
A value that is too long or too private for the record goes by the digest of its text: `was_text.FIELD`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.contract.contract import Contract, StepOf
from runner.engine import events as ev
from runner.engine.commands import Command, FailStep, Scalar, SucceedStep
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import Reason
from runner.engine.runs import step_done
from runner.engine.state import Change, State

__all__ = ["changes_world", "standing", "standing_noes", "step_result", "tell_of_what_holds"]

_BEFORE = ("was.", "was_text.", "field.")
_INPUTS = ("undo.", "undo_text.")
_OF_THE_LOG = ("was.", "was_text.", "with.", *_INPUTS)


def changes_world(step: StepOf) -> bool:
    """Whether something is different when the step is done, so that it belongs into the log."""
    return step.changes or step.undo is not None or step.undo_by is not None


def step_result(draft: Draft, command: Command, args: SucceedStep | FailStep) -> None:
    """Take the result of a step, and note what it changed, also if nobody waits for it any more.

    The same result again notes nothing, and neither does one of a step that was never asked for.
    """
    del command
    asked = _asked(draft, args)
    if isinstance(args, SucceedStep):
        plain = {name: value for name, value in args.result.items() if not name.startswith(_OF_THE_LOG)}
        step_done(draft, args if len(plain) == len(args.result) else args.model_copy(update={"result": plain}))
    else:
        step_done(draft, args)
    if asked is None or not changes_world(asked) or _known(draft.state, f"{args.run}/{args.step}"):
        return
    if isinstance(args, SucceedStep):
        way = "settled" if _releases(draft, args, asked) else _way_back(asked)
        values = _values(args.result, asked) if way in ("restore", "action") else {}
        _log(draft, args, asked, way, values)
    elif args.unknown and f"{args.run}/{args.step}" not in _doubtful(draft.state):
        _log(draft, args, asked, "unknown", {})


def _asked(draft: Draft, result: SucceedStep | FailStep) -> StepOf | None:
    """The step of a result; None if it cannot have been asked for."""
    point, _, number = result.run.partition("#")
    steps, run = draft.steps(point), draft.state.runs.get(result.run)
    began = number.isdecimal() and 0 < int(number) <= draft.state.occurrences.get(point, 0)
    ahead = run is not None and (result.step, result.attempt) > (run.step, run.attempt)
    return steps[result.step] if began and not ahead and 0 <= result.step < len(steps) else None


def standing(contract: Contract, state: State) -> Iterator[tuple[Change, str, str]]:
    """The actions whose effect holds: the change, the action that was carried out, the one that takes it back."""
    for change in state.changes:
        step = contract.runbook[change.point][change.step]
        if change.undo == "action" and step.undo_by is not None:
            yield change, str(step.args.get("action", step.kind)), step.undo_by


def standing_noes(draft: Draft) -> list[str]:
    """Why it may not end yet, one for each action whose effect holds."""
    return [
        f"undone: {action} still holds; run {back}, or a manager may close with a rationale"
        for _, action, back in standing(draft.contract, draft.state)
    ]


def tell_of_what_holds(draft: Draft) -> None:
    """The escalation owner hears of every action whose effect outlasts an end that does not wait for it."""
    for change, action, back in standing(draft.contract, draft.state):
        rule = draft.contract.runbook[change.point][change.step].rule
        note = f"{action} still holds; run {back}"
        draft.tell(draft.manager().id, "still_holds", Reason.NOT_UNDONE, rule, note=note)


def _known(state: State, key: str) -> bool:
    """Whether it is known that this was done, whatever became of it since."""
    return key in state.taken_back or any(each.key == key and each.undo != "unknown" for each in state.changes)


def _doubtful(state: State) -> frozenset[str]:
    return frozenset(change.key for change in state.changes if change.undo == "unknown")


def _way_back(step: StepOf) -> ev.WayBack:
    if step.undo == "restore":
        return "restore"
    if step.undo_by is not None:
        return "action"
    return "never" if step.kept is not None else "none"


def _values(result: Mapping[str, Scalar], step: StepOf) -> dict[str, Scalar]:
    if step.undo == "restore":
        return {name: value for name, value in result.items() if name.startswith(_BEFORE)}
    inputs = {name.removeprefix("undo."): value for name, value in result.items() if name.startswith("undo.")}
    return inputs | {name: value for name, value in result.items() if name.startswith("undo_text.")}


def _releases(draft: Draft, result: SucceedStep, step: StepOf) -> bool:
    """Whether the step is the way back of earlier ones; those are released, and those undone already need nothing."""
    action = step.args.get("action")
    if step.kind != "action":
        return False
    given = {name.removeprefix("with."): value for name, value in result.result.items() if name.startswith("with.")}
    freed = [
        change
        for change, _, back in standing(draft.contract, draft.state)
        if back == action and all(given.get(name, value) == value for name, value in change.values.items())
    ]
    for change in freed:
        released = made(
            ev.StepReleased,
            reason=Reason.RELEASED,
            rule=step.rule,
            run=change.run,
            step=change.step,
            by_run=result.run,
            by_step=result.step,
        )
        draft.add(released)
    return bool(freed) or any(_undone_by(draft, key, action) for key in draft.state.taken_back)


def _undone_by(draft: Draft, key: str, action: object) -> bool:
    run, _, position = key.rpartition("/")
    step = draft.steps(run.partition("#")[0])[int(position)]
    return step.undo_by == action


def _log(
    draft: Draft, result: SucceedStep | FailStep, step: StepOf, way: ev.WayBack, values: dict[str, Scalar]
) -> None:
    late = any(isinstance(event, ev.ResultIgnored) for event in draft.events)
    reason = Reason.FAILED if isinstance(result, FailStep) else Reason.STALE if late else Reason.DONE
    logged = made(
        ev.ChangeLogged, reason=reason, rule=step.rule, run=result.run, step=result.step, undo=way, values=values
    )
    draft.add(logged)
