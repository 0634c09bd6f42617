"""SUR924: a template shows everything that people need before they rely on it. Judges no wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Routing
from runner.contract.routing import listed
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
    "two disagree, what goes wrong without it, how it is judged, what proves its end and who clears what gets in "
    "the way. It also has its place in the routing. What is left open is decided by whoever is awake when it matters.",
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
    """One finding for each template that lacks anything."""
    routing = subject.documents.policy(Routing)
    routed = None if routing is None else {*(name for name, _ in listed(routing)), routing.fallback}
    for document, template in subject.templates:
        missing = list(_missing(template, routed))
        if missing:
            message = (
                f"`{template.name}` is not ready to be relied on: it lacks {_series([what for what, _ in missing])}"
            )
            yield _RULE.found(document, ("name",), message, "\n".join(advice for _, advice in missing))


def _missing(template: Template, routed: set[str] | None) -> Iterator[tuple[str, str]]:
    """What is missing, and what to write. Trigger and owners are there, or the file would not be valid."""
    if template.source_of_truth is None:
        yield "a source of truth", "add source_of_truth: which system is right when two disagree"
    if routed is not None and template.name not in routed:
        yield "a routing rule", "add it to `order` in the Routing policy, or no ticket reaches it"
    if template.failure_mode is None:
        yield "a failure mode", "add failure_mode: what goes wrong when nobody follows up"
    if "outcome_evidence" not in template.close.verify:
        yield "a signal of quality", "add outcome_evidence to close.verify, so that its end is proven"
    if not template.metrics:
        yield "a metric", "add metrics: [time_to_acknowledge, …], the key figures that it is judged by"
    if not template.exceptions:
        yield "a recovery path", "add exceptions: the classes of trouble that an owner may raise"


def _series(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
