"""Accepting an offer: the checklist with it or soon after, and taking the acceptance back. Rejecting is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from runner.contract.contract import CheckOf
from runner.contract.values import instant_or_none
from runner.engine import events as ev
from runner.engine.answering import refuse_question
from runner.engine.commands import Accept, Command, CompleteChecklist, Scalar, Unaccept
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import accept_exception
from runner.engine.handoffs import must_hold
from runner.engine.ladder import climb, offer_to, withdraw
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.runs import start_run
from runner.engine.state import Offer, accountable

__all__ = ["accept", "complete_checklist", "expire_checklist", "open_offer", "unaccept"]

CHANGE_OF_MIND_SECONDS = 10
"""How long one may think better of having taken an acceptance back before the next is asked.

Source: the delay after an un-acknowledge in Grafana OnCall, so that a slip pages nobody.
"""
_TEXT_REF = re.compile(r"[0-9a-f]{64}")
_WANTED = {
    "yes": "a yes",
    "text": "a text",
    "number": "a number",
    "instant": "a date with time and zone",
    "evidence": "where the evidence is, as a text",
}


def open_offer(draft: Draft, command: Command, number: int) -> Offer:
    """The offer that the actor answers; refused if it is over, never was, or is made to somebody else."""
    offer = draft.open_offer(number)
    if offer.to != command.actor:
        raise CommandRejected(RejectReason.NOT_YOURS, f"offer {number} is made to {offer.to}")
    return offer


def accept(draft: Draft, command: Command, args: Accept) -> None:
    """The person takes it, with every question of the checklist answered; or with one tap, where it may follow."""
    offer = open_offer(draft, command, args.offer)
    refuse_question(offer)
    within = draft.contract.checklist_within
    tapped = within is not None and not args.answers and offer.on_accept == "hold" and bool(draft.contract.checklist)
    answers = {} if tapped else _answered(draft.contract.checklist, args.answers)
    late = max(0, int((draft.now - offer.due).total_seconds())) if offer.due is not None else 0
    reason = Reason.ACCEPTED_LATE if offer.due is not None and draft.now > offer.due else Reason.ACCEPTED
    rule = draft.rule("/accept/checklist")
    accepted = made(
        ev.OfferAccepted,
        reason=reason,
        rule=rule,
        offer=offer.id,
        person=command.actor,
        late_seconds=late,
        answers=answers,
        checklist_due=draft.ends(within) if tapped and within is not None else None,
    )
    draft.add(accepted)
    match offer.purpose:
        case "exception":
            accept_exception(draft, offer)
        case "handoff":
            if offer.sender is not None:
                draft.tell(offer.sender, "handed_over", Reason.ACCEPTED, rule)
            start_run(draft, "handoff")
        case "ladder" if not offer.quiet:
            start_run(draft, "accepted")


def _answered(checklist: tuple[CheckOf, ...], given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The answers that were asked for; refused if one is missing or says something of another kind."""
    missing = [check for check in checklist if _absent(given.get(check.name))]
    if missing:
        raise CommandRejected(RejectReason.CHECKLIST_INCOMPLETE, f"answer {_wanted(missing)}")
    wrong = [check for check in checklist if not _fits(check, given[check.name])]
    if wrong:
        raise CommandRejected(RejectReason.WRONG_ANSWER, f"answer {_wanted(wrong)}")
    return {check.name: given[check.name] for check in checklist}


def _absent(answer: Scalar) -> bool:
    return answer is None or answer is False or answer == ""  # 0 is an answer


def _wanted(checks: list[CheckOf]) -> str:
    each = "; ".join(f"{check.name} with {_kind(check)}" for check in checks)
    yes = any(check.answer == "yes" for check in checks)
    return f"{each}. If a yes is a no, reject the offer with the reason `incomplete`" if yes else each


def _kind(check: CheckOf) -> str:
    return f"one of: {', '.join(check.values)}" if check.answer == "choice" else _WANTED[check.answer]


def _fits(check: CheckOf, answer: Scalar) -> bool:
    match check.answer:
        case "yes":
            return answer is True
        case "number":
            return isinstance(answer, int | float) and not isinstance(answer, bool)
        case "choice":
            return answer in check.values
        case "instant":
            return isinstance(answer, str) and instant_or_none(answer) is not None
        case _:
            return isinstance(answer, str) and _TEXT_REF.fullmatch(answer) is not None


def complete_checklist(draft: Draft, command: Command, args: CompleteChecklist) -> None:
    """The holder answers the checklist that was left open when accepting."""
    must_hold(draft, command)
    if draft.state.checklist_due is None:
        raise CommandRejected(RejectReason.WRONG_STATE, "the checklist is answered already")
    answers = _answered(draft.contract.checklist, args.answers)
    rule = draft.rule("/accept/checklist")
    completed = made(ev.ChecklistCompleted, reason=Reason.CHECKLIST, rule=rule, person=command.actor, answers=answers)
    draft.add(completed)


def expire_checklist(draft: Draft, due: datetime) -> None:
    """The checklist did not follow in time: it was no acceptance, and the rung after the holder's is asked."""
    state = draft.state
    if state.holder is None:
        raise AssertionError("a checklist of nobody is overdue")
    person, reason, rule = state.holder, Reason.CHECKLIST_MISSED, draft.rule("/accept/checklist_within")
    draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=person, text=None, due=due))
    withdraw(draft, Reason.SUPERSEDED, rule, "handoff")
    climb(draft, state.rung + 1, reason)
    if accountable(draft.state) != person:
        draft.tell(person, "released", reason, rule)
    draft.tell_manager("failover", reason, rule)
    start_run(draft, "failover")


def unaccept(draft: Draft, command: Command, args: Unaccept) -> None:
    """The holder takes the acceptance back: it is offered to the same person for some seconds more, without a word to
    anybody, and then passes on as if it had been rejected.
    """
    del args
    must_hold(draft, command)
    state = draft.state
    asked, next_rung = command.actor in state.asked, state.rung + 1 if state.offered_in_pass else 0
    rule = draft.contract.ladder[state.rung].rule
    withdraw(draft, Reason.SUPERSEDED, rule, "handoff")
    draft.add(made(ev.OwnerReleased, reason=Reason.UNACCEPTED, rule=rule, person=command.actor, text=None))
    due = draft.after(CHANGE_OF_MIND_SECONDS)
    offer_to(
        draft,
        command.actor,
        Reason.UNACCEPTED,
        rule,
        due=due,
        rung=state.rung if asked else None,
        on_end="next_rung" if asked else "climb",
        quiet=True,
        resume=None if asked else (next_rung, Reason.UNACCEPTED),
    )
