"""`surety test`: what is wrong with scenarios before anything is judged is an error, and never passed over."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.validators.commands.program import minimal, surety

ASKED = "templates/billing/asked_test.yaml"
REST = "templates/rest/asked_test.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two templates with a scenario each."""
    return minimal(tmp_path)


def _changed(repo: Path, old: str, new: str, path: str = ASKED) -> None:
    file = repo / path
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


class TestPlace:
    """A scenario is told by its template and its name, so both must be true and nobody else's."""

    @pytest.mark.parametrize(
        ("moved", "message"),
        [
            ("templates/blocks/asked_test.yaml", "this scenario does not stand beside a template"),
            ("templates/asked_test.yaml", "this scenario does not stand beside a template"),
            ("templates/rest/deeper/asked_test.yaml", "this scenario does not stand beside a template"),
            ("templates/rest/other_test.yaml", "the scenario is called `asked`, but its file other_test.yaml"),
            ("templates/rest/asked.yaml", "the scenario is called `asked`, but its file asked.yaml"),
        ],
    )
    def test_one_that_is_out_of_place_fails_and_the_others_run(self, repo: Path, moved: str, message: str) -> None:
        assert surety("test", cwd=repo).exit_code == 0, "and is remembered as passed"
        (repo / moved).parent.mkdir(exist_ok=True)
        (repo / moved).write_bytes((repo / REST).read_bytes())
        result = surety("test", cwd=repo)
        assert result.exit_code == 1
        assert f"error[SUR504] {message}\n --> {moved}:" in result.output
        assert result.output.endswith("3 scenarios: 2 passed, 1 failed\n")
        for _ in range(2):
            assert surety("test", cwd=repo).exit_code == 1, "nor is it taken for passed the next time"

    def test_each_case_of_it_fails(self, repo: Path) -> None:
        text = (repo / REST).read_text(encoding="utf-8").replace("priority: low", "priority: $level")
        assert "$level" in text
        cases = "cases: {high: {level: high}, low: {level: low}}\n"
        (repo / "templates/rest/other_test.yaml").write_text(f"{text}\n{cases}", encoding="utf-8")
        result = surety("test", "--run", "rest", cwd=repo)
        assert "rest/asked[high] failed\n\nerror[SUR504]" in result.output
        assert result.output.endswith("3 scenarios: 1 passed, 2 failed\n")

    def test_two_files_of_one_name_are_an_error_in_the_second(self, repo: Path) -> None:
        (repo / "templates/rest/asked_test.yml").write_bytes((repo / REST).read_bytes())
        assert surety("test", cwd=repo).exit_code == 1
        again = surety("test", cwd=repo)
        assert again.exit_code == 1
        assert (
            "error[SUR504] there are two scenarios called `asked`; the other is templates/rest/asked_test.yaml\n"
            in (again.output)
        )
        assert " --> templates/rest/asked_test.yml:3:7\n" in again.output
        assert again.output.endswith("3 scenarios: 2 passed, 1 failed\n")

    def test_one_that_passed_alone_fails_beside_another_of_its_name(self, repo: Path) -> None:
        (repo / REST).rename(repo / "templates/rest/asked_test.yml")
        assert surety("test", cwd=repo).exit_code == 0, "either ending will do"
        (repo / REST).write_bytes((repo / "templates/rest/asked_test.yml").read_bytes())
        assert surety("test", cwd=repo).exit_code == 1

    def test_no_waiver_lets_it_stand(self, repo: Path) -> None:
        text = (repo / REST).read_text(encoding="utf-8").rstrip()
        waiver = 'waivers: [{code: SUR504, at: /name, reason: We like it so., until: "2026-12-31"}]'
        (repo / "templates/rest/other_test.yaml").write_text(f"{text}\n{waiver}\n", encoding="utf-8")
        assert surety("test", cwd=repo).exit_code == 1
        checked = surety("check", "--today", "2026-03-03", cwd=repo)
        assert checked.exit_code == 1
        assert "[SUR504]" in checked.output
        assert "[SUR954]" in checked.output

    def test_nothing_is_accepted_into_it(self, repo: Path) -> None:
        other = repo / "templates/rest/other_test.yaml"
        other.write_bytes((repo / REST).read_bytes())
        result = surety("test", "--accept", cwd=repo)
        assert "templates/rest/other_test.yaml is left as it is: rest/asked fails otherwise (SUR504)" in result.output
        assert "owners:" not in other.read_text(encoding="utf-8")


def test_cases_without_one_case_are_no_scenario(repo: Path) -> None:
    (repo / ASKED).write_text((repo / ASKED).read_text(encoding="utf-8") + "\ncases: {}\n", encoding="utf-8")
    for command in (("test",), ("check", "--today", "2026-03-03")):
        result = surety(*command, cwd=repo)
        assert result.exit_code == 1
        assert "error[SUR104] `cases` is empty\n" in result.output


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("owner: ann", "owner: ana", "SUR601"),
        ('start: "2026-03-03"', 'start: "2026-02-30"', "SUR602"),
        ("priority: high", "priority: highest", "SUR602"),
        ("expect:", 'always:\n  - {from: "12:00", until: "11:00", accountable: somebody}\nexpect:', "SUR606"),
        ("owner: ann}", "owner: $who}\ncases: {early: {}}", "SUR607"),
        ("owner: ann}", "owner: $who}", "SUR607"),
        ("high, status: open, subject: Invoice 7", "$level, status: open, subject: $title", "SUR607"),
        ("owner: ann}", "owner: ann}\ncases: {early: {who: ann}}", "SUR608"),
        ("expect:", 'absences:\n  - {person: ann, from: "12:00", until: "13:00"}\nexpect:', "SUR609"),
        ("expect:", 'acts: [{at: "09:01", do: update, fields: {priority: high}}]\nexpect:', "SUR610"),
    ],
    ids=[
        "name",
        "day",
        "value",
        "never looked at",
        "no value",
        "no cases",
        "no cases for a field",
        "nothing takes it",
        "unused absence",
        "act without effect",
    ],
)
def test_what_can_prove_nothing_is_an_error_by_default(repo: Path, old: str, new: str, code: str) -> None:
    _changed(repo, old, new)
    result = surety("test", cwd=repo)
    assert result.exit_code == 1
    assert set(re.findall(r"error\[(\w+)\]", result.output)) == {code}, result.output


def test_one_state_for_a_list_is_one_finding(repo: Path) -> None:
    _changed(repo, "expect:", "always:\n  - {state: offered, while: offered}\nexpect:")
    result = surety("test", cwd=repo)
    assert result.output.startswith("error[SUR104] `while` is a list of states, or open; found the text `offered`\n")
    assert "help: write while: [offered]\n" in result.output
    assert result.output.count("error[") == 1
    _changed(repo, "while: offered", "while: [offered]")
    assert surety("test", cwd=repo).exit_code == 0


class TestStopped:
    """Errors that keep everything from being run are reported like anything else: a CI reads the file."""

    @pytest.fixture
    def broken(self, repo: Path) -> Path:
        (repo / ASKED).write_text("schema: surety/v1\nkind: Scenario\nname: asked\n", encoding="utf-8")
        return repo

    @pytest.mark.parametrize("form", ["text", "json", "junit", "github", "markdown"])
    def test_the_report_is_written_in_every_form(self, broken: Path, form: str) -> None:
        (broken / "out").write_text("of yesterday", encoding="utf-8")
        result = surety("test", "--format", form, "--output", "out", cwd=broken)
        assert result.exit_code == 1
        summary = "2 templates, 2 blocks, 15 policies, 1 scenario: 4 errors; nothing was run"
        assert result.stdout == f"{summary}; written to out\n"
        assert result.stderr == "surety: nothing to test until the errors are gone\n"
        written = (broken / "out").read_text(encoding="utf-8")
        assert "start" in written
        assert surety("test", "--format", form, cwd=broken).stdout == written, "as it is shown"

    def test_junit_has_a_case_for_each_file(self, broken: Path) -> None:
        (broken / REST).write_text("schema: [", encoding="utf-8")
        root = ET.fromstring(surety("test", "--format", "junit", cwd=broken).stdout)
        cases = [(each.get("classname"), each.get("name"), each.get("file")) for each in root.iter("testcase")]
        assert cases == [("files", f"{path} is valid", path) for path in (ASKED, REST)]
        assert [each.get("type") for each in root.iter("error")] == ["SUR102", "SUR001"]
        assert f"--> {ASKED}:1:1" in "".join(root.itertext())
        (of_files,) = root.iter("testsuite")
        for each in (root, of_files):
            assert (each.get("tests"), each.get("failures"), each.get("errors")) == ("2", "0", "2")

    def test_json_says_that_nothing_was_run(self, broken: Path) -> None:
        found = json.loads(surety("test", "--format", "json", cwd=broken).stdout)
        assert found["summary"] == {
            "revision": str(broken), "scenarios": 0, "passed": 0, "failed": 0, "errors": 4, "warnings": 0,
        }  # fmt: skip
        assert {each["code"] for each in found["findings"]} == {"SUR102"}
        assert found["scenarios"] == []

    def test_markdown_and_annotations_show_the_errors(self, broken: Path) -> None:
        comment = surety("test", "--format", "markdown", cwd=broken).stdout
        assert comment.startswith("<!-- surety test -->\n### surety test: 2 templates")
        assert "| error | SUR102 | the key <code>start</code> is missing |" in comment
        shown = surety("test", "--format", "github", cwd=broken).stdout.splitlines()
        assert shown[0].startswith(f"::error file={ASKED},line=1,endLine=3,title=SUR102::the key `start`")
        assert len(shown) == 5

    def test_the_page_about_coverage_says_so_too(self, broken: Path) -> None:
        surety("test", "--coverage-html", "page.html", cwd=broken)
        page = (broken / "page.html").read_text(encoding="utf-8")
        assert "4 errors; nothing was run." in page
        assert "<table>" not in page

    def test_a_pattern_is_not_blamed_for_it(self, broken: Path) -> None:
        assert surety("test", "--run", "billing/asked", cwd=broken).exit_code == 1


def test_not_one_scenario_is_no_pass_and_is_reported(repo: Path) -> None:
    for path in (ASKED, REST):
        (repo / path).unlink()
    result = surety("test", "--format", "junit", "--output", "out.xml", cwd=repo)
    assert result.exit_code == 2
    assert result.stdout == "no scenario was run; 2 templates without a scenario; written to out.xml\n"
    assert result.stderr.startswith("surety: there is not one scenario: add templates/NAME/SOMETHING_test.yaml\n")
    assert [each.get("type") for each in ET.parse(repo / "out.xml").iter("error")] == ["SUR501", "SUR501"]
    assert surety("test", "--run", "billing", cwd=repo).exit_code == 2
    assert "nothing to accept" not in surety("test", "--accept", cwd=repo).stderr
