"""A check for people at a terminal: each finding with its line, what is waived, where to read more, and the sum.

Errors on which a runner refuses come first, since they hide much else; then everything by file and line. Remarks come
last and short: they are there on every run, and nothing is to be done about them.
"""

from __future__ import annotations

from dataclasses import replace

from runner.contract.diagnostic import Diagnostic, Severity, printable, render_text
from runner.contract.rule import is_gate
from validators.output.report import MOST_SHOWN, ReadLine, Report, most_urgent, rest_words, summary_words

__all__ = ["check_text"]

_CODES_AT_MOST = 8


def check_text(report: Report, read_line: ReadLine, *, colour: bool) -> str:
    """The whole output; ends with a line break."""
    shown = [_marked(found, report) for found in most_urgent(report)]
    findings = [found for found in shown if found.severity is not Severity.INFO]
    remarks = "".join(_remark(found) for found in sorted(shown) if found.severity is Severity.INFO)
    refused = [found for found in findings if is_gate(found.code)]
    others = [found for found in findings if not is_gate(found.code)]
    parts = [render_text(each, read_line, colour=colour) for each in (refused, others)]
    parts += [remarks, rest_words(report)]
    parts += [_waived(report), _elsewhere(report), _more(report)]
    parts.append(f"{summary_words(report)}\n")
    return "\n".join(part for part in parts if part)


def _remark(found: Diagnostic) -> str:
    place = f" {printable(str(found.location))}" if found.location is not None else ""
    return f"{found.severity}[{found.code}]{place}: {printable(found.message)}\n"


def _marked(found: Diagnostic, report: Report) -> Diagnostic:
    return replace(found, message=f"{found.message} (new since {report.base})") if report.is_new(found) else found


def _waived(report: Report) -> str:
    waived = report.outcome.waived
    lines = [
        f"waived[{found.code}] {found.location} until {each.until}: {printable(each.reason)}\n"
        for each in waived[:MOST_SHOWN]
        for found in [each.finding]
    ]
    rest = len(waived) - len(lines)
    return "".join([*lines, f"{rest} more waived; --format json has them all.\n"] if rest else lines)


def _elsewhere(report: Report) -> str:
    if not report.outcome.elsewhere:
        return ""
    return (
        "Errors in other files make the revision unusable, so what needs all of it was not looked at.\n"
        "Run `surety check` without paths to see them.\n"
    )


def _more(report: Report) -> str:
    shown = sorted(report.outcome.findings, key=lambda found: (not is_gate(found.code), found))
    codes = list(dict.fromkeys(found.code for found in shown))
    if not codes:
        return ""
    first, *others = codes[:_CODES_AT_MOST]
    rest = f" (also {', '.join(others)}{', …' if len(codes) > _CODES_AT_MOST else ''})" if others else ""
    return f"To read more about a finding: surety rule {first}{rest}\n"
