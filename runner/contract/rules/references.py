"""SUR2xx: names that mean nothing, and values that do not fit what they refer to."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["REFERENCES"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

REFERENCES: Final = (
    _gate(
        code="SUR201",
        name="unknown-reference",
        summary="A name refers to a person, rotation, team, job, calendar, field, block or other thing that nobody "
        "declared.",
        why="An owner who does not exist is asked by nobody. It would come out when an escalation is open.",
        bad="  primary: {person: anne}\n",
        good="  primary: {person: ann}\n",
        fix="Use the spelling that the help offers, or declare what is missing in the policy that the help names.",
    ),
    _gate(
        code="SUR202",
        name="unknown-zone",
        summary="A time zone does not exist.",
        why="Times of day mean nothing without their zone.",
        bad="    zone: Europe/Pariss\n",
        good="    zone: Europe/Paris\n",
        fix="Write a region and a city of the IANA time zone database, as in `Europe/Berlin`.",
    ),
    _gate(
        code="SUR203",
        name="impossible-date",
        summary="A date does not exist.",
        why="A holiday on 30 February never comes, so business time would be counted on a day on which nobody works.",
        bad='      "2026-02-30": New Year\n',
        good='      "2026-01-01": New Year\n',
        fix="Write a day of the calendar as year, month, day.",
    ),
    _gate(
        code="SUR204",
        name="condition-error",
        summary="A condition asks something that its field cannot answer.",
        why="A trigger with a misspelt value never matches, and tickets go unnoticed.",
        bad="    priority: [normal, hihg]\n",
        good="    priority: [normal, high]\n",
        fix="Use declared fields, their declared values, and the comparisons that fit their type; "
        "`policies/fields.yaml` declares them.",
    ),
    _gate(
        code="SUR206",
        name="block-cycle",
        summary="Blocks use each other in a circle.",
        why="The runbook would have no end.",
        bad="# announce.yaml\n    on_leave: finish\n  - use: announce\n    with: {message: Again.}\n",
        good="# announce.yaml\n    on_leave: finish\n",
        fix="Take one `use` out of the circle.",
    ),
    _gate(
        code="SUR207",
        name="block-input",
        summary="A block is not given what it asks for, is given something else, or grows too large.",
        why="A step without its room or person does nothing.",
        bad="      with: {who: 5}\n",
        good="      with: {who: {team: desk}}\n",
        fix="Give every input that has no default under `with`, in the type that the block declares.",
    ),
    _gate(
        code="SUR208",
        name="template-not-routed",
        summary="The routing does not mention a template, or mentions it twice.",
        why="No ticket would reach a template outside the order; two places in the order are two answers to one "
        "question.",
        bad="order: [billing, rest]\nfallback: rest\n",
        good="order: [billing]\nfallback: rest\n",
        fix="Name every template exactly once, in `order` or as `fallback`.",
    ),
    _gate(
        code="SUR209",
        name="field-misuse",
        summary="A ticket field is used in a way that its declaration does not allow.",
        why="The helpdesk would refuse the value, or the record of the escalation would not arrive.",
        bad="    - set_fields: {priority: hgh}\n",
        good="    - set_fields: {priority: high}\n",
        fix="Give the field a value of its type and list, or change its declaration in `policies/fields.yaml`.",
    ),
)
"""In order of the codes."""
