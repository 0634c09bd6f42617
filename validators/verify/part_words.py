"""What each part of an exploration looks at, in words for people. Explores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["PARTS", "part_words"]

PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ownership": "who is asked and who holds it",
        "ownership with an exception": "who holds it while an exception is open",
        "exceptions and tasks": "exceptions and their tasks",
        "waits with an exception": "what is awaited while an exception is open",
        "messages": "messages that reach nobody",
        "writes and drift": "what is written to the ticket",
        "remedies": "what must be put right before it may end",
        "substitutes": "who is asked in whose place",
        "times": "the longest times when nobody acts",
    }
)
"""By name, apart from the parts that look at the steps of one point."""


_RUNS: Final = "runs: "


def part_words(*names: str) -> str:
    """What the parts of these names look at."""
    points = [f"`{name.removeprefix(_RUNS)}`" for name in names if name.startswith(_RUNS)]
    others = [PARTS.get(name, name) for name in names if not name.startswith(_RUNS)]
    return "; ".join([*others, f"the steps at {', '.join(points)}"] if points else others)
