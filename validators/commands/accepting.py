"""`surety test --accept`: writes down in the scenarios who was accountable, shows the difference, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validators.commands.reading import colour

if TYPE_CHECKING:
    from runner.revision import Tree
    from validators.simulate import ScenarioResult
    from validators.simulate.results import Place

__all__ = ["accept"]

_TIMELINE = "SUR611"


def accept(tree: Tree, root: Path, results: Iterable[ScenarioResult]) -> bool:
    """Write the owner timelines of scenarios in which nothing else fails; whether any file was changed.

    What cannot be written is said on standard error, and fails as before.
    """
    from runner.contract.edits import EditError
    from validators.format.differences import unified_diff
    from validators.format.writing import WriteError, overwrite
    from validators.output.findings import counted
    from validators.simulate.accepted import UnacceptedError, accepted

    written = 0
    fitting, left = _by_file(results)
    for path, mine in fitting.items():
        before = tree.read(path)
        try:
            after = accepted(before, path, mine)
            if after == before:
                continue
            overwrite(root, path, before, after)
        except (UnacceptedError, EditError, WriteError) as error:
            click.echo(f"surety: {path} is left as it is: {error}", err=True)
            left += 1
            continue
        written += 1
        click.echo(unified_diff(path, before, after, colour=colour()), nl=False)
    done = f"wrote down who is accountable in {counted(written, 'file')}; review the difference" if written else ""
    if done or not left:
        click.echo(f"surety: {done or 'nothing to accept: every timeline is as it is written down'}", err=True)
    return written > 0


def _by_file(results: Iterable[ScenarioResult]) -> tuple[dict[str, list[tuple[Place, ScenarioResult]]], int]:
    """The results that can be accepted, by file, and how many files have another failure, which is said."""
    found: dict[str, list[tuple[Place, ScenarioResult]]] = {}
    left: dict[str, str] = {}
    for result in results:
        if result.place is None:
            continue
        others = sorted({each.diagnostic.code for each in result.failures} - {_TIMELINE})
        if others:
            left.setdefault(result.place.path, f"{result.name} fails otherwise ({', '.join(others)})")
        found.setdefault(result.place.path, []).append((result.place, result))
    for path, why in left.items():
        click.echo(f"surety: {path} is left as it is: {why}; put that right first", err=True)
        del found[path]
    return found, len(left)
