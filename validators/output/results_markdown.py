"""A run of scenarios as a comment on a pull request: what failed and where, coverage as a table, details below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import printable, render_text
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
    head += [f"Run on {code(report.revision)}.", ""]
    tail = list(_coverage(report))
    room = _MOST_CHARACTERS - sum(len(line) + 1 for line in (*head, *tail))
    return "\n".join([*head, *_failed(report, read_line, room), *tail]).rstrip() + "\n"


def _failed(report: ScenarioReport, read_line: ReadLine, room: int) -> Iterator[str]:
    rows = [
        f"| a template | {each.code} | {words(each.message)} | {code(str(each.location))} |" for each in report.untried
    ]
    details: list[str] = []
    left = 0
    for result in report.failed:
        found = shown_failures(result)
        where = code(str(found[0].location)) if found[0].location is not None else ""
        row = f"| {code(result.name)} | {found[0].code} | {words(found[0].message)} | {where} |"
        text = render_text(found, lambda file, line: _clean(read_line(file, line)))
        detail = fenced(f"{result.name}\n\n{text}", "text")
        room -= len(row) + len(detail) + 2
        if room < 0:
            left += 1
            continue
        rows.append(row)
        details.append(detail)
    if rows:
        yield from ("| Scenario | Rule | What happened | Where |", "|---|---|---|---|", *rows, "")
    if left:
        yield from (f"{left} more do not fit into a comment; `surety test` shows them.", "")
    if details:
        yield from ("<details><summary>Timelines</summary>", "", *details, "</details>", "")


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
