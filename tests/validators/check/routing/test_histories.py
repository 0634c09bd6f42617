"""Who may hold a ticket, against following every history: what is said of templates, peers and the fallback."""

from __future__ import annotations

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from runner.contract.conditions import All, Changed, Condition, In, TimeFrom
from tests.validators.check.routing.brute import EVERY_ON, FIELDS, table_of
from tests.validators.check.routing.histories import Histories, conditions
from validators.check.routing import Reach, analyse_table
from validators.check.routing.history import played

_MOST = 40_000
ons = st.sampled_from(
    (("ticket.created",), ("ticket.created", "ticket.updated"), ("ticket.updated",), ("time.passed",), EVERY_ON)
).map(frozenset)
entries = st.lists(st.tuples(conditions(2), ons), min_size=2, max_size=3)


@settings(max_examples=60, deadline=None)
@given(entries, st.just(All(())) | conditions(2), st.integers(0, 3))
def test_what_is_said_is_true_of_every_history(
    entries_: list[tuple[Condition, frozenset[str]]], scope: Condition, peers: int
) -> None:
    follow(entries_, scope, peers)


def follow(entries_: list[tuple[Condition, frozenset[str]]], scope: Condition, peers: int) -> None:
    table = table_of(entries_, scope)
    group = [entry.name for entry in table.entries[:peers]] if peers > 1 else []
    histories = Histories(table, group)
    assume(histories.size() <= _MOST)
    truth = histories.explore()
    found = analyse_table(table, FIELDS, [group] if group else [])
    # A template that listens to new tickets alone may hold one by a long way round: then the answer may be unknown.
    open_ = any(entry.on == frozenset(("ticket.created",)) for entry in table.entries)

    for each in found.reached:
        event(each.reach.value)
        if each.reach is Reach.UNKNOWN:
            assert open_, each
        else:
            assert (each.reach is Reach.REACHED) == (each.template in truth.reached), each
        if each.history is not None:
            event("reached by a history")
            assert played(table, FIELDS, each.history).taker == each.template

    known = {(each.first, each.second) for each in found.overlaps if each.witness or each.history}
    unknown = {(each.first, each.second) for each in found.overlaps} - known
    assert known <= truth.overlaps
    assert open_ or not unknown
    assert {two for _, two in truth.overlaps} <= {two for _, two in known | unknown}
    event(f"overlaps {len(known)}, not known {len(unknown)}")
    for overlap in found.overlaps:
        if overlap.history is not None:
            event("overlap by a history")
            assert played(table, FIELDS, overlap.history).taker in group
    if found.unmatched is None and found.unmatched_history is None:
        assert not truth.unmatched or (open_ and not found.unmatched_known)
        assert open_ or found.unmatched_known
    else:
        assert truth.unmatched


NEW, CHANGED, TIME = "ticket.created", "ticket.updated", "time.passed"
OPEN, LATE = In("state", ("open",)), TimeFrom("due", 3600)
Listed = list[tuple[Condition, frozenset[str]]]


def listed(*entries_: tuple[Condition, tuple[str, ...]]) -> Listed:
    return [(condition, frozenset(on)) for condition, on in entries_]


@pytest.mark.parametrize(
    ("word", "entries_", "expected"),
    [
        ("time behind all changes", listed((OPEN, (NEW, CHANGED)), (All((OPEN, LATE)), (TIME,))), Reach.SHADOWED),
        ("time behind new tickets alone", listed((OPEN, (NEW,)), (All((OPEN, LATE)), (TIME,))), Reach.REACHED),
        ("everything is held from the start", listed((All(()), (NEW,)), (OPEN, (CHANGED,))), Reach.SHADOWED),
        ("what lets go in between", listed((Changed("updated_at"), (NEW,)), (OPEN, (CHANGED,))), Reach.REACHED),
    ],
)
def test_a_template_behind_holders(word: str, entries_: Listed, expected: Reach) -> None:
    assert analyse_table(table_of(entries_, All(())), FIELDS).reached[1].reach is expected, word


def test_peers_of_which_one_holds_the_ticket() -> None:
    high = All((OPEN, In("level", ("high",))))
    found = analyse_table(table_of(listed((OPEN, (NEW,)), (high, (CHANGED,))), All(())), FIELDS, [["t0", "t1"]])
    (overlap,) = found.overlaps
    assert overlap.witness is not None or overlap.history is not None


def test_scope_by_time_leaves_a_ticket_to_the_fallback() -> None:
    table = table_of(listed((All(()), (NEW, CHANGED))), TimeFrom("created_at", 3600))
    found = analyse_table(table, FIELDS)
    assert found.unmatched is None
    assert found.unmatched_history is not None
    assert played(table, FIELDS, found.unmatched_history).taker == "rest"
    assert '"unchanged": true' in found.unmatched_history.text
