"""SUR513: whoever is named first is asked first. A ladder may leave the secondary out: many lead straight up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR513",
    name="rung-left-out",
    severity=Severity.WARNING,
    summary="The ladder never asks the primary owner whom the template names.",
    why="Everybody reads `owners.primary` and believes that this person is asked first. The ladder says otherwise, and "
    "the one who knows most about it is asked by nobody.",
    bad="""\
ladder: [secondary, escalation_owner]
""",
    good="""\
ladder: [primary, escalation_owner]
""",
    fix="Begin the ladder with `primary`. If somebody else is to be asked first, name that one as the primary owner.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Ladders without their first rung. The order is the gate's, so what is not first is not there at all."""
    for document, template in subject.templates:
        first = template.ladder[0].rung
        if first != "primary":
            written = document.plain.get("ladder")
            whole = isinstance(written, list) and isinstance(written[0], str)
            path = ("ladder", 0) if whole else ("ladder", 0, "rung")
            message = (
                f"the ladder begins with the {first.replace('_', ' ')}, so the primary owner, "
                f"{template.owners.primary}, is never asked"
            )
            help_text = "begin the ladder with primary, or name as primary whom it asks first"
            yield _RULE.found(document, path, message, help_text)
