"""A check as it is to be shown, in whatever form: what was looked at, what was found, against what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.outcome import Outcome
from validators.output.findings import counted

__all__ = [
    "MOST_SHOWN",
    "SEVERITY_NOUNS",
    "ReadLine",
    "Report",
    "found_words",
    "looked_at_words",
    "most_urgent",
    "rest_words",
    "severity_counts",
    "summary_words",
]

ReadLine = Callable[[str, int], str | None]
"""A line of a file, counted from 1, or None when it cannot be had."""
SEVERITY_NOUNS: Final = (
    (Severity.ERROR, "error"),
    (Severity.UNKNOWN, "unknown answer"),
    (Severity.WARNING, "warning"),
    (Severity.INFO, "remark"),
)
MOST_SHOWN: Final = 200
"""Findings that people are shown at once: nobody reads more. Forms for programs hold all of them."""
_LOOKED_AT: Final = (
    ("templates", "template"),
    ("blocks", "block"),
    ("policies", "policy"),
    ("scenarios", "scenario"),
    ("files", "file"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """A check to be shown."""

    revision: str
    """What was looked at, for people: a folder, or a revision with its commit."""
    outcome: Outcome
    looked_at: Mapping[str, int]
    """How many documents of each sort."""
    base: str | None = None
    """The revision with which it was compared, as the user named it."""
    prefix: str = ""
    """What leads from the current folder to the repository, ending in a slash; empty if they are the same."""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """By code, the rules that were asked."""

    def is_new(self, found: Diagnostic) -> bool:
        """Whether there is a base that does not have it."""
        return self.outcome.new is not None and found in self.outcome.new

    def name(self, code: str) -> str:
        """The name of a rule; empty for one that was not asked."""
        return self.rules[code].name if code in self.rules else ""


def most_urgent(report: Report) -> list[Diagnostic]:
    """The findings that people are shown, the worst first; of the same severity, what is new."""
    order = [sort for sort, _ in SEVERITY_NOUNS]
    every = report.outcome.findings
    return sorted(every, key=lambda found: (order.index(found.severity), not report.is_new(found), found))[:MOST_SHOWN]


def rest_words(report: Report) -> str:
    """How many findings are not shown and where they are, as a line; empty if all are."""
    rest = len(report.outcome.findings) - MOST_SHOWN
    return f"{counted(rest, 'more finding')} not shown here; --format json has them all.\n" if rest > 0 else ""


def severity_counts(report: Report) -> dict[str, int]:
    """How many findings of each severity, by the plural that outputs for programs use."""
    severities = [each.severity for each in report.outcome.findings]
    return {
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "infos": severities.count(Severity.INFO),
        "unknown": severities.count(Severity.UNKNOWN),
        "waived": len(report.outcome.waived),
    }


def looked_at_words(looked_at: Mapping[str, int]) -> str:
    """`4 templates, 6 blocks, 12 policies, 23 scenarios`; of a sort that there is none, nothing is said."""
    return ", ".join(counted(looked_at[key], noun) for key, noun in _LOOKED_AT if key in looked_at)


def found_words(report: Report) -> str:
    """`1 error, 2 warnings, 1 waived; 1 new since main`, or `clean`, as are remarks alone: `clean, 1 remark`."""
    outcome = report.outcome
    severities = [each.severity for each in outcome.findings]
    parts = [counted(severities.count(sort), noun) for sort, noun in SEVERITY_NOUNS if sort in severities]
    if outcome.elsewhere:
        parts.append(f"{counted(outcome.elsewhere, 'error')} in other files")
    if set(severities) <= {Severity.INFO} and not outcome.elsewhere:
        parts.insert(0, "clean")
    words = ", ".join(parts)
    if outcome.waived:
        words += f", {len(outcome.waived)} waived"
    if outcome.new is not None and outcome.findings:
        words += f"; {len(outcome.new) or 'nothing'} new since {report.base}"
    return words


def summary_words(report: Report) -> str:
    """What was looked at, and what came of it, on one line."""
    return f"{looked_at_words(report.looked_at)}: {found_words(report)}"
