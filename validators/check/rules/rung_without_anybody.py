"""SUR514: every rung can be reached. That somebody is missing now and then is for SUR510 and SUR713 to say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from runner.contract.contract import Contract, RungOf
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.values import OwnerRef, format_duration
from runner.engine.calendars import add_time, open_intervals
from runner.engine.coverage import Piece
from runner.engine.roster import Nobody
from runner.zones import zone
from validators.check.duty import DAYS, Duty
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR514",
    name="rung-without-anybody",
    severity=Severity.WARNING,
    summary="Whenever a rung could be asked in the next 90 days, nobody stands on it.",
    why="The rung is passed over each time, so it might as well not be there. It happens when a timebox ends in "
    "office hours alone, and the next rung is on call only at night; or when the one who is named is away all the "
    "while.",
    bad="""\
accept:
  within: {time: 1h, calendar: office}
""",
    good="""\
accept:
  within: 1h
""",
    fix="Let the timebox of the rung above count every hour, or let the rotation of this rung cover the hours in which "
    "that timebox ends, or name somebody who is there.",
)
RULES: Final = (_RULE,)

_TICK: Final = timedelta(microseconds=1)
_Stretch = tuple[datetime, datetime]
"""Instants after the first and up to the second, that one included: a box never ends just as a calendar opens."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The rungs and path owners of each contract of a valid revision."""
    revision, duty = subject.revision, subject.duty
    if revision is None or duty is None:
        return
    named = {template.name: (document, template) for document, template in subject.templates}
    for ladder, names in duty.ladders.items():
        suspects = [number for number, (_, owner) in enumerate(ladder) if _gaps(duty, owner)]
        for name in names if suspects else ():
            contract = revision.contracts[name]
            arrivals = _arrivals(contract, duty, suspects[-1])
            for number in suspects:
                if not _met(arrivals[number], duty.pieces(contract.ladder[number].owner)):
                    yield _rung(named[name][0], contract, number)
    nobody = {ref for ref in duty.asked if all(isinstance(piece.who, Nobody) for piece in duty.pieces(ref))}
    for name, contract in revision.contracts.items() if nobody else ():
        yield from _path_owners(*named[name], contract, nobody)


def _gaps(duty: Duty, ref: OwnerRef) -> bool:
    return any(isinstance(piece.who, Nobody) for piece in duty.pieces(ref))


def _met(stretches: list[_Stretch], pieces: tuple[Piece, ...]) -> bool:
    """Whether somebody is there at one of these instants."""
    there = [piece for piece in pieces if not isinstance(piece.who, Nobody)]
    return any(piece.start <= last and piece.end > after for after, last in stretches for piece in there)


def _arrivals(contract: Contract, duty: Duty, rung: int) -> list[list[_Stretch]]:
    """For each rung up to this one, the instants at which it is asked if everybody before lets the time pass."""
    here: list[_Stretch] = [(duty.start - _TICK, duty.end - _TICK)]
    found = [here]
    for above in contract.ladder[:rung]:
        later: list[_Stretch] = []
        for piece in duty.pieces(above.owner):
            for after, last in _within(here, piece):
                if isinstance(piece.who, Nobody):
                    later.append((after, last))
                else:
                    later.extend(_ends(contract, above, after, last))
        here = [(after, min(last, duty.end - _TICK)) for after, last in later if after < duty.end - _TICK]
        found.append(here)
    return found


def _within(stretches: list[_Stretch], piece: Piece) -> Iterator[_Stretch]:
    for after, last in stretches:
        begin, end = max(after, piece.start - _TICK), min(last, piece.end - _TICK)
        if begin < end:
            yield begin, end


def _ends(contract: Contract, above: RungOf, after: datetime, last: datetime) -> Iterator[_Stretch]:
    """When the timebox of a rung ends that is asked at one of these instants."""
    box = above.within
    calendar = contract.calendars[box.calendar] if box.calendar else None
    if calendar is None:
        yield after + timedelta(seconds=box.seconds), last + timedelta(seconds=box.seconds)
        return
    there = zone(calendar.zone)
    first, final = (add_time(calendar, there, at, box.seconds) for at in (after + _TICK, last))
    for opens, closes in open_intervals(calendar, there, first - _TICK):
        if opens >= final:
            return
        yield max(opens, first - _TICK), min(closes, final)


def _rung(document: Document, contract: Contract, number: int) -> Diagnostic:
    rung, above = contract.ladder[number], contract.ladder[number - 1]
    name = rung.name.replace("_", " ")
    when = f"in the next {DAYS} days"
    help_text = f"name somebody who is there, or let {rung.owner} cover the time"
    if number:
        box = format_duration(above.within.seconds)
        box += f" of `{above.within.calendar}`" if above.within.calendar else ""
        when += f", whenever the time of the {above.name.replace('_', ' ')} is up, {box} after being asked"
        help_text = "count the time of the rung above by the clock, or let this one cover the hours in which it ends"
    message = f"nobody can be asked as {name} {when}: {rung.owner} has nobody then"
    return _RULE.found(document, ("owners", rung.name), message, help_text)


def _path_owners(
    document: Document, template: Template, contract: Contract, nobody: set[OwnerRef]
) -> Iterator[Diagnostic]:
    for name, exception in contract.exceptions.items():
        if exception.owner in nobody:
            message = f"nobody can be asked as path owner of `{name}` in the next {DAYS} days: {exception.owner}"
            own = template.exceptions[name].owner is not None
            path: Path = ("exceptions", name, "owner") if own else ("exceptions", name)
            help_text = "name somebody who is there as its owner"
            yield _RULE.found(document, path, message, help_text, key=not own)
