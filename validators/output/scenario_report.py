"""A run of scenarios as it is to be shown, in whatever form: results, templates without a scenario, coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runner.contract.diagnostic import Diagnostic
from validators.output.findings import counted
from validators.simulate.coverage import TemplateCoverage
from validators.simulate.results import ScenarioResult

__all__ = ["ScenarioReport", "summary_words"]


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """A run to be shown; `coverage` is empty unless it was asked for, `minimum` in percent, None if there is none."""

    revision: str
    results: Sequence[ScenarioResult]
    untried: Sequence[Diagnostic] = ()
    coverage: Sequence[TemplateCoverage] = ()
    minimum: int | None = None
    listed: bool = False
    """Whether to say of every template what is not covered yet."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By template, the path of the file in which it stands."""
    stopped: Sequence[Diagnostic] = ()
    """Findings with the errors that kept everything from being run; then there are no results."""
    looked_at: str = ""
    """What was read, and how many findings there are, in words; where something stopped."""
    prefix: str = ""
    """What leads from the current folder to the repository, ending in a slash; empty if they are the same."""

    @property
    def failed(self) -> list[ScenarioResult]:
        """Scenarios that did not pass."""
        return [result for result in self.results if not result.passed]

    @property
    def uncovered(self) -> list[TemplateCoverage]:
        """Templates of which less is covered than asked for."""
        return [each for each in self.coverage if self.minimum is not None and each.percent < self.minimum]

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return bool(self.results) and not (self.failed or self.untried or self.uncovered or self.stopped)


def summary_words(report: ScenarioReport) -> str:
    """`27 scenarios: 25 passed, 2 failed; 1 template without a scenario; 1 template covered below 60 %`."""
    if report.stopped:
        return f"{report.looked_at}; nothing was run"
    parts = [_results_words(report)]
    if report.untried:
        parts.append(f"{counted(len(report.untried), 'template')} without a scenario")
    if report.uncovered:
        parts.append(f"{counted(len(report.uncovered), 'template')} covered below {report.minimum} %")
    return "; ".join(parts)


def _results_words(report: ScenarioReport) -> str:
    every, failed = len(report.results), len(report.failed)
    if not every:
        return "no scenario was run"
    if not failed:
        return f"{counted(every, 'scenario')}: {'passed' if every == 1 else 'all passed'}"
    return f"{counted(every, 'scenario')}: {every - failed} passed, {failed} failed"
