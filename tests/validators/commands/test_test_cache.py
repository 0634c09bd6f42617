"""`surety test` runs what has passed again only if it, the revision, the program or the question is another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.validators.commands.program import minimal, surety
from tests.validators.repositories import edit
from validators.simulate import suite
from validators.simulate.results import Place, ScenarioResult
from validators.simulate.scenarios import run_scenarios

ASKED = "templates/billing/asked_test.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return minimal(tmp_path / "repo")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Which scenarios were really run."""
    names: list[str] = []
    original = run_scenarios

    def counted(*arguments: object, **more: object) -> list[ScenarioResult]:
        results = original(*arguments, **more)  # type: ignore[arg-type]
        names.extend(each.name for each in results)
        return results

    monkeypatch.setattr(suite, "run_scenarios", counted)
    monkeypatch.setenv("SURETY_CACHE_DIR", str(tmp_path / "cache"))
    return names


def again(ran: list[str]) -> list[str]:
    """What was run since this was asked last."""
    found = sorted(ran)
    ran.clear()
    return found


def renamed(repo: Path) -> None:
    """Call a scenario otherwise, and its file with it."""
    edit(repo, ASKED, "name: asked", "name: other")
    (repo / ASKED).rename(repo / "templates/billing/other_test.yaml")


@pytest.mark.parametrize("form", ["text", "junit", "github", "markdown"])
def test_what_has_passed_is_not_run_again_and_reads_the_same(repo: Path, ran: list[str], form: str) -> None:
    first = surety("test", "--format", form, cwd=repo)
    assert again(ran) == ["billing/asked", "rest/asked"]
    second = surety("test", "--format", form, cwd=repo)
    assert again(ran) == []
    assert (second.exit_code, second.output) == (first.exit_code, first.output)
    assert first.exit_code == 0


def test_what_fails_is_run_each_time_with_its_story(repo: Path, ran: list[str]) -> None:
    edit(repo, ASKED, "owner: ann", "owner: ben")
    first = surety("test", cwd=repo)
    again(ran)
    second = surety("test", cwd=repo)
    assert again(ran) == ["billing/asked"]
    assert (second.exit_code, second.output) == (1, first.output)
    edit(repo, ASKED, "owner: ben", "owner: ann")
    assert surety("test", cwd=repo).output == "2 scenarios: all passed\n"
    assert again(ran) == ["billing/asked"]


def test_of_a_table_with_a_case_that_fails_every_case_is_run(repo: Path, ran: list[str]) -> None:
    edit(repo, ASKED, '- {at: "09:05", state: offered, owner: ann}', '- {at: "09:05", owner: $who}')
    with (repo / ASKED).open("a", encoding="utf-8") as file:
        file.write("cases:\n  a: {who: ann}\n  b: {who: ben}\n")
    for _ in range(2):
        assert surety("test", cwd=repo).exit_code == 1
    assert again(ran) == sorted(["billing/asked[a]", "billing/asked[b]"] * 2 + ["rest/asked"])


@pytest.mark.parametrize(
    ("change", "run"),
    [
        (lambda repo: edit(repo, ASKED, 'at: "09:05"', 'at: "09:06"'), ["billing/asked"]),
        (renamed, ["billing/other"]),
        (lambda repo: edit(repo, "policies/people.yaml", "Ben Baker", "Ben Smith"), ["billing/asked", "rest/asked"]),
        (lambda repo: (repo / "policies/README.md").write_text("anything"), []),
    ],
    ids=["a scenario", "its name", "a policy", "no document"],
)
def test_what_has_changed_is_run(repo: Path, ran: list[str], change: Callable[[Path], object], run: list[str]) -> None:
    surety("test", cwd=repo)
    again(ran)
    change(repo)
    assert surety("test", cwd=repo).exit_code == 0
    assert again(ran) == run


@pytest.mark.parametrize(
    "more",
    [
        ["--no-cache"],
        ["--format", "json"],
        ["--coverage"],
        ["--accept"],
        ["--run", "rest/*", "--run", "billing"],
    ],
)
def test_whoever_asks_for_more_than_whether_it_passes_is_answered_afresh(
    repo: Path, ran: list[str], more: list[str]
) -> None:
    surety("test", cwd=repo)
    again(ran)
    surety("test", *more, cwd=repo)
    assert {"billing/asked", "rest/asked"} <= set(again(ran))


def test_another_program_runs_everything(repo: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    surety("test", cwd=repo)
    again(ran)
    monkeypatch.setattr("validators.simulate.passed.program_state", lambda: "another")
    surety("test", cwd=repo)
    assert again(ran) == ["billing/asked", "rest/asked"]


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"key": 1}'])
def test_a_damaged_entry_is_as_if_there_were_none(repo: Path, tmp_path: Path, ran: list[str], damage: str) -> None:
    surety("test", cwd=repo)
    again(ran)
    (entry,) = (tmp_path / "cache").glob("*.json")
    entry.write_text(damage, encoding="utf-8")
    assert surety("test", cwd=repo).output == "2 scenarios: all passed\n"
    assert again(ran) == ["billing/asked", "rest/asked"]


def test_other_processes_tell_what_has_passed_too(repo: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "_PAYS_FROM", 2)
    first = surety("test", "--jobs", "2", cwd=repo)
    assert again(ran) == ["billing/asked"], "the other one was run elsewhere"
    assert surety("test", "--jobs", "2", cwd=repo).output == first.output
    assert again(ran) == []


def test_what_is_kept_comes_back_as_it_was(repo: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    edit(repo, ASKED, '- {at: "09:05", state: offered, owner: ann}', '- {at: "09:05", owner: $who}')
    with (repo / ASKED).open("a", encoding="utf-8") as file:
        file.write("cases:\n  a: {who: ann}\n")
    seen: list[list[ScenarioResult]] = []
    original = suite.run_suite

    def noted(*arguments: object) -> suite.Suite:
        found = original(*arguments)  # type: ignore[arg-type]
        seen.append(found.results)
        return found

    monkeypatch.setattr(suite, "run_suite", noted)
    for _ in range(2):
        surety("test", cwd=repo)
    assert seen[0] == seen[1]
    assert seen[1][0].place == Place(ASKED, "a", "Europe/Berlin", "2026-03-03")
    assert seen[1][0].decided > 0
    assert len(again(ran)) == 2
