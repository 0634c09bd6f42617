"""SUR516: a ticket that a close waits for is somebody's to do. Does not judge whose, nor whether they are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR516",
    name="task-without-assignee",
    severity=Severity.WARNING,
    summary="A close waits for a ticket that nobody is asked to do.",
    why="With `task: true` the escalation closes only when the new ticket is done. Without `assign` the ticket stands "
    "in a queue, each reader leaves it to another, and the owner cannot close what is long resolved.",
    bad="""\
- create_ticket:
    subject: Learn from {{ ticket.id }}
    body: What happened?
    fields: {type: task}
    task: true
""",
    good="""\
- create_ticket:
    subject: Learn from {{ ticket.id }}
    body: What happened?
    fields: {type: task}
    assign: escalation_owner
    task: true
""",
    fix="Add `assign` with whoever is to do it: `owner`, a rung such as `escalation_owner`, a person, a team, a job or "
    "a rotation. If nobody has to, leave out `task`: then the close does not wait.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every step where it is written, so one of a block once. A template that does not demand `tasks_done` waits for
    no ticket, which SUR911 says.
    """
    for document, steps in subject.steps:
        model = document.model
        if isinstance(model, Template) and "tasks_done" not in model.close.verify:
            continue
        for path, step in steps:
            if "create_ticket" in step and _is_nobodys_task(step["create_ticket"]):
                message = "the escalation closes only when this ticket is done, and nobody is asked to do it"
                help_text = "add assign: owner, or whoever is to do it; or leave out task, so that nothing waits for it"
                yield _RULE.found(document, (*path, "create_ticket", "task"), message, help_text, key=True)


def _is_nobodys_task(ticket: Any) -> bool:  # noqa: ANN401 - plain data, in a block of any shape
    """Whether it is a task, or is one for some value of an input, and never anybody's."""
    if not isinstance(ticket, dict) or ticket.get("assign") is not None:
        return False
    task = ticket.get("task")
    return task is True or (isinstance(task, str) and task.startswith("$"))
