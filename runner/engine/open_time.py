"""Elapsed open time: the instant at which a calendar has been open for so long since an instant, or is until it.

Stands on `open_intervals` alone, so that conditions and boxes of time count the same hours. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from runner.contract.contract import CalendarOf
from runner.engine.calendars import NEVER, open_intervals

__all__ = ["LONG_AGO", "OpenHours", "open_hours", "opened_before", "opened_since", "turns"]

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
"""The answer for open time that did not fit into the ten years before an instant: it is counted as always there."""
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9980, 1, 1, tzinfo=UTC)
"""Beyond these the calendar is not asked: years that no ticket has, and in which dates of a zone would overflow."""
_SPANS = (4, 32, 256, 3650)
"""Days looked back, one after the other: a few hours lie in the last days, and ten years are the horizon."""


@dataclass(frozen=True, slots=True)
class OpenHours:
    """A calendar with its zone."""

    calendar: CalendarOf
    zone: tzinfo


def open_hours(calendars: Mapping[str, CalendarOf], zones: Callable[[str], tzinfo]) -> dict[str, OpenHours]:
    """Calendars by name, each with its zone."""
    return {name: OpenHours(calendar, zones(calendar.zone)) for name, calendar in calendars.items()}


def opened_since(hours: OpenHours, at: datetime, seconds: float, *, more: bool) -> datetime:
    """The first instant from `at` on up to which the calendar was open for `seconds`; `NEVER` within ten years.

    With `more` the last such instant: a moment later it was open for more. They differ where the time is up just as
    the calendar closes.
    """
    if at > _LATEST:
        return NEVER
    left = timedelta(seconds=seconds)
    for start, end in open_intervals(hours.calendar, hours.zone, max(at, _EARLIEST)):
        if end - start > left or (end - start == left and not more):
            return start + left
        left -= end - start
    return NEVER


def opened_before(hours: OpenHours, until: datetime, seconds: float, *, more: bool) -> datetime:
    """The last instant before `until` from which on the calendar was open for `seconds`; `LONG_AGO` if within ten years
    it was not.

    With `more` the first such instant: a moment earlier it was open for more.
    """
    if until < _EARLIEST + timedelta(days=_SPANS[-1]):
        return LONG_AGO
    until = min(until, _LATEST)
    for days in _SPANS:
        left = timedelta(seconds=seconds)
        found = []
        for start, end in open_intervals(hours.calendar, hours.zone, until - timedelta(days=days)):
            if start >= until:
                break
            found.append((start, min(end, until)))
        for start, end in reversed(found):
            if end - start > left or (end - start == left and not more):
                return end - left
            left -= end - start
    return LONG_AGO


def turns(hours: OpenHours, at: datetime, seconds: int) -> datetime:
    """The instant after which `at` is past by more than `seconds` of open time; negative: less than that before it."""
    if seconds >= 0:
        return opened_since(hours, at, seconds, more=True)
    return opened_before(hours, at, -seconds, more=False)
