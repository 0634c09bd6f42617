"""Routing: order, scope, fallback, what may begin a match; the index against brute force; edges and watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.conditions import All, Changed, Condition, HeldFor, In, IsSet, Not, TimeFrom, condition_plain
from runner.contract.routing_form import RoutingForm
from runner.contract.values import format_instant
from runner.engine.conditions import Facts, Value
from runner.engine.observation import Case, Observation, ObservationKind, Reading, observe
from runner.engine.routing import (
    Entry,
    Firing,
    Match,
    NoMatch,
    NoMatchReason,
    RoutingTable,
    fires,
    next_watch,
    route,
    routing_table,
)
from runner.zones import zone
from tests.runner.engine.conditions_of import FIELDS, conditions, plainly, readings
from tests.runner.engine.worlds import T0, at, contract

ANY = frozenset(("ticket.created", "ticket.updated", "time.passed"))
EVERYTHING = All(())
ADMITTED = {
    ObservationKind.CREATED: {"ticket.created", "time.passed"},
    ObservationKind.UPDATED: {"ticket.updated", "time.passed"},
    ObservationKind.UNCHANGED: {"time.passed"},
}


def entry(name: str, condition: Condition, on: Iterable[str] = ANY, rearm: int | None = None) -> Entry:
    return Entry(name, frozenset(on), condition, rearm)


def table(*entries: Entry, scope: Condition = EVERYTHING) -> RoutingTable:
    return RoutingTable(scope, [*entries, entry("rest", EVERYTHING)], "rest")


def seen(kind: str = "created", outcome: str | None = None, **after: Value) -> Observation:
    return Observation("T-1", "1", ObservationKind(kind), T0, {}, after, {}, outcome=outcome)


HIGH, LOW = In("priority", ("high",)), In("priority", ("low",))
TWO = table(entry("first", HIGH), entry("second", In("priority", ("high", "low"))))


@pytest.mark.parametrize(
    ("word", "routing", "look", "expected"),
    [
        ("the first in order wins", TWO, seen(priority="high"), Match("first")),
        ("the next, if the first does not match", TWO, seen(priority="low"), Match("second")),
        ("the fallback takes the rest", TWO, seen(priority="mid"), Match("rest", fallback=True)),
        ("the fallback takes a ticket without values", TWO, seen(), Match("rest", fallback=True)),
        (
            "outside the scope nothing matches",
            table(entry("first", HIGH), scope=IsSet("vip")),
            seen(priority="high"),
            NoMatch(NoMatchReason.OUT_OF_SCOPE),
        ),
        ("gone", TWO, seen("gone", priority="high"), NoMatch(NoMatchReason.GONE)),
        (
            "a trigger on creation is not begun by an update",
            table(entry("first", HIGH, ["ticket.created"])),
            seen("updated", priority="high"),
            Match("rest", fallback=True),
        ),
        (
            "but it goes on if it had the ticket",
            table(entry("first", HIGH, ["ticket.created"])),
            seen("updated", "first", priority="high"),
            Match("first"),
        ),
        (
            "unless it matches no more",
            table(entry("first", HIGH, ["ticket.created"])),
            seen("updated", "first", priority="low"),
            Match("rest", fallback=True),
        ),
        (
            "time has passed whatever else happened",
            table(entry("first", HIGH, ["time.passed"])),
            seen("created", priority="high"),
            Match("first"),
        ),
        (
            "an update is no passing of time alone",
            table(entry("first", HIGH, ["ticket.updated"])),
            seen("unchanged", priority="high"),
            Match("rest", fallback=True),
        ),
        (
            "a fallback that time does not trigger",
            RoutingTable(EVERYTHING, [entry("rest", EVERYTHING, ["ticket.created"])], "rest"),
            seen("unchanged"),
            NoMatch(NoMatchReason.NO_TRIGGER),
        ),
        (
            "a fallback that had the ticket goes on",
            RoutingTable(EVERYTHING, [entry("rest", EVERYTHING, ["ticket.created"])], "rest"),
            seen("unchanged", "rest"),
            Match("rest", fallback=True),
        ),
        (
            "a fallback that does not match",
            RoutingTable(EVERYTHING, [entry("rest", HIGH)], "rest"),
            seen(),
            NoMatch(NoMatchReason.NO_TRIGGER),
        ),
        (
            "a contradiction never matches",
            table(entry("never", All((HIGH, LOW)))),
            seen(priority="high"),
            Match("rest", fallback=True),
        ),
    ],
)
def test_which_template(word: str, routing: RoutingTable, look: Observation, expected: object) -> None:
    assert route(routing, look, T0) == expected, word


def test_the_fallback_may_stand_anywhere_in_the_order() -> None:
    routing = RoutingTable(EVERYTHING, [entry("rest", EVERYTHING), entry("first", HIGH)], "rest")
    assert route(routing, seen(priority="high"), T0) == Match("first")


entries = st.lists(
    st.tuples(conditions(4), st.sets(st.sampled_from(sorted(ANY)), min_size=1)), min_size=0, max_size=6
).map(lambda pairs: [entry(f"t{i}", condition, on) for i, (condition, on) in enumerate(pairs)])


@given(entries, conditions(3), readings(), readings(), st.sampled_from(sorted(ADMITTED)), st.integers(0, 7))
def test_the_index_answers_as_brute_force_does(  # noqa: PLR0917 - what is drawn at random
    listed: list[Entry],
    scope: Condition,
    before: dict[str, Value],
    after: dict[str, Value],
    kind: ObservationKind,
    had: int,
) -> None:
    routing = table(*listed, scope=scope)
    outcome = [*(each.name for each in listed), "rest", None][min(had, len(listed) + 1)]
    changed = dict.fromkeys(after, T0)
    look = Observation("T-1", "1", kind, T0, before, after, changed, outcome=outcome)
    now = at(30)

    def true(condition: Condition) -> bool:
        return plainly(condition, before, after, changed, now)

    expected: Match | NoMatch = NoMatch(NoMatchReason.OUT_OF_SCOPE)
    if true(scope):
        eligible = [each for each in listed if each.on & ADMITTED[kind] or each.name == outcome]
        first = next((each.name for each in eligible if true(each.condition)), None)
        expected = Match(first) if first else Match("rest", fallback=True)
    assert route(routing, look, now) == expected


def evaluated(routing: RoutingTable, look: Observation) -> int:
    """How many templates are evaluated for one ticket."""
    calls = 0

    def counting(test: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
        def counted(facts: Facts) -> bool:
            nonlocal calls
            calls += 1
            return test(facts)

        return counted

    routing._tests = tuple(counting(test) for test in routing._tests)
    route(routing, look, T0)
    return calls


@pytest.mark.parametrize("templates", [100, 10_000])
def test_the_number_of_templates_evaluated_does_not_grow(templates: int) -> None:
    listed = [
        entry(f"t{i}", All((In("type", (f"kind-{i}",)), In("account", (f"acme-{i % 7}", "all")))))
        for i in range(templates)
    ]
    routing = table(*listed)
    assert evaluated(routing, seen(type="kind-42", account="all")) == 1
    assert evaluated(table(*listed), seen(type="kind-42", account="nobody")) == 0
    assert list(routing.candidates({"type": "kind-42", "account": "all"})) == [42]
    assert list(routing.candidates({"type": "none"})) == []


CASE = Case("T-1", "1", T0, {}, {})
FIRED = replace(CASE, fired_at={"first": T0})


@pytest.mark.parametrize(
    ("word", "case", "rearm", "now", "expected"),
    [
        ("it did not match before", CASE, None, at(0), Firing.RISING_EDGE),
        ("another matched before", replace(CASE, outcome="rest"), None, at(0), Firing.RISING_EDGE),
        ("it matched before", replace(FIRED, outcome="first"), None, at(999), Firing.STILL_MATCHING),
        (
            "it took the ticket while another's was open, and has not fired",
            replace(CASE, outcome="first", fired_at={"rest": T0}, closed_at={"rest": T0}),
            None,
            at(1),
            Firing.RISING_EDGE,
        ),
        ("one is open", replace(CASE, escalation="E-1"), None, at(0), Firing.ALREADY_OPEN),
        (
            "one is open, whatever matched",
            replace(CASE, outcome="rest", escalation="E-1"),
            60,
            at(0),
            Firing.ALREADY_OPEN,
        ),
        (
            "closed, not long enough ago",
            replace(FIRED, outcome="first", closed_at={"first": T0}),
            600,
            at(9),
            Firing.STILL_MATCHING,
        ),
        (
            "closed, long enough ago",
            replace(FIRED, outcome="first", closed_at={"first": T0}),
            600,
            at(10),
            Firing.REARMED,
        ),
        (
            "another's closing does not count",
            replace(FIRED, outcome="first", closed_at={"rest": T0}),
            600,
            at(99),
            Firing.STILL_MATCHING,
        ),
        (
            "without rearm it never fires again",
            replace(FIRED, outcome="first", closed_at={"first": T0}),
            None,
            at(9999),
            Firing.STILL_MATCHING,
        ),
        (
            "after another match it is an edge again",
            replace(CASE, outcome="rest", closed_at={"first": T0}),
            None,
            at(1),
            Firing.RISING_EDGE,
        ),
    ],
)
def test_the_rising_edge(word: str, case: Case, rearm: int | None, now: datetime, expected: Firing) -> None:
    routing = table(entry("first", HIGH, rearm=rearm))
    assert fires(routing, case, Match("first"), now) is expected, word


SLA = TimeFrom("due", 1800)
DUE: dict[str, Value] = {"due": format_instant(at(60)), "status": "open", "priority": "high"}


def watch(condition: Condition, now: datetime, **changes: object) -> datetime | None:
    case = replace(CASE, reading=DUE, changed_at={"status": at(0)}, **changes)  # type: ignore[arg-type]
    return next_watch(table(entry("first", condition, rearm=600)), case, now)


@pytest.mark.parametrize(
    ("word", "condition", "now", "expected"),
    [
        ("past the due time by 30 m", SLA, at(0), at(90, seconds=1)),
        ("at half past: still a second", SLA, at(90), at(90, seconds=1)),
        ("then never again", SLA, at(90, seconds=1), None),
        ("due within", TimeFrom("due", -600), at(0), at(50, seconds=1)),
        ("held for", HeldFor("status", ("open",), 7200), at(0), at(120, seconds=1)),
        ("the earliest of several", All((SLA, HeldFor("status", ("open",), 60))), at(0), at(1, seconds=1)),
        ("a template that the index excludes", All((LOW, SLA)), at(0), None),
        ("denied time turns too", Not(SLA), at(0), at(90, seconds=1)),
        ("no time in it", HIGH, at(0), None),
    ],
)
def test_the_next_watch(word: str, condition: Condition, now: datetime, expected: datetime | None) -> None:
    assert watch(condition, now) == expected, word


def test_at_half_past_nothing_and_a_second_later_it_fires() -> None:
    routing = table(entry("first", SLA))
    look = Observation("T-1", "1", ObservationKind.UNCHANGED, T0, DUE, DUE, {})
    assert route(routing, look, at(90)) == Match("rest", fallback=True)
    assert route(routing, look, at(90, seconds=1)) == Match("first")


def test_an_edit_moves_the_watch() -> None:
    routing = table(entry("first", SLA))
    later = replace(CASE, reading={**DUE, "due": format_instant(at(120))})
    assert next_watch(routing, later, at(0)) == at(150, seconds=1)
    assert next_watch(routing, replace(CASE, reading={}), at(0)) is None


def test_scope_and_fallback_are_watched_too() -> None:
    scoped = table(scope=SLA)
    assert next_watch(scoped, replace(CASE, reading=DUE), at(0)) == at(90, seconds=1)
    total = RoutingTable(EVERYTHING, [entry("rest", TimeFrom("due", 0))], "rest")
    assert next_watch(total, replace(CASE, reading=DUE), at(0)) == at(60, seconds=1)


@pytest.mark.parametrize(
    ("word", "changes", "expected"),
    [
        (
            "closed with rearm: looked at when it may fire again",
            {"outcome": "first", "closed_at": {"first": T0}},
            at(10),
        ),
        (
            "nothing to rearm while one is open",
            {"outcome": "first", "closed_at": {"first": T0}, "escalation": "E-1"},
            None,
        ),
        ("never closed", {"outcome": "first"}, None),
        ("another template closed", {"outcome": "rest", "closed_at": {"first": T0}}, None),
        ("a template that is no more", {"outcome": "old", "closed_at": {"old": T0}}, None),
        ("gone tickets are not watched", {"outcome": "first", "closed_at": {"first": T0}, "gone": True}, None),
    ],
)
def test_rearming_is_watched(word: str, changes: dict[str, object], expected: datetime | None) -> None:
    assert watch(HIGH, at(1), **changes) == expected, word


@given(entries, conditions(3), readings(), st.integers(0, 2 * 86400), st.lists(st.integers(0, 3 * 86400), max_size=5))
def test_before_the_watch_routing_does_not_answer_differently(
    listed: list[Entry], scope: Condition, fields: dict[str, Value], start: int, spans: list[int]
) -> None:
    """On whole seconds, for a ticket that does not change."""
    routing = table(*listed, scope=scope)
    now = T0 + timedelta(seconds=start)
    reading = Reading("T-1", "1", T0, T0, fields)
    first = observe(FIELDS, None, reading, T0)
    case = Case("T-1", "1", T0, first.after, first.changed_at)
    due = next_watch(routing, case, now)
    answer = route(routing, observe(FIELDS, case, reading, now), now)
    for span in spans:
        later = now + timedelta(seconds=span)
        if due is None or later < due:
            assert route(routing, observe(FIELDS, case, reading, later), later) == answer


def test_a_change_is_over_at_the_next_look() -> None:
    routing = table(entry("first", Changed("status"), ["ticket.updated"]))
    look = Observation("T-1", "2", ObservationKind.UPDATED, T0, {"status": "new"}, {"status": "open"}, {})
    assert route(routing, look, T0) == Match("first")
    again = Observation("T-1", "2", ObservationKind.UNCHANGED, T0, look.after, look.after, {}, outcome="first")
    assert route(routing, again, T0) == Match("rest", fallback=True)


def test_a_revision_gives_its_table() -> None:
    contracts = {name: contract(name=name, rearm=60) for name in ("first", "rest")}
    contracts["first"] = contract(name="first", on=("ticket.created",), when=condition_plain(HIGH))
    routing = routing_table(RoutingForm(EVERYTHING, ("first",), "rest"), contracts, zone)
    assert [each.name for each in routing.entries] == ["first"]
    assert routing.by_name["rest"].rearm == 60
    assert route(routing, seen(priority="high", created_at=format_instant(T0)), T0) == Match("first")
    assert route(routing, seen(created_at=format_instant(T0)), T0) == Match("rest", fallback=True)
