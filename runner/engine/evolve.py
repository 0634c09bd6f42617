"""`evolve`: the state after an event. One function for each event; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from runner.engine import events as ev
from runner.engine.state import Delivery, ExceptionState, Offer, Page, Phase, Run, State
from runner.engine.transitions import RUN_SCOPES, phase_after

__all__ = ["apply_event", "evolve"]

Apply = Callable[[State, Any], None]


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
        )
    new = state.copy()
    apply_event(new, event, now)
    return new


def apply_event(state: State, event: ev.Event, now: datetime) -> None:
    """Change a state that nobody else holds; the in-place form of `evolve` for a decision under way."""
    state.now = now
    name: str = event.type
    if event.type == "OfferAccepted" and state.offers[event.offer].on_accept == "hold":
        name = "HolderAccepted"
    phase = phase_after(state.phase, name)
    if phase is not state.phase:
        state.phase = phase
        _leave(state)
    apply = _APPLY.get(event.type)
    if apply is not None:
        apply(state, event)


def _leave(state: State) -> None:
    """Mark the runs whose scope the new phase is outside of; progress is awaited of a holder only."""
    if state.phase is not Phase.ACCEPTED:
        state.progress_due, state.progress_reminded = None, False
    if any(state.phase not in RUN_SCOPES[run.point] for run in state.runs.values()):
        state.runs = {
            key: run if state.phase in RUN_SCOPES[run.point] else replace(run, leaving=True)
            for key, run in state.runs.items()
        }


def _owners_named(new: State, event: ev.OwnersNamed) -> None:
    new.owners = event.owners


def _rung_skipped(new: State, event: ev.RungSkipped) -> None:
    del event
    new.untold = 0


def _ladder_repeated(new: State, event: ev.LadderRepeated) -> None:
    new.ladder_pass = event.ladder_pass
    new.asked = ()
    new.offered_in_pass = False


def _ladder_exhausted(new: State, event: ev.LadderExhausted) -> None:
    new.holder = None
    new.accepted_at = None
    new.remind_at = event.remind_at


def _owner_offered(new: State, event: ev.OwnerOffered) -> None:
    offer = Offer(
        id=event.offer,
        purpose=event.purpose,
        sender=event.sender,
        to=event.to,
        rung=event.rung,
        made_at=new.now,
        due=event.due,
        on_accept=event.on_accept,
        on_end=event.on_end,
        exception=event.exception,
        planned=event.planned,
    )
    new.offers = {**new.offers, event.offer: offer}
    new.offer_count = event.offer
    if event.purpose == "handoff":
        new.handoffs += event.planned is None
    elif event.purpose == "ladder":
        new.substitute = event.substitute
        new.untold = new.untold + 1 if event.retry else 0
        if event.rung is not None:
            new.rung = event.rung
            new.offered_in_pass = True
            if event.to not in new.asked:
                new.asked = (*new.asked, event.to)


def _substitute_named(new: State, event: ev.SubstituteNamed) -> None:
    new.substitute = event.substitute


def _without(offers: Mapping[int, Offer], *gone: int) -> dict[int, Offer]:
    return {key: offer for key, offer in offers.items() if key not in gone}


def _offer_accepted(new: State, event: ev.OfferAccepted) -> None:
    offer = new.offers[event.offer]
    new.offers = _without(new.offers, event.offer)
    _reached(new, event.person)
    if offer.on_accept == "hold":
        _handed(new, offer)
        new.previous = new.holder or new.previous
        new.holder = event.person
        new.accepted_at = new.now
        if offer.planned is not None:
            new.planned = offer.planned + 1
        if not new.outcome_missed:
            new.remind_at = None


def _handed(new: State, offer: Offer) -> None:
    """Remember who gave it, and the two between whom it went back."""
    sender = offer.sender if offer.purpose == "handoff" else None
    if sender is not None and offer.to == new.giver:
        new.bounced = (*new.bounced, (sender, offer.to))
    new.giver = sender


def _offer_ended(new: State, event: ev.OfferEnded) -> None:
    offer = new.offers[event.offer]
    new.offers = _without(new.offers, event.offer)
    if offer.purpose == "ladder":
        new.previous = offer.to


def _owner_released(new: State, event: ev.OwnerReleased) -> None:
    new.previous = event.person
    new.holder = new.giver = None
    new.accepted_at = None
    if not new.outcome_missed:
        new.remind_at = None


def _owner_took(new: State, event: ev.OwnerTook) -> None:
    new.previous = new.holder or new.previous
    new.holder, new.giver = event.person, None
    new.accepted_at = new.now
    if not new.outcome_missed:
        new.remind_at = None


def _progress_awaited(new: State, event: ev.ProgressAwaited) -> None:
    new.progress_due, new.progress_reminded = event.due, False


def _progress_missed(new: State, event: ev.ProgressMissed) -> None:
    new.progress_due, new.progress_reminded = event.lapses_at, True


def _outcome_missed(new: State, event: ev.OutcomeMissed) -> None:
    new.outcome_missed = True
    new.remind_at = event.remind_at


def _reminded(new: State, event: ev.Reminded) -> None:
    new.remind_at = event.remind_at


def _exception_raised(new: State, event: ev.ExceptionRaised) -> None:
    raised = ExceptionState(event.exception, event.exception_class, event.by, event.due)
    new.exceptions = {**new.exceptions, event.exception: raised}
    new.exception_count = event.exception


def _exception_owned(new: State, event: ev.ExceptionOwned) -> None:
    held = replace(new.exceptions[event.exception], owner=event.owner, owned=True)
    new.exceptions = {**new.exceptions, event.exception: held}


def _exception_overdue(new: State, event: ev.ExceptionOverdue) -> None:
    held = replace(new.exceptions[event.exception], owner=event.owner, owned=True, due=event.next_due)
    new.exceptions = {**new.exceptions, event.exception: held}


def _exception_ended(new: State, event: ev.ExceptionEnded) -> None:
    new.exceptions = {key: value for key, value in new.exceptions.items() if key != event.exception}


def _resolved(new: State, event: ev.OutcomeResolved) -> None:
    new.evidence = {**new.evidence, **event.evidence}
    new.remind_at = event.remind_at


def _restore_requested(new: State, event: ev.RestoreRequested) -> None:
    new.restores += 1
    new.write_count = event.write
    new.writes = (*new.writes, event.write)


def _over(new: State, event: ev.EscalationClosed | ev.EscalationCancelled) -> None:
    del event
    new.previous = new.holder or new.previous
    new.holder = None
    new.remind_at = None
    new.offers = {}
    new.exceptions = {}
    new.pages = {}


def _run_started(new: State, event: ev.RunStarted) -> None:
    new.occurrences = {**new.occurrences, event.point: new.occurrences.get(event.point, 0) + 1}


def _step_requested(new: State, event: ev.StepRequested) -> None:
    before = new.runs.get(event.run)
    point = event.run.partition("#")[0]
    passed = range(before.step + 1, event.step) if before else ()
    leaving, skipped = (before.leaving, before.skipped + len(passed)) if before else (False, 0)
    run = Run(event.run, point, event.step, event.attempt, event.due, leaving, skipped)
    new.runs = {**new.runs, event.run: run}
    if event.react_by is not None and event.who is not None:
        page = Page(event.run, event.step, event.who, event.react_by)
        new.pages = {**new.pages, f"{event.run}/{event.step}": page}


def _step_succeeded(new: State, event: ev.StepSucceeded) -> None:
    new.failed_tasks = tuple(step for step in new.failed_tasks if step != f"{event.run}/{event.step}")
    ticket = event.result.get("ticket")
    if isinstance(ticket, str):
        new.links = (*new.links, ticket)
        if event.result.get("task") is True:
            new.tasks = (*new.tasks, ticket)


def _page_over(new: State, event: ev.PageAnswered | ev.PageUnanswered | ev.StepFailed) -> None:
    over = f"{event.run}/{event.step}"
    if over in new.pages:
        new.pages = {key: page for key, page in new.pages.items() if key != over}


def _step_failed(new: State, event: ev.StepFailed) -> None:
    _page_over(new, event)
    if event.retry_at is not None:
        run = replace(new.runs[event.run], due=event.retry_at, waiting=True)
        new.runs = {**new.runs, event.run: run}
    elif event.task:
        new.failed_tasks = (*new.failed_tasks, f"{event.run}/{event.step}")


def _run_ended(new: State, event: ev.RunEnded) -> None:
    new.runs = {key: run for key, run in new.runs.items() if key != event.run}


def _delivery_requested(new: State, event: ev.DeliveryRequested) -> None:
    new.delivery_count = event.delivery
    delivery = Delivery(event.delivery, event.to, event.about, event.offer)
    new.deliveries = {**new.deliveries, event.delivery: delivery}


def _delivery_taken(new: State, event: ev.DeliveryTaken) -> None:
    offer = new.deliveries[event.delivery].offer
    _reached(new, new.deliveries[event.delivery].to)
    if offer is not None and offer in new.offers:
        new.offers = {**new.offers, offer: replace(new.offers[offer], told=True)}
    new.deliveries = {key: value for key, value in new.deliveries.items() if key != event.delivery}


def _reached(new: State, person: str) -> None:
    """The person has heard from us, or acts on what was asked."""
    if person in new.unreached:
        new.unreached = tuple(each for each in new.unreached if each != person)


def _delivery_failed(new: State, event: ev.DeliveryFailed) -> None:
    missed = new.deliveries[event.delivery].to
    if missed not in new.unreached:
        new.unreached = (*new.unreached, missed)
    new.deliveries = {key: value for key, value in new.deliveries.items() if key != event.delivery}


def _record_requested(new: State, event: ev.RecordRequested) -> None:
    new.record = (event.state, event.owner, event.accepted_at)
    new.rewrite_at = None
    new.write_count = new.record_write = event.write
    new.writes = (*new.writes, event.write)


def _record_confirmed(new: State, event: ev.RecordConfirmed) -> None:
    new.writes = tuple(write for write in new.writes if write != event.write)
    if event.write == new.record_write:
        new.unwritten = False


def _record_failed(new: State, event: ev.RecordFailed) -> None:
    new.writes = tuple(write for write in new.writes if write != event.write)
    newest = new.record_write
    if event.write == newest or (event.write < newest and newest in new.writes):  # else a newer one stands there
        new.unwritten = True
    if event.retry_at is not None:
        new.rewrite_at = event.retry_at


def _ticket_back(new: State, event: ev.TicketBack) -> None:
    del event
    new.gone = False


def _ticket_gone(new: State, event: ev.TicketGone) -> None:
    del event
    new.gone = True
    new.rewrite_at = None


_APPLY: dict[str, Apply] = {
    "OwnersNamed": _owners_named,
    "RungSkipped": _rung_skipped,
    "LadderRepeated": _ladder_repeated,
    "LadderExhausted": _ladder_exhausted,
    "OwnerOffered": _owner_offered,
    "SubstituteNamed": _substitute_named,
    "OfferAccepted": _offer_accepted,
    "OfferEnded": _offer_ended,
    "OwnerReleased": _owner_released,
    "OwnerTook": _owner_took,
    "ProgressAwaited": _progress_awaited,
    "ProgressMissed": _progress_missed,
    "OutcomeMissed": _outcome_missed,
    "Reminded": _reminded,
    "ExceptionRaised": _exception_raised,
    "ExceptionOwned": _exception_owned,
    "ExceptionOverdue": _exception_overdue,
    "ExceptionEnded": _exception_ended,
    "OutcomeResolved": _resolved,
    "RestoreRequested": _restore_requested,
    "EscalationClosed": _over,
    "EscalationCancelled": _over,
    "RunStarted": _run_started,
    "StepRequested": _step_requested,
    "StepSucceeded": _step_succeeded,
    "StepFailed": _step_failed,
    "PageAnswered": _page_over,
    "PageUnanswered": _page_over,
    "RunEnded": _run_ended,
    "DeliveryRequested": _delivery_requested,
    "DeliveryTaken": _delivery_taken,
    "DeliveryFailed": _delivery_failed,
    "RecordRequested": _record_requested,
    "RecordConfirmed": _record_confirmed,
    "RecordFailed": _record_failed,
    "TicketGone": _ticket_gone,
    "TicketBack": _ticket_back,
}
