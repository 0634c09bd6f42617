"""Static findings over a revision: a registry of rules, each in one place. Runs no scenario."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.contract.diagnostic import Diagnostic
    from runner.contract.load import Loaded

__all__ = ["check_revision"]


def check_revision(loaded: Loaded, today: date) -> tuple[Diagnostic, ...]:
    """Everything that is wrong or doubtful in a revision: what the gate says, and what only the tool looks at; sorted.

    What needs a valid revision is looked at only if there is one.
    """
    from validators.check.registry import ask  # late: a rule may stand on the simulation, which imports this package
    from validators.check.subject import Subject

    return tuple(sorted({*loaded.findings, *ask(Subject(loaded, today))}))
