"""The state after events of runs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.reasons import Reason
from runner.engine.state import Page, Run, State

__all__ = ["APPLY"]


def _run_started(new: State, event: ev.RunStarted) -> None:
    new.occurrences = {**new.occurrences, event.point: new.occurrences.get(event.point, 0) + 1}


def _step_requested(new: State, event: ev.StepRequested) -> None:
    before = new.runs.get(event.run)
    point = event.run.partition("#")[0]
    leaving, skipped = (before.leaving, before.skipped + event.skipped) if before else (False, 0)
    run = Run(event.run, point, event.step, event.attempt, event.due, leaving, skipped)
    run = replace(run, results=before.results) if before is not None and before.results else run
    new.runs = {**new.runs, event.run: run}
    if event.react_by is not None and event.who is not None:
        page = Page(event.run, event.step, event.who, event.react_by)
        new.pages = {**new.pages, f"{event.run}/{event.step}": page}


def _step_succeeded(new: State, event: ev.StepSucceeded) -> None:
    new.settled += event.reason is Reason.DONE  # an answer or a wait writes nothing
    fields = {name.removeprefix("field."): value for name, value in event.result.items() if name.startswith("field.")}
    if fields:
        new.written = {**new.written, **fields}
    new.failed_tasks = tuple(step for step in new.failed_tasks if step != f"{event.run}/{event.step}")
    if event.name is not None:
        new.results = {**new.results, event.name: event.result}
        run = new.runs.get(event.run)
        if run is not None:
            known = {**run.results, event.name: event.result}
            new.runs = {**new.runs, run.id: replace(run, results=known)}
    ticket = event.result.get("ticket")
    if isinstance(ticket, str):
        new.links = (*new.links, ticket)
        if event.result.get("task") is True:
            new.tasks = (*new.tasks, ticket)
            assignee = event.result.get("assignee")
            if isinstance(assignee, str):
                new.assignees = {**new.assignees, ticket: assignee}


def _page_over(new: State, event: ev.PageAnswered | ev.PageUnanswered | ev.StepFailed) -> None:
    over = f"{event.run}/{event.step}"
    if over in new.pages:
        new.pages = {key: page for key, page in new.pages.items() if key != over}


def _step_failed(new: State, event: ev.StepFailed) -> None:
    new.settled += 1
    _page_over(new, event)
    if event.retry_at is not None:
        run = replace(new.runs[event.run], due=event.retry_at, waiting=True)
        new.runs = {**new.runs, event.run: run}
    elif event.task:
        new.failed_tasks = (*new.failed_tasks, f"{event.run}/{event.step}")


def _run_ended(new: State, event: ev.RunEnded) -> None:
    if event.reason is Reason.STOPPED:
        new.stopped = (*new.stopped, event.run)
    new.runs = {key: run for key, run in new.runs.items() if key != event.run}


APPLY: Mapping[str, Apply] = {
    "RunStarted": _run_started,
    "StepRequested": _step_requested,
    "StepSucceeded": _step_succeeded,
    "StepFailed": _step_failed,
    "PageAnswered": _page_over,
    "PageUnanswered": _page_over,
    "RunEnded": _run_ended,
}
