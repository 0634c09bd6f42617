"""Questions that steps ask people."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar
from runner.engine.events.base import EventBase
from runner.engine.reasons import Reason

__all__ = ["QuestionAnswered", "QuestionAsked", "QuestionRenewed", "QuestionsEvent"]


class QuestionAsked(EventBase):
    """A person is asked by a step, until `due`; `last` if nobody comes after, who is then reminded.

    `passed_over` says who was meant before this person, and why it is another.
    """

    type: Literal["QuestionAsked"] = "QuestionAsked"
    offer: int
    run: str
    step: int
    to: str
    due: Instant
    last: bool = False
    passed_over: dict[str, Reason] = {}


class QuestionRenewed(EventBase):
    """The person who must answer, since nobody comes after, is reminded now and again at `due`."""

    type: Literal["QuestionRenewed"] = "QuestionRenewed"
    offer: int
    run: str
    due: Instant


class QuestionAnswered(EventBase):
    """The answers by name, texts as digests; `by` is `surety:clock` when the defaults count."""

    type: Literal["QuestionAnswered"] = "QuestionAnswered"
    offer: int
    run: str
    step: int
    by: str
    answers: dict[str, Scalar]


QuestionsEvent = QuestionAsked | QuestionRenewed | QuestionAnswered
