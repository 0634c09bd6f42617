"""`surety check`: looks at every policy, template, block and scenario, and shows what it found."""

from __future__ import annotations

import gc
import os
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validators.commands.endings import CLEAN, FINDINGS, UNKNOWN, Trouble, end
from validators.commands.paths import chosen_paths
from validators.commands.reading import colour, open_tree, repository, revision_options
from validators.commands.reading import today as present_day
from validators.commands.written import write_whole

if TYPE_CHECKING:
    from datetime import date

    from runner.revision import Tree
    from validators.check.cache import Answer
    from validators.check.outcome import Outcome
    from validators.check.selection import Selection
    from validators.output.report import Report

__all__ = ["check"]


@dataclass(frozen=True, slots=True)
class _Request:
    """What is to be looked at, and how."""

    root: Path
    paths: tuple[Path, ...]
    today: date
    asked: Selection
    schema_only: bool


@dataclass(frozen=True, slots=True)
class _View:
    """How it is to be shown and judged."""

    form: str
    fail_on: str
    base: str | None
    coloured: bool


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@revision_options("text", "json", "sarif", "github", "markdown")
@click.option("--base", metavar="REV", help="Mark what this commit does not have; only that, and gate errors, fail.")
@click.option(
    "--select", multiple=True, metavar="RULES", help="Ask only these rules: codes, SUR8 for all of them, names."
)
@click.option("--ignore", multiple=True, metavar="RULES", help="Do not ask these rules. Gate rules are always asked.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    help="From which severity on to fail.",
)
@click.option("--schema-only", is_flag=True, help="Compare with the published JSON Schemas, and nothing else.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to compare dates with. Default: today.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--no-cache", is_flag=True, help="Look again, although nothing has changed since the last time.")
@click.option("--fix", is_flag=True, help="First put right in the files what has one obvious answer.")
@click.option("--diff", is_flag=True, help="Write nothing; show what --fix would change, and fail if it would.")
def check(
    *,
    paths: tuple[Path, ...],
    repo: Path | None,
    rev: str | None,
    form: str,
    base: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    schema_only: bool,
    today: Any,  # noqa: ANN401 - a datetime, which need not be imported for the rest
    output: Path | None,
    no_cache: bool,
    fix: bool,
    diff: bool,
) -> None:
    """Look at every policy, template, block and scenario: spelling, references, limits, routing, people, time.

    With PATHS, only what is found in these files and folders is shown; everything is read all the same.

    Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage; 3 a question that could not be answered.
    """
    from validators.check.cache import Snapshot, answered

    if schema_only and (select or ignore):
        raise Trouble("--schema-only asks no rules", "Leave out --select and --ignore.")
    if (fix or diff) and (rev is not None or base is not None or schema_only):
        raise Trouble("--fix and --diff work on the files as they are", "Leave out --rev, --base and --schema-only.")
    day = today.date() if today else present_day()
    root = repository(repo)
    tree = open_tree(root, rev)
    view = _View(form, fail_on, base, coloured=output is None and colour())

    def request() -> _Request:
        return _Request(root, paths, day, _selection(select, ignore), schema_only)

    if fix or diff:
        tree = _fix(tree, request(), write=not diff)
    if rev is None and base is None and not no_cache:
        files = Snapshot(tree)
        asked = [[str(path) for path in paths], select, ignore, schema_only, astuple(view)]
        options = {"day": str(day), "asked": asked, "root": str(root), "here": str(Path.cwd())}
        answer = answered(files, options, os.environ, lambda: _answer(files, request(), view))
    else:
        answer = _answer(tree, request(), view)
    _show(answer, output)
    if answer.verdict == "unknown":
        click.echo("surety: some questions have no answer, so this is no pass", err=True)
    end({"clean": CLEAN, "findings": FINDINGS, "unknown": UNKNOWN}[answer.verdict])


def _answer(tree: Tree, request: _Request, view: _View) -> Answer:
    from validators.check.cache import Answer
    from validators.check.outcome import compare, restrict, verdict
    from validators.output.report import summary_words

    wanted = frozenset(chosen_paths(tree.paths(), request.root, request.paths))
    gc.disable()  # looking for rubbish among so much that is kept would take a third of the time
    try:
        outcome, looked_at = _look(tree, request)
        if view.base is not None:
            outcome = compare(outcome, _look(open_tree(request.root, view.base), request)[0].findings)
    finally:
        gc.enable()
    if request.paths:
        outcome = restrict(outcome, wanted.__contains__)
    report = _report(tree, request, outcome, looked_at, view.base)
    text = _rendered(report, view.form, tree, coloured=view.coloured)
    return Answer(text, summary_words(report), verdict(outcome, view.fail_on))


def _fix(tree: Tree, request: _Request, *, write: bool) -> Tree:
    """Fix the files, and read them anew; or end the program after showing how they would be fixed."""
    from validators.commands.fixing import show_fixes, write_fixes

    wanted = frozenset(chosen_paths(tree.paths(), request.root, request.paths))
    if not write:
        end(FINDINGS if show_fixes(tree, request.today, request.asked, wanted) else CLEAN)
    write_fixes(tree, request.root, request.today, request.asked, wanted)
    return open_tree(request.root, None)


def _selection(select: tuple[str, ...], ignore: tuple[str, ...]) -> Selection:
    from validators.check.selection import SelectionError, choose

    try:
        return choose(select, ignore)
    except SelectionError as error:
        raise Trouble(error.message, error.help) from None


def _look(tree: Tree, request: _Request) -> tuple[Outcome, dict[str, int]]:
    """What is found in all files, and how many documents of each sort there are."""
    from validators.check.outcome import Outcome, examine

    if request.schema_only:
        from validators.check.schema_only import check_schemas

        findings, files = check_schemas(tree)
        return Outcome(findings), {"files": files}
    from runner.contract.load import load_revision
    from validators.output.findings import counts

    loaded = load_revision(tree)
    return examine(loaded, request.today, request.asked), counts(loaded.documents)


def _report(tree: Tree, request: _Request, outcome: Outcome, looked_at: dict[str, int], base: str | None) -> Report:
    from validators.check.registry import all_rules
    from validators.output.report import Report

    asked = {code: rule for code, rule in all_rules().items() if rule.gate or code in request.asked}
    try:
        prefix = request.root.resolve().relative_to(Path.cwd().resolve()).as_posix() + "/"
    except ValueError:
        prefix = "./"  # a repository elsewhere: its own paths say most
    return Report(tree.label, outcome, looked_at, base, prefix.removeprefix("./"), asked)


def _rendered(report: Report, form: str, tree: Tree, *, coloured: bool) -> str:
    from validators.output.findings import line_reader

    if form == "json":
        from validators.output.check_json import check_json

        return check_json(report)
    if form == "sarif":
        from validators.output.sarif import check_sarif

        return check_sarif(report)
    if form == "github":
        from validators.output.github import check_github

        return check_github(report)
    if form == "markdown":
        from validators.output.check_markdown import check_markdown

        return check_markdown(report, line_reader(tree))
    from validators.output.check_text import check_text

    return check_text(report, line_reader(tree), colour=coloured)


def _show(answer: Answer, output: Path | None) -> None:
    if output is None:
        click.echo(answer.text, nl=False)
        return
    write_whole(output, answer.text)
    click.echo(f"{answer.summary}; written to {output}")
