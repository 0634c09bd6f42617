"""Steps that look at the ticket: which branch of a choice holds, and whether what a wait waits for is so already."""

from __future__ import annotations

from runner.contract.values import parse_instant
from runner.engine.choosing import chosen
from runner.engine.conditions import Facts
from runner.engine.observation import observe
from runner.engine.open_time import open_hours
from runner.engine.wait_steps import HOLDS, holds
from runner.helpdesk.port import Gone, HelpdeskError, Ticket
from runner.service.means import Job, Means
from runner.service.outcomes import Done, Retry
from runner.zones import zone

__all__ = ["choose", "look"]


def choose(means: Means, job: Job) -> Done | Retry:
    """The first branch that holds for the ticket as it is now, at the instant at which the choice was asked for."""
    ticket = means.helpdesk.get(job.claimed.ticket)
    if isinstance(ticket, Gone):
        return Done(job.report("the ticket is gone", {}), failed=True)
    hours = open_hours(job.contract.calendars, zone)
    branch = chosen(job.step, job.payload["results"], _facts(means, job, ticket), hours)
    return Done(job.report(None, {"branch": branch}))


def look(means: Means, job: Job) -> Done | Retry:
    """Whether a wait may end at once. Where nobody can tell it goes on: the ticket is looked at again anyway."""
    try:
        ticket = means.helpdesk.get(job.claimed.ticket)
    except HelpdeskError as error:
        return Retry(str(error)[:200], job.report(None, {HOLDS: False}))
    so = isinstance(ticket, Ticket) and holds(job.step, _facts(means, job, ticket))
    return Done(job.report(None, {HOLDS: so}))


def _facts(means: Means, job: Job, ticket: Ticket) -> Facts:
    """The ticket as conditions know it: what it was at the last look, and what it is."""
    at, fields = parse_instant(job.payload["at"]), means.active().fields
    with means.store.reader() as reader:
        case = reader.case(job.claimed.ticket)
    return observe(fields.fields.fields, case, fields.reading(ticket), at).facts(at)
