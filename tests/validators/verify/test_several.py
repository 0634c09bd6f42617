"""Parts in processes of their own: none of them is left over, however the program ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.validators.verify.small import one_rung
from validators.verify import several
from validators.verify.several import Request, verdicts


@pytest.fixture
def deaf() -> Iterator[None]:
    """A program that goes on when it is told to end, which its processes do not take after."""
    handler = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.usefixtures("deaf")
def test_whoever_stops_waits_for_no_process_and_leaves_none() -> None:
    before = set(multiprocessing.active_children())
    found = verdicts([one_rung(), one_rung()], Request(5, 60.0, (), None, time.monotonic), 2)
    assert next(found).reasons
    begun = set(multiprocessing.active_children()) - before
    assert len(begun) == 2
    found.close()  # type: ignore[attr-defined] # it is a generator
    assert all(not each.is_alive() for each in begun)
    assert {each.exitcode for each in begun} == {-signal.SIGTERM}


def test_a_process_ends_with_the_one_that_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[object] = []

    class Parent:
        def join(self) -> None:
            did.append("the parent has ended")

    monkeypatch.setattr(multiprocessing, "parent_process", Parent)
    monkeypatch.setattr(os, "_exit", did.append)
    several._end_with_parent()
    assert did == ["the parent has ended", 1]
