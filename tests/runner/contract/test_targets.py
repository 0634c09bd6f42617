"""Targets: which parts suit which key figure."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from runner.contract.policies import Targets


def targets(metric: str, target: dict[str, Any], key: str = "every") -> Targets:
    by_metric = {metric: target}
    given = by_metric if key == "every" else {"billing": by_metric}
    return Targets.model_validate({"schema": "surety/v1", "kind": "Targets", key: given})


@pytest.mark.parametrize(
    ("metric", "target"),
    [
        ("time_to_acknowledge", {"median": "1h", "p90": "4h"}),
        ("longest_silence", {"within": "24h", "share": 100}),
        ("sla_compliance", {"share": 95}),
        ("handoffs", {"at_most": 2}),
        ("business_impact", {"at_most": 100000}),
    ],
)
@pytest.mark.parametrize("key", ["every", "templates"])
def test_what_suits_a_figure(metric: str, target: dict[str, Any], key: str) -> None:
    assert targets(metric, target, key).model_dump(mode="json", exclude_unset=True)[key]


@pytest.mark.parametrize(
    ("metric", "target", "words"),
    [
        ("time_to_acknowledge", {"at_most": 2}, "`time_to_acknowledge` has no `at_most`"),
        ("time_to_acknowledge", {"share": 95}, "`share` of `time_to_acknowledge` needs `within`"),
        ("time_to_acknowledge", {"within": "2h"}, "`within` needs `share`"),
        ("sla_compliance", {"within": "2h", "share": 95}, "`sla_compliance` has no `within`"),
        ("sla_compliance", {"median": "2h"}, "`sla_compliance` has no `median`"),
        ("handoffs", {"median": "2h", "at_most": 1}, "`handoffs` has no `median`"),
        ("business_impact", {"share": 5}, "`business_impact` has no `share`"),
        ("handoffs", {}, "this target asks for nothing"),
    ],
)
@pytest.mark.parametrize("key", ["every", "templates"])
def test_what_does_not_suit_a_figure(metric: str, target: dict[str, Any], words: str, key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        targets(metric, target, key)
    assert words in str(caught.value)
