"""A check for programs, in the envelope that every command uses."""

from __future__ import annotations

from typing import Any

from runner.contract.diagnostic import Diagnostic
from validators.output.as_json import envelope
from validators.output.report import Report, severity_counts

__all__ = ["check_json"]


def check_json(report: Report) -> str:
    """The document as text, ending with a line break; `new` stands at each finding if there is a base."""
    outcome = report.outcome
    summary: dict[str, Any] = {"revision": report.revision, **report.looked_at, **severity_counts(report)}
    if outcome.new is not None:
        summary |= {"base": report.base, "new": len(outcome.new)}
    if outcome.elsewhere:
        summary["errors_in_other_files"] = outcome.elsewhere
    waived = [{**_finding(report, each.finding), "reason": each.reason, "until": each.until} for each in outcome.waived]
    return envelope("check", summary, [_finding(report, found) for found in outcome.findings], waived=waived)


def _finding(report: Report, found: Diagnostic) -> dict[str, Any]:
    more = {"new": report.is_new(found)} if report.outcome.new is not None else {}
    return {**found.to_json(), "rule": report.name(found.code), **more}
