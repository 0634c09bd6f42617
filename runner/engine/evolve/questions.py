"""The state after events of questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply, reached, without
from runner.engine.state import Offer, State

__all__ = ["APPLY"]


def _question_asked(new: State, event: ev.QuestionAsked) -> None:
    offer = Offer(
        id=event.offer,
        purpose="question",
        sender=None,
        to=event.to,
        rung=None,
        made_at=new.now,
        due=event.due,
        on_accept="answer",
        on_end="stay" if event.last else "escalation_owner",  # or as the step says
        exception=None,
        run=event.run,
        step=event.step,
    )
    new.offers = {**new.offers, event.offer: offer}
    new.offer_count = event.offer
    _due(new, event)


def _question_renewed(new: State, event: ev.QuestionRenewed) -> None:
    new.offers = {**new.offers, event.offer: replace(new.offers[event.offer], due=event.due)}
    _due(new, event)


def _due(new: State, event: ev.QuestionAsked | ev.QuestionRenewed) -> None:
    """The step lasts as long as its question."""
    new.runs = {**new.runs, event.run: replace(new.runs[event.run], due=event.due)}


def _question_answered(new: State, event: ev.QuestionAnswered) -> None:
    new.offers = without(new.offers, event.offer)
    reached(new, event.by)


APPLY: Mapping[str, Apply] = {
    "QuestionAsked": _question_asked,
    "QuestionRenewed": _question_renewed,
    "QuestionAnswered": _question_answered,
}
