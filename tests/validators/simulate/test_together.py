"""Scenarios that are played side by side show what each of them shows by itself, to the byte."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest

from runner.contract.load import Revision, load_revision
from runner.contract.scenario import Act
from runner.revision import FolderTree, bundled_data
from tests.validators.commands.program import minimal
from validators.simulate import simulation as simulations
from validators.simulate.results import ScenarioResult, Tried
from validators.simulate.scenarios import _Run, run_scenario, run_scenarios
from validators.simulate.simulation import Simulation, SimulationLimit

STORY = """\
schema: surety/v1
kind: Scenario
name: $name
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
  - {at: $early, owner: $asked}
  - {at: "09:05", state: $state}
"""
TAKES = {"at": "09:00", "before": "low", "what": "accept", "early": "09:01", "asked": "ann", "state": "accepted"}
ENDS = TAKES | {"what": "escalate", "state": "offered"}


def told(folder: Path, *told_as: dict[str, str], story: str = STORY) -> tuple[Revision, list[Tried]]:
    """The scenarios in files of their own; of the values, `more` stands at the end of a story."""
    minimal(folder)
    (folder / "templates/billing/asked_test.yaml").unlink()
    for number, values in enumerate(told_as, 1):
        text = story.replace("$name", f"told-{number}")
        for name, value in values.items():
            text = text.replace(f"${name}", json.dumps(value))
        text += values.get("more", "")
        (folder / f"templates/billing/told-{number}_test.yaml").write_text(text, encoding="utf-8")
    loaded = load_revision(FolderTree(folder))
    assert loaded.revision is not None, loaded.findings
    return loaded.revision, [each for each in loaded.revision.scenarios if "billing/told-" in each[0]]


def alone(revision: Revision, scenarios: list[Tried]) -> list[ScenarioResult]:
    return [run_scenario(revision, scenario, document) for _, scenario, document in scenarios]


def codes(results: list[ScenarioResult]) -> list[list[str]]:
    return [[each.diagnostic.code for each in result.failures] for result in results]


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was decided, once for each time that it was."""
    found: list[str] = []
    advance = Simulation._advance

    def noted(self: Simulation, *given: object) -> object:
        found.append("decided")
        return advance(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Simulation, "_advance", noted)
    return found


@pytest.fixture(scope="module")
def shipped() -> Revision:
    loaded = load_revision(FolderTree(bundled_data()))
    assert loaded.revision is not None
    return loaded.revision


def test_what_is_shipped_decides_the_same_to_the_byte(shipped: Revision, happened: list[str]) -> None:
    some = [each for each in shipped.scenarios if "/publishing-block/" in each[0]]
    apart = alone(shipped, some)
    counted = len(happened)
    happened.clear()
    assert run_scenarios(shipped, some) == apart
    assert sum(len(result.decisions) for result in apart) > 10 * len(apart), "rows were compared"
    assert len(happened) < 0.8 * counted, "beginnings were played once"


def test_in_whichever_order_they_come(shipped: Revision) -> None:
    some = [each for each in shipped.scenarios if "/sla-breach/" in each[0]]
    there, back = run_scenarios(shipped, some, rows=False), run_scenarios(shipped, some[::-1], rows=False)
    assert there == back[::-1]


def test_what_goes_wrong_goes_wrong_as_it_does_alone(shipped: Revision) -> None:
    """Half of them say of an act that it is refused, or look for somebody else."""
    some = []
    for number, (path, scenario, document) in enumerate(shipped.scenarios):
        if "/fallback/" in path and number % 2 and scenario.acts:
            acts: list[Act] = list(scenario.acts)
            acts[number % len(acts)] = acts[number % len(acts)].model_copy(update={"refused": "not_open"})
            expect = tuple(each.model_copy(update={"owner": "paul-mensah"}) for each in scenario.expect)
            scenario = scenario.model_copy(update={"acts": tuple(acts), "expect": expect})  # noqa: PLW2901 - it stands for the one that was read
        if "/fallback/" in path:
            some.append((path, scenario, document))
    found = run_scenarios(shipped, some, rows=False)
    assert found == [run_scenario(shipped, scenario, document, rows=False) for _, scenario, document in some]
    failed = [result for result in found if not result.passed]
    assert 10 < len(failed) < len(found)


@pytest.mark.parametrize(
    ("other", "parted_after"),
    [
        ({}, None),
        ({"state": "offered"}, None),
        ({"asked": "ben"}, None),
        ({"early": "09:02"}, None),
        ({"early": "09:01:30"}, None),
        ({"more": "never: [{state: exhausted}]\n"}, None),
        ({"what": "escalate"}, 8),
        ({"before": "normal"}, 6),
        ({"at": "08:59"}, 0),
    ],
)
def test_only_what_happens_parts_two_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, str], parted_after: int | None
) -> None:
    """So many decisions are made for both before they part, if they do; what they expect parts nobody."""
    revision, scenarios = told(tmp_path, TAKES, TAKES | other)
    decided: list[int] = []
    copy = Simulation.copy

    def noted(self: Simulation) -> Simulation:
        decided.append(sum(len(life.history) for life in self.lives.values()))
        return copy(self)

    monkeypatch.setattr(Simulation, "copy", noted)
    found = run_scenarios(revision, scenarios)
    assert found == alone(revision, scenarios)
    assert decided == ([] if parted_after is None else [parted_after])


def test_who_is_away_makes_a_world_of_its_own(tmp_path: Path, happened: list[str]) -> None:
    away = TAKES | {"more": 'absences: [{person: ann, from: "09:05:01", until: "18:00"}]\n'}
    revision, scenarios = told(tmp_path, TAKES, away)
    apart = alone(revision, scenarios)
    counted = len(happened)
    happened.clear()
    assert run_scenarios(revision, scenarios) == apart
    assert len(happened) == counted


def test_what_fails_in_what_is_alike_fails_in_each(tmp_path: Path) -> None:
    revision, scenarios = told(tmp_path, TAKES | {"asked": "ben"}, ENDS | {"asked": "ben"}, TAKES)
    found = run_scenarios(revision, scenarios)
    assert [[each.expected for each in result.failures] for result in found] == [["ben"], ["ben"], []]
    assert found == alone(revision, scenarios)


def test_an_act_that_changes_nothing_is_told_of_in_each(tmp_path: Path) -> None:
    revision, scenarios = told(tmp_path, TAKES | {"before": "high"}, ENDS | {"before": "high"})
    found = run_scenarios(revision, scenarios)
    assert codes(found) == [["SUR610"], ["SUR610"]]
    assert found == alone(revision, scenarios)


def test_an_act_that_goes_otherwise_is_shown_where_each_has_it(tmp_path: Path) -> None:
    late = STORY.replace("acts:\n", 'acts:\n  - {at: "09:10", do: accept, by: ann, refused: not_open}\n')
    revision, scenarios = told(tmp_path, TAKES, TAKES | {"before": "normal"}, ENDS, story=late)
    found = run_scenarios(revision, scenarios)
    assert codes(found)[:2] == [["SUR604"], ["SUR604"]]
    assert found == alone(revision, scenarios)
    where = [each.diagnostic.location for result in found[:2] for each in result.failures]
    assert [each.file if each is not None else "" for each in where] == [each[0] for each in scenarios[:2]]


def test_one_that_cannot_be_run_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    unknown, wrong = TAKES | {"asked": "nobody-knows"}, ENDS | {"state": "accepted"}
    revision, scenarios = told(tmp_path, TAKES, ENDS, unknown, wrong, ENDS | {"before": "normal"})
    found = run_scenarios(revision, scenarios)
    assert found == alone(revision, scenarios)
    assert [result.passed for result in found] == [True, True, False, False, True]


def test_a_number_is_not_taken_for_a_yes(tmp_path: Path) -> None:
    """1 is equal to true in Python, and is another value of a ticket."""
    revision, ((_, scenario, document),) = told(tmp_path, TAKES)
    deeds = set()
    for value in (1, True, 1.0, "1"):
        act = scenario.acts[0].model_copy(update={"fields": {"priority": value}})
        run = _Run(revision, scenario.model_copy(update={"acts": (act,)}), document, rows=False, covering=False)
        deeds |= {run.deeds(moment) for moment in run.moments() if moment.acts}
    assert len(deeds) == 4


def test_each_counts_what_it_has_seen_and_no_more(tmp_path: Path) -> None:
    longer = TAKES | {"more": 'ends: {state: accepted}\neventually: [{after: "09:05", within: 8h, state: accepted}]\n'}
    revision, scenarios = told(tmp_path, TAKES, longer)
    short, long = run_scenarios(revision, scenarios)
    assert [short, long] == alone(revision, scenarios)
    assert len(short.kpis) == len(long.kpis) == 1


def test_whoever_is_never_done_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    revision, scenarios = told(tmp_path, ENDS, ENDS | {"early": "09:03"})
    monkeypatch.setattr(simulations, "_MOST_COMMANDS", 3)
    with pytest.raises(
        SimulationLimit, match=r"billing/told-1 \(templates/billing/told-1_test.yaml\) needs more than 3"
    ):
        run_scenarios(revision, scenarios)


def test_what_covers_something_is_played_by_itself(shipped: Revision) -> None:
    some = [each for each in shipped.scenarios if "/rejected-lead/" in each[0]][:8]
    found = run_scenarios(shipped, some, rows=False, covering=True)
    assert found == [run_scenario(shipped, scenario, of, rows=False, covering=True) for _, scenario, of in some]
    assert all(result.covered for result in found)


def test_what_was_played_is_gone_when_it_is_let_go(shipped: Revision) -> None:
    """Without the collector of circles: it would look through everything again and again."""
    some = [each for each in shipped.scenarios if "/enterprise-billing/" in each[0]]
    assert any(act.refused is not None for _, scenario, _ in some for act in scenario.acts)
    run_scenarios(shipped, some, rows=False)
    gc.collect()
    gc.disable()
    try:
        run_scenarios(shipped, some, rows=False)
        assert gc.collect() == 0
    finally:
        gc.enable()
