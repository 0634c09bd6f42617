"""A run of scenarios as a comment on a pull request: what failed and where, coverage as a table, details below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, printable, render_text
from validators.output.coverage_text import coverage_rows
from validators.output.markdown import code, fenced, words
from validators.output.report import ReadLine
from validators.output.results import shown_failures
from validators.output.scenario_report import ScenarioReport, summary_words

__all__ = ["results_markdown"]

_MOST_CHARACTERS: Final = 60_000
"""GitHub takes 65,536 of a comment; the rest is for whoever puts it there."""


def results_markdown(report: ScenarioReport, read_line: ReadLine) -> str:
    """The whole comment, ending with a line break; it begins with a mark by which it can be found again."""
    head = ["<!-- surety test -->", f"### surety test: {words(summary_words(report))}", ""]
    head += [f"{'In' if report.stopped else 'Run on'} {code(report.revision)}.", ""]
    tail = list(_coverage(report))
    room = _MOST_CHARACTERS - sum(len(line) + 1 for line in (*head, *tail))
    return "\n".join([*head, *_failed(report, read_line, room), *tail]).rstrip() + "\n"


def _failed(report: ScenarioReport, read_line: ReadLine, room: int) -> Iterator[str]:
    rows: list[str] = []
    details: list[str] = []
    left = 0
    for row, detail in (*_stopped(report, read_line), *_untried(report), *_results(report, read_line)):
        room -= len(row) + len(detail) + 2
        if room < 0:
            left += 1
            continue
        rows.append(row)
        details += [detail] if detail else []
    if rows:
        yield from (f"| {'' if report.stopped else 'Scenario'} | Rule | What happened | Where |", "|---|---|---|---|")
        yield from (*rows, "")
    if left:
        yield from (f"{left} more do not fit into a comment; `surety test` shows them.", "")
    if details:
        below = "The lines, and what to do" if report.stopped else "Timelines"
        yield from (f"<details><summary>{below}</summary>", "", *details, "</details>", "")


def _stopped(report: ScenarioReport, read_line: ReadLine) -> Iterator[tuple[str, str]]:
    """What kept everything from being run, errors first: a row, and its line with what to do."""
    for each in sorted(report.stopped, key=lambda found: found.severity is not Severity.ERROR):
        yield _row(str(each.severity), each), fenced(_shown([each], read_line), "text")


def _untried(report: ScenarioReport) -> Iterator[tuple[str, str]]:
    yield from ((_row("a template", each), "") for each in report.untried)


def _results(report: ScenarioReport, read_line: ReadLine) -> Iterator[tuple[str, str]]:
    """Each scenario that failed: a row, and its story."""
    for result in report.failed:
        found = shown_failures(result)
        story = fenced(f"{result.name}\n\n{_shown(found, read_line)}", "text")
        yield _row(code(result.name), found[0]), story


def _row(what: str, found: Diagnostic) -> str:
    where = code(str(found.location)) if found.location is not None else ""
    return f"| {what} | {found.code} | {words(found.message)} | {where} |"


def _shown(found: Sequence[Diagnostic], read_line: ReadLine) -> str:
    return render_text(found, lambda file, line: _clean(read_line(file, line)))


def _coverage(report: ScenarioReport) -> Iterator[str]:
    if not report.coverage:
        return
    head, *rows = coverage_rows(report.coverage)
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    yield from (f"| {code(row[0])} | {' | '.join(row[1:])} |" for row in rows)
    yield ""
    for each in report.uncovered:
        yield f"<details><summary>{each.template}: {each.percent} % of {report.minimum} %; missing</summary>"
        yield ""
        yield from (f"- {words(f'{item.kind} {item.name}: {item.how}')}" for item in each.missing)
        yield from ("", "</details>", "")


def _clean(line: str | None) -> str | None:
    return None if line is None else printable(line.replace("\t", " "))
