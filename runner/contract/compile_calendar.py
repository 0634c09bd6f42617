"""Compiles a business calendar to the closed form that a contract takes in; its references have been checked before.

Public holidays become dates here, so that a contract needs no library of holidays to be carried out or replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from runner.contract import policies as pol
from runner.contract.calendar_references import WEEKDAYS, interval
from runner.contract.contract import CalendarOf
from runner.contract.public_holidays import UnknownPlaceError, public_holidays

__all__ = ["closed_dates", "compile_calendar"]

Hours = tuple[tuple[int, int], ...]


def compile_calendar(calendars: pol.Calendars, name: str) -> CalendarOf:
    """The calendar of that name, which exists. A date or a country that does not is left out: it is a finding."""
    calendar = calendars.calendars[name]
    week = tuple(tuple(interval(text) for text in calendar.hours.get(day, ())) for day in WEEKDAYS)
    closed = closed_dates(calendars, name)
    opened: dict[str, Hours] = {}
    for day, intervals in sorted(calendar.open.items()):
        if not _exists(day):
            continue
        ordinary = () if day in closed else week[date.fromisoformat(day).weekday()]
        opened[day] = _joined([*ordinary, *map(interval, intervals)])
    return CalendarOf(zone=calendar.zone, week=week, closed=tuple(closed), open=opened)


def closed_dates(calendars: pol.Calendars, name: str) -> Mapping[str, str]:
    """The dates without ordinary business hours, in order, each with its reason: company days and public holidays.

    Holidays reach from the beginning of `first_year` to `horizon`, that day included. A date that no calendar has is
    left out: it is a finding.
    """
    calendar = calendars.calendars[name]
    closed = {day: reason for day, reason in calendar.closed.items() if _exists(day)}
    wanted = calendar.holidays
    if wanted is not None and calendars.first_year is not None:
        last_year = int(calendars.horizon[:4])
        for day, names in _holidays(wanted, calendars.first_year, last_year).items():
            kept = [each for each in names if each not in wanted.except_]
            if kept and day.isoformat() <= calendars.horizon:
                closed.setdefault(day.isoformat(), "; ".join(kept))
    return dict(sorted(closed.items()))


def _holidays(wanted: pol.Holidays, first_year: int, last_year: int) -> Mapping[date, tuple[str, ...]]:
    try:
        return public_holidays(wanted.country, wanted.subdivision, first_year, last_year)
    except UnknownPlaceError:
        return {}


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _joined(intervals: Iterable[tuple[int, int]]) -> Hours:
    """Intervals in order, joined where they touch or overlap."""
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(intervals):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)
