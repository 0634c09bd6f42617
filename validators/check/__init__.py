"""Static findings over a revision. Runs no scenario."""

from __future__ import annotations

from datetime import date

from runner.contract.diagnostic import Diagnostic
from runner.contract.load import Loaded
from validators.check.messages import check_messages
from validators.check.names import check_names
from validators.check.repository import check_repository
from validators.check.rules import TOOL_RULES

__all__ = ["TOOL_RULES", "check_messages", "check_names", "check_repository", "check_revision"]


def check_revision(loaded: Loaded, today: date) -> tuple[Diagnostic, ...]:
    """Everything that is wrong or doubtful in a revision: what the gate says, and what only the tool looks at; sorted.

    What needs a valid revision, the names in scenarios, is looked at only if there is one.
    """
    found = [*loaded.findings, *check_messages(loaded.documents), *check_repository(loaded.documents, today)]
    if loaded.revision is not None:
        for _, scenario, document in loaded.revision.scenarios:
            found += check_names(loaded.revision, scenario, document)
    return tuple(sorted(set(found)))
