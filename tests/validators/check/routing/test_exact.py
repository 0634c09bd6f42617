"""The analysis against trying every look: verdicts and the existence of witnesses agree exactly."""

from __future__ import annotations

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from runner.contract.conditions import All, Condition
from runner.engine.routing import Match, route
from tests.validators.check.routing.brute import EVERY_ON, FIELDS, Grid, conditions, see, table_of
from validators.check.routing import Reach, analyse_table
from validators.simulate.explain import look

_MOST_LOOKS = 4_000

entries = st.lists(
    st.tuples(conditions(3), st.sets(st.sampled_from(EVERY_ON), min_size=1).map(frozenset)), min_size=1, max_size=3
)
scopes = st.just(All(())) | conditions(2)


@settings(max_examples=80, deadline=None)
@given(entries, scopes, st.integers(0, 3))
def test_verdicts_and_witnesses_are_those_of_trying_everything(
    listed: list[tuple[Condition, frozenset[str]]], scope: Condition, peers: int
) -> None:
    compare(listed, scope, peers)


def compare(listed: list[tuple[Condition, frozenset[str]]], scope: Condition, peers: int) -> None:
    """Of one look; what depends on who holds the ticket is compared in the test that follows histories."""
    table = table_of(listed, scope)
    grid = Grid([scope, *(condition for condition, _ in listed)], past=False)
    assume(grid.size() <= _MOST_LOOKS)
    group = [entry.name for entry in table.entries[:peers]] if peers > 1 else []
    truth = see(table, group, grid)
    found = analyse_table(table, FIELDS, [group] if group else [])

    for each in found.reached:
        event(each.reach.value)
        expected = (
            {Reach.REACHED} if each.template in truth.certain
            else {Reach.REACHED, Reach.SHADOWED, Reach.UNKNOWN} if each.template in truth.reached
            else {Reach.SHADOWED} if each.template in truth.in_scope
            else {Reach.OUT_OF_SCOPE} if each.template in truth.matched
            else {Reach.NEVER}
        )  # fmt: skip
        assert each.reach in expected, each
        if expected in ({Reach.SHADOWED}, {Reach.OUT_OF_SCOPE}):
            assert each.witness is not None
        if each.reach is Reach.SHADOWED and each.witness is not None:
            seen, _ = look(table, FIELDS, each.witness.ticket)
            taken = route(table, seen, each.witness.ticket.at)
            assert isinstance(taken, Match)
            assert taken.template in [entry.name for entry in table.entries]

    assert {two for _, two in truth.certain_overlaps} <= {each.second for each in found.overlaps}
    for overlap in found.overlaps:
        if overlap.witness is not None:
            seen, _ = look(table, FIELDS, overlap.witness.ticket)
            taken = route(table, seen, overlap.witness.ticket.at)
            assert isinstance(taken, Match)
            assert taken.template in group
    shown = found.unmatched is not None or found.unmatched_history is not None
    assert shown or not truth.certain_unmatched
    assert truth.unmatched or not shown
