"""Measuring two things in turn on a machine that others use too, and printing what came out.

A round measures ours, then the reference, so that both meet the same noise; the median of the rounds counts. A figure
is never asserted: the table says whether it keeps its budget, and the exit code does not.
"""

from __future__ import annotations

import gc
import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pydantic

__all__ = [
    "Cost",
    "Figure",
    "Unit",
    "each_seconds",
    "interleaved",
    "machine",
    "process_cost",
    "process_seconds",
    "table",
]

Unit = Literal["s", "ms", "us", "/s"]
_FACTOR: dict[Unit, float] = {"s": 1, "ms": 1e3, "us": 1e6, "/s": 1}
_SHOWN: dict[Unit, str] = {"s": "s", "ms": "ms", "us": "µs", "/s": "/s"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours and the reference, in seconds or in things a second, as `unit` says.

    `ratio` is ours divided by the reference: the less the better for times, the more the better for rates. `kept` says
    whether the budget is kept, None if the figure has no budget of its own.
    """

    what: str
    ours: float
    reference: float
    against: str
    unit: Unit
    budget: str = ""
    kept: bool | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.reference


class Cost(NamedTuple):
    """What a whole process took: seconds that passed, and seconds of all processors together."""

    seconds: float
    processor: float


def interleaved(ours: Callable[[], float], reference: Callable[[], float], rounds: int) -> tuple[float, float]:
    """The medians of both measurements, taken in turn."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def each_seconds(work: Callable[[], object], times: int) -> float:
    """Processor seconds of one piece of work that waits for nothing, over many in a row.

    Processor time, because wall time on a shared machine is mostly that of others.
    """
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def process_seconds(program: str, *arguments: str, **environment: str) -> float:
    """Seconds until a program beside this Python has ended, with more variables in its environment.

    Raises RuntimeError if it failed, for then nothing was measured.
    """
    return process_cost(str(Path(sys.executable).parent / program), *arguments, **environment).seconds


def process_cost(*command: str, **environment: str) -> Cost:
    """What it takes until a program has ended, with all that it starts itself; raises RuntimeError if it failed."""
    before, start = _of_children(), time.perf_counter()
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    cost = Cost(time.perf_counter() - start, _of_children() - before)
    if done.returncode != 0:
        said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(f"{Path(command[0]).name} {' '.join(command[1:])} ended with {done.returncode}: {said}")
    return cost


def _of_children() -> float:
    """Processor seconds of everything that was started from here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def machine() -> str:
    """What the figures were measured on."""
    versions = f"Python {platform.python_version()}, pydantic {pydantic.VERSION}, SQLite {sqlite3.sqlite_version}"
    load = os.getloadavg()[0]
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, {versions}"


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns."""
    rows = [("what", "ours", "reference", "ratio", "budget", "", "the reference is")]
    for figure in figures:
        verdict = {True: "kept", False: "OVER", None: ""}[figure.kept]
        ours, reference = _number(figure.ours, figure.unit), _number(figure.reference, figure.unit)
        rows.append((figure.what, ours, reference, f"{figure.ratio:.2f}", figure.budget, verdict, figure.against))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = {1, 2, 3}
    lines = [
        "  ".join(cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(zipped))
        for zipped in (list(zip(row, widths, strict=True)) for row in rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float, unit: Unit) -> str:
    scaled = value * _FACTOR[unit]
    digits = 0 if scaled >= 1000 else 1 if scaled >= 10 else 2
    return f"{scaled:,.{digits}f} {_SHOWN[unit]}"
