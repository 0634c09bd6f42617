"""SUR710 and SUR711: rotations change hands at a local time that every day has once. Moves no hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Path
from runner.contract.policies import Rotation, Rotations
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


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every layer of every rotation of a valid revision, with the dates."""
    document, duty = subject.documents.one("Rotations"), subject.duty
    if document is None or duty is None:
        return
    for name, rotation in document.read_as(Rotations).rotations.items():
        by_place: dict[tuple[Rule, Path], list[OddHandover]] = {}
        for odd in duty.odd_handovers(name):
            rule = _MISSING if odd.missing else _TWICE
            by_place.setdefault((rule, ("rotations", name, *_place(rotation, odd))), []).append(odd)
        for (rule, path), found in by_place.items():
            what = "does not exist" if rule is _MISSING else "comes twice"
            days = ", ".join(f"{each.local:%Y-%m-%d} (at {format_instant(each.at)[11:16]} UTC)" for each in found)
            at = f"{found[0].local:%H:%M}"
            message = f"`{name}` changes hands at {at} in {rotation.zone}, which {what} on {days}"
            help_text = "choose a time that every day has once, such as 09:00"
            yield rule.found(document, path, message, help_text)


def _place(rotation: Rotation, odd: OddHandover) -> Path:
    """Where the hand-over's time is written, below the rotation."""
    turns = rotation.versions[odd.version - 1] if odd.version else rotation
    version: Path = ("versions", odd.version - 1) if odd.version else ()
    layer: Path = ("layers", odd.layer) if turns.layers is not None else ()
    return (*version, *layer, "handover", "at")
