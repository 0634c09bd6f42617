"""Runs: the steps of a lifecycle point, one after the other, beside the ladder, which never waits for them."""

from __future__ import annotations

from runner.contract.contract import StepOf
from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.commands import FailStep, Scalar, SucceedStep
from runner.engine.draft import Draft, limit_rule
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from runner.engine.state import Run, accountable
from runner.engine.work_events import made

__all__ = ["expire_step", "start_run", "step_done"]

_RESULT_BYTES = 256
"""Larger texts do not belong in a state; a step that makes one keeps it elsewhere and returns its name."""


def start_run(draft: Draft, point: str) -> None:
    """Begin the steps of a point, if it has any."""
    steps = draft.steps(point)
    if not steps:
        return
    run = f"{point}#{draft.state.occurrences.get(point, 0) + 1}"
    rule = draft.rule(f"/runbook/{point}")
    draft.add(made(ev.RunStarted, reason=Reason.LIFECYCLE, rule=rule, run=run, point=point, steps=len(steps)))
    _request(draft, run, 0, steps[0])


def _request(draft: Draft, run: str, position: int, step: StepOf) -> None:
    who = _resolve(draft, step)
    due = draft.after(draft.contract.limits.step_within)
    requested = made(
        ev.StepRequested, reason=Reason.STEP, rule=step.rule, run=run, step=position, attempt=1, who=who, due=due
    )
    draft.add(requested)


def _resolve(draft: Draft, step: StepOf) -> str | None:
    """The person whom a step means; the escalation owner stands in for whom nobody can reach."""
    state = draft.state
    match step.who:
        case None:
            return None
        case "owner":
            return accountable(state) or state.previous
        case "previous_owner":
            return state.previous or accountable(state)
        case "escalation_owner":
            return draft.manager().id
        case OwnerRef() as ref:
            found = draft.world.on_call(ref, draft.now)
        case rung:
            found = draft.world.on_call(draft.contract.owners[rung], draft.now)
    return draft.manager().id if isinstance(found, Nobody) else found.id


def step_done(draft: Draft, result: SucceedStep | FailStep) -> None:
    """Take the result of a step and go on with the next; anything that is not awaited is stale.

    A task that was given up counts when its ticket is created after all.
    """
    run = draft.state.runs.get(result.run)
    if run is None or (run.step, run.attempt) != (result.step, result.attempt):
        if isinstance(result, SucceedStep) and f"{result.run}/{result.step}" in draft.state.failed_tasks:
            _succeed(draft, result, draft.steps(result.run.partition("#")[0])[result.step])
        else:
            draft.ignore(f"{result.run}/{result.step}", draft.rule("/runbook"))
        return
    step = draft.steps(run.point)[run.step]
    if isinstance(result, SucceedStep):
        _succeed(draft, result, step)
    else:
        _fail(draft, run, step, Reason.FAILED, result.why)
    _go_on(draft, run)


def _succeed(draft: Draft, result: SucceedStep, step: StepOf) -> None:
    kept = {key: value for key, value in result.result.items() if _small(value)}
    if step.task:
        kept["task"] = True
    draft.add(made(ev.StepSucceeded, reason=Reason.DONE, rule=step.rule, run=result.run, step=result.step, result=kept))


def expire_step(draft: Draft, run: Run) -> None:
    """No result came in time: the step failed, and the run goes on."""
    step = draft.steps(run.point)[run.step]
    _fail(draft, run, step, Reason.TIMED_OUT, "timed_out")
    _go_on(draft, run)


def _small(value: Scalar) -> bool:
    return not isinstance(value, str) or len(value.encode()) <= _RESULT_BYTES


def _fail(draft: Draft, run: Run, step: StepOf, reason: Reason, why: str) -> None:
    rule = step.rule if reason is Reason.FAILED else limit_rule("step_within")
    failed = made(ev.StepFailed, reason=reason, rule=rule, run=run.id, step=run.step, why=why[:256], task=step.task)
    draft.add(failed)
    draft.tell_manager("step_failed", reason, step.rule)


def _go_on(draft: Draft, run: Run) -> None:
    steps = draft.steps(run.point)
    leaving = draft.state.runs[run.id].leaving
    for position in range(run.step + 1, len(steps)):
        if not leaving or steps[position].on_leave == "finish":
            _request(draft, run.id, position, steps[position])
            return
    skipped = draft.state.runs[run.id].skipped + len(steps) - run.step - 1
    reason = Reason.LEFT_STATE if skipped else Reason.DONE
    draft.add(made(ev.RunEnded, reason=reason, rule=draft.rule(f"/runbook/{run.point}"), run=run.id, skipped=skipped))
