"""Calendars as a contract takes them in: public holidays as dates, company days, extra hours."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from holidays import country_holidays
from holidays.registry import COUNTRIES

from runner.contract import policies as pol
from runner.contract.compile_calendar import closed_dates, compile_calendar
from runner.contract.public_holidays import UnknownPlaceError, _kind, public_holidays

NATIONAL = [
    "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03", "2026-12-25",
    "2026-12-26",
]  # fmt: skip
"""What all German states share in 2026."""


def calendars(horizon: str = "2026-12-31", **keys: Any) -> pol.Calendars:
    hours = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    calendar = {"summary": "Office.", "zone": "Europe/Berlin", "hours": hours, **keys}
    return pol.Calendars.model_validate(
        {
            "schema": "surety/v1",
            "kind": "Calendars",
            "horizon": horizon,
            "first_year": 2026,
            "calendars": {"office": calendar},
        }
    )


def closed(horizon: str = "2026-12-31", **keys: Any) -> list[str]:
    return list(compile_calendar(calendars(horizon, **keys), "office").closed)


def test_holidays_of_a_country() -> None:
    assert closed(holidays={"country": "DE"}) == NATIONAL


def test_a_state_adds_its_own() -> None:
    berlin = closed(holidays={"country": "DE", "subdivision": "BE"})
    assert set(berlin) - set(NATIONAL) == {"2026-03-08"}
    assert closed(holidays={"country": "DE", "subdivision": "Berlin"}) == berlin


def test_they_reach_from_the_first_year_to_the_horizon_included() -> None:
    assert closed("2026-05-25", holidays={"country": "DE"}) == NATIONAL[:6]
    assert closed("2026-05-24", holidays={"country": "DE"}) == NATIONAL[:5]
    years = {day[:4] for day in closed("2028-01-01", holidays={"country": "DE"})}
    assert years == {"2026", "2027", "2028"}


def test_work_goes_on_on_an_exception() -> None:
    without = closed(holidays={"country": "DE", "except": ["Labor Day", "Good Friday"]})
    assert set(NATIONAL) - set(without) == {"2026-04-03", "2026-05-01"}


def test_company_days_keep_their_reason_and_holidays_have_their_name() -> None:
    days = {"2026-12-24": "Christmas Eve", "2026-12-25": "Our own words"}
    found = closed_dates(calendars(closed=days, holidays={"country": "DE"}), "office")
    assert [found[day] for day in ("2026-12-24", "2026-12-25", "2026-12-26")] == [
        "Christmas Eve",
        "Our own words",
        "Second Day of Christmas",
    ]
    assert list(found) == sorted(found)


def test_a_date_that_does_not_exist_is_left_out() -> None:
    found = compile_calendar(
        calendars(closed={"2027-02-29": "Slip", "2026-02-27": "Off"}, open={"2026-02-30": ["10:00-12:00"]}), "office"
    )
    assert (list(found.closed), dict(found.open)) == (["2026-02-27"], {})
    assert found.closed_days == {date(2026, 2, 27)}


def test_a_calendar_without_holidays_looks_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.contract.compile_calendar.public_holidays", None)
    assert closed(closed={"2026-01-02": "Bridge"}) == ["2026-01-02"]


@pytest.mark.parametrize(
    ("word", "day", "hours", "found"),
    [
        ("a Saturday", "2026-03-07", ["10:00-14:00"], ((600, 840),)),
        ("longer on a Friday", "2026-03-06", ["17:00-20:00"], ((540, 1200),)),
        ("beside the ordinary ones", "2026-03-06", ["19:00-20:00"], ((540, 1020), (1140, 1200))),
        ("a holiday: nothing else", "2026-12-25", ["10:00-12:00"], ((600, 720),)),
        ("a company day: nothing else", "2026-12-24", ["09:00-12:00"], ((540, 720),)),
    ],
)
def test_extra_hours(word: str, day: str, hours: list[str], found: tuple[tuple[int, int], ...]) -> None:
    given = calendars(closed={"2026-12-24": "Christmas Eve"}, holidays={"country": "DE"}, open={day: hours})
    assert compile_calendar(given, "office").open == {day: found}, word


def test_what_does_not_exist_is_left_out_for_it_is_a_finding() -> None:
    given = calendars(holidays={"country": "XX"}, open={"2026-02-30": ["09:00-10:00"]})
    compiled = compile_calendar(given, "office")
    assert (compiled.closed, compiled.open) == ((), {})


def test_names_are_english_where_the_library_has_them_so() -> None:
    assert public_holidays("JP", None, 2026, 2026)[date(2026, 11, 3)] == ("Culture Day",)


def test_a_holiday_observed_in_another_year_is_in_that_year() -> None:
    """New Year's Day 2028 is a Saturday, observed on the last day of 2027."""
    assert date(2027, 12, 31) in public_holidays("US", None, 2027, 2027)
    assert all(day.year == 2028 for day in public_holidays("US", None, 2028, 2028))


def test_every_country_is_what_the_library_takes_it_for() -> None:
    codes = [code for _, code, *_ in COUNTRIES.values()]
    assert len(codes) > 200
    for code in codes:
        ours, theirs = _kind(code), type(country_holidays(code))
        assert (ours.__name__, ours.__module__, ours.country) == (theirs.__name__, theirs.__module__, theirs.country)
    for code in ("DE", "GU", "AX", "IM"):  # the latter take theirs from another country
        assert list(public_holidays(code, None, 2026, 2027)) == sorted(
            day for day in country_holidays(code, years=range(2025, 2029)) if day.year in {2026, 2027}
        )


def test_one_country_is_loaded_alone() -> None:
    """In a process of its own, since others here have asked for all of them."""
    asked = "import sys; from runner.contract.public_holidays import public_holidays as of; of('DE', 'BE', 2026, 2026)"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; print('holidays.countries' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_a_library_of_another_form_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda _: False)
    assert _kind("SE") is type(country_holidays("SE"))


@pytest.mark.parametrize(
    ("country", "subdivision", "advice"),
    [
        ("Germany", None, "did you mean `DE`?"),
        ("de", None, "did you mean `DE`?"),
        ("DEU", None, "write the two letters"),
        ("DE", "BBB", "did you mean `BB`?"),
        ("VA", "Rome", "it has none"),
    ],
)
def test_unknown_places(country: str, subdivision: str | None, advice: str) -> None:
    with pytest.raises(UnknownPlaceError) as unknown:
        public_holidays(country, subdivision, 2026, 2026)
    assert advice in unknown.value.advice
    assert unknown.value.subdivision == (subdivision is not None)
