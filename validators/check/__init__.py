"""Static findings over a revision: a registry of rules, each in one place. Runs no scenario."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.contract.diagnostic import Diagnostic
    from runner.contract.load import Loaded

__all__ = ["check_revision"]


def check_revision(loaded: Loaded, today: date) -> tuple[Diagnostic, ...]:
    """Everything that counts against a revision: what the gate says, and what only the tool looks at; sorted.

    What needs a valid revision is looked at only if there is one. `validators.check.outcome` says more: what is waived,
    what is new, and what follows.
    """
    from validators.check.outcome import examine  # late: a rule may stand on the simulation, which imports this package

    return examine(loaded, today).findings
