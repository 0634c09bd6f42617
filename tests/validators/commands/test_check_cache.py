"""`surety check` remembers its answer, and never gives one of other files, options, days or places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.validators.repositories import copied, edit
from validators.cli import surety
from validators.commands import check as command

BILLING = "templates/enterprise-billing/template.yaml"


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """How often the files were really looked at."""
    count: list[str] = []
    original = command._look

    def counted(*arguments: object) -> object:
        count.append("looked")
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "_look", counted)
    monkeypatch.setenv("SURETY_CACHE_DIR", str(tmp_path / "cache"))
    return count


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return copied(tmp_path / "repo")


def check(repo: Path, *more: str) -> Result:
    return CliRunner().invoke(surety, ["check", "--repo", str(repo), "--today", "2026-03-03", *more])


def test_the_second_answer_is_the_first(repo: Path, looked: list[str]) -> None:
    edit(repo, BILLING, "repeat: 1", "repeat: 9")
    first, second = check(repo), check(repo)
    assert (second.exit_code, second.output) == (first.exit_code, first.output)
    assert first.exit_code == 1
    assert "SUR302" in first.output
    assert len(looked) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: edit(repo, BILLING, "repeat: 1", "repeat: 2"),
        lambda repo: (repo / "policies/README.md").write_text("anything"),
        lambda repo: (repo / "templates/fallback/template.yaml").rename(repo / "templates/fallback/other.yaml"),
        lambda repo: (repo / "policies/limits.yaml").unlink(),
    ],
    ids=["a value", "a new file", "a name", "a file less"],
)
def test_other_files_are_looked_at(repo: Path, looked: list[str], change: Callable[[Path], object]) -> None:
    before = check(repo)
    change(repo)
    after = check(repo)
    assert len(looked) == 2
    assert check(repo).output == after.output
    assert len(looked) == 2
    assert before.exit_code == 0


@pytest.mark.parametrize(
    "more",
    [
        *(["--no-cache"], ["--format", "json"], ["--today", "2027-12-01"], ["--fail-on", "warning"]),
        *(["--ignore", "SUR501"], ["--select", "SUR501"]),
    ],
    ids=" ".join,
)
def test_another_question_is_asked(repo: Path, looked: list[str], more: list[str]) -> None:
    plain = check(repo)
    asked = check(repo, *more)
    assert len(looked) == 2
    assert (asked.exit_code, asked.output) == (check(repo, *more, "--no-cache").exit_code, asked.output)
    assert check(repo).output == plain.output


def test_it_can_also_be_written_to_a_file(repo: Path, looked: list[str], tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        assert "written to" in check(repo, "--output", str(tmp_path / "found.txt")).output
        texts.append((tmp_path / "found.txt").read_text())
        (tmp_path / "found.txt").unlink()
    assert texts[0] == texts[1]
    assert len(looked) == 1


def test_a_usage_error_is_none_the_second_time_either(repo: Path, looked: list[str]) -> None:
    assert [check(repo, "--select", "SUR999").exit_code for _ in range(2)] == [2, 2]
    assert [check(repo, "--repo", str(repo / "nowhere")).exit_code for _ in range(2)] == [2, 2]


def test_what_is_fixed_is_looked_at_again(repo: Path, looked: list[str]) -> None:
    edit(repo, BILLING, "accept:\n  within: 2h", "accept:\n  within: 2 hours")
    assert check(repo).exit_code == 1
    assert check(repo, "--fix").exit_code == 0
    assert check(repo).exit_code == 0


def test_a_damaged_cache_changes_nothing(repo: Path, looked: list[str], tmp_path: Path) -> None:
    first = check(repo)
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes().replace(b"clean", b"wrong"))
    assert check(repo).output == first.output
    assert len(looked) == 2
