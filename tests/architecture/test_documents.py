"""Documents and workflows: links lead somewhere, records are complete, actions are pinned."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.architecture.project import ROOT, run

RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def documents() -> list[Path]:
    hidden = {".venv", ".git", "build", "dist", ".hypothesis", ".pytest_cache"}
    return [path for path in sorted(ROOT.rglob("*.md")) if not hidden & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (path.parent / target.partition("#")[0]).exists(), f"no such file: {target}"


def test_records_are_numbered_on_and_complete() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
    for path in RECORDS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name
        assert re.search(r"^Status: (proposed|accepted|superseded by \d{4})$", text, re.MULTILINE), path.name


def test_the_index_lists_every_record() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert not [path.name for path in RECORDS if f"(adr/{path.name})" not in index]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_permissions_least(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    uses = re.findall(r"uses:\s*(\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), f"pin {action} to a commit"
        assert re.search(r"# v\d", comment), f"say which version {action} is"
    workflow = YAML(typ="safe", pure=True).load(text)
    assert workflow["permissions"] == {"contents": "read"}


def test_the_workflow_runs_the_entry_point_of_ci() -> None:
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_ci_says_everything_that_the_machine_lacks(tmp_path: Path) -> None:
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(next(Path(folder) / name for folder in ("/bin", "/usr/bin")))
    done = run(ROOT / ".ci" / "run", PATH=str(tmp_path), CI="true")
    assert done.returncode == 2
    lacking = [line.removeprefix("  - ") for line in done.stdout.splitlines() if line.startswith("  - ")]
    assert [each.partition(":")[0] for each in lacking] == [
        "Python 3.11 or newer",
        "make",
        "git",
        "curl",
        "openssl",
    ]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("runner.db", True),
        ("runner.db-wal", True),
        ("runner.db-shm", True),
        ("runner.db.lock", True),
        ("somewhere/helpdesk.db", True),
        ("requirements.lock", False),
        ("policies/people.yaml", False),
    ],
)
def test_what_the_programs_write_is_never_committed_by_mistake(path: str, ignored: bool) -> None:
    done = run("git", "check-ignore", "--no-index", "--quiet", path)
    assert (done.returncode == 0) is ignored


def test_make_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Makefile").symlink_to(ROOT / "Makefile")
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    done = run("make", "setup", "PYTHON=/nowhere/python3", cwd=tmp_path)
    assert done.returncode != 0
    assert "/nowhere/python3 is older than Python 3.11, or does not run" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_every_target_is_in_the_help() -> None:
    done = run("make", "--no-print-directory")
    assert done.returncode == 0
    for target in ("demo", "test", "lint", "fmt", "bench", "docs", "clean", "help"):
        assert re.search(rf"^  make {target} +\S", done.stdout, re.MULTILINE), target
