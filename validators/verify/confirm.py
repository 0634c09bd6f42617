"""Violations looked at once more: what hangs on an order of deadlines must be playable with the contract's real times.

One that cannot be played is no violation, and no proof either: the verdict is unknown then, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runner.contract.load import Revision
from runner.contract.scenario import Scenario
from validators.verify.verdict import Result, Verdict, Violation
from validators.verify.witness import Unplayable, played, scenario_of

__all__ = ["confirmed", "scenario_text"]


def confirmed(revision: Revision, verdict: Verdict) -> Verdict:
    """The verdict with those violations alone that may come about with real times, each with a course that can."""
    kept, doubts = [], list(verdict.reasons)
    for each in verdict.violations:
        found, why = _playable(revision, verdict.template, each)
        if found is not None:
            kept.append(found)
        else:
            doubts.append(
                f"{each.name}: {each.words}; but only in an order of deadlines that could not be played: {why}"
            )
    result = Result.VIOLATED if kept else Result.UNKNOWN if doubts else verdict.result
    return replace(verdict, violations=tuple(kept), reasons=tuple(doubts), result=result)


def _playable(revision: Revision, template: str, violation: Violation) -> tuple[Violation | None, str]:
    """The violation with the first of its courses that does not hang on an order of deadlines, or can be played; None
    and the reason if none is.
    """
    why = ""
    if violation.part == "times":  # computed with the real calendars: no order of deadlines was assumed
        return violation, why
    for course in _courses(violation):
        if not any(step.free for step in course.steps):
            return course, ""
        try:
            played(revision, _base(revision, template), course.steps)
        except Unplayable as error:
            why = why or str(error)
        else:
            return course, ""
    return None, why


def _courses(violation: Violation) -> Iterator[Violation]:
    """The violation with each of its courses, the shortest first."""
    yield violation
    yield from (replace(violation, story=story, steps=steps) for story, steps in violation.others)


def _base(revision: Revision, template: str) -> Scenario:
    """A scenario whose ticket opens the template: the plainest of those beside it."""
    beside = [each for path, each, _ in revision.scenarios if path.startswith(f"templates/{template}/")]
    if not beside:
        raise Unplayable("the template has no scenario whose ticket could be used")
    return min(beside, key=lambda each: (len(each.tickets), len(each.absences), bool(each.actions), each.name))


def scenario_text(revision: Revision, template: str, violation: Violation, file: Path) -> bytes:
    """The course of a violation as a scenario file. Raises Unplayable."""
    contract, base = revision.contracts[template], _base(revision, template)
    why = Unplayable("there is no course")
    for number, course in enumerate(_courses(violation)):
        try:
            return scenario_of(revision, base, contract, course, file.name)
        except Unplayable as error:
            why = error if number == 0 else why
    raise why
