"""SUR503: the holidays are known for long enough. Looks up no holiday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Calendars
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_NEAR: Final = timedelta(days=60)
"""Time for somebody to look up next year's holidays, and for a review, before business time is counted wrongly."""
_RULE = Rule(
    code="SUR503",
    name="calendar-near-its-end",
    severity=Severity.WARNING,
    summary="The day up to which holidays are known is less than 60 days away, or past.",
    why="After that day business time is counted as if there were no holidays: deadlines end on days on which nobody "
    "works, and people are asked who are not there.",
    bad="""\
horizon: "2026-03-31"
""",
    good="""\
horizon: "2027-12-31"
""",
    fix="Add the closed days of the next year to each calendar, then move `horizon` to the end of that year.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The horizon of the Calendars policy, compared with the day."""
    document = subject.documents.one("Calendars")
    if document is None or not isinstance(document.model, Calendars):
        return
    try:
        horizon = date.fromisoformat(document.model.horizon)
    except ValueError:
        return  # SUR203
    if horizon - subject.today < _NEAR:
        words = "is past" if horizon < subject.today else f"is near: {subject.today} now"
        message = f"holidays are known only until {horizon}, which {words}"
        help_text = "add the closed days of the next year where there are any, then move `horizon`; holidays follow"
        yield _RULE.found(document, ("horizon",), message, help_text)
