"""Runs: the steps of a lifecycle point, one after the other, beside the ladder, which never waits for them."""

from __future__ import annotations

from collections.abc import Iterator

from runner.contract.contract import StepOf
from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.commands import FailStep, Scalar, SucceedStep
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from runner.engine.state import Run, accountable

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


def _request(draft: Draft, run: str, position: int, step: StepOf, attempt: int = 1, *, skipped: int = 0) -> None:
    who = _resolve(draft, step)
    due = draft.after(step.timeout or draft.contract.limits.step_within)
    reason = Reason.STEP if attempt == 1 else Reason.TRIED_AGAIN
    awaited = step.within is not None and not draft.state.phase.over
    requested = made(
        ev.StepRequested,
        reason=reason,
        rule=step.rule,
        run=run,
        step=position,
        attempt=attempt,
        who=who,
        due=due,
        react_by=draft.ends(step.within) if step.within is not None and awaited else None,
        skipped=skipped,
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

    A try that timed out counts when it succeeds before the next one begins, and a task that was given up counts when
    its ticket is created after all.
    """
    run = draft.state.runs.get(result.run)
    if run is None or not _awaits(run, result):
        if isinstance(result, SucceedStep) and f"{result.run}/{result.step}" in draft.state.failed_tasks:
            _succeed(draft, result, draft.steps(result.run.partition("#")[0])[result.step])
        else:
            draft.ignore(f"{result.run}/{result.step}", draft.rule("/runbook"))
        return
    step = draft.steps(run.point)[run.step]
    if isinstance(result, SucceedStep):
        _succeed(draft, result, step)
        _go_on(draft, run)
    else:
        _fail(draft, run, step, Reason.FAILED, result.why)


def _awaits(run: Run, result: SucceedStep | FailStep) -> bool:
    this_try = (run.step, run.attempt) == (result.step, result.attempt)
    return this_try and (isinstance(result, SucceedStep) or not run.waiting)


def _succeed(draft: Draft, result: SucceedStep, step: StepOf) -> None:
    kept = {key: value for key, value in result.result.items() if _small(value)}
    if step.task:
        kept["task"] = True
    done = made(
        ev.StepSucceeded,
        reason=Reason.DONE,
        rule=step.rule,
        run=result.run,
        step=result.step,
        name=step.name,
        result=kept,
    )
    draft.add(done)


def _small(value: Scalar) -> bool:
    return not isinstance(value, str) or len(value.encode()) <= _RESULT_BYTES


def expire_step(draft: Draft, run: Run) -> None:
    """No result came in time, so the step failed; or the pause is over, and it is tried again.

    A step that need not be finished is not tried again once the escalation has left the state.
    """
    step = draft.steps(run.point)[run.step]
    if not run.waiting:
        _fail(draft, run, step, Reason.TIMED_OUT, "timed_out")
    elif _may_begin(run, step):
        _request(draft, run.id, run.step, step, run.attempt + 1)
    else:
        _fail(draft, run, step, Reason.LEFT_STATE, "left_state")


def _may_begin(run: Run, step: StepOf) -> bool:
    return not run.leaving or step.on_leave == "finish"


def _fail(draft: Draft, run: Run, step: StepOf, reason: Reason, why: str) -> None:
    """The step failed: it is tried again after a pause, or given up, and then the run goes on or stops."""
    again = step.retry if step.retry is not None and run.attempt <= step.retry.times and _may_begin(run, step) else None
    failed = made(
        ev.StepFailed,
        reason=reason,
        rule=limit_rule("step_within") if reason is Reason.TIMED_OUT and step.timeout is None else step.rule,
        run=run.id,
        step=run.step,
        why=why[:256],
        task=step.task,
        retry_at=draft.after(again.every) if again is not None else None,
    )
    draft.add(failed)
    if again is not None:
        return
    if step.on_error == "stop":
        _stop(draft, run, step, reason)
    else:
        draft.tell_manager("step_failed", reason, step.rule)
        _go_on(draft, run)


def _stop(draft: Draft, run: Run, step: StepOf, reason: Reason) -> None:
    """Do nothing more of the run: whoever is accountable and the escalation owner hear of it.

    A task that is not begun counts as failed, so that nothing is closed as if it had never been wanted.
    """
    draft.tell_manager("run_stopped", reason, step.rule)
    owner = accountable(draft.state)
    if owner is not None and owner != draft.manager().id:
        draft.tell(owner, "run_stopped", reason, step.rule)
    steps = draft.steps(run.point)
    for position in _following(steps, run.step):
        if steps[position].task and _may_begin(run, steps[position]):
            rule = steps[position].rule
            lost = made(
                ev.StepFailed, reason=Reason.STOPPED, rule=rule, run=run.id, step=position, why="not_begun", task=True
            )
            draft.add(lost)
    _end(draft, run, stopped=True)


def _go_on(draft: Draft, run: Run) -> None:
    """Request the next step that may begin; the run is over when there is none."""
    here, steps = draft.state.runs[run.id], draft.steps(run.point)
    for skipped, position in enumerate(_following(steps, run.step)):
        if _may_begin(here, steps[position]):
            _request(draft, run.id, position, steps[position], skipped=skipped)
            return
    _end(draft, run)


def _following(steps: tuple[StepOf, ...], position: int) -> Iterator[int]:
    """The positions of the steps behind one, in order; what is inside a choice comes only when it is chosen."""
    while (position := _behind(steps, position)) < len(steps):
        yield position


def _behind(steps: tuple[StepOf, ...], position: int) -> int:
    then = steps[position].then
    return then if then is not None else position + 1


def _end(draft: Draft, run: Run, *, stopped: bool = False) -> None:
    skipped = draft.state.runs[run.id].skipped + sum(1 for _ in _following(draft.steps(run.point), run.step))
    reason = Reason.STOPPED if stopped else Reason.LEFT_STATE if skipped else Reason.DONE
    draft.add(made(ev.RunEnded, reason=reason, rule=draft.rule(f"/runbook/{run.point}"), run=run.id, skipped=skipped))
