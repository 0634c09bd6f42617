"""Open time among instants: for a given look, calendars are plain distances; so looks are tried, and bounds exclude.

An answer is exact: instants that exist, or a proof that none do. In between it raises Undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from runner.engine.calendars import NEVER, open_intervals
from runner.engine.conditions import Hours
from runner.engine.open_time import OpenHours, opened_before, opened_since
from validators.check.routing.formula import ZERO, Open, microseconds
from validators.check.routing.times import ANCHOR, Constraint, bounds, instants, possible

__all__ = ["Undecided", "with_calendars"]

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MOMENT = timedelta(microseconds=1)
_HOUR = 3600 * 1_000_000
_TRIED_HOURS = 14 * 24
"""Hours in a row at which a look is tried: two weeks show every ordinary day, and a weekend between them."""
_TRIED_DAYS = 30
_COST = 20
"""Steps that a tried look counts for."""
_PROOF_COST = 1000
"""Steps that looking for the longest time counts for; it is looked for once for each calendar and length."""
_YEARS = 4
"""Years searched for the longest that open time can take: all closed days are listed in a few, and each has a spring
and an autumn."""
_DOUBT = 26 * _HOUR
"""What a year that was not searched may add: a day that its zone leaves out, as some did, and a change of clocks."""


class Undecided(Exception):
    """No instants were found, and none excluded."""


def with_calendars(
    times: Sequence[Constraint], opens: Sequence[Open], hours: Hours, spend: Callable[[int], None]
) -> dict[str, int] | None:
    """Instants that keep the distances and the open time; None if there are none. Raises Undecided."""
    if any(each.truth is (each.seconds >= 0) for each in opens if _never_open(hours[each.calendar])):
        return None
    opens = [each for each in opens if not _never_open(hours[each.calendar])]
    touched = [*times, *((name, name, 0) for each in opens for name in (each.instant, each.now))]
    found = _filled(touched, sorted({each.now for each in opens}, reverse=True), opens, hours, spend)
    if found is not None:
        return found
    if not possible([*touched, *(each for fact in opens for each in _limits(fact, hours, spend))]):
        return None
    raise Undecided


def _filled(
    times: list[Constraint], nows: Sequence[str], opens: Sequence[Open], hours: Hours, spend: Callable[[int], None]
) -> dict[str, int] | None:
    """Instants with each look at one of those to try; None if none of these will do."""
    if not nows:
        return instants(times)
    span = bounds(times, nows[0])
    if span is None:
        return None
    counted = [each for each in opens if each.now == nows[0]]
    for now in _tried(span, counted, hours):
        spend(_COST)
        fixed = [(nows[0], ZERO, now), (ZERO, nows[0], -now), *(_at(each, now, hours) for each in counted)]
        if possible([*times, *fixed]):
            found = _filled([*times, *fixed], nows[1:], opens, hours, spend)
            if found is not None:
                return found
    return None


def _never_open(hours: OpenHours) -> bool:
    """Whether no time passes in it: nothing is ever past by any of it, and everything is due within some."""
    return not any(hours.calendar.week) and not hours.calendar.open_days


def _special(hours: OpenHours) -> set[date]:
    """The days that are not as their weekday is."""
    return {*hours.calendar.closed_days, *hours.calendar.open_days}


def _tried(span: tuple[int, int], opens: Sequence[Open], hours: Hours) -> Iterator[int]:
    """Looks to try, plain ones first: by the hour, then about the days that are closed, as far as they are allowed."""
    low, high = span
    start = min(max(ANCHOR, low), high)
    yield start
    whole = -(-start // _HOUR) * _HOUR
    for step in range(_TRIED_HOURS):
        for now in (whole + step * _HOUR, whole + step * _HOUR + 1):
            if now <= high:
                yield now
    days = sorted({day for each in opens for day in _special(hours[each.calendar])})
    for day in days[-_TRIED_DAYS:]:
        noon = microseconds(datetime(day.year, day.month, day.day, tzinfo=_EPOCH.tzinfo))
        yield from (now for now in range(noon - 24 * _HOUR, noon + 48 * _HOUR, 4 * _HOUR) if low <= now <= high)


def _at(fact: Open, now: int, hours: Hours) -> Constraint:
    """Open time from the instant to a given now, as a distance from 1970."""
    edge = _edge(hours[fact.calendar], now, fact.seconds)
    return (fact.instant, ZERO, edge - 1) if fact.truth else (ZERO, fact.instant, -edge)


@lru_cache(maxsize=65536)
def _edge_of(hours: _Key, now: int, seconds: int) -> int:
    at = _EPOCH + timedelta(microseconds=now)
    if seconds >= 0:
        return microseconds(opened_before(hours.hours, at, seconds, more=True))
    return microseconds(opened_since(hours.hours, at, -seconds, more=False))


class _Key:
    """A calendar that is looked up by what it is, so that the many fields of it are not hashed each time."""

    __slots__ = ("hours",)

    def __init__(self, hours: OpenHours) -> None:
        self.hours = hours

    def __hash__(self) -> int:
        return id(self.hours)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.hours is self.hours


def _edge(hours: OpenHours, now: int, seconds: int) -> int:
    """The instant before which everything is past by more than so much open time."""
    return _edge_of(_Key(hours), now, seconds)


def _limits(fact: Open, hours: Hours, spend: Callable[[int], None]) -> list[Constraint]:
    """How far apart the instant and now are at least or at most, for so much open time to lie between them or not."""
    spend(_PROOF_COST)
    shortest, longest = _extent(_Key(hours[fact.calendar]), abs(fact.seconds))
    later, earlier = (fact.now, fact.instant) if fact.seconds >= 0 else (fact.instant, fact.now)
    if fact.truth is (fact.seconds >= 0):  # so much open time has passed, or is left
        return [(earlier, later, -shortest)]
    return [] if longest is None else [(later, earlier, longest)]


@lru_cache(maxsize=1024)
def _extent(key: _Key, seconds: int) -> tuple[int, int | None]:
    """The least and the most time on the clock in which a calendar is open for so long; None if there is no end."""
    hours = key.hours
    years = {day.year for day in _special(hours)} or {2026}
    first, last = min(years), max(years) + _YEARS
    least, most = timedelta.max, timedelta()
    at, end = (datetime(year, 1, 1, tzinfo=_EPOCH.tzinfo) for year in (first - 1, last))
    while at < end:
        opens = opened_since(hours, at, 0, more=True)
        if opened_since(hours, at, seconds, more=True) == NEVER:
            return 0, None
        # The span is longest that begins as the calendar closes, and shortest that begins as it opens.
        most = max(most, opened_since(hours, at, seconds, more=True) - at)
        least = min(least, opened_since(hours, opens, seconds, more=False) - opens)
        at = _closes(hours, opens)
    return max(0, least // _MOMENT - _DOUBT), most // _MOMENT + _DOUBT


def _closes(hours: OpenHours, opens: datetime) -> datetime:
    """When the calendar closes that is open at this instant."""
    for _, end in open_intervals(hours.calendar, hours.zone, opens):
        return end
    raise AssertionError("an open calendar closes")
