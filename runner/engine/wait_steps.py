"""Steps that wait for the ticket: what the open runs wait for, and what has come true at a look. Decides nothing.

Only the ticket's fields are asked; the time of a wait is its own `within`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.contract.conditions import condition_from_plain
from runner.contract.contract import Contract, StepOf
from runner.engine.commands import SucceedStep
from runner.engine.conditions import Facts, compile_condition
from runner.engine.state import State

__all__ = ["HOLDS", "come_true", "holds"]

HOLDS = "holds"
"""The key in the result of a wait: whether what was waited for is so. At the first look false means: go on waiting."""


def holds(step: StepOf, facts: Facts) -> bool:
    """Whether what a wait waits for is so; never for one that waits for the time alone."""
    until: Any = step.args.get("until")
    return until is not None and compile_condition(condition_from_plain(until))(facts)


def come_true(contract: Contract, state: State, facts: Facts) -> Iterator[SucceedStep]:
    """The results of the waits of open runs that a look at the ticket ends."""
    for run in state.runs.values():
        step = contract.runbook[run.point][run.step]
        if step.kind == "wait" and holds(step, facts):
            yield SucceedStep(run=run.id, step=run.step, attempt=run.attempt, result={HOLDS: True})
