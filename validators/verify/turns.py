"""Whose turn it is: the parts of a contract one after the other, and all of them in turn once half the time is over.

As long as there is time the longest come first and are not interrupted, so that all end together. From half-time on
none keeps the others from being looked at: those that have not begun come first, the shortest before the longer ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from validators.verify.explore import not_collecting

__all__ = ["Line", "Queue", "Times", "in_turn"]

T = TypeVar("T")
_TURNS: Final = 60
"""So many turns make up the whole time: short enough that a dozen parts come to theirs several times."""


class Queue(Protocol):
    """What has not begun yet, by numbers in the order in which it should, the longest first."""

    def take(self, *, last: bool) -> int | None:
        """The first of them, or the last, which nobody else gets then; None if nothing is left."""


class Line:
    """A queue of one process."""

    def __init__(self, numbers: int) -> None:
        self._left = deque(range(numbers))

    def take(self, *, last: bool) -> int | None:
        """See `Queue`."""
        if not self._left:
            return None
        return self._left.pop() if last else self._left.popleft()


@dataclass(frozen=True, slots=True)
class Times:
    """When the time of a contract began to run, in seconds of the clock, and how much there is."""

    begun: float
    seconds: float
    clock: Callable[[], float]

    @property
    def half(self) -> bool:
        """Whether half of it is over."""
        return self.clock() - self.begun >= self.seconds / 2


def in_turn(queue: Queue, begin: Callable[[int], Generator[None, None, T]], times: Times) -> dict[int, T]:
    """Do everything in a queue, or what others leave of it; what came of each, by number.

    What is begun pauses at each `yield`; there it may have to wait while others have their turn.
    """
    done: dict[int, T] = {}
    begun: deque[tuple[int, Generator[None, None, T]]] = deque()
    with not_collecting():
        while True:
            number = queue.take(last=times.half) if times.half or not begun else None
            if number is not None:
                begun.appendleft((number, begin(number)))
            if not begun:
                return done
            number, work = begun.popleft()
            if not _turn(number, work, times, done):
                begun.append((number, work))


def _turn(number: int, work: Generator[None, None, T], times: Times, done: dict[int, T]) -> bool:
    """Go on with something until it is done, or its turn is over; whether it is done."""
    ends = times.clock() + times.seconds / _TURNS
    while True:
        try:
            next(work)
        except StopIteration as stop:
            done[number] = stop.value
            return True
        if times.half and times.clock() >= ends:
            return False
