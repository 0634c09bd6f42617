"""SUR933: a value that is allowed and can hardly be meant. Judges only what has one plain reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, nearest
from runner.contract.policies import Actions, Calendars, Governance, People
from runner.contract.rule import Rule
from runner.contract.values import format_duration
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR933",
    name="odd-value",
    severity=Severity.WARNING,
    summary="A value is allowed, and can hardly be what was meant.",
    why="A slip that is no mistake of form stays until the day on which it matters: personal data that is gone after a "
    "second, a mail address that nobody reads, a folder that needs approvals and is spelt otherwise.",
    bad="""\
retention: {personal_data: 1s}
""",
    good="""\
retention: {personal_data: 90d}
""",
    fix="Write what was meant; the finding says what is odd. If it is meant, waive it with the reason.",
)
RULES: Final = (_RULE,)
_DAY: Final = 86400
"""Somebody must be able to look at what happened on the day after."""
_FAR_YEARS: Final = 20
"""Nobody knows the closed days of a time so far away, nor needs those of a time so long ago."""
_FOLDERS: Final = ("policies", "templates")
_MAIL: Final = re.compile(r"e?[-_]?mail(?:[-_].*)?")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Retention and paths, undo of actions, addresses of mail, closed days."""
    yield from _governance(subject)
    yield from _actions(subject)
    yield from _addresses(subject)
    yield from _closed_days(subject)


def _governance(subject: Subject) -> Iterator[Diagnostic]:
    document = subject.documents.one("Governance")
    if document is None:
        return
    governance = document.read_as(Governance)
    for key in ("personal_data", "contacts"):
        seconds = getattr(governance.retention, key) if governance.retention is not None else None
        if seconds is not None and seconds < _DAY:
            message = f"after {format_duration(seconds)} what was said and done could not be looked up any more"
            yield _RULE.found(document, ("retention", key), message, "write for example 90d")
    for index, each in enumerate(governance.paths):
        folder = each.path.partition("/")[0]
        meant = nearest(folder, _FOLDERS) if folder not in _FOLDERS else None
        if meant is not None:
            message = f"there is no folder `{folder}`, so `{each.path}` fits no file"
            yield _RULE.found(document, ("paths", index, "path"), message, f"did you mean `{meant}`?")


def _actions(subject: Subject) -> Iterator[Diagnostic]:
    document = subject.documents.one("Actions")
    if document is None:
        return
    for name, action in document.read_as(Actions).actions.items():
        if action.undo == name:
            message = f"`{name}` would be undone by doing it a second time"
            help_text = "name the action that takes it back, or say with `irreversible` why nothing does"
            yield _RULE.found(document, ("actions", name, "undo"), message, help_text)


def _addresses(subject: Subject) -> Iterator[Diagnostic]:
    document = subject.documents.one("People")
    if document is None:
        return
    for name, person in document.read_as(People).people.items():
        for channel, address in person.contacts.items():
            if "@" not in address and _MAIL.fullmatch(channel):
                message = f"the address of `{name}` on `{channel}` has no `@`: {address}"
                yield _RULE.found(
                    document, ("people", name, "contacts", channel), message, "write it as in ann@example.com"
                )


def _closed_days(subject: Subject) -> Iterator[Diagnostic]:
    document = subject.documents.one("Calendars")
    if document is None:
        return
    for name, calendar in document.read_as(Calendars).calendars.items():
        for day in calendar.closed:
            try:
                years = abs(date.fromisoformat(day).year - subject.today.year)
            except ValueError:
                continue  # SUR203
            if years > _FAR_YEARS:
                message = f"`{day}` is {years} years from now"
                help_text = "check the year"
                yield _RULE.found(document, ("calendars", name, "closed", day), message, help_text, key=True)
