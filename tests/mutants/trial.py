"""Trying a mutant: the walks that come past what it breaks, and the guarantees that they find broken."""

from __future__ import annotations

import importlib
import inspect
import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage

import runner.engine
from tests.mutants.kinds import Mutant, planted
from tests.runner.engine.alphabet import seen_in
from tests.runner.engine.ticket_walks import TicketWalk
from tests.runner.engine.walks import Walk

__all__ = ["Found", "TooLong", "Ways", "apart", "ending_within", "red_in", "ways"]

ENGINE = Path(runner.engine.__file__ or "").parent
TICKET_WALKS = 4
"""One walk in so many is one of a ticket."""
ENOUGH = 2
"""Walks that find a mutant before it is let be."""
SECONDS = 12.0
"""Processor time for a mutant: what takes longer does not end."""


@dataclass
class Found:
    """What came of a mutant: for each guarantee that it breaks the first walk that shows it; how many were taken."""

    red: dict[str, int] = field(default_factory=dict)
    detail: dict[str, str] = field(default_factory=dict)
    taken: int = 0


def taken(number: int) -> Walk | TicketWalk:
    """The walk of this number, all the way."""
    return TicketWalk(number).take() if number % TICKET_WALKS == 3 else Walk(number, quick=True).take()


def red_in(number: int) -> dict[str, str]:
    """The guarantees that one walk finds broken, with what it saw."""
    return dict(taken(number).red)


@dataclass(frozen=True)
class Ways:
    """Which walks come past a line of the engine, or have something happen, shortest first.

    `red` are those that find something in the honest engine; they are not used.
    """

    past: Mapping[str, Sequence[int]]
    every: Sequence[int]
    red: Mapping[int, dict[str, str]]

    def to(self, mutant: Mutant) -> Sequence[int]:
        """The walks that may show a mutant."""
        if mutant.kind not in ("guard", "limit"):
            found = self.past.get(_token(mutant), ())
            return found or (self.every if mutant.kind in ("key", "scope", "deadline") else ())
        file = inspect.getsourcefile(importlib.import_module(mutant.module)) or ""
        near = (mutant.line, *range(mutant.line - 1, mutant.line - 6, -1))  # a test may go over several lines
        return next((self.past[f"{file}:{line}"] for line in near if f"{file}:{line}" in self.past), ())


def _token(mutant: Mutant) -> str:
    kind = {"apply": "event", "record": "event", "effect": "event", "stop": "row"}.get(mutant.kind, mutant.kind)
    return f"{kind}:{mutant.name}"


def ways(numbers: Iterable[int]) -> Ways:
    """Take all walks once, over the honest engine."""
    past: dict[str, list[int]] = {}
    red: dict[int, dict[str, str]] = {}
    length: dict[int, int] = {}
    for number in numbers:
        cov = coverage.Coverage(data_file=None, include=[f"{ENGINE}/*"], config_file=False)
        cov.start()
        try:
            walk = taken(number)
        finally:
            cov.stop()
        if walk.red:
            red[number] = dict(walk.red)
            continue
        length[number] = len(walk.life.rows) if isinstance(walk, Walk) else 60
        data = cov.get_data()
        seen = {f"{file}:{line}" for file in data.measured_files() for line in data.lines(file) or ()}
        seen |= seen_in(walk) if isinstance(walk, Walk) else set()
        for each in seen:
            past.setdefault(each, []).append(number)
    short = {place: sorted(found, key=length.__getitem__) for place, found in past.items()}
    return Ways(short, sorted(length, key=length.__getitem__), red)


def tried(mutant: Mutant, numbers: Sequence[int], most: int) -> Found:
    """The mutant planted, and walks taken until enough of them have found something."""
    found = Found()
    with planted(mutant):
        hits = 0
        for number in numbers[:most]:
            found.taken += 1
            red = red_in(number)
            for name, detail in red.items():
                if name not in found.red:
                    found.red[name], found.detail[name] = number, detail[:200]
            hits += bool(red)
            if hits >= ENOUGH:
                break
    return found


def apart(work: Callable[[], Found], seconds: float = SECONDS) -> Found:
    """Do it in a process of its own, so that whatever it breaks is gone afterwards; one that does not end is a loop.

    `seconds` are of processor time.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os.close(read)
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            result: Any = work()
        except BaseException as fault:  # noqa: BLE001 - a mutant may raise anything, anywhere
            ended = "loops" if isinstance(fault, (TooLong, RecursionError, MemoryError)) else "total"
            result = Found({ended: -1}, {ended: repr(fault)[:200]})
        with os.fdopen(write, "wb") as out:
            pickle.dump(result, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as back:
        data = back.read()
    os.waitpid(child, 0)
    return pickle.loads(data) if data else Found({"total": -1}, {"total": "the process died"})


class TooLong(BaseException):
    """Nothing that what is tried could catch."""


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    """Raises TooLong when so many seconds of processor time are over; to be used in a process of its own."""
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(number: int, frame: Any) -> None:
    raise TooLong("it does not end")
