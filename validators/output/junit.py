"""A run of scenarios as JUnit XML, which every CI reads: a suite for each template, a case for each scenario.

*Source:* the schema of the Jenkins xUnit plugin, which is what "JUnit XML" has come to mean. Readers add up `time`, so
it is always there; scenarios run in virtual time, and the same run gives the same bytes: it is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from runner.contract.diagnostic import Diagnostic, Severity, printable_lines, render_text
from validators.output.report import ReadLine
from validators.output.results import shown_failures, timeline_lines
from validators.output.scenario_report import ScenarioReport
from validators.simulate.results import ScenarioResult

__all__ = ["results_junit"]


def results_junit(report: ScenarioReport, read_line: ReadLine) -> str:
    """The document, ending with a line break; the same run gives the same bytes."""
    suites: dict[str, list[ScenarioResult]] = {}
    for result in report.results:
        suites.setdefault(result.name.partition("/")[0], []).append(result)
    stopped = _errors_by_file(report)
    wrong = len(report.untried) + len(stopped)
    tests, failures = len(report.results), len(report.failed)
    short = len(report.uncovered)
    counts = f'tests="{tests + wrong + short}" failures="{failures + short}" errors="{wrong}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="surety test" {counts} time="0">']
    for name, results in suites.items():
        failed = sum(not result.passed for result in results)
        lines.append(
            f'  <testsuite name={_attribute(name)} tests="{len(results)}" failures="{failed}" errors="0" time="0">'
        )
        for result in results:
            lines += _case(result, read_line)
        lines.append("  </testsuite>")
    lines += _stopped(stopped, read_line)
    lines += _others(report, list(report.untried), read_line)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _case(result: ScenarioResult, read_line: ReadLine) -> Iterator[str]:
    template, _, name = result.name.partition("/")
    file = f" file={_attribute(result.place.path)}" if result.place is not None else ""
    head = f'    <testcase classname={_attribute(template)} name={_attribute(name)}{file} time="0"'
    if result.passed:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield from _trouble("failure", shown_failures(result), read_line)
    show = result.place.show if result.place is not None else str
    owners = [entry for entry in result.timeline if entry.owner]
    yield f"      <system-out>{_text(chr(10).join(timeline_lines(owners, show)))}</system-out>"
    yield "    </testcase>"


def _trouble(sort: str, found: list[Diagnostic], read_line: ReadLine) -> Iterator[str]:
    """All findings in one element, since a case may have only one; the first gives it its message."""
    words, first = render_text(found, read_line), found[0]
    yield f"      <{sort} type={_attribute(first.code)} message={_attribute(first.message)}>{_text(words)}</{sort}>"


def _errors_by_file(report: ScenarioReport) -> dict[str, list[Diagnostic]]:
    """The errors that kept everything from being run."""
    found: dict[str, list[Diagnostic]] = {}
    for each in report.stopped:
        if each.severity is Severity.ERROR:
            found.setdefault(each.location.file if each.location is not None else "the repository", []).append(each)
    return found


def _stopped(by_file: Mapping[str, list[Diagnostic]], read_line: ReadLine) -> Iterator[str]:
    """A case for each file with errors."""
    if not by_file:
        return
    yield f'  <testsuite name="files" tests="{len(by_file)}" failures="0" errors="{len(by_file)}" time="0">'
    for file, found_there in by_file.items():
        where = f" file={_attribute(file)}" if found_there[0].location is not None else ""
        yield f'    <testcase classname="files" name={_attribute(f"{file} is valid")}{where} time="0">'
        yield from _trouble("error", found_there, read_line)
        yield "    </testcase>"
    yield "  </testsuite>"


def _others(report: ScenarioReport, untried: list[Diagnostic], read_line: ReadLine) -> Iterator[str]:
    """What is wrong with the templates and not with a scenario."""
    short = report.uncovered
    if not untried and not short:
        return
    yield (
        f'  <testsuite name="templates" tests="{len(untried) + len(short)}" failures="{len(short)}" '
        f'errors="{len(untried)}" time="0">'
    )
    for found in untried:
        file = found.location.file if found.location is not None else "templates"
        yield f'    <testcase classname="templates" name={_attribute(f"{file} has a scenario")} time="0">'
        yield from _trouble("error", [found], read_line)
        yield "    </testcase>"
    for each in short:
        message = f"{each.percent} % is covered, and {report.minimum} % is asked for"
        missing = "\n".join(f"{item.kind} {item.name}: {item.how}" for item in each.missing)
        path = report.files.get(each.template)
        file = f" file={_attribute(path)}" if path is not None else ""
        yield f'    <testcase classname="templates" name={_attribute(f"{each.template} is covered")}{file} time="0">'
        yield f'      <failure type="coverage" message={_attribute(message)}>{_text(missing)}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _attribute(text: str) -> str:
    return quoteattr(" ".join(printable_lines(text).split("\n")))


def _text(text: str) -> str:
    return escape(printable_lines(text))
