"""References between policies: everything that names something else must name what exists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from runner.contract import policies as pol
from runner.contract.diagnostic import Diagnostic, nearest
from runner.contract.documents import POLICY_KINDS, Document, Documents, Path, document_finding
from runner.contract.values import OwnerRef
from runner.zones import zone_names

__all__ = ["References", "interval"]

Model = TypeVar("Model")


class References:
    """Looks names up in the policies and collects what does not exist."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.findings: list[Diagnostic] = []
        people = documents.policy(pol.People)
        rotations = documents.policy(pol.Rotations)
        self.fields = documents.policy(pol.Fields)
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
        }
        self._source = {
            "person": "People", "team": "People", "role": "People", "rotation": "Rotations", "calendar": "Calendars",
            "exception class": "ExceptionClasses", "checklist item": "Checklists", "evidence kind": "EvidenceKinds",
            "resolution code": "ResolutionCodes", "channel": "Channels", "room": "Channels", "ticket field": "Fields",
        }  # fmt: skip

    def known(self, sort: str, name: str, document: Document, path: Path) -> bool:
        """Whether `name` exists; notes a finding if it does not, unless the policy that would say so is unreadable."""
        if name in self.names[sort]:
            return True
        if self.documents.one(self._source[sort]) is None:
            return False
        near = nearest(name, self.names[sort])
        hint = f"did you mean `{near}`? " if near else ""
        known = ", ".join(sorted(self.names[sort])) or "none are declared"
        self.wrong(document, "SUR201", path, f"there is no {sort} `{name}`", f"{hint}known: {known}")
        return False

    def owner(self, ref: OwnerRef, document: Document, path: Path) -> bool:
        """Whether an owner reference means somebody."""
        return self.known(ref.sort, ref.name, document, (*path, ref.sort))

    def zone(self, name: str, document: Document, path: Path) -> None:
        """A zone of the time zone database."""
        if name not in zone_names():
            near = nearest(name, zone_names())
            hint = f"did you mean `{near}`?" if near else "use a name such as Europe/Berlin"
            self.wrong(document, "SUR202", path, f"there is no time zone `{name}`", hint)

    def day(self, text: str, document: Document, path: Path, *, key: bool = False) -> None:
        """A date that exists."""
        try:
            date.fromisoformat(text)
        except ValueError:
            finding = document_finding(
                document, "SUR203", path, f"there is no date {text}", "write 2026-03-03", key=key
            )
            self.findings.append(finding)

    def wrong(self, document: Document, code: str, path: Path, message: str, help_text: str = "") -> None:
        """Note a finding."""
        self.findings.append(document_finding(document, code, path, message, help_text))

    def check_policies(self) -> None:
        """Every reference of every policy."""
        checks = {
            "People": self._people,
            "Rotations": self._rotations,
            "Calendars": self._calendars,
            "Fields": self._fields,
            "ExceptionClasses": self._exceptions,
            "EvidenceKinds": self._evidence,
            "Limits": self._limits,
            "Channels": self._channels,
            "Governance": self._governance,
        }
        for kind in POLICY_KINDS:
            document = self.documents.one(kind)
            if document is not None and kind in checks:
                checks[kind](document)

    def _people(self, document: Document) -> None:
        people = _as(document, pol.People)
        for name, person in people.people.items():
            self.zone(person.zone, document, ("people", name, "zone"))
            for channel in person.contacts:
                self.known("channel", channel, document, ("people", name, "contacts", channel))
        for name, team in people.teams.items():
            self._each("person", team.members, document, ("teams", name, "members"))

    def _rotations(self, document: Document) -> None:
        rotations = _as(document, pol.Rotations)
        for name, rotation in rotations.rotations.items():
            self._each("person", rotation.members, document, ("rotations", name, "members"))
            self.zone(rotation.zone, document, ("rotations", name, "zone"))
            self.day(rotation.starts, document, ("rotations", name, "starts"))
        for index, absence in enumerate(rotations.absences):
            self.known("person", absence.person, document, ("absences", index, "person"))

    def _calendars(self, document: Document) -> None:
        calendars = _as(document, pol.Calendars)
        self.day(calendars.horizon, document, ("horizon",))
        for name, calendar in calendars.calendars.items():
            here = ("calendars", name)
            self.zone(calendar.zone, document, (*here, "zone"))
            for day in calendar.closed:
                self.day(day, document, (*here, "closed", day), key=True)
            for weekday, intervals in calendar.hours.items():
                self._hours(intervals, document, (*here, "hours", weekday))

    def _hours(self, intervals: Iterable[str], document: Document, path: Path) -> None:
        end = -1
        for index, text in enumerate(intervals):
            opens, closes = interval(text)
            if not end <= opens < closes <= 1440:  # noqa: PLR2004 - minutes of a day
                message = f"`{text}` is not an open interval after the one before"
                self.wrong(document, "SUR104", (*path, index), message, "write them in order: 09:00-12:00, 13:00-24:00")
            end = closes

    def _fields(self, document: Document) -> None:
        fields = _as(document, pol.Fields)
        wanted = {
            ("lifecycle", "field"): (fields.lifecycle.field, "choice"),
            ("record", "state"): (fields.record.state, "text"),
            ("record", "owner"): (fields.record.owner, "person"),
            ("record", "accepted_at"): (fields.record.accepted_at, "instant"),
            ("priority",): (fields.priority, "choice"),
        }
        for path, (name, sort) in wanted.items():
            if self.known("ticket field", name, document, path) and fields.fields[name].type != sort:
                message = f"`{name}` is a {fields.fields[name].type}; a {sort} is needed here"
                self.wrong(document, "SUR209", path, message, "name another field, or change its type")
        status = fields.fields.get(fields.lifecycle.field)
        for path, value in (
            *((("lifecycle", "done", i), value) for i, value in enumerate(fields.lifecycle.done)),
            (("lifecycle", "reopen_to"), fields.lifecycle.reopen_to),
        ):
            if status is not None and value not in status.values:
                message = f"`{value}` is not a value of `{fields.lifecycle.field}`"
                self.wrong(document, "SUR209", path, message, f"values: {', '.join(status.values)}")

    def _exceptions(self, document: Document) -> None:
        for name, each in _as(document, pol.ExceptionClasses).classes.items():
            self.owner(each.owner, document, ("classes", name, "owner"))
            self.box(each.within, document, ("classes", name, "within"))

    def box(self, box: object, document: Document, path: Path) -> None:
        """A box of time: its calendar exists, and business time is not counted in days."""
        calendar, seconds = getattr(box, "calendar", None), getattr(box, "time", 0)
        if calendar is None:
            return
        self.known("calendar", calendar, document, (*path, "calendar"))
        if seconds and seconds % 86400 == 0 and str(_plain(document, (*path, "time"))).endswith("d"):
            message = "a day of business time is not 24 hours"
            self.wrong(
                document,
                "SUR305",
                (*path, "time"),
                message,
                "count business time in hours, for example 8h for a working day",
            )

    def _evidence(self, document: Document) -> None:
        for name, each in _as(document, pol.EvidenceKinds).evidence.items():
            if each.field is not None:
                self.known("ticket field", each.field, document, ("evidence", name, "field"))

    def _limits(self, document: Document) -> None:
        limits = _as(document, pol.Limits)
        if self.fields is None or self.fields.priority not in self.fields.fields:
            return
        values = self.fields.fields[self.fields.priority].values
        for value in limits.accept_within:
            if value not in values:
                message = f"`{value}` is not a value of `{self.fields.priority}`"
                self.wrong(document, "SUR209", ("accept_within", value), message, f"values: {', '.join(values)}")
        for value in values:
            if value not in limits.accept_within:
                message = f"there is no acceptance limit for the priority `{value}`"
                self.wrong(document, "SUR102", ("accept_within",), message, f"add {value}: 4h")

    def _channels(self, document: Document) -> None:
        for name, room in _as(document, pol.Channels).rooms.items():
            self.known("channel", room.channel, document, ("rooms", name, "channel"))

    def _governance(self, document: Document) -> None:
        governance = _as(document, pol.Governance)
        self._each("person", governance.gatekeepers, document, ("gatekeepers",))
        self.known("person", governance.audit_authority, document, ("audit_authority",))
        self.known("person", governance.last_resort, document, ("last_resort",))
        self._each("role", governance.override_jobs, document, ("override_jobs",))

    def _each(self, sort: str, names: Iterable[str], document: Document, path: Path) -> None:
        for index, name in enumerate(names):
            self.known(sort, name, document, (*path, index))


def _as(document: Document, kind: type[Model]) -> Model:
    if not isinstance(document.model, kind):
        raise TypeError(document.kind)
    return document.model


def _keys(model: object, attribute: str) -> frozenset[str]:
    return frozenset(getattr(model, attribute)) if model is not None else frozenset()


def _plain(document: Document, path: Path) -> object:
    value: object = document.plain
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def interval(text: str) -> tuple[int, int]:
    """Minutes of the day at which `09:00-17:30` opens and closes."""
    opens, closes = text.split("-")
    return _minutes(opens), _minutes(closes)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
