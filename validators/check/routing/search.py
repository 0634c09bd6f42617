"""Finds looks that fulfil some conditions and no others, or proves that there are none. Counts every step.

It splits cases on what is still open, the least open first, and draws what follows at once; so it is exact. What it
cannot answer within the limit of work, or for want of a calendar's instant, it says it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from runner.engine.conditions import Hours
from runner.engine.observation import ObservationKind
from validators.check.routing.box import Box, Space, reduced
from validators.check.routing.calendar_search import Undecided, with_calendars
from validators.check.routing.domains import Domain
from validators.check.routing.formula import After, And, Before, Fits, Formula, Or, Primitive, Rel, denied
from validators.check.routing.times import instants

__all__ = ["QUESTION_LIMIT", "Found", "Searcher", "Work", "WorkLimit"]

QUESTION_LIMIT = 100_000
"""Steps for one question: about a second. A template that asks for a few values takes ten, rarely a few hundred."""
_MANY_QUESTIONS = 20
_LESS = 100
"""Once all questions together took so many times the limit, each gets so much less: no revision takes for ever."""
_ALL_AT_ONCE = 64
"""So many conditions to avoid are weighed against each other; more are taken one by one, to stay linear."""


class WorkLimit(Exception):
    """A question took more steps than are allowed."""


@dataclass(slots=True)
class Work:
    """Steps taken, in all and for the present question."""

    limit: int = QUESTION_LIMIT
    total: int = 0
    question: int = 0

    def spend(self, steps: int) -> None:
        """Count steps; raises WorkLimit."""
        self.total += steps
        self.question += steps
        if self.question > (self.limit // _LESS if self.tired else self.limit):
            raise WorkLimit

    @property
    def tired(self) -> bool:
        """Whether all questions together took so many steps that each gets fewer from now on."""
        return self.total > self.limit * _MANY_QUESTIONS


@dataclass(frozen=True, slots=True)
class Found:
    """A box that has a look in it, and its instants; no instants where time plays no part."""

    box: Box
    instants: Mapping[str, int]


@dataclass(slots=True)
class Searcher:
    """Searches among the looks of one kind. `undecided` says that some box could neither be filled nor excluded."""

    domains: Mapping[str, Domain]
    kind: ObservationKind
    hours: Hours
    work: Work
    undecided: bool = False
    space: Space = field(init=False)

    def __post_init__(self) -> None:
        self.space = Space(self.domains, self.kind, self.work.spend)

    def find(self, must: Sequence[Formula], avoid: Sequence[Formula] = ()) -> Iterator[Found]:
        """Looks for which all of `must` and all of `avoid` hold; `avoid` are many, of which few matter.

        Raises WorkLimit. Sets `undecided`, so that finding none is no proof.
        """
        start = [*must, *avoid] if len(avoid) <= _ALL_AT_ONCE else list(must)
        # What leaves the fewest cases comes first: it may end the search before others are split.
        rest = () if len(avoid) <= _ALL_AT_ONCE else tuple(sorted(avoid, key=lambda each: len(_cases(each))))
        todo: list[tuple[Box, list[Formula], int]] = [(Box(self.space), start, 0)]
        while todo:
            box, open_, place = todo.pop()
            left = _propagate(box, open_)
            if left is None:
                continue
            if not left and place < len(rest):
                todo.append((box, [rest[place]], place + 1))
            elif left:
                todo.extend((each, formulas, place) for each, formulas in self._branches(box, left))
            else:
                found = self._filled(box)
                if found is not None:
                    yield found

    def _branches(self, box: Box, open_: list[Formula]) -> list[tuple[Box, list[Formula]]]:
        """The cases of the disjunction with the fewest; the first case last, since it is taken from the end."""
        index = min(range(len(open_)), key=lambda each: len(_cases(open_[each])))
        others = open_[:index] + open_[index + 1 :]
        branches: list[tuple[Box, list[Formula]]] = []
        not_these: list[Formula] = []
        for case in sorted(_cases(open_[index]), key=_cost):
            branches.append((box.copy(), [case, *not_these, *others]))
            if isinstance(case, Primitive):
                name = case.field if isinstance(case, After | Before | Fits | Rel) else None
                opposite = denied(case, self.domains[name] if name is not None else None)
                if opposite is not None:
                    not_these.append(opposite)
        branches.reverse()
        return branches

    def _filled(self, box: Box) -> Found | None:
        if box.opens:
            try:
                chosen = with_calendars(box.times, box.opens, self.hours, self.work.spend)
            except Undecided:
                self.undecided = True
                return None
        elif box.times:
            chosen = instants(box.times)
        else:
            chosen = {}
        return Found(box, chosen) if chosen is not None else None


def _cases(formula: Formula) -> tuple[Formula, ...]:
    return formula.parts if isinstance(formula, Or) else (formula,)


def _cost(case: Formula) -> int:
    """Plain cases first: fewer facts, and values rather than instants."""
    if isinstance(case, And | Or):
        return 10 * len(case.parts)
    return 0 if isinstance(case, After | Before | Rel | Fits) else 1


def _propagate(box: Box, open_: list[Formula]) -> list[Formula] | None:
    """Add every fact that must hold, until only disjunctions are left; None if the box is empty."""
    while True:
        left: list[Formula] = []
        progress = False
        todo = open_[::-1]
        while todo:
            now = reduced(todo.pop(), box)
            if now is False:
                return None
            if isinstance(now, And):
                todo.extend(now.parts)
            elif isinstance(now, Or):
                left.append(now)
            elif not isinstance(now, bool):
                progress = True
                if not box.add(now):
                    return None
        if not progress or not left:
            return left
        open_ = left
