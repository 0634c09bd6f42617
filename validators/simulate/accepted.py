"""Writing down who was accountable in scenarios: the edits of their files. Opens no file, and judges no timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runner.contract.assertions import OwnerChange
from runner.contract.cases import cases_of, placeholder
from runner.contract.edits import Append, InsertKey, Operation, Path, Remove, SetValue
from runner.contract.local_time import LocalTimes
from runner.contract.nodes import Plain
from runner.contract.scenario import Scenario
from runner.contract.source import load_mapping
from validators.format.canonical import Unformattable, canonical
from validators.format.splice import spliced
from validators.simulate.results import Place, ScenarioResult

__all__ = ["UnacceptedError", "accepted", "edits_of"]

_KEY: Final = "owners"


class UnacceptedError(Exception):
    """The timelines cannot be written into this file; the message says why, and what to do."""


def accepted(data: bytes, path: str, results: Sequence[tuple[Place, ScenarioResult]]) -> bytes:
    """The bytes of a file after its timelines were written down; in canonical form if it was.

    Raises UnacceptedError, or EditError if the file cannot be edited.
    """
    edits = edits_of(load_mapping(data) or {}, results)
    after = spliced(data, edits) if edits else data
    return canonical(after, path) if _is_canonical(data, path) else after


def _is_canonical(data: bytes, path: str) -> bool:
    try:
        return canonical(data, path) == data
    except Unformattable:
        return False


def edits_of(plain: Mapping[str, Any], results: Sequence[tuple[Place, ScenarioResult]]) -> list[Operation]:
    """The edits of one file after which its scenario, or each of these cases, has the owners that it showed.

    Only what differs is written anew; no edit if nothing does. Raises UnacceptedError.
    """
    place, first = results[0]
    times = LocalTimes(place.zone, place.start)
    if place.case is not None:
        return list(_of_cases(plain, {place.case or "": result.owners for place, result in results}, times))
    if _KEY in plain:
        return list(_of_list((_KEY,), plain[_KEY], first.owners, times))
    return [InsertKey((), _KEY, _written(first.owners), after=_before_owners(plain))]


def _of_cases(
    plain: Mapping[str, Any], owners: Mapping[str, tuple[OwnerChange, ...]], times: LocalTimes
) -> Iterator[Operation]:
    cases, now = cases_of(plain), plain.get(_KEY)
    name = placeholder(now)
    if name is not None:
        for case, wanted in owners.items():
            yield from _of_list(("cases", case, name), cases[case][name], wanted, times)
        return
    if owners.keys() != cases.keys():
        left = ", ".join(case for case in cases if case not in owners)
        raise UnacceptedError(f"its cases have no timelines of their own yet: accept them together with {left}")
    timelines = list(owners.values())
    if isinstance(now, list) and all(each == timelines[0] for each in timelines):
        yield from _of_list((_KEY,), now, timelines[0], times)
        return
    if now is None:
        yield InsertKey((), _KEY, f"${_KEY}", after=_before_owners(plain))
    else:
        yield SetValue((_KEY,), f"${_KEY}")
    for case, wanted in owners.items():
        yield InsertKey(("cases", case), _KEY, _written(wanted), after=next(reversed(list(cases[case])), None))


def _of_list(path: Path, now: object, wanted: Sequence[OwnerChange], times: LocalTimes) -> Iterator[Operation]:
    """From the end of the list to its beginning, so that no place moves before it is reached."""
    if not isinstance(now, list) or not now or not wanted:
        if now != _written(wanted):
            yield SetValue(path, _written(wanted))
        return
    for index in reversed(range(len(wanted), len(now))):
        yield Remove((*path, index))
    for index, change in enumerate(wanted):
        if index >= len(now):
            yield Append(path, _item(change))
        elif _differs(now[index], change, times):
            yield SetValue((*path, index), _item(change))


def _differs(now: Mapping[str, Any], change: OwnerChange, times: LocalTimes) -> bool:
    """An instant may be written in several ways, and stays as it is then."""
    same = all(now.get(key) == getattr(change, key) for key in ("ticket", "owner", "reason"))
    return not same or times.instant(now["at"]) != times.instant(change.at)


def _written(changes: Sequence[OwnerChange]) -> list[Plain]:
    return [_item(change) for change in changes]


def _item(change: OwnerChange) -> Plain:
    item: Plain = change.model_dump(exclude_none=True)
    return item


def _before_owners(plain: Mapping[str, Any]) -> str:
    """The last key of the file that stands before this one in canonical order."""
    order = [info.alias or name for name, info in Scenario.model_fields.items()]
    return [key for key in order[: order.index(_KEY)] if key in plain][-1]
