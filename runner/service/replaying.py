"""Replaying a whole store: every escalation decided again from its rows, under the same contracts and rosters."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from runner.contract.canonical import digest_of
from runner.contract.contract import Contract
from runner.contract.roster_form import RosterForm
from runner.engine.overlay import Overlay, OverlayBroken
from runner.engine.replay import ReplayVerdict, Verdict, replay
from runner.engine.roster import Roster
from runner.engine.world import RosterWorld, World
from runner.store.port import Reader, Store
from runner.zones import tzdata_version, zone

__all__ = ["StoreReplay", "replay_store"]

_PAGE = 500
_OVERLAY = "overlay"
"""The name of the roster's overlay among the faults; no escalation is named so."""


@dataclass(frozen=True, slots=True)
class StoreReplay:
    """The verdicts, by count, and the first escalations that did not replay; the overlay as well if it was changed."""

    escalations: int
    decisions: int
    verdicts: dict[str, int]
    faults: tuple[tuple[str, ReplayVerdict], ...]

    @property
    def identical(self) -> bool:
        """Whether there was something to replay and all of it came out the same."""
        return self.escalations > 0 and not self.faults

    @property
    def unknown(self) -> bool:
        """Whether nothing is known to be wrong, but not everything could be judged."""
        return all(each.verdict is not Verdict.TAMPERED for _, each in self.faults)

    def as_text(self) -> str:
        """For people."""
        if self.escalations == 0:
            return "replay: there is nothing to replay in this store"
        if self.identical:
            count = f"{self.decisions} decisions of {self.escalations} escalations"
            return f"replay: {count} decided again, byte for byte identical"
        broken = sum(name != _OVERLAY for name, _ in self.faults)
        lines = [f"replay: {broken} of {self.escalations} escalations did not replay"]
        lines += [
            f"  {name} at {'entry' if name == _OVERLAY else 'decision'} {each.at}: {each.verdict.value}: {each.detail}"
            for name, each in self.faults[:20]
        ]
        return "\n".join(lines)

    def as_json(self) -> str:
        """For machines, in a versioned envelope."""
        faults = [
            {"escalation": name, "verdict": each.verdict.value, "at": each.at, "detail": each.detail}
            for name, each in self.faults
        ]
        data = {
            "version": 1,
            "identical": self.identical,
            "escalations": self.escalations,
            "decisions": self.decisions,
            "verdicts": self.verdicts,
            "faults": faults,
        }
        return json.dumps(data, indent=2)


def replay_store(store: Store) -> StoreReplay:
    """Replay every escalation of a store."""
    verdicts: Counter[str] = Counter()
    faults: list[tuple[str, ReplayVerdict]] = []
    decisions, after = 0, ""
    with store.reader() as reader:
        faults += _overlay(reader)
        sources = _Sources(reader)
        while page := reader.escalations(limit=_PAGE, after=after):
            for escalation in page:
                found = replay(reader.decisions(escalation), sources.contract, sources.world)
                verdicts[found.verdict.value] += 1
                decisions += found.rows
                if found.verdict is not Verdict.IDENTICAL:
                    faults.append((escalation, found))
            after = page[-1]
    return StoreReplay(sum(verdicts.values()), decisions, dict(verdicts), tuple(faults))


def _overlay(reader: Reader) -> list[tuple[str, ReplayVerdict]]:
    """The first entry of the overlay that does not follow the one before it."""
    try:
        Overlay().read(reader.overlay())
    except OverlayBroken as broken:
        detail = "the entry's bytes, number or hash were changed"
        return [(_OVERLAY, ReplayVerdict(Verdict.TAMPERED, broken.good.number, None, broken.number, detail))]
    return []


class _Sources:
    """Contracts and worlds by digest, each read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._contracts: dict[str, Contract] = {}
        self._rosters: dict[str, Roster] = {}

    def contract(self, digest: str) -> Contract:
        if digest not in self._contracts:
            self._contracts[digest] = Contract.load(self._reader.contract(digest))
        return self._contracts[digest]

    def world(self, roster: str, tzdata: str, now: datetime) -> World:
        if tzdata != tzdata_version():
            raise LookupError(f"decided with tzdata {tzdata}, this program has {tzdata_version()}")
        if roster not in self._rosters:
            body = self._reader.roster(roster)
            if digest_of(body) != roster:
                raise LookupError(f"the roster {roster} is kept with other bytes than it was made of")
            self._rosters[roster] = Roster(RosterForm.load(body), zone)
        return RosterWorld(now, self._rosters[roster], zone)
