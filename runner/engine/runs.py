"""Runs: the steps of a lifecycle point, one after the other, beside the ladder, which never waits for them.

What a question, a choice or a wait is decided on stands in modules of their own; here is only how a run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from runner.contract.contract import StepOf
from runner.engine import events as ev
from runner.engine.choosing import QUESTIONS, branch_of, by_answers, by_engine
from runner.engine.commands import FailStep, Scalar, SucceedStep
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.parties import named
from runner.engine.questions import Addressee, addressee, ask, withdraw_question
from runner.engine.reasons import Reason
from runner.engine.state import Run, accountable
from runner.engine.wait_steps import HOLDS

__all__ = ["expire_step", "fail_step", "finish_step", "halt", "leave_steps", "start_run", "step_done"]

_DONE = {"choose": Reason.CHOSEN, "wait": Reason.CAME_TRUE}
"""Why a step of a kind is done; of any other because it was."""
_AWAITING = (*QUESTIONS, "wait")
"""Kinds of step that have a time of their own."""
_RESULT_BYTES = 256
"""Larger texts do not belong in a state; a step that makes one keeps it elsewhere and returns its name."""


def start_run(draft: Draft, point: str) -> None:
    """Begin the steps of a point, if it has any."""
    steps = draft.steps(point)
    if not steps:
        return
    run = f"{point}#{draft.state.occurrences.get(point, 0) + 1}"
    rule = draft.point_rule(point)
    draft.add(made(ev.RunStarted, reason=Reason.LIFECYCLE, rule=rule, run=run, point=point, steps=len(steps)))
    _request(draft, run, 0, steps[0])


def _request(draft: Draft, run: str, position: int, step: StepOf, attempt: int = 1, *, skipped: int = 0) -> None:
    to = addressee(draft, step) if step.kind in QUESTIONS else None
    who = to.person if to is not None else named(draft, step.who)
    reason = Reason.STEP if attempt == 1 else Reason.TRIED_AGAIN
    awaited = step.kind == "page" and not draft.state.phase.over
    requested = made(
        ev.StepRequested,
        reason=reason,
        rule=step.rule,
        run=run,
        step=position,
        attempt=attempt,
        who=who,
        due=_due(draft, step),
        react_by=draft.ends(step.within) if step.within is not None and awaited else None,
        skipped=skipped,
    )
    draft.add(requested)
    _begin(draft, draft.state.runs[run], step, to)


def _due(draft: Draft, step: StepOf) -> datetime:
    """By when a step is to be done: a question and a wait have a time of their own."""
    if step.kind in _AWAITING and step.within is not None:
        return draft.ends(step.within)
    return draft.after(step.timeout or draft.contract.limits.step_within)


def _begin(draft: Draft, run: Run, step: StepOf, to: Addressee | None) -> None:
    """What of a step needs nothing of the world: asking, and choosing by answers."""
    if step.kind in QUESTIONS:
        if draft.state.phase.over:  # nobody can be held to an answer any more
            fail_step(draft, run, step, Reason.LEFT_STATE, "left_state")
        elif to is None:
            fail_step(draft, run, step, Reason.OWN_APPROVAL, "nobody_may_approve")
        else:
            ask(draft, run.id, run.step, step, to)
    elif step.kind == "choose":
        branch = by_answers(step, run.results)
        if branch is not None:
            finish_step(draft, run, step, {"branch": branch}, Reason.CHOSEN)


def step_done(draft: Draft, result: SucceedStep | FailStep) -> None:
    """Take the result of a step and go on with the next; anything that is not awaited is stale.

    A try that timed out counts when it succeeds before the next one begins, and a task that was given up counts when
    its ticket is created after all.
    """
    run = draft.state.runs.get(result.run)
    if run is None or not _awaits(draft, run, result):
        if isinstance(result, SucceedStep) and f"{result.run}/{result.step}" in draft.state.failed_tasks:
            step = draft.steps(result.run.partition("#")[0])[result.step]
            _succeed(draft, result.run, result.step, result.result, step, Reason.DONE)
        else:
            draft.ignore(f"{result.run}/{result.step}", draft.rule("/runbook"))
        return
    step = draft.steps(run.point)[run.step]
    if isinstance(result, FailStep):
        fail_step(draft, run, step, Reason.FAILED, result.why)
    elif step.kind == "choose" and branch_of(step, result.result.get("branch")) is None:
        fail_step(draft, run, step, Reason.FAILED, "no_such_branch")
    elif step.kind != "wait" or result.result.get(HOLDS) is not False:  # false says that the wait goes on
        finish_step(draft, run, step, result.result, _DONE.get(step.kind, Reason.DONE))


def _awaits(draft: Draft, run: Run, result: SucceedStep | FailStep) -> bool:
    this_try = (run.step, run.attempt) == (result.step, result.attempt)
    asked = this_try and not by_engine(draft.steps(run.point)[run.step], run.results)
    return asked and (isinstance(result, SucceedStep) or not run.waiting)


def finish_step(draft: Draft, run: Run, step: StepOf, result: Mapping[str, Scalar], reason: Reason) -> None:
    """The step is done: go on with what follows, after a choice with its branch."""
    _succeed(draft, run.id, run.step, result, step, reason)
    branch = branch_of(step, result.get("branch")) if step.kind == "choose" else None
    _go_on(draft, run, start=branch.start if branch is not None else None)


def _succeed(  # noqa: PLR0917 - as it reads
    draft: Draft, run: str, position: int, result: Mapping[str, Scalar], step: StepOf, reason: Reason
) -> None:
    kept = {key: value for key, value in result.items() if _small(value)}
    if step.task:
        kept["task"] = True
    done = made(
        ev.StepSucceeded,
        reason=reason,
        rule=step.rule,
        run=run,
        step=position,
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
    if step.kind == "wait":
        _wait_is_over(draft, run, step)
    elif not run.waiting:
        fail_step(draft, run, step, Reason.TIMED_OUT, "timed_out")
    elif _may_begin(draft, run, step):
        _request(draft, run.id, run.step, step, run.attempt + 1)
    else:
        fail_step(draft, run, step, Reason.LEFT_STATE, "left_state")


def _wait_is_over(draft: Draft, run: Run, step: StepOf) -> None:
    """Its time has passed; where that was the bound of a wait for something, the step says what follows."""
    in_vain = step.args.get("until") is not None
    if in_vain and step.otherwise == "fail":
        fail_step(draft, run, step, Reason.IN_VAIN, "not_in_time")
        return
    if in_vain and step.otherwise == "escalate":
        draft.tell_manager("wait_over", Reason.IN_VAIN, step.rule)
    reason = Reason.IN_VAIN if in_vain else Reason.WAITED
    finish_step(draft, run, step, {HOLDS: False} if in_vain else {}, reason)


def leave_steps(draft: Draft) -> None:
    """Give up the questions and waits of runs whose state was left, unless they are to be finished.

    Once the escalation is over nobody is asked anything. What an approval was to allow is not done without it.
    """
    for run in list(draft.state.runs.values()):
        step = draft.steps(run.point)[run.step]
        if step.kind in _AWAITING and not _may_begin(draft, run, step):
            withdraw_question(draft, run.id, Reason.LEFT_STATE, step.rule)
            if step.kind == "approve":
                _end(draft, run, passed=1)
            else:
                _go_on(draft, run, passed=1)


def _may_begin(draft: Draft, run: Run, step: StepOf) -> bool:
    if draft.state.phase.over and step.kind in QUESTIONS:
        return False
    return not run.leaving or step.on_leave == "finish"


def fail_step(draft: Draft, run: Run, step: StepOf, reason: Reason, why: str) -> None:
    """The step failed: it is tried again after a pause, or given up, and then the run goes on or stops."""
    tries = step.retry.times if step.retry is not None and _may_begin(draft, run, step) else 0
    again = step.retry if run.attempt <= tries else None
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
    if step.on_error == "stop" or step.kind == "approve":
        _stop(draft, run, step, reason)
    else:
        draft.tell_manager("step_failed", reason, step.rule)
        _go_on(draft, run)


def _stop(draft: Draft, run: Run, step: StepOf, reason: Reason) -> None:
    """Do nothing more of the run: whoever is accountable and the escalation owner hear of it.

    Where it becomes an exception, the escalation owner hears of it with that.
    """
    if step.kind == "approve" or draft.state.phase.over or not draft.contract.knows("step_failed"):
        draft.tell_manager("run_stopped", reason, step.rule)
    owner = accountable(draft.state)
    if owner is not None and owner != draft.manager().id:
        draft.tell(owner, "run_stopped", reason, step.rule)
    _lose_tasks(draft, run)
    _end(draft, run, stopped=True)


def halt(draft: Draft, run: Run, reason: Reason) -> None:
    """Do nothing more of a run that is rolled back, and ask nobody what it has asked.

    Of tasks that are not begun because of that the escalation owner hears.
    """
    rule = draft.steps(run.point)[run.step].rule
    withdraw_question(draft, run.id, reason, rule)
    lost = len(draft.state.failed_tasks)
    _lose_tasks(draft, run)
    if len(draft.state.failed_tasks) > lost:
        draft.tell_manager("run_stopped", reason, rule)
    _end(draft, run, stopped=True)


def _lose_tasks(draft: Draft, run: Run) -> None:
    """A task that is not begun counts as failed, so that nothing is closed as if it had never been wanted."""
    steps = draft.steps(run.point)
    for position in _following(steps, run.step):
        if steps[position].task and _may_begin(draft, run, steps[position]):
            rule = steps[position].rule
            lost = made(
                ev.StepFailed, reason=Reason.STOPPED, rule=rule, run=run.id, step=position, why="not_begun", task=True
            )
            draft.add(lost)


def _go_on(draft: Draft, run: Run, *, start: int | None = None, passed: int = 0) -> None:
    """Request the next step that may begin; the run is over when there is none, or nothing was approved.

    `start` is the first step of the branch that was chosen, None if none was; `passed` is 1 if the last was given up.
    """
    here, steps = draft.state.runs[run.id], draft.steps(run.point)
    for skipped, position in enumerate(_following(steps, run.step, start), passed):
        if _may_begin(draft, here, steps[position]):
            _request(draft, run.id, position, steps[position], skipped=skipped)
            return
        if steps[position].kind == "approve":
            break
    _end(draft, run, start=start, passed=passed)


def _following(steps: tuple[StepOf, ...], position: int, start: int | None = None) -> Iterator[int]:
    """The positions of the steps behind one, in order; what is inside a choice comes only when it is chosen."""
    position = _behind(steps, position) if start is None else start
    while position < len(steps):
        yield position
        position = _behind(steps, position)


def _behind(steps: tuple[StepOf, ...], position: int) -> int:
    then = steps[position].then
    return then if then is not None else position + 1


def _end(draft: Draft, run: Run, *, stopped: bool = False, start: int | None = None, passed: int = 0) -> None:
    left = sum(1 for _ in _following(draft.steps(run.point), run.step, start))
    skipped = draft.state.runs[run.id].skipped + passed + left
    reason = Reason.STOPPED if stopped else Reason.LEFT_STATE if skipped else Reason.DONE
    draft.add(made(ev.RunEnded, reason=reason, rule=draft.point_rule(run.point), run=run.id, skipped=skipped))
