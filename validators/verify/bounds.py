"""Worst-case times as numbers: nobody acts, deadlines fall due in their calendars, messages arrive or do not.

A part of its own, with real times: the explorations know only which deadline comes first. Decisions are taken when they
fall due. Each number has a witness: when it opens, and what happens until then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise, takewhile
from typing import Final

from runner.contract.contract import BoxOf, CalendarOf, Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.calendars import add_time, open_intervals
from runner.engine.control import control
from runner.engine.decide import drafted
from runner.engine.draft import Draft
from runner.engine.reasons import CommandRejected
from runner.engine.state import State, deadlines
from runner.zones import zone
from validators.verify.explore import START, Edge
from validators.verify.moves import CLOCK, Move, but, openings, ownership_moves
from validators.verify.oracle import Oracle, References, Tape, same, tapes
from validators.verify.parts import ownership, settled
from validators.verify.story import Step, Story, steps_of, told

__all__ = ["Bound", "SilentCourse", "bound_between", "bounds_of", "starts_of"]

_DAYS: Final = 371
"""How many days of openings are tried: a year and a week have every shift of the clock and most closed days."""
_DAY: Final = timedelta(days=1)
_DEEP: Final = 40  # ticks until the escalation owner holds it; more is a ladder that never ends


_DEEDS: Final = (
    (),
    ("accept the ladder offer",),
    ("accept the ladder offer", "wait for the customer"),
    ("reject the ladder offer: incomplete",),
)
"""After these an escalation may stand longest until anybody hears of it again."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The longest time until something, in seconds on the wall clock; None if it need not come at all.

    `start` is the opening, UTC, after which it takes that long; `limit` what the limits allow, None if they do not say.
    """

    name: str
    words: str
    seconds: int | None
    limit: int | None
    start: datetime
    story: Story
    steps: tuple[Step, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether it is longer than the limit allows."""
        return self.limit is not None and (self.seconds is None or self.seconds > self.limit)


def bound_between(  # noqa: PLR0917 - what a bound is made of
    contract: Contract, name: str, words: str, begins: Goal, ends: Goal, limit: int
) -> Bound:
    """The longest time, when nobody acts, from a decision after which `begins` is so until one after which `ends` is.

    0 if it never begins by itself.
    """
    course = SilentCourse(ownership(contract).contract)
    longest = partial(course.between, begins, ends)
    seconds, start, edges = _over_all(contract, list(starts_of(contract)), longest)
    words = words if edges else f"{words}, which never begins by itself"
    return Bound(name, words, seconds, limit, start, told(course.contract, edges), steps_of(edges))


class _Timed(Oracle):
    """The oracle with the contract's own calendars."""

    __slots__ = ()

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        calendar = contract.calendars[box.calendar] if box.calendar else None
        return add_time(calendar, zone(calendar.zone) if calendar else UTC, at, box.seconds)


def bounds_of(contract: Contract, *, silence_at_most: int | None = None) -> tuple[Bound, ...]:
    """The worst-case times of a contract in the silent environment."""
    course = SilentCourse(ownership(contract).contract)
    knows = course.longest(_knows, list(starts_of(contract)))
    asked = course.longest(_asked_last, [knows[1]])
    silent = max(
        (course.silence(start) for start in {knows[1]: 0, **_slowest(contract)}), key=lambda each: each[0] or 0
    )
    rows = (
        (
            "manager-knows",
            "until a human has accepted or the escalation owner knows",
            contract.limits.manager_knows_within,
            knows,
        ),
        ("last-asked", "until the escalation owner is asked and holds it", None, asked),
        ("silence", "in which nobody is asked or told anything", silence_at_most, silent),
    )
    return tuple(
        Bound(name, words, seconds, limit, start, told(course.contract, edges), steps_of(edges))
        for name, words, limit, (seconds, start, edges) in rows
    )


def starts_of(contract: Contract) -> Iterator[datetime]:
    """Openings after which times are longest: just when a calendar that counts closes or opens."""
    yield START
    names = {rung.within.calendar for rung in contract.ladder} | {contract.outcome_within.calendar, contract.hours}
    for name in sorted(filter(None, names)):
        calendar = contract.calendars[name]
        counts = name == contract.hours or any(rung.within.calendar == name for rung in contract.ladder)
        last = START + timedelta(days=_DAYS if counts else 8)
        for opens, closes in open_intervals(calendar, zone(calendar.zone), START):
            if opens > last:
                break
            yield from (max(opens, START), closes)


def _over_all(
    contract: Contract, starts: list[datetime], longest: Callable[[Iterable[datetime]], tuple[Longest, timedelta]]
) -> Longest:
    """The longest of all openings; `longest` tells that of some, and how long the course took in all.

    Openings after which the calendars look alike for as long as that takes have courses alike: one of them counts.
    """
    ahead = _DAY
    while True:
        found, lasted = longest(_unlike(contract, starts, ahead))
        if found[0] is None or lasted <= ahead:
            return found
        ahead = max(2 * ahead, lasted)


def _unlike(contract: Contract, starts: list[datetime], ahead: timedelta) -> Iterator[datetime]:
    """The first of those openings after which the calendars open and close alike for so long."""
    if len(starts) <= 1:
        yield from starts
        return
    changes = [_changes(calendar, max(starts) + ahead) for _, calendar in sorted(contract.calendars.items())]
    seen = set()
    for start in starts:
        alike = tuple(
            (first % 2, *(each - start for each in instants[first : bisect_right(instants, start + ahead)]))
            for instants in changes
            for first in (bisect_right(instants, start),)
        )
        if alike not in seen:
            seen.add(alike)
            yield start


def _changes(calendar: CalendarOf, last: datetime) -> list[datetime]:
    """When it opens and when it closes, in turn, from the first possible opening on."""
    intervals = open_intervals(calendar, zone(calendar.zone), START)
    return [at for each in takewhile(lambda interval: interval[0] <= last, intervals) for at in each]


def _slowest(contract: Contract) -> dict[datetime, int]:
    """Of what a holder is given time for, the instant from which each takes longest, with its seconds."""
    waits = contract.waiting.at_most if contract.waiting is not None else None
    last, found = START + timedelta(days=_DAYS), dict[datetime, int]()
    for box in (contract.outcome_within, contract.progress_within, waits):
        if box is None or box.calendar is None:
            continue
        calendar = contract.calendars[box.calendar]
        where, worst = zone(calendar.zone), (0, START)
        for _, closes in takewhile(lambda each: each[0] <= last, open_intervals(calendar, where, START)):
            worst = max(worst, (int((add_time(calendar, where, closes, box.seconds) - closes).total_seconds()), closes))
        found[worst[1]] = worst[0]
    return found


def _past_reminders(state: State, until: Collection[str] = ()) -> State | None:
    """Where it only reminds again and again: as it stands just before something else falls due, of these sorts if any
    are named; None if nothing does.
    """
    others = (each.at for each in deadlines(state) if each.sort != "remind" and (not until or each.sort in until))
    due = min(others, default=None)
    if due is None:
        return None
    return but(state, remind_at=max(state.remind_at, due)) if state.remind_at is not None else state


def _dues(state: State) -> tuple[tuple[str, timedelta], ...]:
    """In how long what falls due; without reminders and the outcome, which fall due beside everything else."""
    dues = ((each.sort, each.at - state.now) for each in deadlines(state) if each.sort not in {"remind", "outcome"})
    return tuple(sorted(dues))


Goal = Callable[[Edge], bool]
Longest = tuple[int | None, datetime, list[Edge]]


def _knows(edge: Edge) -> bool:
    said = (e.to for e in edge.events if isinstance(e, ev.DeliveryRequested | ev.OwnerOffered))
    return any(same(edge.manager, to) for to in said) or any(isinstance(e, ev.LadderExhausted) for e in edge.events)


def _asked_last(edge: Edge) -> bool:
    last = len(edge.contract.ladder) - 1
    return any(isinstance(e, ev.OwnerOffered) and e.rung == last for e in edge.events)


class SilentCourse:
    """Courses of a contract in which nobody acts."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.refs = References(contract)

    def openings(self, start: datetime) -> Iterator[Edge]:
        """How it may open at that instant, somebody on each rung first."""
        words, args = next(iter(openings(self.contract, start)))
        yield from self._edges(None, None, args, start, words)

    def ticks(self, state: State) -> Iterator[Edge]:
        """What follows from the next deadline, with its message taken or not."""
        due = min(deadlines(state), default=None)
        if due is None:
            return
        befores = [(f"{due.sort} falls due", state)]
        if due.sort == "offer":
            offer = state.offers[int(due.key)]
            befores = [
                (f"no answer{words}", but(state, offers={**state.offers, offer.id: replace(offer, told=heard)}))
                for words, heard in ((", the message was taken", True), (", no channel took the message", False))
            ]
        for words, before in befores:
            move = Move(words, "time", before, CLOCK, cmd.Tick(), due.at, kind="time")
            yield from self._edges(before, move, move.args, due.at, words)

    def _edges(
        self, state: State | None, move: Move | None, args: cmd.Args, now: datetime, words: str
    ) -> Iterator[Edge]:
        actor = CLOCK if move is None else move.actor
        command = cmd.Command.model_construct(id="e", actor=actor, jobs=(), source="verify", args=args)

        def run(tape: Tape) -> tuple[Draft, _Timed]:
            oracle = _Timed(now, tape, self.refs)
            draft = drafted(self.contract, state, command, oracle, asks=False)
            oracle.close()
            settled(self.contract, draft.state)
            return draft, oracle

        for tape, (draft, oracle) in tapes(run):
            said = tuple(tape.words) if move is not None else (words, *tape.words)
            yield Edge(self.contract, move, state, tuple(draft.events), draft.state, None, None, oracle.manager, said)

    def longest(self, goal: Goal, starts: list[datetime]) -> Longest:
        """The longest time to a decision that reaches the goal; None if some course never does."""
        return _over_all(self.contract, starts, partial(self._longest, goal))

    def _longest(self, goal: Goal, starts: Iterable[datetime]) -> tuple[Longest, timedelta]:
        worst: Longest = (-1, START, [])
        for start in starts:
            for edge in self.openings(start):
                found = self._until(goal, edge, start, (), 0)
                if found[0] is None:
                    return found, timedelta()
                if worst[0] is not None and found[0] > worst[0]:
                    worst = found
        return worst, timedelta(seconds=worst[0] or 0)

    def between(self, begins: Goal, ends: Goal, starts: Iterable[datetime]) -> tuple[Longest, timedelta]:
        """The longest time from where one thing is so until another is; and how long the longest course took in all."""
        worst, lasted = (0, START, []), timedelta()  # type: tuple[Longest, timedelta]
        for start in starts:
            for edge in self.openings(start):
                for path in self.until(begins, edge):
                    found = self.from_here(ends, path)
                    last = found[2][-1].after
                    lasted = max(lasted, last.now - start if last is not None else timedelta())
                    if found[0] is None:
                        return found, lasted
                    if worst[0] is not None and found[0] > worst[0]:
                        worst = found
        return worst, lasted

    def _until(  # noqa: PLR0917 - as it goes down
        self,
        goal: Goal,
        edge: Edge,
        start: datetime,
        before: tuple[Edge, ...],
        deep: int,
        seen: set[object] | None = None,
    ) -> Longest:
        path = (*before, edge)
        state = edge.after
        if state is None or goal(edge):
            spent = 0 if state is None else int((state.now - start).total_seconds())
            return spent, start, list(path)
        state = self._onward(before, state)
        if state is None or deep > _DEEP:
            return None, start, list(path)
        worst: Longest = (-1, start, [])
        seen = set() if seen is None else seen
        for tick in self.ticks(state):
            key = tick.after and (self._moment(tick.after), goal(tick))
            if key in seen:  # it has stood like this at this instant, with the same to fall due
                continue
            found = self._until(goal, tick, start, path, deep + 1, seen)
            seen.add(key)
            if found[0] is None:
                return found
            if worst[0] is not None and found[0] > worst[0]:
                worst = found
        return worst

    def _onward(self, before: Iterable[Edge], state: State) -> State | None:
        """From where a course goes on: where it goes round, past what it repeats; None if it does so for ever."""
        here, dues = control(self.contract, state), _dues(state)
        alike = [each.after for each in before if each.after and control(self.contract, each.after) == here]
        if any(_dues(each) == dues and each.now < state.now for each in alike):
            return _past_reminders(state, {"outcome"})
        return _past_reminders(state) if alike else state

    def _moment(self, state: State) -> object:
        """What decides how it goes on when nobody acts: how it stands, when, and what falls due when."""
        return (
            control(self.contract, state),
            state.now,
            tuple((each.at, each.sort) for each in sorted(deadlines(state))),
        )

    def until(self, goal: Goal, edge: Edge) -> Iterator[tuple[Edge, ...]]:
        """The courses up to the first decision that reaches the goal; those that never do are left out."""
        todo: list[tuple[Edge, ...]] = [(edge,)]
        seen: set[object] = set()
        while todo:
            path = todo.pop()
            state = path[-1].after
            if goal(path[-1]):
                yield path
            elif len(path) <= _DEEP and state is not None:
                key = self._moment(state)
                onward = None if key in seen else self._onward(path[:-1], state)
                seen.add(key)
                if onward is not None:
                    todo.extend((*path, tick) for tick in self.ticks(onward))

    def from_here(self, goal: Goal, path: tuple[Edge, ...]) -> Longest:
        """The longest time from the end of a course to the goal."""
        last = path[-1]
        start = last.after.now if last.after is not None else START
        return self._until(goal, last, start, path[:-1], 0)

    def silence(self, start: datetime) -> Longest:
        """The longest time between two decisions, whether nobody acts at all, or not any more."""
        worst: Longest = (0, start, [])
        for path in self._begun(start):
            for _ in range(_DEEP // 2):
                state = path[-1].after
                tick = next(self.ticks(state), None) if state is not None else None
                if tick is None:
                    break
                path.append(tick)
            for before, after in pairwise(path):
                if before.after is not None and after.after is not None:
                    gap = int((after.after.now - before.after.now).total_seconds())
                    if worst[0] is not None and gap > worst[0]:
                        worst = (gap, start, path[: path.index(after) + 1])
        return worst

    def _begun(self, start: datetime) -> Iterator[list[Edge]]:
        """How it opens, and what somebody does at once, after which nobody does anything."""
        for opening in self.openings(start):
            for deeds in _DEEDS:
                path = [opening]
                for label in deeds:
                    path += self._done(path[-1].after, label)
                if len(path) == 1 + len(deeds):
                    yield path

    def _done(self, state: State | None, label: str) -> list[Edge]:
        """What follows from a move of this name; nothing if there is none."""
        moves = () if state is None else ownership_moves(self.contract, state)
        move = next((each for each in moves if each.label == label), None)
        if move is None:
            return []
        try:
            return [next(self._edges(move.state, move, move.args, move.at, label))]
        except CommandRejected:
            return []
