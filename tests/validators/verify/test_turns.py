"""No part keeps the others from being looked at, and as long as there is time none is interrupted."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from dataclasses import replace

import pytest

from runner.contract.contract import Contract
from tests.validators.verify.small import one_rung
from validators.verify import several, verdict
from validators.verify.explore import Part
from validators.verify.own import classes_of
from validators.verify.parts import parts_of
from validators.verify.several import Request, SharedLine, verdicts
from validators.verify.turns import Line, Queue, Times, in_turn
from validators.verify.verdict import Result

ENDLESS = 10**9


class Ticking:
    """A clock on which only what is done takes time: a second for each piece."""

    now = 0

    def __call__(self) -> float:
        return float(self.now)


def played(
    pieces: list[int], seconds: float, queue: Queue | None = None
) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """What was done of tasks so many pieces long until the time was over; and the tasks in turn, each with how long."""
    clock, turns = Ticking(), list[int]()

    def work(number: int) -> Generator[None, None, int]:
        for piece in range(pieces[number]):
            if clock() > seconds:
                return piece
            clock.now += 1
            turns.append(number)
            yield
        return pieces[number]

    done = in_turn(queue or Line(len(pieces)), work, Times(0.0, seconds, clock))
    return done, [(number, len(list(each))) for number, each in itertools.groupby(turns)]


def test_as_long_as_there_is_time_the_longest_come_first_and_nobody_waits() -> None:
    done, turns = played([20, 10, 5], 120)
    assert done == {0: 20, 1: 10, 2: 5}
    assert turns == [(0, 20), (1, 10), (2, 5)]


def test_from_half_time_on_the_shortest_come_first_and_the_others_take_turns() -> None:
    done, turns = played([ENDLESS, 20, 6, 2], 120)
    assert (done[1], done[2], done[3]) == (20, 6, 2)
    assert done[0] == 121 - 28, "it had all the time that was left"
    assert turns[0] == (0, 60)
    assert [number for number, _ in turns[1:4]] == [3, 2, 1]
    assert turns[4] == (0, 2), "a sixtieth of the time is a turn"


def test_nothing_is_lost_when_the_time_is_over_before_everything_has_begun() -> None:
    done, _ = played([ENDLESS] * 200, 120)
    assert len(done) == 200
    assert done[0] == 60
    assert sum(done.values()) <= 122


@pytest.mark.parametrize("queue", [Line(3), SharedLine()])
def test_a_queue_gives_everything_once_from_both_ends(queue: Line | SharedLine) -> None:
    if isinstance(queue, SharedLine):
        assert queue.take(last=False) is None
        queue.fill(3)
    assert [queue.take(last=each) for each in (False, True, True, False, True)] == [0, 2, 1, None, None]


_TIME = itertools.count()


def passing() -> float:
    """A clock that goes on by a little whenever somebody looks at it, in each process by itself."""
    return next(_TIME) / 1000


def with_endless(contract: Contract, classes: frozenset[str] = frozenset()) -> Iterator[Part]:
    """The parts of a contract: the first two take no two states for the same, the others end at once."""
    for number, part in enumerate(parts_of(contract, classes)):
        endless = replace(part, also=lambda _: object())
        yield endless if number < 2 else replace(part, goes_on=lambda _: False)


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_without_end_leave_the_others_their_turn(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    several._parts.cache_clear()
    for module in (several, verdict):
        monkeypatch.setattr(module, "parts_of", with_endless)
    contract = one_rung()
    try:
        found = next(verdicts([contract], Request(10**7, 3.0, (), None, passing), jobs))
    finally:
        several._parts.cache_clear()
    names = [part.name for part in parts_of(contract, classes_of(()))]
    assert found.result is Result.UNKNOWN
    assert [each.name for each in found.explored] == names
    assert [each.name for each in found.explored if each.limit] == names[:2]
