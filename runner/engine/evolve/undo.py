"""The state after events of changes and rollbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import Change, Rollback, State

__all__ = ["APPLY"]


def _change_logged(new: State, event: ev.ChangeLogged) -> None:
    key = f"{event.run}/{event.step}"
    if event.undo == "settled":
        _settle(new, key)
        return
    others = tuple(change for change in new.changes if change.key != key)  # a doubt about the same step is over
    new.changes = (*others, Change(event.run, event.step, event.undo, event.values))


def _settle(new: State, key: str) -> None:
    """Nothing of this change is left to be taken back, and no rollback waits for it."""
    if any(rollback.step == key for rollback in new.rollbacks.values()):
        new.rollbacks = {
            name: replace(each, step=None, attempt=0, due=None) if each.step == key else each
            for name, each in new.rollbacks.items()
        }
    new.changes = tuple(change for change in new.changes if change.key != key)
    if key not in new.taken_back:
        new.taken_back = (*new.taken_back, key)
    if new.not_undone:
        new.not_undone = {name: tuple(each for each in keys if each != key) for name, keys in new.not_undone.items()}


def _released(new: State, event: ev.StepReleased) -> None:
    _settle(new, f"{event.run}/{event.step}")


def _rollback_started(new: State, event: ev.RollbackStarted) -> None:
    new.rollback_count += 1
    new.rollbacks = {**new.rollbacks, event.rollback: Rollback(event.rollback, event.run)}
    if event.run is None:
        new.rolled_up_to = dict(new.occurrences)
    elif event.run not in new.stopped:
        new.stopped = (*new.stopped, event.run)


def _undo_requested(new: State, event: ev.UndoRequested) -> None:
    before = new.rollbacks[event.rollback]
    now = replace(before, step=f"{event.run}/{event.step}", attempt=event.attempt, due=event.due)
    new.rollbacks = {**new.rollbacks, event.rollback: now}


def _step_undone(new: State, event: ev.StepUndone) -> None:
    key = f"{event.run}/{event.step}"
    change = next((each for each in new.changes if each.key == key), None)
    if change is not None and change.undo == "restore":
        restored = {name.partition(".")[2] for name in change.values}
        new.written = {name: value for name, value in new.written.items() if name not in restored}
    new.settled += 1
    _settle(new, key)
    _counted(new, event.rollback, key, "undone")


def _step_kept(new: State, event: ev.StepKept) -> None:
    """Kept for good it is settled; what a later step takes back holds on, and this rollback is done with it."""
    key = f"{event.run}/{event.step}"
    if any(change.key == key and change.undoable for change in new.changes):
        new.changes = tuple(
            replace(change, failed=event.rollback) if change.key == key else change for change in new.changes
        )
    else:
        _settle(new, key)
    _counted(new, event.rollback, key, "kept")


def _undo_failed(new: State, event: ev.UndoFailed) -> None:
    key = f"{event.run}/{event.step}"
    new.settled += 1
    if event.again:
        return
    new.changes = tuple(
        replace(change, failed=event.rollback) if change.key == key else change for change in new.changes
    )
    _counted(new, event.rollback, key, "not_undone")


def _counted(new: State, rollback: str, key: str, how: Literal["undone", "kept", "not_undone"]) -> None:
    before = new.rollbacks.get(rollback)
    if before is None:
        return
    lost = tuple(each for each in before.not_undone if each != key)
    after = replace(
        before,
        undone=before.undone + (how == "undone"),
        kept=before.kept + (how == "kept"),
        not_undone=(*lost, key) if how == "not_undone" else lost,
    )
    if before.step == key:
        after = replace(after, step=None, attempt=0, due=None)
    new.rollbacks = {**new.rollbacks, rollback: after}


def _rollback_ended(new: State, event: ev.RollbackEnded) -> None:
    new.rollbacks = {name: each for name, each in new.rollbacks.items() if name != event.rollback}
    lost = tuple(change.key for change in new.changes if change.failed == event.rollback and not change.undoable)
    for key in lost:
        _settle(new, key)
    if event.not_undone and not new.phase.over:
        new.not_undone = {**new.not_undone, event.rollback: event.not_undone}


APPLY: Mapping[str, Apply] = {
    "ChangeLogged": _change_logged,
    "StepReleased": _released,
    "RollbackStarted": _rollback_started,
    "UndoRequested": _undo_requested,
    "StepUndone": _step_undone,
    "StepKept": _step_kept,
    "UndoFailed": _undo_failed,
    "RollbackEnded": _rollback_ended,
}
