"""Asking: whom the question of a step goes to, and to whom it passes. An offer beside the ladder; no owner changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from runner.contract.contract import AnswerOf, StepOf
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.parties import meant
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody, PassedOver, Person
from runner.engine.state import accountable

__all__ = ["APPROVED", "Addressee", "addressee", "ask", "carrier", "last_addressee", "wanted", "withdraw_question"]

APPROVED = "approved"
"""The one answer that an approval wants."""
_APPROVAL: Final[Mapping[str, AnswerOf]] = {APPROVED: AnswerOf(type="boolean")}


class Addressee(NamedTuple):
    """Who is asked, why this person, and who was meant before."""

    person: str
    reason: Reason
    passed_over: PassedOver = ()


def wanted(step: StepOf) -> Mapping[str, AnswerOf]:
    """The answers that a question wants, by name."""
    return _APPROVAL if step.kind == "approve" else step.answers


def carrier(draft: Draft) -> str | None:
    """Who carries out what an approval allows: whoever is accountable, after the end who was."""
    return accountable(draft.state) or draft.state.previous


def addressee(draft: Draft, step: StepOf) -> Addressee | None:
    """Whom a step asks; the escalation owner for whom nobody can ask now. None if nobody may approve."""
    found = _meant(draft, step)
    if isinstance(found, Nobody):
        return last_addressee(draft, step, found.reason, found.passed_over)
    if step.kind == "approve" and found.id == carrier(draft):
        return last_addressee(draft, step, Reason.OWN_APPROVAL)
    return Addressee(found.id, Reason.ASKED, found.passed_over)


def _meant(draft: Draft, step: StepOf) -> Person | Nobody:
    match meant(draft, step.who or "owner"):
        case str() as person:
            return draft.present(person)
        case None:
            return Nobody(Reason.NOT_ON_CALL)
        case found:
            return found


def last_addressee(draft: Draft, step: StepOf, reason: Reason, passed_over: PassedOver = ()) -> Addressee | None:
    """The escalation owner, after whom nobody comes; the last resort where that person would approve its own deed.

    None if the last resort would as well.
    """
    manager, barred = draft.manager(), carrier(draft) if step.kind == "approve" else None
    if manager.id != barred:
        return Addressee(manager.id, reason, passed_over)
    last = draft.world.last_resort.id
    return Addressee(last, Reason.OWN_APPROVAL) if last != barred else None


def ask(draft: Draft, run: str, position: int, step: StepOf, to: Addressee, *, last: bool = False) -> None:
    """Ask a person and say so; `last` if nobody comes after, who is then reminded until there is an answer."""
    offer = draft.state.offer_count + 1
    due = draft.after(draft.contract.limits.remind_every) if last else draft.state.runs[run].due
    draft.add(
        made(
            ev.QuestionAsked,
            reason=to.reason,
            rule=step.rule,
            offer=offer,
            run=run,
            step=position,
            to=to.person,
            due=due,
            last=last,
            passed_over=dict(to.passed_over),
        )
    )
    draft.tell(to.person, "question", to.reason, step.rule, offer)


def withdraw_question(draft: Draft, run: str, reason: Reason, rule: str) -> None:
    """End the open question of a run, if it has one, without blame."""
    for offer in list(draft.state.offers.values()):
        if offer.purpose == "question" and offer.run == run:
            draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))
