"""`surety test`: runs the scenarios beside the templates, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validators.commands.endings import CLEAN, FINDINGS, Trouble, end
from validators.commands.reading import colour, load, refuse_invalid, revision_options

if TYPE_CHECKING:
    from runner.contract.diagnostic import Diagnostic
    from runner.revision import Tree
    from validators.simulate import Failure, ScenarioResult

__all__ = ["test"]


@click.command()
@revision_options()
@click.option(
    "--run", "pattern", metavar="PATTERN", help="Only scenarios of this name or template; * and ? stand for text."
)
def test(repo: Path | None, rev: str | None, form: str, pattern: str | None) -> None:
    """Run the scenarios beside the templates, in virtual time."""
    from validators.check.rules.template_without_scenario import check as untried_templates
    from validators.check.subject import Subject
    from validators.output.findings import findings_text
    from validators.output.results import results_text, results_words
    from validators.simulate import run_scenario, select

    tree, loaded = load(repo, rev)
    revision = loaded.revision
    if revision is None:
        refuse_invalid(tree, loaded, form, "test")
    chosen = select(revision, pattern)
    if not chosen:
        known = "there is not one scenario: add templates/NAME/SOMETHING_test.yaml"
        found = f"no scenario fits `{pattern}`" if revision.scenarios else known
        raise Trouble(
            found, "Nothing was tested. docs/scenarios.md says how to write one; `surety test` runs them all."
        )
    untried = sorted(untried_templates(Subject(loaded, date.max)))
    results = [run_scenario(revision, scenario, document) for _, scenario, document in chosen]
    if form == "json":
        _results_json(tree, results, untried)
    else:
        shows = [_show(scenario.zone, scenario.start) for _, scenario, _ in chosen]
        click.echo(findings_text(untried, tree, colour=colour()), nl=False)
        click.echo(results_text(zip(results, shows, strict=True), tree, colour=colour()), nl=False)
        click.echo(results_words(results))
    end(CLEAN if all(result.passed for result in results) else FINDINGS)


def _results_json(tree: Tree, results: Sequence[ScenarioResult], untried: Sequence[Diagnostic]) -> None:
    from validators.output.as_json import envelope

    def failure(each: Failure, scenario: str) -> dict[str, Any]:
        near = {"at": each.at, "expected": each.expected, "got": each.got, "timeline": each.around}
        return {**each.diagnostic.to_json(), "scenario": scenario, **near}

    failed = sum(not result.passed for result in results)
    summary = {"revision": tree.label, "scenarios": len(results), "passed": len(results) - failed, "failed": failed}
    findings = [each.to_json() for each in untried]
    findings += [failure(each, result.name) for result in results for each in result.failures]
    told = [
        {
            "name": each.name,
            "passed": each.passed,
            "decisions": len(each.decisions),
            "kpis": [figures.plain() for figures in each.kpis],
        }
        for each in results
    ]
    click.echo(envelope("test", summary, findings, scenarios=told), nl=False)


def _show(zone: str, start: str) -> Callable[[Any], str]:
    from runner.contract.local_time import LocalTimes, TimeError

    try:
        return LocalTimes(zone, start).show
    except TimeError:  # the scenario did not run, so there is nothing to show
        return str
