"""Parts of conditions that make no difference, and those that do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runner.contract.conditions import All, Any_, Changed, Condition, In, IsSet, Not, TimeFrom, Was
from runner.contract.policies import TicketField
from runner.engine.routing import Entry, RoutingTable
from validators.check.routing import Pointless, analyse_table

FIELDS = {
    "state": TicketField(type="choice", summary="State.", values=("new", "open", "done")),
    "level": TicketField(type="choice", summary="Level.", values=("low", "mid", "high"), ordered=True),
    "vip": TicketField(type="boolean", summary="Important."),
    "due": TicketField(type="instant", summary="The promise."),
}
EVERY = ("ticket.created", "ticket.updated", "time.passed")
NOT_DONE, VIP, HIGH, LOW = (
    Not(In("state", ("done",))),
    In("vip", (True,)),
    In("level", ("high",)),
    In("level", ("low",)),
)
ANYTHING = IsSet("created_at")


def found(trigger: Condition, scope: Condition, on: Sequence[str] = EVERY) -> list[tuple[str | None, int, int | None]]:
    entries = [Entry("t", frozenset(on), trigger), Entry("rest", frozenset(EVERY), ANYTHING)]
    analysis = analyse_table(RoutingTable(scope, entries, "rest"), FIELDS)
    assert all(isinstance(each, Pointless) for each in analysis.pointless)
    return [(each.template, each.part, each.item) for each in analysis.pointless]


@pytest.mark.parametrize(
    ("word", "trigger", "scope", "expected"),
    [
        ("each value may be had", In("state", ("new", "open")), NOT_DONE, []),
        ("a value out of scope", In("state", ("new", "done")), NOT_DONE, [("t", 0, 1)]),
        ("a value nobody asks about elsewhere", All((In("level", ("low", "high")), VIP)), NOT_DONE, []),
        ("a value that another part excludes", All((In("level", ("low", "high")), Not(LOW))), VIP, [("t", 0, 0)]),
        ("alternatives that differ", Any_((HIGH, VIP)), NOT_DONE, []),
        ("one within another", Any_((HIGH, All((HIGH, VIP)))), NOT_DONE, [("t", 0, 1)]),
        (
            "one within two others",
            Any_((HIGH, LOW, In("level", ("low", "high")))),
            NOT_DONE,
            [("t", 0, 0), ("t", 0, 1)],
        ),
        ("the same twice: one must stay", Any_((VIP, VIP)), NOT_DONE, [("t", 0, 0)]),
        ("an alternative out of scope", Any_((VIP, In("state", ("done",)))), NOT_DONE, [("t", 0, 1)]),
        ("by time", Any_((TimeFrom("due", 60), TimeFrom("due", 3600))), NOT_DONE, [("t", 0, 1)]),
        ("a part of the scope that says nothing more", VIP, All((HIGH, Not(LOW))), [(None, 1, None)]),
        ("parts that say the same", VIP, All((HIGH, HIGH)), [(None, 0, None)]),
        ("an alternative of the scope", VIP, Any_((HIGH, All((HIGH, VIP)))), [(None, 0, 1)]),
        ("a scope of one part", VIP, ANYTHING, []),
    ],
)
def test_what_makes_no_difference(
    word: str, trigger: Condition, scope: Condition, expected: list[tuple[str | None, int, int | None]]
) -> None:
    assert found(trigger, scope) == expected, word


def test_what_was_makes_no_difference_to_new_tickets_alone() -> None:
    trigger = Any_((VIP, All((Was("level", ("low",)), Changed("level")))))
    assert found(trigger, NOT_DONE, ["ticket.created"]) == [("t", 0, 1)]
    assert found(trigger, NOT_DONE, ["ticket.updated"]) == []


def test_nothing_is_said_of_a_template_that_never_matches() -> None:
    assert found(All((HIGH, LOW, In("state", ("new", "done")))), NOT_DONE) == []
