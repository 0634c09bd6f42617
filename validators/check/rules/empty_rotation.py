"""SUR510: somebody is on call in every rotation at every instant. Does not ask whether a template uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Rotations
from runner.contract.rule import Rule
from runner.contract.values import OwnerRef, format_instant
from runner.engine.coverage import Piece
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.roster import Nobody
from validators.check.duty import DAYS
from validators.check.spoken import when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR510",
    name="empty-rotation",
    severity=Severity.ERROR,
    summary="At some time of the next 90 days nobody is on call in a rotation.",
    why="A rung whose rotation is empty is passed over at once. Whoever reads the template believes that somebody "
    "answers; at that hour nobody does, and one silent person fewer stands between the customer and the manager.",
    bad="""\
only: [{days: [monday, tuesday, wednesday, thursday, friday]}]
""",
    good="""\
only: [{days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]}]
""",
    fix="If a person is away: give them a `substitute`, or let somebody take over with a swap in the Absences policy. "
    "If no layer counts at that time: widen `only`, or add a layer below the others that always counts.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The first gap of each rotation of a valid revision."""
    document, duty = subject.documents.one("Rotations"), subject.duty
    if document is None or duty is None:
        return
    for name in document.read_as(Rotations).rotations:
        pieces = duty.pieces(OwnerRef(rotation=name))
        gaps = [piece for piece in pieces if isinstance(piece.who, Nobody)]
        if gaps:
            gap, more = gaps[0], len(gaps) - 1
            zone = duty.roster.turns[name].zone
            again = f"; and {more} more {'time' if more == 1 else 'times'} in {DAYS} days" if more else ""
            until = "or longer" if gap.end == duty.end else f"until {when(gap.end, zone)}"
            utc = f"in UTC {format_instant(gap.start)[:16]} to {format_instant(gap.end)[:16]}"
            message = f"nobody is on call in `{name}` from {when(gap.start, zone)} {until}, {utc}: {_why(gap)}{again}"
            yield _RULE.found(document, ("rotations", name), message, _help(gap), key=True)


def _why(gap: Piece) -> str:
    if not isinstance(gap.who, Nobody):
        raise TypeError(gap)
    absent = [f"`{person}`" for person, reason in gap.who.passed_over if reason is Reason.ABSENT]
    if gap.who.reason is Reason.ABSENT and absent:
        return f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} away"
    if gap.who.reason is Reason.KEPT_APART:
        return "every member in turn is away, or on call where this rotation is kept apart from"
    return SENTENCES[gap.who.reason]


def _help(gap: Piece) -> str:
    match gap.who.reason if isinstance(gap.who, Nobody) else None:
        case Reason.ABSENT:
            return "add a substitute in the People policy, or a swap for that time in the Absences policy"
        case Reason.KEPT_APART:
            return "add members who are not in the other rotation"
        case _:
            return "let a layer count at that time: widen `only`, or let `starts` be earlier"
