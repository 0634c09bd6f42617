"""Effects: what an event asks of the world, as data. The runner does them; their results come back as commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.contract.contract import Contract, StepOf
from runner.contract.values import format_instant
from runner.engine import events as ev
from runner.engine.choosing import by_engine
from runner.engine.state import Run, State, accountable

__all__ = ["WITH_EFFECTS", "Effect", "effects", "standing"]

TICKET_LANE = "ticket"
"""Writes to one escalation's ticket happen one after the other, in the order in which they were decided."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to do.

    `lane` orders effects of one escalation: those in the same lane happen in the order of decisions, "" has no order.
    `payload` is JSON data that says all but addresses and texts, which are resolved when it is done.
    """

    kind: Literal["message", "step", "record", "restore", "link", "comment", "undo"]
    lane: str
    payload: dict[str, object]


WITH_EFFECTS = (
    ev.DeliveryRequested,
    ev.StepRequested,
    ev.RecordRequested,
    ev.RestoreRequested,
    ev.FieldsRequested,
    ev.TicketLinked,
    ev.ClarificationAsked,
    ev.UndoRequested,
)
"""The events that ask something of the world."""


def effects(contract: Contract, state: State, event: ev.Event) -> tuple[Effect, ...]:
    """What `event` asks of the world; `state` is the one after it."""
    match event:
        case ev.DeliveryRequested():
            payload: dict[str, object] = {
                "delivery": event.delivery,
                "to": event.to,
                "about": event.about,
                "offer": event.offer,
                "accountable": event.accountable,
                "reason": event.reason.value,
                "rule": event.rule,
                "accept_by": _accept_by(state, event.offer),
                "note": event.note,
                "text": event.text,
            }
            if event.about == "question":
                payload["question"] = _question(contract, state, event)
            return (Effect("message", "", payload),)
        case ev.StepRequested():
            return _step(contract, state, event)
        case ev.RecordRequested():
            names = contract.record
            accepted_at = format_instant(event.accepted_at) if event.accepted_at else None
            fields = {names.state: event.state, names.owner: event.owner, names.accepted_at: accepted_at}
            return (Effect("record", TICKET_LANE, {"write": event.write, "fields": fields}),)
        case ev.FieldsRequested():
            return (Effect("record", TICKET_LANE, {"write": event.write, "fields": event.fields}),)
        case ev.UndoRequested():
            return (_undo(contract, state, event),)
        case ev.TicketLinked():
            return (Effect("link", TICKET_LANE, {"write": event.write, "ticket": event.ticket}),)
        case ev.RestoreRequested():
            fields = {contract.record.lifecycle: contract.record.reopen_to}
            return (Effect("restore", TICKET_LANE, {"write": event.write, "fields": fields, "noes": list(event.noes)}),)
        case ev.ClarificationAsked():
            said = {"person": event.person, "due": format_instant(event.due), "text": event.text}
            return (Effect("comment", TICKET_LANE, {"write": event.write, **said}),)
        case _:
            return ()


def _accept_by(state: State, offer: int | None) -> str | None:
    due = state.offers[offer].due if offer is not None and offer in state.offers else None
    return format_instant(due) if due is not None else None


def _step(contract: Contract, state: State, event: ev.StepRequested) -> tuple[Effect, ...]:
    run = state.runs[event.run]
    step = contract.runbook[run.point][event.step]
    if by_engine(step, run.results):
        return ()
    payload = {
        **standing(state, run),
        "attempt": event.attempt,
        "step_kind": step.kind,
        "rule": event.rule,
        "who": event.who,
    }
    return (Effect("step", _lane(step, run.id), payload),)


def _lane(step: StepOf, run: str) -> str:
    """Messages wait for nothing; what another system does waits only for what it does for the same run."""
    if step.kind in ("notify", "page"):
        return ""
    return f"run:{run}" if step.kind == "action" or step.args.get("source") is not None else TICKET_LANE


def _undo(contract: Contract, state: State, event: ev.UndoRequested) -> Effect:
    change = next(each for each in state.changes if each.key == f"{event.run}/{event.step}")
    step = contract.runbook[change.point][change.step]
    payload: dict[str, object] = {
        "rollback": event.rollback,
        "run": event.run,
        "step": event.step,
        "attempt": event.attempt,
        "undo": change.undo,
        "action": step.undo_by,
        "values": change.values,
    }
    return Effect("undo", TICKET_LANE if change.undo == "restore" else f"run:{event.run}", payload)


def _question(contract: Contract, state: State, event: ev.DeliveryRequested) -> dict[str, object]:
    """The step that asks, for its words."""
    offer = state.offers[event.offer or 0]
    run = state.runs[offer.run or ""]
    step = contract.runbook[run.point][run.step]
    return {**standing(state, run), "step_kind": step.kind, "who": event.to}


def standing(state: State, run: Run) -> dict[str, object]:
    """How things stand for the texts of a run's step."""
    return {
        "run": run.id,
        "point": run.point,
        "step": run.step,
        "at": format_instant(state.now),
        "accountable": accountable(state) or state.previous or state.owners.get("escalation_owner"),
        "previous": state.previous,
        "owners": dict(state.owners),
        "phase": state.phase.value,
        "opened_at": format_instant(state.opened_at),
        "outcome_due": format_instant(state.outcome_due),
        "accept_by": next(
            (format_instant(o.due) for o in state.offers.values() if o.purpose == "ladder" and o.due), None
        ),
        "asked": next((o.to for o in state.offers.values() if o.purpose == "ladder"), None),
        "created": state.links[-1] if state.links else None,
        "results": run.results,
        "checklist": state.answers,
    }
