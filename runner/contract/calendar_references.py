"""Checks of business calendars beyond their shape: zones, dates, hours and holidays. Compiles nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runner.contract import policies as pol
from runner.contract.documents import Document, Path
from runner.contract.misfit import did_you_mean
from runner.contract.public_holidays import UnknownPlaceError, public_holidays

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
        for day, intervals in calendar.open.items():
            references.day(day, document, (*here, "open", day), key=True)
            _check_hours(references, intervals, document, (*here, "open", day))
        if calendar.holidays is not None:
            _check_holidays(references, calendars, calendar.holidays, document, (*here, "holidays"))


def _check_holidays(
    references: References, calendars: pol.Calendars, wanted: pol.Holidays, document: Document, here: Path
) -> None:
    first, last = calendars.first_year or 0, int(calendars.horizon[:4])
    try:
        found = public_holidays(wanted.country, wanted.subdivision, first, last)
    except UnknownPlaceError as unknown:
        path = (*here, "subdivision" if unknown.subdivision else "country")
        references.wrong(document, "SUR201", path, str(unknown), unknown.advice)
        return
    names = sorted({name for each in found.values() for name in each})
    for index, name in enumerate(wanted.except_):
        if name not in names:
            place = f"{wanted.country} {wanted.subdivision or ''}".strip()
            message = f"`{name}` is no public holiday of {place} between {first} and {last}"
            help_text = f"{did_you_mean(name, names)}known: {', '.join(names)}"
            references.wrong(document, "SUR201", (*here, "except", index), message, help_text)


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
