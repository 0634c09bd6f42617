"""Results of scenarios for people at a terminal: what failed with its owner timeline, coverage, and the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Files
from validators.output.coverage_text import coverage_text
from validators.output.findings import counted, findings_text
from validators.output.scenario_report import ScenarioReport, summary_words
from validators.simulate.results import Failure, ScenarioResult
from validators.simulate.timeline import Entry

__all__ = ["results_text", "shown_failures", "timeline_lines"]

Show = Callable[[datetime], str]
_SCENARIOS: Final = 50
"""Failed scenarios shown at once: nobody reads more."""
_INSTANTS: Final = 2
"""Failing instants shown of a scenario; what comes later mostly follows from them."""


def results_text(report: ScenarioReport, files: Files, *, colour: bool) -> str:
    """What stopped it, templates without a scenario, every scenario that failed, coverage if asked for, and the sum."""
    parts = [findings_text([*report.stopped, *report.untried], files, colour=colour)]
    for result in report.failed[:_SCENARIOS]:
        more = _rest(result)
        found = findings_text(shown_failures(result), files, colour=colour)
        parts.append(f"{result.name} failed\n\n{found}{more}")
    if len(report.failed) > _SCENARIOS:
        rest = counted(len(report.failed) - _SCENARIOS, "more scenario")
        parts.append(f"{rest} failed and not shown here; --format json has them all\n\n")
    parts.append(coverage_text(report.coverage, report.minimum, listed=report.listed))
    return f"{''.join(parts)}{summary_words(report)}\n"


def shown_failures(result: ScenarioResult) -> list[Diagnostic]:
    """The failures at the first failing instants, each with the owner timeline around it that was not shown yet."""
    shown = _shown(result)
    in_order = sorted(shown, key=lambda failure: failure.diagnostic, reverse=True)
    told = {failure.around: failure for failure in in_order}  # the first that is shown of it
    show = result.place.show if result.place is not None else str
    return [_with_timeline(each, show) if told[each.around] is each else each.diagnostic for each in shown]


def _shown(result: ScenarioResult) -> list[Failure]:
    instants = sorted({failure.at for failure in result.failures if failure.at is not None})[:_INSTANTS]
    return [failure for failure in result.failures if failure.at is None or failure.at in instants]


def _rest(result: ScenarioResult) -> str:
    more = len(result.failures) - len(_shown(result))
    return f"{counted(more, 'more failure')} of {result.name} at later instants; fix these first\n\n" if more else ""


def _with_timeline(failure: Failure, show: Show) -> Diagnostic:
    found = failure.diagnostic
    if not failure.around:
        return found
    lines = ["the owner timeline around it:", *timeline_lines(failure.around, show)]
    return replace(found, help="\n".join([found.help, *lines] if found.help else lines))


def timeline_lines(entries: Sequence[Entry], show: Show) -> list[str]:
    """One line an entry: when, what, why, and where the rule stands."""
    width = max((len(entry.what) for entry in entries), default=0)
    return [
        f"{show(entry.at)}  {entry.what:<{width}}  {entry.why} ({entry.place or entry.rule})".rstrip()
        for entry in entries
    ]
