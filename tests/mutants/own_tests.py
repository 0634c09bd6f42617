"""What no guarantee notices: whether a test of the engine's own does, and which. Only those that come past it are run.

The tests are collected once and taken once under a tracer; each mutant is then tried in a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import coverage
import pytest

from tests.mutants.kinds import Mutant
from tests.mutants.sources import modules
from tests.mutants.trial import ENGINE

__all__ = ["found_by_tests", "lines_of_mutant"]

FOLDER = Path(__file__).resolve().parent.parent / "runner" / "engine"
LEFT_OUT = (
    "regressions/*", "test_alphabet.py", "test_calendars.py", "test_conditions.py", "test_coverage.py",
    "test_golden.py", "test_guarantees.py", "test_kpi*", "test_open_time.py", "test_overlay.py",
    "test_planted_faults.py",
    "test_random_programs.py", "test_routing.py", "test_semantics.py", "test_transitions.py", "test_turns.py",
    "test_undo_machine.py", "test_walks.py", "test_wall_clock.py",
)  # fmt: skip
"""Tests that the guarantees judge themselves, that take long, or that say nothing about decisions."""
MOST_TESTS = 30
SECONDS = 8.0


def found_by_tests(
    mutants: Sequence[Mutant], jobs: int, tables: Mapping[str, Sequence[str]] | None = None
) -> dict[str, str | None]:
    """For each mutant the first test that fails with it planted; None if none does.

    With `tables` a mutant is tried against the files of these names alone, which spares looking what each test passes.
    """
    trying = _Trying(mutants, jobs) if tables is None else _Tables(mutants, jobs, tables)
    ignored = [f"--ignore-glob={FOLDER / name}" for name in LEFT_OUT]
    quiet = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=ignore", "--capture=no"]
    named = sorted({str(FOLDER / name) for each in (tables or {}).values() for name in each})
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*quiet, *(named or [*ignored, str(FOLDER)])], plugins=[trying])
    return trying.found


class _Trying:
    """A plugin that takes the place of pytest's loop over the tests."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int) -> None:
        self.mutants, self.jobs = mutants, jobs
        self.found: dict[str, str | None] = {}
        self.failed = False
        self.past: dict[str, list[pytest.Item]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All tests once, as they are; then each mutant with those that come past it."""
        for item in session.items:
            self._measure(item)
        waiting = list(self.mutants)
        running: dict[int, tuple[int, Mutant]] = {}
        while waiting or running:
            while waiting and len(running) < self.jobs:
                mutant, pipe = waiting.pop(), os.pipe()
                running[self._try(mutant, pipe)] = (pipe[0], mutant)
            child, _ = os.waitpid(-1, 0)
            if child in running:
                read, mutant = running.pop(child)
                with os.fdopen(read) as back:
                    self.found[mutant.id] = back.read() or None
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whether the test that runs now has failed."""
        self.failed = self.failed or report.failed

    def _measure(self, item: pytest.Item) -> None:
        cov = coverage.Coverage(data_file=None, include=[f"{ENGINE}/*"], config_file=False)
        cov.start()
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        finally:
            cov.stop()
        data = cov.get_data()
        if not self.failed:
            for file in data.measured_files():
                for line in data.lines(file) or ():
                    self.past.setdefault(f"{file}:{line}", []).append(item)
        self.failed = False

    def _try(self, mutant: Mutant, pipe: tuple[int, int]) -> int:
        child = os.fork()
        if child:
            os.close(pipe[1])
            return child
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        name = self._finder(mutant)
        os.write(pipe[1], name.encode())
        os._exit(0)

    def _finder(self, mutant: Mutant) -> str:
        items = dict.fromkeys(item for line in lines_of_mutant(mutant) for item in self.past.get(line, ()))
        sys.stdout = sys.stderr = io.StringIO()
        mutant.plant()
        for item in _spread(items)[:MOST_TESTS]:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return item.nodeid.partition("[")[0]
        return ""


class _Tables(_Trying):
    """Every mutant with the tests of some files; a test that fails without a mutant is left out."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int, tables: Mapping[str, Sequence[str]]) -> None:
        super().__init__(mutants, jobs)
        self.tables = tables
        self.green: list[pytest.Item] = []

    def _measure(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if not self.failed:
            self.green.append(item)
        self.failed = False

    def _finder(self, mutant: Mutant) -> str:
        sys.stdout = sys.stderr = io.StringIO()
        mutant.plant()
        names = self.tables[mutant.id]
        for item in _spread(each for each in self.green if each.path.name in names):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return item.nodeid.partition("[")[0]
        return ""


def _spread(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The first example of every test before the second of any."""
    count: Counter[str] = Counter()
    turns: list[tuple[int, pytest.Item]] = []
    for item in items:
        name = item.nodeid.partition("[")[0]
        turns.append((count[name], item))
        count[name] += 1
    return [item for _, item in sorted(turns, key=lambda each: each[0])]


def lines_of_mutant(mutant: Mutant) -> list[str]:
    """Where a mutant is, as `file:line`: its own line, or every line that names its event, message or phase."""
    if mutant.kind in ("guard", "limit", "deadline"):
        file = sys.modules[mutant.module].__file__
        return [f"{file}:{line}" for line in range(mutant.line, mutant.line - 4, -1)]
    name = mutant.name.rpartition("/")[2]
    word = re.compile(rf'\bev\.{name}\b|"{name}"')
    found = []
    for module in modules():
        lines = Path(module.__file__ or "").read_text(encoding="utf-8").splitlines()
        found += [f"{module.__file__}:{number}" for number, line in enumerate(lines, 1) if word.search(line)]
    return found
