"""Compiles people, teams, rotations, absences and swaps to a roster; their references have been checked before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from runner.contract import policies as pol
from runner.contract.calendar_references import WEEKDAYS
from runner.contract.roster_form import (
    AbsenceOf,
    LayerOf,
    OverrideOf,
    PersonOf,
    RosterForm,
    RotationOf,
    SwapOf,
    VersionOf,
)

__all__ = ["compile_roster"]

_DAY, _WEEK = 1440, 10080  # minutes


def compile_roster(
    people: pol.People, rotations: pol.Rotations, absences: pol.Absences | None, governance: pol.Governance
) -> RosterForm:
    """The roster; the policies' references have been checked. Nobody is away without an Absences policy."""
    jobs: dict[str, tuple[str, ...]] = {}
    for name, person in people.people.items():
        for job in person.jobs:
            jobs[job] = (*jobs.get(job, ()), name)
    return RosterForm(
        people={name: PersonOf(jobs=each.jobs, substitute=each.substitute) for name, each in people.people.items()},
        teams={name: team.members for name, team in people.teams.items()},
        rotations={name: _rotation(each) for name, each in rotations.rotations.items()},
        absences=tuple(
            AbsenceOf(person=each.person, start=each.from_, end=each.until)
            for each in (absences.absences if absences else ())
        ),
        swaps=tuple(
            SwapOf(
                rotation=each.rotation,
                person=each.person,
                instead_of=each.instead_of,
                start=each.from_,
                end=each.until,
            )
            for each in (absences.swaps if absences else ())
        ),
        last_resort=governance.last_resort,
        jobs=jobs,
    )


def _rotation(rotation: pol.Rotation) -> RotationOf:
    first = VersionOf(effective_from=None, layers=tuple(map(_layer, rotation.stack)))
    later = (
        VersionOf(effective_from=each.effective_from.replace(" ", "T"), layers=tuple(map(_layer, each.stack)))
        for each in rotation.versions
    )
    overrides = (OverrideOf(person=each.person, start=each.from_, end=each.until) for each in rotation.overrides)
    return RotationOf(
        zone=rotation.zone,
        versions=(first, *later),
        overrides=tuple(sorted(overrides, key=lambda each: each.start)),
        apart_from=rotation.apart_from,
    )


def _layer(layer: pol.Layer) -> LayerOf:
    handover = layer.handover
    first = date.fromisoformat(layer.starts)
    back = 0 if handover.on is None else (first.weekday() - WEEKDAYS.index(handover.on)) % 7
    at = time.fromisoformat(handover.at)
    return LayerOf(
        members=layer.members,
        starts=datetime.combine(first, at).isoformat(timespec="minutes"),
        anchor=datetime.combine(first - timedelta(days=back), at).isoformat(timespec="minutes"),
        length_minutes=handover.every // 60,
        only=_week(layer.only),
    )


def _week(windows: Iterable[pol.Window]) -> tuple[tuple[int, int], ...]:
    """Windows as minutes of the week, in order, joined where they touch; what covers the whole week is no limit."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(piece for window in windows for piece in _pieces(window)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return () if joined == [(0, _WEEK)] else tuple(joined)


def _pieces(window: pol.Window) -> Iterator[tuple[int, int]]:
    """The pieces of a window; one that goes beyond Sunday night goes on on Monday morning."""
    opens, closes = (_minutes(text or "00:00") for text in (window.from_, window.until))
    length = (closes - opens) % _DAY or _DAY
    for day in window.days or WEEKDAYS:
        start = WEEKDAYS.index(day) * _DAY + opens
        end = start + length
        yield start, min(end, _WEEK)
        if end > _WEEK:
            yield 0, end - _WEEK


def _minutes(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute
