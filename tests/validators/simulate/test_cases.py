"""Tables of cases: one story with other values, each a scenario of its own, with positions where a value is written."""

from __future__ import annotations

from pathlib import Path

from runner.contract.load import Loaded, load_revision
from runner.revision import FolderTree
from tests.validators.commands.program import minimal
from validators.simulate import run_scenario, select

STORY = """\
schema: surety/v1
kind: Scenario
name: asked
summary: Whoever is first in turn is asked at once.
start: "2026-03-03"
zone: Europe/Berlin
tickets:
  invoice:
    at: "09:00"
    fields: {type: billing, priority: $priority, status: open, subject: Invoice $7}
expect:
  - {at: $when, state: $state, owner: ann}
cases:
"""


def loaded(folder: Path, cases: str, story: str = STORY) -> Loaded:
    minimal(folder)
    (folder / "templates/billing/asked_test.yaml").write_text(story + cases, encoding="utf-8")
    return load_revision(FolderTree(folder))


def test_each_case_is_a_scenario_of_its_own(tmp_path: Path) -> None:
    cases = """\
  soon: {priority: high, when: "09:05", state: offered}
  late: {priority: normal, when: "09:59", state: offered}
  wrong: {priority: high, when: "09:10", state: closed}
"""
    revision = loaded(tmp_path, cases).revision
    assert revision is not None
    billing = [each for each in revision.scenarios if "billing" in each[0]]
    results = [run_scenario(revision, scenario, document) for _, scenario, document in billing]
    assert [(each.name, each.passed) for each in results] == [
        ("billing/asked[soon]", True),
        ("billing/asked[late]", True),
        ("billing/asked[wrong]", False),
    ]
    (failure,) = results[2].failures
    at = failure.diagnostic.location
    assert failure.diagnostic.message.endswith("expected closed; got offered")
    assert at is not None
    assert (at.line, at.column) == (16, 49), "the value stands in the case, not in the story"


def test_cases_are_chosen_by_their_name_or_all_of_them(tmp_path: Path) -> None:
    cases = '  a: {priority: high, when: "09:05", state: offered}\n  b: {priority: low, when: "09:05", state: none}\n'
    revision = loaded(tmp_path, cases, STORY.replace(", owner: ann", "")).revision
    assert revision is not None

    def fitting(*patterns: str) -> list[str]:
        return [scenario.name for path, scenario, _ in select(revision.scenarios, patterns) if "billing" in path]

    assert (
        fitting("asked")
        == fitting("billing/asked")
        == fitting("billing/asked*")
        == fitting("asked[?]")
        == ["asked[a]", "asked[b]"]
    )
    assert fitting("asked[b]") == fitting("billing/asked[b]") == fitting("*[b]") == ["asked[b]"]
    assert fitting("asked[ab]") == []
    assert fitting("asked[b]", "*[a]") == fitting() == ["asked[a]", "asked[b]"]


def test_a_value_that_no_case_gives_is_found_at_its_name(tmp_path: Path) -> None:
    found = loaded(tmp_path, '  a: {priority: high, when: "09:05", stat: offered}\n')
    assert found.revision is None
    (finding,) = found.findings
    assert (finding.code, finding.message) == ("SUR607", "the case `a` gives no value for `$state`")
    assert finding.help == "did you mean `stat`? add it below cases: a"
    assert finding.location is not None
    assert finding.location.line == 12


def test_a_value_that_does_not_fit_is_found_where_it_is_written(tmp_path: Path) -> None:
    good = '  a: {priority: high, when: "09:05", state: offered}\n'
    found = loaded(tmp_path, f"{good}  b: {{priority: high, when: nine, state: offered}}\n")
    assert found.revision is None
    (finding,) = found.findings
    assert finding.location is not None
    assert (finding.location.line, finding.pointer) == (15, "/cases/b/when")


def test_what_is_wrong_inside_of_a_value_is_found_inside_of_it(tmp_path: Path) -> None:
    fields = "{type: billing, priority: $priority, status: open, subject: Invoice $7}"
    story = STORY.replace(fields, "$fields").replace("$when", '"09:05"').replace("$state", "offered")
    good = "  a: {fields: {type: billing, priority: high, status: open}}\n"
    revision = loaded(
        tmp_path, f"{good}  b: {{fields: {{type: billing, priority: hi, status: open}}}}\n", story
    ).revision
    assert revision is not None
    results = [run_scenario(revision, one, where) for path, one, where in revision.scenarios if "billing" in path]
    assert [result.passed for result in results] == [True, False]
    found = results[1].failures[0].diagnostic
    assert found.code == "SUR602"
    assert found.location is not None
    assert (found.location.line, found.location.column) == (15, 41)


def test_text_with_a_dollar_is_text(tmp_path: Path) -> None:
    cases = '  a: {priority: high, when: "09:05", state: offered}\n'
    revision = loaded(tmp_path, cases).revision
    assert revision is not None
    (scenario,) = (each for path, each, _ in revision.scenarios if "billing" in path)
    assert scenario.tickets["invoice"].fields["subject"] == "Invoice $7"
