"""SUR924: a template shows everything that people need before they rely on it. Judges no wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR924",
    name="not-ready",
    severity=Severity.WARNING,
    summary="A template lacks something that must be known before anybody relies on it.",
    why="Besides its trigger and its owners, which it cannot be without, a template says which system is right when "
    "two disagree, what goes wrong without it and how it is judged. What is left open is decided by whoever is awake "
    "when it matters. Its place in the routing, its proof and its way out of trouble have rules of their own: SUR208, "
    "SUR908 and SUR901.",
    bad="""\
name: disputes
summary: A task that is overdue.
""",
    good="""\
name: disputes
summary: A task that is overdue.
source_of_truth: The list of tasks is right.
failure_mode: Nobody misses what was promised to nobody in particular.
metrics: [time_to_acknowledge, time_to_resolution]
""",
    fix="Add what the finding lists; a sentence each is enough.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each template that lacks anything that no other rule asks for.

    That it has its place in the routing, a way out of trouble and a proof of its end is said by SUR208, SUR901 and
    SUR908.
    """
    for document, template in subject.templates:
        missing = list(_missing(template))
        if missing:
            message = (
                f"`{template.name}` is not ready to be relied on: it lacks {_series([what for what, _ in missing])}"
            )
            yield _RULE.found(document, ("name",), message, "\n".join(advice for _, advice in missing))


def _missing(template: Template) -> Iterator[tuple[str, str]]:
    """What is missing, and what to write. Trigger and owners are there, or the file would not be valid."""
    if template.source_of_truth is None:
        yield "a source of truth", "add source_of_truth: which system is right when two disagree"
    if template.failure_mode is None:
        yield "a failure mode", "add failure_mode: what goes wrong when nobody follows up"
    if not template.metrics:
        yield "a metric", "add metrics: [time_to_acknowledge, …], the key figures that it is judged by"


def _series(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
