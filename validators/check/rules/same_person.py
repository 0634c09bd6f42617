"""SUR511: two rungs of a ladder are two people, whoever is on call. That they are named alike is said by SUR306."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from runner.contract.contract import RungOf
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
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Each pair of rungs of each contract of a valid revision: the first time at which they are one person."""
    revision, duty = subject.revision, subject.duty
    if revision is None or duty is None:
        return
    shared: dict[tuple[OwnerRef, OwnerRef], Piece | None] = {}
    for document, template in subject.templates:
        contract = revision.contracts.get(template.name)
        for above, below in combinations(contract.ladder if contract else (), 2):
            pair = (above.owner, below.owner)
            if above.owner == below.owner:
                continue  # the escalation owner once more, or SUR306
            if pair not in shared:
                shared[pair] = _first_shared(duty, *pair)
            piece = shared[pair]
            if piece is not None and isinstance(piece.who, Person):
                message = _message(duty, above, below, piece, piece.who)
                yield _RULE.found(document, ("owners", below.name), message, _help(above.owner, below.owner))


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


def _message(duty: Duty, above: RungOf, below: RungOf, piece: Piece, who: Person) -> str:
    where = next(
        (duty.roster.turns[ref.rotation].zone for ref in (below.owner, above.owner) if ref.rotation), zone("UTC")
    )
    names = f"{above.name.replace('_', ' ')} ({above.owner}) and {below.name.replace('_', ' ')} ({below.owner})"
    instead = f", standing in for `{who.passed_over[0][0]}`" if who.passed_over else ""
    until = "" if piece.end == duty.end else f" until {when(piece.end, where)}"
    return f"{names} are both `{who.id}`{instead} from {when(piece.start, where)}{until}"


def _help(above: OwnerRef, below: OwnerRef) -> str:
    if above.rotation is not None and below.rotation is not None:
        return f"write apart_from: [{above.rotation}] in the rotation `{below.rotation}`"
    return "name somebody for one of them who does not stand on the other"
