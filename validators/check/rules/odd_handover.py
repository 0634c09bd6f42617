"""SUR710 and SUR711: rotations change hands at a local time that every day has once. Moves no hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Path
from runner.contract.policies import Handover, Rotation, Rotations
from runner.contract.rule import Rule
from runner.contract.values import format_instant
from runner.engine.coverage import OddHandover
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_FIX = "Choose a local time in the day; clocks are changed at night."
_MISSING = Rule(
    code="SUR710",
    name="handover-at-missing-time",
    severity=Severity.WARNING,
    summary="In the coming year a rotation changes hands at a local time that does not exist on that day.",
    why="The clocks are put forward over it. Surety hands over at the first instant after the gap; a person who looks "
    "at the plan may think otherwise, and two people or nobody feel responsible.",
    bad="""\
handover: {every: day, at: "02:30"}
""",
    good="""\
handover: {every: day, at: "09:00"}
""",
    fix=_FIX,
)
_TWICE = Rule(
    code="SUR711",
    name="handover-at-double-time",
    severity=Severity.WARNING,
    summary="In the coming year a rotation changes hands at a local time that comes twice on that day.",
    why="The clocks are put back over it. Surety hands over when it comes first; whoever waits for the second time "
    "comes an hour late.",
    bad="""\
handover: {every: day, at: "02:30"}
""",
    good="""\
handover: {every: day, at: "09:00"}
""",
    fix=_FIX,
)
RULES: Final = (_MISSING, _TWICE)
_HOUR: Final = 3600
_DAY_HOURS: Final = 24
_BY_DAY: Final = (9, 8, 7, 6, 10, 11, 5, 4, 3)
"""Hours to begin with, the more usual first."""
_BY_NIGHT: Final = frozenset((0, 1, 2))
"""Hours into which clocks are changed: at midnight, at one, or at two, by zone."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every layer of every rotation of a valid revision, with the dates.

    Nothing of a layer whose shifts are so short that some hand-over falls into the night whatever its time is.
    """
    document, duty = subject.documents.one("Rotations"), subject.duty
    if document is None or duty is None:
        return
    for name, rotation in document.read_as(Rotations).rotations.items():
        by_place: dict[tuple[Rule, Path], list[OddHandover]] = {}
        for odd in duty.odd_handovers(name):
            rule = _MISSING if odd.missing else _TWICE
            by_place.setdefault((rule, ("rotations", name, *_place(rotation, odd))), []).append(odd)
        for (rule, path), found in by_place.items():
            advice = _advice(_handover(rotation, found[0]))
            if advice is None:
                continue
            what = "does not exist" if rule is _MISSING else "comes twice"
            days = ", ".join(f"{each.local:%Y-%m-%d} (at {format_instant(each.at)[11:16]} UTC)" for each in found)
            at = f"{found[0].local:%H:%M}"
            message = f"`{name}` changes hands at {at} in {rotation.zone}, which {what} on {days}"
            yield rule.found(document, path, message, advice)


def _handover(rotation: Rotation, odd: OddHandover) -> Handover:
    """How the layer changes hands in which the hand-over is."""
    turns = rotation.versions[odd.version - 1] if odd.version else rotation
    return turns.stack[odd.layer].handover


def _advice(handover: Handover) -> str | None:
    """What to write; None if no time of the day is better than another."""
    apart = gcd(handover.every // _HOUR, _DAY_HOURS)  # of the clock times at which hands are ever changed
    for first in _BY_DAY:
        times = sorted((first + apart * number) % _DAY_HOURS for number in range(_DAY_HOURS // apart))
        if not _BY_NIGHT & set(times):
            others = ", ".join(f"{hour:02}:00" for hour in times if hour != first)
            so = f", so that it changes at {others} as well" if others else ""
            return f'choose a time that every day has once, such as at: "{first:02}:00"{so}'
    return None


def _place(rotation: Rotation, odd: OddHandover) -> Path:
    """Where the hand-over's time is written, below the rotation."""
    turns = rotation.versions[odd.version - 1] if odd.version else rotation
    version: Path = ("versions", odd.version - 1) if odd.version else ()
    layer: Path = ("layers", odd.layer) if turns.layers is not None else ()
    return (*version, *layer, "handover", "at")
