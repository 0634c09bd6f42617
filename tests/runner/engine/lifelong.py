"""What a whole life shows once nobody does anything any more: loops have ended, its rows decide themselves again."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.replay import Verdict
from runner.engine.state import dump_state, load_state, next_deadline
from tests.runner.engine.guarantees import check_bounces, hold
from tests.runner.engine.worlds import Life


def check_life(life: Life, made: int) -> None:
    """5: offers do not go round for ever. `made` is how many events there were when the last person did something."""
    check_bounces([event for _, event in life.events])
    later = sum(isinstance(event, ev.OwnerOffered) for _, event in life.events[made:])
    terms = life.contract
    most = (terms.repeat + 1) * len(terms.ladder) * (terms.limits.untold_retries + 1) + 2
    most *= 2 if terms.when_overdue == "reassign" else 1
    most += len(life.live.exceptions)
    hold("loops", later <= most, f"{later} offers although nobody did anything; {most} would be enough")


def check_next(life: Life, made: int) -> None:
    """2: it is over, or there is something to come."""
    due = next_deadline(life.live)
    hold("deadline", life.live.phase.over or (due is not None and due > life.live.now), f"nothing to come after {due}")


def check_replay(life: Life, made: int) -> None:
    """12: deciding again from the rows gives the same bytes, and the same state."""
    found = life.replay()
    hold("reproducible", found.verdict is Verdict.IDENTICAL, f"{found.verdict} at {found.at}: {found.detail}")
    hold("reproducible", found.state == life.state, "replay leads to another state")
    hold("reproducible", load_state(dump_state(life.live)) == life.live, "the store gives back another state")
