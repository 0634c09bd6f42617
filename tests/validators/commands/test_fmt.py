"""`surety fmt`: what it writes, what it only shows, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validators.commands.program import BILLING, REST, commit, minimal, surety
from tests.validators.repositories import edit


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository in canonical form."""
    folder = minimal(tmp_path / "repo")
    surety("fmt", cwd=folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_in_canonical_form_stay(repo: Path) -> None:
    before = contents(repo)
    for options in ([], ["--check"], ["--diff"]):
        done = surety("fmt", *options, cwd=repo)
        assert done.exit_code == 0
        assert f"{len(before)} files: in canonical form\n" in done.stdout + done.stderr
    assert contents(repo) == before


def test_what_is_not_is_formatted(repo: Path) -> None:
    before = contents(repo)
    edit(repo, REST, "name: rest\n", "name:    'rest'\n")
    (repo / BILLING).write_bytes(before[BILLING].replace(b"\n", b"\r\n"))
    done = surety("fmt", cwd=repo)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (f"formatted: {BILLING}\nformatted: {REST}\n2 of {len(before)} files formatted\n")
    assert contents(repo) == before


def test_check_says_which_and_writes_nothing(repo: Path) -> None:
    edit(repo, REST, "name: rest\n", "name:  rest\n")
    before = contents(repo)
    done = surety("fmt", "--check", cwd=repo)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, f"would be formatted: {REST}")
    assert contents(repo) == before


def test_diff_is_made_for_patch(repo: Path) -> None:
    edit(repo, REST, "name: rest\n", "name:  rest\n")
    done = surety("fmt", "--diff", cwd=repo)
    assert done.exit_code == 1
    assert done.stdout.startswith(f"--- a/{REST}\n+++ b/{REST}\n@@ ")
    assert "-name:  rest\n+name: rest\n" in done.stdout
    assert done.stderr == f"1 of {len(contents(repo))} files would be formatted\n"
    commit(repo, "as it is")
    (repo.parent / "a.patch").write_text(done.stdout, encoding="utf-8")
    import subprocess

    subprocess.run(["git", "-C", repo, "apply", repo.parent / "a.patch"], check=True)
    assert surety("fmt", "--check", cwd=repo).exit_code == 0


def test_a_file_with_errors_is_left_and_the_others_are_formatted(repo: Path) -> None:
    edit(repo, REST, "name: rest\n", "name:  rest\n")
    edit(repo, BILLING, "name: billing\n", "name: [billing\n")
    done = surety("fmt", cwd=repo)
    assert done.exit_code == 1
    assert "error[SUR001]" in done.stdout
    assert f"--> {BILLING}:" in done.stdout
    assert f"formatted: {REST}\n" in done.stdout
    assert done.stdout.endswith("; 1 file left as found\n")
    assert b"name: [billing" in (repo / BILLING).read_bytes()


def test_a_document_that_is_no_block_is_named(repo: Path) -> None:
    (repo / REST).write_text("{kind: Template}\n", encoding="utf-8")
    done = surety("fmt", cwd=repo)
    assert (done.exit_code, done.stderr) == (
        1,
        f"surety: {REST}: a document is a block of keys and values, and this one is not\n",
    )


def test_only_named_files_are_formatted(repo: Path) -> None:
    edit(repo, REST, "name: rest\n", "name:  rest\n")
    edit(repo, BILLING, "name: billing\n", "name:  billing\n")
    done = surety("fmt", "templates/rest", cwd=repo)
    assert (done.exit_code, done.stdout) == (0, f"formatted: {REST}\n1 of 2 files formatted\n")
    assert surety("fmt", repo / REST, "--repo", repo, "--check", cwd=repo.parent).exit_code == 0
    assert surety("fmt", ".", "--check", cwd=repo / "templates" / "billing").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/"], "is not in the repository"),
        (["README.md"], "has no file of policies/ or templates/ in it"),
        (["--schema-header", "/etc"], "is no folder of the repository"),
        (["--schema-header", "../schemas"], "is no folder of the repository"),
    ],
)
def test_wrong_usage_is_said(repo: Path, arguments: list[str], said: str) -> None:
    done = surety("fmt", *arguments, cwd=repo)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_file_that_cannot_be_written_is_said(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from validators.format import writing

    def refuse(*_: object) -> None:
        raise writing.WriteError("it cannot be written: Permission denied")

    monkeypatch.setattr(writing, "overwrite", refuse)
    edit(repo, REST, "name: rest\n", "name:  rest\n")
    done = surety("fmt", cwd=repo)
    assert (done.exit_code, done.stderr) == (1, "surety: it cannot be written: Permission denied\n")
    assert done.stdout == "1 file left as found\n"


def test_the_schema_is_named_in_the_first_line(repo: Path) -> None:
    assert surety("fmt", "--schema-header", "docs/schemas", cwd=repo).exit_code == 0
    first = (repo / REST).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../docs/schemas/Template.json"
    assert f"{first}\n" == surety("schema", "--header", "template", cwd=repo).stdout
    policy = (repo / "policies" / "limits.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert policy == "# yaml-language-server: $schema=../docs/schemas/Limits.json"
    assert f"{policy}\n" == surety("schema", "--header", "Limits", cwd=repo).stdout
    assert surety("schema", "--output", repo / "docs" / "schemas", cwd=repo).exit_code == 0
    assert (repo / REST).parent.joinpath(first.partition("=")[2]).is_file()
    assert surety("fmt", "--check", cwd=repo).exit_code == 0
    surety("fmt", "--schema-header", "https://example.com/schemas/", cwd=repo)
    assert (repo / REST).read_text(encoding="utf-8").splitlines()[:2] == [
        "# yaml-language-server: $schema=https://example.com/schemas/Template.json",
        "schema: surety/v1",
    ]
