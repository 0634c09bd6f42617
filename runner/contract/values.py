"""Value types that every kind of document shares: names, durations, boxes of time, owner references.

Models here are strict and frozen; they know nothing of files, positions or other documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic import Strict as StrictMode

from runner.contract.misfit import Unfit, shown

__all__ = [
    "Box",
    "Closed",
    "Date",
    "Duration",
    "Instant",
    "Name",
    "OwnerRef",
    "Seq",
    "Strict",
    "Text",
    "TimeOfDay",
    "check_choice",
    "check_order",
    "either_form",
    "format_duration",
    "format_instant",
    "instant_or_none",
    "parse_duration",
    "parse_instant",
]

_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 999_999
_LOOSE = re.compile(r"\s*([0-9]{1,6}(?:[.,][0-9]{1,2})?)\s*([a-z]+)\.?\s*(?:and\s|und\s|,)?", re.IGNORECASE)
_ISO = re.compile(r"P(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})S)?)?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?(?: ?h)?")
_NUMBER_AND_UNIT = re.compile(r"([0-9]{1,40})(s|m|h|d)")
_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunde", "sekunden"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"), 3600),
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "tagen", "jour", "jours"), 86400),
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen"), 604800),
}
_ONE_UNIT = "write a whole number and one unit, as in 45s, 15m, 2h or 3d"
_WITH_ZONE = "write it with a zone, as in 2026-03-03T09:00:00Z or 2026-03-03T10:00:00+01:00"
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Strict(BaseModel):
    """Base of every model of the language: frozen, no unknown keys, no silent conversions.

    The docstring below a key is its meaning, in the schema and on the reference page.
    """

    # `defer_build`: a program uses a few of the models, and building all of them takes longer than most of its work.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


T = TypeVar("T")
Seq = Annotated[tuple[T, ...], StrictMode(strict=False)]
"""A list in YAML, an immutable tuple here; the items stay strict."""


class Closed(BaseModel):
    """Base of every compiled form: frozen, complete, plain JSON types."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def parse_duration(text: object) -> int:
    """Seconds of a duration such as `15m`, `2h`, `3d`; a day is 24 hours.

    Raises Unfit, a ValueError, which names the units and the form that was most likely meant.
    """
    if isinstance(text, int) and not isinstance(text, bool) and text > 0:
        advice = f"write {text}m for minutes or {text}h for hours (units: s, m, h, d)"
        raise Unfit(f"a duration needs a unit, found {shown(text)}", advice)
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _no_duration(text)
    return int(match[1]) * _SECONDS[match[2]]


def _no_duration(text: object) -> Unfit:
    """Why a value is no duration, and what was probably meant."""
    clock = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if clock:
        seconds = int(clock[1]) * 3600 + int(clock[2]) * 60
        meant = f"write {format_duration(seconds)} if these are hours and minutes" if seconds else _ONE_UNIT
        return Unfit(f"{shown(text)} is a time of day and no duration", meant)
    plain = _NUMBER_AND_UNIT.fullmatch(text) if isinstance(text, str) else None
    if plain and int(plain[1]) == 0:
        return Unfit(f"{shown(text)} is too short for a duration", "write at least 1s")
    if plain and int(plain[1]) > _LONGEST:
        return Unfit(f"{shown(text)} is too long for a duration", f"write at most {_LONGEST} and a unit, as in 30d")
    seconds = _meant(text) if isinstance(text, str) else 0
    hint = f"did you mean {written}? " if seconds and _DURATION.fullmatch(written := format_duration(seconds)) else ""
    return Unfit(f"{shown(text)} is not a duration", f"{hint}{_ONE_UNIT}")


def _meant(text: str) -> int:
    """The seconds of a duration written in some other way, such as `1 hour 30 min`; 0 if that cannot be told."""
    iso = _ISO.fullmatch(text)
    if iso:
        return sum(int(each or 0) * unit for each, unit in zip(iso.groups(), (604800, 86400, 3600, 60, 1), strict=True))
    seconds, rest = Fraction(0), text
    while rest:
        found = _LOOSE.match(rest)
        if found is None or found[2].casefold() not in _WORDS:
            return 0
        seconds += Fraction(found[1].replace(",", ".")) * _WORDS[found[2].casefold()]
        rest = rest[found.end() :]
    return int(seconds) if seconds.denominator == 1 else 0


def format_duration(seconds: int) -> str:
    """The shortest form that `parse_duration` reads back, e.g. `2h` for 7200; `0s` for nothing."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"


def format_instant(at: datetime) -> str:
    """An aware instant as UTC with microseconds: `2026-03-03T09:00:00.000000Z`."""
    return _utc_text(at if at.tzinfo is UTC else at.astimezone(UTC))


@lru_cache(maxsize=4096)  # one decision writes the same few instants again and again: row, events, effects
def _utc_text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def parse_instant(text: object) -> datetime:
    """An aware UTC instant from ISO 8601 text with a zone; raises Unfit, a ValueError, for anything else."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        at = None
    if not isinstance(at, datetime):
        raise Unfit(f"{shown(text)} is not an instant", _WITH_ZONE)
    if at.tzinfo is None:
        raise Unfit(f"{shown(text)} has no zone", "end it with Z for UTC or with an offset such as +01:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Unfit(f"{shown(text)} lies outside the calendar", "write a year between 1 and 9999") from None


def instant_or_none(text: object) -> datetime | None:
    """The instant that `parse_instant` reads; None if it refuses the text."""
    try:
        return parse_instant(text)
    except Unfit:
        return None


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}(s|m|h|d)$", "examples": ["15m", "2h", "3d"]}),
]
"""Seconds; written `15m`, `2h`, `3d` in YAML."""

Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(format_instant, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware UTC instant; written with a zone in YAML, in microseconds and `Z` in records."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
"""An identifier: lower case, digits, single dashes or underscores."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Prose for people: not empty, at most 2,000 characters."""

Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A calendar date, `2026-03-03`."""

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""Local time of day, `09:00`; in YAML always quoted or plain, never a number."""


def either_form(short: Mapping[str, object], core_schema: object, handler: object) -> dict[str, object]:
    """The JSON Schema of a model that may also be written in a short form; for `__get_pydantic_json_schema__`."""
    long_form = handler(core_schema)  # type: ignore[operator]
    resolved = handler.resolve_ref_schema(long_form)  # type: ignore[attr-defined]
    return {"anyOf": [short, dict(resolved)]}


def check_choice(
    sort: str,
    values: Sequence[str],
    *,
    key: str | None = "type",
    advice: str = "add values: [one, two]",
    otherwise: str = "remove it",
    this: str | None = None,
) -> None:
    """A choice has values and nothing else has; raises Unfit. `this` says what has them wrongly, if not its sort."""
    if sort == "choice" and not values:
        raise Unfit("a choice needs its values", advice, key)
    if sort != "choice" and values:
        raise Unfit(f"`values` belongs to a choice, and this is {this or f'a {sort}'}", otherwise, "values")


def check_order(from_: datetime, until: datetime, noun: str, advice: str = "`until` is later than `from`") -> None:
    """A span of time ends after it begins; raises Unfit."""
    if from_ >= until:
        raise Unfit(f"this {noun} ends before it begins", advice, "until")


class Box(Strict):
    """An amount of time, counted on the wall clock or, with a calendar, in its business hours only."""

    time: Duration
    """How long."""
    calendar: Name | None = None
    """The calendar whose open hours are counted; none counts every hour."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: object) -> object:
        return {"time": data} if isinstance(data, str | int) and not isinstance(data, bool) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, object]:
        """The schema of both forms: `2h`, or a mapping with a calendar."""
        short = {"type": "string", "pattern": "^[1-9][0-9]{0,5}(s|m|h|d)$"}
        return either_form(short, core_schema, handler)


class OwnerRef(Strict):
    """Who is meant: exactly one of a person, a rotation, a team or a job."""

    person: Name | None = None
    """This person and no other."""
    rotation: Name | None = None
    """Whoever is on call in this rotation when the offer is made."""
    team: Name | None = None
    """The first present member of this team, in the order of the list."""
    role: Name | None = None
    """The first present person who holds this job, in the order of the people file."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [key for key in ("person", "rotation", "team", "role") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise Unfit(
                f"an owner is exactly one of person, rotation, team or role, found {found}",
                "write for example {rotation: on-call}",
            )
        return self

    @property
    def sort(self) -> Literal["person", "rotation", "team", "role"]:
        """Which of the four it is."""
        for key in ("person", "rotation", "team"):
            if getattr(self, key) is not None:
                return key
        return "role"

    @property
    def name(self) -> str:
        """The name within its sort."""
        return str(getattr(self, self.sort))

    def __eq__(self, other: object) -> bool:
        """Whether it means the same; asked so often that comparing whole models would be felt."""
        return self is other or (isinstance(other, OwnerRef) and self._key() == other._key())

    def __hash__(self) -> int:
        """Equal for equal references."""
        return hash(self._key())

    def _key(self) -> tuple[str | None, ...]:
        return self.person, self.rotation, self.team, self.role

    def __str__(self) -> str:
        """`rotation accounting`."""
        return f"{self.sort} {self.name}"
