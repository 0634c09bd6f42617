"""Compiles a business calendar to the closed form that a contract takes in; its references have been checked before."""

from __future__ import annotations

from runner.contract import policies as pol
from runner.contract.calendar_references import WEEKDAYS, interval
from runner.contract.contract import CalendarOf

__all__ = ["compile_calendar"]


def compile_calendar(calendars: pol.Calendars, name: str) -> CalendarOf:
    """The calendar of that name, which exists."""
    calendar = calendars.calendars[name]
    week = tuple(tuple(interval(text) for text in calendar.hours.get(day, ())) for day in WEEKDAYS)
    return CalendarOf(zone=calendar.zone, week=week, closed=tuple(sorted(calendar.closed)))
