"""Reports to be shown: one finding of each severity, one waived, one new."""

from __future__ import annotations

from dataclasses import replace

from runner.contract.diagnostic import Diagnostic, Location, Severity
from validators.check.outcome import Outcome
from validators.check.registry import all_rules
from validators.check.waivers import Waived
from validators.output.report import Report

FILE = "templates/a b/template.yaml"
WORST = Diagnostic("SUR402", Severity.ERROR, "`x` is nothing", Location(FILE, 3, 5, 3, 9), "try `y`", "/a")
OPEN = Diagnostic("SUR401", Severity.UNKNOWN, "nobody can tell", Location(FILE, 9, 1, 10, 4), "", "/d")
DOUBT = Diagnostic("SUR403", Severity.WARNING, "may be absent", Location(FILE, 4, 1), "", "/b")
REMARK = Diagnostic("SUR502", Severity.INFO, "by the way", Location(FILE, 1, 1, 2, 1), "", "/c")
NOWHERE = Diagnostic("SUR110", Severity.ERROR, "there is no Limits", None, "add one")
SPARED = Diagnostic("SUR403", Severity.WARNING, "may be absent too", Location(FILE, 7, 1, 7, 2), "", "/e")


def report(*findings: Diagnostic, **more: object) -> Report:
    shown = findings or (NOWHERE, REMARK, DOUBT, WORST, OPEN)
    outcome = Outcome(tuple(sorted(shown)), (Waived(SPARED, "It always has one.", "2026-12-31"),))
    made = Report("a folder", outcome, {"templates": 1, "policies": 2}, rules=all_rules())
    return replace(made, **more)  # type: ignore[arg-type] # a test names the fields that it changes


def since(base: str, *new: Diagnostic) -> Report:
    plain = report()
    return replace(plain, base=base, outcome=replace(plain.outcome, new=frozenset(new)))


def saying(message: str) -> Diagnostic:
    return replace(DOUBT, message=message)
