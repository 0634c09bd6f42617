"""The files of a repository that somebody names on the command line. Reads none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from validators.commands.endings import Trouble

__all__ = ["chosen_paths"]


def chosen_paths(files: Sequence[str], root: Path, named: Iterable[Path]) -> list[str]:
    """Those of the files that are named, or stand in a folder that is; all of them if nothing is named.

    Names count from where the program runs. One outside the repository, or with no file in it, ends the program.
    """
    chosen: set[str] = set()
    everything = True
    for name in named:
        everything = False
        try:
            inside = Path(os.path.realpath(name)).relative_to(os.path.realpath(root)).as_posix()
        except ValueError:
            raise Trouble(f"{name} is not in the repository {root}", "Name another with --repo.") from None
        here = [path for path in files if inside in {".", path} or path.startswith(f"{inside}/")]
        if not here:
            raise Trouble(f"{name} has no file of policies/ or templates/ in it", "Is the name spelt right?")
        chosen.update(here)
    return [path for path in files if everything or path in chosen]
