"""Business time: when a box of time ends, counted in a calendar's open hours, in wall-clock terms across DST.

Pure: zones come in as values. Calendars are the compiled form of a contract (closed dates already expanded).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from runner.contract.contract import CalendarOf
from runner.engine.wall_clock import first_instant

__all__ = ["NEVER", "add_time", "open_intervals", "time_between"]

_HORIZON_DAYS = 3660
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The answer for a box that does not end within ten years: the calendar is hardly ever open."""


def add_time(calendar: CalendarOf | None, zone: tzinfo, at: datetime, seconds: int) -> datetime:
    """The UTC instant at which `seconds` of open time have passed since `at`; all hours count without a calendar.

    The end is the instant at which the last second has passed, so it never lies in closed time; `NEVER` if the calendar
    is not open enough within ten years.
    """
    if calendar is None:
        return at + timedelta(seconds=seconds)
    left = timedelta(seconds=seconds)
    for start, end in open_intervals(calendar, zone, at):
        if end - start >= left:
            return start + left
        left -= end - start
    return NEVER


def time_between(calendar: CalendarOf | None, zone: tzinfo, start: datetime, end: datetime) -> int:
    """Whole seconds of open time from `start` to `end`; all hours count without a calendar, 0 if `end` is earlier.

    The reverse of `add_time`: it is the most that fits between the two. At most ten years are counted.
    """
    if calendar is None:
        return max(0, int((end - start).total_seconds()))
    open_time = timedelta()
    for opens, closes in open_intervals(calendar, zone, start):
        if opens >= end:
            break
        open_time += min(closes, end) - opens
    return int(open_time.total_seconds())


def open_intervals(calendar: CalendarOf, zone: tzinfo, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open intervals from `at` on, as UTC instants, closed at the start and open at the end, in order.

    They never overlap, also where a change of the clocks pushes the end of one past the start of the next.
    """
    first = at.astimezone(zone).date() - timedelta(days=1)
    closed, opened = calendar.closed_days, calendar.open_days
    done = at
    for offset in range(_HORIZON_DAYS):
        day = first + timedelta(days=offset)
        hours = opened.get(day)
        if hours is None:
            hours = () if day in closed else calendar.week[day.weekday()]
        for opens, closes in hours:
            start, end = max(_instant(day, opens, zone), done), _instant(day, closes, zone)
            if end > start:
                done = end
                yield start, end


@lru_cache(maxsize=1024)  # all tickets of some days ask for the same few hours
def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    """Minute 0..1440 of a local day as UTC, as on a wall: a local time that does not exist is passed at the first
    instant after the gap, one that comes twice at its first time.
    """
    day += timedelta(days=minute // 1440)
    minute %= 1440
    return first_instant(datetime.combine(day, time(minute // 60, minute % 60)), zone)
