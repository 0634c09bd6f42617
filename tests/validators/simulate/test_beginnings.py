"""Cases go on from what is alike in them as if each had been played from its first moment on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.contract.load import Revision, load_revision
from runner.contract.local_time import local_times
from runner.contract.scenario import Scenario
from runner.revision import FolderTree, bundled_data
from tests.validators.commands.program import minimal
from validators.simulate.beginnings import Beginnings
from validators.simulate.moments import alike
from validators.simulate.results import ScenarioResult, Tried
from validators.simulate.scenarios import _Run, run_scenario

STORY = """\
schema: surety/v1
kind: Scenario
name: asked
summary: Whoever is first in turn is asked, and answers.
start: "2026-03-03"
zone: Europe/Berlin
tickets:
  invoice:
    at: $at
    fields: {type: billing, priority: high, status: open}
acts:
  - {at: "09:02", do: update, fields: {priority: $before}}
  - {at: "09:05", do: $what, by: ann}
expect:
  - {at: "09:01", owner: $asked}
  - {at: "09:05", state: $state}
cases:
"""
TAKES = {"at": "09:00", "before": "low", "what": "accept", "asked": "ann", "state": "accepted"}
ENDS = TAKES | {"what": "escalate", "state": "offered"}


def told(folder: Path, *cases: dict[str, str], story: str = STORY) -> tuple[Revision, list[Tried]]:
    minimal(folder)
    table = "".join(f"  case-{number}: {json.dumps(case)}\n" for number, case in enumerate(cases, 1))
    (folder / "templates/billing/asked_test.yaml").write_text(story + table, encoding="utf-8")
    loaded = load_revision(FolderTree(folder))
    assert loaded.revision is not None, loaded.findings
    return loaded.revision, [each for each in loaded.revision.scenarios if each[0].endswith("billing/asked_test.yaml")]


def together(revision: Revision, scenarios: list[Tried]) -> list[ScenarioResult]:
    beginnings = Beginnings([scenario for _, scenario, _ in scenarios])
    return [run_scenario(revision, scenario, document, beginnings=beginnings) for _, scenario, document in scenarios]


def alone(revision: Revision, scenarios: list[Tried]) -> list[ScenarioResult]:
    return [run_scenario(revision, scenario, document) for _, scenario, document in scenarios]


def shared(scenarios: list[Tried]) -> int:
    one, other = (scenario for _, scenario, _ in scenarios[:2])
    return alike(one, other, local_times(one.zone, one.start))


@pytest.fixture(scope="module")
def shipped() -> Revision:
    loaded = load_revision(FolderTree(bundled_data()))
    assert loaded.revision is not None
    return loaded.revision


def test_every_shipped_case_decides_the_same_to_the_byte(shipped: Revision, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Scenario] = []
    play = _Run._play

    def noted(run: _Run, *moment: object) -> None:
        played.append(run._scenario)
        play(run, *moment)  # type: ignore[arg-type]

    monkeypatch.setattr(_Run, "_play", noted)
    cases = [each for each in shipped.scenarios if each[2].case is not None]
    apart = alone(shipped, cases)
    counted = len(played)
    played.clear()
    assert together(shipped, cases) == apart
    assert sum(len(result.decisions) for result in apart) > 10 * len(apart), "rows were compared"
    assert len(played) < counted, "what is alike in a table is played once"


@pytest.mark.parametrize(
    ("other", "moments"),
    [
        ({"state": "offered"}, 3),
        ({"what": "escalate"}, 3),
        ({"before": "normal"}, 2),
        ({"asked": "ben"}, 1),
        ({"at": "08:59"}, 0),
        ({}, 4),
    ],
)
def test_a_difference_of_any_sort_parts_two_cases(tmp_path: Path, other: dict[str, str], moments: int) -> None:
    assert shared(told(tmp_path, TAKES, TAKES | other)[1]) == moments


def test_what_is_looked_at_all_the_time_is_played_whole(tmp_path: Path) -> None:
    story = STORY.replace("expect:", "always: [{accountable: somebody}]\nexpect:")
    assert shared(told(tmp_path, TAKES, ENDS, story=story)[1]) == 0


def test_what_fails_in_what_is_alike_fails_in_each(tmp_path: Path) -> None:
    revision, scenarios = told(tmp_path, TAKES | {"asked": "ben"}, ENDS | {"asked": "ben"})
    found = together(revision, scenarios)
    assert [[each.expected for each in result.failures] for result in found] == [["ben"], ["ben"]]
    assert found == alone(revision, scenarios)


def test_an_act_that_changes_nothing_is_told_of_in_each(tmp_path: Path) -> None:
    revision, scenarios = told(tmp_path, TAKES | {"before": "high"}, ENDS | {"before": "high"})
    found = together(revision, scenarios)
    codes = [[each.diagnostic.code for each in result.failures] for result in found]
    assert codes == [["SUR610"], ["SUR610"]]
    assert found == alone(revision, scenarios)


def test_a_case_between_that_cannot_be_run_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    unknown, wrong = TAKES | {"asked": "nobody-knows"}, ENDS | {"state": "accepted"}
    revision, scenarios = told(tmp_path, TAKES, ENDS, unknown, wrong, ENDS | {"before": "normal"})
    found = together(revision, scenarios)
    assert found == alone(revision, scenarios)
    assert [result.passed for result in found] == [True, True, False, False, True]
