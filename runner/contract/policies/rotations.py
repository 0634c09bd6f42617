"""Rotations: who is on call in turn. Shapes only; the compiler checks references.

Who is away or takes over a shift is said in `absences`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema, model_validator

from runner.contract.misfit import Unfit, shown
from runner.contract.policies.words import Date, Version, Weekday, Zone
from runner.contract.values import Instant, Name, Seq, Strict, Text, TimeOfDay, check_order
from runner.contract.waiver import Waivers

__all__ = ["Handover", "Layer", "Override", "Rotation", "RotationVersion", "Rotations", "ShiftLength", "Window"]

_DAY, _WEEK, _HOUR = 86400, 604800, 3600
_LENGTH = re.compile(r"([1-9][0-9]{0,2})(d|h)")
_LENGTH_FORM = "write day, week, or a number of days or hours, as in 3d or 12h"
_LONGEST = 366 * _DAY


def _length(value: object) -> int:
    """Seconds of the wall clock; raises Unfit."""
    match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if match is None and value not in ("day", "week"):
        raise Unfit(f"{shown(value)} is not the length of a shift", _LENGTH_FORM)
    seconds = _WEEK if value == "week" else _DAY
    if match is not None:
        seconds = int(match[1]) * (_DAY if match[2] == "d" else _HOUR)
    if seconds > _LONGEST:
        raise Unfit(f"{shown(value)} is longer than a year", "write 366d or less")
    return seconds


def _written(seconds: int) -> str:
    names = {_DAY: "day", _WEEK: "week"}
    return names.get(seconds) or (f"{seconds // _DAY}d" if seconds % _DAY == 0 else f"{seconds // _HOUR}h")


ShiftLength = Annotated[
    int,
    BeforeValidator(_length),
    PlainSerializer(_written, when_used="json"),
    WithJsonSchema({"anyOf": [{"enum": ["day", "week"]}, {"type": "string", "pattern": "^[1-9][0-9]{0,2}(d|h)$"}]}),
]
"""Seconds on the wall clock; written `day`, `week`, `3d` or `12h` in YAML."""
LocalDateTime = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A local date and time, `2026-03-03 09:00`; its zone stands beside it."""


class Handover(Strict):
    """When a rotation passes to the next member, in the rotation's own local time."""

    every: ShiftLength
    """The length of a shift: day, week, or a number of days or hours. A day is from one clock time to the same on the
    next day, however many hours that is."""
    at: TimeOfDay
    """Local time of the handover; where the clocks skip it, the first instant after the gap; where it comes twice, the
    first."""
    on: Weekday | None = None
    """The weekday of the handover, for shifts of whole weeks; without it, that of `starts`. The first shift then begins
    on `starts` and is shorter."""

    @model_validator(mode="after")
    def _whole_weeks(self) -> Self:
        if self.on is not None and self.every % _WEEK:
            found = f"a shift of `{_written(self.every)}` does not end on the same weekday each time"
            raise Unfit(found, "remove `on`, or write every: week, 14d or another number of whole weeks", "on")
        return self


class Window(Strict):
    """Hours of the week in local time."""

    days: Seq[Weekday] = ()
    """The days on which the hours begin; every day if none is listed."""
    from_: TimeOfDay | None = Field(default=None, alias="from")
    """Local time at which they begin; without it the whole day counts."""
    until: TimeOfDay | None = None
    """Local time at which they end, on the next day if it is not later than `from`; "00:00" is midnight."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.from_ is None) != (self.until is None):
            raise Unfit(
                "hours need both a beginning and an end", "write both `from` and `until`, or none for whole days"
            )
        if self.from_ is None and not self.days:
            raise Unfit(
                "this says nothing", 'write for example {days: [saturday, sunday]} or {from: "18:00", until: "08:00"}'
            )
        return self


class Layer(Strict):
    """People in turn, at all hours or only at some."""

    members: Seq[Name] = Field(min_length=1)
    """People, in turn; the first has the shift that begins on `starts`."""
    starts: Date
    """The local date of the first handover; before it this layer names nobody."""
    handover: Handover
    """How long a shift is and when it ends."""
    only: Seq[Window] = ()
    """The hours in which this layer counts; all hours if none are given."""


class RotationVersion(Strict):
    """How a rotation turns from an instant on; what was before stays true for the past."""

    effective_from: LocalDateTime
    """Local date and time in the rotation's zone, from which this version counts."""
    members: Annotated[Seq[Name], Field(min_length=1)] | None = None
    """The short form for one layer: people, in turn, from then on."""
    starts: Date | None = None
    """The local date of the first handover; before it nobody is on call, so let it lie before `effective_from`."""
    handover: Handover | None = None
    """How long a shift is and when it ends, from then on."""
    only: Seq[Window] = ()
    """The hours in which anybody is on call from then on; all hours if none are given."""
    layers: Annotated[Seq[Layer], Field(min_length=1)] | None = None
    """Instead of the four keys above: several turns, one above the other."""

    @model_validator(mode="after")
    def _form(self) -> Self:
        _one_form(self)
        return self

    @property
    def stack(self) -> tuple[Layer, ...]:
        """The layers, lowest first, whichever way they are written."""
        return _stack(self)


class Override(Strict):
    """A person who is on call in this rotation for some time, whatever the turns say."""

    person: Name
    """Who is on call."""
    from_: Instant = Field(alias="from")
    """First instant."""
    until: Instant
    """First instant at which the turns count again."""
    reason: Text
    """Why; for those who read this file."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.from_, self.until, "override")
        return self


class Rotation(Strict):
    """Who is on call in turn, at every hour: members of its own, or several layers."""

    summary: Text
    """What this rotation is for."""
    zone: Zone
    """The zone of every local time below."""
    members: Annotated[Seq[Name], Field(min_length=1)] | None = None
    """The short form for one layer: people, in turn; the first has the shift that begins on `starts`."""
    starts: Date | None = None
    """The local date of the first handover; before it nobody is on call."""
    handover: Handover | None = None
    """How long a shift is and when it ends."""
    only: Seq[Window] = ()
    """The hours in which anybody is on call; all hours if none are given."""
    layers: Annotated[Seq[Layer], Field(min_length=1)] | None = None
    """Instead of the four keys above: several turns, one above the other. The last that counts at an instant wins."""
    versions: Seq[RotationVersion] = ()
    """Later ways in which this rotation turns, oldest first."""
    overrides: Seq[Override] = ()
    """Exceptions from the turns."""
    apart_from: Seq[Name] = ()
    """Rotations whose person of the instant is never taken here: the next member in turn is, who is somebody else."""

    @model_validator(mode="after")
    def _form(self) -> Self:
        _one_form(self)
        for earlier, later in zip(self.versions, self.versions[1:], strict=False):
            if later.effective_from <= earlier.effective_from:
                found = f"the version of {later.effective_from} stands after that of {earlier.effective_from}"
                raise Unfit(found, "list versions oldest first, each with an instant of its own", "versions")
        return self

    @property
    def stack(self) -> tuple[Layer, ...]:
        """The layers before any version, lowest first, whichever way they are written."""
        return _stack(self)


class Rotations(Strict):
    """Who is on call."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Rotations"]
    rotations: dict[Name, Rotation] = Field(min_length=1)
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


def _one_form(turns: Rotation | RotationVersion) -> None:
    """Either layers, or members with start and handover."""
    own = {"members": turns.members, "starts": turns.starts, "handover": turns.handover, "only": turns.only or None}
    if turns.layers is not None:
        both = [key for key, value in own.items() if value is not None]
        if both:
            raise Unfit(
                f"`{both[0]}` stands beside `layers`", f"move {', '.join(both)} into one of the layers", both[0]
            )
        return
    missing = [key for key in ("members", "starts", "handover") if own[key] is None]
    if missing:
        raise Unfit(
            f"`{missing[0]}` is missing, and there are no `layers`", f"add {missing[0]}: …, or write layers: […]"
        )


def _stack(turns: Rotation | RotationVersion) -> tuple[Layer, ...]:
    if turns.layers is not None:
        return turns.layers
    assert turns.members is not None  # noqa: S101 - validated above
    assert turns.starts is not None  # noqa: S101
    assert turns.handover is not None  # noqa: S101
    return (Layer(members=turns.members, starts=turns.starts, handover=turns.handover, only=turns.only),)
