"""What kills the mutants of the engine: nothing in the file is unexplained, and some are tried again every time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from runner.contract.contract import Contract
from runner.contract.load import Revision
from tests.mutants.by_exploring import breaks, grounds
from tests.mutants.by_scenarios import fails, shipped
from tests.mutants.kills import KIND_ORDER, NOT_TRIED, read_kills, reasons
from tests.mutants.kinds import KINDS, planted, steady
from tests.mutants.sample import Sampled, sampled
from validators.simulate.results import Tried
from validators.verify.explore import Part

MUTANTS = steady()
KILLS = read_kills()
ROOT = Path(__file__).resolve().parent.parent.parent
SCENARIOS = [each for each in sampled() if each.scenario]
PARTS = [each for each in sampled() if each.part]


@cache
def _shipped() -> tuple[Revision, dict[str, Tried]]:
    return shipped()


@cache
def _grounds() -> dict[str, Part | Contract]:
    return grounds()


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case.id)
def test_a_shipped_scenario_fails_with_the_mutant_and_passes_without(case: Sampled) -> None:
    revision, scenarios = _shipped()
    assert fails(revision, scenarios[case.scenario]) is None
    with planted(MUTANTS[case.id]):
        assert fails(revision, scenarios[case.scenario]) is not None


@pytest.mark.parametrize("case", PARTS, ids=lambda case: case.id)
def test_an_exploration_breaks_the_property_with_the_mutant(case: Sampled) -> None:
    contract = case.part.partition(": ")[0]
    near = [part for name, part in _grounds().items() if name.startswith(f"{contract}: ")]
    with planted(MUTANTS[case.id]):  # a part may be cut otherwise some day: then another one finds it
        found = next(filter(None, map(breaks, [_grounds().get(case.part, near[0]), *near])), None)
    assert found is not None
    assert found[0] == case.property, found


def test_an_exploration_breaks_nothing_without_a_mutant() -> None:
    names = {each.part for each in PARTS} & _grounds().keys()
    assert not {name: found for name in names if (found := breaks(_grounds()[name]))}


def test_every_kind_is_tried_or_left_out_with_a_reason_and_sampled() -> None:
    assert {*KIND_ORDER, *NOT_TRIED} == KINDS.keys()
    assert all(NOT_TRIED.values())
    assert {each.partition(":")[0] for each in KILLS} == set(KIND_ORDER)
    assert {each.id.partition(":")[0] for each in SCENARIOS} == set(KIND_ORDER)


def test_every_mutant_of_the_file_was_tried_by_every_scenario_and_most_by_exploring() -> None:
    assert all("test" in each.tried for each in KILLS.values())
    assert all("verify" in each.tried for each in KILLS.values() if each.test is None)


def test_every_survivor_is_explained_and_nothing_else_is() -> None:
    left = {each.id for each in KILLS.values() if each.survives and not each.own}
    why = reasons()
    assert left - why.keys() == set(), "survivors that nobody has explained"
    assert why.keys() - left == set(), "explanations of what is found, or is no more"
    assert all(len(each) > 10 for each in why.values())


def test_the_tests_that_find_survivors_are_there() -> None:
    named = {each.own for each in KILLS.values() if each.own}
    for name in sorted(named):
        file, _, function = name.rpartition("::")
        assert f"def {function}(" in (ROOT / file.partition("::")[0]).read_text(encoding="utf-8"), name


def test_most_mutants_are_found() -> None:
    left = [each for each in KILLS.values() if each.survives and not each.own]
    assert len(left) * 4 <= len(KILLS)
