"""Business calendars. Shapes only; the compiler checks references and looks up public holidays."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import Date, Version, Weekday, Zone
from runner.contract.values import Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["Calendar", "Calendars", "Holidays", "Interval"]

_MOST_YEARS = 50  # ten times what a contract may wait for, and still compiled at once
Interval = Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")]
"""An open interval of a day, `09:00-17:30`, closed at the start and open at the end; `24:00` ends a day."""


class Holidays(Strict):
    """Public holidays of a country, from `first_year` to `horizon`."""

    country: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """The country's two letters, such as DE."""
    subdivision: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    """A state or region with holidays of its own, such as BE; none takes those of the whole country."""
    except_: Seq[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(default=(), alias="except")
    """Names of holidays on which work goes on, as the holidays library has them."""


class Calendar(Strict):
    """Business hours in one zone."""

    summary: Text
    """Whose hours these are."""
    zone: Zone
    """The zone of all times below."""
    hours: dict[Weekday, Seq[Interval]]
    """Open intervals by weekday."""
    holidays: Holidays | None = None
    """Public holidays, which have no ordinary business hours."""
    closed: dict[Date, Text] = {}
    """Further dates without ordinary business hours, each with its reason."""
    open: dict[Date, Annotated[Seq[Interval], Field(min_length=1)]] = {}
    """Extra hours on dates: beside the ordinary ones, and alone on a date that is closed or a holiday."""


class Calendars(Strict):
    """Business calendars, by name."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Calendars"]
    horizon: Date
    """The last date up to which holidays and `closed` are complete; `check` warns before it ends."""
    first_year: Annotated[int, Field(ge=1970, le=2999)] | None = None
    """The first year for which public holidays are looked up; needed by calendars with `holidays`."""
    calendars: dict[Name, Calendar] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""

    @model_validator(mode="after")
    def _years(self) -> Self:
        wanting = next((name for name, each in self.calendars.items() if each.holidays is not None), None)
        if wanting is not None and self.first_year is None:
            message = f"`{wanting}` has public holidays, and there is no year from which on they are wanted"
            raise Unfit(message, "add first_year: 2026 beside `horizon`", "horizon")
        if self.first_year is not None and self.first_year > int(self.horizon[:4]):
            raise Unfit("`first_year` is later than `horizon`", "move `horizon`", "first_year")
        if self.first_year is not None and int(self.horizon[:4]) - self.first_year > _MOST_YEARS:
            raise Unfit(
                f"more than {_MOST_YEARS} years of holidays",
                "write a later `first_year` or an earlier `horizon`",
                "first_year",
            )
        return self
