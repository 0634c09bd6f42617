"""Key figures of the service: folds that are kept and caught up from the store, and the answer to who asks for them.

The store is the truth; what is kept here only saves reading it again, and is dropped when it does not fit the record.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.contract.load import Policies
from runner.contract.values import format_instant
from runner.engine.decision import read_decision
from runner.engine.kpis import Dimension, Figures, Fold, Grouping, Verdict, summarise, summarise_by, verdicts
from runner.store.port import Reader, Stream

__all__ = ["FigureBook", "Window", "figures_view", "grouping"]

_PAGE = 200
_MOST = 5_000
"""Escalations in one answer; reading one from the record takes two milliseconds, when it is asked for first."""


@dataclass(slots=True)
class _Kept:
    fold: Fold
    seq: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Escalations that opened from `since` on and before `until`, as they stand `now`."""

    since: datetime
    until: datetime
    now: datetime


class FigureBook:
    """The folds of the escalations that were asked for last, at most so many. Not thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def fold(self, reader: Reader, escalation: str, seq: int, digest: str) -> Fold:
        """The fold of an escalation up to the decision `seq`, whose hash is given; whoever adds to it calls `moved`."""
        kept = self._kept.pop(escalation, None)
        if kept is None or kept.seq > seq or not self._catch_up(reader, escalation, kept, seq, digest):
            kept = _Kept(Fold())
            self._catch_up(reader, escalation, kept, seq, digest)
        self._kept[escalation] = kept
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept.fold

    def moved(self, escalation: str, seq: int, digest: str) -> None:
        """One more decision was added to the fold that was given last."""
        kept = self._kept[escalation]
        kept.seq, kept.hash = seq, digest

    def forget(self, escalation: str) -> None:
        """What is kept of an escalation may be wrong; it is read anew when it is asked for."""
        self._kept.pop(escalation, None)

    def _catch_up(self, reader: Reader, escalation: str, kept: _Kept, seq: int, digest: str) -> bool:
        """Whether what was kept is a beginning of the record; what it lacked is added."""
        if kept.seq < seq:
            for number, body, row_hash in reader.decisions(escalation, kept.seq):
                if number > seq:
                    break
                row = read_decision(body)
                if row.prev != kept.hash:
                    return False
                kept.fold.add(row.now, row.events, row.command.actor, row.stamp.epoch)
                kept.seq, kept.hash = number, row_hash
        return kept.hash == digest

    def within(self, reader: Reader, window: Window) -> tuple[list[Figures], bool]:
        """The figures of the escalations of a window, the first ones, and whether these are all."""
        found: list[Figures] = []
        for stream in _streams(reader, window.since):
            if len(found) >= _MOST:
                return found, False
            figures = self.fold(reader, stream.escalation, stream.seq, stream.hash).figures(window.now)
            if figures.opened_at >= window.until:
                break
            if figures.opened_at >= window.since:
                found.append(figures)
        return found, True


def _streams(reader: Reader, since: datetime) -> Iterator[Stream]:
    """Escalations in order of id, which is that of their opening, from shortly before an instant on."""
    millisecond = max(0, int(since.timestamp() * 1000) - 1000)  # ids of one process rise, so they may run ahead
    text = f"{millisecond:012x}"
    after = f"{text[:8]}-{text[8:]}"
    while page := reader.streams(open_only=False, limit=_PAGE, after=after):
        yield from page
        after = page[-1].escalation


def grouping(policies: Policies) -> Grouping:
    """What groups go by under a revision's policies."""
    teams = {name: team.members for name, team in policies.people.teams.items()}
    return Grouping(policies.fields.priority, policies.fields.tier, teams)


def figures_view(
    found: list[Figures], window: Window, by: Dimension, policies: Policies, *, complete: bool
) -> dict[str, Any]:
    """The answer: figures of all and by group, and what the targets say of them."""
    groups = summarise_by(found, by, grouping(policies))
    targets = policies.targets
    return {
        "since": format_instant(window.since),
        "until": format_instant(window.until),
        "complete": complete,
        "by": by,
        "all": summarise(found).plain(),
        "groups": {name: each.plain() for name, each in groups.items()},
        "targets": [_verdict(each) for each in verdicts(targets, found)] if targets is not None else [],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in verdict.__slots__}
