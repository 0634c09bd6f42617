"""The demo's governance repository: the shipped policies and templates, committed to git in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from runner.contract.values import format_instant
from runner.revision import bundled_data

__all__ = ["RepositoryError", "make_repository"]

_WHO = {
    "GIT_AUTHOR_NAME": "Surety demo",
    "GIT_AUTHOR_EMAIL": "demo@example.com",
    "GIT_COMMITTER_NAME": "Surety demo",
    "GIT_COMMITTER_EMAIL": "demo@example.com",
    "GIT_AUTHOR_DATE": "2026-03-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-03-01T00:00:00Z",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
"""Fixed, so that the commit is the same at every run."""


class RepositoryError(Exception):
    """The repository cannot be made; the message says what to do."""


def make_repository(
    folder: Path, absences: Sequence[tuple[str, datetime, datetime]], source: Path | None = None
) -> Path:
    """Copy policies and templates of `source` (None: the shipped ones) to `folder`, add absences, commit; the folder.

    Raises RepositoryError.
    """
    source = source if source is not None else bundled_data()
    for name in ("policies", "templates"):
        shutil.copytree(source / name, folder / name, dirs_exist_ok=False)
    if absences:
        _add_absences(folder / "policies" / "absences.yaml", absences)
    git = shutil.which("git")
    if git is None:
        raise RepositoryError("git is not installed; the runner reads its contracts from git")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | _WHO
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "policies", "templates"],
        ["commit", "--quiet", "--no-gpg-sign", "-m", "The shipped contracts"],
    ):
        done = subprocess.run(
            [git, "-C", str(folder), *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RepositoryError(f"git {command[0]} failed: {done.stderr.strip()}")
    return folder


def _add_absences(path: Path, absences: Sequence[tuple[str, datetime, datetime]]) -> None:
    """Put them first in the list of absences, which the shipped file has on lines of their own."""
    lines = [
        f'  - {{person: {person}, from: "{format_instant(start)}", until: "{format_instant(end)}"}}\n'
        for person, start, end in absences
    ]
    before, key, after = path.read_text(encoding="utf-8").partition("\nabsences:\n")
    path.write_text(before + key + "".join(lines) + after, encoding="utf-8")
