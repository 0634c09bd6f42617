"""Running many scenarios: reading their files, choosing among them, sharing them out among processes. Prints nothing.

A process of its own costs a few milliseconds, and every file of a scenario is read where it is run; so a small suite
runs in one process, and a large one in as many as there are. The order of the results never depends on that.
"""

from __future__ import annotations

import gc
import os
import pickle
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Files, has_documents, read_documents, refused_paths
from runner.contract.load import Loaded, Revision, load_revision, scenarios_of
from runner.contract.secret_text import without_secrets
from validators.check.rules.scenario_out_of_place import folders_of, misplaced, same_place
from validators.simulate.beginnings import Beginnings
from validators.simulate.passed import Kept, PassedCache, to_keep
from validators.simulate.results import Failure, Place, ScenarioResult, Tried, full_name, select
from validators.simulate.scenarios import run_scenario

__all__ = ["Asked", "Suite", "run_suite"]

_PAYS_FROM: Final = 60
"""Files of scenarios from which a second process saves more than it costs."""
_SCENARIO: Final = re.compile(rb"^kind:[ \t]*Scenario[ \t]*\r?$", re.MULTILINE)
_NAME: Final = re.compile(r"_test\.ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which scenarios to run, in how many processes, and whether to note what they cover or stop at a failure."""

    patterns: tuple[str, ...] = ()
    """Any of them; all scenarios without one."""
    jobs: int = 1
    covering: bool = False
    fail_fast: bool = False
    figures: bool = False
    """Whether to count the key figures of every scenario, and not only of those that state some."""
    owners: bool = False
    """Whether to note in every result who was accountable, and not only to compare it where it is written down."""


@dataclass(slots=True)
class Suite:
    """What came of it. With errors among the findings, or without a revision, nothing was run."""

    loaded: Loaded
    findings: list[Diagnostic]
    names: list[str] = field(default_factory=list)
    """Of every scenario that there is, in order."""
    tried: frozenset[str] = frozenset()
    """The folders that have scenarios."""
    results: list[ScenarioResult] = field(default_factory=list)

    @property
    def revision(self) -> Revision | None:
        """The revision that was tried; None if it, or a scenario, has errors."""
        wrong = any(each.severity is Severity.ERROR for each in self.findings)
        return None if wrong else self.loaded.revision


@dataclass(slots=True)
class _Share:
    """What one process has done; results stand beside the position of their file."""

    findings: list[Diagnostic] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)
    results: list[tuple[int, ScenarioResult]] = field(default_factory=list)
    passed: Kept = field(default_factory=dict)


def run_suite(files: Files, asked: Asked, passed: PassedCache | None = None) -> Suite:
    """Run the scenarios of a revision, but for those that `passed` already. Raises SimulationLimit if one is too long.

    What is asked for beside whether they pass, or a few of them only, is never answered by `passed`.
    """
    hidden = _scenario_files(files)
    loaded = load_revision(_But(files, hidden))
    suite = Suite(loaded, list(loaded.findings))
    revision = loaded.revision
    if revision is None:
        suite.findings = sorted({*suite.findings, *_read(files, hidden)[1]})
        return suite
    places = [*hidden, ""] if revision.scenarios else hidden  # the last stands for those in files of other names
    if passed is not None:
        passed = None if asked.patterns or asked.covering or asked.figures or asked.owners else passed
    others = same_place([*hidden, *(path for path, _, _ in revision.scenarios)])
    known = _passed(files, [path for path in hidden if path not in others], loaded, passed)
    todo = [position for position, path in enumerate(places) if path not in known]
    jobs = asked.jobs if len(todo) >= _PAYS_FROM and hasattr(os, "fork") else 1
    folders = folders_of(loaded.documents.all("Template"))
    shares = _Work(files, revision, places, todo, asked, jobs, passed is not None, folders, others).shared_out()
    shares.append(_known(places, known))
    if passed is not None:
        for share in shares:
            passed.now |= share.passed
        passed.keep()
    suite.findings = sorted({*suite.findings, *(each for share in shares for each in share.findings)})
    suite.names = [name for _, name in sorted(each for share in shares for each in share.names)]
    suite.tried = frozenset(path.rpartition("/")[0] for path in (*hidden, *(path for path, _, _ in revision.scenarios)))
    results = sorted((each for share in shares for each in share.results), key=lambda each: each[0])
    suite.results = _until_the_first_failure(results) if asked.fail_fast else [result for _, result in results]
    return suite


def _passed(
    files: Files, paths: Sequence[str], loaded: Loaded, passed: PassedCache | None
) -> dict[str, list[ScenarioResult]]:
    """The results of the files whose scenarios have all passed before, by path."""
    if passed is None:
        return {}
    passed.open(loaded.documents.sources)
    found = ((path, passed.of(path, files.read(path))) for path in paths)
    return {path: results for path, results in found if results is not None}


def _known(places: Sequence[str], known: Mapping[str, list[ScenarioResult]]) -> _Share:
    """What need not be done any more."""
    results = [(position, each) for position, path in enumerate(places) for each in known.get(path, ())]
    return _Share(names=[(position, each.name) for position, each in results], results=results)


def _until_the_first_failure(results: Sequence[tuple[int, ScenarioResult]]) -> list[ScenarioResult]:
    """Up to the first scenario that failed; every process has run all that stand before its own first failure."""
    kept: list[ScenarioResult] = []
    for _, result in results:
        kept.append(result)
        if not result.passed:
            break
    return kept


def _scenario_files(files: Files) -> list[str]:
    """The files that say by their name and their kind that they are scenarios."""
    refused = refused_paths(files)
    found = []
    for path in files.paths():
        if has_documents(path) and _NAME.search(path) is not None and path not in refused:
            try:
                if _SCENARIO.search(files.read(path)) is not None:
                    found.append(path)
            except OSError:
                continue  # becomes a finding when everything is loaded
    return found


def _read(files: Files, paths: Collection[str]) -> tuple[list[Tried], list[Diagnostic], Mapping[str, bytes]]:
    """The scenarios in some files, each of their cases, what is wrong with them, and the bytes of the files."""
    documents = read_documents(_Only(files, tuple(paths)))
    findings = without_secrets(documents.findings, documents.sources.values())
    found = [each for document in documents.all("Scenario") for each in scenarios_of(document)]
    return found, findings, documents.sources


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done; each of `jobs` processes takes every so-manieth place, so that all have about as much."""

    files: Files
    revision: Revision
    places: Sequence[str]
    todo: Sequence[int]
    asked: Asked
    jobs: int
    keeps: bool
    """Whether what passes is to be kept."""
    folders: Collection[str]
    """Those that have a template."""
    others: Mapping[str, str]
    """Files of scenarios that have the name of another one, each with that one."""

    def shared_out(self) -> list[_Share]:
        """What every process has done; this one takes the first part."""
        before = gc.get_threshold()
        gc.freeze()  # what is there already stays, and need not be looked through again and again
        gc.set_threshold(100_000)
        try:
            children = [self._forked(part) for part in range(1, self.jobs)]
            mine = self._part(0)
            return [mine, *(_received(*child) for child in children)]
        finally:
            gc.set_threshold(*before)
            gc.unfreeze()

    def _part(self, part: int) -> _Share:
        share, asked = _Share(), self.asked
        for position in self.todo[part :: self.jobs]:
            path = self.places[position]
            found, wrong, data = _read(self.files, [path]) if path else (list(self.revision.scenarios), [], {})
            share.findings += wrong
            for where, scenario, _ in found:
                share.names.append((position, full_name(where, scenario)))
            results = []
            for result in self._results(found):
                results.append(result)
                if asked.fail_fast and not result.passed:
                    break
            share.results += [(position, result) for result in results]
            if asked.fail_fast and any(not result.passed for result in results):
                break
            if self.keeps and path in data and not wrong:
                share.passed |= to_keep(path, data[path], results)
        return share

    def _results(self, found: Sequence[Tried]) -> Iterator[ScenarioResult]:
        """Of the scenarios of one file that are asked for, one after the other."""
        asked = self.asked
        chosen = select(found, asked.patterns)
        beginnings = Beginnings([scenario for _, scenario, _ in chosen])
        for path, scenario, document in chosen:
            astray = tuple(map(Failure, misplaced(document, self.folders, self.others.get(path))))
            if astray:  # it is not known what it is to try, or which of two is meant
                place = Place(path, document.case, scenario.zone, scenario.start)
                yield ScenarioResult(full_name(path, scenario), astray, (), (), (), place)
                continue
            yield run_scenario(
                self.revision,
                scenario,
                document,
                rows=False,
                covering=asked.covering,
                figures=asked.figures,
                owners=asked.owners,
                beginnings=beginnings,
            )

    def _forked(self, part: int) -> tuple[int, int]:
        """Start a process for one part; its id, and where to read its answer."""
        reading, writing = os.pipe()
        process = os.fork()
        if process:
            os.close(writing)
            return process, reading
        answer: _Share | Exception
        try:  # whatever happens, it ends here: stopped from the keyboard, it would go on as a second whole program
            os.close(reading)
            try:
                answer = self._part(part)
            except Exception as error:  # noqa: BLE001 - told to the one who waits for it
                answer = error
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(answer))
        finally:
            os._exit(0)


def _received(process: int, reading: int) -> _Share:
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(process, 0)
    if not data:
        raise RuntimeError("a process that ran scenarios ended without an answer")
    answer = pickle.loads(data)  # noqa: S301 - from a process of our own
    if isinstance(answer, Exception):
        raise answer
    if not isinstance(answer, _Share):
        raise TypeError(type(answer).__name__)
    return answer


@dataclass(frozen=True, slots=True)
class _Only:
    """Some files of a revision."""

    files: Files
    only: Sequence[str]

    def paths(self) -> Sequence[str]:
        """Those."""
        return self.only

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        return self.files.read(path)


@dataclass(frozen=True, slots=True)
class _But:
    """The files of a revision without some of them."""

    files: Files
    hidden: Collection[str]

    def paths(self) -> Sequence[str]:
        """All others."""
        hidden = frozenset(self.hidden)
        return [path for path in self.files.paths() if path not in hidden]

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        return self.files.read(path)

    def refused(self) -> Collection[str]:
        """Those that are known to be no files."""
        return refused_paths(self.files)
