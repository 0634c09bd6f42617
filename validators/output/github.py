"""A check as annotations of a GitHub workflow. A step shows ten of each sort, so new and severe findings come first."""

from __future__ import annotations

from runner.contract.diagnostic import Diagnostic
from validators.output.annotation import SHOWN_OF_A_SORT, SORTS, annotation
from validators.output.report import Report, most_urgent, rest_words, summary_words

__all__ = ["check_github"]


def check_github(report: Report) -> str:
    """One line a finding, then a summary; ends with a line break."""
    worst = most_urgent(report)
    lines = [_annotation(report, found) for found in worst]
    if report.outcome.elsewhere:
        lines.append("::error title=Errors in other files::Run `surety check` without paths to see them.")
    if rest := rest_words(report):
        lines.append(rest.rstrip())
    lines.append(summary_words(report))
    sorts = [SORTS[found.severity] for found in worst]
    if any(sorts.count(sort) > SHOWN_OF_A_SORT for sort in sorts):
        lines.append(f"GitHub shows the first {SHOWN_OF_A_SORT} of each sort beside the code; this log has more.")
    return "\n".join(lines) + "\n"


def _annotation(report: Report, found: Diagnostic) -> str:
    title = f"{found.code} {report.name(found.code)}".strip()
    return annotation(found, f"{title}, new since {report.base}" if report.is_new(found) else title, report.prefix)
