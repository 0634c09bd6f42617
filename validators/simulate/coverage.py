"""What scenarios have covered of what they can: by template and kind, and what is missing. Runs nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from runner.contract.contract import Contract
from validators.simulate.coverable import KINDS, Item, Kind, coverable

__all__ = ["TemplateCoverage", "coverage_of"]


@dataclass(frozen=True, slots=True)
class TemplateCoverage:
    """One template: everything that can be covered, and which of it was."""

    template: str
    items: tuple[Item, ...]
    hit: frozenset[str]

    @property
    def missing(self) -> tuple[Item, ...]:
        """What was not covered."""
        return tuple(item for item in self.items if item.key not in self.hit)

    @property
    def percent(self) -> int:
        """How much was covered, rounded down, so that 100 means everything."""
        return len(self.hit) * 100 // len(self.items)

    def counts(self, kind: Kind) -> tuple[int, int]:
        """How many of a kind were covered, and how many there are."""
        every = [item for item in self.items if item.kind == kind]
        return sum(item.key in self.hit for item in every), len(every)

    def by_kind(self) -> dict[str, dict[str, int]]:
        """The counts of each kind that there is."""
        counted = {kind: self.counts(kind) for kind in KINDS}
        return {kind: {"covered": hit, "all": every} for kind, (hit, every) in counted.items() if every}


def coverage_of(contracts: Iterable[Contract], keys: Collection[str]) -> tuple[TemplateCoverage, ...]:
    """By template, in the order of their names; `keys` are those that scenarios have noted."""
    found = []
    for contract in sorted(contracts, key=lambda each: each.name):
        items = coverable(contract)
        found.append(TemplateCoverage(contract.name, items, frozenset(item.key for item in items if item.key in keys)))
    return tuple(found)
