"""A run of scenarios for programs, in the envelope that every command uses."""

from __future__ import annotations

from typing import Any

from validators.output.as_json import envelope
from validators.output.scenario_report import ScenarioReport
from validators.simulate.coverage import TemplateCoverage
from validators.simulate.results import Failure

__all__ = ["results_json"]


def results_json(report: ScenarioReport) -> str:
    """The document as text, ending with a line break; `coverage` is there if it was asked for.

    `errors` and `warnings` are there if errors kept everything from being run.
    """
    failed = len(report.failed)
    summary: dict[str, Any] = {
        "revision": report.revision,
        "scenarios": len(report.results),
        "passed": len(report.results) - failed,
        "failed": failed,
    }
    if report.stopped:
        severities = [each.severity.value for each in report.stopped]
        summary |= {"errors": severities.count("error"), "warnings": severities.count("warning")}
    if report.minimum is not None:
        summary |= {"minimum": report.minimum, "uncovered": [each.template for each in report.uncovered]}
    findings = [each.to_json() for each in (*report.stopped, *report.untried)]
    findings += [_failure(each, result.name) for result in report.results for each in result.failures]
    told = [
        {
            "name": each.name,
            "passed": each.passed,
            "decisions": each.decided,
            "owners": [change.model_dump(exclude_none=True) for change in each.owners],
            "kpis": [figures.plain() for figures in each.kpis],
        }
        for each in report.results
    ]
    more = {"coverage": [_coverage(each) for each in report.coverage]} if report.coverage else {}
    return envelope("test", summary, findings, scenarios=told, **more)


def _failure(each: Failure, scenario: str) -> dict[str, Any]:
    near = {"at": each.at, "expected": each.expected, "got": each.got, "timeline": each.around}
    return {**each.diagnostic.to_json(), "scenario": scenario, **near}


def _coverage(each: TemplateCoverage) -> dict[str, Any]:
    missing = [{"kind": item.kind, "name": item.name, "how": item.how} for item in each.missing]
    return {"template": each.template, "percent": each.percent, "kinds": each.by_kind(), "missing": missing}
