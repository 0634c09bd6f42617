"""Violations looked at once more: what hangs on an order of deadlines must be playable with the contract's real times.

One that cannot be played is no violation, and no proof either: the verdict is unknown then, and says why.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from runner.contract.load import Revision
from runner.contract.scenario import Scenario
from validators.format.canonical import canonical
from validators.verify.verdict import Result, Verdict, Violation
from validators.verify.witness import Unplayable, played, scenario_plain

__all__ = ["confirmed", "scenario_text"]


def confirmed(revision: Revision, verdict: Verdict) -> Verdict:
    """The verdict with those violations alone that may come about with real times."""
    kept, doubts = [], list(verdict.reasons)
    for each in verdict.violations:
        why = _doubt(revision, verdict.template, each)
        if why is None:
            kept.append(each)
        else:
            doubts.append(
                f"{each.name}: {each.words}; but only in an order of deadlines that could not be played: {why}"
            )
    if len(kept) == len(verdict.violations):
        return verdict
    return replace(
        verdict, violations=tuple(kept), reasons=tuple(doubts), result=Result.VIOLATED if kept else Result.UNKNOWN
    )


def _doubt(revision: Revision, template: str, violation: Violation) -> str | None:
    if not any(step.free for step in violation.steps):
        return None
    try:
        played(revision, _base(revision, template), violation)
    except Unplayable as error:
        return str(error)
    return None


def _base(revision: Revision, template: str) -> Scenario:
    """A scenario whose ticket opens the template."""
    for path, scenario, _ in revision.scenarios:
        if path.startswith(f"templates/{template}/"):
            return scenario
    raise Unplayable("the template has no scenario whose ticket could be used")


def scenario_text(revision: Revision, template: str, violation: Violation, file: Path) -> bytes:
    """The course of a violation as a scenario file. Raises Unplayable."""
    base = _base(revision, template)
    name = f"{violation.name}-found-by-verify"
    plain = scenario_plain(base, name, violation, played(revision, base, violation))
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items())
    return canonical("".join(lines).encode(), file.name)
