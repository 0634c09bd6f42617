"""Answering: what people say to the question of a step, checked by type; and what follows when nobody answers.

A wrong answer is refused with words that name what is wanted; a no to an approval stops its run.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from runner.contract.contract import AnswerOf, StepOf
from runner.contract.values import format_instant, instant_or_none
from runner.engine import events as ev
from runner.engine.commands import Answer, Command, Scalar
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import may_override
from runner.engine.questions import APPROVED, ask, carrier, last_addressee, wanted
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.runs import fail_step, finish_step
from runner.engine.state import Offer, Run

__all__ = ["CLOCK", "answer", "expire_question", "move_question", "pass_question_on", "refuse_question"]

CLOCK = "surety:clock"
"""Who answers when the defaults count."""
_WANTED = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "person": "a person whom the people file knows, by id",
    "instant": "a date with time and zone",
}


def answer(draft: Draft, command: Command, args: Answer) -> None:
    """The one who is asked answers, or a manager in that person's place; the run goes on with it."""
    offer = _question(draft, command, args.offer)
    _, step = _asking(draft, offer)
    answers = _checked(draft, wanted(step), args)
    if step.kind == "approve" and answers[APPROVED] is True and command.actor == carrier(draft):
        raise CommandRejected(
            RejectReason.NOT_ALLOWED, "who carries it out cannot approve it; reject the question, so that it passes on"
        )
    reason = Reason.ANSWERED if command.actor == offer.to else Reason.OVERRIDE
    _answered(draft, offer, answers, command.actor, reason)


def _question(draft: Draft, command: Command, number: int) -> Offer:
    offer = draft.open_offer(number)
    if offer.purpose != "question":
        raise CommandRejected(
            RejectReason.WRONG_OFFER, f"offer {number} asks for no answer: accept it, or reject it with a reason"
        )
    if offer.to != command.actor and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"offer {number} asks {offer.to}; a manager may answer as well")
    return offer


def refuse_question(offer: Offer) -> None:
    """Refuse to take a question for an offer of the escalation."""
    if offer.purpose == "question":
        raise CommandRejected(
            RejectReason.WRONG_OFFER, f"offer {offer.id} is a question: answer it, or reject it with a reason"
        )


def _asking(draft: Draft, offer: Offer) -> tuple[Run, StepOf]:
    """The run and the step that an offer asks for."""
    run = draft.state.runs[offer.run or ""]
    return run, draft.steps(run.point)[run.step]


def _checked(draft: Draft, needed: Mapping[str, AnswerOf], args: Answer) -> dict[str, Scalar]:
    """The answers with the defaults of those that were left out; refused with all that does not fit."""
    given: dict[str, Scalar] = {**args.answers, **args.texts}
    given = {name: value for name, value in given.items() if value is not None}
    wrong = [f"there is no answer {name}" for name in sorted(given.keys() - needed.keys())]
    answers: dict[str, Scalar] = {}
    for name, each in needed.items():
        if name not in given:
            if each.default is not None:
                answers[name] = each.default  # type: ignore[assignment] # the compiler has checked it
            elif each.required:
                wrong.append(f"{name} is missing, wanted: {_words(each)}")
            continue
        fitting = _fitting(draft, each, given[name], as_text=name in args.texts)
        if fitting is None:
            wrong.append(f"{name} does not fit, wanted: {_words(each)}")
        answers[name] = fitting
    if wrong:
        names = "; ".join(f"{name}: {_words(each)}" for name, each in needed.items())
        raise CommandRejected(RejectReason.WRONG_ANSWER, f"{'; '.join(wrong)} (answers: {names})")
    return answers


def _words(wanted: AnswerOf) -> str:
    return f"one of {', '.join(wanted.values)}" if wanted.type == "choice" else _WANTED[wanted.type]


def _fitting(draft: Draft, wanted: AnswerOf, value: Scalar, *, as_text: bool) -> Scalar:
    """The value as it is kept; None if it is none of the wanted type."""
    if as_text or wanted.type == "text":
        return value if as_text and wanted.type == "text" else None
    match wanted.type:
        case "choice":
            return value if value in wanted.values else None
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
            return value if fits else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "person":
            return value if isinstance(value, str) and _known(draft, value) else None
        case _:
            at = instant_or_none(value)
            return format_instant(at) if at is not None else None


def _known(draft: Draft, person: str) -> bool:
    """Whether the roster knows a person, who may be away."""
    found = draft.present(person)
    return not isinstance(found, Nobody) or found.reason is not Reason.UNKNOWN_REF


def _answered(draft: Draft, offer: Offer, answers: dict[str, Scalar], by: str, reason: Reason) -> None:
    run, step = _asking(draft, offer)
    draft.add(
        made(
            ev.QuestionAnswered,
            reason=reason,
            rule=step.rule,
            offer=offer.id,
            run=run.id,
            step=run.step,
            by=by,
            answers=answers,
        )
    )
    if step.kind == "approve" and answers[APPROVED] is not True:
        fail_step(draft, run, step, Reason.REFUSED, "refused")
    else:
        finish_step(draft, run, step, answers, reason)


def expire_question(draft: Draft, offer: Offer) -> None:
    """Nobody answered in time: whoever is the last is reminded, everybody else's question passes on."""
    reason = Reason.NO_ANSWER if offer.told else Reason.NOT_TOLD
    if offer.on_end == "stay":
        _remind(draft, offer)
    else:
        rule = _asking(draft, offer)[1].rule
        pass_question_on(draft, offer, reason, due=True)
        if not offer.told:
            _tell_of_silence(draft, rule)


def _tell_of_silence(draft: Draft, rule: str) -> None:
    """The escalation owner hears of a question that reached nobody, unless what followed says so already."""
    manager = draft.manager().id
    if not any(isinstance(event, ev.DeliveryRequested) and event.to == manager for event in draft.events):
        draft.tell(manager, "not_told", Reason.NOT_TOLD, rule)


def move_question(draft: Draft, offer: Offer) -> bool:
    """Ask whoever is the last now; False if that is the one who is asked already."""
    run, step = _asking(draft, offer)
    to = last_addressee(draft, step, Reason.ROSTER_MOVED)
    if to is not None and to.person == offer.to:
        return False
    draft.add(_ended(offer, Reason.ROSTER_MOVED, step, due=False))
    _ask_last(draft, run, step, Reason.ROSTER_MOVED)
    return True


def _remind(draft: Draft, offer: Offer) -> None:
    if move_question(draft, offer):
        return
    run, step = _asking(draft, offer)
    due = draft.after(draft.contract.limits.remind_every)
    renewed = made(ev.QuestionRenewed, reason=Reason.STILL_OPEN, rule=step.rule, offer=offer.id, run=run.id, due=due)
    draft.add(renewed)
    draft.tell(offer.to, "question", Reason.STILL_OPEN, step.rule, offer.id)


def pass_question_on(draft: Draft, offer: Offer, reason: Reason, *, due: bool = False, text: str | None = None) -> None:
    """End a question that was not answered, and do what its step says then; `due` if its time was up.

    Refused where nobody is left to whom it could pass; the last resort is, for one with a conflict of interest.
    """
    run, step = _asking(draft, offer)
    last = offer.on_end == "stay"
    conflict = reason is Reason.REJECTED_CONFLICT and offer.to != draft.world.last_resort.id
    if last and not conflict:
        raise CommandRejected(
            RejectReason.NOBODY_ABOVE, "nobody comes after you: answer it, or a manager may answer in your place"
        )
    draft.add(_ended(offer, reason, step, due=due, text=text))
    match "escalate" if last else step.otherwise:
        case "default":
            defaults = {name: each.default for name, each in wanted(step).items() if each.default is not None}
            _answered(draft, offer, defaults, CLOCK, Reason.DEFAULTED)  # type: ignore[arg-type] # as above
        case "fail":
            fail_step(draft, run, step, reason, reason.value)
        case _:
            _ask_last(draft, run, step, reason)


def _ask_last(draft: Draft, run: Run, step: StepOf, reason: Reason) -> None:
    to = last_addressee(draft, step, reason)
    if to is None:
        fail_step(draft, run, step, Reason.OWN_APPROVAL, "nobody_may_approve")
    else:
        ask(draft, run.id, run.step, step, to, last=True)


def _ended(offer: Offer, reason: Reason, step: StepOf, *, due: bool, text: str | None = None) -> ev.OfferEnded:
    return made(
        ev.OfferEnded,
        reason=reason,
        rule=step.rule,
        offer=offer.id,
        person=offer.to,
        due=offer.due if due else None,
        text=text,
    )
