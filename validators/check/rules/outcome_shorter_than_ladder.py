"""SUR703 and SUR707: the outcome is due after everybody was asked. Counts what silence takes, not what people do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.compile_limits import timeboxes
from runner.contract.contract import BoxOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.values import format_duration
from validators.check.business_time import BusinessTime, Span
from validators.check.spoken import how_long, when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_ONE_PASS = Rule(
    code="SUR703",
    name="outcome-shorter-than-ladder",
    severity=Severity.ERROR,
    summary="The outcome can be due before everybody on the ladder was asked once.",
    why="The rungs are there so that somebody else steps in. If the customer's time is over while the second is still "
    "being asked, the third can only be late, and the outcome is a promise that the ladder cannot keep.",
    bad="""\
outcome:
  statement: The invoice is right.
  evidence: [reply]
  within: 2h
""",
    good="""\
outcome:
  statement: The invoice is right.
  evidence: [reply]
  within: 8h
""",
    fix="Shorten the timeboxes, leave a rung out of the `ladder`, or give the outcome more time. The outcome's time "
    "counts from the opening, and the owner who accepts last needs some of it.",
)
_ALL_PASSES = Rule(
    code="SUR707",
    name="outcome-shorter-than-repeats",
    severity=Severity.WARNING,
    summary="The outcome can be due while the ladder is still being repeated.",
    why="Until the last pass has ended nobody is told that all were asked in vain. If the customer's time is over "
    "before that, the repeats only put off the bad news.",
    bad="""\
accept:
  within: 1h
  checklist: [clear]
  repeat: 2
""",
    good="""\
accept:
  within: 1h
  checklist: [clear]
  repeat: 1
""",
    fix="Lower `accept.repeat`, shorten the timeboxes, or give the outcome more time.",
)
RULES: Final = (_ONE_PASS, _ALL_PASSES)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The ladder of every template against its outcome. A rung that is tried again because no channel took the message
    is not counted: that is the world's fault, not the template's.
    """
    times = subject.business_time
    for document, template in subject.templates:
        within, passes, asked = template.outcome.within, template.accept.repeat + 1, timeboxes(template)
        by_the_clock = {calendar for _, _, calendar in asked} == {None}
        if by_the_clock and sum(seconds for _, seconds, _ in asked) * passes <= within.time:
            continue  # open hours are never more than hours
        boxes = [BoxOf(seconds=seconds, calendar=calendar) for _, seconds, calendar in asked]
        outcome = BoxOf(seconds=within.time, calendar=within.calendar)
        span = times.overrun(boxes, outcome)
        if span is not None:
            message = f"one pass of the ladder{_course(times, boxes, outcome, span)}"
            help_text = "shorten the timeboxes, ask fewer rungs, or give the outcome more time"
            yield _ONE_PASS.found(document, ("outcome", "within"), message, help_text)
            continue
        span = times.overrun(boxes * passes, outcome) if passes > 1 else None
        if span is not None:
            message = f"{passes} passes of the ladder{_course(times, boxes, outcome, span)}"
            help_text = "lower `repeat`, shorten the timeboxes, or give the outcome more time"
            yield _ALL_PASSES.found(document, ("accept", "repeat"), message, help_text)


def _course(times: BusinessTime, boxes: list[BoxOf], outcome: BoxOf, span: Span) -> str:
    """What a pass is made of, how long it takes, and when, if that depends on the calendar."""
    pieces = " + ".join(map(_shown, boxes))
    words = f" ({pieces}) can take {how_long(span.seconds)}, the outcome has {_shown(outcome)}"
    zoned = next((box for box in (outcome, *boxes) if box.calendar is not None), None)
    if zoned is None:
        return words
    zone, due = times.zone(zoned), times.end([outcome], span.start)
    start, ended = when(span.start, zone), when(span.end, zone)
    return f"{words}: opened {start}, it is due {when(due, zone)}, and the last was asked in vain by {ended}"


def _shown(box: BoxOf) -> str:
    return format_duration(box.seconds) + (f" of `{box.calendar}`" if box.calendar else "")
