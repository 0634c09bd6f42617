"""SUR522: who verifies the trail does not stand in it. Verifies nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Governance
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR522",
    name="auditor-on-ladder",
    severity=Severity.INFO,
    summary="The audit authority stands on a ladder.",
    why="Who verifies the record of an escalation should not be the one who held it: nobody sees their own mistakes. A "
    "small company may have no choice; then somebody should know.",
    bad="""\
audit_authority: ann
""",
    good="""\
audit_authority: dan
""",
    fix="Name somebody as `audit_authority` who is not asked by any template, or give the audit to several people in "
    "turn with `audit_turn`. If there is nobody else, leave it: this is only a remark.",
)
RULES: Final = (_RULE,)
_SHOWN: Final = 3


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The audit authority of a valid revision, unless it goes round, against every rung."""
    document, duty = subject.documents.one("Governance"), subject.duty
    if document is None or duty is None or (governance := document.read_as(Governance)).audit_turn is not None:
        return
    who = governance.audit_authority
    names = [
        name
        for ladder, templates in duty.ladders.items()
        if any(who in duty.people_of(owner) for _, owner in ladder)
        for name in templates
    ]
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        where = f"{', '.join(sorted(names)[:_SHOWN])}{more}"
        message = f"the audit authority `{who}` stands on a ladder, and verifies that record too"
        help_text = f"name somebody whom no template asks, or let the audit go round with audit_turn; asked by: {where}"
        yield _RULE.found(document, ("audit_authority",), message, help_text)
