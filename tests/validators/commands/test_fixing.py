"""`surety check --fix` and `--diff`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validators.commands.program import BILLING, REST, TODAY, minimal, surety
from tests.validators.repositories import edit


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = minimal(tmp_path / "repo")
    edit(folder, REST, "  checklist: [clear]", "  # one question\n  checklst: [clear]")
    edit(folder, BILLING, "  within: 1h", "  within: 1 hour")
    return folder


def test_diff_shows_and_writes_nothing(repo: Path) -> None:
    before = (repo / REST).read_bytes()
    done = surety("check", "--diff", *TODAY, cwd=repo)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "-  checklst: [clear]\n+  checklist: [clear]\n" in done.stdout
    assert "-  within: 1 hour\n+  within: 1h\n" in done.stdout
    assert (repo / REST).read_bytes() == before
    assert surety("check", "--fix", "--diff", *TODAY, cwd=repo).stdout == done.stdout
    assert (repo / REST).read_bytes() == before


def test_fix_writes_and_then_checks(repo: Path) -> None:
    assert surety("check", *TODAY, cwd=repo).exit_code == 1
    before = (repo / REST).read_text(encoding="utf-8")
    done = surety("check", "--fix", *TODAY, cwd=repo)
    assert (done.exit_code, done.stderr) == (0, "surety: fixed 2 findings in 2 files\n")
    assert "error" not in done.stdout
    assert (repo / REST).read_text(encoding="utf-8") == before.replace("checklst", "checklist")
    again = surety("check", "--fix", *TODAY, cwd=repo)
    assert (again.exit_code, again.stderr) == (0, "")
    assert surety("check", "--diff", *TODAY, cwd=repo).exit_code == 0


def test_only_named_files_are_fixed(repo: Path) -> None:
    done = surety("check", "--fix", "templates/rest", *TODAY, cwd=repo)
    assert done.stderr == "surety: fixed 1 finding in 1 file\n"
    assert "1 hour" in (repo / BILLING).read_text(encoding="utf-8")


@pytest.mark.parametrize("option", [("--rev", "HEAD"), ("--base", "HEAD"), ("--schema-only",)])
@pytest.mark.parametrize("fix", ["--fix", "--diff"])
def test_only_the_files_as_they_are_can_be_fixed(repo: Path, fix: str, option: tuple[str, ...]) -> None:
    done = surety("check", fix, *option, *TODAY, cwd=repo)
    assert (done.exit_code, "work on the files as they are" in done.stderr) == (2, True)


def test_a_fix_that_would_do_harm_is_said(repo: Path) -> None:
    edit(repo, "policies/evidence.yaml", "  reply:", "  Reply:")
    done = surety("check", "--fix", *TODAY, cwd=repo)
    assert "fixed 3 findings" in done.stderr
    edit(repo, "policies/routing.yaml", "order: [billing]", "order: [billing, billing]")
    edit(repo, REST, "name: rest\n", "name: billing\n")
    (repo / "templates" / "old" / "rest").mkdir(parents=True)
    (repo / "templates" / "old" / "rest" / "template.yaml").write_bytes((repo / REST).read_bytes())
    done = surety("check", "--fix", *TODAY, cwd=repo)
    assert done.exit_code == 1
    assert "SUR112 is left as it is, since its fix would lead to another finding" in done.stderr


def test_a_file_that_cannot_be_written_is_found_again(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from validators.format import writing

    def refuse(root: Path, path: str, before: bytes, after: bytes) -> None:
        raise writing.WriteError(f"{path} cannot be written: Permission denied")

    monkeypatch.setattr(writing, "overwrite", refuse)
    done = surety("check", "--fix", *TODAY, cwd=repo)
    assert done.exit_code == 1
    assert f"surety: {REST} cannot be written: Permission denied\n" in done.stderr
    assert "fixed" not in done.stderr
    assert "SUR101" in done.stdout
