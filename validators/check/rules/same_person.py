"""SUR511 and SUR517: two rungs of a ladder are two people, whoever is on call. SUR306 says if they are named alike."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.values import OwnerRef
from runner.engine.coverage import Piece
from runner.engine.roster import Person
from runner.zones import zone
from validators.check.duty import Duty
from validators.check.spoken import when
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR511",
    name="same-person-on-two-rungs",
    severity=Severity.WARNING,
    summary="At some time of the next 90 days two rungs of a ladder are the same person.",
    why="Nobody is asked twice in one pass: the second rung is passed over, so there is no substitute at that time, "
    "and the case goes up sooner than the template says.",
    bad="""\
second:
  summary: Whoever is asked second.
  members: [ann, ben]
""",
    good="""\
second:
  summary: Whoever is asked second.
  apart_from: [first]
  members: [ann, ben]
""",
    fix="Write `apart_from: [OTHER]` in the rotation of the later rung: the next member in turn is then taken, who is "
    "somebody else. A person who is named directly must not stand in a rotation of the same ladder.",
)
_FOREVER = Rule(
    code="SUR517",
    name="substitute-is-the-primary",
    severity=Severity.ERROR,
    summary="Primary and secondary are named otherwise, and can only ever be the same person.",
    why="There is no substitute at all: when the one person does not answer, nobody else is asked before the "
    "escalation owner. The template looks as if there were one.",
    bad="""\
  primary: {person: ann}
  secondary: {team: night}
""",
    good="""\
  primary: {person: ann}
  secondary: {person: ben}
""",
    fix="Name somebody else as secondary, or add people to the team, the job or the rotation that the finding names.",
)
RULES: Final = (_RULE, _FOREVER)
_Rung = tuple[str, OwnerRef]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Each pair of rungs of each ladder of a valid revision: the first time at which they are one person."""
    duty = subject.duty
    if duty is None:
        return
    documents = {template.name: document for document, template in subject.templates}
    for ladder, templates in duty.ladders.items():
        for above, below in combinations(ladder, 2):
            if (sole := _for_ever(duty, above, below)) is not None:
                message = f"primary ({above[1]}) and secondary ({below[1]}) can never be anybody but `{sole}`"
                for name in templates:
                    help_text = "name somebody else as secondary, or add people to it"
                    yield _FOREVER.found(documents[name], ("owners", below[0]), message, help_text)
                continue
            # Whoever is named twice is the escalation owner once more, or SUR306.
            piece = _first_shared(duty, above[1], below[1]) if above[1] != below[1] else None
            if piece is not None and isinstance(piece.who, Person):
                message, help_text = _message(duty, above, below, piece, piece.who), _help(above[1], below[1])
                for name in templates:
                    yield _RULE.found(documents[name], ("owners", below[0]), message, help_text)


def _for_ever(duty: Duty, above: _Rung, below: _Rung) -> str | None:
    """The only person whom primary and secondary can mean, whoever is away; None if there are more, or it is SUR306."""
    if (above[0], below[0]) != ("primary", "secondary") or above[1] == below[1]:
        return None
    everybody = {*duty.people_of(above[1]), *duty.people_of(below[1])}
    return everybody.pop() if len(everybody) == 1 else None


def _first_shared(duty: Duty, one: OwnerRef, other: OwnerRef) -> Piece | None:
    """The first stretch of time at which both mean the same person; its answer is that of the one who stands in."""
    left, right = iter(duty.pieces(one)), iter(duty.pieces(other))
    first, second = next(left, None), next(right, None)
    while first is not None and second is not None:
        since, until = max(first.start, second.start), min(first.end, second.end)
        if isinstance(first.who, Person) and isinstance(second.who, Person) and first.who.id == second.who.id:
            stands_in = second.who if second.who.passed_over else first.who
            if since < until:
                return Piece(since, until, stands_in)
        if first.end <= second.end:
            first = next(left, None)
        else:
            second = next(right, None)
    return None


def _message(duty: Duty, above: _Rung, below: _Rung, piece: Piece, who: Person) -> str:
    where = next((duty.roster.turns[ref.rotation].zone for _, ref in (below, above) if ref.rotation), zone("UTC"))
    names = " and ".join(f"{name.replace('_', ' ')} ({ref})" for name, ref in (above, below))
    instead = f", standing in for `{who.passed_over[0][0]}`" if who.passed_over else ""
    until = "" if piece.end == duty.end else f" until {when(piece.end, where)}"
    return f"{names} are both `{who.id}`{instead} from {when(piece.start, where)}{until}"


def _help(above: OwnerRef, below: OwnerRef) -> str:
    if above.rotation is not None and below.rotation is not None:
        return f"write apart_from: [{above.rotation}] in the rotation `{below.rotation}`"
    return "name somebody for one of them who does not stand on the other"
