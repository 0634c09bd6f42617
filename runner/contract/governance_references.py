"""References of governance, actions and amounts: jobs that people hold, calendars, fields that are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.contract import policies as pol
from runner.contract.misfit import did_you_mean

if TYPE_CHECKING:
    from runner.contract.documents import Document, Path
    from runner.contract.references import References

__all__ = ["check_actions", "check_amount", "check_governance"]


def check_governance(references: References, document: Document) -> None:
    """Everybody whom governance names exists, and so does every job."""
    governance = document.read_as(pol.Governance)
    references.each("person", governance.gatekeepers, document, ("gatekeepers",))
    references.known("person", governance.audit_authority, document, ("audit_authority",))
    references.known("person", governance.last_resort, document, ("last_resort",))
    references.each("role", governance.override_jobs, document, ("override_jobs",))
    if governance.audit_turn is not None:
        references.each("person", governance.audit_turn.members, document, ("audit_turn", "members"))
        references.day(governance.audit_turn.starts, document, ("audit_turn", "starts"))
    for tier, approvals in governance.approvals.items():
        references.each("role", approvals.jobs, document, ("approvals", tier, "jobs"))
    windows = governance.change_windows
    if windows is not None and windows.calendar is not None:
        references.known("calendar", windows.calendar, document, ("change_windows", "calendar"))
    _jobs(references, governance, document)


def _jobs(references: References, governance: pol.Governance, document: Document) -> None:
    """With a list of jobs, every job that people hold stands in it, and the reverse."""
    people = references.documents.one("People")
    if not governance.jobs or people is None:
        return
    for name in governance.jobs:
        references.known("role", name, document, ("jobs", name), key=True)
    for name, person in people.read_as(pol.People).people.items():
        for index, job in enumerate(person.jobs):
            if job not in governance.jobs:
                known = ", ".join(sorted(governance.jobs))
                help_text = f"{did_you_mean(job, governance.jobs)}jobs of the Governance policy: {known}"
                path = ("people", name, "jobs", index)
                references.wrong(people, "SUR201", path, f"governance knows no job `{job}`", help_text)


def check_actions(references: References, document: Document) -> None:
    """Every action that undoes another exists, every amount is a number, and what is confirmed was given."""
    for name, action in document.read_as(pol.Actions).actions.items():
        if action.undo is not None:
            references.known("action", action.undo, document, ("actions", name, "undo"))
        for index, given in enumerate(action.confirms):
            if given not in action.inputs:
                known = ", ".join(action.inputs) or "none"
                help_text = f"{did_you_mean(given, action.inputs)}inputs: {known}"
                message = f"the action `{name}` is given no `{given}` that the answer could repeat"
                references.wrong(document, "SUR207", ("actions", name, "confirms", index), message, help_text)
        if action.amount is not None:
            check_amount(references, action.amount, document, ("actions", name, "amount"))


def check_amount(references: References, field: str, document: Document, path: Path, *, key: bool = False) -> None:
    """A field that holds a number; with `key` its name is a key of the document."""
    if not references.known("ticket field", field, document, path, key=key) or references.fields is None:
        return
    sort = references.fields.fields[field].type
    if sort != "number":
        message = f"`{field}` is of type {sort}, and an amount is a number"
        references.wrong(document, "SUR209", path, message, "name a field of type number", key=key)
