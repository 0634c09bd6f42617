"""`surety verify` on a repository of its own: against a commit, with properties of templates, and scenarios written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runner.revision import bundled_data
from validators.cli import surety

TEMPLATE = "sla-breach"
CLAIM = """\
schema: surety/v1
kind: Property
name: never-alone
summary: Nobody is left with it in the end.
never: {state: exhausted%s}
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped files, committed."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("policies", "templates"):
        shutil.copytree(bundled_data() / name, folder / name, ignore=shutil.ignore_patterns("*_test.yaml"))
    shutil.copy(bundled_data() / f"templates/{TEMPLATE}/triage_test.yaml", folder / f"templates/{TEMPLATE}")
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=x", "-c", "user.email=x@y.example", "commit", "-qm", "base")
    return folder


@pytest.fixture
def repo(committed: Path, tmp_path: Path) -> Path:
    """A clone of it, to be changed."""
    shutil.copytree(committed, tmp_path / "here")
    return tmp_path / "here"


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def _edit(repo: Path, path: str, old: str, new: str) -> None:
    file = repo / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def verify(repo: Path, *options: str) -> Result:
    words = ["verify", "--repo", str(repo), "--no-cache", "--jobs", "1", "--limit-states", "2", *options]
    return CliRunner().invoke(surety, words)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("text", "sla-breach: differs: somebody is asked as primary (first in the ladder): due 5m later before"),
        ("markdown", "**sla\\-breach**: differs: somebody is asked as primary"),
        ("github", "::notice file=templates/sla-breach/template.yaml,title=sla-breach%3A differs::"),
    ],
)
def test_a_changed_timebox_shows_in_every_form(repo: Path, form: str, said: str) -> None:
    _edit(repo, f"templates/{TEMPLATE}/template.yaml", "  within: 5m\n", "  within: 10m\n")
    found = verify(repo, TEMPLATE, "--base", "HEAD", "--format", form)
    assert found.exit_code == 3, "the proof itself stopped at a limit"
    assert said in found.stdout
    assert "ladder/primary/within: 5m before, 10m after" in found.stdout
    assert "holds it: 20m before, 40m after" in found.stdout


def test_templates_that_came_and_went_are_said(repo: Path) -> None:
    (repo / f"templates/{TEMPLATE}").rename(repo / "templates/late-answer")
    _edit(repo, "templates/late-answer/template.yaml", f"name: {TEMPLATE}", "name: late-answer")
    _edit(repo, "policies/routing.yaml", f"- {TEMPLATE}", "- late-answer")
    found = verify(repo, TEMPLATE, "late-answer", "--base", "HEAD", "--format", "json")
    document = json.loads(found.stdout)
    results = {each["template"]: each["result"] for each in document["compared"]}
    assert results == {TEMPLATE: "removed", "late-answer": "new"}
    gone = verify(repo, TEMPLATE, "--base", "HEAD")
    assert gone.exit_code == 0
    assert "0 templates: nothing was proven" in gone.output


def test_a_commit_that_is_not_there_is_wrong_usage(repo: Path) -> None:
    found = verify(repo, TEMPLATE, "--base", "no-such-branch")
    assert found.exit_code == 2
    assert "no-such-branch" in found.output


def test_a_property_that_does_not_hold_becomes_a_scenario(repo: Path) -> None:
    (repo / f"templates/{TEMPLATE}/never-alone_property.yaml").write_text(CLAIM % "")
    file = repo / f"templates/{TEMPLATE}/left-alone_test.yaml"
    found = verify(repo, TEMPLATE, "--property", "never-alone", "--write-scenario", str(file))
    assert found.exit_code == 1, found.output
    assert "Only looked at: never-alone. Of the other properties nothing is said." in found.output
    assert f"written: {file}" in found.output
    written = file.read_text()
    assert "name: left-alone\n" in written
    assert "absences:" in written, "nobody is on call, so people are away"
    tested = CliRunner().invoke(surety, ["test", "--repo", str(repo), "--run", f"{TEMPLATE}/left-alone"])
    assert tested.exit_code == 1, tested.output
    assert "never state exhausted" in tested.output
    nowhere = verify(repo, TEMPLATE, "--property", "never-alone", "--write-scenario", str(repo / "no/where_test.yaml"))
    assert nowhere.exit_code == 2
    assert "cannot be written: No such file or directory" in nowhere.output


def test_a_scenario_that_is_wrong_stands_in_the_way_of_no_proof(repo: Path) -> None:
    (repo / f"templates/{TEMPLATE}/never-alone_property.yaml").write_text(CLAIM % "")
    (repo / f"templates/{TEMPLATE}/wrong_test.yaml").write_text("schema: surety/v1\nkind: Scenario\nstart: never\n")
    found = verify(repo, TEMPLATE, "--property", "never-alone")
    assert found.exit_code == 1, found.output
    assert "[never-alone]" in found.output
    assert f"surety: templates/{TEMPLATE}/wrong_test.yaml cannot be read as a scenario" in found.stderr
    assert CliRunner().invoke(surety, ["test", "--repo", str(repo)]).exit_code == 1


def test_a_property_is_read_whatever_its_file_is_called_and_says_besides(repo: Path) -> None:
    (repo / f"templates/{TEMPLATE}/never-alone_test.yaml").write_text(
        (CLAIM % "").replace(
            "summary: Nobody is left with it in the end.", 'summary: "Nobody\nkind: Scenario\n is left"'
        )
    )
    found = verify(repo, TEMPLATE, "--property", "never-alone")
    assert "[never-alone]" in found.output


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ((CLAIM % "") + "---\nschema: surety/v1\nkind: Scenario\n", "SUR010"),
        ((CLAIM % "").replace("kind: Property", "kind: Property\nkind: Scenario"), "SUR006"),
        ((CLAIM % "").replace("kind: Property\n", "") + "---\nkind: Scenario\n", "SUR010"),
    ],
)
def test_a_file_that_is_two_things_at_once_is_an_error(repo: Path, file: str, code: str) -> None:
    (repo / f"templates/{TEMPLATE}/never-alone_test.yaml").write_text(file)
    found = verify(repo, TEMPLATE)
    assert found.exit_code == 1, found.output
    assert code in found.output


def test_a_property_about_nothing_is_never_proved(repo: Path) -> None:
    file = repo / f"templates/{TEMPLATE}/never-alone_property.yaml"
    file.write_text(CLAIM % ", exceptions: [no-such-class]")
    found = verify(repo, TEMPLATE)
    assert found.exit_code == 1
    assert "error[SUR612] the template `sla-breach` has no exception class `no-such-class`" in found.output
    file.write_text((CLAIM % "").replace("name: never-alone", "name: closes"))
    found = verify(repo, TEMPLATE)
    assert found.exit_code == 2
    assert "`closes` is the name of a guarantee" in found.output


def test_a_property_of_another_template_is_not_proved_of_this_one(repo: Path) -> None:
    (repo / f"templates/{TEMPLATE}/never-alone_property.yaml").write_text(CLAIM % "")
    found = verify(repo, "fallback", "--property", "never-alone")
    assert found.exit_code == 2
    assert "no template that was chosen has a property `never-alone`" in found.output
