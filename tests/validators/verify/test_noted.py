"""What is done, comes back and falls due is recorded as what it is: an event that is left out is found by its name."""

from __future__ import annotations

import pytest

from tests.mutants.by_exploring import breaks
from tests.mutants.kinds import planted, steady
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import part_named
from validators.verify.noted import recorded_as_it_is
from validators.verify.parts import ownership
from validators.verify.properties import PROPERTIES

MUTANTS = steady()
STATES = 150


@pytest.mark.parametrize(
    ("part", "event"),
    [
        ("messages", "DeliveryFailed"),
        ("messages", "ResultIgnored"),
        ("writes and drift", "RecordFailed"),
        ("writes and drift", "TicketGone"),
        ("ownership", "ClarificationMissed"),
        ("ownership", "ClarificationGiven"),
    ],
)
def test_an_event_that_is_not_decided_is_missed(part: str, event: str) -> None:
    whole = small_stages()[0].contract
    ground = ownership(whole) if part == "ownership" else part_named(whole, part)
    assert breaks(ground, STATES) is None
    with planted(MUTANTS[f"event:{event}"]):
        found = breaks(ground, STATES)
    assert found is not None
    assert found[0] == "noted"
    assert found[1].endswith((f"recorded as {event}", "there is no word of it"))


def test_it_is_one_of_the_properties() -> None:
    assert [each.name for each in PROPERTIES if each.check is recorded_as_it_is] == ["noted"]
