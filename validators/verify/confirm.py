"""Violations looked at once more: what hangs on an order of deadlines must be playable with the contract's real times.

One that cannot be played is no violation, and no proof either: the verdict is unknown then, and says why. Each property
is told once, with the shortest of its courses, however many parts show that it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from runner.contract.load import Revision
from runner.contract.property import Property
from runner.contract.scenario import Scenario
from validators.verify.own import broken_claim
from validators.verify.tickets import beginning, opening_at
from validators.verify.verdict import NO_PART, TIMES, Result, Verdict, Violation
from validators.verify.witness import Unplayable, never_about, played, scenario_of

__all__ = ["confirmed", "scenario_text"]

_HEARD: Final = ("no channel took the message", "the message was taken")
"""What a course says of a message that reaches nobody, and of one that does."""


def confirmed(revision: Revision, verdict: Verdict) -> Verdict:
    """The verdict with those violations alone that may come about with real times, each with a course that can; one
    for each property.
    """
    base = cache(lambda: beginning(revision, verdict.template))
    own = {each.name: each for path, each in revision.properties if path.startswith(f"templates/{verdict.template}/")}
    kept: dict[str, list[Violation]] = {}
    doubts: list[tuple[str, str]] = []
    for each in verdict.violations:
        courses, why = _playable(revision, base, each)
        claim = own.get(each.name)
        if not courses and claim is not None and claim.leads_to is None:
            courses, besides = _loosely(revision, verdict.template, base, each, claim)
            why = f"{why}; and when what comes first may come, {besides}"
        if courses:
            kept.setdefault(each.name, []).extend(courses)
        else:
            words = (
                f"{each.words}; but only in an order of deadlines that could not be played: {why}; "
                "a scenario of your own may show whether it can come about"
            )
            doubts.append((each.name, words))
    reasons = [*verdict.reasons, *dict.fromkeys(f"{name}: {words}" for name, words in doubts if name not in kept)]
    violations = (_named(revision, _once(each), own.get(each[0].name)) for each in kept.values())
    result = Result.VIOLATED if kept else Result.UNKNOWN if reasons else verdict.result
    return replace(verdict, violations=tuple(violations), reasons=tuple(reasons), result=result)


def _named(revision: Revision, violation: Violation, own: Property | None) -> Violation:
    """With what the claim says in its own words, and the places of steps that never begin."""
    title = own.summary.rstrip(".") if own is not None else ""
    if violation.part != NO_PART:
        return replace(violation, title=title)
    words, *also = (_placed(revision, words) for words in (violation.words, *(words for _, words in violation.also)))
    return replace(violation, title=title, words=words, also=tuple((NO_PART, each) for each in also))


def _placed(revision: Revision, words: str) -> str:
    """What is said of a rule with the place at which it stands in the files."""
    place = revision.place(words.rpartition(": ")[2])
    return f"{words} ({place.file}:{place.line})" if place is not None else words


def _once(courses: Sequence[Violation]) -> Violation:
    """A property with the shortest of its courses; the others beside it, and what other parts show."""
    first, *others = sorted(courses, key=lambda each: len(each.steps))
    also: dict[str, tuple[str, str]] = {}
    for each in others:
        what = each.words if each.part == NO_PART else each.part
        if each.part != first.part or (each.part == NO_PART and each.words != first.words):
            also.setdefault(what, (each.part, each.words))
    times = sum({each.part: each.times for each in courses}.values())
    return replace(first, others=tuple(others), also=tuple(also.values()), times=times)


def _playable(revision: Revision, base: Callable[[], Scenario], violation: Violation) -> tuple[list[Violation], str]:
    """From the first course on that does not hang on an order of deadlines, or can be played; none, and the reason, if
    no course does.
    """
    why = ""
    courses = [violation, *violation.others]
    if violation.part == TIMES:  # computed with the real calendars: no order of deadlines was assumed
        return courses, why
    for number, course in enumerate(courses):
        if not any(step.free for step in course.steps):
            return courses[number:], ""
        try:
            played(revision, base(), course.steps)
        except Unplayable as error:
            why = why or str(error)
        else:
            return courses[number:], ""
    return [], why


def _loosely(
    revision: Revision, template: str, base: Callable[[], Scenario], violation: Violation, own: Property
) -> tuple[list[Violation], str]:
    """The first course of a claim about how it stands after which it stands so, whatever falls due in between; none,
    and the reason, if there is no such course.
    """
    why = ""
    for course in (violation, *violation.others):
        try:
            found = played(revision, base(), course.steps, loosely=True)
        except Unplayable as error:
            why = why or str(error)
            continue
        if broken_claim(own, revision.contracts[template], found.state) is not None:
            return [replace(course, loosely=True, others=())], ""
        why = why or "it stands otherwise in the end"
    return [], why


def scenario_text(revision: Revision, template: str, violation: Violation, file: Path) -> bytes:
    """A course of a violation as a scenario file: the shortest that can be told in one. Raises Unplayable."""
    never = never_about(violation.name)
    if never is not None:
        raise Unplayable(never)
    contract, base = revision.contracts[template], beginning(revision, template)
    bases = (base,) if violation.start is None else (opening_at(base, violation.start), base)
    why: Unplayable | None = None
    for each, course in product(bases, _courses(violation)):
        try:
            return scenario_of(revision, each, contract, course, file.name)
        except Unplayable as error:
            why = why or error
    raise why or Unplayable("there is no course")


def _courses(violation: Violation) -> Iterator[Violation]:
    """The violation with each of its courses, the shortest first; none twice. Of a time also plainer courses, in which
    every message is taken and nobody is away: they may take too long as well, and be playable where the longest is not.
    """
    told = set[object]()
    for each in (violation, *violation.others, *_plainer(violation)):
        moves = tuple((step.label, step.who, step.world) for step in each.steps)
        if moves not in told:
            told.add(moves)
            yield each


def _plainer(violation: Violation) -> Iterator[Violation]:
    if violation.part == TIMES:
        heard = tuple(replace(step, label=step.label.replace(*_HEARD), world=()) for step in violation.steps)
        yield replace(violation, steps=heard)
        yield replace(violation, steps=heard[:1])
