"""`surety test`: runs the scenarios beside the templates, in virtual time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validators.commands.accepting import accept as accept_timelines
from validators.commands.endings import CLEAN, FINDINGS, Trouble, end
from validators.commands.reading import colour, open_tree, repository, revision_options
from validators.commands.written import write_whole

if TYPE_CHECKING:
    from runner.revision import Tree
    from validators.output.scenario_report import ScenarioReport
    from validators.simulate.coverage import TemplateCoverage
    from validators.simulate.suite import Asked, Suite

__all__ = ["test"]


@dataclass(frozen=True, slots=True)
class _View:
    """How it is to be shown."""

    form: str
    output: Path | None
    html: Path | None


@click.command()
@revision_options("text", "json", "junit", "github", "markdown")
@click.option(
    "--run",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Only scenarios of this name, template or file; * and ? stand for text. May be given again.",
)
@click.option(
    "--accept", is_flag=True, help="Write down in the scenarios who was accountable, and show the difference."
)
@click.option("--coverage", is_flag=True, help="Show what the scenarios cover of each template.")
@click.option(
    "--min-coverage",
    "minimum",
    type=click.IntRange(0, 100),
    metavar="PERCENT",
    help="Fail if less of a template is covered, and show what is missing.",
)
@click.option(
    "--coverage-html",
    "html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the coverage as a page.",
)
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Run in so many processes. Default: one a core.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first scenario that fails.")
@click.option("--no-cache", is_flag=True, help="Run also what has passed before and has not changed since.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
def test(
    *,
    repo: Path | None,
    rev: str | None,
    form: str,
    patterns: tuple[str, ...],
    accept: bool,
    coverage: bool,
    minimum: int | None,
    html: Path | None,
    jobs: int | None,
    fail_fast: bool,
    no_cache: bool,
    output: Path | None,
) -> None:
    """Run the scenarios beside the templates, in virtual time.

    A template without a scenario fails as well, unless --run narrows what is run.

    Exit codes: 0 all passed; 1 a scenario fails, is missing or covers too little; 2 wrong usage, or nothing was run;
    3 no answer; 130 stopped from the keyboard.
    """
    from validators.simulate.suite import Asked, run_suite

    if accept and rev is not None:
        raise Trouble("--accept writes into the files as they are", "Leave out --rev.")
    covering = coverage or html is not None or minimum is not None
    whole = form == "json"
    asked = Asked(patterns, jobs or _cores(), covering, fail_fast and not accept, whole, owners=whole or accept)
    root = repository(repo)
    tree = open_tree(root, rev)
    view = _View(form, output, html)
    suite = _run(tree, asked, fresh=no_cache)
    if suite.revision is None:
        _show(_stopped(tree, root, suite), tree, view)
        click.echo("surety: nothing to test until the errors are gone", err=True)
        end(FINDINGS)
    if accept and suite.names and accept_timelines(tree, root, suite.results):
        tree = open_tree(root, None)
        suite = run_suite(tree, asked)
    report = replace(_report(tree, root, suite, asked), minimum=minimum, listed=coverage)
    _show(report, tree, view)
    if not suite.names:
        read = "Nothing was tested. docs/scenarios.md says how to write one; `surety test` runs them all."
        raise Trouble("there is not one scenario: add templates/NAME/SOMETHING_test.yaml", read)
    end(CLEAN if report.passed else FINDINGS)


def _cores() -> int:
    """How many processor cores this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(tree: Tree, asked: Asked, *, fresh: bool) -> Suite:
    """Run what was asked for; ends the program if a pattern fits nothing, for nothing tried is never a pass."""
    from validators.simulate.passed import PassedCache
    from validators.simulate.results import in_names, is_meant
    from validators.simulate.suite import run_suite

    suite = run_suite(tree, asked, None if fresh else PassedCache(os.environ))
    stopped = asked.fail_fast and not all(result.passed for result in suite.results)  # so not every name is known
    known = suite.revision is not None and suite.names and not stopped
    for pattern in asked.patterns if known else ():
        if not any(is_meant(name, pattern) for name in suite.names):
            raise Trouble(f"no scenario fits `{pattern}`", _nearest_names(in_names(pattern), suite.names))
    return suite


def _nearest_names(pattern: str, names: Sequence[str]) -> str:
    """What may have been meant: the nearest name, else what there is of the template, else the templates."""
    from runner.contract.diagnostic import nearest

    template, slash, _ = pattern.partition("/")
    templates = sorted({name.partition("/")[0] for name in names})
    of_template = [name for name in names if name.startswith(f"{template}/")]
    near = nearest(pattern, [*names, *(name.partition("/")[2] for name in names), *templates])
    if near is None and slash and not of_template:
        near = nearest(template, templates)
    hint = f"Did you mean {near}? " if near else ""
    there_are = _some(of_template) if slash and of_template else f"scenarios of {_some(templates)}"
    return f"{hint}Nothing was tested. There are {there_are}"


def _some(names: Sequence[str]) -> str:
    shown = 20
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{', '.join(names[:shown])}{more}"


def _report(tree: Tree, root: Path, suite: Suite, asked: Asked) -> ScenarioReport:
    from runner.contract.diagnostic import Severity
    from runner.contract.template import Template
    from validators.check.rules.template_without_scenario import untried
    from validators.output.scenario_report import ScenarioReport

    missing = sorted(untried(suite.loaded.documents, suite.tried)) if not asked.patterns else []
    return ScenarioReport(
        revision=tree.label,
        results=suite.results,
        untried=[replace(each, severity=Severity.ERROR) for each in missing],
        coverage=_coverage(suite, asked) if asked.covering else (),
        files={each.read_as(Template).name: each.path for each in suite.loaded.documents.all("Template")},
        prefix=_prefix(root),
    )


def _stopped(tree: Tree, root: Path, suite: Suite) -> ScenarioReport:
    """That nothing was run, since the revision or a scenario has errors."""
    from runner.contract.documents import read_documents
    from validators.output.findings import verdict_words
    from validators.output.scenario_report import ScenarioReport

    documents = read_documents(tree)  # with the scenarios, which the suite reads apart, so that they are counted
    return ScenarioReport(
        revision=tree.label,
        results=(),
        stopped=suite.findings,
        looked_at=verdict_words(documents, suite.findings),
        prefix=_prefix(root),
    )


def _prefix(root: Path) -> str:
    """What leads from the current folder to the repository; empty if it lies elsewhere."""
    try:
        return f"{root.resolve().relative_to(Path.cwd().resolve()).as_posix()}/".removeprefix("./")
    except ValueError:
        return ""


def _coverage(suite: Suite, asked: Asked) -> tuple[TemplateCoverage, ...]:
    """That of all templates; where only some scenarios were run, that of the templates beside which they stand."""
    from validators.simulate.coverage import coverage_of

    contracts = suite.loaded.revision.contracts if suite.loaded.revision is not None else {}
    beside = {result.name.partition("/")[0] for result in suite.results}
    keys = {key for result in suite.results for key in result.covered}
    return coverage_of((each for each in contracts.values() if not asked.patterns or each.name in beside), keys)


def _show(report: ScenarioReport, tree: Tree, view: _View) -> None:
    from validators.output.scenario_report import summary_words

    if view.html is not None:
        from validators.output.coverage_html import coverage_html

        write_whole(view.html, coverage_html(report.coverage, report.revision, summary_words(report)))
    text = _rendered(report, tree, view)
    if view.output is None:
        click.echo(text, nl=False)
        return
    write_whole(view.output, text)
    click.echo(f"{summary_words(report)}; written to {view.output}")


def _rendered(report: ScenarioReport, tree: Tree, view: _View) -> str:
    from validators.output.findings import line_reader

    match view.form:
        case "json":
            from validators.output.results_json import results_json

            return results_json(report)
        case "junit":
            from validators.output.junit import results_junit

            return results_junit(report, line_reader(tree))
        case "github":
            from validators.output.results_github import results_github

            return results_github(report)
        case "markdown":
            from validators.output.results_markdown import results_markdown

            return results_markdown(report, line_reader(tree))
        case _:
            from validators.output.results import results_text

            return results_text(report, tree, colour=view.output is None and colour())
