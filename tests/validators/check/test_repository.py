"""The repository as a whole: untried templates, unused blocks, calendars near their end, scenarios out of place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import read_documents
from runner.contract.load import Loaded, load_revision
from runner.contract.rules import GATE_RULES
from runner.revision import FolderTree
from tests.validators.repositories import company, copied, edit, scenario_text, shipped
from validators.check import check_revision
from validators.check.registry import ask, tool_rules
from validators.check.subject import Subject

TEMPLATES = ("*/template.yaml", "blocks/*.yaml", "fallback/*", "*/nobody-*", "*/accepted-in-time_test.yaml")
TODAY = date(2026, 3, 3)


def found_in(folder: Path, today: date = TODAY) -> list[Diagnostic]:
    return looked_at(Loaded(None, (), read_documents(FolderTree(folder))), today)


def looked_at(loaded: Loaded, today: date) -> list[Diagnostic]:
    """What rules about the repository find; the company has more actions than its runbooks use."""
    found = ask(Subject(loaded, today), lambda code: code.startswith("SUR50"))
    return [each for each in found if each.location is None or each.location.file != "policies/actions.yaml"]


def test_the_shipped_repository_is_clean() -> None:
    assert [each.code for each in check_revision(shipped(), TODAY)] == ["SUR805"]  # a remark, on every repository


def test_codes_are_used_once() -> None:
    assert not set(GATE_RULES) & set(tool_rules())
    assert len({each.name for each in tool_rules().values()}) == len(tool_rules())


def test_a_template_without_a_scenario_is_a_warning(tmp_path: Path) -> None:
    folder = copied(tmp_path, scenarios=True, only=TEMPLATES)
    for file in (folder / "templates/fallback").glob("*_test.yaml"):
        file.unlink()
    (found,) = found_in(folder)
    assert (found.code, str(found.severity)) == ("SUR501", "warning")
    assert str(found.location) == "templates/fallback/template.yaml:4:7"
    assert found.message == "nothing tries the template `fallback`: it has no scenario"


def test_a_broken_scenario_is_no_missing_one(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "templates/fallback/tried_test.yaml").write_text("kind: Scenario\nschema: surety/v1\n", encoding="utf-8")
    assert "SUR501" not in {each.code for each in found_in(folder)}


def test_an_unused_block_is_a_warning_and_one_used_by_a_block_is_not(tmp_path: Path) -> None:
    folder = copied(tmp_path, scenarios=True, only=TEMPLATES)
    head = "schema: surety/v1\nkind: Block\nsummary: S.\n"
    (folder / "templates/blocks/outer.yaml").write_text(
        f"{head}name: outer\nsteps:\n  - use: inner\n", encoding="utf-8"
    )
    (folder / "templates/blocks/inner.yaml").write_text(
        f"{head}name: inner\nsteps:\n  - note: {{text: Hello.}}\n", encoding="utf-8"
    )
    assert [(each.code, str(each.location)) for each in found_in(folder)] == [
        ("SUR502", "templates/blocks/inner.yaml:4:7"),
        ("SUR502", "templates/blocks/outer.yaml:4:7"),
    ]
    edit(folder, "templates/fallback/template.yaml", "  exhausted:\n", "  accepted:\n    - use: outer\n  exhausted:\n")
    assert found_in(folder) == []


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2027, 11, 1), None),
        (date(2027, 11, 2), "which is near: 2027-11-02 now"),
        (date(2027, 12, 31), "which is near: 2027-12-31 now"),
        (date(2028, 1, 1), "which is past"),
    ],
)
def test_a_calendar_near_its_end_is_a_warning(today: date, words: str | None) -> None:
    found = looked_at(company(), today)
    expected = [] if words is None else [f"holidays are known only until 2027-12-31, {words}"]
    assert [each.message for each in found] == expected
    assert all(str(each.location) == "policies/calendars.yaml:8:10" for each in found)


def test_a_scenario_stands_beside_its_template_under_its_name(tmp_path: Path) -> None:
    folder = copied(tmp_path, scenarios=True, only=TEMPLATES)
    text = scenario_text('expect: [{at: "09:00", state: offered}]')
    (folder / "templates/blocks/tried_test.yaml").write_text(text, encoding="utf-8")
    (folder / "templates/fallback/other_test.yaml").write_text(text, encoding="utf-8")
    found = found_in(folder)
    assert {each.code for each in found} == {"SUR504"}
    assert [(str(each.location), each.message) for each in found] == [
        ("templates/blocks/tried_test.yaml:2:7", "this scenario does not stand beside a template"),
        ("templates/fallback/other_test.yaml:3:7", "the scenario is called `tried`, but its file other_test.yaml"),
    ]


def test_a_check_looks_at_the_names_in_scenarios(tmp_path: Path) -> None:
    folder = copied(tmp_path, scenarios=True)
    edit(folder, "templates/fallback/other-template-matches_test.yaml", "owner: priya-raman", "owner: priya-ramen")
    (found,) = [each for each in check_revision(load_revision(FolderTree(folder)), TODAY) if each.code != "SUR805"]
    assert (found.code, found.message, found.help) == (
        "SUR601",
        "there is no person `priya-ramen`",
        "did you mean `priya-raman`?",
    )


def test_a_block_that_a_class_of_exceptions_is_run_by_is_used(tmp_path: Path) -> None:
    folder = copied(tmp_path, scenarios=True, only=(*TEMPLATES, "exceptions.yaml"))
    text = "schema: surety/v1\nkind: Block\nsummary: S.\nname: alone\nsteps:\n  - note: {text: Hello.}\n"
    (folder / "templates/blocks/alone.yaml").write_text(text, encoding="utf-8")
    assert [each.code for each in found_in(folder)] == ["SUR502"]
    owner = "    owner: {team: revenue-operations}\n"
    edit(folder, "policies/exceptions.yaml", owner, f"    runbook: alone\n{owner}")
    assert found_in(folder) == []
