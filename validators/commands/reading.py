"""What commands that read a revision share: their options, the reading, the moment, whether to use colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from validators.commands.endings import FINDINGS, end

if TYPE_CHECKING:
    from datetime import date, datetime

    from runner.contract.diagnostic import Diagnostic
    from runner.contract.load import Loaded
    from runner.revision import Tree

__all__ = [
    "by_severity",
    "colour",
    "load",
    "now",
    "open_tree",
    "refuse_invalid",
    "repository",
    "revision_options",
    "today",
]


def revision_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of every command that reads a revision: where it is, which one, and the form of the output."""
    where = "The governance repository. Default: the nearest folder upwards with policies/ and templates/."
    form = click.Choice(formats or ("text", "json"))

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--format", "form", type=form, default="text", help="The form of the output."),
            click.option(
                "--rev", metavar="REV", help="Read this commit, branch or tag instead of the files as they are."
            ),
            click.option("--repo", type=click.Path(path_type=Path), metavar="DIR", help=where),
        ):
            command = option(command)
        return command

    return add


def repository(repo: Path | None) -> Path:
    """The folder that was named, or the nearest one upwards that is a repository. Raises `TreeError`."""
    from runner.revision import find_repository

    return repo if repo is not None else find_repository(Path.cwd())


def open_tree(root: Path, rev: str | None) -> Tree:
    """The files of the repository: as they lie in the folder, or those of a commit. Raises `TreeError`.

    What is no file is listed all the same, so that it becomes a finding.
    """
    from runner.revision import FolderTree, GitTree

    return FolderTree(root, strict=False) if rev is None else GitTree(root, rev, strict=False)


def load(repo: Path | None, rev: str | None, *, scenarios: bool = True) -> tuple[Tree, Loaded]:
    """The files, and what they say; without `scenarios`, what those alone say that hold none. Raises `TreeError`."""
    from runner.contract.load import load_revision

    tree = open_tree(repository(repo), rev)
    if scenarios:
        return tree, load_revision(tree)
    from validators.scenario_files import But, scenario_files

    return tree, load_revision(But(tree, scenario_files(tree)))


def refuse_invalid(tree: Tree, loaded: Loaded, form: str, command: str, *, prefix: str = "") -> NoReturn:
    """The revision has errors: show them and stop, since nothing can be said about what it would do.

    `prefix` leads annotations from where they are made to the repository.
    """
    from runner.contract.diagnostic import Severity
    from validators.output.annotation import annotation
    from validators.output.as_json import envelope
    from validators.output.findings import findings_text, verdict_words

    if form == "json":
        summary = {"revision": tree.label, **by_severity(loaded.findings)}
        click.echo(envelope(command, summary, loaded.findings), nl=False)
        end(FINDINGS)
    if form == "github":
        for found in sorted(loaded.findings, key=lambda each: each.severity is not Severity.ERROR):
            click.echo(annotation(found, found.code, prefix))
    else:
        click.echo(findings_text(loaded.findings, tree, colour=colour()), nl=False)
    click.echo(verdict_words(loaded.documents, loaded.findings))
    click.echo(f"surety: nothing to {command} until the errors are gone", err=True)
    end(FINDINGS)


def by_severity(findings: Iterable[Diagnostic]) -> dict[str, int]:
    """How many errors and warnings there are."""
    severities = [each.severity.value for each in findings]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


def now() -> datetime:
    """The present instant, in UTC."""
    from runner.clock import RealClocks

    return RealClocks().now()


def today() -> date:
    """The present day, in UTC."""
    return now().date()


def colour() -> bool:
    """Whether to use colour: for a terminal, and for those who have not asked to be spared it (no-color.org)."""
    terminal = sys.stdout is not None and sys.stdout.isatty()  # there is no output at all when it was closed
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
