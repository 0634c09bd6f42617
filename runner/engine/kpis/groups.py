"""Figures by template, team, priority, tier, account or epoch. Knows people and fields only by what it is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from runner.engine.kpis.figures import Figures
from runner.engine.kpis.summary import Summary, summarise

__all__ = ["DIMENSIONS", "NONE", "Dimension", "Grouping", "summarise_by"]

Dimension = Literal["template", "team", "priority", "tier", "account", "epoch"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
NONE = "none"
"""The group of those that have no value."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What the groups go by: the ticket fields for priority and tier, None if there is none, and the teams.

    `teams` are members by team. The team of an escalation is that of the person who was asked first, since it was
    theirs to begin with; a person of several teams counts for the first of them by name.
    """

    priority: str | None = None
    tier: str | None = None
    teams: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def of(self, by: Dimension) -> Callable[[Figures], str]:
        """The function that names an escalation's group."""
        match by:
            case "template":
                return lambda each: each.template
            case "team":
                teams = {person: team for team in sorted(self.teams, reverse=True) for person in self.teams[team]}
                return lambda each: teams.get(each.first_owner or "", NONE)
            case "priority":
                return lambda each: _field(each, self.priority)
            case "tier":
                return lambda each: _field(each, self.tier)
            case "account":
                return lambda each: NONE if each.account is None else each.account
            case _:
                return lambda each: NONE if each.epoch is None else str(each.epoch)


def _field(figures: Figures, name: str | None) -> str:
    value = figures.fields.get(name) if name is not None else None
    return NONE if value is None else str(value)


def summarise_by(many: Iterable[Figures], by: Dimension, grouping: Grouping) -> dict[str, Summary]:
    """A summary for each group that occurs, in order of names (epochs as numbers)."""
    of = grouping.of(by)
    groups: dict[str, list[Figures]] = defaultdict(list)
    for each in many:
        groups[of(each)].append(each)
    return {name: summarise(groups[name]) for name in sorted(groups, key=lambda name: (_number(name), name))}


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else -1
