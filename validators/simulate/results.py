"""What scenarios show: failures with the owner timeline around them; and which scenarios a pattern means. Runs none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from runner.contract.assertions import OwnerChange
from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Document
from runner.contract.local_time import LocalTimes, TimeError
from runner.contract.scenario import Scenario
from runner.engine.decision import Decision
from runner.engine.kpis import Figures
from validators.check.names import template_of
from validators.simulate.timeline import Entry

__all__ = [
    "Failure",
    "Place",
    "ScenarioResult",
    "Tried",
    "full_name",
    "in_names",
    "is_meant",
    "select",
    "with_timeline",
]

_BEFORE: Final = 6
_AFTER: Final = 2
"""Entries of the owner timeline shown around a failure."""
_PATH: Final = re.compile(r"(?:.*/)?templates/(?P<name>[^/]+(?:/[^/]+?)??)(?:_test\.ya?ml|/)?")
"""A path that leads to a template or to one of its scenarios, as shells complete it and failures name it."""


Tried = tuple[str, Scenario, Document]
"""The path of a scenario's file, the scenario or one of its cases, and the document."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not hold. `expected` and `got` are words; `around` is the owner timeline near it."""

    diagnostic: Diagnostic
    ticket: str = ""
    at: datetime | None = None
    expected: str = ""
    got: str = ""
    around: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The file of a scenario, which case of it, its zone and its first day."""

    path: str
    case: str | None
    zone: str
    start: str

    def show(self, at: datetime) -> str:
        """An instant in the scenario's own time; in UTC if its zone or day is none."""
        try:
            return LocalTimes(self.zone, self.start).show(at)
        except TimeError:
            return f"{at:%a %Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a scenario showed; it passed if there are no failures. `kpis` has one entry for each escalation."""

    name: str
    failures: tuple[Failure, ...]
    timeline: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    kpis: tuple[Figures, ...]
    place: Place | None = None
    """Where it is written, and how its times are to be shown."""
    owners: tuple[OwnerChange, ...] = ()
    decided: int = 0
    """How many decisions were made, whether written down or not."""
    covered: frozenset[str] = frozenset()
    """What was covered, as `validators.simulate.coverage` names it; only if that was asked for."""

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def full_name(path: str, scenario: Scenario) -> str:
    """A scenario's name with that of its template: `enterprise-billing/nobody-answers`."""
    return f"{template_of(path)}/{scenario.name}"


def select(scenarios: Iterable[Tried], patterns: Collection[str]) -> list[Tried]:
    """The scenarios whose full name, template or own name fits one of the patterns; all without any."""
    return [
        each
        for each in scenarios
        if not patterns or any(is_meant(full_name(each[0], each[1]), pattern) for pattern in patterns)
    ]


def is_meant(full: str, pattern: str) -> bool:
    """Whether a pattern with `*` and `?` fits a scenario's full name, its template, or its own name.

    Of a case, `late[by-a-day]`, it may fit what all of them are called: `late`. The path of a file or a folder means
    what stands there.
    """
    template, _, name = full.partition("/")
    story = name.partition("[")[0]
    return any(_fits(each, in_names(pattern)) for each in (full, template, name, story, f"{template}/{story}"))


def in_names(pattern: str) -> str:
    """A pattern in terms of names, also if it is the path of a file or a folder."""
    path = _PATH.fullmatch(pattern)
    return path["name"] if path is not None else pattern


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits; brackets stand for themselves, since they name a case."""
    return re.fullmatch(".*".join(map(re.escape, re.split(r"\*", pattern))).replace(r"\?", "."), name) is not None


def with_timeline(failure: Failure, entries: Iterable[Entry]) -> Failure:
    """The failure with the part of a timeline that is near it."""
    at, ticket = failure.at, failure.ticket
    owners = [entry for entry in entries if entry.owner and ticket in ("", entry.ticket)]
    if at is None:
        return failure
    past = [entry for entry in owners if entry.at <= at]
    later = [entry for entry in owners if entry.at > at]
    around = (*past[-_BEFORE:], *later[:_AFTER])
    return replace(failure, around=around)
