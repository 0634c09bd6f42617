"""Verdicts on several contracts, each part in a process of its own where that is quicker, in the contracts' order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache

from runner.contract.contract import Contract
from runner.contract.property import Property
from validators.verify.bounds import Bound
from validators.verify.explore import Part
from validators.verify.own import classes_of
from validators.verify.parts import parts_of
from validators.verify.verdict import PartFound, Request, Verdict, judged, part_found, times_of, verify

__all__ = ["Request", "verdicts"]


def verdicts(contracts: Sequence[Contract], request: Request, jobs: int) -> Iterator[Verdict]:
    """One verdict for each contract; the time of a contract begins to run when the one before is done."""
    if jobs <= 1 or not contracts:
        for each in contracts:
            yield verify(
                each,
                clock=request.clock,
                states=request.states,
                seconds=request.seconds,
                only=request.only,
                silence_at_most=request.silence_at_most,
                own=request.of(each),
            )
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, initializer=_obedient)
    try:
        for each in contracts:
            yield _shared_out(pool, each, request)
    except BaseException:  # stopped from the keyboard, say: nobody waits for what is being explored
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _obedient() -> None:
    """Let a process leave the keyboard to the program that began it, and end when it is told to, or that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever the program that began it does then
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _shared_out(pool: ProcessPoolExecutor, contract: Contract, request: Request) -> Verdict:
    """The longest parts come first, so that all end at about the same time."""
    data, own, begun = contract.canonical, request.of(contract), request.clock()
    parts = _parts(data, own)[1]
    times = pool.submit(_times, data, request)
    order = sorted(range(len(parts)), key=lambda n: _rank(parts[n].name))
    waiting: dict[int, Future[PartFound]] = {n: pool.submit(_part, data, own, n, request, begun) for n in order}
    found = [waiting[n].result() for n in range(len(parts))]
    broken = any(each.name == "decides" for part in found for each in part.violations)
    bounds = () if broken else times.result()
    return judged(contract, request, found, bounds, request.clock() - begun)


_LONG = ("ownership with an exception", "ownership", "remedies", "exceptions and tasks", "substitutes")
"""The parts that take longest, the longest first."""


def _rank(name: str) -> int:
    return _LONG.index(name) if name in _LONG else len(_LONG) + (not name.startswith("runs"))


def _part(data: bytes, own: tuple[Property, ...], number: int, request: Request, begun: float) -> PartFound:
    contract, parts = _parts(data, own)
    return part_found(contract, parts[number], request, begun)


def _times(data: bytes, request: Request) -> tuple[Bound, ...]:
    return times_of(Contract.load(data), request, ())


@lru_cache(maxsize=2)
def _parts(data: bytes, own: tuple[Property, ...]) -> tuple[Contract, tuple[Part, ...]]:
    contract = Contract.load(data)
    return contract, tuple(parts_of(contract, classes_of(own)))
