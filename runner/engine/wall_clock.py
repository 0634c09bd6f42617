"""The wall clock as rotations read it: a clock on the wall of a zone that is put forward, but never seen going back.

A local time that does not exist is passed at the first instant after the gap; one that comes twice is passed at its
first time, and what began then does not begin again. Midnight is no exception. Reads no clock of this machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

__all__ = ["first_instant", "how_often", "wall_clock"]

_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


def wall_clock(at: datetime, zone: tzinfo) -> datetime:
    """The latest local time, naive, that the zone's clock has shown at or before an aware instant.

    That is its local time, except where the clock was put back: until it is past the time that it had shown already,
    this stays one microsecond before that.
    """
    local = at.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    return _end_of_fold(local.replace(tzinfo=None), zone) - _TICK


@lru_cache(maxsize=4096)  # coverage asks for the same handovers of several rotations
def first_instant(local: datetime, zone: tzinfo) -> datetime:
    """The UTC instant at which the zone's clock first shows a naive local time, or first is past it."""
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change(before, at, zone)


def how_often(local: datetime, zone: tzinfo) -> int:
    """How often the zone's clock shows a naive local time: 0 in a gap, 2 where the clock is put back, else 1."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return 1
    return 2 if first < second else 0


def _end_of_fold(local: datetime, zone: tzinfo) -> datetime:
    """The naive local time at which the clock was put back; `local` is one that it shows for the second time."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    change = _change(first, second, zone)
    return local + (change - first)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first instant with another offset than at `before`, to the second; there is one, up to `after`."""
    offset, before = before.astimezone(zone).utcoffset(), before.replace(microsecond=0)
    low, high = 0, -(-(after - before) // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        same = (before + middle * _SECOND).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return before + high * _SECOND
