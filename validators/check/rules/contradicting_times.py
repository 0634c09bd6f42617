"""SUR706: two times of which one leaves the other without effect. Judges only what no start can put right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from runner.contract.contract import BoxOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import Fields, Limits, Metric, Target, Targets
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.values import Box, format_duration
from validators.check.business_time import BusinessTime
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR706",
    name="contradicting-times",
    severity=Severity.WARNING,
    summary="Two times contradict each other, so that one of them has no effect.",
    why="Whoever reads the shorter one believes in a promise that the longer one breaks. Nearly always a unit was "
    "mistaken, or one of the two was changed and the other forgotten.",
    bad="""\
handoff: {require: [reason, next_step, expected_at], accept_within: 2d, at_most: 1}
""",
    good="""\
handoff: {require: [reason, next_step, expected_at], accept_within: 1h, at_most: 1}
""",
    fix="Read both times again, and shorten the one that the message points to.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Times of the Limits and Targets policies, and those of each template that its outcome bounds."""
    documents = subject.documents
    limits, targets = documents.one("Limits"), documents.one("Targets")
    if limits is not None and isinstance(limits.model, Limits):
        yield from _limits(limits, limits.model, documents.policy(Fields))
    if targets is not None and isinstance(targets.model, Targets):
        yield from _targets(targets, targets.model)
    for document, template in subject.templates:
        yield from _template(document, template, subject.business_time)


def _limits(document: Document, limits: Limits, fields: Fields | None) -> Iterator[Diagnostic]:
    silence = limits.silence_at_most
    if silence is not None and limits.remind_every > silence:
        message = (
            f"the escalation owner is told again every {format_duration(limits.remind_every)}, but `silence_at_most` "
            f"allows {format_duration(silence)} without anybody being asked or told"
        )
        yield _RULE.found(document, ("remind_every",), message, f"write {format_duration(silence)} or less")
    declared = fields.fields.get(fields.priority) if fields is not None else None
    if declared is None or not declared.ordered:
        return
    known = [value for value in declared.values if value in limits.accept_within]
    for lower, higher in pairwise(known):
        less, more = limits.accept_within[lower], limits.accept_within[higher]
        if more > less:
            message = (
                f"`{higher}` comes above `{lower}`, but may wait longer to be accepted: {format_duration(more)} "
                f"instead of {format_duration(less)}"
            )
            help_text = f"write {format_duration(less)} or less"
            yield _RULE.found(document, ("accept_within", higher), message, help_text)


def _targets(document: Document, targets: Targets) -> Iterator[Diagnostic]:
    every: list[tuple[Path, dict[Metric, Target]]] = [(("every",), targets.every)]
    every += [(("templates", name), each) for name, each in targets.templates.items()]
    for path, by_metric in every:
        for metric, target in by_metric.items():
            if target.median is not None and target.p90 is not None and target.median > target.p90:
                message = (
                    f"half of them are to be faster than {format_duration(target.median)}, and nine of ten faster than "
                    f"{format_duration(target.p90)}: the second makes the first hold"
                )
                help_text = "write a median that is shorter than `p90`"
                yield _RULE.found(document, (*path, metric, "median"), message, help_text)


def _template(document: Document, template: Template, times: BusinessTime) -> Iterator[Diagnostic]:
    bounded: tuple[tuple[Path, Box | None, str], ...] = (
        (("handoff", "accept_within"), template.handoff.accept_within, "a receiver has {} to take a handoff"),
        (("accept", "checklist_within"), template.accept.checklist_within, "the checklist may follow {} later"),
        (("accept", "progress_within"), template.accept.progress_within, "an acceptance lapses after {} of silence"),
    )
    outcome = template.outcome.within
    for path, box, words in bounded:
        if box is not None and _always_longer(box, outcome, times):
            message = f"{words.format(_shown(box))}, but the outcome is due {_shown(outcome)} after the opening"
            yield _RULE.found(document, path, message, f"write less than {format_duration(outcome.time)}")


def _always_longer(box: Box, other: Box, times: BusinessTime) -> bool:
    """Whether the box ends later than the other whenever the two start together."""
    if box.calendar == other.calendar:
        return box.time > other.time
    if box.time <= other.time and box.calendar is None:
        return False  # open hours are never less than hours
    shortest = times.shortest(BoxOf(seconds=box.time, calendar=box.calendar))
    longest = times.longest(BoxOf(seconds=other.time, calendar=other.calendar))
    return shortest is not None and longest is not None and shortest.seconds > longest.seconds


def _shown(box: Box) -> str:
    return format_duration(box.time) + (f" of `{box.calendar}`" if box.calendar else "")
