"""SUR713: whoever is named as an owner is replaced while away. Rotations that become empty are found by SUR510."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Absence, Absences
from runner.contract.rule import Rule
from runner.engine.coverage import Piece
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from validators.check.spoken import when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR713",
    name="absence-without-substitute",
    severity=Severity.WARNING,
    summary="In the next 90 days somebody is away who is named as an owner, and nobody stands in.",
    why="That rung is passed over for the whole absence, and for an escalation owner the last resort is asked: the "
    "person who should hear of it only when everything else has failed.",
    bad="""\
absences:
  - {person: cyd, from: "2026-04-07T09:00:00Z", until: "2026-04-14T09:00:00Z"}
""",
    good="""\
zone: America/New_York
substitute: dee
""",
    fix="Give the person a `substitute` in the People policy, or name a rotation or a team as the owner.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The absences of a valid revision, against whoever is named by person, team or job."""
    document, duty = subject.documents.one("Absences"), subject.duty
    if document is None or duty is None:
        return
    absences = document.read_as(Absences).absences
    reported: set[int] = set()
    for ref, place in duty.asked.items():
        for piece in duty.pieces(ref) if ref.rotation is None else ():
            index = _behind(piece, duty.people_of(ref), absences)
            if index is not None and index not in reported:
                reported.add(index)
                person = absences[index].person
                meant = "" if ref.person == person else f" ({ref})"
                until = "" if piece.end == duty.end else f" until {when(piece.end, duty.zone_of(person))}"
                span = f"from {when(piece.start, duty.zone_of(person))}{until}"
                message = f"while `{person}` is away nobody stands in as {place}{meant}, {span}"
                help_text = f"write substitute: SOMEBODY for `{person}` in the People policy"
                yield _RULE.found(document, ("absences", index), message, help_text)


def _behind(piece: Piece, people: Sequence[str], absences: Sequence[Absence]) -> int | None:
    """Which absence leaves nobody: the last to begin of those people; None if somebody is there."""
    if not isinstance(piece.who, Nobody) or piece.who.reason is not Reason.ABSENT:
        return None
    behind = [
        (absence.from_, index)
        for index, absence in enumerate(absences)
        if absence.person in people and absence.from_ <= piece.start < absence.until
    ]
    return max(behind)[1] if behind else None
