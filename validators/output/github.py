"""A check as annotations of a GitHub workflow. A step shows ten of each sort, so new and severe findings come first.

Source of the form: "Workflow commands for GitHub Actions" in the documentation of GitHub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, printable_lines
from validators.output.report import Report, most_urgent, rest_words, summary_words

__all__ = ["SHOWN_OF_A_SORT", "annotation", "check_github", "workflow_line"]

SHOWN_OF_A_SORT: Final = 10
"""Annotations of one sort that GitHub shows of a step; the others stand in the log only."""
_SORTS: Final = {
    Severity.ERROR: "error",
    Severity.UNKNOWN: "error",  # no answer is no pass
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def check_github(report: Report) -> str:
    """One line a finding, then a summary; ends with a line break."""
    worst = most_urgent(report)
    lines = [_annotation(report, found) for found in worst]
    if report.outcome.elsewhere:
        lines.append("::error title=Errors in other files::Run `surety check` without paths to see them.")
    if rest := rest_words(report):
        lines.append(rest.rstrip())
    lines.append(summary_words(report))
    sorts = [_SORTS[found.severity] for found in worst]
    if any(sorts.count(sort) > SHOWN_OF_A_SORT for sort in sorts):
        lines.append(f"GitHub shows the first {SHOWN_OF_A_SORT} of each sort beside the code; this log has more.")
    return "\n".join(lines) + "\n"


def _annotation(report: Report, found: Diagnostic) -> str:
    title = f"{found.code} {report.name(found.code)}".strip()
    return annotation(found, f"{title}, new since {report.base}" if report.is_new(found) else title, report.prefix)


def annotation(found: Diagnostic, title: str, prefix: str) -> str:
    """One finding as a line; `prefix` leads from where the workflow runs to the repository."""
    properties: dict[str, object] = {}
    at = found.location
    if at is not None:
        properties = {"file": f"{prefix}{at.file}", "line": at.line}
        if at.end_line is None or at.end_line == at.line:  # columns are shown only within one line
            properties |= {"col": at.column} | ({"endColumn": at.end_column} if at.end_column else {})
        else:
            properties |= {"endLine": at.end_line}
    message = f"{found.message}\n{found.help}" if found.help else found.message
    return workflow_line(_SORTS[found.severity], message, {**properties, "title": title})


def workflow_line(sort: str, message: str, properties: Mapping[str, object]) -> str:
    """A command of a workflow: `error`, `warning` or `notice` with a message of any number of lines."""
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{sort} {told}::{_data(message)}"


def _data(text: str) -> str:
    """A message: control characters are shown, and nothing in it can begin another command."""
    return printable_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
