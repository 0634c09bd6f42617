"""The stage itself: two hours of an enterprise's invoice, the runner ended and killed on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow


def test_a_morning(tmp_path: Path) -> None:
    with Stage(tmp_path, day="2026-03-03", start="08:59") as stage:
        stage.go("09:00")
        ref = stage.create(subject="A", type="billing", priority="high", status="new", account_tier="enterprise")
        assert len(stage.escalations()) == 1, "the webhook came twice"
        stage.see("09:00")
        assert "anna-keller" in stage.told("09:00")
        assert stage.ticket(ref)["escalation_owner"] == "anna-keller"
        stage.stop_runner()
        stage.without_runner("10:00")
        stage.start_runner()
        stage.go("11:00")
        assert stage.escalation(ref)["accountable"] == "anna-keller", "people come first"
        stage.see("11:00")
        assert stage.escalation(ref)["accountable"] == "tomasz-nowak"
        stage.kill_runner()
        stage.start_runner()
        ended = stage.happened(ref, "OfferEnded")
        assert [(each.at, each.reason) for each in ended] == [(stage.at("11:00"), "no_answer")]
        lives = the_end(stage)
        assert lives[ref].figures.value("failovers") == 1
