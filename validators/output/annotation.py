"""Annotations of a GitHub workflow: a finding, or any other message, as one line that GitHub shows beside the code.

Source of the form: "Workflow commands for GitHub Actions" in the documentation of GitHub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, printable_lines

__all__ = ["SHOWN_OF_A_SORT", "SORTS", "annotation", "workflow_line"]

SHOWN_OF_A_SORT: Final = 10
"""Annotations of one sort that GitHub shows of a step; the others stand in the log only."""
SORTS: Final = {
    Severity.ERROR: "error",
    Severity.UNKNOWN: "error",  # no answer is no pass
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
"""What GitHub calls a finding of each severity."""


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
    return workflow_line(SORTS[found.severity], message, {**properties, "title": title})


def workflow_line(sort: str, message: str, properties: Mapping[str, object]) -> str:
    """A command of a workflow: `error`, `warning` or `notice` with a message of any number of lines."""
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{sort} {told}::{_data(message)}"


def _data(text: str) -> str:
    """A message: control characters are shown, and nothing in it can begin another command."""
    return printable_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
