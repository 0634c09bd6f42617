"""Running many scenarios: reading their files, choosing among them, sharing them out among processes. Prints nothing.

A process of its own costs a few milliseconds, and every file of a scenario is read where it is run; so a small suite
runs in one process, and a large one in as many as there are. Files are run by ranges, since scenarios that stand beside
each other have most in common; whichever process is free takes the next. The results never depend on any of this.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Files, read_documents
from runner.contract.load import Loaded, Revision, load_revision, scenarios_of
from validators.check.rules.scenario_out_of_place import folders_of, misplaced, same_place
from validators.scenario_files import But, Only, scenario_files
from validators.simulate.passed import Kept, PassedCache, to_keep
from validators.simulate.results import Failure, Place, ScenarioResult, Tried, full_name, select
from validators.simulate.scenarios import run_scenarios

__all__ = ["Asked", "Suite", "run_suite"]

_PAYS_FROM: Final = 60
"""Files of scenarios from which a second process saves more than it costs."""
_RANGES: Final = 8
"""So many for each process: the more, the sooner all are done; the fewer, the more scenarios share their beginnings."""
_OBJECTS: Final = 1_000_000
"""More than there are at once in any but huge suites; to look through so many takes 0.1 s."""
_NUMBER: Final = 4
"""Bytes of the number of a range."""
_MOST_RANGES: Final = 1_000
"""So many numbers fit into the smallest pipe that there is, a page of 4,096 bytes, while nobody reads yet."""


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


@contextmanager
def _hardly_collecting() -> Iterator[None]:
    """Look for circles of objects seldom: a simulation that is let go has none, and is gone at once."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_hardly_collecting()
def run_suite(files: Files, asked: Asked, passed: PassedCache | None = None) -> Suite:
    """Run the scenarios of a revision, but for those that `passed` already. Raises SimulationLimit if one is too long.

    What is asked for beside whether they pass, or a few of them only, is never answered by `passed`.
    """
    hidden = scenario_files(files)
    loaded = load_revision(But(files, hidden))
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


def _read(files: Files, paths: Collection[str]) -> tuple[list[Tried], list[Diagnostic], Mapping[str, bytes]]:
    """The scenarios in some files, each of their cases, what is wrong with them, and the bytes of the files."""
    documents = read_documents(Only(files, tuple(paths)))
    findings = documents.findings
    if findings:
        from runner.contract.secret_text import without_secrets

        findings = without_secrets(findings, documents.sources.values())
    found = [each for document in documents.all("Scenario") for each in scenarios_of(document)]
    return found, findings, documents.sources


class _Ranges:
    """Ranges of places, each given once, in order, to whichever process asks next."""

    def __init__(self, ranges: Sequence[Sequence[int]]) -> None:
        self._all = ranges
        self._numbers, writing = os.pipe()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(b"".join(number.to_bytes(_NUMBER) for number in range(len(ranges))))

    def __iter__(self) -> Iterator[Sequence[int]]:
        while number := os.read(self._numbers, _NUMBER):
            yield self._all[int.from_bytes(number)]

    def close(self) -> None:
        """Nobody asks any more."""
        os.close(self._numbers)


def _astray(tried: Tried, wrong: Iterable[Diagnostic]) -> ScenarioResult:
    """Of a scenario of which it is not known what it is to try, or which of two is meant."""
    path, scenario, document = tried
    place = Place(path, document.case, scenario.zone, scenario.start)
    return ScenarioResult(full_name(path, scenario), tuple(map(Failure, wrong)), (), (), (), place)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done, by so many `jobs`, which are processes."""

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
        """What every process has done, this one too."""
        gc.freeze()  # what is there already stays, and need not be looked through again and again
        ranges, children = self._ranges(), list[tuple[int, int]]()
        try:
            children += (self._forked(ranges) for _ in range(1, self.jobs))
            shares = [self._part(ranges)]
            while children:
                data = _heard(children[0][1])
                _end([children.pop(0)])
                shares.append(_understood(data))
            return shares
        finally:
            _end(children)
            ranges.close()
            gc.unfreeze()

    def _ranges(self) -> _Ranges:
        """Those of the places to be done; of few files each where it is to stop after the first that fails."""
        many = _MOST_RANGES if self.asked.fail_fast else min(self.jobs * _RANGES, _MOST_RANGES)
        most = max(1, -(-len(self.todo) // many))
        return _Ranges([self.todo[start : start + most] for start in range(0, len(self.todo), most)])

    def _part(self, ranges: _Ranges) -> _Share:
        share = _Share()
        for positions in ranges:
            self._run(share, positions)
            if self.asked.fail_fast and any(not result.passed for _, result in share.results):
                break
        return share

    def _run(self, share: _Share, positions: Sequence[int]) -> None:
        """Run the scenarios of some places that are asked for, side by side."""
        chosen: list[tuple[int, Tried]] = []
        read: dict[int, bytes] = {}
        for position in positions:
            path = self.places[position]
            found, wrong, data = _read(self.files, [path]) if path else (list(self.revision.scenarios), [], {})
            share.findings += wrong
            share.names += [(position, full_name(where, scenario)) for where, scenario, _ in found]
            chosen += [(position, each) for each in select(found, self.asked.patterns)]
            if path in data and not wrong:
                read[position] = data[path]
        results = self._results([each for _, each in chosen])
        share.results += [(position, result) for (position, _), result in zip(chosen, results, strict=True)]
        if self.keeps:
            of: dict[int, list[ScenarioResult]] = {position: [] for position in read}
            for (position, _), result in zip(chosen, results, strict=True):
                of.get(position, []).append(result)
            for position, data_of in read.items():
                share.passed |= to_keep(self.places[position], data_of, of[position])

    def _results(self, chosen: Sequence[Tried]) -> list[ScenarioResult]:
        """Of scenarios, in order; one that is out of place is not run."""
        asked = self.asked
        astray = [tuple(misplaced(each, self.folders, self.others.get(path))) for path, _, each in chosen]
        meant = [each for each, wrong in zip(chosen, astray, strict=True) if not wrong]
        ran = iter(
            run_scenarios(
                self.revision,
                meant,
                rows=False,
                covering=asked.covering,
                figures=asked.figures,
                owners=asked.owners,
            )
        )
        return [_astray(each, wrong) if wrong else next(ran) for each, wrong in zip(chosen, astray, strict=True)]

    def _forked(self, ranges: _Ranges) -> tuple[int, int]:
        """Start a process that takes ranges as well; its id, and where to read its answer."""
        reading, writing = os.pipe()
        process = os.fork()
        if process:
            os.close(writing)
            return process, reading
        answer: _Share | Exception
        try:  # whatever happens, it ends here: stopped from the keyboard, it would go on as a second whole program
            os.close(reading)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that waits for it hears of it, and ends it
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                answer = self._part(ranges)
            except Exception as error:  # noqa: BLE001 - told to the one who waits for it
                answer = error
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(answer))
        finally:
            os._exit(0)


def _end(children: Iterable[tuple[int, int]]) -> None:
    """End processes from which nothing more is to be heard, each with where its answer was to be read."""
    for process, reading in children:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)


def _heard(reading: int) -> bytes:
    """All that a process has to say; it ends then."""
    with os.fdopen(reading, "rb", closefd=False) as pipe:
        return pipe.read()


def _understood(data: bytes) -> _Share:
    if not data:
        raise RuntimeError("a process that ran scenarios ended without an answer")
    answer = pickle.loads(data)  # noqa: S301 - from a process of our own
    if isinstance(answer, Exception):
        raise answer
    if not isinstance(answer, _Share):
        raise TypeError(type(answer).__name__)
    return answer
