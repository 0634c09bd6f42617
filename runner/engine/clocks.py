"""Clocks that stand still while an owner waits, and go on afterwards. Says nothing of whom it falls to then."""

from __future__ import annotations

from datetime import datetime

from runner.contract.contract import BoxOf
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import Reason

__all__ = ["end_wait"]


def end_wait(draft: Draft, reason: Reason, *, due: datetime | None = None) -> None:
    """Let the clocks go on; nothing if nobody waits. `due` dates a wait that came to its end by itself.

    What was left of the outcome's time is counted from now, in the calendar that it had.
    """
    state, rules = draft.state, draft.contract.waiting
    wait = state.waiting
    if wait is None or rules is None or state.holder is None:
        return
    spent = draft.world.time_between(draft.contract, rules.at_most.calendar, wait.since, min(draft.now, wait.until))
    outcome_due = state.outcome_due
    if wait.outcome_left is not None:
        outcome_due = draft.ends(BoxOf(seconds=wait.outcome_left, calendar=draft.contract.outcome_within.calendar))
    ended = made(
        ev.WaitingEnded,
        reason=reason,
        rule=draft.rule("/waiting"),
        person=state.holder,
        waited=state.waited + spent,
        outcome_due=outcome_due,
        due=due,
    )
    draft.add(ended)
