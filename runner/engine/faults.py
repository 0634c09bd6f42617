"""Faults: a run that stopped because a step failed is an exception with an owner, where the class is declared.

Refuses to judge what failed: a step that may fail without harm says `on_error: continue`, and nothing is raised.
"""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.exceptions import raise_by_runner
from runner.engine.reasons import Reason

__all__ = ["STEP_FAILED", "raise_for_stopped"]

STEP_FAILED = "step_failed"
"""The class of such an exception; one is open for each step."""


def raise_for_stopped(draft: Draft) -> None:
    """At the end of a decision: an exception for each step by whose failure a run was stopped in it.

    A refused approval is a decision, not a fault. What fails after the end was said to the escalation owner.
    """
    failed = [event for event in draft.events if isinstance(event, ev.StepFailed)]
    if not failed or draft.state.phase.over or not draft.contract.knows(STEP_FAILED):
        return
    for event in failed:
        if event.retry_at is None and event.reason is not Reason.STOPPED:
            step = draft.steps(event.run.partition("#")[0])[event.step]
            if step.on_error == "stop" and step.kind != "approve":
                about, run = f"{event.run}/{event.step}", event.run
                raise_by_runner(
                    draft, STEP_FAILED, event.reason, rule=event.rule, about=about, tell="run_stopped", cause=run
                )
