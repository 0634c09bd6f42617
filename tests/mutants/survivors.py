"""Why a mutant survives: what neither a guarantee nor a test of the engine's own notices, each for a reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["EXPLAINED", "why_it_survives"]

EXPLAINED: tuple[tuple[str, str], ...] = ()
"""Patterns of names, the first that fits counts."""


def why_it_survives(mutant: str) -> str | None:
    """The reason; None if nobody has given one yet."""
    return next((why for pattern, why in EXPLAINED if fnmatchcase(mutant, pattern)), None)
