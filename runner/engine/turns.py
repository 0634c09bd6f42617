"""Whose turn it is in a rotation: its layers and versions by the wall clock. Knows nothing of who is away.

A turn is counted on the clock of the rotation's zone, so a shift of a day lasts from one 09:00 to the next, be that 23
hours or 25; see `wall_clock` for hand-overs at times that the clock skips or shows twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from runner.contract.roster_form import LayerOf, RotationOf
from runner.engine.wall_clock import wall_clock

__all__ = ["Layer", "Turn", "Turns", "Version"]

_MINUTES_OF_A_DAY = 1440
_BEGINNING = "0001-01-01T00:00"


class Turn(NamedTuple):
    """A place in a layer's order."""

    members: tuple[str, ...]
    position: int

    @property
    def member(self) -> str:
        """Whose turn it is."""
        return self.members[self.position]

    def in_order(self) -> Iterator[str]:
        """All members, from the one whose turn it is on."""
        yield from self.members[self.position :]
        yield from self.members[: self.position]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, ready to be asked."""

    members: tuple[str, ...]
    starts: datetime
    anchor: datetime
    length: timedelta
    opens: tuple[int, ...]
    """When the layer begins to count, in minutes of the week; empty if it always does."""
    closes: tuple[int, ...]

    @classmethod
    def of(cls, form: LayerOf) -> Layer:
        """From the compiled form."""
        return cls(
            form.members,
            datetime.fromisoformat(form.starts),
            datetime.fromisoformat(form.anchor),
            timedelta(minutes=form.length_minutes),
            tuple(opens for opens, _ in form.only),
            tuple(closes for _, closes in form.only),
        )

    def turn(self, local: datetime) -> Turn | None:
        """Whose turn it is when the wall clock shows `local`; None if the layer does not count then."""
        if local < self.starts:
            return None
        if self.opens:
            minute = local.weekday() * _MINUTES_OF_A_DAY + local.hour * 60 + local.minute
            window = bisect_right(self.opens, minute) - 1
            if window < 0 or minute >= self.closes[window]:
                return None
        return Turn(self.members, (local - self.anchor) // self.length % len(self.members))


@dataclass(frozen=True, slots=True)
class Version:
    """Layers, the highest first, from a local time on."""

    effective_from: datetime
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Turns:
    """A rotation, ready to be asked."""

    zone: tzinfo
    versions: tuple[Version, ...]

    @classmethod
    def of(cls, form: RotationOf, zones: Callable[[str], tzinfo]) -> Turns:
        """From the compiled form."""
        return cls(
            zones(form.zone),
            tuple(
                Version(
                    datetime.fromisoformat(each.effective_from or _BEGINNING),
                    tuple(Layer.of(layer) for layer in reversed(each.layers)),
                )
                for each in form.versions
            ),
        )

    def at(self, at: datetime) -> Turn | None:
        """Whose turn it is at an aware instant; None if no layer counts then."""
        local = wall_clock(at, self.zone)
        layers: tuple[Layer, ...] = ()
        for version in self.versions:
            if version.effective_from > local:
                break
            layers = version.layers
        for layer in layers:
            turn = layer.turn(local)
            if turn is not None:
                return turn
        return None
