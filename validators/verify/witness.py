"""A violation as a scenario file: its course as it was played, and what should be instead. Nothing is written that does
not fail now: a scenario that passes would show nothing.
"""

from __future__ import annotations

import json
import re
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
from validators.verify.playing import Played, played
from validators.verify.verdict import Violation

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
    course = played(revision, base, violation.steps)
    times = LocalTimes(base.zone, base.start)
    plain = _plain(base, Case(violation, course, contract, times, own.get(violation.name)), own.get(violation.name))
    plain["name"] = _name(file, violation)
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items())
    text = canonical("".join(lines).encode(), file)
    path = f"templates/{contract.name}/{file}"
    _must_fail(revision, path, text)
    return text


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


def _must_fail(revision: Revision, path: str, text: bytes) -> None:
    """Run it with the contracts and the engine as they are. Raises Unplayable if it is no scenario, or passes."""
    documents = read_documents(_One(path, text))
    found: list[Document] = list(documents.all("Scenario"))
    if len(found) != 1:
        raise Unplayable(f"the course makes no valid scenario: {text.decode()[:200]}")
    try:
        result = run_scenario(revision, found[0].read_as(Scenario), found[0])
    except Exception:  # noqa: BLE001 - an engine that fails is what the scenario shows
        return
    if result.passed:
        raise Unplayable("it can be played, and with the real times and people nothing is wrong")
