"""`surety check`: what is looked at, what is shown, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.contract.diagnostic import Diagnostic, Location, Severity
from tests.validators.check.few import FILES, ask_few
from tests.validators.commands.program import BILLING, REST, TODAY, commit, surety, written
from tests.validators.repositories import edit
from validators.check.subject import Subject

ALL = "2 templates, 2 blocks, {} policies, 2 scenarios"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return written(tmp_path / "repo", FILES)


@pytest.fixture(autouse=True)
def _few_rules_and_nothing_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ask_few(monkeypatch)
    monkeypatch.setenv("SURETY_CACHE_DIR", str(tmp_path / "cache"))


def unfinished(repo: Path) -> int:
    """A warning, in the template for billing; on which line it is."""
    edit(repo, BILLING, '"{{ owner.name }} has it."', '"About {{ ticket.subject }}."')
    return (repo / BILLING).read_text(encoding="utf-8").partition('"About')[0].count("\n") + 1


def misnamed(repo: Path) -> None:
    """An error of the tool, in the template for the rest."""
    edit(repo, REST, "ladder:", "runbook:\n  open: [{note: {text: '{{ owner.nam }}'}}]\nladder:")


def broken(repo: Path) -> None:
    """An error of the gate, in the template for the rest."""
    edit(repo, REST, "primary: {person: ann}", "primary: {person: anne}")


def found(repo: Path, *arguments: str | Path) -> tuple[int, list[str]]:
    """The exit code and the codes found."""
    result = surety("check", *TODAY, "--format", "json", *arguments, cwd=repo)
    assert result.stderr == "" or result.exit_code == 3, result.stderr
    return result.exit_code, [each["code"] for each in json.loads(result.stdout)["findings"]]


def test_a_good_repository_is_clean(repo: Path) -> None:
    result = surety("check", *TODAY, "--fail-on", "info", cwd=repo)
    assert (result.exit_code, result.stderr) == (0, "")
    policies = len(list((repo / "policies").iterdir()))
    assert result.stdout == f"{ALL.format(policies)}: clean\n"


def test_a_finding_is_shown_with_its_line_and_where_to_read_more(repo: Path) -> None:
    line = unfinished(repo)
    misnamed(repo)
    result = surety("check", *TODAY, cwd=repo)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "warning[SUR403] `ticket.subject` may have no value, and then this step fails\n"
        f"  --> {BILLING}:{line}:28\n"
        "   |\n"
        f'{line} |         message: "About {{{{ ticket.subject }}}}."\n'
        "   |                            ^^^^^^^^^^^^^^\n"
        "   = help: write {{ ticket.subject | default: 'not stated' }}\n"
        "\n"
        "error[SUR402] `owner.nam` is nothing a message can name\n"
    )
    *_, more, empty, sums = result.stdout.splitlines()
    assert more == "To read more about a finding: surety rule SUR403 (also SUR402)"
    assert (empty, sums.partition(": ")[2]) == ("", "1 error, 1 warning")


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
def test_it_fails_from_the_severity_on_that_was_asked(repo: Path, fail_on: str, code: int) -> None:
    unfinished(repo)
    assert found(repo, "--fail-on", fail_on) == (code, ["SUR403"])


def test_it_uses_the_day_of_today(repo: Path) -> None:
    assert "SUR503" in surety("check", "--today", "2027-12-30", cwd=repo).stdout
    assert "SUR503" not in surety("check", *TODAY, cwd=repo).stdout


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ((), ["SUR403", "SUR402"]),
        ((BILLING,), ["SUR403"]),
        (("templates/rest",), ["SUR402"]),
        (("templates",), ["SUR403", "SUR402"]),
        ((".",), ["SUR403", "SUR402"]),
        (("policies", "templates/rest/"), ["SUR402"]),
        (("policies",), []),
        (("--select", "SUR402"), ["SUR402"]),
        (("--select", "SUR40", "--ignore", "unknown-message-variable"), ["SUR403"]),
        (("--select", "SUR402,SUR403"), ["SUR403", "SUR402"]),
    ],
)
def test_only_what_was_asked_for_is_shown(repo: Path, arguments: tuple[str, ...], codes: list[str]) -> None:
    unfinished(repo)
    misnamed(repo)
    assert found(repo, *arguments) == (int("SUR402" in codes), codes)


def test_paths_count_from_the_current_folder(repo: Path) -> None:
    unfinished(repo)
    assert found(repo / "templates", "billing") == (0, ["SUR403"])
    assert found(repo.parent, "--repo", "repo", repo / BILLING) == (0, ["SUR403"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("/",), "is not in the repository"),
        (("..",), "is not in the repository"),
        (("templates/nothing",), "templates/nothing has no file of policies/ or templates/ in it"),
        (("--select", "SUR4O3"), "there is no rule `SUR4O3`\n  did you mean SUR403?"),
        (("--ignore", "SUR201"), "SUR201 unknown-reference is a gate rule"),
        (("--select", "SUR403", "--ignore", "SUR4"), "nothing would be checked"),
        (("--schema-only", "--select", "SUR4"), "--schema-only asks no rules"),
        (("--output", "/nowhere/at/all"), "/nowhere/at/all cannot be written"),
        (("--base", "main"), "is not the top folder of a git repository"),
    ],
)
def test_wrong_usage_ends_with_two_and_shows_nothing(repo: Path, arguments: tuple[str, ...], message: str) -> None:
    result = surety("check", *TODAY, *arguments, cwd=repo)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_gate_errors_are_shown_whatever_is_selected_and_counted_wherever_they_are(repo: Path) -> None:
    broken(repo)
    assert found(repo, "--select", "SUR402") == (1, ["SUR201"])
    assert found(repo, BILLING) == (1, [])
    result = surety("check", *TODAY, BILLING, cwd=repo)
    assert "Errors in other files make the revision unusable" in result.stdout
    assert result.stdout.endswith(": 1 error in other files\n")


def test_with_a_base_only_what_is_new_fails(repo: Path) -> None:
    misnamed(repo)
    commit(repo, "First")
    assert found(repo, "--base", "main") == (0, ["SUR402"])
    edit(repo, REST, "name: rest\n", "# One line more.\nname: rest\n")
    assert found(repo, "--base", "main") == (0, ["SUR402"])
    edit(repo, BILLING, '"{{ owner.name }} has it."', '"{{ owner.nam }} has it."')
    result = surety("check", *TODAY, "--base", "main", cwd=repo)
    assert result.exit_code == 1
    new = [line for line in result.stdout.splitlines() if line.endswith("(new since main)")]
    assert new == ["error[SUR402] `owner.nam` is nothing a message can name (new since main)"]
    assert result.stdout.endswith(": 2 errors; 1 new since main\n")
    commit(repo, "Second")
    assert found(repo, "--rev", "main~1", "--base", "main") == (0, ["SUR402"])
    assert found(repo, "--rev", "main", "--base", "main~1") == (1, ["SUR402", "SUR402"])


def test_an_old_gate_error_fails_all_the_same(repo: Path) -> None:
    broken(repo)
    commit(repo, "First")
    assert found(repo, "--base", "main") == (1, ["SUR201"])


def test_who_removes_a_waiver_makes_its_finding_new(repo: Path) -> None:
    unfinished(repo)
    waivers = '\nwaivers:\n  - {code: SUR403, reason: Known., until: "2026-12-31"}\n'
    text = (repo / BILLING).read_text(encoding="utf-8")
    (repo / BILLING).write_text(text + waivers, encoding="utf-8")
    commit(repo, "First")
    assert found(repo, "--fail-on", "warning") == (0, [])
    (repo / BILLING).write_text(text, encoding="utf-8")
    assert found(repo, "--fail-on", "warning", "--base", "main") == (1, ["SUR403"])


def test_a_waived_finding_is_listed_and_does_not_fail(repo: Path) -> None:
    line = unfinished(repo)
    with (repo / BILLING).open("a", encoding="utf-8") as file:
        file.write("waivers:\n  - {code: SUR403, reason: It always has a subject., until: 2026-12-31}\n")
    result = surety("check", *TODAY, "--fail-on", "info", cwd=repo)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"waived[SUR403] {BILLING}:{line}:28 until 2026-12-31: It always has a subject.\n")
    assert result.stdout.endswith(": clean, 1 waived\n")


class Unsure:
    """A rule that cannot answer: one of the messages' module, so that it stands for those."""

    def __call__(self, _: Subject) -> Iterator[Diagnostic]:
        message = "whether a message fits cannot be told within the work limit"
        yield Diagnostic("SUR401", Severity.UNKNOWN, message, Location(BILLING, 1, 1))


def test_no_answer_is_no_pass(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validators.check.rules.messages.check", Unsure())
    for fail_on in ("error", "info", "never"):
        result = surety("check", *TODAY, "--fail-on", fail_on, cwd=repo)
        assert (result.exit_code, result.stdout.endswith(": 1 unknown answer\n")) == (3, True)
        assert result.stderr == "surety: some questions have no answer, so this is no pass\n"
    assert found(repo, "--select", "SUR403") == (3, ["SUR401"])
    assert found(repo, "--select", "SUR502") == (0, [])
    broken(repo)
    assert found(repo)[0] == 1


def test_the_result_can_go_to_a_file(repo: Path, tmp_path: Path) -> None:
    unfinished(repo)
    target = tmp_path / "found.json"
    result = surety("check", *TODAY, "--format", "json", "--output", target, cwd=repo)
    assert result.exit_code == 0
    assert result.stdout.endswith(f": 1 warning; written to {target}\n")
    assert json.loads(target.read_text(encoding="utf-8"))["summary"]["warnings"] == 1


def test_json_says_everything_in_its_envelope(repo: Path) -> None:
    unfinished(repo)
    misnamed(repo)
    commit(repo, "First")
    with (repo / BILLING).open("a", encoding="utf-8") as file:
        file.write("waivers:\n  - {code: SUR403, reason: Known., until: 2026-12-31}\n")
    said = json.loads(surety("check", *TODAY, "--format", "json", "--base", "main", cwd=repo).stdout)
    policies = len(list((repo / "policies").iterdir()))
    assert list(said) == ["version", "command", "summary", "findings", "waived"]
    assert said["summary"] == {
        "revision": str(repo), "templates": 2, "blocks": 2, "policies": policies, "scenarios": 2, "errors": 1,
        "warnings": 0, "infos": 0, "unknown": 0, "waived": 1, "base": "main", "new": 0,
    }  # fmt: skip
    (error,) = said["findings"]
    assert (error["code"], error["rule"], error["new"]) == ("SUR402", "unknown-message-variable", False)
    (waived,) = said["waived"]
    assert (waived["code"], waived["reason"], waived["until"]) == ("SUR403", "Known.", "2026-12-31")
