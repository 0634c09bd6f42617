"""SUR601 to SUR611: what a scenario names exists, does something, and happens. Runs none: `surety test` does.

What can be told without running it is found by `validators.check.names`, which `surety test` asks first.
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
        waivable=False,
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
        fix="Write times as `HH:MM` or with a date in front, of an hour that the clock shows twice with `first` or "
        "`second` behind it, and give fields a value of their declared type.",
        waivable=False,
    ),
    Rule(
        code="SUR606",
        name="assertion-never-evaluated",
        severity=Severity.ERROR,
        summary="An assertion of a scenario is never looked at, or can only repeat what was seen before.",
        why="It looks like a promise that is kept, and nobody has ever tried it.",
        bad="""\
always:
  - {from: "12:00", until: "11:00", accountable: somebody}
""",
        good="""\
always:
  - {from: "11:00", until: "12:00", accountable: somebody}
""",
        fix="Give it a time at which there is something to see, or remove it.",
        waivable=False,
    ),
    Rule(
        code="SUR607",
        name="placeholder-without-value",
        severity=Severity.ERROR,
        summary="A scenario has a `$name` where a value should stand, and a case gives none.",
        why="The case would try something else than what it is called after.",
        bad="""\
- {at: $asked-at, state: offered, owner: ann}
""",
        good="""\
- {at: "09:05", state: offered, owner: ann}
""",
        fix="Give the value in every case below `cases`, or write it in place of the name.",
        waivable=False,
    ),
    Rule(
        code="SUR608",
        name="case-without-effect",
        severity=Severity.ERROR,
        summary="A case of a scenario gives a value that nothing takes, or is the same as another case.",
        why="Two cases that try the same thing look like twice as much proof.",
        bad="""\
cases:
  high: {prio: high}
""",
        good="""\
cases:
  high: {priority: high}
""",
        fix="Write `$name` where the value is to stand, or remove the value or the case.",
        waivable=False,
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
    Rule(
        code="SUR609",
        name="unused-fixture",
        severity=Severity.ERROR,
        summary="An absence, an answer of an action or a ticket of a scenario changes nothing.",
        why="A reader takes it for a part of the story. Somebody who is away at a time when nobody asks proves "
        "nothing about absences.",
        bad="""\
- {person: ann, from: "12:00", until: "13:00"}
""",
        good="""\
- {person: ann, from: "09:00", until: "10:00"}
""",
        fix="Remove it, or change its time or its name so that something depends on it. A span that is over at the "
        "very instant of a decision is taken to be meant so.",
        waivable=False,
    ),
    Rule(
        code="SUR610",
        name="act-without-effect",
        severity=Severity.ERROR,
        summary="An act of a scenario changes nothing.",
        why="The story says that something happens, and everything goes on as if it had not.",
        bad="""\
- {at: "09:01", do: update, fields: {priority: high}}
""",
        good="""\
- {at: "09:01", do: update, fields: {priority: normal}}
""",
        fix="Remove the act, or let it change something.",
        waivable=False,
    ),
    Rule(
        code="SUR611",
        name="owner-timeline-changed",
        severity=Severity.ERROR,
        summary="In a scenario other people are accountable, or at other times, than was written down and reviewed.",
        why="Who is accountable from when on is what a contract promises. A change of it is a change of the promise.",
        bad="""\
owners:
  - {at: "09:00", owner: ben, reason: first_rung}
""",
        good="""\
owners:
  - {at: "09:00", owner: ann, reason: first_rung}
""",
        fix="Correct the template; or, if the change is wanted, run `surety test --accept` and review the difference.",
        waivable=False,
    ),
)
"""Found by `surety test` alone, which runs the scenarios."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """What the scenarios of a valid revision name."""
    if subject.revision is not None:
        for _, scenario, document in subject.revision.scenarios:
            yield from check_names(subject.revision, scenario, document)
