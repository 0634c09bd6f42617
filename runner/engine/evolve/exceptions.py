"""The state after events of exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply, reached
from runner.engine.reasons import Reason
from runner.engine.state import ExceptionState, State, TaskState

__all__ = ["APPLY"]


def _exception_raised(new: State, event: ev.ExceptionRaised) -> None:
    owner = event.owner or event.by
    raised = ExceptionState(event.exception, event.exception_class, owner, event.due, about=event.about)
    new.exceptions = {**new.exceptions, event.exception: raised}
    new.exception_count = event.exception


def _exception_owned(new: State, event: ev.ExceptionOwned) -> None:
    held = replace(new.exceptions[event.exception], owner=event.owner, owned=True)
    new.exceptions = {**new.exceptions, event.exception: held}


def _exception_overdue(new: State, event: ev.ExceptionOverdue) -> None:
    held = replace(new.exceptions[event.exception], owner=event.owner, owned=True, due=event.next_due)
    new.exceptions = {**new.exceptions, event.exception: held}


def _exception_ended(new: State, event: ev.ExceptionEnded) -> None:
    about = new.exceptions[event.exception].about
    if event.reason is Reason.REACHED and about is not None:
        reached(new, about)
    new.exceptions = {key: value for key, value in new.exceptions.items() if key != event.exception}
    if about in new.not_undone:
        new.not_undone = {name: keys for name, keys in new.not_undone.items() if name != about}


def _task_added(new: State, event: ev.TaskAdded) -> None:
    _with_task(new, event.exception, TaskState(event.task, event.title, event.owner, event.due))


def _task_finished(new: State, event: ev.TaskFinished) -> None:
    _with_task(new, event.exception, replace(new.exceptions[event.exception].tasks[event.task], done=True))


def _task_overdue(new: State, event: ev.TaskOverdue) -> None:
    _with_task(new, event.exception, replace(new.exceptions[event.exception].tasks[event.task], overdue=True))


def _with_task(new: State, exception: int, task: TaskState) -> None:
    held = new.exceptions[exception]
    new.exceptions = {**new.exceptions, exception: replace(held, tasks={**held.tasks, task.id: task})}


APPLY: Mapping[str, Apply] = {
    "TaskAdded": _task_added,
    "TaskFinished": _task_finished,
    "TaskOverdue": _task_overdue,
    "ExceptionRaised": _exception_raised,
    "ExceptionOwned": _exception_owned,
    "ExceptionOverdue": _exception_overdue,
    "ExceptionEnded": _exception_ended,
}
