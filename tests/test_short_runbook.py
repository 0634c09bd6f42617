"""The short runbook does what its page says: its commands alone, in an empty folder, and nothing is to be changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from runner.contract.load import load_revision
from runner.revision import FolderTree
from tests.validators.repositories import document_of
from validators.simulate import run_scenario

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = (ROOT / "docs/short-runbook.md").read_text(encoding="utf-8")
COMMANDS: Final = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
PASTED: Final = COMMANDS[:-1]
"""All but the last block, which looks at what the others have made."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is there after everything was pasted into a shell that began in an empty folder."""
    empty = tmp_path_factory.mktemp("empty")
    shell(empty, "".join(PASTED))
    assert [each.name for each in empty.iterdir()] == ["short-runbook"]
    return empty / "short-runbook"


def shell(folder: Path, commands: str) -> str:
    """What commands print, pasted one after the other into a shell that knows the tool."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=commands,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_check_and_test_are_content_with_what_was_pasted(folder: Path) -> None:
    assert COMMANDS[-1] == "surety check\nsurety test\n"
    said = shell(folder, COMMANDS[-1]).splitlines()
    assert said[-2:] == ["2 templates, 0 blocks, 12 policies, 2 scenarios: clean, 1 remark", "2 scenarios: all passed"]
    assert [line.partition("]")[0] for line in said if line.startswith(("info", "warning", "error"))] == ["info[SUR805"]


def test_it_is_in_canonical_form(folder: Path) -> None:
    assert shell(folder, "surety fmt --check").endswith("in canonical form\n")


def test_it_is_as_its_table_says(folder: Path) -> None:
    found = load_revision(FolderTree(folder)).revision
    assert found is not None
    contract = found.contracts["sla-breach"]
    asked = [(rung.name, str(rung.owner), rung.within.seconds) for rung in contract.ladder]
    assert asked == [("primary", "rotation oncall_group", 300), ("escalation_owner", "role duty-lead", 300)]
    assert contract.needs_postmortem(breached=False)


def test_promises_that_are_kept_stopped_or_moved_are_as_in_the_full_one(folder: Path) -> None:
    found = load_revision(FolderTree(folder)).revision
    assert found is not None
    text = (ROOT / "templates/sla-breach/kept-promises_test.yaml").read_text(encoding="utf-8")
    there = text.replace("Europe/Berlin", "Europe/London").replace("priya-raman", "alex-morgan")
    result = run_scenario(found, *document_of(there, "templates/sla-breach/kept-promises_test.yaml"))
    assert result.passed, [each.diagnostic.message for each in result.failures]


def test_the_page_is_short() -> None:
    assert len("".join(PASTED).splitlines()) < 320
