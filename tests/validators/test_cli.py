"""The program `surety`: its commands, exit codes and outputs, through click and as a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from runner import VERSION
from tests.company import COMPANY
from tests.validators.commands import program
from tests.validators.repositories import GOLDEN, ROOT, copied, edit, scenario_text, shipped
from validators import cli
from validators.commands.reading import colour

BILLING = "templates/enterprise-billing/template.yaml"
TRIED = "templates/enterprise-billing/tried_test.yaml"
TODAY = ("--today", "2026-03-03")
TICKET = {"type": "billing", "account.tier": "enterprise", "priority": "high", "status": "new"}


def surety(*arguments: str | Path, cwd: Path = ROOT) -> Result:
    return program.surety(*arguments, cwd=cwd)


def golden(name: str, text: str, *hidden: Path) -> None:
    """The text is that of a file beside the tests; `UPDATE_GOLDEN=1` writes it anew."""
    for number, folder in enumerate(hidden):
        text = text.replace(str(folder), f"FOLDER{number or ''}")
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then run with UPDATE_GOLDEN=1"


def git(folder: Path, *arguments: str) -> str:
    environment = {
        **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", folder, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The shipped repository with one short scenario."""
    folder = copied(tmp_path / "repo")
    text = scenario_text('expect: [{at: "11:00", owner: tomasz-nowak}]')
    (folder / TRIED).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    path = tmp_path / "ticket.json"
    path.write_text(json.dumps(TICKET), encoding="utf-8")
    return path


def test_the_shipped_repository_is_clean_and_its_scenarios_pass() -> None:
    checked = surety("check", *TODAY, "--fail-on", "warning")
    assert (checked.exit_code, checked.output.splitlines()[-1].endswith(" scenarios: clean, 1 remark")) == (0, True), (
        checked.output
    )
    tested, every = surety("test"), shipped().revision
    assert every is not None
    assert (tested.exit_code, tested.output) == (
        0,
        f"{len(every.scenarios)} scenarios: all passed\n",
    )


def test_the_nearest_folder_upwards_is_the_repository(repo: Path) -> None:
    result = surety("test", "--run", "tried", cwd=repo / "templates/enterprise-billing")
    assert result.exit_code == 0
    assert result.output == "1 scenario: passed\n"


def test_a_failing_scenario_is_shown_with_its_timeline(repo: Path) -> None:
    edit(repo, "policies/limits.yaml", "high: 2h, urgent: 2h", "high: 3h, urgent: 3h")
    edit(repo, BILLING, "within: 2h", "within: 3h")
    result = surety("test", "--repo", repo)
    assert result.exit_code == 1
    golden("test-failure.txt", result.output, repo)


def test_later_failures_are_counted_only(repo: Path) -> None:
    body = "expect:\n" + "".join(f'  - {{at: "09:{minute:02}", owner: helen-park}}\n' for minute in range(5))
    (repo / TRIED).write_text(scenario_text(body), encoding="utf-8")
    output = surety("test", "--repo", repo).output
    assert output.count("error[SUR603]") == 2
    assert "3 more failures of enterprise-billing/tried at later instants; fix these first" in output


def test_test_as_json(repo: Path) -> None:
    (repo / TRIED).write_text(scenario_text('expect: [{at: "11:00", owner: anna-keller}]'), encoding="utf-8")
    result = surety("test", "--repo", repo, "--format", "json")
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["summary"] == {"revision": str(repo), "scenarios": 1, "passed": 0, "failed": 1}
    (failure,) = [each for each in found["findings"] if each["code"] == "SUR603"]
    assert (failure["scenario"], failure["expected"], failure["got"], failure["at"]) == (
        "enterprise-billing/tried",
        "anna-keller",
        "tomasz-nowak",
        "2026-03-03T10:00:00.000000Z",
    )
    assert [each["what"] for each in failure["timeline"]][-1] == "Tomasz Nowak is asked as secondary"
    (scenario,) = found["scenarios"]
    assert (scenario["name"], scenario["passed"], scenario["kpis"][0]["failovers"]) == (
        "enterprise-billing/tried",
        False,
        1,
    )
    assert {each["code"] for each in found["findings"]} == {"SUR501", "SUR603"}


@pytest.mark.parametrize("pattern", ["enterprise-billing/tried", "tried", "enterprise-*", "*/tri?d"])
def test_a_pattern_chooses_by_template_or_name(repo: Path, pattern: str) -> None:
    result = surety("test", "--repo", repo, "--run", pattern)
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 scenario: passed")


def test_nothing_tested_is_never_green(repo: Path) -> None:
    result = surety("test", "--repo", repo, "--run", "nothing*")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("surety: no scenario fits `nothing*`\n  Nothing was tested.")
    (repo / TRIED).unlink()
    result = surety("test", "--repo", repo)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1].startswith("no scenario was run; ")
    assert result.stderr.startswith("surety: there is not one scenario")


@pytest.mark.parametrize("command", ["test", "explain"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_invalid_revision_is_shown_and_fails(repo: Path, ticket: Path, command: str, form: str) -> None:
    edit(repo, BILLING, "primary: {rotation: accounting}", "primary: {rotation: acounting}")
    more: list[str | Path] = [ticket] if command == "explain" else []
    result = surety(command, *more, "--repo", repo, "--format", form)
    assert result.exit_code == 1
    if form == "json":
        assert json.loads(result.stdout)["summary"]["errors"] == 1
    else:
        assert "error[SUR201]" in result.stdout
        assert result.stderr == f"surety: nothing to {command} until the errors are gone\n"


def test_explain_shows_the_whole_way(ticket: Path) -> None:
    result = surety("explain", ticket, "--repo", COMPANY, "--at", "2026-03-03T08:00:00Z")
    assert result.exit_code == 0
    golden("explain-billing.txt", result.output, ticket)


def test_explain_when_time_would_open_it(ticket: Path) -> None:
    late = {"type": "question", "priority": "high", "status": "open", "sla_due_at": "2026-03-04T10:00:00Z", "prio": 1}
    ticket.write_text(json.dumps(late), encoding="utf-8")
    result = surety("explain", ticket, "--repo", COMPANY, "--at", "2026-03-04T08:00:00Z")
    assert result.exit_code == 0
    golden("explain-late.txt", result.output, ticket)


def test_explain_what_is_out_of_scope(ticket: Path) -> None:
    ticket.write_text('{"priority": "low", "type": "what"}', encoding="utf-8")
    result = surety("explain", ticket, "--repo", COMPANY, "--at", "2026-03-04T08:00:00Z")
    assert result.exit_code == 0
    golden("explain-out-of-scope.txt", result.output, ticket)


def test_explain_as_json(ticket: Path) -> None:
    result = surety("explain", ticket, "--repo", COMPANY, "--at", "2026-03-03T08:00:00Z", "--format", "json")
    found = json.loads(result.output)
    assert found["summary"]["template"] == found["summary"]["opens"] == "enterprise-billing"
    assert found["explanation"]["asks"][1] == {
        "at": "2026-03-03T10:00:00.000000Z",
        "rung": "secondary",
        "person": "tomasz-nowak",
        "name": "Tomasz Nowak",
        "zone": "Europe/Warsaw",
        "until": "2026-03-03T12:00:00.000000Z",
        "why": "no answer within the timebox",
        "place": {"file": BILLING, "line": 29, "column": 3, "end_line": 29, "end_column": 12},
    }


def test_explain_reads_standard_input() -> None:
    result = CliRunner().invoke(
        cli.surety, ["explain", "-", "--repo", str(COMPANY), "--at", "2026-03-03T08:00:00Z"], input=json.dumps(TICKET)
    )
    assert result.exit_code == 0
    assert "enterprise-billing: it matches now" in result.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[]", "is not an object"),
        (b" " * 1_048_577, "is larger than 1048576 bytes"),
    ],
)
def test_a_file_that_is_no_ticket_is_refused(ticket: Path, content: bytes, message: str) -> None:
    ticket.write_bytes(content)
    result = surety("explain", ticket, "--repo", COMPANY)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"surety: {ticket} {message}")


def test_a_wrong_instant_on_the_command_line_is_refused(ticket: Path) -> None:
    result = surety("explain", ticket, "--repo", COMPANY, "--at", "noon")
    assert result.exit_code == 2
    assert "Invalid value for --at" in result.stderr


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path, command: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder, message in (
        (tmp_path / "nowhere", "there is no folder"),
        (empty, "has no file below `policies/` or `templates/`"),
    ):
        result = surety(command, "--repo", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
    result = surety(command, cwd=empty)
    assert (result.exit_code, "--repo DIR" in result.stderr) == (2, True)


def test_a_commit_is_read_and_not_the_folder(repo: Path) -> None:
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "First")
    edit(repo, BILLING, "primary: {rotation: accounting}", "primary: {rotation: acounting}")
    assert surety("check", "--repo", repo, "--rev", "main", *TODAY).exit_code == 0
    assert surety("check", "--repo", repo, *TODAY).exit_code == 1
    missing = surety("check", "--repo", repo, "--rev", "mian")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "has no revision `mian`" in missing.stderr


def test_a_commit_of_a_folder_without_git_is_refused(repo: Path) -> None:
    result = surety("check", "--repo", repo, "--rev", "main")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not the top folder of a git repository" in result.stderr


@pytest.mark.parametrize("arguments", [["check", "--format", "xml"], ["chekc"], ["explain"], ["schema", "Templat"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert surety(*arguments).exit_code == 2


def test_a_fault_of_the_program_is_no_answer(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("validators.check.outcome.examine", broken)
    result = surety("check", "--repo", repo)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "an internal error, so there is no answer: ZeroDivisionError: planted" in result.stderr
    monkeypatch.setenv("SURETY_TRACEBACK", "1")
    assert isinstance(surety("check", "--repo", repo).exception, ZeroDivisionError)


def test_a_limit_is_no_answer(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validators.simulate.simulation._MOST_COMMANDS", 3)
    result = surety("test", "--repo", repo)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "gave up: enterprise-billing/tried (templates/enterprise-billing/tried_test.yaml)" in result.stderr
    assert "needs more than 3 commands" in result.stderr


# as real processes


def process(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("surety")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST"))}
    return subprocess.run(
        [program, *map(str, arguments)], cwd=cwd, env=clean | environment, check=False, capture_output=True, text=True
    )


def test_the_program_says_its_version(tmp_path: Path) -> None:
    done = process("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"surety {VERSION}\n", "")


def test_the_program_ends_with_what_it_found(repo: Path) -> None:
    clean = process("check", *TODAY, cwd=repo)
    assert (clean.returncode, clean.stderr) == (0, "")
    edit(repo, BILLING, "within: 2h", "within: 2 hours")
    broken = process("check", *TODAY, cwd=repo)
    assert (broken.returncode, broken.stderr) == (1, "")
    assert "2 hours" in broken.stdout
    assert "\x1b[" not in broken.stdout


def test_a_closed_pipe_is_no_internal_error(repo: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{Path(sys.executable).with_name('surety')}' schema | head -1"],
        cwd=repo, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize(
    ("terminal", "variables", "coloured"),
    [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False), (False, {}, False)],
)
def test_colour_is_for_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, variables: dict[str, str], coloured: bool
) -> None:
    class Output:
        def isatty(self) -> bool:
            return terminal

    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream: Any = Output()
    monkeypatch.setattr("validators.commands.reading.sys.stdout", stream)
    assert colour() is coloured
