"""Random walks through the life of an escalation: no guarantee is ever broken, whatever is given by whom and when.

The guarantees, by number and name, are in `judges`; where walks take place, in `stages`; what they do, in `walks`.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.runner.engine.alphabet import everything
from tests.runner.engine.judges import EVERY_DECISION, EVERY_LIFE, EVERY_REFUSAL, NAMES, NUMBERS
from tests.runner.engine.stages import stages
from tests.runner.engine.ticket_walks import TicketWalk
from tests.runner.engine.walks import RESULT_OF, STATE_BYTES, STATE_BYTES_AT_WORST, Walk

BUDGET = settings(
    max_examples=60,
    deadline=None,
    derandomize="SURETY_RANDOM" not in os.environ,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a number does not get simpler by being smaller
    suppress_health_check=[HealthCheck.too_slow],
)
KNOWN = (56, 183, 237, 251, 448, 1130)
"""Walks that were of use once."""


@BUDGET
@given(st.integers(0, 10**9))
def test_no_walk_finds_a_broken_guarantee(number: int) -> None:
    walk = Walk(number).take()
    note(f"on {walk.stage.name}, {len(walk.life.rows)} decisions, the largest state {walk.life.largest} bytes")
    assert not walk.red
    assert walk.life.largest <= bound(walk)


@settings(BUDGET, max_examples=30)
@given(st.integers(0, 10**9))
def test_no_walk_of_a_ticket_finds_a_broken_guarantee(number: int) -> None:
    assert not TicketWalk(number).take().red


@pytest.mark.parametrize("number", KNOWN)
def test_what_was_found_once_is_not_found_again(number: int) -> None:
    assert not Walk(number).take().red


def test_a_walk_is_its_number() -> None:
    first, second = Walk(11).take(), Walk(11).take()
    assert first.life.rows == second.life.rows


def test_every_guarantee_is_judged() -> None:
    numbers = [each.number for each in EVERY_DECISION]
    numbers += [each.number for each in EVERY_REFUSAL] + [each.number for each in EVERY_LIFE]
    assert set(numbers) - {0} == NAMES.keys()
    assert set(numbers) <= set(NUMBERS.values())


def test_walks_take_place_everywhere() -> None:
    names = [stage.name for stage in stages()]
    assert len(set(names)) == len(names)
    assert {"enterprise-billing", "fallback", "damaged-goods"} <= set(names)


def test_a_state_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    largest = max((Walk(number, quick=True).take() for number in range(60)), key=lambda walk: walk.life.largest)
    with capsys.disabled():
        print(f" the largest of 60 walks: {largest.life.largest} bytes, walk {largest.number} on {largest.stage.name}")
    assert largest.life.largest <= STATE_BYTES_AT_WORST


def bound(walk: Walk) -> int:
    return STATE_BYTES if walk.works > 0.5 else STATE_BYTES_AT_WORST


def test_every_effect_has_one_way_back() -> None:
    kinds = {each.removeprefix("effect:") for each in everything() if each.startswith("effect:")}
    assert kinds == RESULT_OF.keys()
