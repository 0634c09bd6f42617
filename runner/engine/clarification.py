"""Asking for what is missing: whoever rejects as incomplete stays accountable until it is said, or the time is over."""

from __future__ import annotations

from runner.contract.values import format_instant
from runner.engine import events as ev
from runner.engine.commands import Clarify, Command, NoteChanged, Reject
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import raise_by_runner
from runner.engine.hours import ends_in_hours
from runner.engine.ladder import offer_to, pass_on
from runner.engine.parties import named
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.state import Offer, State
from runner.engine.waiting import go_on

__all__ = ["ask_requester", "clarify", "expire_clarification", "note_changed", "waits_for_change"]


def ask_requester(draft: Draft, offer: Offer, args: Reject) -> bool:
    """Ask the requester instead of the next rung; False if the contract does not, or has asked for this person before.

    Once for each person in a pass: one who finds it incomplete a second time passes it on.
    """
    rules, state = draft.contract.clarify, draft.state
    if rules is None or args.why != "incomplete" or offer.on_end not in ("next_rung", "escalation_owner"):
        return False
    if state.clarification is not None:
        until = format_instant(state.clarification.due)
        raise CommandRejected(
            RejectReason.WRONG_STATE,
            f"the requester is asked and has until {until}: accept it, or reject it for another reason",
        )
    if offer.purpose != "ladder" or offer.to in state.clarified:
        return False
    rule, asked = draft.rule("/accept/clarify"), named(draft, rules.who)
    asking = made(
        ev.ClarificationAsked,
        reason=Reason.CLARIFY,
        rule=rule,
        offer=offer.id,
        person=offer.to,
        asked=asked,
        due=draft.ends(rules.within),
        write=state.write_count + 1,
        text=args.text,
    )
    draft.add(asking)
    if asked is not None:
        draft.tell(asked, "clarify", Reason.CLARIFY, rule)
    if draft.manager().id not in (asked, offer.to):
        draft.tell_manager("clarifying", Reason.CLARIFY, rule)
    return True


def clarify(draft: Draft, command: Command, args: Clarify) -> None:
    """Anybody says what was missing."""
    if draft.state.clarification is None:
        raise CommandRejected(RejectReason.WRONG_STATE, "nothing is asked of the requester now")
    _given(draft, command.actor, args.text, ())


def waits_for_change(state: State) -> bool:
    """Whether a change of the ticket would be an answer to something."""
    return state.clarification is not None or (state.waiting is not None and state.waiting.for_ == "customer")


def note_changed(draft: Draft, command: Command, args: NoteChanged) -> None:
    """Somebody changed the ticket: that answers what the requester was asked, or ends a wait for the customer."""
    if draft.state.clarification is not None:
        _given(draft, command.actor, None, args.fields)
    elif waits_for_change(draft.state):
        go_on(draft, Reason.TICKET_CHANGED)


def _given(draft: Draft, by: str, text: str | None, fields: tuple[str, ...]) -> None:
    """The one who found it incomplete is asked anew, with a timebox of its own."""
    asked = draft.state.clarification
    if asked is None:
        raise AssertionError("nothing was asked")
    offer, reason, rule = draft.state.offers[asked.offer], Reason.CLARIFIED, draft.rule("/accept/clarify")
    draft.add(made(ev.ClarificationGiven, reason=reason, rule=rule, by=by, text=text, fields=fields))
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))
    found = draft.present(offer.to)
    if isinstance(found, Nobody):
        pass_on(draft, offer, found.reason)
        return
    ladder = draft.contract.ladder
    due = ends_in_hours(draft, ladder[offer.rung or 0].within)
    offer_to(draft, offer.to, reason, rule, due=due, rung=offer.rung, sender=offer.sender, on_end=offer.on_end)


def expire_clarification(draft: Draft) -> None:
    """Nobody said what was missing: that is an exception of its own, and the offer passes to the next rung."""
    asked, rules = draft.state.clarification, draft.contract.clarify
    if asked is None or rules is None:
        raise AssertionError("nothing was asked")
    offer, reason, rule = draft.state.offers[asked.offer], Reason.NOT_CLARIFIED, draft.rule("/accept/clarify")
    draft.add(made(ev.ClarificationMissed, reason=reason, rule=rule, offer=offer.id, due=asked.due))
    if rules.exception is not None:
        raise_by_runner(draft, rules.exception, reason, rule=rule, by="surety:clock")
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))
    pass_on(draft, offer, reason)
