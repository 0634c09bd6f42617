"""The hooks for pre-commit: run as it would run them, in the top folder of a repository, without file names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.contract.nodes import to_plain
from runner.contract.source import load
from tests.validators.commands.program import BILLING, commit, minimal
from tests.validators.repositories import ROOT, edit

NAME = ".pre-commit-hooks.yaml"


def hooks() -> dict[str, dict[str, Any]]:
    loaded = load((ROOT / NAME).read_bytes(), NAME)
    assert loaded.root is not None
    plain = to_plain(loaded.root)
    assert isinstance(plain, list)
    return {str(each["id"]): each for each in plain if isinstance(each, dict)}


def run(hook: dict[str, Any], repo: Path) -> tuple[int, bool]:
    """Its exit code, and whether it changed a file, which pre-commit takes for a failure too."""
    program, *arguments = shlex.split(hook["entry"])
    before = {path: path.read_bytes() for path in repo.rglob("*.yaml")}
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments, *hook.get("args", ())],
        cwd=repo,
        env={**os.environ, "SURETY_CACHE_DIR": str(repo.parent / "cache")},
        check=False,
        capture_output=True,
    )
    return done.returncode, before != {path: path.read_bytes() for path in repo.rglob("*.yaml")}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = minimal(tmp_path / "repo")
    commit(folder, "First")
    return folder


def test_there_are_two_and_each_is_complete() -> None:
    assert list(hooks()) == ["surety-check", "surety-fmt"]
    for hook in hooks().values():
        assert hook.keys() >= {"name", "description", "entry", "language", "files"}
        assert (hook["language"], hook["pass_filenames"], hook["require_serial"]) == ("python", False, True)


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("policies/limits.yaml", True),
        ("templates/billing/asked_test.yml", True),
        ("templates/README.md", False),
        ("docs/policies/limits.yaml", False),
        ("values.yaml", False),
    ],
)
def test_they_run_when_a_document_changes(path: str, concerned: bool) -> None:
    assert [bool(re.search(hook["files"], path)) for hook in hooks().values()] == [concerned, concerned]


@pytest.mark.slow
def test_the_check_passes_what_is_good_and_stops_what_is_not(repo: Path) -> None:
    assert run(hooks()["surety-check"], repo) == (0, False)
    edit(repo, BILLING, "within: 1h\n", "within: 9h\n")
    assert run(hooks()["surety-check"], repo) == (1, False)


@pytest.mark.slow
def test_the_formatter_writes_what_is_not_in_canonical_form(repo: Path) -> None:
    run(hooks()["surety-fmt"], repo)
    assert run(hooks()["surety-fmt"], repo) == (0, False)
    edit(repo, BILLING, "within: 1h\n", "within:   1h   \n")
    code, changed = run(hooks()["surety-fmt"], repo)
    assert (code, changed) == (0, True)
