"""SUR701 and SUR702: what counting business hours makes of a timebox to accept. The gate compares what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.compile_limits import acceptance_limit, timeboxes
from runner.contract.condition_reader import declared_reader
from runner.contract.conditions import Condition
from runner.contract.contract import BoxOf, RungOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import Fields, Limits
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.values import format_duration
from validators.check.bounds import bound_of_rungs
from validators.check.business_time import Span
from validators.check.spoken import how_long, when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_ABOVE = Rule(
    code="SUR701",
    name="acceptance-bound-above-limit",
    severity=Severity.ERROR,
    summary="Counted in business hours, an owner can have more time to accept than the limit for the priority.",
    why="The limit is what customers were promised, by the clock on the wall. Two business hours that begin as the "
    "office closes on a Friday end on Monday: for a whole weekend nobody has accepted, and nobody is late.",
    bad="""\
  within: {time: 1h, calendar: office}
""",
    good="""\
  within: 1h
""",
    fix="Write the timebox without a calendar, and let the rotation say who is asked at night and on weekends. Or let "
    "the gatekeepers raise `accept_within` of the Limits policy for this priority.",
)
_LATE = Rule(
    code="SUR702",
    name="manager-knows-too-late",
    severity=Severity.ERROR,
    summary="Counted in business hours, it can take longer than the limit until somebody has accepted or the "
    "escalation owner was told.",
    why="This bound is the guarantee: however silent everybody is, by then the manager knows. It is over when the "
    "timebox of the first rung ends, so hours that do not count stretch it over nights, weekends and holidays.",
    bad="""\
ladder:
  - {rung: primary, within: {time: 1h, calendar: office}}
  - escalation_owner
""",
    good="""\
ladder:
  - {rung: primary, within: 1h}
  - escalation_owner
""",
    fix="Write the timebox of the first rung without a calendar, or shorter; or begin the ladder with the escalation "
    "owner. Or let the gatekeepers raise `manager_knows_within` of the Limits policy.",
)
RULES: Final = (_ABOVE, _LATE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The timeboxes to accept that count business hours; what is too long as written is SUR301 and SUR304."""
    limits, fields = subject.documents.policy(Limits), subject.documents.policy(Fields)
    if limits is None:
        return
    for document, template in subject.templates:
        if any(calendar is not None for _, _, calendar in timeboxes(template)):
            if fields is not None:
                yield from _above(subject, document, template, limits, fields)
            yield from _late(subject, document, template, limits)


def _above(
    subject: Subject, document: Document, template: Template, limits: Limits, fields: Fields
) -> Iterator[Diagnostic]:
    priority = acceptance_limit(limits, fields, _condition(subject, document, template))
    if priority is None:
        return
    limit = limits.accept_within[priority]
    for path, seconds, calendar in dict.fromkeys(timeboxes(template)):
        box = BoxOf(seconds=seconds, calendar=calendar)
        span = subject.business_time.longest(box)
        if calendar is not None and span is not None and seconds <= limit < span.seconds:
            message = (
                f"{_written(box)} to accept can last {how_long(span.seconds)}: {_course(subject, box, span)}; this "
                f"template takes tickets of {fields.priority} `{priority}`, for which the limits allow "
                f"{format_duration(limit)}"
            )
            help_text = f"write {format_duration(seconds)} without a calendar, so that every hour counts"
            yield _ABOVE.found(document, path, message, help_text)


def _late(subject: Subject, document: Document, template: Template, limits: Limits) -> Iterator[Diagnostic]:
    times, within = subject.business_time, template.outcome.within
    path, seconds, calendar = timeboxes(template)[0]
    box, outcome = BoxOf(seconds=seconds, calendar=calendar), BoxOf(seconds=within.time, calendar=within.calendar)
    first = template.ladder[0].rung
    rung = RungOf(name=first, owner=getattr(template.owners, first), within=box, rule="")
    bound = bound_of_rungs((rung,), outcome, times)
    if bound is None or bound.box is None or not seconds <= limits.manager_knows_within < bound.seconds:
        return
    asked = f"the {bound.rung.replace('_', ' ')} is asked and does not answer, and "
    if bound.by_outcome:
        start, end = when(bound.start, times.zone(box)), when(bound.end, times.zone(box))
        course = f"{asked}before that time of {_written(box)} is up, the outcome is due: opened {start}, due {end}"
    else:
        course = f"{asked}{_course(subject, box, Span(bound.start, bound.end))}"
    message = (
        f"for {how_long(bound.seconds)} it can be that nobody has accepted and the escalation owner was not told: "
        f"{course}; `manager_knows_within` of the limits allows {format_duration(limits.manager_knows_within)}"
    )
    help_text = f"write {format_duration(seconds)} without a calendar, so that every hour counts"
    yield _LATE.found(document, path, message, help_text)


def _course(subject: Subject, box: BoxOf, span: Span) -> str:
    """How the longest time comes about."""
    zone = subject.business_time.zone(box)
    return f"an offer of {when(span.start, zone)} ends {when(span.end, zone)}, since only `{box.calendar}` counts"


def _written(box: BoxOf) -> str:
    return format_duration(box.seconds) + (f" of `{box.calendar}`" if box.calendar else "")


def _condition(subject: Subject, document: Document, template: Template) -> Condition:
    """The trigger's condition, also of a template that was not compiled."""
    contract = subject.revision.contracts.get(template.name) if subject.revision is not None else None
    if contract is not None:
        return contract.condition
    return declared_reader(subject.documents).read(document.plain["trigger"]["when"])
