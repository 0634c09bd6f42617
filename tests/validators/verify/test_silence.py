"""The longest silence: while nobody acts, and once somebody has accepted, waits, or has asked for what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runner.engine.machines import OFFICE
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.bounds import Bound, bounds_of

HOUR, DAY = 3600, 86_400
OFFICES = {"office": OFFICE.model_dump(mode="json")}


def silence(limit: int | None = None, **changes: Any) -> Bound:
    (found,) = [each for each in bounds_of(one_rung(**changes), silence_at_most=limit) if each.name == "silence"]
    return found


def box(seconds: int, calendar: str | None = None) -> dict[str, Any]:
    return {"seconds": seconds, "calendar": calendar}


@pytest.mark.parametrize(
    ("word", "changes", "seconds", "acts"),
    [
        ("nothing is awaited of the holder until the outcome is due", {}, 8 * HOUR, ["accept the ladder offer"]),
        ("progress is awaited", {"progress_within": box(2 * HOUR)}, 2 * HOUR, ["accept the ladder offer"]),
        (
            "a wait stands until it is over",
            {"waiting": {"at_most": box(3 * DAY), "then": "owner"}},
            3 * DAY,
            ["accept the ladder offer", "wait for the customer"],
        ),
        (
            "the requester is asked, and the outcome falls due first",
            {"clarify": {"within": box(9 * HOUR), "who": None, "exception": None}, "outcome_within": box(20 * HOUR)},
            20 * HOUR,
            ["accept the ladder offer"],
        ),
        (
            "hours of the office from the evening before a closed day on",
            {"waiting": {"at_most": box(8 * HOUR, "office"), "then": "owner"}, "calendars": OFFICES},
            4 * DAY + 17 * HOUR,
            ["accept the ladder offer", "wait for the customer"],
        ),
    ],
)
def test_it_is_as_long_as(word: str, changes: dict[str, Any], seconds: int, acts: list[str]) -> None:
    found = silence(**changes)
    assert found.seconds == seconds, word
    assert [step.label for step in found.steps[1 : 1 + len(acts)]] == acts


def test_a_wait_that_is_longer_than_the_limit_breaks_it() -> None:
    waits = {"waiting": {"at_most": box(3 * DAY), "then": "owner"}}
    assert silence(DAY, **waits).broken
    assert not silence(DAY).broken
    assert not silence(3 * DAY, **waits).broken


@pytest.mark.parametrize("remind_every", [HOUR // 2, 2 * HOUR, DAY])
def test_reminders_neither_hide_nor_shorten_what_falls_due(remind_every: int) -> None:
    """Each of the first two rungs may be asked twice, since nobody was told: the outcome falls due in between."""
    first = small_stages()[0].contract.model_dump(mode="json")
    names = ("primary", "secondary", "escalation_owner")
    rungs = [{**first["ladder"][0], "name": name, "owner": {"role": name.replace("_", "-")}} for name in names]
    ladder = [{**each, "within": box(hours * HOUR)} for each, hours in zip(rungs, (1, 2, 2), strict=True)]
    limits = {**first["limits"], "remind_every": remind_every, "untold_retries": 1}
    found = bounds_of(one_rung(ladder=ladder, limits=limits, outcome_within=box(150 * 60)))
    (last,) = [each.seconds for each in found if each.name == "last-asked"]
    assert last == 6 * HOUR
