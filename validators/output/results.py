"""Results of scenarios for people at a terminal: what failed with its owner timeline, then how many passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Files
from validators.output.findings import counted, findings_text
from validators.simulate import Entry, Failure, ScenarioResult

__all__ = ["results_text", "results_words", "timeline_lines"]

Show = Callable[[datetime], str]


def results_text(results: Iterable[tuple[ScenarioResult, Show]], files: Files, *, colour: bool) -> str:
    """What failed, each with the owner timeline around it; `Show` gives an instant in the scenario's own time."""
    found = [_with_timeline(failure, show) for result, show in results for failure in result.failures]
    return findings_text(found, files, colour=colour)


def _with_timeline(failure: Failure, show: Show) -> Diagnostic:
    found = failure.diagnostic
    if not failure.around:
        return found
    lines = ["the owner timeline around it:", *timeline_lines(failure.around, show)]
    help_text = "\n".join([found.help, *lines] if found.help else lines)
    return replace(found, help=help_text)


def timeline_lines(entries: Sequence[Entry], show: Show) -> list[str]:
    """One line an entry: when, what, why, and where the rule stands."""
    width = max((len(entry.what) for entry in entries), default=0)
    return [
        f"{show(entry.at)}  {entry.what:<{width}}  {entry.why} ({entry.place or entry.rule})".rstrip()
        for entry in entries
    ]


def results_words(results: Sequence[ScenarioResult]) -> str:
    """`27 scenarios: 25 passed, 2 failed`."""
    failed = sum(not result.passed for result in results)
    passed = len(results) - failed
    if not failed:
        return f"{counted(len(results), 'scenario')}: {'passed' if passed == 1 else 'all passed'}"
    return f"{counted(len(results), 'scenario')}: {passed} passed, {failed} failed"
