"""A violation as a scenario file: its course as it was played, and what should be instead. Nothing is written that does
not fail now: a scenario that passes would show nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from runner.contract.contract import Contract
from runner.contract.documents import Document, read_documents
from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.property import Property
from runner.contract.scenario import Scenario
from validators.format.canonical import canonical
from validators.simulate import run_scenario
from validators.verify.acting import Unplayable
from validators.verify.case import Case
from validators.verify.demands import demands
from validators.verify.own_demands import holds_whatever_happens
from validators.verify.playing import Played, played
from validators.verify.verdict import TIMES, Violation

__all__ = ["Played", "Unplayable", "never_about", "played", "scenario_of"]

_NO_COURSE: Final = {
    "rungs": "what never comes about has no course",
    "steps": "what never comes about has no course",
}


def never_about(name: str) -> str | None:
    """Why no scenario can show that a property does not hold; None if one may."""
    return _NO_COURSE.get(name)


def scenario_of(revision: Revision, base: Scenario, contract: Contract, violation: Violation, file: str) -> bytes:
    """The scenario as a file. Raises Unplayable with the reason if there can be none."""
    why = never_about(violation.name)
    if why is not None:
        raise Unplayable(why)
    own = {each.name: each for path, each in revision.properties if path.split("/")[-2] == contract.name}
    mine = own.get(violation.name)
    course = played(revision, base, violation.steps, loosely=violation.loosely)
    times = LocalTimes(base.zone, base.start)
    plain = _plain(base, Case(violation, course, contract, times, mine), mine)
    plain["name"] = _name(file, violation)
    path = f"templates/{contract.name}/{file}"
    passes = _passes(revision, path, plain, violation)
    if passes is not None:
        raise Unplayable(passes)
    for key, one in _conditions(plain) if mine is not None and holds_whatever_happens(mine) else ():
        lighter = plain | {key: [each for each in plain[key] if each is not one]}
        if _passes(revision, path, lighter, violation) is None:
            plain = lighter
    return _text(plain, file)


def _name(file: str, violation: Violation) -> str:
    """A scenario is called as its file is, where that is a name."""
    stem = file.removesuffix("_test.yaml")
    fits = stem != file and re.fullmatch(r"[a-z][a-z0-9-]{0,62}", stem)
    return stem if fits else f"{violation.name}-found-by-verify"


def _plain(base: Scenario, case: Case, own: Property | None) -> dict[str, Any]:
    key, ticket = next(iter(base.tickets.items()))
    claim = f" ({own.summary.rstrip('.')})" if own is not None else ""
    plain: dict[str, Any] = {
        "schema": "surety/v1",
        "kind": "Scenario",
        "name": "",
        "summary": f"Found by surety verify, property {case.violation.name}{claim}: {case.violation.words}.",
        "start": base.start,
        "zone": base.zone,
        "tickets": {key: ticket.model_dump(mode="json")},
    }
    course = case.course
    plain |= {"absences": list(course.absences)} if course.absences else {}
    plain |= {"acts": list(course.acts)} if course.acts else {}
    return plain | demands(case)


class _One:
    """One file, as a revision has them."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path, self._data = path, data

    def paths(self) -> tuple[str, ...]:
        return (self._path,)

    def read(self, path: str) -> bytes:
        if path != self._path:
            raise FileNotFoundError(path)
        return self._data


_NEEDLESS: Final = ("undelivered", "step_fails", "absent")
"""Acts that a course may need as it was found, and its scenario may not."""


def _conditions(plain: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the world does in a course, each of which may be left out where the scenario fails without it as well."""
    acts = [("acts", each) for each in plain.get("acts", ()) if each["do"] in _NEEDLESS]
    return [*(("absences", each) for each in plain.get("absences", ())), *acts]


def _text(plain: Mapping[str, Any], file: str) -> bytes:
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items() if value != [])
    return canonical("".join(lines).encode(), file)


_SHOWING: Final = frozenset(("SUR603", "SUR604"))
"""What a scenario fails with that shows something: an expectation that is not met, an act that went otherwise."""


def _passes(revision: Revision, path: str, plain: Mapping[str, Any], violation: Violation) -> str | None:
    """Why the scenario shows nothing with the contracts and the engine as they are; None if it fails as it should."""
    text = _text(plain, path.rpartition("/")[2])
    found: list[Document] = list(read_documents(_One(path, text)).all("Scenario"))
    if len(found) != 1:
        return f"the course makes no valid scenario: {text.decode()[:200]}"
    try:
        result = run_scenario(revision, found[0].read_as(Scenario), found[0])
    except Exception:  # noqa: BLE001 - an engine that fails is what the scenario shows
        return None
    shown = _SHOWING | {"SUR610"} if violation.name == "takes-effect" else _SHOWING
    if not shown.isdisjoint(each.diagnostic.code for each in result.failures):
        return None
    if violation.part == TIMES:
        return "when it is played, somebody is told in time by the runbook, which the longest times leave out"
    return "it can be played, and with the real times and people nothing is wrong"
