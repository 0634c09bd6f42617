"""Rolling back: what a run did is taken back in reverse order, one step after the other, each once.

A run that stops is rolled back by itself, also by what comes of it late. A rollback goes on whatever becomes of the
escalation. What cannot be undone is reported to the escalation owner, as an exception with an owner while it is open.
"""

from __future__ import annotations

from runner.contract.contract import StepOf
from runner.engine import events as ev
from runner.engine.commands import Command, FailUndo, RollBack, SucceedUndo
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.exceptions import RUNNER, end_by_runner, raise_by_runner
from runner.engine.handoffs import may_override
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.runs import halt
from runner.engine.state import Change, Rollback, State
from runner.engine.undo import changes_world

__all__ = ["end_not_undone", "expire_undo", "roll_back", "roll_back_stopped", "rolled_back", "undo_failed", "undone"]

_TRIES = 2
"""The first and one more."""


def rolled_back(state: State, run: str) -> bool:
    """Whether a run is one whose steps are taken back, so that nothing of it may be done any more."""
    point, _, number = run.partition("#")
    return run in state.stopped or int(number) <= state.rolled_up_to.get(point, 0)


def roll_back(draft: Draft, command: Command, args: RollBack) -> None:
    """The holder or a manager takes back what a run did, or the whole runbook; what is under way of it is ended."""
    state = draft.state
    if command.actor != state.holder and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {state.holder or 'the holder'} or a manager may roll back")
    if args.run is not None and not _began(state, args.run):
        raise CommandRejected(RejectReason.UNKNOWN_RUN, f"there was no run {args.run}; runs: {_runs(state)}")
    if state.rollbacks:
        raise CommandRejected(RejectReason.ROLLBACK_PENDING, "a rollback is under way; try again when it has ended")
    under_way = [run for run in state.runs.values() if args.run in (None, run.id) and _may_change(draft, run.point)]
    if not under_way and not any(_in(change, args.run) for change in state.changes):
        raise CommandRejected(RejectReason.NOTHING_TO_UNDO, "nothing that was done there is left to be undone")
    for run in under_way:
        halt(draft, run, Reason.ROLLED_BACK)
    _start(draft, args.run, command.actor, args.text)


def roll_back_stopped(draft: Draft) -> None:
    """At the end of a decision: begin to take back what runs did that have stopped, and what came of them late."""
    state = draft.state
    if state.stopped or state.rolled_up_to:
        covered = {rollback.run for rollback in state.rollbacks.values()}
        for change in state.changes:
            if change.failed is None and covered.isdisjoint((change.run, None)) and rolled_back(state, change.run):
                covered.add(change.run)
                _start(draft, change.run, RUNNER, None)
    if any(rollback.step is None for rollback in list(draft.state.rollbacks.values())[:1]):
        _go_on(draft)  # what it waited for was taken back otherwise


def end_not_undone(draft: Draft) -> None:
    """At the end of a decision: what was late, tried again or released is no trouble any more once nothing is left."""
    for rollback, left in draft.state.not_undone.items():
        if not left:
            end_by_runner(draft, "not_undone", Reason.ROLLED_BACK, rollback)


def undone(draft: Draft, command: Command, args: SucceedUndo) -> None:
    """A step was taken back, by whichever try of whichever rollback: the one that waits for it goes on."""
    del command
    key = f"{args.run}/{args.step}"
    waits = next((each for each in draft.state.rollbacks.values() if each.step == key), None)
    change = next((each for each in draft.state.changes if each.key == key), None)
    if change is None:
        draft.ignore(f"{args.rollback} of {key}", draft.rule("/runbook"))
    else:
        taken = made(
            ev.StepUndone,
            reason=Reason.ROLLED_BACK,
            rule=_step(draft, change).rule,
            rollback=args.rollback if waits is None else waits.id,
            run=change.run,
            step=change.step,
            left=args.left,
        )
        draft.add(taken)
    if waits is not None:
        _go_on(draft)


def undo_failed(draft: Draft, command: Command, args: FailUndo) -> None:
    """A step could not be taken back: once more, then the next."""
    del command
    rollback = draft.state.rollbacks.get(args.rollback)
    if rollback is None or (rollback.step, rollback.attempt) != (f"{args.run}/{args.step}", args.attempt):
        draft.ignore(f"{args.rollback} of {args.run}/{args.step}", draft.rule("/runbook"))
        return
    _failed(draft, rollback, Reason.FAILED, args.why)


def expire_undo(draft: Draft, rollback: Rollback) -> None:
    """Nobody said in time whether it was undone."""
    _failed(draft, rollback, Reason.TIMED_OUT, "timed_out")


def _began(state: State, run: str) -> bool:
    point, _, number = run.partition("#")
    return number.isdecimal() and 0 < int(number) <= state.occurrences.get(point, 0)


def _runs(state: State) -> str:
    return ", ".join(sorted({change.run for change in state.changes} | state.runs.keys())) or "none to undo"


def _may_change(draft: Draft, point: str) -> bool:
    return any(changes_world(step) for step in draft.steps(point))


def _in(change: Change, run: str | None) -> bool:
    return run in (None, change.run)


def _step(draft: Draft, change: Change) -> StepOf:
    return draft.steps(change.point)[change.step]


def _rule(draft: Draft, run: str | None) -> str:
    return draft.rule("/runbook") if run is None else draft.point_rule(run.partition("#")[0])


def _start(draft: Draft, run: str | None, by: str, text: str | None) -> None:
    reason = Reason.ROLLED_BACK if text is not None else Reason.STOPPED
    rule = _rule(draft, run)
    first = not draft.state.rollbacks
    name = f"rollback#{draft.state.rollback_count + 1}"
    draft.add(made(ev.RollbackStarted, reason=reason, rule=rule, rollback=name, run=run, by=by, text=text))
    if first:
        _go_on(draft)


def _go_on(draft: Draft) -> None:
    """Ask for the next step to be undone: the last one done of the oldest rollback; those with none left end."""
    while rollback := next(iter(draft.state.rollbacks.values()), None):
        left = [c for c in draft.state.changes if _in(c, rollback.run) and c.failed != rollback.id]
        if not left:
            _end(draft, rollback)
        elif _take(draft, rollback, left[-1]):
            return


def _take(draft: Draft, rollback: Rollback, change: Change) -> bool:
    """Whether the change is now being taken back; False if there is nothing to wait for."""
    step = _step(draft, change)
    if change.undo == "never" or (change.undo == "action" and step.kept is not None):  # the latter: for a later step
        kept = made(
            ev.StepKept,
            reason=Reason.KEPT,
            rule=step.rule,
            rollback=rollback.id,
            run=change.run,
            step=change.step,
        )
        draft.add(kept)
        return False
    if not change.undoable:
        why = "nobody knows whether it was done" if change.undo == "unknown" else "there is no way back"
        _give_up(draft, rollback, change, Reason.NOT_UNDONE, why, again=False)
        return False
    _request(draft, rollback, change, 1)
    return True


def _request(draft: Draft, rollback: Rollback, change: Change, attempt: int) -> None:
    asked = made(
        ev.UndoRequested,
        reason=Reason.ROLLED_BACK if attempt == 1 else Reason.TRIED_AGAIN,
        rule=_step(draft, change).rule,
        rollback=rollback.id,
        run=change.run,
        step=change.step,
        attempt=attempt,
        due=draft.after(draft.contract.limits.step_within),
    )
    draft.add(asked)


def _failed(draft: Draft, rollback: Rollback, reason: Reason, why: str) -> None:
    """Once more, then the next; what a later step has taken back meanwhile is nobody's failure."""
    change = next((each for each in draft.state.changes if each.key == rollback.step), None)
    again = change is not None and rollback.attempt < _TRIES
    if change is not None:
        _give_up(draft, rollback, change, reason, why, again=again)
    if change is not None and again:
        _request(draft, rollback, change, rollback.attempt + 1)
    else:
        _go_on(draft)


def _give_up(draft: Draft, rollback: Rollback, change: Change, reason: Reason, why: str, *, again: bool) -> None:
    failed = made(
        ev.UndoFailed,
        reason=reason,
        rule=limit_rule("step_within") if reason is Reason.TIMED_OUT else _step(draft, change).rule,
        rollback=rollback.id,
        run=change.run,
        step=change.step,
        why=why[:256],
        again=again,
    )
    draft.add(failed)


def _end(draft: Draft, rollback: Rollback) -> None:
    """It is over: what could not be undone is told, and becomes an exception, since somebody has to see to it."""
    rule = _rule(draft, rollback.run)
    lost = rollback.not_undone
    ended = made(
        ev.RollbackEnded,
        reason=Reason.NOT_UNDONE if lost else Reason.DONE,
        rule=rule,
        rollback=rollback.id,
        undone=rollback.undone,
        kept=rollback.kept,
        not_undone=lost,
    )
    draft.add(ended)
    if not lost:
        return
    if draft.state.phase.over:
        draft.tell_manager("not_undone", Reason.NOT_UNDONE, rule)
    else:
        about, cause = rollback.id, rollback.run
        raise_by_runner(draft, "not_undone", Reason.NOT_UNDONE, rule=rule, about=about, tell="not_undone", cause=cause)
