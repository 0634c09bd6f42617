"""Tasks of exceptions: recovery that needs several hands, each with a name. Nobody ends it while one is open."""

from __future__ import annotations

from datetime import datetime

from runner.contract.contract import ExceptionOf
from runner.engine import events as ev
from runner.engine.commands import AddTask, Command, FinishTask, RaiseException, Task
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import may_override
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.state import ExceptionState, accountable

__all__ = ["TASKS_AT_MOST", "add_task", "add_tasks", "check_demands", "expire_task", "finish_task", "open_exception"]

TASKS_AT_MOST = 10
"""Of one exception: more is a project, and would not fit into a state of 4 KB."""


def check_demands(draft: Draft, rules: ExceptionOf, args: RaiseException) -> None:
    """Refuse an exception that comes without what its class demands, saying what is missing."""
    given = {"plan": args.plan is not None, "tasks": bool(args.tasks)}
    missing = [_DEMANDS[demand] for demand in rules.requires if not given[demand]]
    if missing:
        name = args.exception_class
        raise CommandRejected(RejectReason.DEMANDS_UNMET, f"an exception of class {name} needs {' and '.join(missing)}")
    _check_tasks(draft, args.tasks, 0)


_DEMANDS = {"plan": "a written plan", "tasks": "at least one task with its owner"}


def _check_tasks(draft: Draft, tasks: tuple[Task, ...], before: int) -> None:
    if before + len(tasks) > TASKS_AT_MOST:
        raise CommandRejected(RejectReason.TASK_UNFIT, f"an exception has at most {TASKS_AT_MOST} tasks")
    for task in tasks:
        found = draft.present(task.owner)
        if isinstance(found, Nobody):
            raise CommandRejected(
                RejectReason.TASK_UNFIT,
                f"{task.owner} cannot be given a task now ({found.reason.value}); name somebody else",
            )
        if task.due is not None and task.due <= draft.now:
            raise CommandRejected(RejectReason.TASK_UNFIT, "a task is due at an instant that is still to come")


def add_tasks(draft: Draft, exception: int, tasks: tuple[Task, ...], by: str) -> None:
    """Add tasks to an exception; each owner is told."""
    state = draft.state.exceptions[exception]
    rule = draft.contract.class_of(state.exception_class).rule
    for number, task in enumerate(tasks, start=len(state.tasks) + 1):
        added = made(
            ev.TaskAdded,
            reason=Reason.PLANNED,
            rule=rule,
            exception=exception,
            task=number,
            title=task.title,
            owner=task.owner,
            due=task.due,
            by=by,
        )
        draft.add(added)
        if task.owner != by:
            draft.tell(task.owner, "task", Reason.PLANNED, rule, text=task.title)


def add_task(draft: Draft, command: Command, args: AddTask) -> None:
    """The exception's owner, who is accountable, or a manager plans one more task."""
    exception = open_exception(draft, args.exception)
    if command.actor not in (exception.owner, accountable(draft.state)) and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"exception {exception.id} is owned by {exception.owner}")
    _check_tasks(draft, (args.task,), len(exception.tasks))
    add_tasks(draft, exception.id, (args.task,), command.actor)


def finish_task(draft: Draft, command: Command, args: FinishTask) -> None:
    """Its owner, the exception's, who is accountable, or a manager says that a task is done."""
    exception = open_exception(draft, args.exception)
    task = exception.tasks.get(args.task)
    if task is None or task.done:
        still = ", ".join(str(each.id) for each in exception.open_tasks) or "none"
        raise CommandRejected(
            RejectReason.UNKNOWN_TASK, f"exception {exception.id} has no open task {args.task}; open: {still}"
        )
    theirs = (task.owner, exception.owner, accountable(draft.state))
    if command.actor not in theirs and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"task {task.id} is {task.owner}'s")
    rule = draft.contract.class_of(exception.exception_class).rule
    finished = made(
        ev.TaskFinished,
        reason=Reason.TASK_DONE,
        rule=rule,
        exception=exception.id,
        task=task.id,
        by=command.actor,
        text=args.text,
    )
    draft.add(finished)


def open_exception(draft: Draft, number: int) -> ExceptionState:
    """The open exception of a number; refused if there is none."""
    found = draft.state.exceptions.get(number)
    if found is None:
        raise CommandRejected(RejectReason.UNKNOWN_EXCEPTION, f"there is no open exception {number}")
    return found


def expire_task(draft: Draft, key: str, due: datetime) -> None:
    """A task (`exception/task`) was not done by its own time: the exception's owner is told, once."""
    exception_id, task_id = map(int, key.split("/"))
    exception = draft.state.exceptions[exception_id]
    task = exception.tasks[task_id]
    rule = draft.contract.class_of(exception.exception_class).rule
    reason = Reason.TASK_OVERDUE
    overdue = made(
        ev.TaskOverdue,
        reason=reason,
        rule=rule,
        exception=exception_id,
        task=task_id,
        owner=task.owner,
        due=due,
    )
    draft.add(overdue)
    draft.tell(exception.owner, "task_overdue", reason, rule, note=f"task {task_id} is {task.owner}'s", text=task.title)
