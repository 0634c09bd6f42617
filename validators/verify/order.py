"""Which deadline falls due next: any that is pending may. Moves the others behind it, and changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from runner.engine.state import Deadline, Offer, Page, Phase, Remedy, Rollback, Run, State, TaskState, deadlines

__all__ = ["dated", "each_first", "first"]

T = TypeVar("T", bound=Offer | Page | Remedy | Rollback | Run | TaskState)
_BEHIND = timedelta(seconds=1)


def each_first(state: State) -> Iterator[tuple[Deadline, State]]:
    """Each pending deadline with a state like this one in which it is the next.

    A step that asks lasts as long as its question, whose deadline comes first of the two: the step's never is the next.
    """
    pending = list(deadlines(state))
    asking = {offer.run for offer in state.offers.values() if offer.run is not None}
    for each in pending:
        if each.sort == "step" and each.key in asking:
            continue
        yield each, state if len(pending) == 1 else first(state, each)


def first(state: State, deadline: Deadline) -> State:
    """The state with every other deadline behind this one. Which one is next is all that a decision asks of times."""
    at, late = deadline.at, deadline.at + _BEHIND
    new = state.copy()

    def moved(sort: str, due: datetime, key: str = "") -> datetime:
        return due if due > at or (deadline.sort == sort and deadline.key == key) else late

    def behind(sort: str, due: datetime | None, key: str = "") -> datetime | None:
        return None if due is None else moved(sort, due, key)

    for name, sort in _PLAIN:
        setattr(new, name, behind(sort, getattr(state, name)))
    if state.offers:
        new.offers = {n: _moved(each, behind("offer", each.due, str(n))) for n, each in state.offers.items()}
    if state.exceptions:
        new.exceptions = {
            n: replace(
                each,
                due=moved("exception", each.due, str(n)),
                tasks={t: _moved(task, behind("task", task.due, f"{n}/{t}")) for t, task in each.tasks.items()},
            )
            for n, each in state.exceptions.items()
        }
    if state.clarification is not None:
        new.clarification = replace(state.clarification, due=moved("clarification", state.clarification.due))
    if state.waiting is not None:
        new.waiting = replace(state.waiting, until=moved("waiting", state.waiting.until))
    for name, sort in _KEYED:
        found = getattr(state, name)
        if found:
            setattr(new, name, {key: _moved(each, behind(sort, each.due, key)) for key, each in found.items()})
    return new


def _moved(each: T, due: datetime | None) -> T:
    return each if due == each.due else replace(each, due=due)  # type: ignore[arg-type] # those without one have none


_PLAIN = (
    ("outcome_due", "outcome"),
    ("remind_at", "remind"),
    ("rewrite_at", "record"),
    ("progress_due", "progress"),
    ("checklist_due", "checklist"),
)
_KEYED = (("runs", "step"), ("rollbacks", "undo"), ("pages", "page"), ("remedies", "remedy"))


def dated(state: State) -> Iterator[tuple[str, str]]:
    """Everything with a time of its own; written down here a second time on purpose."""
    yield from (("offer", str(each.id)) for each in state.offers.values() if each.due is not None)
    for each in state.exceptions.values():
        yield "exception", str(each.id)
        tasks = (task for task in each.tasks.values() if task.due and not (task.done or task.overdue))
        yield from (("task", f"{each.id}/{task.id}") for task in tasks)
    yield from (("remedy", check) for check in state.remedies)
    yield from (("step", run) for run in state.runs)
    yield from (("undo", each.id) for each in state.rollbacks.values() if each.due is not None)
    yield from (("page", key) for key in state.pages)
    single = {
        "remind": state.remind_at,
        "record": state.rewrite_at,
        "progress": state.progress_due,
        "checklist": state.checklist_due,
        "clarification": state.clarification,
        "waiting": state.waiting,
    }
    yield from ((sort, "") for sort, due in single.items() if due is not None)
    stands = state.waiting is not None and state.waiting.outcome_left is not None
    if not (state.outcome_missed or state.phase is Phase.RESOLVED or stands):
        yield "outcome", ""
