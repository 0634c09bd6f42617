"""SUR601 to SUR605: what a scenario names exists, and what it expects happens. Runs none: `surety test` finds the last.

SUR601 and SUR602 are found by `validators.check.names`, which `surety test` asks before it runs a scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.names import check_names
from validators.check.subject import Subject

__all__ = ["RULES", "TEST_RULES", "check"]

RULES: Final = (
    Rule(
        code="SUR601",
        name="scenario-names-nothing",
        severity=Severity.ERROR,
        summary="A scenario names a person, template, field, ticket, reason or code that does not exist.",
        why="A misspelt name makes an expectation that can never be met, or an act of nobody. It would fail, but not "
        "for the reason it seems to.",
        bad="""\
- {at: "09:05", state: offered, owner: ana}
""",
        good="""\
- {at: "09:05", state: offered, owner: ann}
""",
        fix="Use the spelling that the help text offers, or declare what is missing in the policies.",
    ),
    Rule(
        code="SUR602",
        name="scenario-value",
        severity=Severity.ERROR,
        summary="A time, a date or a field value in a scenario is impossible.",
        why="What cannot happen proves nothing about what can.",
        bad="""\
fields: {type: billing, priority: urgent, status: open, subject: Invoice 7}
""",
        good="""\
fields: {type: billing, priority: high, status: open, subject: Invoice 7}
""",
        fix="Write times as `HH:MM` or with a date in front, and give fields a value of their declared type.",
    ),
)
TEST_RULES: Final = (
    Rule(
        code="SUR603",
        name="expectation-not-met",
        severity=Severity.ERROR,
        summary="In a scenario something else happens than it expects.",
        why="Either the template does not do what was promised, or the scenario promises the wrong thing. One of the "
        "two has to change before anybody relies on it.",
        bad="""\
- {at: "09:05", owner: ben}
""",
        good="""\
- {at: "09:05", owner: ann}
""",
        fix="Read the owner timeline that `surety test` prints, then correct the template or the expectation.",
        waivable=False,
    ),
    Rule(
        code="SUR604",
        name="act-went-otherwise",
        severity=Severity.ERROR,
        summary="In a scenario somebody's act is refused, or is not refused although it should be.",
        why="The rest of the story then rests on something that did not happen.",
        bad="""\
- {at: "09:03", do: accept, by: ben}
""",
        good="""\
- {at: "09:03", do: accept, by: ann}
""",
        fix="Let the person act to whom it is offered at that time; expect a refusal with `refused: REASON`.",
        waivable=False,
    ),
    Rule(
        code="SUR605",
        name="step-text-fails",
        severity=Severity.ERROR,
        summary="In a scenario the text of a step cannot be rendered.",
        why="At run time the same step would fail, and the people concerned would not be told.",
        bad="""\
- note: {text: "About {{ ticket.subject }}."}
""",
        good="""\
- note: {text: "About {{ ticket.subject | default: 'an invoice' }}."}
""",
        fix="Give the missing value a default, or give the ticket of the scenario the field.",
        waivable=False,
    ),
)
"""Found by `surety test` alone, which runs the scenarios."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """What the scenarios of a valid revision name."""
    if subject.revision is not None:
        for _, scenario, document in subject.revision.scenarios:
            yield from check_names(subject.revision, scenario, document)
