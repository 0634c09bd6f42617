"""The world as an oracle: whatever it is asked, every answer is tried, one branch of a decision after the other.

Who is on call is somebody or nobody; who somebody is stays open until the engine compares, and then both answers are
tried. So a decision branches only where it looks. Times are not branched over: see `order`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Final, TypeVar

from runner.contract.contract import BoxOf, Contract
from runner.contract.values import OwnerRef
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody, Person

__all__ = ["APART", "BOSS", "LAST_RESORT", "NEW", "STRANGER", "Oracle", "References", "Said", "Tape", "same", "tapes"]

T = TypeVar("T")
LAST_RESORT: Final = "last-resort"
STANDBY: Final = "standby"
"""Who comes next, in every exploration that does not look at substitutes."""
STRANGER: Final = "stranger"
"""Somebody who has no part in it and no rights."""
NEW: Final = "new-one"
"""Somebody who has had no part in it so far."""
BOSS: Final = "boss"
"""Somebody whose job allows to override."""
APART: Final = frozenset((LAST_RESORT, STANDBY, STRANGER, NEW, BOSS))
"""Whoever is on call is none of these: whatever one of them does is tried of its own."""
CLOSED_SECONDS: Final = 86_400  # how long the service hours are away when they are
_NOBODY: Final = Nobody(Reason.NOT_ON_CALL)
_AWAY: Final = Nobody(Reason.ABSENT)
_LAST: Final = Person(LAST_RESORT)
_STANDBY: Final = Person(STANDBY)
_numbers = count(1)


class Tape:
    """The answers of one branch; beyond those given it is always the first one. `words` say what was answered."""

    __slots__ = ("given", "sizes", "used", "words")

    def __init__(self, given: list[int]) -> None:
        self.given = given
        self.used: list[int] = []
        self.sizes: list[int] = []
        self.words: list[str] = []

    def choose(self, number: int) -> int:
        """One of so many answers."""
        place = len(self.used)
        chosen = self.given[place] if place < len(self.given) else 0
        self.used.append(chosen)
        self.sizes.append(number)
        return chosen

    def next(self) -> list[int] | None:
        """The answers of the next branch, depth first; None if all were tried."""
        used, sizes = self.used, self.sizes
        while used and used[-1] + 1 >= sizes[len(used) - 1]:
            used.pop()
        if not used:
            return None
        return [*used[:-1], used[-1] + 1]


def tapes(ask: Callable[[Tape], T]) -> Iterator[tuple[Tape, T]]:
    """What comes of asking under every tape, each once."""
    given: list[int] | None = []
    while given is not None:
        tape = Tape(given)
        answer = ask(tape)
        found = tape.next()  # before anybody changes what was used
        yield tape, answer
        given = found


class Said(str):
    """Whom the ticket names already. Whoever is looked for is somebody else: being the same only spares a write."""

    __slots__ = ()


class Somebody(str):
    """A person of whom nobody has asked yet who it is. `known` is whom it turned out to be, `closed` if nobody may ask
    any more: from then on it is a person of its own.
    """

    __slots__ = ("_no", "closed", "known", "oracle")

    oracle: Oracle | None
    known: str | None
    closed: bool
    _no: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if self.closed and isinstance(other, Somebody) and not other.closed:
            return other == self  # whoever stands on the left: the engine has asked
        if not isinstance(other, str) or self.closed:
            return str.__eq__(self, other) is True if isinstance(other, str) else False
        if str.__eq__(self, other):
            return True
        if self.known is not None:
            return str.__eq__(other, self.known)
        if isinstance(other, Said):
            return False
        name: str = other
        if isinstance(other, Somebody):
            if not other.closed and (str(self) in other._no or self._another_for_sure(other)):
                return False
            name = other.known or str(other)
        if name in self._no:
            return False
        if self.oracle is not None and self.oracle.is_it(name):
            self.known = name
            return True
        self._no = (*self._no, name)
        return False

    def _another_for_sure(self, other: Somebody) -> bool:
        """Whether two who are looked for in one decision are never the same, as far as they are not known to be."""
        return other.known is None and self.oracle is not None and not self.oracle.twice

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def same(one: str | None, other: str | None) -> bool:
    """Whether two people are the same, or turned out to be."""
    if one is None or other is None:
        return False
    return one is other or not _names(one).isdisjoint(_names(other))


def _names(person: str) -> set[str]:
    known = person.known if isinstance(person, Somebody) else None
    return {str(person)} if known is None else {str(person), known}


class References:
    """The references of one contract by the object that stands for each, and which one means the escalation owner.

    A person whom a contract names is somebody, as one whom a rotation names: a substitute may stand in. The escalation
    owner as such is always somebody too, since the last resort takes the place of nobody.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.names: dict[int, str] = {}
        self.manager = id(contract.owners["escalation_owner"])
        for name, ref in _references(contract):
            self.names[id(ref)] = name


def _references(contract: Contract) -> Iterator[tuple[str, OwnerRef]]:
    keys: dict[OwnerRef, str] = {}
    for name, ref in contract.owners.items():
        yield keys.setdefault(ref, name.replace("_", " ")), ref
    for rung in contract.ladder:
        yield keys.setdefault(rung.owner, rung.name.replace("_", " ")), rung.owner
    for number, ref in enumerate(contract.handoff.sequence, start=1):
        yield keys.setdefault(ref, f"handoff {number}"), ref
    for name, kind in (*contract.exceptions.items(), *contract.built_in.items()):
        yield keys.setdefault(kind.owner, f"path owner of {name}"), kind.owner
    if contract.clarify is not None and isinstance(contract.clarify.who, OwnerRef):
        yield keys.setdefault(contract.clarify.who, "who is asked for what is missing"), contract.clarify.who
    for steps in contract.runbook.values():
        for step in steps:
            if isinstance(step.who, OwnerRef):
                yield keys.setdefault(step.who, f"who is meant by {step.rule}"), step.who


class Oracle:
    """A world for one branch of one decision. One person at most is away of those whom the state names: each is seen to
    apart from the others, so that several who leave at once are as several who leave one after the other.
    """

    __slots__ = (
        "_leaving", "_left", "_meant", "_memo", "_refs", "_somebodies", "_tape", "apart", "last_resort", "now", "twice",
    )  # fmt: skip

    def __init__(
        self,
        now: datetime,
        tape: Tape,
        refs: References,
        *,
        apart: bool = False,
        twice: bool = True,
        leaving: frozenset[str] | None = None,
    ) -> None:
        self.now = now
        self.twice = twice
        self._leaving = leaving
        self.last_resort = _LAST
        self.apart = apart
        self._tape = tape
        self._refs = refs
        self._memo: dict[str, Person | Nobody] = {}
        self._left = False
        self._meant: dict[str, Person] = {}
        self._somebodies: list[Somebody] = []

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """Somebody or nobody; a person of the state by name is there or away, now and at any other time."""
        name = self._refs.names.get(id(ref))
        if name is None:
            return self._by_name(str(ref.person), at)
        if id(ref) == self._refs.manager:
            return self._managers(name)
        found = self._memo.get(name)
        if found is None:
            there = self._tape.choose(2) == 0
            self._tape.words.append(f"{name}: {'somebody' if there else 'nobody'} on call")
            found = self._memo[name] = self._managers(name) if there else _NOBODY
        return found

    def _managers(self, name: str) -> Person:
        """The same one whom the reference means as a rung; if nobody stands there, somebody in that person's place."""
        found = self._meant.get(name)
        if found is None:
            found = self._meant[name] = self._somebody()
        return found

    @property
    def manager(self) -> str | None:
        """Who the escalation owner is in this decision; None if the engine did not ask."""
        name = self._refs.names[self._refs.manager]
        found = self._meant.get(name)
        return found.id if found is not None else None

    def _by_name(self, person: str, at: datetime) -> Person | Nobody:
        key = f"={person}" if at >= self.now else f"<{person}"
        found = self._memo.get(key)
        if found is None and at < self.now:
            found = self._memo[key] = Person(person) if self._tape.choose(2) == 0 else _AWAY
        if found is None:
            away = not self._left and self._may_leave(person) and self._tape.choose(2) == 1
            if away:
                self._left = True
                self._tape.words.append(f"{person} is away")
            found = self._memo[f"={person}"] = _AWAY if away else Person(person)
        return found

    def _may_leave(self, person: str) -> bool:
        return self._leaving is None or person in self._leaving

    def _somebody(self) -> Person:
        new = Somebody(f"p-{next(_numbers)}")
        new.oracle, new.known, new.closed, new._no = self, None, False, ()  # noqa: SLF001 - its own
        self._somebodies.append(new)
        return Person(new)

    def is_it(self, name: str) -> bool:
        """Whether somebody turns out to be a person whom the engine knows; never one who stands for anybody else."""
        if name in APART:
            return False
        yes = self._tape.choose(2) == 1
        if yes:
            self._tape.words.append(f"one who is on call is {name}")
        return yes

    def comes_next(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        """Always the same one apart from all others, unless substitutes are looked at."""
        return self.on_call(ref, at) if self.apart else _STANDBY

    def was_there(self, person: str, since: datetime) -> bool:
        """Whoever is away now was there in between, or acted although away and has been away ever since."""
        del since
        found = self._memo.get(f"~{person}")
        if found is None:
            there = self._tape.choose(2) == 0
            if not there:
                self._tape.words.append(f"{person} has been away ever since")
            found = self._memo[f"~{person}"] = Person(person) if there else _AWAY
        return found is not _AWAY

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        """Without its calendar, since times do not tell the order of deadlines here; but the hours are open or not."""
        if box.seconds == 1 and box.calendar is not None and box.calendar == contract.hours:
            found = self._memo.get("hours")
            if found is None:
                found = self._memo["hours"] = _LAST if self._tape.choose(2) == 0 else _NOBODY
            closed = 0 if found is _LAST else CLOSED_SECONDS
            return at + timedelta(seconds=1 + closed)
        return at + timedelta(seconds=box.seconds)

    def time_between(self, contract: Contract, calendar: str | None, start: datetime, end: datetime) -> int:
        """All of the time."""
        del contract, calendar
        return int((end - start).total_seconds())

    def close(self) -> None:
        """Nobody may ask any more who somebody is: from now on it is a person apart from all others."""
        for each in self._somebodies:
            each.closed, each.oracle = True, None
