"""SUR951 to SUR954: waivers that no longer hold, waive nothing, or may not be. Applies none.

SUR952 is found by `validators.check.waivers`, which sees what the other rules found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.edits import Remove
from runner.contract.rule import Rule
from runner.contract.waiver import Waiver
from validators.check.subject import Subject

__all__ = ["RULES", "check", "unused"]

_EXPIRED = Rule(
    code="SUR951",
    name="expired-waiver",
    severity=Severity.WARNING,
    summary="The end date of a waiver is past.",
    why="Somebody decided that a finding may stand until that day. From then on it counts again, so that a stopgap "
    "does not become the rule unnoticed.",
    bad="""\
- {code: SUR403, reason: Every ticket has a subject., until: "2026-01-31"}
""",
    good="""\
- {code: SUR403, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    fix="Put right what was waived and remove the waiver; or look at it anew and set a later day, in a review.",
    waivable=False,
)
_UNUSED = Rule(
    code="SUR952",
    name="unused-waiver",
    severity=Severity.WARNING,
    summary="A waiver waives nothing: there is no such finding at its place.",
    why="It would silently take the next finding of this kind out of the verdict, which nobody has looked at.",
    bad="""\
- {code: SUR402, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    good="""\
- {code: SUR403, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    fix="Remove it, or correct its code or its place `at`.",
    waivable=False,
)
_UNKNOWN = Rule(
    code="SUR953",
    name="waiver-of-no-rule",
    severity=Severity.ERROR,
    summary="A waiver names a code that no rule has.",
    why="Whoever wrote it relies on something that does not happen.",
    bad="""\
- {code: SUR999, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    good="""\
- {code: SUR403, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    fix="Write the code that stands in brackets in the finding; `surety rule` lists them all.",
    waivable=False,
)
_FORBIDDEN = Rule(
    code="SUR954",
    name="waiver-of-what-always-counts",
    severity=Severity.ERROR,
    summary="A waiver names a rule that cannot be waived.",
    why="A runner refuses on gate rules, whatever a file says; rules about waivers and failed scenarios always count, "
    "and so does a question without an answer.",
    bad="""\
- {code: SUR301, reason: We are slower at night., until: "2026-12-31"}
""",
    good="""\
- {code: SUR403, reason: Every ticket has a subject., until: "2026-12-31"}
""",
    fix="Remove the waiver and put right what the rule finds. If a limit is wrong, let the gatekeepers change it.",
    waivable=False,
)
RULES: Final = (_EXPIRED, _UNUSED, _UNKNOWN, _FORBIDDEN)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every waiver by itself, without regard to what it would waive."""
    from validators.check.registry import all_rules  # late: the registry knows this module

    rules = all_rules()
    for document, index, waiver in subject.waivers:
        rule = rules.get(waiver.code)
        path = ("waivers", index)
        if rule is None:
            help_text = "write the code of the finding that may stand; `surety rule` lists them all"
            yield _UNKNOWN.found(document, (*path, "code"), f"there is no rule {waiver.code}", help_text)
        elif not rule.waivable:
            message = f"{rule.code} {rule.name} cannot be waived"
            yield _FORBIDDEN.found(
                document, (*path, "code"), message, "remove the waiver, and put right what the rule finds"
            )
        elif waiver.last_day < subject.today:
            message = f"this waiver of {rule.code} ended on {waiver.until}, so what it waived counts again"
            yield _EXPIRED.found(
                document, (*path, "until"), message, "remove it, or look at it anew and set a later day"
            )


def unused(document: Document, index: int, waiver: Waiver) -> Diagnostic:
    """The finding that a waiver waives nothing."""
    where = f"at {waiver.at}" if waiver.at else "in this file"
    message = f"this waiver waives nothing: there is no {waiver.code} {where}"
    found = _UNUSED.found(document, ("waivers", index), message, "remove it, or correct its code or its place")
    alone = document.plain["waivers"][1:] == []
    return replace(found, fixes=(Remove(("waivers",) if alone else ("waivers", index)),))
