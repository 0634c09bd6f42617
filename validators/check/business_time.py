"""How long a box of time lasts on the wall clock at worst, and at best, over every instant at which it may start.

The engine's calendars answer; this only knows at which instants to ask them, and keeps their open hours at hand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine.calendars import NEVER, add_time, open_intervals

__all__ = ["BusinessTime", "Span", "start_of", "starts_of"]

_AHEAD: Final = timedelta(days=366)
"""Starts are looked at for a year at least, also when the calendars' horizon is nearer: weekends never end."""
_FURTHEST: Final = timedelta(days=5 * 366)
"""And for five years at most, whatever the horizon: nobody knows holidays of later years."""
_NEVER: Final = int(NEVER.timestamp())
_EARLIEST, _LATEST = date(1970, 1, 1), date(9900, 1, 1)
"""Days beyond these are moved here, so that no date overflows."""


def start_of(today: date) -> datetime:
    """Midnight UTC of a day; of one so early or so late that what is reckoned from it might overflow, the nearest."""
    first = min(max(today, _EARLIEST), _LATEST)
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def starts_of(today: date, horizon: str) -> tuple[datetime, datetime]:
    """From when until when (excluded) escalations are expected to start: from today through the calendars' horizon.

    A horizon that is no date, or less than a year away, counts as a year; one beyond five years as five.
    """
    begin = start_of(today)
    first = begin.date()
    try:
        last = date.fromisoformat(horizon)
    except ValueError:
        last = first
    last = min(max(last, first + _AHEAD), first + _FURTHEST)
    return begin, begin + (last - first) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A box that started at an instant, and when it ends; both UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """How long it lasts on the wall clock."""
        return int((self.end - self.start).total_seconds())


@dataclass
class BusinessTime:
    """Calendars by name over a range of starts, each answer worked out once.

    `calendar_of` gives a calendar, or None for one that cannot be used: then every answer about it is None.
    """

    calendar_of: Callable[[str], CalendarOf | None]
    zones: Callable[[str], tzinfo]
    start: datetime
    until: datetime
    _calendars: dict[str, _OpenHours | None] = field(default_factory=dict, init=False, repr=False)
    _longest: dict[tuple[str, int], Span | None] = field(default_factory=dict, init=False, repr=False)
    _shortest: dict[tuple[str, int], Span | None] = field(default_factory=dict, init=False, repr=False)
    _overruns: dict[tuple[tuple[str | None, int], ...], Span | None] = field(
        default_factory=dict, init=False, repr=False
    )

    @classmethod
    def of(
        cls, calendars: Mapping[str, CalendarOf], zones: Callable[[str], tzinfo], start: datetime, until: datetime
    ) -> BusinessTime:
        """For the calendars of a contract."""
        return cls(calendars.get, zones, start, until)

    def knows(self, box: BoxOf) -> bool:
        """Whether the box can be counted at all: its calendar exists and has a zone that does."""
        return box.calendar is None or self._hours(box.calendar) is not None

    def longest(self, box: BoxOf) -> Span | None:
        """The box that lasts longest on the wall clock, of all that start in the range; the earliest of several.

        None if the calendar cannot be used, or if a box that starts in the range would not end within ten years.

        Why it is enough to ask at the instants at which the calendar closes, and at the first of the range: while the
        calendar is closed the box ends at the same instant whenever it started, so it is longest if it started as the
        calendar closed, or with the range. While it is open, a start that is later by some seconds uses up as many
        open seconds less before it closes, and the end moves by at least as many: so it grows longer up to the very
        instant of closing, which counts as closed. All is counted in UTC, so the clocks may change meanwhile.
        """
        if box.calendar is None:
            return Span(self.start, self.start + timedelta(seconds=box.seconds))
        key = (box.calendar, box.seconds)
        if key not in self._longest:
            hours = self._hours(box.calendar)
            self._longest[key] = None if hours is None else hours.longest(box.seconds)
        return self._longest[key]

    def shortest(self, box: BoxOf) -> Span | None:
        """The box that lasts shortest, as `longest`; it starts as the calendar opens, or with the range."""
        if box.calendar is None:
            return Span(self.start, self.start + timedelta(seconds=box.seconds))
        key = (box.calendar, box.seconds)
        if key not in self._shortest:
            hours = self._hours(box.calendar)
            self._shortest[key] = None if hours is None else hours.shortest(box.seconds)
        return self._shortest[key]

    def sooner(self, one: BoxOf, other: BoxOf) -> Span | None:
        """The longest time until the first of two boxes that start together has ended, over every start in the range;
        the earliest such start. None if neither need end, or if one cannot be counted. Exact to the second, as
        `overrun` is.
        """
        if not (self.knows(one) and self.knows(other)):
            return None
        shorter, longer = sorted((one, other), key=lambda box: box.seconds)
        if shorter.calendar == longer.calendar:
            return self.longest(shorter)
        if one.calendar is not None and other.calendar is not None:
            return self._extreme((one,), (other,), min)
        wall, counted = (one, other) if one.calendar is None else (other, one)
        span = self.longest(counted)
        if span is not None and span.seconds <= wall.seconds:
            return span
        start = span.start if span is not None else self.until - timedelta(seconds=1)
        return Span(start, start + timedelta(seconds=wall.seconds))

    def overrun(self, boxes: Sequence[BoxOf], other: BoxOf) -> Span | None:
        """Whether boxes that follow each other can end later than another box that starts with them: such a start in
        the range, and when the boxes end. None if they never do, or if something cannot be counted or never ends.

        Exact to the second. Between two of the instants that are looked at both ends move evenly, or not at all: those
        are the instants at which a calendar opens or closes, and those from which a box would end at one of them. Where
        only one side has a calendar it is enough to ask for its longest or its shortest; in one calendar any start will
        do, since open seconds are compared with open seconds.
        """
        if not all(map(self.knows, (*boxes, other))):
            return None
        chain = list(_joined(boxes))
        if len(chain) == 1 and chain[0].calendar in (None, other.calendar):
            best = self.shortest(other)
        elif len(chain) == 1 and other.calendar is None:
            best = self.longest(chain[0])
        else:
            key = tuple((each.calendar, each.seconds) for each in (*chain, other))
            if key not in self._overruns:
                self._overruns[key] = self._extreme(chain, (other,), lambda mine, due: mine - due)
            best = self._overruns[key]
        if best is None:
            return None
        end = self.end(chain, best.start)
        return None if end >= NEVER or end <= self.end([other], best.start) else Span(best.start, end)

    def end(self, boxes: Sequence[BoxOf], at: datetime) -> datetime:
        """When boxes that follow each other end; NEVER if one of them does not. Their calendars are known."""
        for box in boxes:
            if at >= NEVER:
                break
            hours = self._hours(box.calendar) if box.calendar is not None else None
            calendar, zone = (hours.calendar, hours.zone) if hours is not None else (None, UTC)
            at = add_time(calendar, zone, at, box.seconds)
        return at

    def zone(self, box: BoxOf) -> tzinfo:
        """The zone in which people read the instants of a box; UTC without a calendar."""
        hours = self._hours(box.calendar) if box.calendar is not None else None
        return UTC if hours is None else hours.zone

    def _hours(self, name: str) -> _OpenHours | None:
        if name not in self._calendars:
            calendar = self.calendar_of(name)
            try:
                hours = None if calendar is None else _OpenHours(calendar, self.zones(calendar.zone), self)
            except LookupError:  # there is no such zone: a finding of its own
                hours = None
            self._calendars[name] = hours
        return self._calendars[name]

    def _extreme(self, chain: Sequence[BoxOf], against: Sequence[BoxOf], of: Callable[[int, int], int]) -> Span | None:
        """The earliest start for which `of` of how long two chains of boxes last is greatest, by looking at every
        instant at which it could turn, and the time until the first of the two has ended.
        """
        best: tuple[int, int] | None = None
        first, last = int(self.start.timestamp()), int(self.until.timestamp())
        for at in sorted({first, *self._turns(chain), *self._turns(against)}):
            for start in (at, at + 1):
                if first <= start < last:
                    lasting = of(self._quick_end(chain, start) - start, self._quick_end(against, start) - start)
                    if best is None or lasting > best[0]:
                        best = (lasting, start)
        if best is None:
            return None
        found = datetime.fromtimestamp(best[1], UTC)
        end = min(self.end(chain, found), self.end(against, found))
        return None if end >= NEVER else Span(found, end)

    def _turns(self, chain: Sequence[BoxOf]) -> Iterator[int]:
        """The starts at which the end of boxes one after the other begins or ceases to move."""
        for position in range(len(chain), 0, -1):
            box = chain[position - 1]
            hours = self._hours(box.calendar) if box.calendar is not None else None
            if hours is None:
                continue
            # Where this box begins at an edge, and where it ends at one; then back through the boxes before it.
            edges = {*hours.edges, *(each for edge in hours.edges for each in hours.back(edge, box.seconds))}
            for earlier in reversed(chain[: position - 1]):
                before = self._hours(earlier.calendar) if earlier.calendar is not None else None
                if before is None:
                    edges = {edge - earlier.seconds for edge in edges}
                else:
                    edges = {each for edge in edges for each in before.back(edge, earlier.seconds)}
            yield from edges

    def _quick_end(self, chain: Sequence[BoxOf], at: int) -> int:
        for box in chain:
            hours = self._hours(box.calendar) if box.calendar is not None else None
            at = at + box.seconds if hours is None else hours.quick_end(at, box.seconds)
        return at


class _OpenHours:
    """The open intervals of a calendar over a range of starts and a while beyond, in whole seconds since 1970."""

    def __init__(self, calendar: CalendarOf, zone: tzinfo, of: BusinessTime) -> None:
        self.calendar = calendar
        self.zone = zone
        self._start, self._until = of.start, of.until
        self._opens: list[int] = []
        self._closes: list[int] = []
        self._total: list[int] = []
        """The open seconds up to each closing."""
        self._more = open_intervals(calendar, zone, of.start)
        self._read_until(int((of.until + _AHEAD).timestamp()))

    def _read_until(self, at: int) -> bool:
        """Read intervals until one opens at `at` or later; False if none does in ten years."""
        for start, end in self._more:
            self._opens.append(int(start.timestamp()))
            self._closes.append(int(end.timestamp()))
            self._total.append((self._total[-1] if self._total else 0) + self._closes[-1] - self._opens[-1])
            if self._opens[-1] >= at:
                return True
        return False

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """The instants at which it opens or closes."""
        return tuple(sorted({*self._opens, *self._closes}))

    def longest(self, seconds: int) -> Span | None:
        first, last = int(self._start.timestamp()), int(self._until.timestamp())
        starts = [first, *(at for at in self._closes if at < last)]
        lasting = max(starts, key=lambda at: (self.quick_end(at, seconds) - at, -at))
        return self._span(lasting, seconds)

    def shortest(self, seconds: int) -> Span | None:
        first, last = int(self._start.timestamp()), int(self._until.timestamp())
        starts = [first, *(at for at in self._opens if at < last)]
        lasting = min(starts, key=lambda at: (self.quick_end(at, seconds) - at, at))
        return self._span(lasting, seconds)

    def quick_end(self, at: int, seconds: int) -> int:
        """As `add_time`, looked up; ten years are counted from the beginning of the range."""
        place = bisect_right(self._closes, at)  # the first that closes later
        while place >= len(self._closes):
            if not self._read_until(at):
                return _NEVER
            place = bisect_right(self._closes, at)
        used = max(0, at - self._opens[place]) + (self._total[place - 1] if place else 0)
        while self._total[-1] < used + seconds:
            if not self._read_until(self._closes[-1]):
                return _NEVER
        there = bisect_left(self._total, used + seconds)
        return self._opens[there] + used + seconds - (self._total[there - 1] if there else 0)

    def back(self, end: int, seconds: int) -> Iterator[int]:
        """The first and the last start, if any, from which a box of open time ends at this instant."""
        opens, closes, total = self._opens, self._closes, self._total
        place = bisect_left(closes, end)  # the first that closes then or later
        if place >= len(opens):
            return
        used = max(0, end - opens[place]) + (total[place - 1] if place else 0) - seconds
        if used < 0:
            return
        there = bisect_left(total, used)
        if there < len(opens):
            at = opens[there] + used - (total[there - 1] if there else 0)
            yield at
            if used == total[there] and there + 1 < len(opens):
                yield opens[there + 1]

    def _span(self, at: int, seconds: int) -> Span | None:
        start = datetime.fromtimestamp(at, UTC)
        end = add_time(self.calendar, self.zone, start, seconds)
        return None if end >= NEVER else Span(start, end)


def _joined(boxes: Sequence[BoxOf]) -> Iterator[BoxOf]:
    """Boxes of one calendar that follow each other, as one: what is left of the day is left for the next."""
    held: BoxOf | None = None
    for box in boxes:
        if held is not None and held.calendar == box.calendar:
            held = BoxOf(seconds=held.seconds + box.seconds, calendar=box.calendar)
            continue
        if held is not None:
            yield held
        held = box
    if held is not None:
        yield held
