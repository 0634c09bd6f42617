"""Deadlines: what follows when the oldest one that is due is handled. One at a time, oldest first."""

from __future__ import annotations

from datetime import datetime

from runner.engine import events as ev
from runner.engine.acceptance import expire_checklist
from runner.engine.answering import expire_question
from runner.engine.clarification import expire_clarification
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.exceptions import expire_exception, expire_exception_offer
from runner.engine.handoffs import return_handoff
from runner.engine.ladder import ask_anew, expire_ladder_offer
from runner.engine.paging import expire_page
from runner.engine.progress import expire_progress
from runner.engine.reasons import Reason
from runner.engine.record import request_record
from runner.engine.remedies import expire_remedy
from runner.engine.rollback import expire_undo
from runner.engine.roster_change import move_to_manager
from runner.engine.runs import expire_step, start_run
from runner.engine.state import Offer, Phase, accountable, deadlines
from runner.engine.tasks import expire_task
from runner.engine.waiting import expire_wait

__all__ = ["tick"]


def tick(draft: Draft) -> None:  # noqa: PLR0912 - a table
    """Handle the oldest deadline that is due; nothing if none is."""
    oldest = min(deadlines(draft.state), default=None)
    if oldest is None or oldest.at > draft.now:
        return
    state = draft.state
    match oldest.sort:
        case "offer":
            _offer(draft, state.offers[int(oldest.key)])
        case "exception":
            expire_exception(draft, state.exceptions[int(oldest.key)])
        case "task":
            expire_task(draft, oldest.key, oldest.at)
        case "outcome":
            _outcome(draft)
        case "remind":
            _remind(draft)
        case "page":
            expire_page(draft, state.pages[oldest.key])
        case "record":
            request_record(draft, again=True)
        case "progress":
            expire_progress(draft)
        case "checklist":
            expire_checklist(draft, oldest.at)
        case "remedy":
            expire_remedy(draft, state.remedies[oldest.key])
        case "clarification":
            expire_clarification(draft)
        case "waiting":
            expire_wait(draft)
        case "undo":
            expire_undo(draft, state.rollbacks[oldest.key])
        case _:
            expire_step(draft, state.runs[oldest.key])


def _offer(draft: Draft, offer: Offer) -> None:
    if offer.purpose == "ladder":
        expire_ladder_offer(draft, offer)
        return
    if offer.purpose == "question":
        expire_question(draft, offer)
        return
    reason = Reason.NO_ANSWER if offer.told else Reason.NOT_TOLD
    pointer = "/handoff/accept_within" if offer.purpose == "handoff" else "/exceptions"
    rule = draft.rule(pointer)
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=offer.due))
    if offer.purpose == "handoff":
        return_handoff(draft, offer, reason)
    else:
        expire_exception_offer(draft, offer, reason)


def _outcome(draft: Draft) -> None:
    rule = draft.rule("/outcome/within")
    due = draft.state.outcome_due
    remind_at = draft.after(draft.contract.limits.remind_every)
    draft.add(made(ev.OutcomeMissed, reason=Reason.OUTCOME_OVERDUE, rule=rule, due=due, remind_at=remind_at))
    start_run(draft, "overdue")
    if draft.contract.when_overdue != "remind":
        _reassign(draft, due)
    draft.tell(draft.manager().id, "outcome_overdue", Reason.OUTCOME_OVERDUE, rule)


def _reassign(draft: Draft, due: datetime) -> None:
    """Ask anew: of the rung after the holder's, of the first again after the last or when nobody has accepted; or of
    the escalation owner at once, unless that person has it already.

    Whoever is being asked already goes on being asked, and who accepted since the time had passed is not the one who
    let it pass.
    """
    state, last = draft.state, len(draft.contract.ladder) - 1
    if draft.contract.when_overdue == "escalation_owner":
        if state.phase is Phase.EXHAUSTED or accountable(state) == draft.manager().id:
            return
        start = last
    elif state.phase is Phase.OFFERED:
        return
    else:
        held = state.phase in (Phase.ACCEPTED, Phase.WAITING)
        start = (state.rung + 1) % (last + 1) if held else 0
    if state.accepted_at is not None and state.accepted_at > due:
        return
    ask_anew(draft, start, Reason.OUTCOME_OVERDUE, draft.rule("/outcome/when_overdue"))


def _remind(draft: Draft) -> None:
    """Tell the escalation owner again; in exhaustion, whoever that is now also gets the offer."""
    rule = limit_rule("remind_every")
    state = draft.state
    remind_at = draft.after(draft.contract.limits.remind_every)
    draft.add(made(ev.Reminded, reason=Reason.STILL_OPEN, rule=rule, remind_at=remind_at))
    if move_to_manager(draft, rule):
        return
    manager = draft.manager().id
    draft.tell(manager, "reminder", Reason.STILL_OPEN, rule)
    if state.phase is Phase.RESOLVED and state.holder is not None and state.holder != manager:
        draft.tell(state.holder, "reminder", Reason.STILL_OPEN, rule)
