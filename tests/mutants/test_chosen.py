"""For each guarantee some mutants of the checked-in table: each turns exactly these guarantees red, and no others.

If a walk goes another way since the engine has changed: `python -m tests.mutants --pick` chooses anew.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.mutants.kinds import every_mutant, planted
from tests.mutants.survivors import EXPLAINED, why_it_survives
from tests.mutants.table import AT_LEAST, chosen, read_table
from tests.mutants.trial import red_in
from tests.runner.engine.judges import NAMES, NUMBERS

MUTANTS = every_mutant()


@pytest.mark.parametrize("case", chosen(), ids=lambda case: f"{case['guarantee']}-{case['id']}")
def test_the_mutant_turns_these_guarantees_red(case: dict[str, Any]) -> None:
    with planted(MUTANTS[case["id"]]):
        red = red_in(case["walk"])
    assert sorted(red) == case["red"], red
    assert case["guarantee"] in {NUMBERS.get(name, 0) for name in red}


def test_without_a_mutant_nothing_is_red() -> None:
    assert not {walk: red for walk in {case["walk"] for case in chosen()} if (red := red_in(walk))}


def test_every_guarantee_has_enough_mutants_of_different_kinds() -> None:
    count = Counter(case["guarantee"] for case in chosen())
    kinds = {
        number: {case["id"].partition(":")[0] for case in chosen() if case["guarantee"] == number} for number in NAMES
    }
    assert all(count[number] >= AT_LEAST for number in NAMES), count
    assert all(len(each) > 1 for each in kinds.values()), kinds


def test_every_survivor_is_explained() -> None:
    left = [line.id for line in read_table() if not line.red and not line.test]
    assert not [each for each in left if why_it_survives(each) is None]
    assert all(why for _, why in EXPLAINED)
