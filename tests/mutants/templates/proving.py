"""What `surety verify` finds of a changed contract: only the parts of it that are others are explored, and its times.

A part that needs more than its time proves nothing, and finds nothing; what breaks without a mutant does not count.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runner.contract.contract import Contract
from runner.contract.load import Revision
from validators.verify.bounds import bounds_of
from validators.verify.explore import Budget, Edge, Part, explore
from validators.verify.parts import parts_of
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph, unreached_steps

__all__ = ["Proofs"]

Broken = tuple[str, str]
"""A property and in which words it does not hold."""
_STATES = 20_000


class Proofs:
    """Of the shipped contracts, and of others that came out of them; `seconds` of processor time for each part."""

    def __init__(self, honest: Revision, seconds: float) -> None:
        self._honest = honest
        self._seconds = seconds
        self._parts: dict[str, dict[str, Part]] = {}
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def finds(self, revision: Revision, changed: frozenset[str] | None) -> Broken | None:
        """The first property that a changed contract breaks and the shipped one does not; None if none is found."""
        for name in sorted(revision.contracts.keys() if changed is None else changed & revision.contracts.keys()):
            before, after = self._honest.contracts.get(name), revision.contracts[name]
            if before is not None and before != after:
                found = next(self._of(before, after, revision.policies.limits.silence_at_most), None)
                if found is not None:
                    return found
        return None

    def _of(self, before: Contract, after: Contract, silence: int | None) -> Iterator[Broken]:
        name = before.name
        if name not in self._parts:
            self._parts[name] = {part.name: part for part in parts_of(before)}
        for part in parts_of(after):
            honest = self._parts[name].get(part.name)
            if honest is None or honest.contract != part.contract:
                known = self._names(name, honest) if honest is not None else frozenset()
                yield from (each for each in self._in(part) if each[0] not in known)
        if before.model_copy(update={"runbook": after.runbook}) != after:
            known = self._times(name, before, silence)
            yield from (each for each in self._too_long(after, silence) if each[0] not in known)

    def _names(self, name: str, part: Part) -> frozenset[str]:
        if (name, part.name) not in self._known:
            self._known[name, part.name] = frozenset(each for each, _ in self._in(part))
        return self._known[name, part.name]

    def _times(self, name: str, contract: Contract, silence: int | None) -> frozenset[str]:
        if (name, "times") not in self._known:
            self._known[name, "times"] = frozenset(each for each, _ in self._too_long(contract, silence))
        return self._known[name, "times"]

    def _in(self, part: Part) -> list[Broken]:
        """What a part breaks, each property once."""
        found: dict[str, str] = {}

        def check(edge: Edge) -> Iterator[Broken]:
            for name, words in broken(edge):
                found.setdefault(name, words)
            yield from ()

        begun = time.process_time()
        graph = explore(part, Budget(_STATES, self._seconds, time.process_time, begun), check)
        if not graph.limit:
            for each in broken_by_graph(graph):
                found.setdefault(each.name, each.words)
            for rule in unreached_steps(part.contract, graph.asked):
                found.setdefault("steps", f"never begun: {rule}")
        return list(found.items())

    def _too_long(self, contract: Contract, silence: int | None) -> list[Broken]:
        try:
            with _within(self._seconds):
                found = bounds_of(contract, silence_at_most=silence)
        except _TooLong:
            return []
        return [(each.name, f"{each.words}: too long") for each in found if each.broken]


class _TooLong(BaseException):
    """Nothing that what is tried could catch."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
