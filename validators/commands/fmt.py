"""`surety fmt`: writes files in canonical form, or says which are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validators.commands.endings import CLEAN, FINDINGS, Trouble, end
from validators.commands.paths import chosen_paths
from validators.commands.reading import colour

if TYPE_CHECKING:
    from validators.format.files import Formatted

__all__ = ["fmt"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option("--repo", type=click.Path(path_type=Path), metavar="DIR", help="The governance repository.")
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not in canonical form.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, and fail if anything would.")
@click.option(
    "--schema-header",
    "schemas",
    metavar="DIR",
    help="Name the JSON Schema of each file in its first line, for editors: in this folder of the repository.",
)
def fmt(*, paths: tuple[Path, ...], repo: Path | None, check: bool, diff: bool, schemas: str | None) -> None:
    """Write policies, templates, blocks and scenarios in their canonical form; comments and data stay.

    Exit codes: 0 done, or nothing to do; 1 a file cannot be formatted, or with --check or --diff would change.
    """
    from runner.contract.documents import has_documents
    from runner.revision import FolderTree, find_repository
    from validators.format.files import format_files
    from validators.output.findings import findings_text

    if schemas is not None and "://" not in schemas and (Path(schemas).is_absolute() or ".." in Path(schemas).parts):
        raise Trouble(f"--schema-header {schemas} is no folder of the repository", "Write it as in docs/schemas.")
    root = repo if repo is not None else find_repository(Path.cwd())
    tree = FolderTree(root)
    files = [path for path in chosen_paths(tree.paths(), root, paths) if has_documents(path)]
    found = format_files(tree, files, schemas=schemas)
    changed = [each for each in found if each.changed]
    findings = [finding for each in found for finding in each.findings]
    click.echo(findings_text(findings, tree, colour=colour()), nl=False, err=diff)
    for each in found:
        if each.trouble and not each.findings:
            click.echo(f"surety: {each.path}: {each.trouble}", err=True)
    shown = check or diff
    unwritten = _show(changed, diff=diff) if shown else _write(root, changed)
    failed = sum(bool(each.trouble) for each in found) + unwritten
    done = "would be formatted" if shown else "formatted"
    click.echo(_summary(len(found), len(changed) - unwritten, failed, done), err=diff)
    end(FINDINGS if failed or (changed and shown) else CLEAN)


def _show(changed: list[Formatted], *, diff: bool) -> int:
    from validators.format.differences import unified_diff

    for each in changed:
        if diff:
            click.echo(unified_diff(each.path, each.before, each.after, colour=colour()), nl=False)
        else:
            click.echo(f"would be formatted: {each.path}")
    return 0


def _write(root: Path, changed: list[Formatted]) -> int:
    """Write the files; how many could not be written."""
    from validators.format.writing import WriteError, overwrite

    failed = 0
    for each in changed:
        try:
            overwrite(root, each.path, each.before, each.after)
            click.echo(f"formatted: {each.path}")
        except WriteError as error:
            failed += 1
            click.echo(f"surety: {error}", err=True)
    return failed


def _summary(files: int, changed: int, failed: int, verb: str) -> str:
    from validators.output.findings import counted

    parts = [f"{changed} of {counted(files, 'file')} {verb}"] if changed else []
    parts += [f"{counted(failed, 'file')} left as found"] if failed else []
    return "; ".join(parts) or f"{counted(files, 'file')}: in canonical form"
