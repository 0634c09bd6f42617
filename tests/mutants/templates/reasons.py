"""Why a mutant of the shipped templates is left: what is written down about it, by name or by a pattern with `*`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["Reason", "reason_of", "reasons", "stale_patterns"]

FILE: Final = Path(__file__).parent / "reasons.json"


@dataclass(frozen=True, slots=True)
class Reason:
    """What is said of all mutants whose name fits one of the patterns."""

    why: str
    of: tuple[str, ...]

    def fits(self, name: str) -> bool:
        """Whether it is said of this one."""
        return any(_fits(pattern, name) for pattern in self.of)


@cache
def reasons() -> tuple[Reason, ...]:
    """All that is written down; the first that fits counts."""
    return tuple(Reason(each["why"], tuple(each["of"])) for each in json.loads(FILE.read_text(encoding="utf-8")))


def reason_of(name: str) -> str | None:
    """Why a mutant is left; None if nobody has said it yet."""
    return next((each.why for each in reasons() if each.fits(name)), None)


def stale_patterns(left: Iterable[str]) -> list[str]:
    """The patterns that fit none of those that are left."""
    names = list(left)
    return [each for reason in reasons() for each in reason.of if not any(_fits(each, name) for name in names)]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _fits(pattern: str, name: str) -> bool:
    return _compiled(pattern).fullmatch(name) is not None
