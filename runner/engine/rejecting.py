"""Rejecting an offer: each reason has an effect of its own. Nobody is above whoever holds what everybody was asked."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.acceptance import open_offer
from runner.engine.answering import pass_question_on
from runner.engine.clarification import ask_requester
from runner.engine.commands import Command, Reject
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import expire_exception_offer, pass_exception
from runner.engine.handoffs import return_handoff
from runner.engine.ladder import offer_last, pass_on
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.state import Offer

__all__ = ["reject"]

_REJECTED = {
    "not_mine": Reason.REJECTED_NOT_MINE,
    "incomplete": Reason.REJECTED_INCOMPLETE,
    "no_capacity": Reason.REJECTED_NO_CAPACITY,
    "conflict": Reason.REJECTED_CONFLICT,
}


def reject(draft: Draft, command: Command, args: Reject) -> None:
    """The next is asked; the requester for what is missing, where the contract wants that of one who finds it so.

    Whoever has a conflict of interest is never asked again in this escalation, and answers no longer for what it takes
    the place of.
    """
    offer = open_offer(draft, command, args.offer)
    conflict = args.why == "conflict" and command.actor != draft.world.last_resort.id
    if offer.purpose == "question":
        pass_question_on(draft, offer, _REJECTED[args.why], text=args.text)
        if conflict:
            _leave_the_rest(draft, command.actor)
        return
    if offer.last and not conflict:
        raise CommandRejected(
            RejectReason.NOBODY_ABOVE, "nobody is above; accept it, or a manager may give it to somebody"
        )
    if ask_requester(draft, offer, args):
        return
    reason = _REJECTED[args.why]
    rule = draft.rule("/accept")
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None, text=args.text))
    if conflict:
        _keep_no_longer(draft, command.actor)
    _end_offer(draft, offer, reason)
    if conflict:
        _leave_the_rest(draft, command.actor)


def _keep_no_longer(draft: Draft, person: str) -> None:
    if draft.state.keeper == person:
        reason, rule = Reason.REJECTED_CONFLICT, draft.rule("/accept")
        draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=person, text=None))


def _leave_the_rest(draft: Draft, person: str) -> None:
    """Ask whoever has a conflict of interest nothing else here either; recovery that this person owns passes on.

    Who holds it meant only what was asked: that person goes on, or hands it over.
    """
    if person not in draft.state.conflicts:
        return
    _keep_no_longer(draft, person)
    reason, rule = Reason.REJECTED_CONFLICT, draft.rule("/accept")
    for offer in sorted(draft.state.offers.values(), key=lambda each: each.purpose != "ladder"):
        if offer.to != person or offer.id not in draft.state.offers:
            continue
        if offer.purpose == "question":
            pass_question_on(draft, offer, reason)
        else:
            draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=person, due=None))
            _end_offer(draft, offer, reason)
    for exception in list(draft.state.exceptions.values()):
        if exception.owner == person:
            pass_exception(draft, exception, Reason.CONFLICT)


def _end_offer(draft: Draft, offer: Offer, reason: Reason) -> None:
    match offer.purpose:
        case "handoff":
            return_handoff(draft, offer, reason)
        case "exception":
            expire_exception_offer(draft, offer, reason)
        case "ladder" if offer.on_end == "stay":
            offer_last(draft, reason)
        case _:
            pass_on(draft, offer, reason)
