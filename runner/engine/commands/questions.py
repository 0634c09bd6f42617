"""What people answer when a step asks them. Imperative; free text only as digests."""

from __future__ import annotations

from typing import Literal

from runner.engine.commands.base import ArgsBase, Scalar, TextRef

__all__ = ["Answer"]


class Answer(ArgsBase):
    """Answer the question of an offer: by name, those of type text in `texts`; an approval wants `approved`."""

    type: Literal["Answer"] = "Answer"
    offer: int
    answers: dict[str, Scalar] = {}
    texts: dict[str, TextRef] = {}
