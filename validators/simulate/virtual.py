"""The virtual world: tickets in memory, and people who are told. All happens at once, or fails on purpose.

It stands where the helpdesk and the channels stand in the service, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.contract.contract import Contract, StepOf
from runner.contract.load import Policies
from runner.contract.text import TextError, message_context, render
from runner.engine.briefing import briefing
from runner.engine.commands import Args, Deliver, FailDelivery, FailRecord, FailStep, SucceedStep, WriteRecord
from runner.engine.effects import Effect
from runner.engine.observation import Reading
from runner.engine.state import State

__all__ = ["Message", "VirtualTicket", "VirtualWorld"]


@dataclass(slots=True)
class VirtualTicket:
    """A ticket; `version` rises with every change, `gone` when it was deleted."""

    key: str
    created_at: datetime
    updated_at: datetime
    fields: dict[str, object]
    version: int = 1
    gone: bool = False
    notes: list[str] = field(default_factory=list)
    merged_into: str | None = None

    def write(self, fields: Mapping[str, object], now: datetime) -> bool:
        """Set fields; None takes a value away. False if nothing changed."""
        changed = {name: value for name, value in fields.items() if self.fields.get(name) != value}
        if not changed:
            return False
        self.fields |= changed
        self.version += 1
        self.updated_at = now
        return True

    def reading(self) -> Reading | None:
        """The ticket as it reads now; None when it is gone."""
        if self.gone:
            return None
        return Reading(self.key, str(self.version), self.created_at, self.updated_at, dict(self.fields), self.merged_into)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was taken: by a person, or by a room when `person` is None."""

    at: datetime
    ticket: str
    person: str | None
    room: str | None
    channel: str
    text: str


class VirtualWorld:
    """Tickets by key, messages taken, and what is broken now: `silent` people, kinds of step that fail or hang."""

    def __init__(self, policies: Policies) -> None:
        self._people = policies.people.people
        self._rooms = policies.channels.rooms
        self._fields = policies.fields.fields
        self._assignee = policies.fields.assignee or "assignee"
        self.names = {person: each.name for person, each in self._people.items()}
        self.tickets: dict[str, VirtualTicket] = {}
        self.messages: list[Message] = []
        self.silent: set[str] = set()
        self.kinds_that_fail: frozenset[str] = frozenset()
        self.kinds_that_hang: frozenset[str] = frozenset()
        self.unrendered: dict[str, tuple[datetime, str]] = {}
        """By rule, when a step's text could first not be rendered, and why."""

    def perform(
        self, contract: Contract, state: State, effect: Effect, now: datetime
    ) -> tuple[Args | None, str | None]:
        """Do it: what brings the result back (None: nothing is heard), and the key of a ticket that changed."""
        payload: dict[str, Any] = effect.payload
        match effect.kind:
            case "message":
                return self._deliver(state.ticket, payload, now), None
            case "step":
                return self._step(contract, state, payload, now)
            case "comment":
                return self._comment(state.ticket, payload), None
            case _:
                return self._write(state.ticket, payload, now)

    def _deliver(self, ticket: str, payload: dict[str, Any], now: datetime) -> Args:
        person, delivery = payload["to"], payload["delivery"]
        channel = self._channel(person, ())
        if channel is None:
            return FailDelivery(delivery=delivery, why="no channel took it")
        self.messages.append(Message(now, ticket, person, None, channel, payload["about"]))
        return Deliver(delivery=delivery, channel=channel)

    def _comment(self, key: str, payload: dict[str, Any]) -> Args:
        ticket = self.tickets[key]
        if ticket.gone:
            return FailRecord(write=payload["write"], why="the ticket is gone")
        ticket.notes.append(f"{self.names.get(payload['person'], payload['person'])} asks for what is missing.")
        return WriteRecord(write=payload["write"])

    def _channel(self, person: str, via: tuple[str, ...]) -> str | None:
        """The channel that takes a message: the first of `via`, else of the person's own, that has an address."""
        if person in self.silent or person not in self._people:
            return None
        contacts = self._people[person].contacts
        return next((channel for channel in via or contacts if channel in contacts), None)

    def _write(self, key: str, payload: dict[str, Any], now: datetime) -> tuple[Args, str | None]:
        ticket = self.tickets[key]
        if ticket.gone:
            return FailRecord(write=payload["write"], why="the ticket is gone"), None
        changed = ticket.write(payload["fields"], now)
        return WriteRecord(write=payload["write"]), key if changed else None

    def _step(
        self, contract: Contract, state: State, payload: dict[str, Any], now: datetime
    ) -> tuple[Args | None, str | None]:
        step = contract.runbook[payload["point"]][payload["step"]]
        place = {name: payload[name] for name in ("run", "step", "attempt")}
        if step.kind in self.kinds_that_hang:
            return None, None
        why = "the ticket is gone" if self.tickets[state.ticket].gone else "the scenario says so"
        if self.tickets[state.ticket].gone or step.kind in self.kinds_that_fail:
            return FailStep(**place, why=why), None
        try:
            result, changed = self._do(step, self._context(contract, state, payload), state.ticket, payload, now)
        except TextError as error:
            self.unrendered.setdefault(payload["rule"], (now, str(error)))
            return FailStep(**place, why=str(error)[:256]), None
        except _StepFailed as error:
            return FailStep(**place, why=str(error)), None
        return SucceedStep(**place, result=result), changed

    def _context(self, contract: Contract, state: State, payload: dict[str, Any]) -> dict[str, object]:
        fields = {**self.tickets[state.ticket].fields, "id": state.ticket, "url": f"https://helpdesk/{state.ticket}"}
        return message_context(ticket=fields, **briefing(contract, state.escalation, payload, self.names))

    def _do(
        self, step: StepOf, context: dict[str, object], key: str, payload: dict[str, Any], now: datetime
    ) -> tuple[dict[str, str | int | float | bool | None], str | None]:
        """A step's result and the key of the ticket that it changed or made."""
        args: dict[str, Any] = step.args
        match step.kind:
            case "notify" | "page":
                self._notify(step, render(args["message"], context), key, payload["who"], now)
                return {}, None
            case "create_ticket":
                fields = {"subject": args["subject"], "description": args["body"], **args["fields"]}
                fields = _filled(fields, context) | ({self._assignee: payload["who"]} if payload["who"] else {})
                made = self._create(f"{key}-{payload['point'].replace(':', '-')}", fields, now)
                return {"ticket": made} | ({"assignee": payload["who"]} if payload["who"] else {}), made
            case "assign":
                return self._set(key, {args["field"]: payload["who"]}, now)
            case _:
                ticket = self.tickets[key]
                if step.kind == "note":
                    ticket.notes.append(render(args["text"], context))
                    return {}, None
                return self._set(key, _filled(args["fields"], context), now)

    def _set(
        self, key: str, fields: dict[str, Any], now: datetime
    ) -> tuple[dict[str, str | int | float | bool | None], str | None]:
        """Write fields; the result says what was written, as the service does."""
        changed = key if self.tickets[key].write(fields, now) else None
        public = {name for name, declared in self._fields.items() if not declared.personal}
        return {f"field.{name}": value for name, value in fields.items() if name in public}, changed

    def _notify(self, step: StepOf, text: str, ticket: str, who: str, now: datetime) -> None:
        if step.room is not None:
            self.messages.append(Message(now, ticket, None, step.room, self._rooms[step.room].channel, text))
            return
        every = tuple(self._people[who].contacts) if step.kind == "page" and who in self._people else ()
        channel = self._channel(who, (*step.via, *every))
        if channel is None:
            raise _StepFailed(f"no channel took the message to {who}")
        self.messages.append(Message(now, ticket, who, None, channel, text))

    def _create(self, base: str, fields: dict[str, object], now: datetime) -> str:
        key, number = base, 1
        while key in self.tickets:
            number += 1
            key = f"{base}-{number}"
        self.tickets[key] = VirtualTicket(key, now, now, fields)
        return key


class _StepFailed(Exception):
    """The world could not do a step."""


def _filled(fields: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
    return {name: render(value, context) if isinstance(value, str) else value for name, value in fields.items()}
