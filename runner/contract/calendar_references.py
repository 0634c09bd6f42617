"""Checks of business calendars beyond their shape: zones, dates and hours. Compiles nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runner.contract import policies as pol
from runner.contract.documents import Document, Path

if TYPE_CHECKING:
    from runner.contract.references import References

__all__ = ["WEEKDAYS", "check_calendars", "interval"]

WEEKDAYS: tuple[pol.Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MINUTES_OF_A_DAY = 1440


def check_calendars(references: References, document: Document) -> None:
    """Note what is wrong with the calendars."""
    calendars = document.read_as(pol.Calendars)
    references.day(calendars.horizon, document, ("horizon",))
    for name, calendar in calendars.calendars.items():
        here = ("calendars", name)
        references.zone(calendar.zone, document, (*here, "zone"))
        for day in calendar.closed:
            references.day(day, document, (*here, "closed", day), key=True)
        for weekday, intervals in calendar.hours.items():
            _check_hours(references, intervals, document, (*here, "hours", weekday))


def _check_hours(references: References, intervals: Iterable[str], document: Document, path: Path) -> None:
    end = -1
    for index, text in enumerate(intervals):
        opens, closes = interval(text)
        here = (*path, index)
        if closes > _MINUTES_OF_A_DAY:
            references.wrong(document, "SUR104", here, f"`{text}` goes beyond the day", "a day ends at 24:00")
        elif opens >= closes:
            help_text = "part a night in two: until 24:00 on this day, from 00:00 on the next"
            references.wrong(document, "SUR104", here, f"`{text}` ends before it begins", help_text)
        elif opens < end:
            help_text = "list the intervals of a day in order, none inside another"
            references.wrong(document, "SUR104", here, f"`{text}` begins before the interval above it ends", help_text)
        end = max(end, closes)


def interval(text: str) -> tuple[int, int]:
    """Minutes of the day at which `09:00-17:30` opens and closes."""
    opens, closes = text.split("-")
    return _minutes(opens), _minutes(closes)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
