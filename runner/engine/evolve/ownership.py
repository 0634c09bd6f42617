"""The state after events of who is asked and who holds it."""

from __future__ import annotations

from collections.abc import Mapping

from runner.engine import events as ev
from runner.engine.evolve.base import Apply, reached, without
from runner.engine.reasons import Reason
from runner.engine.state import Offer, State

__all__ = ["APPLY"]


def _owners_named(new: State, event: ev.OwnersNamed) -> None:
    new.owners = event.owners


def _rung_skipped(new: State, event: ev.RungSkipped) -> None:
    del event
    new.untold = 0


def _ladder_repeated(new: State, event: ev.LadderRepeated) -> None:
    new.ladder_pass = event.ladder_pass
    new.asked = new.clarified = ()
    new.offered_in_pass = False


def _ladder_exhausted(new: State, event: ev.LadderExhausted) -> None:
    new.holder = new.keeper = None
    new.accepted_at = None
    new.remind_at = event.remind_at
    new.breached = True


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
        told=event.quiet,
        quiet=event.quiet,
        resume=event.resume,
        resume_for=event.resume_for,
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


def _offer_accepted(new: State, event: ev.OfferAccepted) -> None:
    offer = new.offers[event.offer]
    new.offers = without(new.offers, event.offer)
    reached(new, event.person)
    if offer.on_accept == "hold":
        _handed(new, offer)
        new.previous = new.holder or new.previous
        new.holder, new.keeper = event.person, None
        new.accepted_at = new.now
        new.checklist_due, new.answers = event.checklist_due, event.answers
        new.breached = new.breached or (event.late_seconds > 0 and offer.purpose == "ladder")
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
    new.offers = without(new.offers, event.offer)
    if event.reason is Reason.REJECTED_CONFLICT and event.person not in (new.holder, *new.conflicts):
        new.conflicts = (*new.conflicts, event.person)
    if offer.purpose == "ladder":
        new.previous = offer.to
        new.clarification = None


def _owner_released(new: State, event: ev.OwnerReleased) -> None:
    new.previous = event.person
    new.holder = new.keeper = new.giver = None
    new.accepted_at, new.answers = None, {}
    if not new.outcome_missed:
        new.remind_at = None


def _owner_away(new: State, event: ev.OwnerAway) -> None:
    new.away = event.person


def _owner_took(new: State, event: ev.OwnerTook) -> None:
    new.previous = new.holder or new.previous
    new.holder, new.keeper, new.giver = event.person, None, None
    new.accepted_at = new.now
    new.checklist_due, new.answers = None, {}
    if not new.outcome_missed:
        new.remind_at = None


def _progress_awaited(new: State, event: ev.ProgressAwaited) -> None:
    new.progress_due, new.progress_reminded = event.due, False


def _progress_missed(new: State, event: ev.ProgressMissed) -> None:
    new.progress_due, new.progress_reminded = event.lapses_at, True


def _outcome_missed(new: State, event: ev.OutcomeMissed) -> None:
    new.outcome_missed = new.breached = True
    new.remind_at = event.remind_at


def _reminded(new: State, event: ev.Reminded) -> None:
    new.remind_at = event.remind_at


APPLY: Mapping[str, Apply] = {
    "OwnersNamed": _owners_named,
    "RungSkipped": _rung_skipped,
    "LadderRepeated": _ladder_repeated,
    "LadderExhausted": _ladder_exhausted,
    "OwnerOffered": _owner_offered,
    "SubstituteNamed": _substitute_named,
    "OfferAccepted": _offer_accepted,
    "OfferEnded": _offer_ended,
    "OwnerReleased": _owner_released,
    "OwnerAway": _owner_away,
    "OwnerTook": _owner_took,
    "ProgressAwaited": _progress_awaited,
    "ProgressMissed": _progress_missed,
    "OutcomeMissed": _outcome_missed,
    "Reminded": _reminded,
}
