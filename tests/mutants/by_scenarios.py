"""Which shipped scenario fails with a mutant planted: what `surety test` would say. Reads the repository once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import coverage

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.mutants.kinds import Mutant, planted
from tests.mutants.trial import ENGINE, Found, TooLong, ending_within
from validators.simulate.results import Tried, full_name
from validators.simulate.scenarios import run_scenario

__all__ = ["Scenarios", "courses", "fails", "first_that_fails", "lines_of", "shipped", "warmed"]

T = TypeVar("T")
Of = TypeVar("Of")
REPOSITORY = Path(__file__).resolve().parent.parent.parent
LEAST, MANY = 1.0, 20
"""What takes longer than so many seconds of processor time, and so many times what it took, does not end."""


@dataclass(frozen=True)
class Scenarios:
    """All shipped scenarios by name, which lines of the engine each comes past, and how long it takes in seconds."""

    revision: Revision
    tried: Mapping[str, Tried]
    past: Mapping[str, Sequence[str]]
    seconds: Mapping[str, float]


def shipped() -> tuple[Revision, dict[str, Tried]]:
    """The shipped repository, and its scenarios by name."""
    revision = load_revision(FolderTree(REPOSITORY)).revision
    assert revision is not None
    return revision, {full_name(path, scenario): (path, scenario, doc) for path, scenario, doc in revision.scenarios}


def warmed() -> Scenarios:
    """Run every scenario over the engine as it is: none may fail."""
    revision, tried = shipped()
    past, seconds = courses(tried, lambda each: fails(revision, each))
    return Scenarios(revision, tried, past, seconds)


def courses(tried: Mapping[str, Of], trial: Callable[[Of], object]) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Which trials come past each line of the engine, and the seconds that each takes. None may find anything."""
    past: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    for name, each in tried.items():
        found, lines = lines_of(partial(trial, each))
        assert found is None, f"{name} finds something without a mutant: {found}"
        for line in lines:
            past.setdefault(line, []).append(name)
        begun = time.process_time()
        trial(each)
        seconds[name] = time.process_time() - begun
    return past, seconds


def lines_of(work: Callable[[], T]) -> tuple[T, set[str]]:
    """What it gives, and the lines of the engine that it comes past, as `file:line`."""
    cov = coverage.Coverage(data_file=None, include=[f"{ENGINE}/*"], config_file=False)
    cov.start()
    try:
        given = work()
    finally:
        cov.stop()
    data = cov.get_data()
    return given, {f"{file}:{line}" for file in data.measured_files() for line in data.lines(file) or ()}


def fails(revision: Revision, tried: Tried) -> str | None:
    """Why a scenario fails, in words; None if it passes."""
    _, scenario, document = tried
    try:
        failures = run_scenario(revision, scenario, document, rows=False, figures=False).failures
    except Exception as error:  # noqa: BLE001 - a mutant may raise anything
        return f"the engine fails with {type(error).__name__}: {error}"[:200]
    return " ".join(failures[0].diagnostic.message.split())[:200] if failures else None


def first_that_fails(mutant: Mutant, scenarios: Scenarios, order: Sequence[str]) -> Found:
    """The first scenario of an order that fails with the mutant planted."""
    with planted(mutant):
        for count, name in enumerate(order, start=1):
            try:
                with ending_within(max(LEAST, MANY * scenarios.seconds[name])):
                    words = fails(scenarios.revision, scenarios.tried[name])
            except TooLong:
                words = "it does not come to an end"
            if words is not None:
                return Found({name: 0}, {name: words}, count)
    return Found({}, {}, len(order))
