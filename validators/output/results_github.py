"""A run of scenarios as annotations of a GitHub workflow, beside the lines of the scenarios that failed."""

from __future__ import annotations

from runner.contract.diagnostic import Diagnostic, Location, Severity
from validators.output.annotation import SHOWN_OF_A_SORT, annotation
from validators.output.results import shown_failures
from validators.output.scenario_report import ScenarioReport, summary_words

__all__ = ["results_github"]


def results_github(report: ScenarioReport) -> str:
    """One line a failure, then a summary; ends with a line break."""
    in_order = sorted(report.stopped, key=lambda found: found.severity is not Severity.ERROR)
    lines = [annotation(found, found.code, report.prefix) for found in in_order]
    lines += [annotation(found, f"{found.code} no scenario", report.prefix) for found in report.untried]
    for result in report.failed:
        title = f"{result.name} failed"
        lines += [annotation(found, f"{found.code} {title}", report.prefix) for found in shown_failures(result)]
    for each in report.uncovered:
        message = f"{each.template}: {each.percent} % is covered, and {report.minimum} % is asked for"
        first = "\n".join(f"{item.kind} {item.name}: {item.how}" for item in each.missing[:SHOWN_OF_A_SORT])
        file = report.files.get(each.template)
        where = Location(file, 1, 1) if file is not None else None
        found = Diagnostic("", Severity.ERROR, message, where, first)
        lines.append(annotation(found, "too little covered", report.prefix))
    annotated = len(lines)
    lines.append(summary_words(report))
    if annotated > SHOWN_OF_A_SORT:
        lines.append(f"GitHub shows the first {SHOWN_OF_A_SORT} of each sort beside the code; this log has more.")
    return "\n".join(lines) + "\n"
