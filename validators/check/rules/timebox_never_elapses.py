"""SUR704: every box of business time ends, in a calendar that is open often enough. Judges no length beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.contract import BoxOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import ExceptionClasses
from runner.contract.rule import Rule
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
    """Every box with a calendar, of templates and of exception classes; each length in each calendar is tried once."""
    times = subject.business_time
    verdicts: dict[tuple[str, int], tuple[str, str] | None] = {}
    for document, path, box in _every(subject):
        key = (box.calendar or "", box.time)
        if key not in verdicts:
            verdicts[key] = _verdict(BoxOf(seconds=box.time, calendar=box.calendar), times)
        words = verdicts[key]
        if words is not None:
            yield _RULE.found(document, (*path, "calendar"), *words)


def _every(subject: Subject) -> Iterator[tuple[Document, Path, Box]]:
    classes = subject.documents.one("ExceptionClasses")
    if classes is not None and isinstance(classes.model, ExceptionClasses):
        for name, each in classes.model.classes.items():
            if each.within.calendar is not None:
                yield classes, ("classes", name, "within"), each.within
    yield from subject.boxes


def _verdict(box: BoxOf, times: BusinessTime) -> tuple[str, str] | None:
    """What is wrong and what to do about it; None if the box ends, or cannot be counted: that is SUR201 or SUR202."""
    if not times.knows(box):
        return None
    what = f"{format_duration(box.seconds)} of `{box.calendar}` that begin"
    end = times.end([box], times.start)
    if end > times.until:
        when_then = "within ten years" if end >= NEVER else f"before {when(end, times.zone(box))}"
        help_text = "add hours to the calendar, count by another one, or write a shorter time"
        return f"{what} today do not end {when_then}", help_text
    if times.end([box], times.until) >= NEVER:
        help_text = "give the calendar hours by weekday; extra hours on dates come to an end"
        return f"{what} after its last hours never end", help_text
    return None
