"""SUR901 and SUR902: what an owner does who cannot go on. Does not look at who is on call when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import ExceptionClass, ExceptionClasses, People
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.values import Box, OwnerRef, format_duration
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_NO_PATH = Rule(
    code="SUR901",
    name="no-exception-path",
    severity=Severity.ERROR,
    summary="A template allows no exception, so an owner who cannot go on has no way out.",
    why="Data is missing, another team is needed, a vendor is down: sooner or later an owner is stuck through no fault "
    "of their own. Without an exception class there is nobody whose job it is to clear the way, and no time by which "
    "it is cleared. The escalation waits, and looks as if somebody worked on it.",
    bad="""\
exceptions: {}
""",
    good="""\
exceptions:
  data-missing: {within: 4h}
""",
    fix="Name at least one class of the ExceptionClasses policy under `exceptions`. Its owner and its recovery time "
    "hold unless you write others.",
)
_UNCLEAR = Rule(
    code="SUR902",
    name="exception-owner-unclear",
    severity=Severity.WARNING,
    summary="An exception brings in nobody new, or may take longer than the outcome has time.",
    why="An exception is a promise: somebody else clears the way, soon enough. If the path owner is the very person "
    "who is stuck, nobody helps. If recovery may take longer than the outcome, the customer's time is over before "
    "anybody is late.",
    bad="""\
exceptions:
  data-missing: {within: 2d}
""",
    good="""\
exceptions:
  data-missing: {within: 4h}
""",
    fix="Give the class in this template an `owner` who does not stand on the ladder, and a `within` that leaves time "
    "for the outcome.",
)
RULES: Final = (_NO_PATH, _UNCLEAR)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every template's exceptions against its owners and its outcome. SUR102 says if owner or time are missing."""
    policy = subject.documents.policy(ExceptionClasses)
    sole = _sole_people(subject.documents.policy(People))
    for document, template in subject.templates:
        if not template.exceptions:
            here: Path = ("exceptions",) if "exceptions" in document.plain else ()
            message = f"`{template.name}` allows no exception, so whoever cannot go on has no way out"
            help_text = "write for example exceptions: {data-missing: {}}"
            known = f"; classes: {', '.join(policy.classes)}" if policy else ""
            yield _NO_PATH.found(document, here, message, help_text + known, key=True)
        for name in template.exceptions:
            declared = policy.classes.get(name) if policy else None
            if declared is not None:  # else SUR201
                yield from _class(document, template, name, declared, sole)


def _class(
    document: Document, template: Template, name: str, declared: ExceptionClass, sole: Mapping[OwnerRef, str]
) -> Iterator[Diagnostic]:
    use = template.exceptions[name]
    path: Path = ("exceptions", name)
    owner = use.owner or declared.owner
    rungs = [getattr(template.owners, each.rung) for each in template.ladder]
    if all(rung == owner or (rung in sole and sole[rung] == sole.get(owner)) for rung in rungs):
        asked = "is the only one whom the ladder asks" if len(rungs) == 1 else "stands on every rung of the ladder"
        message = f"the path owner of `{name}`, {owner}, {asked}: nobody new helps"
        help_text = "name somebody else as owner: {person: …}, or ask more people on the ladder"
        yield _UNCLEAR.found(document, (*path, "owner") if use.owner else path, message, help_text, key=not use.owner)
    box = use.within or declared.within
    if _surely_longer(box, template.outcome.within):
        message = (
            f"recovery from `{name}` may take {_shown(box)}, the whole outcome only {_shown(template.outcome.within)}"
        )
        help_text = f"write {name}: {{within: …}} with less than {format_duration(template.outcome.within.time)}"
        yield _UNCLEAR.found(
            document, (*path, "within") if use.within else path, message, help_text, key=not use.within
        )


def _surely_longer(box: Box, other: Box) -> bool:
    """Whether it is longer from whatever instant both are counted: open hours are never more than hours.

    Times in two calendars, or a wall clock against open hours, depend on the instant and are not judged.
    """
    return box.time > other.time and other.calendar in (None, box.calendar)


def _shown(box: Box) -> str:
    return format_duration(box.time) + (f" of `{box.calendar}`" if box.calendar else "")


def _sole_people(people: People | None) -> Mapping[OwnerRef, str]:
    """The references that can mean only one person, whoever is away."""
    if people is None:
        return {}
    sole = {OwnerRef(person=name): name for name in people.people}
    sole |= {OwnerRef(team=name): team.members[0] for name, team in people.teams.items() if len(team.members) == 1}
    holders: dict[str, list[str]] = {}
    for name, person in people.people.items():
        for job in person.jobs:
            holders.setdefault(job, []).append(name)
    return sole | {OwnerRef(role=job): names[0] for job, names in holders.items() if len(names) == 1}
