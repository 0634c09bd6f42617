"""Verdicts on several contracts, each part in a process of its own where that is quicker, in the contracts' order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache

from runner.contract.contract import Contract
from runner.contract.property import Property
from validators.verify.bounds import Bound
from validators.verify.explore import Part
from validators.verify.own import classes_of
from validators.verify.parts import parts_of
from validators.verify.verdict import PartFound, Request, Verdict, findings, judged, times_of, verify

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
    line = SharedLine()
    pool = ProcessPoolExecutor(jobs, initializer=_obedient, initargs=(line,))
    try:
        for each in contracts:
            yield _shared_out(pool, line, jobs, each, request)
    except BaseException:  # stopped from the keyboard, say: nobody waits for what is being explored
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class SharedLine:
    """A queue of several processes; see `Queue`. Nothing is in it until it is filled."""

    def __init__(self) -> None:
        self._ends = multiprocessing.Array("i", 2)
        """The number of the first that is left, and the one behind the last."""

    def fill(self, numbers: int) -> None:
        """Put so many in, when nobody takes anything."""
        with self._ends.get_lock():
            self._ends[:] = [0, numbers]

    def take(self, *, last: bool) -> int | None:
        """See `Queue`."""
        with self._ends.get_lock():
            first, behind = map(int, self._ends[:])
            if first >= behind:
                return None
            self._ends[:] = [first, behind - 1] if last else [first + 1, behind]
            return behind - 1 if last else first


def _obedient(line: SharedLine) -> None:
    """Let a process leave the keyboard to the program that began it, and end when it is told to, or that has ended."""
    _LINES[:] = [line]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever the program that began it does then
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_LINES: list[SharedLine] = []
"""The queue from which this process takes the parts that it explores; a process is given it when it begins."""


def _shared_out(
    pool: ProcessPoolExecutor, line: SharedLine, jobs: int, contract: Contract, request: Request
) -> Verdict:
    """Each process takes the next part when it is free; see `in_turn`."""
    data, own, begun = contract.canonical, request.of(contract), request.clock()
    count = len(_parts(data, own)[1])
    line.fill(count)
    times = pool.submit(_times, data, request)
    shares = [pool.submit(_share, data, own, request, begun) for _ in range(jobs)]
    done = {number: found for share in shares for number, found in share.result().items()}
    found = [done[number] for number in range(count)]
    broken = any(each.name == "decides" for part in found for each in part.violations)
    bounds = () if broken else times.result()
    return judged(contract, request, found, bounds, request.clock() - begun)


def _share(data: bytes, own: tuple[Property, ...], request: Request, begun: float) -> dict[int, PartFound]:
    """What one process finds, by the number of the part."""
    contract, parts = _parts(data, own)
    return findings(contract, parts, request, begun, _LINES[0])


def _times(data: bytes, request: Request) -> tuple[Bound, ...]:
    return times_of(Contract.load(data), request, ())


@lru_cache(maxsize=2)
def _parts(data: bytes, own: tuple[Property, ...]) -> tuple[Contract, tuple[Part, ...]]:
    contract = Contract.load(data)
    return contract, tuple(parts_of(contract, classes_of(own)))
