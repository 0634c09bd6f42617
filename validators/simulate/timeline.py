"""The timeline of a simulation: what happened when, why, and by which rule with its place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from runner.contract.diagnostic import Location
from runner.contract.load import Revision
from runner.engine.reasons import SENTENCES
from runner.engine.words import in_words, is_owner_event
from validators.simulate.simulation import Life

__all__ = ["Entry", "timeline"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `owner` says that it changed who is accountable, `place` where the rule stands."""

    at: datetime
    ticket: str
    what: str
    event: str
    reason: str
    why: str
    rule: str
    place: Location | None
    owner: bool


def timeline(revision: Revision, lives: Iterator[Life], names: Mapping[str, str]) -> tuple[Entry, ...]:
    """Everything worth telling about some escalations, in the order in which it happened."""
    return tuple(sorted((entry for life in lives for entry in _of(revision, life, names)), key=lambda each: each.at))


def _of(revision: Revision, life: Life, names: Mapping[str, str]) -> Iterator[Entry]:
    rungs = tuple(rung.name.replace("_", " ") for rung in life.contract.ladder)
    for at, events in life.history:
        for event in events:
            what = in_words(event, names, rungs)
            if what is not None:
                yield Entry(
                    at=at,
                    ticket=life.ticket,
                    what=what,
                    event=event.type,
                    reason=event.reason.value,
                    why=SENTENCES[event.reason],
                    rule=event.rule,
                    place=revision.place(event.rule),
                    owner=is_owner_event(event),
                )
