"""Results of scenarios for people at a terminal: what failed with its owner timeline, then how many passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Files
from validators.output.findings import counted, findings_text
from validators.simulate import Entry, Failure, ScenarioResult

__all__ = ["results_text", "results_words", "timeline_lines"]

Show = Callable[[datetime], str]


_INSTANTS: Final = 2
"""Failing instants shown of a scenario; what comes later mostly follows from them."""


def results_text(results: Iterable[tuple[ScenarioResult, Show]], files: Files, *, colour: bool) -> str:
    """Every scenario that failed: its first failing instants with the owner timeline around each, and how many more.

    `Show` gives an instant in the scenario's own time.
    """
    return "".join(_failed(result, show, files, colour) for result, show in results if not result.passed)


def _failed(result: ScenarioResult, show: Show, files: Files, colour: bool) -> str:  # noqa: FBT001 - as above
    instants = sorted({failure.at for failure in result.failures if failure.at is not None})[:_INSTANTS]
    shown = [failure for failure in result.failures if failure.at is None or failure.at in instants]
    told = {failure.at: failure for failure in reversed(shown)}  # the first failure of an instant has its timeline
    found = [_with_timeline(each, show) if told[each.at] is each else each.diagnostic for each in shown]
    more = len(result.failures) - len(shown)
    rest = f"{counted(more, 'more failure')} of {result.name} at later instants; fix these first\n\n" if more else ""
    return f"{result.name} failed\n\n{findings_text(found, files, colour=colour)}{rest}"


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


def results_words(results: Sequence[ScenarioResult]) -> str:
    """`27 scenarios: 25 passed, 2 failed`."""
    failed = sum(not result.passed for result in results)
    passed = len(results) - failed
    if not failed:
        return f"{counted(len(results), 'scenario')}: {'passed' if passed == 1 else 'all passed'}"
    return f"{counted(len(results), 'scenario')}: {passed} passed, {failed} failed"
