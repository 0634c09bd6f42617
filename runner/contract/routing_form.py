"""What the engine routes by: the Routing policy, its conditions read, its calendars taken in. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.contract.conditions import Condition
from runner.contract.contract import CalendarOf

__all__ = ["RoutingForm"]


@dataclass(frozen=True, slots=True)
class RoutingForm:
    """Scope, order and fallback. `order` has every template but the fallback, peers in the order of their list."""

    scope: Condition
    order: tuple[str, ...]
    fallback: str
    peers: tuple[tuple[str, ...], ...] = ()
    """Templates without an order among themselves, of which no two may match one ticket."""
    calendars: Mapping[str, CalendarOf] = field(default_factory=dict)
    """The calendars in which the scope counts time."""
