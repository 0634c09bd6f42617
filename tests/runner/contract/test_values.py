"""The values that documents share: durations, instants, boxes of time, owners; what is read and what is not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from runner.contract.misfit import Unfit
from runner.contract.values import (
    Box,
    Instant,
    OwnerRef,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
)
from tests.runner.contract.repository import load, put

BILLING = "templates/billing/template.yaml"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("45s", 45), ("15m", 900), ("2h", 7200), ("3d", 259200), ("90m", 5400), ("999999s", 999999)],
)
def test_a_duration_is_a_whole_number_and_one_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("value", "problem", "meant"),
    [
        (15, "a duration needs a unit, found `15`", "write 15m for minutes or 15h for hours"),
        ("15", "`15` is not a duration", None),
        ("15min", "`15min` is not a duration", "did you mean 15m?"),
        ("2 hours", "`2 hours` is not a duration", "did you mean 2h?"),
        ("2 Hrs.", "`2 Hrs.` is not a duration", "did you mean 2h?"),
        ("1h30m", "`1h30m` is not a duration", "did you mean 90m?"),
        ("1 week", "`1 week` is not a duration", "did you mean 7d?"),
        ("48hours", "`48hours` is not a duration", "did you mean 2d?"),
        ("1 month", "`1 month` is not a duration", None),
        ("2h later", "`2h later` is not a duration", None),
        ("2 Stunden", "`2 Stunden` is not a duration", "did you mean 2h?"),
        ("1 Tag", "`1 Tag` is not a duration", "did you mean 1d?"),
        ("1 hour and 30 min", "`1 hour and 30 min` is not a duration", "did you mean 90m?"),
        ("2\u00a0h", "`2\u00a0h` is not a duration", "did you mean 2h?"),
        ("1,5h", "`1,5h` is not a duration", "did you mean 90m?"),
        ("0.25 days", "`0.25 days` is not a duration", "did you mean 6h?"),
        ("0.01s", "`0.01s` is not a duration", None),
        ("PT1H30M", "`PT1H30M` is not a duration", "did you mean 90m?"),
        ("P1W", "`P1W` is not a duration", "did you mean 7d?"),
        ("P", "`P` is not a duration", None),
        ("02:00", "`02:00` is a time of day and no duration", "write 2h if these are hours and minutes"),
        ("1:30 h", "`1:30 h` is a time of day and no duration", "write 90m if these are hours and minutes"),
        ("00:00", "`00:00` is a time of day and no duration", None),
        ("0m", "`0m` is too short for a duration", "write at least 1s"),
        ("99999999d", "`99999999d` is too long for a duration", "write at most 999999 and a unit"),
        ("999999 weeks", "`999999 weeks` is not a duration", None),
        ("01h", "`01h` is not a duration", "did you mean 1h?"),
        ("1.5h", "`1.5h` is not a duration", "did you mean 90m?"),
        ("-2h", "`-2h` is not a duration", None),
        ("1000000s", "`1000000s` is too long for a duration", "write at most"),
        ("2H", "`2H` is not a duration", "did you mean 2h?"),
        ("PT2H", "`PT2H` is not a duration", "did you mean 2h?"),
        ("٢h", "`٢h` is not a duration", None),
        ("", "an empty text is not a duration", None),
        (0, "`0` is not a duration", None),
        (-5, "`-5` is not a duration", None),
        (1.5, "`1.5` is not a duration", None),
        (True, "`true` is not a duration", None),
        (None, "nothing is not a duration", None),
        ([], "an empty list is not a duration", None),
    ],
)
def test_anything_else_says_what_was_probably_meant(value: object, problem: str, meant: str | None) -> None:
    with pytest.raises(Unfit, match="write") as refused:
        parse_duration(value)
    assert refused.value.problem == problem
    if meant is None:
        assert "did you mean" not in refused.value.advice
    else:
        assert refused.value.advice.startswith(meant)


@given(st.integers(1, 999_999 * 86400))
def test_durations_are_written_so_that_they_read_back(seconds: int) -> None:
    text = format_duration(seconds)
    if re.fullmatch(r"[0-9]{1,6}[smhd]", text):
        assert parse_duration(text) == seconds
    else:
        assert seconds > 999_999


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (5400, "90m"), (7200, "2h"), (86400, "1d"), (172800, "2d")],
)
def test_the_shortest_form_is_written(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-03-03T09:00:00Z", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("2026-03-03T10:00:00+01:00", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("2026-03-03 09:00:00.000001+00:00", datetime(2026, 3, 3, 9, 0, 0, 1, tzinfo=UTC)),
        (datetime(2026, 3, 3, 4, tzinfo=timezone(timedelta(hours=-5))), datetime(2026, 3, 3, 9, tzinfo=UTC)),
    ],
)
def test_an_instant_has_a_zone_and_becomes_utc(value: object, at: datetime) -> None:
    assert parse_instant(value) == at
    assert parse_instant(value).tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "problem", "advice"),
    [
        ("2026-03-03T09:00:00", "`2026-03-03T09:00:00` has no zone", "end it with Z"),
        ("2026-03-03", "`2026-03-03` has no zone", "end it with Z"),
        (datetime(2026, 3, 3, 9), "`2026-03-03 09:00:00` has no zone", "end it with Z"),  # noqa: DTZ001 - that is the point
        ("tomorrow", "`tomorrow` is not an instant", "write it with a zone, as in"),
        ("2026-02-30T09:00:00Z", "`2026-02-30T09:00:00Z` is not an instant", "write it with a zone"),
        (5, "`5` is not an instant", "write it with a zone"),
        (None, "nothing is not an instant", "write it with a zone"),
        ("0001-01-01T00:00:00+14:00", "`0001-01-01T00:00:00+14:00` lies outside the calendar", "write a year"),
    ],
)
def test_any_other_instant_is_refused(value: object, problem: str, advice: str) -> None:
    with pytest.raises(Unfit) as refused:
        parse_instant(value)
    assert refused.value.problem == problem
    assert refused.value.advice.startswith(advice)
    assert str(refused.value) == f"{problem}: {refused.value.advice}"


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_are_written_in_microseconds_and_read_back(at: datetime) -> None:
    text = format_instant(at)
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", text)
    assert parse_instant(text) == at


class Holder(BaseModel):
    at: Instant


def test_an_instant_in_a_record() -> None:
    assert Holder(at="2026-03-03T10:00:00+01:00").model_dump_json() == '{"at":"2026-03-03T09:00:00.000000Z"}'  # type: ignore[arg-type]


# Boxes


@pytest.mark.parametrize(
    ("value", "seconds", "calendar"),
    [
        ("2h", 7200, None),
        ({"time": "2h"}, 7200, None),
        ({"time": "16h", "calendar": "office"}, 57600, "office"),
        ("3d", 259200, None),
    ],
)
def test_a_box_is_a_duration_or_one_with_a_calendar(value: object, seconds: int, calendar: str | None) -> None:
    box = Box.model_validate(value)
    assert (box.time, box.calendar) == (seconds, calendar)


@pytest.mark.parametrize("value", [{}, {"calendar": "office"}, 15, True, [], None, {"time": "2h", "zone": "UTC"}])
def test_anything_else_is_no_box(value: object) -> None:
    with pytest.raises(ValidationError):
        Box.model_validate(value)


@pytest.mark.parametrize(("time", "codes"), [("3d", ["SUR305"]), ("24h", []), ("72h", []), ("90m", [])])
def test_days_are_refused_only_where_a_calendar_counts(time: str, codes: list[str]) -> None:
    with_calendar = put(BILLING, "{time: 16h, calendar: office}", f"{{time: {time}, calendar: office}}")
    assert [found.code for found in load(with_calendar).findings] == codes
    assert load(put(BILLING, "{time: 16h, calendar: office}", time)).findings == ()


def test_days_of_an_exception_of_a_template() -> None:
    (found,) = load(put(BILLING, "data-missing: {}", "data-missing: {within: {time: 1d, calendar: office}}")).findings
    assert (found.code, str(found.location)) == ("SUR305", f"{BILLING}:43:33")


def test_a_box_has_a_schema_for_both_forms() -> None:
    short, long = Box.model_json_schema()["anyOf"]
    assert short["type"] == "string"
    assert set(long["properties"]) == {"time", "calendar"}


# Owners


@pytest.mark.parametrize("sort", ["person", "rotation", "team", "role"])
def test_an_owner_is_one_of_four_sorts(sort: str) -> None:
    owner = OwnerRef.model_validate({sort: "somebody"})
    assert (owner.sort, owner.name, str(owner)) == (sort, "somebody", f"{sort} somebody")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, "found none of them"),
        ({"person": None}, "found none of them"),
        ({"person": "ann", "role": "clerk"}, "found person and role"),
        ({"team": "desk", "rotation": "first", "role": "clerk"}, "found rotation and team and role"),
    ],
)
def test_and_of_exactly_one(value: object, found: str) -> None:
    with pytest.raises(ValidationError, match=found):
        OwnerRef.model_validate(value)
