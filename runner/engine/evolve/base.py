"""What changing a state is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.engine.state import Offer, State

__all__ = ["Apply", "reached", "without"]

Apply = Callable[[State, Any], None]


def without(offers: Mapping[int, Offer], *gone: int) -> dict[int, Offer]:
    """The offers except these."""
    return {key: offer for key, offer in offers.items() if key not in gone}


def reached(new: State, person: str) -> None:
    """The person has heard from us, or acts on what was asked."""
    if person in new.unreached:
        new.unreached = tuple(each for each in new.unreached if each != person)
