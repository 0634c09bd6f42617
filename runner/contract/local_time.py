"""The times of a scenario: local, in its own zone, from its first day on. Reads no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache

from runner.contract.policies import TicketField
from runner.contract.values import format_instant, parse_instant
from runner.zones import UnknownZoneError, zone

__all__ = ["LocalTimes", "TimeError", "local_times"]

_LOCAL = re.compile(
    r"(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}) )?(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?: (?P<fold>first|second))?"
)
FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Of what a scenario may name: whatever is counted from there still is a date."""


class TimeError(ValueError):
    """A time that does not exist; the message says why."""


@lru_cache(maxsize=64)
def local_times(zone_name: str, start: str) -> LocalTimes:
    """The times of a zone from a first day on, the same for all that ask; raises TimeError as `LocalTimes`."""
    return LocalTimes(zone_name, start)


class LocalTimes:
    """Turns a scenario's local times into instants and back. Raises TimeError for a zone or a day that is not there."""

    def __init__(self, zone_name: str, start: str) -> None:
        try:
            self.zone = zone(zone_name)
        except UnknownZoneError:
            raise TimeError(f"there is no time zone `{zone_name}`; write a name such as Europe/Berlin") from None
        self.start = _day(start)
        self._known: dict[str, datetime] = {}

    def instant(self, text: str) -> datetime:
        """The UTC instant of `09:00`, `09:00:01` or `2026-03-04 09:00`.

        Of two that read alike, as when the clock is put back, the text must say `first` or `second`.
        """
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._instant(text)
        return found

    def _instant(self, text: str) -> datetime:
        match = _LOCAL.fullmatch(text)
        if match is None:
            raise TimeError(f"`{text}` is not a local time; write 09:00, 09:00:01 or 2026-03-04 09:00")
        day = _day(match["day"]) if match["day"] else self.start
        local = datetime.combine(day, _time(match["time"]))
        at, later = (local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if at.astimezone(self.zone).replace(tzinfo=None) != local:
            raise TimeError(f"{local} does not exist in {self.zone.key}: the clocks are put forward over it")
        if at == later and match["fold"]:
            raise TimeError(f"{local} comes only once in {self.zone.key}; write it without `{match['fold']}`")
        if at != later and not match["fold"]:
            raise TimeError(
                f"{local} comes twice in {self.zone.key}, since the clocks are put back; "
                f"write `{text} first` or `{text} second`"
            )
        return later if match["fold"] == "second" else at

    def value(self, raw: object) -> str:
        """The canonical text of an instant in a field: local time as above, or with a zone of its own."""
        if isinstance(raw, str) and _LOCAL.fullmatch(raw):
            return format_instant(self.instant(raw))
        try:
            return format_instant(parse_instant(raw))
        except ValueError as error:
            raise TimeError(f"{error}, or in local time 09:00 or 2026-03-04 09:00") from None

    def fields(self, declared: Mapping[str, TicketField], given: Mapping[str, object]) -> dict[str, object]:
        """Field values as a helpdesk would hold them: instants in local time become exact."""
        return {
            name: self.value(value)
            if value is not None and name in declared and declared[name].type == "instant"
            else value
            for name, value in given.items()
        }

    def show(self, at: datetime) -> str:
        """`Tue 2026-03-03 09:00:00` in the scenario's zone, with `first` or `second` if the clock shows that twice."""
        local = at.astimezone(self.zone)
        return f"{local:%a %Y-%m-%d %H:%M:%S}{self._which(local)}"

    def written(self, at: datetime) -> str:
        """The shortest text of which `instant` gives this instant: `09:00` on the first day. Whole seconds only."""
        local = at.astimezone(self.zone)
        day = "" if local.date() == self.start else f"{local:%Y-%m-%d} "
        return f"{day}{local:%H:%M:%S}".removesuffix(":00") + self._which(local)

    def _which(self, local: datetime) -> str:
        if local.replace(fold=1 - local.fold).utcoffset() == local.utcoffset():
            return ""
        return " second" if local.fold else " first"


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise TimeError(f"there is no date {text}") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise TimeError(f"{text} lies too far away; write a year from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise TimeError(f"there is no time {text}; a day goes from 00:00:00 to 23:59:59") from None
