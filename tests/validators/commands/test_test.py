"""`surety test`: what it chooses, its formats, coverage, accepted timelines, processes, and when it fails."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner.revision import FolderTree
from tests.validators.commands.program import minimal, surety
from validators.simulate import suite

ASKED = "templates/billing/asked_test.yaml"
WRONG = '{at: "09:05", state: offered, owner: ben}'
RIGHT = '{at: "09:05", state: offered, owner: ann}'


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two templates with a scenario each."""
    return minimal(tmp_path)


@pytest.fixture
def failing(repo: Path) -> Path:
    """The scenario of billing fails."""
    file = repo / ASKED
    file.write_text(file.read_text(encoding="utf-8").replace(RIGHT, WRONG), encoding="utf-8")
    return repo


def test_all_passed(repo: Path) -> None:
    result = surety("test", cwd=repo)
    assert (result.exit_code, result.output) == (0, "2 scenarios: all passed\n")


def test_a_template_without_a_scenario_fails_unless_the_run_is_narrowed(repo: Path) -> None:
    (repo / ASKED).unlink()
    result = surety("test", cwd=repo)
    assert result.exit_code == 1
    assert result.output.startswith("error[SUR501] nothing tries the template `billing`: it has no scenario\n")
    assert result.output.endswith("1 scenario: passed; 1 template without a scenario\n")
    assert surety("test", "--run", "rest", cwd=repo).exit_code == 0


def test_the_same_timeline_is_shown_once(failing: Path) -> None:
    file = failing / ASKED
    later = WRONG.replace("09:05", "09:06")
    file.write_text(file.read_text(encoding="utf-8").replace(WRONG, f"{WRONG}\n  - {later}"), encoding="utf-8")
    output = surety("test", cwd=failing).output
    assert output.count("error[SUR603]") == 2
    assert output.count("the owner timeline around it") == 1


def test_no_match_says_what_there_is(repo: Path) -> None:
    result = surety("test", "--run", "billing/askt", cwd=repo)
    assert result.exit_code == 2
    assert "surety: no scenario fits `billing/askt`" in result.output
    assert "Did you mean billing/asked? Nothing was tested. There are billing/asked\n" in result.output


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("billing/xyz", "Nothing was tested. There are billing/asked\n"),
        ("biling/*", "Did you mean billing? Nothing was tested. There are scenarios of billing, rest\n"),
        ("bilin", "Did you mean billing? Nothing was tested. There are scenarios of billing, rest\n"),
        ("xyz", "Nothing was tested. There are scenarios of billing, rest\n"),
        ("templates/biling/", "Did you mean billing? Nothing was tested. There are scenarios of billing, rest\n"),
        ("./templates/rest/askd_test.yaml", "Did you mean rest/asked? Nothing was tested. There are rest/asked\n"),
    ],
)
def test_no_match_says_what_may_have_been_meant(repo: Path, pattern: str, words: str) -> None:
    assert surety("test", "--run", pattern, cwd=repo).output.endswith(words)


def test_several_patterns_may_be_given_and_each_must_fit_something(repo: Path) -> None:
    both = surety("test", "--run", "billing", "--run", "rest/*", cwd=repo)
    assert (both.exit_code, both.output) == (0, "2 scenarios: all passed\n")
    result = surety("test", "--run", "billing", "--run", "rst", cwd=repo)
    assert result.exit_code == 2
    assert "surety: no scenario fits `rst`" in result.output


@pytest.mark.parametrize(
    ("path", "passed"),
    [
        (ASKED, "1 scenario: passed\n"),
        (f"./{ASKED}", "1 scenario: passed\n"),
        (f"/somewhere/{ASKED.removesuffix('yaml')}yml", "1 scenario: passed\n"),
        ("templates/billing/", "1 scenario: passed\n"),
        ("templates/billing", "1 scenario: passed\n"),
        ("templates/*/as*_test.yaml", "2 scenarios: all passed\n"),
    ],
)
def test_a_path_means_what_stands_there(repo: Path, path: str, passed: str) -> None:
    result = surety("test", "--run", path, cwd=repo)
    assert (result.exit_code, result.output) == (0, passed)


def test_a_failure_that_ends_it_hides_no_name(failing: Path) -> None:
    result = surety("test", "--fail-fast", "--run", "billing", "--run", "rest", cwd=failing)
    assert result.exit_code == 1
    assert result.output.endswith("1 scenario: 0 passed, 1 failed\n")


def test_the_first_failure_ends_it_when_asked_to(failing: Path) -> None:
    file = failing / "templates/rest/asked_test.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("owner: ann", "owner: ben"), encoding="utf-8")
    assert surety("test", cwd=failing).output.endswith("2 scenarios: 0 passed, 2 failed\n")
    result = surety("test", "--fail-fast", cwd=failing)
    assert result.exit_code == 1
    assert result.output.endswith("1 scenario: 0 passed, 1 failed\n")


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "markdown"])
def test_more_processes_say_the_same(repo: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    text = (repo / ASKED).read_text(encoding="utf-8")
    for number in range(7):
        more = text.replace("name: asked", f"name: more-{number}")
        wrong = more.replace("owner: ann", "owner: ben") if number in (2, 6) else more
        (repo / f"templates/billing/more-{number}_test.yaml").write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(suite, "_PAYS_FROM", 2)
    one, three = (surety("test", "--format", form, "--jobs", jobs, cwd=repo) for jobs in ("1", "3"))
    assert (one.exit_code, one.output) == (1, three.output)
    first = surety("test", "--jobs", "3", "--fail-fast", cwd=repo)
    assert first.output.count("failed\n\n") == 1
    assert "billing/more-2 failed" in first.output
    monkeypatch.setattr(suite, "_MOST_RANGES", 2)
    assert surety("test", "--jobs", "3", "--fail-fast", cwd=repo).output == first.output


def test_what_goes_wrong_in_another_process_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(suite, "_PAYS_FROM", 2)
    monkeypatch.setattr(suite, "run_scenarios", broken)
    result = surety("test", "--jobs", "2", cwd=repo)
    assert result.exit_code == 3
    assert "an internal error, so there is no answer: RuntimeError: broken" in result.output


def test_a_broken_scenario_stops_everything(repo: Path) -> None:
    (repo / ASKED).write_text("schema: surety/v1\nkind: Scenario\nname: asked\n", encoding="utf-8")
    result = surety("test", cwd=repo)
    assert result.exit_code == 1
    assert "error[SUR102]" in result.output
    assert "nothing to test until the errors are gone" in result.output
    assert ", 1 scenario: " in result.output, "the one that could be read"


def test_stopped_from_the_keyboard_no_process_goes_on_as_a_second_program(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suite, "_PAYS_FROM", 2)

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(suite, "run_scenarios", stopped)
    asked = suite.Asked(jobs=2)
    this = os.getpid()
    with pytest.raises(KeyboardInterrupt):
        suite.run_suite(FolderTree(repo), asked)
    if os.getpid() != this:
        os.write(2, b"went on\n")
        os._exit(0)
    with suppress(ChildProcessError):
        os.waitpid(-1, 0)
    assert "went on" not in capfd.readouterr().err


class TestJunit:
    def test_each_scenario_is_a_case(self, repo: Path) -> None:
        result = surety("test", "--format", "junit", cwd=repo)
        root = ET.fromstring(result.output)
        assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == ("testsuites", "2", "0", "0")
        cases = [(each.get("classname"), each.get("name"), each.get("file")) for each in root.iter("testcase")]
        assert cases == [("billing", "asked", ASKED), ("rest", "asked", "templates/rest/asked_test.yaml")]

    def test_a_failure_has_its_words_and_the_whole_timeline(self, failing: Path) -> None:
        root = ET.fromstring(surety("test", "--format", "junit", cwd=failing).output)
        (failure,) = root.iter("failure")
        assert failure.get("type") == "SUR603"
        assert "expected ben; got ann" in (failure.get("message") or "")
        assert f"--> {ASKED}:12" in (failure.text or "")
        (said,) = root.iter("system-out")
        assert "Tue 2026-03-03 09:00:00  Ann Archer is asked as primary" in (said.text or "")
        suites = {each.get("name"): each.get("failures") for each in root.iter("testsuite")}
        assert suites == {"billing": "1", "rest": "0"}

    def test_text_of_files_cannot_break_it(self, repo: Path) -> None:
        file = repo / ASKED
        text = file.read_text(encoding="utf-8").replace("priority: high", 'priority: "<&\\">\\u0007]]>"')
        file.write_text(text, encoding="utf-8")
        root = ET.fromstring(surety("test", "--format", "junit", cwd=repo).output)
        (failure,) = root.iter("failure")
        assert "<&" in (failure.text or "")

    def test_what_is_missing_is_a_case_too(self, repo: Path) -> None:
        (repo / ASKED).unlink()
        root = ET.fromstring(surety("test", "--format", "junit", "--min-coverage", "99", cwd=repo).output)
        (error,) = root.iter("error")
        assert error.get("type") == "SUR501"
        names = [each.get("name") for each in root.iter("testcase") if each.get("classname") == "templates"]
        assert names[0] == "templates/billing/template.yaml has a scenario"
        assert set(names[1:]) == {"billing is covered", "rest is covered"}
        (rest,) = (each for each in root.iter("testcase") if each.get("name") == "rest is covered")
        assert rest.get("file") == "templates/rest/template.yaml"
        for count in ("tests", "failures", "errors"):
            assert int(root.get(count, "")) == sum(int(suite.get(count, "")) for suite in root.iter("testsuite"))
        assert [each.tag for each in root.iter() if each.tag.startswith("test") and each.get("time") != "0"] == []


def test_github_puts_failures_beside_their_lines(failing: Path) -> None:
    output = surety("test", "--repo", "repo", "--format", "github", cwd=_moved(failing)).output
    first, *_, last = output.splitlines()
    assert first.startswith(f"::error file=repo/{ASKED},line=12,col=")
    assert "title=SUR603 billing/asked failed::owner is not as expected" in first
    assert last == "2 scenarios: 1 passed, 1 failed"


def test_github_shows_too_little_coverage_at_the_template(repo: Path) -> None:
    result = surety("test", "--repo", "repo", "--format", "github", "--min-coverage", "99", cwd=_moved(repo))
    first, second, last = result.output.splitlines()
    assert first.startswith("::error file=repo/templates/billing/template.yaml,line=1,col=1,title=too little covered::")
    assert second.startswith("::error file=repo/templates/rest/template.yaml,line=1,")
    assert last == "2 scenarios: all passed; 2 templates covered below 99 %"


def _moved(repo: Path) -> Path:
    """The folder around a repository that is called `repo`."""
    around = repo.parent / f"around-{repo.name}"
    around.mkdir()
    repo.rename(around / "repo")
    return around


def test_markdown_is_a_comment_with_what_failed(failing: Path) -> None:
    output = surety("test", "--format", "markdown", "--coverage", cwd=failing).output
    assert output.startswith("<!-- surety test -->\n### surety test: 2 scenarios: 1 passed, 1 failed\n")
    assert "| <code>billing/asked</code> | SUR603 | owner is not as expected" in output
    assert "<details><summary>Timelines</summary>" in output
    assert "| template | states | transitions |" in output


def test_json_has_everything(failing: Path) -> None:
    found = json.loads(surety("test", "--format", "json", "--coverage", cwd=failing).output)
    assert found["summary"] == {"revision": str(failing), "scenarios": 2, "passed": 1, "failed": 1}
    (finding,) = found["findings"]
    assert (finding["scenario"], finding["expected"], finding["got"]) == ("billing/asked", "ben", "ann")
    assert [each["event"] for each in finding["timeline"]] == ["OwnerOffered"]
    scenario = found["scenarios"][0]
    assert scenario["owners"] == [{"at": "09:00", "owner": "ann", "reason": "first_rung"}]
    assert scenario["kpis"][0]["time_to_first_owner"] == 0
    coverage = {each["template"]: each for each in found["coverage"]}
    assert coverage["billing"]["kinds"]["state"] == {"covered": 1, "all": 6}
    assert {"kind": "state", "name": "cancelled", "how": coverage["billing"]["missing"][4]["how"]} in (
        coverage["billing"]["missing"]
    )


class TestCoverage:
    def test_too_little_fails_and_says_how_to_cover_the_rest(self, repo: Path) -> None:
        result = surety("test", "--min-coverage", "90", cwd=repo)
        assert result.exit_code == 1
        assert "billing: " in result.output
        assert "and --min-coverage asks for 90 %; missing:" in result.output
        assert "  state cancelled\n    bring it into the state cancelled: {do: cancel} by a manager\n" in result.output
        assert result.output.endswith("2 scenarios: all passed; 2 templates covered below 90 %\n")
        assert surety("test", "--min-coverage", "1", cwd=repo).exit_code == 0

    def test_a_narrowed_run_is_judged_by_its_own_templates(self, repo: Path) -> None:
        output = surety("test", "--coverage", "--run", "rest", cwd=repo).output
        assert output.splitlines()[1].startswith("rest ")
        assert "billing" not in output

    def test_the_page_stands_alone(self, repo: Path) -> None:
        result = surety("test", "--coverage-html", "coverage.html", cwd=repo)
        assert result.exit_code == 0
        page = (repo / "coverage.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert not {"http://", "https://", "<script", "src="} & set(page.split())
        assert '<h2 id="billing">billing, ' in page
        assert '<li class="no">cancelled<small>bring it into the state cancelled' in page
        assert '<li class="yes">offered</li>' in page

    def test_a_page_that_cannot_be_written_is_wrong_usage(self, repo: Path) -> None:
        result = surety("test", "--coverage-html", "no/such/folder.html", cwd=repo)
        assert result.exit_code == 2


class TestAccept:
    def test_it_writes_the_timelines_shows_the_difference_and_passes(self, repo: Path) -> None:
        before = (repo / ASKED).read_text(encoding="utf-8")
        result = surety("test", "--accept", cwd=repo)
        assert result.exit_code == 0
        assert '+  - {at: "09:00", owner: ann, reason: first_rung}' in result.output
        assert "wrote down who is accountable in 2 files; review the difference" in result.output
        after = (repo / ASKED).read_text(encoding="utf-8")
        assert after.startswith(before)
        again = surety("test", "--accept", cwd=repo)
        assert "nothing to accept: every timeline is as it is written down" in again.output
        assert (repo / ASKED).read_text(encoding="utf-8") == after

    def test_only_what_was_chosen_is_written(self, repo: Path) -> None:
        before = (repo / ASKED).read_bytes()
        surety("test", "--accept", "--run", "rest", cwd=repo)
        assert (repo / ASKED).read_bytes() == before

    def test_a_timeline_that_changed_fails_and_can_be_accepted(self, repo: Path) -> None:
        surety("test", "--accept", cwd=repo)
        file = repo / ASKED
        file.write_text(file.read_text(encoding="utf-8").replace("owner: ann, reason", "owner: ben, reason"), "utf-8")
        assert "error[SUR611]" in surety("test", cwd=repo).output
        assert surety("test", "--accept", cwd=repo).exit_code == 0
        assert surety("test", cwd=repo).exit_code == 0

    def test_a_scenario_that_fails_otherwise_is_left(self, failing: Path) -> None:
        before = (failing / ASKED).read_bytes()
        result = surety("test", "--accept", cwd=failing)
        assert result.exit_code == 1
        assert f"{ASKED} is left as it is: billing/asked fails otherwise (SUR603); put that right" in result.output
        assert "wrote down who is accountable in 1 file" in result.output
        assert (failing / ASKED).read_bytes() == before
        again = surety("test", "--accept", cwd=failing)
        assert "is left as it is" in again.output
        assert "nothing to accept" not in again.output

    def test_a_commit_cannot_be_changed(self, repo: Path) -> None:
        result = surety("test", "--accept", "--rev", "HEAD", cwd=repo)
        assert result.exit_code == 2
        assert "--accept writes into the files as they are" in result.output


def test_output_goes_into_a_file(repo: Path) -> None:
    result = surety("test", "--format", "junit", "--output", "report.xml", cwd=repo)
    assert (result.exit_code, result.output) == (0, "2 scenarios: all passed; written to report.xml\n")
    ET.parse(repo / "report.xml")
