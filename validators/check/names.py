"""What a scenario names must exist: people, templates, fields, tickets, reasons, codes. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from runner.contract.assertions import Always, Ends, Eventually, Look, Never, OwnerChange
from runner.contract.cases import cases_of, placeholders
from runner.contract.contract import BUILT_IN, Contract
from runner.contract.diagnostic import Diagnostic, Severity, nearest
from runner.contract.documents import Document, Path
from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes, TimeError, local_times
from runner.contract.nodes import pointer_of
from runner.contract.scenario import Act, Scenario
from runner.contract.template import POINTS
from runner.engine.choosing import QUESTIONS
from runner.engine.observation import Reading, observe
from runner.engine.overlay import OverlayReason
from runner.engine.questions import wanted
from runner.engine.reasons import Reason, RejectReason

__all__ = ["check_names", "finding", "template_of"]

_SHOWN: Final = 12
_CREATED = re.compile(rf"(?P<ticket>.+)-(?:{'|'.join(POINTS)}|exception-[a-z][a-z0-9_-]*)(?:-[0-9]+)?")


def finding(
    document: Document, code: str, path: Path, message: str, help_text: str = "", *, key: bool = False
) -> Diagnostic:
    """A finding at a value of a scenario, or at its key."""
    return Diagnostic(code, Severity.ERROR, message, document.at(*path, key=key), help_text, pointer_of(path))


def template_of(path: str) -> str:
    """The template that a scenario file stands beside: the name of its folder."""
    return path.split("/")[-2]


def check_names(revision: Revision, scenario: Scenario, document: Document) -> list[Diagnostic]:
    """Every name and time of a scenario that means nothing; empty if all is well."""
    found = sorted(set(_Check(revision, scenario, document).findings()))
    holes = {each.pointer for each in found if each.code == "SUR607"}
    return [each for each in found if each.code == "SUR607" or each.pointer not in holes]


class _Check:
    def __init__(self, revision: Revision, scenario: Scenario, document: Document) -> None:
        self._scenario = scenario
        self._document = document
        self._found: list[Diagnostic] = []
        self._fields = revision.policies.fields.fields
        self._known = _known_names(revision)
        self._times: LocalTimes | None = None

    def findings(self) -> list[Diagnostic]:
        scenario = self._scenario
        try:
            self._times = local_times(scenario.zone, scenario.start)
        except TimeError as error:
            self._wrong("SUR602", ("zone" if "zone" in str(error) else "start",), str(error), _advice(error))
        for key, ticket in scenario.tickets.items():
            self._time(ticket.at, ("tickets", key, "at"))
            self._values(ticket.fields, ("tickets", key, "fields"))
        for index, absence in enumerate(scenario.absences):
            path: Path = ("absences", index)
            self._name("person", absence.person, (*path, "person"))
            start, end = self._time(absence.from_, (*path, "from")), self._time(absence.until, (*path, "until"))
            if start and end and start >= end:
                self._wrong("SUR602", (*path, "until"), "an absence ends after it begins")
        for name in scenario.actions:
            self._name("action", name, ("actions", name), key=True)
        for index, act in enumerate(scenario.acts):
            self._act(act, ("acts", index))
        for index, expect in enumerate(scenario.expect):
            self._time(expect.at, ("expect", index, "at"))
            self._look(expect, ("expect", index))
        self._over_time()
        self._values_of_cases()
        return self._found

    def _over_time(self) -> None:
        scenario = self._scenario
        spans: tuple[tuple[str, tuple[Always | Never, ...]], ...] = (
            ("always", scenario.always),
            ("never", scenario.never),
        )
        for key, assertions in spans:
            for index, each in enumerate(assertions):
                path: Path = (key, index)
                self._look(each, path)
                start = self._time(each.from_, (*path, "from")) if each.from_ is not None else None
                end = self._time(each.until, (*path, "until")) if each.until is not None else None
                if start and end and start >= end:
                    self._wrong("SUR606", (*path, "until"), "this is never looked at: it ends before it begins")
        for index, later in enumerate(scenario.eventually):
            self._look(later, ("eventually", index))
            if later.after is not None:
                self._time(later.after, ("eventually", index, "after"))
        if scenario.ends is not None:
            self._ends(scenario.ends)
        for index, change in enumerate(scenario.owners or ()):
            self._owner(change, ("owners", index))

    def _ends(self, ends: Ends) -> None:
        self._look(ends, ("ends",))
        if ends.at is not None:
            self._time(ends.at, ("ends", "at"))
        if ends.code is not None:
            self._name("resolution code", ends.code, ("ends", "code"))

    def _owner(self, change: OwnerChange, path: Path) -> None:
        self._time(change.at, (*path, "at"))
        if change.ticket is not None:
            self._ticket(change.ticket, path)
        if change.owner is not None:
            self._name("person", change.owner, (*path, "owner"))
        self._name("reason", change.reason, (*path, "reason"))

    def _values_of_cases(self) -> None:
        """Values that nothing takes, names that no case gives, and cases that are the same."""
        plain, case = self._document.plain, self._document.case
        wanted = _placeholders(plain)
        if case is None:
            for path, name in wanted:
                hint = f"add cases: {{some-case: {{{name}: …}}}}; text that begins with $ can go into a longer sentence"
                self._wrong("SUR607", path, f"`${name}` stands for a value that only a case could give", hint)
            return
        values = cases_of(plain)
        names = {name for _, name in wanted}
        for name in values[case]:
            if name not in names:
                near = nearest(name, names)
                hint = f"did you mean `{near}`?" if near else f"write `${name}` where the value is to stand"
                self._wrong_in_case(case, name, f"the case `{case}` gives `{name}`, and there is no `${name}`", hint)
        twin = next((each for each in values if each != case and values[each] == values[case]), None)
        if twin is not None and list(values).index(twin) < list(values).index(case):
            self._wrong_in_case(
                case, None, f"the case `{case}` is the same as `{twin}`", "remove it, or change a value"
            )

    def _wrong_in_case(self, case: str, name: str | None, message: str, help_text: str) -> None:
        path: Path = ("cases", case) if name is None else ("cases", case, name)
        self._wrong("SUR608", path, message, help_text, key=True)

    def _act(self, act: Act, path: Path) -> None:
        self._time(act.at, (*path, "at"))
        self._ticket(act.ticket, path)
        if act.into is not None:
            self._ticket(act.into, path, "into")
        for sort, key in _NAMES_OF_ACTS:
            name = getattr(act, key)
            if name is not None:
                self._name(sort, name, (*path, key))
        answered = "answer" if act.do == "answer" else "checklist item"
        for sort, key in ((answered, "answers"), ("evidence kind", "evidence")):
            for name in getattr(act, key) or ():
                self._name(sort, name, (*path, key, name), key=True)
        for key in ("expected_at", "until"):
            text = getattr(act, key)
            if text is not None:
                self._time(text, (*path, key))
        for index, task in enumerate(act.tasks):
            self._name("person", task.owner, (*path, "tasks", index, "owner"))
            if task.due is not None:
                self._time(task.due, (*path, "tasks", index, "due"))
        self._values(act.fields, (*path, "fields"))

    def _look(self, look: Look, path: Path) -> None:
        self._ticket(look.ticket, path)
        for sort, key in (("template", "template"), ("person", "owner"), ("reason", "reason")):
            name = getattr(look, key)
            if name is not None:
                self._name(sort, name, (*path, key))
        for sort, key in _LISTS_OF_EXPECTATIONS:
            for index, name in enumerate(getattr(look, key) or ()):
                self._name(sort, name, (*path, key, index))
        if look.next_deadline is not None:
            self._time(look.next_deadline, (*path, "next_deadline"))
        more = look.template or look.owner or look.reason or look.next_deadline
        if look.state == "none" and more and not isinstance(look, Never | Eventually):
            self._wrong("SUR602", (*path, "state"), "where there was no escalation, there is nothing else to expect")
        self._values(look.fields or {}, (*path, "fields"))

    def _ticket(self, key: str | None, path: Path, where: str = "ticket") -> None:
        tickets = self._scenario.tickets
        if key is None:
            if len(tickets) > 1:
                self._wrong("SUR601", path, "which ticket?", f"there are several: add ticket: {' or '.join(tickets)}")
            return
        base, match = key, _CREATED.fullmatch(key)
        while base not in tickets and match is not None:
            base = match["ticket"]
            match = _CREATED.fullmatch(base)
        if base not in tickets:
            self._unknown("ticket", key, tickets, (*path, where))

    def _name(self, sort: str, name: str, path: Path, *, key: bool = False) -> None:
        if name not in self._known[sort]:
            self._unknown(sort, name, self._known[sort], path, key=key)

    def _unknown(self, sort: str, name: str, known: Collection[str], path: Path, *, key: bool = False) -> None:
        near = _begun(name, known) or nearest(name, known)
        some = sorted(known)[:_SHOWN]
        more = " …" if len(known) > _SHOWN else ""
        hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(some)}{more}"
        self._wrong("SUR601", path, f"there is no {sort} `{name}`", hint, key=key)

    def _values(self, given: Mapping[str, object], path: Path) -> None:
        for name, raw in given.items():
            here = (*path, name)
            if name not in self._fields:
                self._unknown("ticket field", name, self._fields, here, key=True)
            elif raw is not None and self._times is not None:
                self._value(name, raw, here)

    def _value(self, name: str, raw: object, path: Path) -> None:
        times = self._times
        if times is None:
            return
        try:
            fields = times.fields(self._fields, {name: raw})
        except TimeError as error:
            self._wrong("SUR602", path, str(error))
            return
        noon = times.instant("12:00")
        seen = observe({name: self._fields[name]}, None, Reading("t", "1", noon, noon, fields), noon)
        if seen.problems:
            declared = self._fields[name]
            hint = f"values: {', '.join(declared.values)}" if declared.values else ""
            self._wrong("SUR602", path, f"`{raw}` is not a value of `{name}`, which is a {declared.type}", hint)

    def _time(self, text: str, path: Path) -> datetime | None:
        if self._times is None:
            return None
        try:
            return self._times.instant(text)
        except TimeError as error:
            self._wrong("SUR602", path, str(error), _advice(error))
            return None

    def _wrong(self, code: str, path: Path, message: str, help_text: str = "", *, key: bool = False) -> None:
        self._found.append(finding(self._document, code, path, message, help_text, key=key))


_latest_story: list[tuple[Mapping[str, Any], list[tuple[Path, str]]]] = []
"""Of the document that was asked for last: the same for all of its cases."""


def _placeholders(plain: Mapping[str, Any]) -> list[tuple[Path, str]]:
    if not _latest_story or _latest_story[0][0] is not plain:
        _latest_story[:] = [(plain, placeholders(plain))]
    return _latest_story[0][1]


def _begun(name: str, known: Iterable[str]) -> str | None:
    """The only name of which this is the first part, as `lucia` of `lucia-ferreira`; None if of none or several."""
    begun = [each for each in known if each.startswith((f"{name}-", f"{name}_"))]
    return begun[0] if len(begun) == 1 else None


_latest: list[tuple[Revision, Mapping[str, Collection[str]]]] = []
"""Of the revision that was asked for last: the same names for all of its scenarios."""


def _known_names(revision: Revision) -> Mapping[str, Collection[str]]:
    """What there is of each sort."""
    if not _latest or _latest[0][0] is not revision:
        _latest[:] = [(revision, _names_of(revision))]
    return _latest[0][1]


def _names_of(revision: Revision) -> Mapping[str, Collection[str]]:
    contracts = revision.contracts.values()
    return {
        "person": revision.policies.people.people,
        "rotation": revision.policies.rotations.rotations,
        "room": revision.policies.channels.rooms,
        "channel": revision.policies.channels.channels,
        "template": revision.contracts,
        "ticket field": revision.policies.fields.fields,
        "resolution code": {code for each in contracts for code in each.resolution_codes},
        "exception class": {*BUILT_IN, *(name for each in contracts for name in each.exceptions)},
        "evidence kind": {need.name for each in contracts for need in each.evidence},
        "action": set(revision.policies.actions.actions if revision.policies.actions else ()),
        "checklist item": {item.name for each in contracts for item in each.checklist},
        "answer": {name for each in contracts for name in _answers(each)},
        "reason": frozenset(reason.value for reason in Reason),
        "reason to refuse": frozenset(reason.value for reason in (*RejectReason, *OverlayReason)),
    }


def _answers(contract: Contract) -> Iterator[str]:
    """The names of all answers that the steps of a contract want."""
    for step in (each for steps in contract.runbook.values() for each in steps):
        if step.kind in QUESTIONS:
            yield from wanted(step)


def _advice(error: TimeError) -> str:
    return "write year, month and day of a date that exists" if "no date" in str(error) else ""


_NAMES_OF_ACTS: Final = (
    ("person", "by"),
    ("action", "action"),
    ("person", "to"),
    ("person", "who"),
    ("person", "instead_of"),
    ("rotation", "rotation"),
    ("exception class", "exception_class"),
    ("resolution code", "code"),
    ("reason to refuse", "refused"),
)
_LISTS_OF_EXPECTATIONS: Final = (
    ("person", "notified"),
    ("person", "asked"),
    ("room", "rooms"),
    ("channel", "channels"),
    ("reason", "recorded"),
    ("exception class", "exceptions"),
    ("action", "standing"),
)
