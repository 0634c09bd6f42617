"""What a new commit does to a running service: to tickets that nobody touches, and to what was decided before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.service.company import BILLING
from tests.runner.service.serving import Running
from tests.runner.service.waiting import wait_until


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as made:
        yield made


def edited(running: Running, path: str, old: str, new: str) -> str:
    """Commit one edit and wait until it is active; the commit."""
    text = (running.repository.folder / path).read_text(encoding="utf-8")
    assert old in text
    commit = running.repository.commit({path: text.replace(old, new)})
    wait_until(lambda: running.service._follower.active.epoch.commit == commit)
    running.stepper.settle()
    return commit


def test_it_reaches_a_ticket_that_nobody_touches(running: Running) -> None:
    quiet = running.ticket("quiet", {**BILLING, "priority": "low"})
    case = running.get(f"/api/cases/{quiet}")
    assert (case["why"], case["escalation"]) == ("out_of_scope", None)
    edited(running, "policies/routing.yaml", "priority: [high, urgent]", "priority: [low, high, urgent]")
    case = running.get(f"/api/cases/{quiet}")
    assert (case["template"], case["watch_due"]) == ("fallback", None)
    timeline = running.timeline(case["escalation"])
    assert (timeline[0]["command"], timeline[0]["events"][0]["type"]) == ("Open", "EscalationOpened")


def test_it_opens_nothing_again(running: Running) -> None:
    opened = running.opened("opened before")
    edited(running, "policies/limits.yaml", "remind_every: 2h", "remind_every: 3h")
    found = running.get("/api/escalations", open="false")["escalations"]
    assert [each["id"] for each in found] == [opened]
