"""Open time in the analysis: what it says never happens does not, what it says happens does, and little is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from runner.contract.conditions import All, Any_, Condition, In, Not, TimeFrom
from runner.contract.contract import CalendarOf
from runner.contract.policies import TicketField
from runner.contract.values import format_instant
from runner.engine.conditions import Facts, compile_condition
from runner.engine.open_time import OpenHours
from runner.engine.routing import Entry, RoutingTable
from runner.zones import zone
from validators.check.routing import Analysis, Reach, analyse_table

FIELDS = {
    "due": TicketField(type="instant", summary="The promise."),
    "late": TicketField(type="instant", summary="Another."),
    "state": TicketField(type="choice", summary="State.", values=("open", "shut")),
}
DAY = ((9 * 60, 17 * 60),)
HOURS = {
    "office": OpenHours(CalendarOf(zone="UTC", week=(DAY,) * 5 + ((), ()), closed=("2026-03-04",)), zone("UTC")),
    "night": OpenHours(CalendarOf(zone="UTC", week=(((0, 360),),) * 7, closed=()), zone("UTC")),
    "shut": OpenHours(CalendarOf(zone="UTC", week=((),) * 7, closed=()), zone("UTC")),
}
EVERY = frozenset(("ticket.created", "ticket.updated", "time.passed"))


def analysed(*conditions: Condition) -> Analysis:
    entries = [Entry(f"t{place}", EVERY, condition) for place, condition in enumerate(conditions)]
    return analyse_table(RoutingTable(All(()), [*entries, Entry("rest", EVERY, All(()))], "rest", HOURS), FIELDS)


def past(hours: float, calendar: str | None = "office", field: str = "due") -> Condition:
    return TimeFrom(field, round(hours * 3600), calendar)


@pytest.mark.parametrize(
    ("word", "condition", "expected"),
    [
        ("past by some open time", past(4), Reach.REACHED),
        ("due within some", past(-4), Reach.REACHED),
        ("past by more, and not by less", All((past(4), Not(past(3)))), Reach.NEVER),
        ("past by less, and not by more", All((past(3), Not(past(4)))), Reach.REACHED),
        ("open time is never more than time", All((past(4), Not(past(4, None)))), Reach.NEVER),
        ("but may be less", All((Not(past(4)), past(4, None))), Reach.REACHED),
        ("less by a weekend", All((Not(past(8)), past(70, None))), Reach.REACHED),
        ("but not by a month", All((Not(past(8)), past(24 * 30, None))), Reach.NEVER),
        ("twenty days of work do not fit into two weeks", All((past(160), Not(past(24 * 14, None)))), Reach.NEVER),
        ("due within some, but not for long", All((past(-4), Not(past(-100, None)))), Reach.NEVER),
        ("due within some over a weekend", All((past(-4), Not(past(-60, None)))), Reach.REACHED),
        ("not due within some, but soon", All((Not(past(-4)), past(-4, None))), Reach.NEVER),
        ("a calendar that is never open", past(1, "shut"), Reach.NEVER),
        ("nor ever past by it", Not(past(1, "shut")), Reach.REACHED),
        ("by day, and not by night", All((past(7), Not(past(1, "night")))), Reach.REACHED),
        ("the earlier is past by more", All((past(4), Not(past(4, field="late")))), Reach.REACHED),
    ],
)
def test_open_time(word: str, condition: Condition, expected: Reach) -> None:
    (found,) = analysed(condition).reached
    assert found.reach is expected, word


def test_a_later_instant_is_not_past_by_more() -> None:
    soon, far = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
    order = All((In("due", (format_instant(far),)), In("late", (format_instant(soon),))))
    (found,) = analysed(All((order, past(4), Not(past(4, field="late"))))).reached
    assert found.reach is Reach.NEVER


def test_shadowing_by_open_time() -> None:
    reached = analysed(past(3), past(4), past(2)).reached
    assert [each.reach for each in reached] == [Reach.REACHED, Reach.SHADOWED, Reach.REACHED]


atoms = st.builds(
    past,
    st.sampled_from((-10, -3, 0, 3, 8, 10)),
    st.sampled_from(("office", "office", "night", None)),
    st.sampled_from(("due", "late")),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(Any_),
        inner.map(Not),
    ),
    max_leaves=4,
)
NOWS = [datetime(2026, 2, 27, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 24 * 10, 5)]
AGES = [timedelta(hours=hours) for hours in (-80, -26, -15, -9, -3, -1, 0, 1, 4, 9, 15, 26, 66, 80, 200)]


@settings(max_examples=60, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=2))
def test_no_ticket_contradicts_the_analysis(listed: list[Condition]) -> None:
    found = analysed(*listed).reached
    tests = [compile_condition(condition, HOURS) for condition in listed]
    winners = set()
    for now in NOWS:
        instants = [None, *(format_instant(now - age) for age in AGES)]
        for due in instants:
            for late in instants[::3]:
                facts = Facts({}, {"due": due, "late": late}, {}, now)
                winners.add(next((place for place, test in enumerate(tests) if test(facts)), None))
    for place, each in enumerate(found):
        event(each.reach.value)
        if each.reach in (Reach.NEVER, Reach.SHADOWED):
            assert place not in winners, each
