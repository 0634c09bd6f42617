"""The virtual world: tickets in memory, and people who are told. All happens at once, or fails on purpose.

It stands where the helpdesk and the channels stand in the service, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runner.contract.contract import Contract, StepOf
from runner.contract.filled import filled_fields
from runner.contract.load import Policies
from runner.contract.policies import TicketField
from runner.contract.text import TextError, is_liquid, message_context, render
from runner.contract.values import format_instant
from runner.engine.briefing import briefing, whose_time, with_texts
from runner.engine.choosing import chosen
from runner.engine.commands import (
    Args,
    Deliver,
    FailDelivery,
    FailRecord,
    FailStep,
    FailUndo,
    SucceedStep,
    SucceedUndo,
    WriteRecord,
)
from runner.engine.conditions import Facts
from runner.engine.effects import Effect
from runner.engine.events import made
from runner.engine.observation import Reading
from runner.engine.open_time import open_hours
from runner.engine.state import State
from runner.engine.wait_steps import HOLDS, holds
from runner.zones import zone
from validators.simulate.virtual_actions import Result, Unconfirmed, VirtualActions

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

    def copy(self) -> VirtualTicket:
        """Another one that is as this one is now."""
        return replace(self, fields=dict(self.fields), notes=list(self.notes))

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
        fields, version = dict(self.fields), str(self.version)
        return Reading(self.key, version, self.created_at, self.updated_at, fields, self.merged_into)


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
        self.actions = VirtualActions(policies.actions)
        self.texts: dict[str, str] = {}
        """What people answered in words, by the digest that stands for it."""
        self.facts_of: Callable[[str, datetime], Facts] = self._bare
        """A ticket as conditions know it; by its values alone until somebody keeps what was seen before."""
        self.unrendered: dict[str, tuple[datetime, str]] = {}
        """By rule, when a step's text could first not be rendered, and why."""

    def copy(self) -> VirtualWorld:
        """Another one that is as this one is now; its `facts_of` is still that of this one."""
        other = copy(self)
        other.tickets = {key: each.copy() for key, each in self.tickets.items()}
        other.messages, other.silent = list(self.messages), set(self.silent)
        other.texts, other.unrendered = dict(self.texts), dict(self.unrendered)
        other.actions = copy(self.actions)
        other.actions.done = list(self.actions.done)
        return other

    def perform(
        self, contract: Contract, state: State, effect: Effect, now: datetime
    ) -> tuple[Args | None, str | None]:
        """Do it: what brings the result back (None: nothing is heard), and the key of a ticket that changed."""
        payload: dict[str, Any] = effect.payload
        match effect.kind:
            case "message":
                return self._deliver(contract, state, payload, now), None
            case "step":
                return self._step(contract, state, payload, now)
            case "link":
                return self._link(state.ticket, payload), None
            case "comment":
                return self._comment(state.ticket, payload), None
            case "undo":
                return self._undo(state.ticket, payload, now)
            case _:
                return self._write(state.ticket, payload, now)

    def _bare(self, key: str, now: datetime) -> Facts:
        return Facts({}, dict(self.tickets[key].fields), {}, now)  # type: ignore[arg-type] # values as tickets have them

    def _deliver(self, contract: Contract, state: State, payload: dict[str, Any], now: datetime) -> Args:
        person, delivery = payload["to"], payload["delivery"]
        if "question" in payload:
            self._question(contract, state, payload, now)
        channel = self._channel(person, ())
        if channel is None:
            return made(FailDelivery, delivery=delivery, why="no channel took it")
        self.messages.append(Message(now, state.ticket, person, None, channel, payload["about"]))
        return made(Deliver, delivery=delivery, channel=channel)

    def _question(self, contract: Contract, state: State, payload: dict[str, Any], now: datetime) -> None:
        """Whether the words of a question can be filled in; it is asked all the same, as they are written."""
        asked = payload["question"]
        step = contract.runbook[asked["point"]][asked["step"]]
        told = self._told(contract, state, asked)
        try:
            for key in ("question", "guidance"):
                told.rendered(str(step.args.get(key) or ""))
        except TextError as error:
            self.unrendered.setdefault(step.rule, (now, str(error)))

    def _comment(self, key: str, payload: dict[str, Any]) -> Args:
        ticket = self.tickets[key]
        if ticket.gone:
            return made(FailRecord, write=payload["write"], why="the ticket is gone")
        ticket.notes.append(f"{self.names.get(payload['person'], payload['person'])} asks for what is missing.")
        return made(WriteRecord, write=payload["write"])

    def _channel(self, person: str, via: tuple[str, ...]) -> str | None:
        """The channel that takes a message: the first of `via`, else of the person's own, that has an address."""
        if person in self.silent or person not in self._people:
            return None
        contacts = self._people[person].contacts
        return next((channel for channel in via or contacts if channel in contacts), None)

    def _undo(self, key: str, payload: dict[str, Any], now: datetime) -> tuple[Args | None, str | None]:
        place = {name: payload[name] for name in ("rollback", "run", "step", "attempt")}
        values, ticket = payload["values"], self.tickets[key]
        if payload["undo"] == "action":
            name = str(payload["action"])
            if name in self.actions.hanging:
                return None, None
            if name in self.actions.failing:
                return made(FailUndo, **place, why="the scenario says so"), None
            self.actions.take_back(name, values)
            return made(SucceedUndo, **place), None
        before = {name.removeprefix("was."): value for name, value in values.items() if name.startswith("was.")}
        if ticket.gone:
            return made(FailUndo, **place, why="the ticket is gone"), None
        held = {name: ticket.fields.get(name) for name in before}
        left = tuple(n for n, old in before.items() if held[n] not in (old, values.get(f"field.{n}", held[n])))
        changed = ticket.write({name: old for name, old in before.items() if name not in left}, now)
        return made(SucceedUndo, **place, left=left), key if changed else None

    def _link(self, key: str, payload: dict[str, Any]) -> Args:
        """Say on both tickets that they have the same cause."""
        other = payload["ticket"]
        for ticket, text in ((key, f"Linked ticket: {other}"), (other, f"The same cause as {key}")):
            self.tickets[ticket].notes.append(text)
        return made(WriteRecord, write=payload["write"])

    def _write(self, key: str, payload: dict[str, Any], now: datetime) -> tuple[Args, str | None]:
        ticket = self.tickets[key]
        if ticket.gone:
            return made(FailRecord, write=payload["write"], why="the ticket is gone"), None
        changed = ticket.write(payload["fields"], now)
        return made(WriteRecord, write=payload["write"]), key if changed else None

    def _step(
        self, contract: Contract, state: State, payload: dict[str, Any], now: datetime
    ) -> tuple[Args | None, str | None]:
        step = contract.runbook[payload["point"]][payload["step"]]
        place = {name: payload[name] for name in ("run", "step", "attempt")}
        if step.kind in self.kinds_that_hang or self.actions.named(step) in self.actions.hanging:
            return None, None
        if step.kind == "wait" and step.kind not in self.kinds_that_fail:
            gone = self.tickets[state.ticket].gone
            so = not gone and holds(step, self.facts_of(state.ticket, now))
            return made(SucceedStep, **place, result={HOLDS: so}), None
        why = "the ticket is gone" if self.tickets[state.ticket].gone else "the scenario says so"
        failing = step.kind in self.kinds_that_fail or self.actions.named(step) in self.actions.failing
        if self.tickets[state.ticket].gone or failing:
            return made(FailStep, **place, why=why), None
        if step.kind == "choose":
            facts, hours = self.facts_of(state.ticket, now), open_hours(contract.calendars, zone)
            branch = chosen(step, payload["results"], facts, hours)
            return made(SucceedStep, **place, result={"branch": branch}), None
        try:
            result, changed = self._do(step, self._told(contract, state, payload), state.ticket, payload, now)
        except TextError as error:
            self.unrendered.setdefault(payload["rule"], (now, str(error)))
            return made(FailStep, **place, why=str(error)[:256]), None
        except Unconfirmed as error:
            return made(FailStep, **place, why=str(error), unknown=True), None
        except _StepFailed as error:
            return made(FailStep, **place, why=str(error)), None
        if step.kind == "action":  # what a scenario has it answer is for the record to judge
            return SucceedStep(**place, result=result), changed
        return made(SucceedStep, **place, result=result), changed

    def _told(self, contract: Contract, state: State, payload: dict[str, Any]) -> _Told:
        whose = whose_time(payload, self._people)
        where = self._people[whose].zone if whose is not None else "UTC"
        return _Told(lambda: self._context(contract, state, payload), where)

    def _context(self, contract: Contract, state: State, payload: dict[str, Any]) -> dict[str, object]:
        ticket = self.tickets[state.ticket]
        fields = {
            **ticket.fields,
            "id": state.ticket,
            "url": f"https://helpdesk/{state.ticket}",
            "created_at": format_instant(ticket.created_at),
            "updated_at": format_instant(ticket.updated_at),
        }
        said = with_texts(contract, payload, self.texts.get)
        return message_context(ticket=fields, **briefing(contract, state.escalation, said, self.names))

    def _do(
        self, step: StepOf, told: _Told, key: str, payload: dict[str, Any], now: datetime
    ) -> tuple[Result, str | None]:
        """A step's result and the key of the ticket that it changed or made."""
        args: dict[str, Any] = step.args
        match step.kind:
            case "notify" | "page":
                self._notify(step, told.rendered(args["message"]), key, payload["who"], now)
                return {}, None
            case "create_ticket":
                fields = {"subject": args["subject"], "description": args["body"], **args["fields"]}
                assignee = {self._assignee: payload["who"]} if payload["who"] else {}
                fields = _present(told.fields(fields, self._fields)) | assignee
                made = self._create(f"{key}-{payload['point'].replace(':', '-')}", fields, now)
                return {"ticket": made} | ({"assignee": payload["who"]} if payload["who"] else {}), made
            case "assign":
                return self._set(key, {args["field"]: payload["who"]}, step, now)
            case "action":
                given, back = told.filled(args["with"]), told.filled(args.get("undo_with", {}))
                return self.actions.carry_out(step, given, back), None
            case "attach":
                lines = [f"{name}: {value}" for name, value in sorted(self.tickets[key].fields.items())]
                text, result = self.actions.attached(lines) if args["what"] == "ticket" else self.actions.read(step)
                self.tickets[key].notes.append(text)
                return result, None
            case _:
                ticket = self.tickets[key]
                if step.kind == "note":
                    ticket.notes.append(told.rendered(args["text"]))
                    return {}, None
                return self._set(key, told.fields(args["fields"], self._fields), step, now)

    def _set(self, key: str, fields: dict[str, Any], step: StepOf, now: datetime) -> tuple[Result, str | None]:
        """Write fields; the result says what was written, and what was there, as the service does."""
        held: dict[str, Any] = self.tickets[key].fields
        result: Result = {f"was.{name}": held.get(name) for name in fields} if step.undo == "restore" else {}
        changed = key if self.tickets[key].write(fields, now) else None
        public = {name for name, declared in self._fields.items() if not declared.personal}
        result |= {f"field.{name}": value for name, value in fields.items() if name in public}
        return {**result, **({"consistent": True} if step.changes else {})}, changed

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


class _Told:
    """What the texts of one step may name, put together when the first of them asks. All raise TextError."""

    def __init__(self, context: Callable[[], dict[str, object]], whose_zone: str) -> None:
        self._make = context
        self._made: dict[str, object] | None = None
        self._zone = whose_zone

    def rendered(self, text: str) -> str:
        """A text, with instants as whoever is meant reads them."""
        return render(text, self._context(), zone(self._zone)) if is_liquid(text) else text

    def filled(self, values: Mapping[str, object]) -> dict[str, object]:
        """Values of which those that are texts are filled in."""
        return {name: self.rendered(value) if isinstance(value, str) else value for name, value in values.items()}

    def fields(self, written: Mapping[str, object], declared: Mapping[str, TicketField]) -> dict[str, Any]:
        """Values of ticket fields; instants stay exact in those that hold some, as machines read them."""
        if not any(isinstance(value, str) and is_liquid(value) for value in written.values()):
            return dict(written)
        return filled_fields(written, declared, self._context(), zone(self._zone))

    def _context(self) -> dict[str, object]:
        if self._made is None:
            self._made = self._make()
        return self._made


class _StepFailed(Exception):
    """The world could not do a step."""


def _present(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
