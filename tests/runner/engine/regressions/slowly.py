"""The slow way to read clocks: minute by minute, without any arithmetic on local times. What is fast must agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from runner.contract.contract import CalendarOf
from runner.zones import zone

__all__ = ["CHANGES", "is_open", "minutes", "near_a_change", "wall", "where_of"]

MINUTE: Final = timedelta(minutes=1)
_BACK: Final = timedelta(hours=3)  # no zone has put its clock back by more since 1970

CHANGES: Final = (
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("America/Sao_Paulo", "2019-02-17T02:00"),
    ("Africa/Cairo", "2026-04-23T22:00"),
    ("Africa/Cairo", "2026-10-29T21:00"),
    ("Asia/Beirut", "2026-03-28T22:00"),
    ("Asia/Beirut", "2026-10-24T21:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
)
"""A zone, and the UTC instant at which its clock was put forward or back: by an hour, by half of one, at midnight, or
by a whole day across the date line."""


def near_a_change(change: tuple[str, str], minutes_after: int) -> datetime:
    """So many minutes after, or before, the clock was changed."""
    return datetime.fromisoformat(change[1]).replace(tzinfo=UTC) + minutes_after * MINUTE


def minutes(start: datetime, where: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Every minute from `start` on, with the latest local time that a clock on the wall has shown by then."""
    at, latest = start - _BACK, datetime.min  # noqa: DTZ901 - naive, as a clock on a wall
    while True:
        latest = max(latest, at.astimezone(where).replace(tzinfo=None))
        if at >= start:
            yield at, latest
        at += MINUTE


def wall(at: datetime, where: tzinfo) -> datetime:
    """The latest local time, to the minute, that a clock on the wall has shown by `at`."""
    return next(shown for _, shown in minutes(at, where))


def is_open(calendar: CalendarOf, shown: datetime) -> bool:
    """Whether a calendar is open when the clock on the wall shows this."""
    day = shown.date()
    hours = calendar.open_days.get(day)
    if hours is None:
        hours = () if day in calendar.closed_days else calendar.week[day.weekday()]
    minute = shown.hour * 60 + shown.minute
    return any(opens <= minute < closes for opens, closes in hours)


def where_of(change: tuple[str, str]) -> tzinfo:
    """The zone of a change."""
    return zone(change[0])
