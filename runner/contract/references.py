"""References between policies: everything that names something else must name what exists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from runner.contract import policies as pol
from runner.contract.calendar_references import check_calendars
from runner.contract.compile_calendar import compile_calendar
from runner.contract.condition_reader import BUILTIN_FIELDS
from runner.contract.contract import CalendarOf
from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import OPTIONAL_KINDS, POLICY_KINDS, Document, Documents, Path, document_finding
from runner.contract.governance_references import check_actions, check_amount, check_governance
from runner.contract.misfit import did_you_mean, shown
from runner.contract.roster_references import check_absences, check_people, check_rotations
from runner.contract.values import Box, OwnerRef
from runner.zones import zone_names

__all__ = ["References"]

_WORDS_OF_CONDITIONS = ("all", "any", "not")


class References:
    """Looks names up in the policies and collects what does not exist."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.findings: list[Diagnostic] = []
        people = documents.policy(pol.People)
        rotations = documents.policy(pol.Rotations)
        self.fields = documents.policy(pol.Fields)
        declared = documents.policy(pol.Actions)
        self.actions: Mapping[str, pol.NamedAction] = declared.actions if declared else {}
        self.names: dict[str, frozenset[str]] = {
            "person": frozenset(people.people if people else ()),
            "team": frozenset(people.teams if people else ()),
            "role": frozenset(job for person in (people.people.values() if people else ()) for job in person.jobs),
            "rotation": frozenset(rotations.rotations if rotations else ()),
            "calendar": _keys(documents.policy(pol.Calendars), "calendars"),
            "exception class": _keys(documents.policy(pol.ExceptionClasses), "classes"),
            "checklist item": _keys(documents.policy(pol.Checklists), "items"),
            "evidence kind": _keys(documents.policy(pol.EvidenceKinds), "evidence"),
            "resolution code": _keys(documents.policy(pol.ResolutionCodes), "codes"),
            "channel": _keys(documents.policy(pol.Channels), "channels"),
            "room": _keys(documents.policy(pol.Channels), "rooms"),
            "ticket field": frozenset(self.fields.fields if self.fields else ()),
            "action": frozenset(self.actions),
        }
        self._calendars: dict[str, CalendarOf] = {}
        self._source = {
            "person": "People", "team": "People", "role": "People", "rotation": "Rotations", "calendar": "Calendars",
            "exception class": "ExceptionClasses", "checklist item": "Checklists", "evidence kind": "EvidenceKinds",
            "resolution code": "ResolutionCodes", "channel": "Channels", "room": "Channels", "ticket field": "Fields",
            "action": "Actions",
        }  # fmt: skip

    def calendar(self, name: str) -> CalendarOf:
        """The closed form of a calendar that exists, made once for all who use it."""
        if name not in self._calendars:
            self._calendars[name] = compile_calendar(self.documents.needed(pol.Calendars), name)
        return self._calendars[name]

    def known(self, sort: str, name: str, document: Document, path: Path, *, key: bool = False) -> bool:
        """Whether `name` exists; notes a finding if it does not, unless the policy that would say so is unreadable.

        With `key` the name is a key of the document.
        """
        if name in self.names[sort]:
            return True
        source, documents = self._source[sort], self.documents
        left_out = source in OPTIONAL_KINDS and not documents.all(source) and source not in documents.broken
        if documents.one(source) is None and not left_out:
            return False  # missing, broken or there twice: that is the finding
        known = ", ".join(sorted(self.names[sort])) or f"none; declare it in the {self._source[sort]} policy"
        help_text = f"{did_you_mean(name, self.names[sort])}known: {known}"
        self.wrong(document, "SUR201", path, f"there is no {sort} `{name}`", help_text, key=key)
        return False

    def owner(self, ref: OwnerRef, document: Document, path: Path) -> bool:
        """Whether an owner reference means somebody."""
        return self.known(ref.sort, ref.name, document, (*path, ref.sort))

    def zone(self, name: str, document: Document, path: Path) -> None:
        """A zone of the time zone database."""
        if name not in zone_names():
            hint = did_you_mean(name, zone_names())
            message = f"there is no time zone `{name}`"
            self.wrong(document, "SUR202", path, message, f"{hint}write a region and a city, as in Europe/Berlin")

    def day(self, text: str, document: Document, path: Path, *, key: bool = False) -> None:
        """A date that exists."""
        try:
            date.fromisoformat(text)
        except ValueError:
            help_text = "write year, month and day of a date that exists"
            self.wrong(document, "SUR203", path, f"the calendar has no {text}", help_text, key=key)

    def wrong(
        self, document: Document, code: str, path: Path, message: str, help_text: str, *, key: bool = False
    ) -> None:
        """Note a finding at a value, or with `key` at its key."""
        self.findings.append(document_finding(document, code, path, message, help_text, key=key))

    def check_policies(self) -> None:
        """Every reference of every policy."""
        checks: dict[str, Callable[[Document], None]] = {
            "People": partial(check_people, self),
            "Rotations": partial(check_rotations, self),
            "Absences": partial(check_absences, self),
            "Calendars": partial(check_calendars, self),
            "Fields": self._fields,
            "ExceptionClasses": self._exceptions,
            "EvidenceKinds": self._evidence,
            "Limits": self._limits,
            "Channels": self._channels,
            "Governance": partial(check_governance, self),
            "Actions": partial(check_actions, self),
        }
        for kind in POLICY_KINDS:
            document = self.documents.one(kind)
            if document is not None and kind in checks:
                checks[kind](document)

    def _fields(self, document: Document) -> None:
        fields = document.read_as(pol.Fields)
        for name in fields.fields:
            if name in _WORDS_OF_CONDITIONS:
                message = f"`{name}` is a word of conditions and cannot name a field"
                self.wrong(document, "SUR209", ("fields", name), message, "choose another name", key=True)
            elif name in BUILTIN_FIELDS:
                message = f"every ticket has `{name}`, whose type is given"
                self.wrong(document, "SUR209", ("fields", name), message, "remove it here", key=True)
            self._values_there(name, fields.fields[name], document)
        wanted: dict[Path, tuple[str, str]] = {
            ("lifecycle", "field"): (fields.lifecycle.field, "choice"),
            ("record", "state"): (fields.record.state, "text"),
            ("record", "owner"): (fields.record.owner, "person"),
            ("record", "accepted_at"): (fields.record.accepted_at, "instant"),
            ("priority",): (fields.priority, "choice"),
        }
        if fields.account is not None:
            self.known("ticket field", fields.account, document, ("account",))
        if fields.tier is not None:
            wanted[("tier",)] = (fields.tier, "choice")
        if fields.assignee is not None:
            wanted[("assignee",)] = (fields.assignee, "person")
            if fields.assignee == fields.record.owner:
                message = f"`{fields.assignee}` shows who is accountable, and only the runner writes it"
                self.wrong(
                    document, "SUR209", ("assignee",), message, "name the helpdesk's own field for who works on it"
                )
        for path, (name, sort) in wanted.items():
            if self.known("ticket field", name, document, path) and fields.fields[name].type != sort:
                message = f"`{name}` is {_a(fields.fields[name].type)}; {_a(sort)} is needed here"
                self.wrong(document, "SUR209", path, message, "name another field, or change its type above")
        status = fields.fields.get(fields.lifecycle.field)
        for path, value in (
            *((("lifecycle", "done", i), value) for i, value in enumerate(fields.lifecycle.done)),
            (("lifecycle", "reopen_to"), fields.lifecycle.reopen_to),
        ):
            if status is not None and status.values and value not in status.values:
                message = f"`{value}` is not a value of `{fields.lifecycle.field}`"
                help_text = f"{did_you_mean(value, status.values)}values: {', '.join(status.values)}"
                self.wrong(document, "SUR209", path, message, help_text)
        if fields.lifecycle.reopen_to in fields.lifecycle.done:
            message = f"`{fields.lifecycle.reopen_to}` counts as done, so writing it would not reopen a ticket"
            self.wrong(document, "SUR209", ("lifecycle", "reopen_to"), message, "name a value that is not in `done`")

    def _values_there(self, name: str, field: pol.TicketField, document: Document) -> None:
        """A helpdesk's values stand for values that the field has."""
        for helpdesk, there in field.helpdesk.items():
            for value in there.values:
                if value not in field.values:
                    hint = did_you_mean(value, field.values)
                    known = ", ".join(field.values) or f"none: only a choice has them, and `{name}` is {_a(field.type)}"
                    path = ("fields", name, "helpdesk", helpdesk, "values", value)
                    message = f"{shown(value)} is not a value of `{name}`"
                    self.wrong(document, "SUR209", path, message, f"{hint}values: {known}", key=True)

    def _exceptions(self, document: Document) -> None:
        for name, each in document.read_as(pol.ExceptionClasses).classes.items():
            self.owner(each.owner, document, ("classes", name, "owner"))
            self.box(each.within, document, ("classes", name, "within"))

    def box(self, box: Box, document: Document, path: Path) -> None:
        """A box of time: its calendar exists, and business time is not counted in days."""
        if box.calendar is None:
            return
        self.known("calendar", box.calendar, document, (*path, "calendar"))
        here = (*path, "time")
        written = str(_value_at(document.plain, here))
        if written.endswith("d"):
            message = f"`{written}` counts {box.time // 3600} open hours of `{box.calendar}`, not working days"
            help_text = "write hours, for example 16h for two days of eight hours"
            self.wrong(document, "SUR305", here, message, help_text)

    def _evidence(self, document: Document) -> None:
        for name, each in document.read_as(pol.EvidenceKinds).evidence.items():
            if each.field is not None:
                self.known("ticket field", each.field, document, ("evidence", name, "field"))

    def _limits(self, document: Document) -> None:
        limits = document.read_as(pol.Limits)
        for field in limits.approval_above:
            check_amount(self, field, document, ("approval_above", field), key=True)
        if self.fields is None or self.fields.priority not in self.fields.fields:
            return
        values = self.fields.fields[self.fields.priority].values
        if not values:
            return
        for value in limits.accept_within:
            if value not in values:
                message = f"`{value}` is not a value of `{self.fields.priority}`"
                help_text = f"{did_you_mean(value, values)}values: {', '.join(values)}"
                self.wrong(document, "SUR209", ("accept_within", value), message, help_text, key=True)
        for value in values:
            if value not in limits.accept_within:
                message = f"there is no acceptance limit for the priority `{value}`"
                help_text = f"add {value}: 4h, or what you think right"
                self.wrong(document, "SUR102", ("accept_within",), message, help_text, key=True)

    def _channels(self, document: Document) -> None:
        for name, room in document.read_as(pol.Channels).rooms.items():
            self.known("channel", room.channel, document, ("rooms", name, "channel"))

    def each(self, sort: str, names: Iterable[str], document: Document, path: Path) -> None:
        """`known` for each name of a list."""
        for index, name in enumerate(names):
            self.known(sort, name, document, (*path, index))


def _keys(model: object, attribute: str) -> frozenset[str]:
    return frozenset(getattr(model, attribute)) if model is not None else frozenset()


def _value_at(value: Any, path: Path) -> object:  # noqa: ANN401 - plain data
    """The value at a path that exists."""
    for part in path:
        value = value[part]
    return value


def _a(sort: str) -> str:
    return f"an {sort}" if sort.startswith(("i", "o")) else f"a {sort}"
