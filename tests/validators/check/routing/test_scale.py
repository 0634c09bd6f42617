"""How the work grows with the number of templates, counted in steps: never timed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.contract.conditions import All, Condition, Contains, In, IsSet, Not, TimeFrom
from runner.contract.policies import TicketField
from runner.engine.routing import Entry, RoutingTable
from tests.bench.routing import many
from validators.check.routing import Analysis, Reach, analyse_table

FIELDS = {
    "account.name": TicketField(type="text", summary="Whose it is."),
    "subject": TicketField(type="text", summary="What it is about."),
    "type": TicketField(type="choice", summary="Kind.", values=("billing", "incident")),
    "priority": TicketField(type="choice", summary="How soon.", values=("low", "high"), ordered=True),
    "status": TicketField(type="choice", summary="How far.", values=("open", "solved", "closed")),
    "due": TicketField(type="instant", summary="The promise."),
}
EVERY = frozenset(("ticket.created", "ticket.updated", "time.passed"))
BILLING, LATE = In("type", ("billing",)), TimeFrom("due", 1800)


def table(*conditions: Condition) -> RoutingTable:
    entries = [Entry(f"t{place}", EVERY, condition) for place, condition in enumerate(conditions)]
    return RoutingTable(Not(In("status", ("solved",))), [*entries, Entry("rest", EVERY, IsSet("created_at"))], "rest")


def account(number: int) -> Condition:
    return In("account.name", (f"Customer {number}",))


def pinned(count: int) -> Analysis:
    """One template for each account."""
    return analyse_table(many(count), FIELDS)


def as_peers(count: int) -> Analysis:
    """The same, as peers."""
    routing = many(count)
    return analyse_table(routing, FIELDS, [[entry.name for entry in routing.entries]])


def twice(count: int) -> Analysis:
    """For each account one template for what is late, and one for all: half of them in the wrong order."""
    conditions = []
    for number in range(count // 2):
        pair = [All((account(number), BILLING, LATE)), All((account(number), BILLING))]
        conditions += pair if number % 2 else pair[::-1]
    return analyse_table(table(*conditions), FIELDS)


def with_a_rest(count: int) -> Analysis:
    """One template for each account, and then one for all others, and one for nobody."""
    pins = [account(number) for number in range(count - 3)]
    listed = [All((pin, BILLING)) for pin in pins]
    return analyse_table(table(*listed, BILLING, All((BILLING, LATE)), Not(BILLING)), FIELDS)


def by_words(count: int) -> Analysis:
    """Each template looks for a word of its own in the subject, so that all may meet."""
    return analyse_table(table(*(All((BILLING, Contains("subject", f"word {n:04}"))) for n in range(count))), FIELDS)


def behind_holders(count: int) -> Analysis:
    """For each subject a template for new and changed tickets, and one for time behind it that never gets any."""
    early, late = frozenset(("ticket.created", "ticket.updated")), frozenset(("time.passed",))
    pins = [In("subject", (f"Case {number // 2}",)) for number in range(count)]
    entries = [Entry(f"t{place}", late if place % 2 else early, pin) for place, pin in enumerate(pins)]
    return analyse_table(RoutingTable(All(()), [*entries, Entry("rest", EVERY, All(()))], "rest"), FIELDS)


def test_what_waits_behind_holders_is_found_among_many() -> None:
    shadowed = [each for each in behind_holders(200).reached if each.reach is Reach.SHADOWED]
    assert [each.by for each in shadowed] == [(f"t{place}",) for place in range(0, 200, 2)]


@pytest.mark.parametrize("make", [pinned, as_peers, twice, with_a_rest, behind_holders])
def test_ten_times_the_templates_are_about_ten_times_the_work(make: Callable[[int], Analysis]) -> None:
    few, many_ = make(100), make(1_000)
    assert many_.steps <= 12 * few.steps
    assert many_.steps <= 300 * 1_000
    assert Reach.UNKNOWN not in {each.reach for each in many_.reached}


def test_what_is_found_among_many() -> None:
    shadowed = [each for each in twice(200).reached if each.reach is Reach.SHADOWED]
    assert [each.template for each in shadowed] == [f"t{place}" for place in range(1, 200, 4)]
    assert [each.by for each in shadowed] == [(f"t{place - 1}",) for place in range(1, 200, 4)]
    rest = {each.template: each for each in with_a_rest(200).reached}
    assert [name for name, each in rest.items() if each.reach is Reach.SHADOWED] == ["t198"]
    assert rest["t198"].by == ("t197",)
    assert with_a_rest(200).unmatched is None


def test_words_that_all_may_stand_in_one_subject() -> None:
    found = by_words(60)
    assert {each.reach for each in found.reached} == {Reach.REACHED}


def test_beyond_the_limit_the_answer_is_unknown_and_never_wrong() -> None:
    routing = table(All((BILLING, LATE)), BILLING, All((BILLING, account(1))))
    found = analyse_table(routing, FIELDS, limit=10)
    assert found.reached[2].reach is Reach.UNKNOWN
    assert analyse_table(table(BILLING, All((BILLING, account(1)))), FIELDS).reached[1].reach is Reach.SHADOWED


def test_no_number_of_hard_questions_takes_for_ever() -> None:
    few, many_ = (analyse_table(table(*[All((BILLING, LATE))] * n), FIELDS, limit=40) for n in (20, 200))
    assert Reach.UNKNOWN in {each.reach for each in many_.reached}
    assert many_.steps - few.steps <= 180 * 40
