"""SUR704: every box of business time ends, in a calendar that is open often enough. Judges no length beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.contract import BoxOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import ExceptionClasses
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.values import Box, format_duration
from runner.engine.calendars import NEVER
from validators.check.business_time import BusinessTime
from validators.check.spoken import when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR704",
    name="timebox-never-elapses",
    severity=Severity.ERROR,
    summary="A time is counted in a calendar that is not open often enough for it to end.",
    why="A deadline that never comes is none. Nobody is late, nothing passes on, and it looks as if all were well.",
    bad="""\
  within: {time: 999h, calendar: office}
""",
    good="""\
  within: {time: 16h, calendar: office}
""",
    fix="Add opening hours to the calendar, count by another one, or write a shorter time. Extra hours on single dates "
    "do not help an escalation that opens after the last of them.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every box with a calendar, of templates and of exception classes."""
    times = subject.business_time
    classes = subject.documents.one("ExceptionClasses")
    if classes is not None and isinstance(classes.model, ExceptionClasses):
        for name, each in classes.model.classes.items():
            yield from _box(classes, ("classes", name, "within"), each.within, times)
    for document, template in subject.templates:
        for path, box in _boxes(template):
            if box is not None and box.calendar is not None:
                yield from _box(document, path, box, times)


def _boxes(template: Template) -> Iterator[tuple[Path, Box | None]]:
    yield ("outcome", "within"), template.outcome.within
    yield ("accept", "within"), template.accept.within
    yield ("accept", "checklist_within"), template.accept.checklist_within
    yield ("accept", "progress_within"), template.accept.progress_within
    yield ("handoff", "accept_within"), template.handoff.accept_within
    if template.waiting is not None:
        yield ("waiting", "at_most"), template.waiting.at_most
    for index, rung in enumerate(template.ladder):
        yield ("ladder", index, "within"), rung.within
    for name, use in template.exceptions.items():
        yield ("exceptions", name, "within"), use.within


def _box(document: Document, path: Path, box: Box, times: BusinessTime) -> Iterator[Diagnostic]:
    counted = BoxOf(seconds=box.time, calendar=box.calendar)
    if box.calendar is None or not times.knows(counted):
        return  # SUR201 or SUR202, if it is wrong at all
    shown, zone = format_duration(box.time), times.zone(counted)
    end = times.end([counted], times.start)
    if end > times.until:
        until = "within ten years" if end >= NEVER else f"before {when(end, zone)}"
        message = f"{shown} of `{box.calendar}` that begin today do not end {until}"
        help_text = "add hours to the calendar, count by another one, or write a shorter time"
    elif times.longest(counted) is None:
        message = f"{shown} of `{box.calendar}` that begin after its last hours never end"
        help_text = "give the calendar hours by weekday; extra hours on dates come to an end"
    else:
        return
    yield _RULE.found(document, (*path, "calendar"), message, help_text)
