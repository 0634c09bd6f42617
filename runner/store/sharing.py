"""How one take is shared between fresh work and work that failed before, so that neither starves. Orders nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["share"]

T = TypeVar("T")


def share(again: Sequence[T], fresh: Sequence[T], limit: int) -> list[T]:
    """At most `limit`: half (rounded up) from `again`, the rest from `fresh`; what one leaves free the other takes."""
    from_again = min(len(again), max((limit + 1) // 2, limit - len(fresh)))
    return [*again[:from_again], *fresh[: limit - from_again]]
