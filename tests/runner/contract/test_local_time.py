"""Local times of scenarios: those that the clock skips, those that it shows twice, and how instants are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runner.contract.local_time import LocalTimes, TimeError


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, 25, hour, minute, tzinfo=UTC)


AUTUMN = LocalTimes("Europe/Berlin", "2026-10-25")
SPRING = LocalTimes("Europe/Berlin", "2026-03-29")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("01:59", utc(0) - timedelta(minutes=1)),
        ("02:00 first", utc(0)),
        ("02:30 first", utc(0, 30)),
        ("02:30 second", utc(1, 30)),
        ("02:59:59 second", utc(2) - timedelta(seconds=1)),
        ("03:00", utc(2)),
        ("2026-10-25 02:30 second", utc(1, 30)),
    ],
)
def test_an_hour_that_comes_twice_says_which(text: str, at: datetime) -> None:
    assert AUTUMN.instant(text) == at
    assert AUTUMN.instant(AUTUMN.written(at)) == at


@pytest.mark.parametrize(
    ("times", "text", "why"),
    [
        (AUTUMN, "02:30", "comes twice in Europe/Berlin, since the clocks are put back; write `02:30 first` or"),
        (AUTUMN, "03:30 first", "comes only once in Europe/Berlin; write it without `first`"),
        (AUTUMN, "01:30 second", "comes only once in Europe/Berlin; write it without `second`"),
        (SPRING, "02:30", "does not exist in Europe/Berlin: the clocks are put forward over it"),
        (SPRING, "02:30 first", "does not exist in Europe/Berlin"),
        (SPRING, "2:30", "`2:30` is not a local time"),
    ],
)
def test_a_time_that_is_none_says_why(times: LocalTimes, text: str, why: str) -> None:
    with pytest.raises(TimeError, match=why):
        times.instant(text)


@pytest.mark.parametrize(
    ("at", "written", "shown"),
    [
        (utc(0, 30), "02:30 first", "Sun 2026-10-25 02:30:00 first"),
        (utc(1, 30) + timedelta(seconds=5), "02:30:05 second", "Sun 2026-10-25 02:30:05 second"),
        (utc(12), "13:00", "Sun 2026-10-25 13:00:00"),
        (utc(12) + timedelta(days=1), "2026-10-26 13:00", "Mon 2026-10-26 13:00:00"),
    ],
)
def test_an_instant_is_written_as_short_as_it_is_clear(at: datetime, written: str, shown: str) -> None:
    assert (AUTUMN.written(at), AUTUMN.show(at)) == (written, shown)
