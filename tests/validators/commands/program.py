"""Running `surety` in this process, on the minimal repository with scenarios, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from tests.validators.check.rules.cases import base
from validators import cli

BILLING = "templates/billing/template.yaml"
REST = "templates/rest/template.yaml"
TODAY = ("--today", "2026-03-03")


def surety(*arguments: str | Path, cwd: Path) -> Result:
    """The program, run in a folder."""
    before = Path.cwd()
    os.chdir(cwd)
    try:
        return CliRunner().invoke(cli.surety, [str(each) for each in arguments], prog_name="surety")
    finally:
        os.chdir(before)


def minimal(folder: Path) -> Path:
    """A repository in which nothing is wrong."""
    return written(folder, base())


def written(folder: Path, files: Mapping[str, bytes | None]) -> Path:
    """Files in a folder."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data or b"")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything; the first time, make the folder a repository of git."""
    name = {"NAME": "A", "EMAIL": "a@example.com"}
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in name.items()}
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    steps = [["add", "."], ["commit", "-q", "-m", message]]
    if not (folder / ".git").exists():
        steps.insert(0, ["init", "-q", "-b", "main"])
    for step in steps:
        subprocess.run(["git", "-C", folder, *step], env=environment, check=True)
