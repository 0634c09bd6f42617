"""Writing to the helpdesk: the record, and the steps that set fields, assign, note and create. Each is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.contract.text import render, show_instant
from runner.contract.values import parse_instant
from runner.helpdesk.port import Applied, Gone, NoChange, Rejected, Throttled, Ticket, Unknown
from runner.service.looking_back import look_back, was
from runner.service.means import Job, Means
from runner.service.outcomes import Done, Report, Retry, written
from runner.service.snapshot import snapshot_text
from runner.store.port import Claimed
from runner.zones import zone

__all__ = ["create_ticket", "link_tickets", "note", "set_fields", "write_comment", "write_record"]


def write_record(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """Write the record fields; a restore also says on the ticket why."""
    fields = means.active().fields.theirs(payload["fields"])
    outcome = means.helpdesk.set_fields(claimed.ticket, fields, claimed.key)
    if claimed.kind == "restore" and isinstance(outcome, Applied | NoChange):
        noes = "\n".join(f"- {no}" for no in payload["noes"])
        text = f"Set back: it was solved, but its contract is not fulfilled.\n{noes}"
        outcome = means.helpdesk.note(claimed.ticket, text, f"{claimed.key}:why")
    return written(outcome, report)


def link_tickets(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """Say on both tickets that they have the same cause, and where it is worked on."""
    other = str(payload["ticket"])
    text = f"The same cause as {claimed.ticket}: escalation {claimed.escalation} stands for both."
    outcome = means.helpdesk.note(other, text, f"{claimed.key}:there")
    if isinstance(outcome, Applied | NoChange | Gone):
        outcome = means.helpdesk.note(claimed.ticket, f"Linked ticket: {other} (the same cause)", claimed.key)
    return written(outcome, report)


def write_comment(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """Ask the requester, on the ticket, for what is missing."""
    people = means.active().revision.policies.people.people
    person, digest = str(payload["person"]), payload["text"]
    name, zone_name = (people[person].name, people[person].zone) if person in people else (person, "UTC")
    text = f"{name} cannot take this on yet: something is missing."
    said = means.text(claimed.escalation, digest) if digest is not None else None
    text += f"\n{said}" if said else ""
    due = show_instant(parse_instant(payload["due"]), zone(zone_name))
    text += f"\nPlease answer by {due}; until then it stays with {name}."
    return written(means.helpdesk.note(claimed.ticket, text, claimed.key), report)


def _ticket(means: Means, job: Job) -> Ticket | Done:
    ticket = means.helpdesk.get(job.claimed.ticket)
    return Done(job.report("the ticket is gone", {}), failed=True) if isinstance(ticket, Gone) else ticket


def set_fields(means: Means, job: Job) -> Done | Retry:
    """Write fields of the ticket, or who works on it."""
    ticket = _ticket(means, job)
    if isinstance(ticket, Done):
        return ticket
    step, claimed = job.step, job.claimed
    wanted = step.args["fields"] if step.kind == "set_fields" else {step.args["field"]: job.payload["who"]}
    ours = means.filled(job, means.read(ticket), wanted)
    before, texts = was(means, job, ticket, ours) if step.undo == "restore" else ({}, {})
    outcome = means.helpdesk.set_fields(claimed.ticket, means.active().fields.theirs(ours), claimed.key)
    if isinstance(outcome, Rejected) and means.done_before(claimed):
        return Done(job.report(None, before), texts=texts)
    written_now = isinstance(outcome, Applied | NoChange)
    seen, kept = look_back(means, job, ours) if written_now and step.changes else ({}, {})
    done = written(outcome, job.report, {**before, **_said(means, ours), **seen})
    return replace(done, texts={**texts, **kept}) if isinstance(done, Done) else done


def _said(means: Means, ours: Mapping[str, Any]) -> dict[str, Any]:
    """What was written, for the step's result; personal data stays in the helpdesk."""
    declared = means.active().fields.fields.fields
    kept = {name: value for name, value in ours.items() if name in declared and not declared[name].personal}
    return {f"field.{name}": value for name, value in kept.items()}


def note(means: Means, job: Job) -> Done | Retry:
    """Write an internal comment."""
    ticket = _ticket(means, job)
    if isinstance(ticket, Done):
        return ticket
    if means.done_before(job.claimed):
        return Done(job.report(None, {}))
    text = render(str(job.step.args["text"]), means.context(job, means.read(ticket)))
    entries = job.step.args["snapshot"]
    if isinstance(entries, int):
        text += snapshot_text(ticket, means.helpdesk.history(job.claimed.ticket, entries))
    return written(means.helpdesk.note(job.claimed.ticket, text, job.claimed.key), job.report)


def create_ticket(means: Means, job: Job) -> Done | Retry:
    """Create a ticket and say so on the one it is for."""
    ticket = _ticket(means, job)
    if isinstance(ticket, Done):
        return ticket
    context, claimed, step = means.context(job, means.read(ticket)), job.claimed, job.step
    active = means.active()
    values = means.filled(job, means.read(ticket), step.args["fields"])
    values["subject"] = render(str(step.args["subject"]), context)
    fields = active.fields.theirs(values)
    fields["description"] = render(str(step.args["body"]), context)
    fields["linked_to"] = claimed.ticket
    assignee = job.payload["who"]
    if assignee:
        fields |= active.fields.theirs({active.fields.assignee: assignee})
    created = means.done_before(claimed)
    if created is None:
        outcome = means.helpdesk.create(fields, claimed.key)
        if not isinstance(outcome, Applied | NoChange):
            return written(outcome, job.report)
        created = outcome.ref
    link = f"Linked ticket: {created} ({values['subject']})"
    noted = means.helpdesk.note(claimed.ticket, link, f"{claimed.key}:link")
    if isinstance(noted, Throttled | Unknown):
        return written(noted, job.report)
    return Done(job.report(None, {"ticket": created} | ({"assignee": assignee} if assignee else {})))
