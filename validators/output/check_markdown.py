"""A check as a comment on a pull request: a table of the findings, new and severe ones first, and their lines below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, printable, render_text
from validators.output.markdown import code, fenced, words
from validators.output.report import ReadLine, Report, found_words, looked_at_words

__all__ = ["check_markdown"]

_MOST_CHARACTERS: Final = 60_000
"""GitHub takes 65,536 of a comment; the rest is for whoever puts it there."""
_ORDER: Final = list(Severity)


def check_markdown(report: Report, read_line: ReadLine) -> str:
    """The whole comment, ending with a line break; it begins with a mark by which it can be found again."""
    outcome = report.outcome
    head = ["<!-- surety check -->", f"### surety check: {words(found_words(report))}", ""]
    head += [f"{looked_at_words(report.looked_at)} in {code(report.revision)}.", ""]
    tail: list[str] = []
    if outcome.elsewhere:
        tail += ["Errors in other files make the revision unusable; run `surety check` without paths to see them.", ""]
    if outcome.waived:
        tail += ["Waived, and not counted:", ""]
        tail += [
            f"- {each.finding.code} at {code(str(each.finding.location))} until {each.until}: {words(each.reason)}"
            for each in outcome.waived
        ]
        tail += [""]
    room = _MOST_CHARACTERS - sum(len(line) + 1 for line in (*head, *tail))
    return "\n".join([*head, *_findings(report, read_line, room), *tail]).rstrip() + "\n"


def _findings(report: Report, read_line: ReadLine, room: int) -> Iterator[str]:
    ordered = sorted(
        report.outcome.findings, key=lambda found: (not report.is_new(found), _ORDER.index(found.severity), found)
    )
    if not ordered:
        return
    rows, details = [], []
    for found in ordered:
        row, detail = _row(report, found), _detail(found, read_line)
        room -= len(row) + len(detail) + 2
        if room < 0:
            break
        rows.append(row)
        details.append(detail)
    yield from ("| | Rule | Finding | Where |", "|---|---|---|---|", *rows, "")
    if len(rows) < len(ordered):
        yield from (f"{len(ordered) - len(rows)} more do not fit into a comment; `surety check` shows them.", "")
    yield from ("<details><summary>The lines, and what to do</summary>", "", *details, "</details>", "")


def _row(report: Report, found: Diagnostic) -> str:
    severity = f"**new** {found.severity}" if report.is_new(found) else str(found.severity)
    where = code(str(found.location)) if found.location is not None else "the repository"
    return f"| {severity} | {found.code} {report.name(found.code)} | {words(found.message)} | {where} |"


def _detail(found: Diagnostic, read_line: ReadLine) -> str:
    return fenced(render_text([found], lambda file, line: _clean(read_line(file, line))), "text")


def _clean(line: str | None) -> str | None:
    return None if line is None else printable(line.replace("\t", " "))
