"""Random lives of an escalation whose ticket is changed, merged, linked, done and undone: every guarantee holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.contract import Contract, DriftOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.replay import Verdict
from runner.engine.state import Phase, accountable, dump_state
from tests.runner.engine.worlds import DAY, HOUR, TEXT, YES, Life, box, contract, hand_over, opened, step

STEPS = {"open": (step("set_fields", args={"fields": {"queue": "sdr"}}),), "failover": (step(),)}


def terms(record: Any, fields: Any, progress: int | None, other: Any) -> Contract:
    return contract(
        drift=DriftOf(owner=record, fields=fields),
        reopen_within=2 * DAY,
        on_other_match=other,
        runbook=STEPS,
        progress_within=None if progress is None else box(progress),
    )


CONTRACTS = st.builds(
    terms,
    st.sampled_from(("restore", "adopt", "flag")),
    st.sampled_from(("restore", "adopt", "flag")),
    st.sampled_from((None, 4 * HOUR)),
    st.sampled_from(("keep", "keep", "supersede")),
)
WORLD: tuple[cmd.Args, ...] = (
    cmd.NoteDrift(fields={"x_owner": "carl"}),
    cmd.NoteDrift(fields={"x_owner": None, "queue": "text:1"}),
    cmd.NoteDrift(fields={"x_state": "text:2", "queue": None}),
    cmd.NoteReopened(),
    cmd.NoteLinked(ticket="T-7"),
    cmd.NoteMerged(into="T-8"),
    cmd.NoteMerged(into="T-9", escalation="E-9"),
    cmd.NoteOtherMatch(template="big", supersede=True),
    cmd.Reopen(),
    cmd.NoteGone(),
    cmd.NoteBack(),
)
PEOPLE = ("accept", "reject", "resolve", "close", "reopen", "hand_over", "take", "escalate")
MOVES = st.one_of(st.sampled_from(WORLD), st.sampled_from(PEOPLE), st.integers(0, 9))


def person_does(life: Life, what: str) -> None:
    state = life.live
    asked = [offer for offer in state.offers.values() if offer.on_accept == "hold"]
    holder = accountable(state) or state.previous or "ann"
    if what in ("accept", "reject") and asked:
        offer = asked[-1]
        args: cmd.Args = cmd.Accept(offer=offer.id, answers=dict(YES))
        life.do(args if what == "accept" else cmd.Reject(offer=offer.id, why="no_capacity"), offer.to)
    elif what == "resolve":
        life.do(cmd.Resolve(evidence={}, facts=life.facts()), holder)
    elif what == "close":
        life.do(cmd.Close(code="fixed", facts=life.facts()), holder)
    elif what == "reopen":
        life.do(cmd.Reopen(text=TEXT), holder)
    elif what == "hand_over":
        life.do(hand_over("cora"), holder)
    elif what == "take":
        life.do(cmd.Override(action="take", text=TEXT), "boss")
    elif what == "escalate":
        life.do(cmd.Escalate(offer=None, text=TEXT), holder)


def lived(terms: Contract, moves: list[Any], keeper: str | None) -> Life:
    life = Life(contract=terms)
    life.open(keeper=keeper)
    for move in moves:
        if isinstance(move, int):
            life.until(life.now + timedelta(minutes=move * 35))
        elif isinstance(move, str):
            person_does(life, move)
        else:
            life.do(move)
    return life


@settings(max_examples=150, deadline=None)
@given(CONTRACTS, st.lists(MOVES, max_size=30), st.sampled_from((None, "cora", "ann", "ghost")))
def test_every_guarantee_holds_whatever_happens_outside(terms: Contract, moves: list[Any], keeper: str | None) -> None:
    life = lived(terms, moves, keeper)
    assert life.replay().verdict is Verdict.IDENTICAL
    assert life.replay().state == life.state
    assert len(dump_state(life.live)) < 4096


@settings(max_examples=60, deadline=None)
@given(CONTRACTS, st.lists(st.sampled_from(WORLD[:3]), min_size=10, max_size=30))
def test_two_systems_do_not_fight_over_a_field_for_ever(terms: Contract, moves: list[cmd.Args]) -> None:
    life = opened(contract=terms)
    life.do(cmd.Accept(offer=1, answers=dict(YES)), "ann")
    before = len(life.events)
    for move in moves:
        life.do(move)
    events = [event for _, event in life.events[before:]]
    again = [event for event in events if isinstance(event, ev.RecordRequested | ev.FieldsRequested)]
    most = terms.limits.restores_at_most
    assert len(again) <= 2 * most + terms.handoff.at_most
    told = [event for event in events if isinstance(event, ev.DeliveryRequested) and event.about == "drift"]
    assert len(told) <= 2 * 5 + terms.handoff.at_most, "each value once, to two people"


def test_a_life_may_be_opened_again_and_again() -> None:
    life = opened(contract=terms("restore", "adopt", None, "keep"))
    for _ in range(5):
        for what in ("accept", "resolve", "close"):
            person_does(life, what)
        assert life.live.phase is Phase.CLOSED
        assert life.do(cmd.Reopen()).rejected is None
    assert len(dump_state(life.live)) < 4096
