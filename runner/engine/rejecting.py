"""Rejecting an offer: each reason has an effect of its own. Nobody is above whoever holds what everybody was asked."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.acceptance import open_offer
from runner.engine.answering import pass_question_on
from runner.engine.clarification import ask_requester
from runner.engine.commands import Command, Reject
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import expire_exception_offer
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
    if offer.purpose == "question":
        pass_question_on(draft, offer, _REJECTED[args.why], text=args.text)
        return
    conflict = args.why == "conflict" and command.actor != draft.world.last_resort.id
    if offer.last and not conflict:
        raise CommandRejected(
            RejectReason.NOBODY_ABOVE, "nobody is above; accept it, or a manager may give it to somebody"
        )
    if ask_requester(draft, offer, args):
        return
    reason = _REJECTED[args.why]
    rule = draft.rule("/accept")
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None, text=args.text))
    if conflict and draft.state.keeper == command.actor:
        draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=command.actor, text=None))
    _end_offer(draft, offer, reason)


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
