"""Between our field names and values and the helpdesk's, and between people's ids and their user names there."""

from __future__ import annotations

from collections.abc import Mapping

from runner.contract.policies import Fields, People
from runner.engine.observation import Reading
from runner.helpdesk.port import FieldValue, Gone, Ticket

__all__ = ["FieldMap"]


class FieldMap:
    """The mapping of one epoch for one helpdesk."""

    def __init__(self, fields: Fields, people: People, helpdesk: str) -> None:
        self.fields = fields
        there = {name: field.helpdesk.get(helpdesk) for name, field in fields.fields.items()}
        self._theirs = {name: name if each is None else each.field for name, each in there.items()}
        self._to_them = {name: each.values for name, each in there.items() if each is not None and each.values}
        self._to_us = {name: {theirs: ours for ours, theirs in each.items()} for name, each in self._to_them.items()}
        self._persons = frozenset(name for name, field in fields.fields.items() if field.type == "person")
        self._user = {name: person.helpdesk.get(helpdesk, name) for name, person in people.people.items()}
        self._person = {user: name for name, user in self._user.items()}

    @property
    def assignee(self) -> str:
        """The field that says who works on a ticket; helpdesks call it so where nothing else is declared."""
        return self.fields.assignee or "assignee"

    def reading(self, ticket: Ticket) -> Reading:
        """A ticket under our names."""
        fields: dict[str, object] = {}
        for name, theirs in self._theirs.items():
            value = ticket.fields.get(theirs)
            if name in self._persons and isinstance(value, str):
                value = self._person.get(value, value)
            elif name in self._to_us and isinstance(value, str):
                value = self._to_us[name].get(value, value)
            if value is not None:
                fields[name] = value
        return Reading(ticket.ref, ticket.version, ticket.created_at, ticket.updated_at, fields, ticket.merged_into)

    def theirs(self, fields: Mapping[str, object]) -> dict[str, FieldValue]:
        """Our values under the helpdesk's names."""
        mapped: dict[str, FieldValue] = {}
        for name, value in fields.items():
            if name in self._persons and isinstance(value, str):
                value = self._user.get(value, value)  # noqa: PLW2901 - the mapped value
            elif name in self._to_them and isinstance(value, str):
                value = self._to_them[name].get(value, value)  # noqa: PLW2901 - as above
            if value is None or isinstance(value, str | int | float | bool):
                mapped[self._theirs.get(name, name)] = value
        return mapped

    def done(self, ticket: Ticket) -> bool:
        """Whether the helpdesk says that a ticket is done."""
        field = self.fields.lifecycle.field
        status = ticket.fields.get(self._theirs[field])
        ours = self._to_us.get(field, {}).get(status, status) if isinstance(status, str) else status
        return ours in self.fields.lifecycle.done

    def open_task(self, task: Ticket | Gone) -> bool:
        """Whether a task ticket still keeps its escalation from closing; one that was deleted proves nothing."""
        return isinstance(task, Gone) or not self.done(task)
