"""`evolve`: the state after an event. One function for each event; nothing is decided here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.engine import events as ev
from runner.engine.evolve import (
    acceptance,
    endings,
    exceptions,
    messages,
    outside,
    ownership,
    questions,
    ticket,
    undo,
    work,
)
from runner.engine.evolve.base import Apply
from runner.engine.reasons import Reason
from runner.engine.state import Phase, State
from runner.engine.transitions import phase_after, scope_of

__all__ = ["apply_event", "evolve"]


def evolve(state: State | None, event: ev.Event, now: datetime) -> State:
    """The state after `event`, decided at `now`; the given state is untouched. None is the state before opening.

    Raises AssertionError if the transition table has no row for the event in this phase.
    """
    if state is None:
        if not isinstance(event, ev.EscalationOpened):
            msg = f"{event.type} before EscalationOpened"
            raise AssertionError(msg)
        return State(
            escalation=event.escalation,
            template=event.template,
            ticket=event.ticket,
            now=now,
            opened_at=now,
            outcome_due=event.outcome_due,
            keeper=event.keeper,
        )
    new = state.copy()
    apply_event(new, event, now)
    return new


def apply_event(state: State, event: ev.Event, now: datetime) -> None:
    """Change a state that nobody else holds; the in-place form of `evolve` for a decision under way."""
    state.now = now
    kind: str = event.type
    name = kind
    if event.type == "OfferAccepted" and state.offers[event.offer].on_accept == "hold":
        name = "HolderAccepted"
    before = state.phase
    phase = phase_after(before, name)
    if phase is not before:
        state.phase = phase
        _leave(state)
    apply = _APPLY.get(kind)
    if apply is not None:
        apply(state, event)
    left = state.runs and (phase is not before or name in ("OfferEnded", "ClarificationAsked"))
    if left and not _thinks(state, event):
        _leave_runs(state)


def _leave(state: State) -> None:
    """Progress and the checklist are awaited of a holder only; who does not wait has no end of it."""
    if state.phase is not Phase.ACCEPTED:
        state.progress_due, state.progress_reminded = None, False
        state.checklist_due = None
    if state.phase is not Phase.WAITING:
        state.waiting = None
    if state.phase is not Phase.OFFERED:
        state.clarification = None


def _thinks(state: State, event: ev.Event) -> bool:
    """Whether somebody has taken an acceptance back and may still think better of it."""
    released = event.type == "OwnerReleased" and event.reason is Reason.UNACCEPTED
    return released or any(offer.quiet for offer in state.offers.values())


def _leave_runs(state: State) -> None:
    """Mark the runs whose scope the phase is outside of."""
    if any(state.phase not in scope_of(run.point) for run in state.runs.values()):
        state.runs = {
            key: run if state.phase in scope_of(run.point) else replace(run, leaving=True)
            for key, run in state.runs.items()
        }


_APPLY: dict[str, Apply] = {
    **ownership.APPLY,
    **acceptance.APPLY,
    **exceptions.APPLY,
    **endings.APPLY,
    **outside.APPLY,
    **ticket.APPLY,
    **work.APPLY,
    **undo.APPLY,
    **questions.APPLY,
    **messages.APPLY,
}
