"""Every look there is, over small domains: a grid fine enough for the values and times that the conditions here use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from math import prod

from hypothesis import strategies as st

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.contract.policies import TicketField
from runner.contract.values import format_instant
from runner.engine.conditions import Value, compile_condition
from runner.engine.observation import Observation, ObservationKind
from runner.engine.routing import ADMITS, Entry, Match, RoutingTable, route
from tests.runner.engine.conditions_of import composed
from tests.runner.engine.worlds import T0

STATES, RANKS = ("open", "done"), ("low", "mid", "high")
FIELDS: Mapping[str, TicketField] = {
    "state": TicketField(type="choice", summary="State.", values=STATES),
    "level": TicketField(type="choice", summary="Level.", values=RANKS, ordered=True),
    "amount": TicketField(type="number", summary="Money."),
    "vip": TicketField(type="boolean", summary="Important."),
    "title": TicketField(type="text", summary="Title."),
    "due": TicketField(type="instant", summary="The promise."),
}
LITERAL = format_instant(T0)
PATTERNS = (
    Contains("title", "a"), Contains("title", "B"), Like("title", "a*"), Like("title", "?b"), Like("title", "*"),
    Like("title", "[ab]"), Like("title", "ab"),
)  # fmt: skip
TEXTS = ("a", "Ab", "xyz")
SPANS = (0, 3600)
AGES = (-5000, -3600, -3599, 0, 1, 3600, 3601, 5000)
"""Two seconds on each side of every span, since two instants may have to differ on one side."""


def _texts() -> tuple[str, ...]:
    """For each way in which a text can answer all patterns, the ones that are named and two more."""
    found: dict[tuple[bool, ...], list[str]] = {}
    tests = [compile_condition(pattern) for pattern in PATTERNS]
    from runner.engine.conditions import Facts

    for length in range(1, 6):
        for letters in product("abx", repeat=length):
            for text in ("".join(letters), "".join(letters).upper()):
                facts = Facts({}, {"title": text}, {}, T0)
                kept = found.setdefault(tuple(test(facts) for test in tests), [])
                if text in TEXTS or sum(each not in TEXTS for each in kept) < 2:
                    kept.append(text)
    return tuple(dict.fromkeys([*TEXTS, *(text for texts in found.values() for text in texts)]))


VALUES: Mapping[str, tuple[Value, ...]] = {
    "state": (None, *STATES),
    "level": (None, *RANKS),
    "amount": (None, -2, -1, 0, 5, 5.5, 10, 11, 12),
    "vip": (None, True, False),
    "title": (None, *_texts()),
}
EVERY_ON = ("ticket.created", "ticket.updated", "time.passed")


@st.composite
def _listed(draw: st.DrawFn) -> tuple[str, tuple[str | int | float | bool, ...]]:
    name = draw(st.sampled_from(("state", "level", "amount", "vip", "title")))
    values: tuple[Value, ...] = {"amount": (0, 10), "title": TEXTS}.get(name, VALUES[name][1:])
    chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    return name, tuple(value for value in chosen if value is not None)


def atoms() -> st.SearchStrategy[Condition]:
    ops = st.sampled_from(("more_than", "at_least", "less_than", "at_most"))
    spans = st.sampled_from(SPANS)
    return st.one_of(
        _listed().map(lambda pair: In(*pair)),
        _listed().map(lambda pair: Was(*pair)),
        st.sampled_from((*FIELDS, "created_at")).map(IsSet),
        st.sampled_from((*FIELDS, "updated_at", "created_at")).map(Changed),
        st.builds(Compare, st.just("level"), ops, st.sampled_from(RANKS), st.just(RANKS)),
        st.builds(Compare, st.just("amount"), ops, st.sampled_from((0, 10))),
        st.builds(Compare, st.just("due"), ops, st.just(LITERAL)),
        st.just(In("due", (LITERAL,))),
        st.sampled_from(PATTERNS),
        st.builds(TimeFrom, st.sampled_from(("due", "created_at", "updated_at")), spans),
        st.builds(TimeFrom, st.just("due"), st.just(-3600)),
        st.builds(lambda pair, span: HeldFor(pair[0], pair[1], span), _listed(), spans),
    )


def conditions(leaves: int) -> st.SearchStrategy[Condition]:
    return composed(atoms(), leaves)


def leaves(condition: Condition) -> Iterator[Condition]:
    """Walked here, not by `atoms` of the contract: the analysis that this is held against rests on that."""
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


class Grid:
    """All looks that matter to some conditions: fields and instants that none of them mentions stay as they are.

    With `past` it matters what each field was before, since a template may hold the ticket from then.
    """

    def __init__(self, conditions_: Sequence[Condition], *, past: bool) -> None:
        atoms_ = [atom for condition in conditions_ for atom in leaves(condition)]
        names = {atom.field for atom in atoms_}  # type: ignore[union-attr]
        self.fields = sorted(names & VALUES.keys())
        told = {atom.field for atom in atoms_ if isinstance(atom, Was | Changed | HeldFor)}
        self.earlier = self.fields if past else sorted(told & VALUES.keys())
        self.held = sorted({atom.field for atom in atoms_ if isinstance(atom, HeldFor)})
        self.due = "due" in names
        self.due_changed = "due" in names and (past or Changed("due") in atoms_)
        self.past = past
        self.touched = Changed("updated_at") in atoms_
        self.absolute = any(isinstance(atom, Compare | In) and atom.field == "due" for atom in atoms_)
        self.timed = bool(self.held) or self.touched or any(isinstance(atom, TimeFrom) for atom in atoms_)

    def ages(self) -> tuple[int, ...]:
        return tuple(age for age in AGES if age >= 0) if self.timed else (0,)

    def size(self) -> int:
        """How many looks there are, about."""
        values = prod(len(VALUES[name]) for name in self.fields)
        before = prod(len(VALUES[name]) for name in self.earlier)
        times = len(self.ages()) ** (2 + self.touched + len(self.held)) / 4
        due = 12 * (12 if self.past else 3 if self.due_changed else 1) * (len(AGES) if self.absolute else 1)
        return int(values * before * times * (due if self.due else 1))

    def looks(self) -> Iterator[tuple[Observation, datetime]]:
        for now in [T0 + timedelta(seconds=age) for age in AGES] if self.absolute else [T0]:
            for after in self._after(now):
                yield from self._created(after, now)
                yield from self._again(after, now)

    def _instants(self, now: datetime) -> list[str]:
        """On each side of each span from now, and of the instant that is named."""
        every = {now - timedelta(seconds=age) for age in AGES} | {T0 + timedelta(seconds=more) for more in (-1, 0, 1)}
        return [format_instant(at) for at in sorted(every)]

    def _after(self, now: datetime) -> Iterator[dict[str, Value]]:
        due: list[Value] = [None, *self._instants(now)] if self.due else [None]
        for values in product(*(VALUES[name] for name in self.fields)):
            for instant in due:
                every = {**dict(zip(self.fields, values, strict=True)), "due": instant}
                yield {name: value for name, value in every.items() if value is not None}

    def _created(self, after: dict[str, Value], now: datetime) -> Iterator[tuple[Observation, datetime]]:
        for old, last in product(self.ages(), repeat=2):
            if old >= last:
                created, updated = now - timedelta(seconds=old), now - timedelta(seconds=last)
                own = {"created_at": format_instant(created), "updated_at": format_instant(updated)}
                changed = dict.fromkeys({**own, **after}, created)
                yield Observation("T", "1", ObservationKind.CREATED, created, {}, {**own, **after}, changed), now

    def _again(self, after: dict[str, Value], now: datetime) -> Iterator[tuple[Observation, datetime]]:
        for old, last in product(self.ages(), repeat=2):
            for touch in self.ages() if self.touched or self.held else (old,):
                if old >= touch >= last:
                    yield from self._second(after, now, old, touch, last)

    def _second(
        self, after: dict[str, Value], now: datetime, old: int, touch: int, last: int
    ) -> Iterator[tuple[Observation, datetime]]:
        created, updated = now - timedelta(seconds=old), now - timedelta(seconds=last)
        own: dict[str, Value] = {"created_at": format_instant(created), "updated_at": format_instant(updated)}
        earlier_own = {**own, "updated_at": format_instant(now - timedelta(seconds=touch))}
        instants: list[Value] = [after.get("due")]
        if self.due_changed:
            instants += [None, format_instant(T0 + timedelta(days=99))]
            instants += self._instants(now) if self.past else []
        for values in product(*(VALUES[name] for name in self.earlier)):
            for instant in dict.fromkeys(instants):
                every = {**after, **dict(zip(self.earlier, values, strict=True)), "due": instant}
                before = {**earlier_own, **{name: value for name, value in every.items() if value is not None}}
                whole = {**own, **after}
                for since in product([age for age in self.ages() if old >= age >= touch], repeat=len(self.held)):
                    held = {n: now - timedelta(seconds=s) for n, s in zip(self.held, since, strict=True)}
                    changed = {
                        name: updated if before.get(name) != value else held.get(name, created)
                        for name, value in whole.items()
                    }
                    yield Observation("T", "2", ObservationKind.UPDATED, created, before, whole, changed), now
                    if before == whole:
                        kind = ObservationKind.UNCHANGED
                        yield Observation("T", "2", kind, created, before, whole, changed), now


@dataclass(slots=True)
class Seen:
    """What is true of all looks: by template, whether it matches at all, in scope, and gets one; and so on.

    What is `certain` is so whoever may hold the ticket from the look before; the rest if nobody does.
    """

    matched: set[str] = field(default_factory=set)
    in_scope: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    certain: set[str] = field(default_factory=set)
    certain_overlaps: set[tuple[str, str]] = field(default_factory=set)
    unmatched: bool = False
    certain_unmatched: bool = False


def see(table: RoutingTable, group: Sequence[str], grid: Grid) -> Seen:
    """Try every look with the engine."""
    found = Seen()
    tests = [(entry, compile_condition(entry.condition)) for entry in table.entries]
    order = [entry.name for entry in table.entries] + [table.fallback.name]
    for seen, now in grid.looks():
        facts = seen.facts(now)
        holding = [entry.name for entry, test in tests if test(facts)]
        names = [name for name in holding if table.by_name[name].on & ADMITS[seen.kind]]
        found.matched.update(names)
        if not table.in_scope(seen, now):
            continue
        found.in_scope.update(names)
        taken = route(table, seen, now)
        assert isinstance(taken, Match)
        found.reached.add(taken.template)
        found.unmatched |= taken.fallback
        first = taken.template if seen.kind is ObservationKind.CREATED else [*holding, taken.template][0]
        if order.index(first) >= order.index(taken.template):
            found.certain.add(taken.template)
            found.certain_unmatched |= taken.fallback
        if first in group and taken.template in group:
            peers = [name for name in names if name in group]
            found.certain_overlaps |= {(one, two) for i, one in enumerate(peers) for two in peers[i + 1 :]}
    return found


def table_of(entries: Sequence[tuple[Condition, frozenset[str]]], scope: Condition) -> RoutingTable:
    listed = [Entry(f"t{place}", on, condition) for place, (condition, on) in enumerate(entries)]
    return RoutingTable(scope, [*listed, Entry("rest", frozenset(EVERY_ON), All(()))], "rest")
