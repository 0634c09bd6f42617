"""A check as SARIF 2.1.0, for code scanning. Names no address: there is no stable one for the pages of rules.

Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS, sections 3.14 to 3.49.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from runner import VERSION
from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.rule import Rule
from validators.check.waivers import Waived
from validators.output.as_json import json_text
from validators.output.report import Report

__all__ = ["check_sarif"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.UNKNOWN: "none",  # with the kind `open`: the rule was asked and has no answer
}
_NAME: Final = re.compile(r"`([^`\n]*)`")
_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOWHERE: Final = Location("policies", 1, 1)
"""Where a finding about the repository as a whole is shown, since code scanning refuses a result without a place."""


def check_sarif(report: Report) -> str:
    """The log as text, ending with a line break; it has the pages of the rules that were asked."""
    outcome, rules = report.outcome, report.rules
    numbers = {code: index for index, code in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = [_result(report, found, numbers, seen) for found in outcome.findings]
    results += [
        {**_result(report, each.finding, numbers, seen), "suppressions": [_suppression(each)]}
        for each in outcome.waived
    ]
    unknown = any(found.severity is Severity.UNKNOWN for found in outcome.findings)
    run = {
        "tool": {"driver": {"name": "surety", "version": VERSION, "rules": [_rule(each) for each in rules.values()]}},
        "invocations": [{"executionSuccessful": not unknown}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    help_text = f"{rule.why}\n\nHow to fix it: {rule.fix}\n\nBad:\n\n{rule.bad}\nGood:\n\n{rule.good}"
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.why}"},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"gate": rule.gate, "waivable": rule.waivable},
    }


def _result(report: Report, found: Diagnostic, numbers: Mapping[str, int], seen: Counter[str]) -> dict[str, Any]:
    result: dict[str, Any] = {"ruleId": found.code}
    if found.code in numbers:
        result["ruleIndex"] = numbers[found.code]
    if found.severity is Severity.UNKNOWN:
        result["kind"] = "open"
    result |= {
        "level": _LEVELS[found.severity],
        "message": {"text": f"{found.message}\n{found.help}" if found.help else found.message},
        "locations": [{"physicalLocation": _place(report.prefix, found.location or _NOWHERE)}],
        "partialFingerprints": {"surety/v1": _fingerprint(found, seen)},
    }
    if report.outcome.new is not None:
        result["baselineState"] = "new" if report.is_new(found) else "unchanged"
    return result


def _place(prefix: str, at: Location) -> dict[str, Any]:
    region = {"startLine": at.line, "startColumn": at.column}
    if at.end_line is not None and at.end_column is not None:
        region |= {"endLine": at.end_line, "endColumn": at.end_column}
    return {"artifactLocation": {"uri": quote(f"{prefix}{at.file}"), "uriBaseId": "SRCROOT"}, "region": region}


def _fingerprint(found: Diagnostic, seen: Counter[str]) -> str:
    """The same for the same finding in the next revision and on the next day, wherever its line has moved.

    Of the message only the names count, and not where it tells of days: these follow from the day of the check.
    """
    file = found.location.file if found.location is not None else ""
    names = () if _DAY.search(found.message) else _NAME.findall(found.message)
    text = "\0".join((found.code, file, found.pointer, *names))
    seen[text] += 1
    return hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()


def _suppression(waived: Waived) -> dict[str, str]:
    return {"kind": "inSource", "status": "accepted", "justification": f"until {waived.until}: {waived.reason}"}
