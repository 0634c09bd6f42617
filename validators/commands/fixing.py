"""`surety check --fix` and `--diff`: repairs what has one obvious answer, or shows how it would."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validators.commands.reading import colour

if TYPE_CHECKING:
    from datetime import date

    from runner.contract.documents import Files
    from runner.revision import Tree
    from validators.check.fixes import Examined, Fixed
    from validators.check.selection import Selection

__all__ = ["show_fixes", "write_fixes"]


def write_fixes(tree: Tree, root: Path, today: date, asked: Selection, wanted: Container[str]) -> None:
    """Fix what is found in the wanted files of a folder, which must be read anew afterwards.

    Says on standard error what was done and what was left; what is left is found again.
    """
    from validators.format.writing import WriteError, overwrite
    from validators.output.findings import counted

    fixed = _fixed(tree, today, asked, wanted)
    left: list[str] = []
    for path, data in sorted(fixed.files.items()):
        try:
            overwrite(root, path, tree.read(path), data)
        except WriteError as error:
            click.echo(f"surety: {error}", err=True)
            left.append(path)
    gone = [each for each in fixed.gone if each.location is None or each.location.file not in left]
    if gone:
        files = counted(len(fixed.files) - len(left), "file")
        click.echo(f"surety: fixed {counted(len(gone), 'finding')} in {files}", err=True)
    _tell_refused(fixed)


def show_fixes(tree: Tree, today: date, asked: Selection, wanted: Container[str]) -> bool:
    """Print what `--fix` would change, as a unified diff; whether it would change anything. Writes no file."""
    from validators.format.differences import unified_diff

    fixed = _fixed(tree, today, asked, wanted)
    for path, data in sorted(fixed.files.items()):
        click.echo(unified_diff(path, tree.read(path), data, colour=colour()), nl=False)
    _tell_refused(fixed)
    return bool(fixed.files)


def _fixed(tree: Tree, today: date, asked: Selection, wanted: Container[str]) -> Fixed:
    from runner.contract.load import load_revision
    from validators.check.fixes import Examined, fix
    from validators.check.outcome import examine

    def look(files: Files) -> Examined:
        loaded = load_revision(files)
        return Examined(examine(loaded, today, asked).findings, loaded.revision is not None)

    return fix(tree, look, lambda found: found.location is not None and found.location.file in wanted)


def _tell_refused(fixed: Fixed) -> None:
    for each in fixed.refused:
        message = f"{each.location}: {each.code} is left as it is, since its fix would lead to another finding"
        click.echo(f"surety: {message}", err=True)
