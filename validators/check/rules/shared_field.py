"""SUR509: two ticket fields are two fields of the helpdesk as well. Asks no helpdesk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Fields
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR509",
    name="shared-helpdesk-field",
    severity=Severity.WARNING,
    summary="Two ticket fields stand for one and the same field of a helpdesk.",
    why="What is written to one changes the other, and a condition on one is a condition on both. Mostly an entry was "
    "copied, and the field that was meant is read by nobody.",
    bad="""\
  agent: {type: person, summary: Who works on it., helpdesk: {local: reply}}
  reply_link: {type: text, summary: Where the reply is., helpdesk: {local: reply}}
""",
    good="""\
  agent: {type: person, summary: Who works on it., helpdesk: {local: assignee}}
  reply_link: {type: text, summary: Where the reply is., helpdesk: {local: reply}}
""",
    fix="Write the name that each field has in the helpdesk. A field without an entry is called there as it is here.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every field, in each helpdesk that any field names."""
    document = subject.documents.one("Fields")
    if document is None:
        return
    fields = document.read_as(Fields).fields
    for helpdesk in dict.fromkeys(each for field in fields.values() for each in field.helpdesk):
        known: dict[str, str] = {}
        for name, field in fields.items():
            there = field.helpdesk[helpdesk].field if helpdesk in field.helpdesk else name
            other = known.setdefault(there, name)
            if other != name:
                message = f"`{name}` and `{other}` are both the field `{there}` of the helpdesk `{helpdesk}`"
                here = name if helpdesk in field.helpdesk else other
                help_text = "write the name that each has there; without an entry it is the name here"
                yield _RULE.found(document, ("fields", here, "helpdesk", helpdesk), message, help_text)
