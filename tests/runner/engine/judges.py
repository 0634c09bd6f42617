"""The guarantees with their numbers and names: every function that judges a decision, a refusal, or a whole life."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from runner.engine.reasons import RejectReason
from tests.runner.engine.drift_and_ends import check_drift, check_ends
from tests.runner.engine.earned import check_earned, check_welcome
from tests.runner.engine.guarantees import DECISIONS, Guarantee, Seen
from tests.runner.engine.lifelong import check_life, check_next, check_replay
from tests.runner.engine.proof_and_rights import (
    check_ownership,
    check_pinned,
    check_proven,
    check_right_kept,
    check_rights,
)
from tests.runner.engine.said_and_done import (
    check_done,
    check_noted,
    check_results,
    check_said,
    check_scopes,
)
from tests.runner.engine.undone import check_logged, check_undone
from tests.runner.engine.words_and_results import check_delivered, check_effects, check_silence
from tests.runner.engine.worlds import Life

__all__ = ["EVERY_DECISION", "EVERY_LIFE", "EVERY_REFUSAL", "NAMES", "NUMBERS", "numbers_of"]

NAMES: dict[int, str] = {
    1: "Someone is accountable at every instant",
    2: "There is always a next deadline",
    3: "Ownership moves only through the engine",
    4: "Late is not lost",
    5: "Loops end",
    6: "Acceptance is earned and can lapse",
    7: "Nothing resolves or closes unproven",
    8: "Automated steps can be undone",
    9: "Silence is impossible",
    10: "Humans may override",
    11: "Pinned",
    12: "Reproducible",
    13: "One open escalation per ticket",
}

EVERY_DECISION: tuple[Guarantee, ...] = (
    *DECISIONS,
    Guarantee(3, "ownership", check_ownership),
    Guarantee(3, "drift", check_drift),
    Guarantee(6, "earned", check_earned),
    Guarantee(7, "proven", check_proven),
    Guarantee(8, "undone", check_logged),
    Guarantee(9, "silence", check_silence),
    Guarantee(9, "silence", check_delivered),
    Guarantee(10, "rights", check_rights),
    Guarantee(11, "pinned", check_pinned),
    Guarantee(8, "runs", check_scopes),
    Guarantee(9, "answered", check_results),
    Guarantee(10, "said", check_said),
    Guarantee(12, "done", check_done),
    Guarantee(13, "noted", check_noted),
    Guarantee(13, "ends", check_ends),
    Guarantee(0, "effects", check_effects),
)


class OfRefusals(NamedTuple):
    """A guarantee that a refused command (or one that was taken: `rejected` None) can break."""

    number: int
    name: str
    check: Callable[[Seen, RejectReason | None], None]


EVERY_REFUSAL: tuple[OfRefusals, ...] = (
    OfRefusals(4, "late", check_welcome),
    OfRefusals(10, "rights", check_right_kept),
)


class OfLives(NamedTuple):
    """A guarantee that only a whole life can break; the number is that of its events when people fell silent."""

    number: int
    name: str
    check: Callable[[Life, int], None]


EVERY_LIFE: tuple[OfLives, ...] = (
    OfLives(2, "deadline", check_next),
    OfLives(5, "loops", check_life),
    OfLives(8, "undone", check_undone),
    OfLives(12, "reproducible", check_replay),
)
NUMBERS: dict[str, int] = {
    **{each.name: each.number for each in EVERY_DECISION},
    **{each.name: each.number for each in EVERY_REFUSAL},
    **{each.name: each.number for each in EVERY_LIFE},
}
NUMBERS |= {"one open": 13, "silent": 13, "untouched": 0, "total": 0, "small": 0}


def numbers_of(names: set[str]) -> list[int]:
    """The numbers of the guarantees behind some names, without those that stand for none of the thirteen."""
    return sorted({NUMBERS[name] for name in names} - {0})
