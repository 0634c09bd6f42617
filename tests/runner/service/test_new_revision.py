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


TEMPLATE = "templates/enterprise-billing/template.yaml"
PRIMARY = "primary: {rotation: accounting}"


def asked(running: Running, escalation: str) -> list[tuple[str, str, str]]:
    """Of each offer of the ladder: the line of its rule as it stands in the commit that is named, and the commits."""
    found = []
    for row in running.timeline(escalation):
        for event in row["events"]:
            if event["type"] == "OwnerOffered":
                file, _, number = event["line"].rpartition(":")
                text = running.repository.git("show", f"{row['lines_commit']}:{file}")
                found.append((text.splitlines()[int(number) - 1].strip(), row["lines_commit"], row["commit"]))
    return found


def test_the_line_of_a_rule_is_that_of_the_commit_that_it_was_decided_under(running: Running) -> None:
    genesis = running.repository.git("rev-parse", "main")[:12]
    before = running.opened("before the comment")
    moved = edited(running, TEMPLATE, "owners:\n", "# who is asked\n# and when\nowners:\n")[:12]
    after = running.opened("after the comment", {**BILLING, "account.name": "Other"})
    running.did(before, "reject", "anna-keller", {"offer": 1, "why": "no_capacity"})
    assert asked(running, after) == [(PRIMARY, moved, moved)]
    secondary = "secondary: {rotation: accounting-backup}"
    assert asked(running, before) == [(PRIMARY, genesis, genesis), (secondary, moved, moved)]


def test_the_line_of_a_rule_outlives_its_template(running: Running) -> None:
    genesis = running.repository.git("rev-parse", "main")[:12]
    escalation = running.opened("its template goes")
    running.repository.git("rm", "-r", "--quiet", "templates/enterprise-billing")
    gone = edited(running, "policies/routing.yaml", "enterprise-billing, sla-breach", "sla-breach")[:12]
    running.did(escalation, "reject", "anna-keller", {"offer": 1, "why": "no_capacity"})
    assert asked(running, escalation) == [
        (PRIMARY, genesis, genesis),
        ("secondary: {rotation: accounting-backup}", genesis, gone),
    ]
    lines = [event["line"] for row in running.timeline(escalation) for event in row["events"]]
    assert None not in lines
    assert any(line.startswith("policies/") for line in lines), "policies are told from the same commit"
