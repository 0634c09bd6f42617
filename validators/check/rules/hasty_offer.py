"""SUR523: whoever is asked has the time to read it and to answer. What is too long is for the limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.compile_limits import timeboxes
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.values import format_duration
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR523",
    name="hasty-offer",
    severity=Severity.WARNING,
    summary="Somebody is asked for less than a minute.",
    why="A channel may take ten seconds to answer, and then comes the next one of that person. Before anybody has read "
    "the message, let alone answered the checklist, the offer has gone to the next rung. The rung is there on paper "
    "only, and everything falls to the escalation owner.",
    bad="""\
  within: 30s
""",
    good="""\
  within: 10m
""",
    fix="Give as long as it takes to hear of it, open the ticket and answer the checklist: minutes, not seconds.",
)
RULES: Final = (_RULE,)
_LEAST_SECONDS: Final = 60
"""Six times what a sender waits for its channel: room for every contact of a person, and a moment to read."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The timebox of each rung, and that of a handoff."""
    for document, template in subject.templates:
        boxes = {path: seconds for path, seconds, _ in timeboxes(template)}
        boxes["handoff", "accept_within"] = template.handoff.accept_within.time
        for path, seconds in boxes.items():
            if seconds < _LEAST_SECONDS:
                written = format_duration(seconds)
                message = f"{written} to accept is over before anybody can have read the message and answered"
                yield _RULE.found(document, path, message, "write for example 10m")
