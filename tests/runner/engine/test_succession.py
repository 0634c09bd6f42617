"""A ticket that becomes somebody else's: taken over by another template, or merged into another ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from runner.contract.values import format_instant
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.intake import Intake, closed_case, intake, moved_cases, opened_case
from runner.engine.observation import Case, Reading, observe
from runner.engine.reasons import Reason, RejectReason
from runner.engine.routing import NoMatch, NoMatchReason
from runner.engine.state import Phase, State, accountable
from tests.runner.engine.conditions_of import FIELDS
from tests.runner.engine.machines import PROOF, TABLE
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    T0,
    TEXT,
    Life,
    accepted,
    at,
    away,
    closed,
    contract,
    exhausted,
    handed,
    opened,
    resolved,
    roster,
)

YIELDS = contract(on_other_match="supersede")
OTHER = cmd.NoteOtherMatch(template="big", supersede=True)
NOTED = ["OtherMatchNoted: other_match"]
OVER = ["EscalationCancelled: superseded_by", "tell ann: superseded"]


@table(
    Row("the contract goes on", accepted, OTHER, at(20), NOTED),
    Row(
        "it may not be taken over just now",
        partial(accepted, contract=YIELDS),
        cmd.NoteOtherMatch(template="big"),
        at(20),
        NOTED,
    ),
    Row("taken over", partial(accepted, contract=YIELDS), OTHER, at(20), OVER),
    Row("while it is offered", partial(opened, contract=YIELDS), OTHER, at(20), OVER),
    Row("with a handoff on its way", partial(handed, contract=YIELDS), OTHER, at(20), OVER),
    Row(
        "in exhaustion",
        partial(exhausted, contract=YIELDS),
        OTHER,
        at(250),
        ["EscalationCancelled: superseded_by", "tell boss: superseded"],
    ),
    Row("what is resolved is left to be closed", partial(resolved, contract=YIELDS), OTHER, at(70), NOTED),
    Row("after the end", partial(closed, contract=YIELDS), OTHER, at(80), RejectReason.NOT_OPEN),
)
def test_another_template_matches(row: Row) -> None:
    play(row)


def test_what_takes_over_is_named_and_the_ticket_is_left_to_it() -> None:
    life = accepted(contract=YIELDS)
    outcome = life.do(OTHER, when=at(20))
    event = outcome.one(ev.EscalationCancelled)
    assert (event.instead, event.by, event.text) == ("big", "surety:test", None)
    assert [effect.kind for effect in outcome.effects] == ["message"], "the other one writes the record"


def kept(keeper: str = "ann", **changes: Any) -> Life:
    """Ben is asked first, and somebody answers for it until he accepts."""
    who = contract(owners={"primary": contract().owners["secondary"], "secondary": contract().owners["primary"]})
    life = Life(contract=who, **changes)
    life.open(keeper=keeper)
    return life


def test_whoever_was_accountable_stays_so_until_somebody_accepts() -> None:
    life = kept()
    assert (accountable(life.live), life.live.record) == ("ann", ("offered", "ann", None))
    life.do(cmd.Reject(offer=1, why="not_mine"), "ben", when=at(5))
    assert accountable(life.live) == "ann"
    life.accept()
    assert (accountable(life.live), life.live.keeper) == ("ann", None)


def test_the_keeper_is_free_when_another_has_accepted() -> None:
    life = kept("carl")
    life.accept()
    assert (accountable(life.live), life.live.keeper, life.replay().state) == ("ben", None, life.live)


def test_nobody_is_kept_when_everybody_was_asked() -> None:
    life = kept("carl")
    life.until(at(60 * 4))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "boss")


def test_a_manager_may_give_it_to_another_while_it_is_kept() -> None:
    life = kept("carl")
    life.do(cmd.Override(action="give", text=TEXT, to="cora"), "boss", when=at(5))
    assert accountable(life.live) == "cora"
    taken = kept("carl")
    taken.do(cmd.Override(action="take", text=TEXT), "boss", when=at(5))
    assert accountable(taken.live) == "boss"


@pytest.mark.parametrize("keeper", ["carl", "ghost"])
def test_who_cannot_be_asked_keeps_nothing(keeper: str) -> None:
    life = kept(keeper, roster=roster(away("carl")))
    assert accountable(life.live) == "ben"


MERGED = cmd.NoteMerged(into="T-2")
LOST = cmd.NoteMerged(into="T-2", escalation="E-2")


@table(
    Row("it goes on there", accepted, MERGED, at(20), ["TicketMerged: merged", "tell ann: merged"]),
    Row("while it is offered", opened, MERGED, at(20), ["TicketMerged: merged", "tell ann: merged"]),
    Row("into the ticket that it has", accepted, cmd.NoteMerged(into="T-1"), at(20), []),
    Row("another goes on there", accepted, LOST, at(20), ["EscalationCancelled: merged", "tell ann: merged"]),
    Row("after the end", closed, MERGED, at(80), RejectReason.NOT_OPEN),
)
def test_merged(row: Row) -> None:
    play(row)


def test_the_other_ticket_shows_who_is_accountable() -> None:
    life = accepted()
    outcome = life.do(MERGED, when=at(20))
    request = outcome.one(ev.RecordRequested)
    assert (request.state, request.owner, request.reason) == ("accepted", "ann", Reason.MERGED)
    assert life.live.ticket == "T-2"
    again = accepted()
    event = again.do(LOST, when=at(20)).one(ev.EscalationCancelled)
    assert event.instead == "E-2"


SMALL = contract(name="small", evidence=PROOF, verify=("outcome_evidence",), on_other_match="supersede")
BIG = contract(name="big", evidence=PROOF, verify=("outcome_evidence",), on_other_match="supersede")


TIMES = {"created_at": format_instant(T0), "updated_at": format_instant(T0)}


def look(case: Case, minute: float, state: State | None, terms: object = SMALL, **fields: object) -> Intake:
    return seen(case, Reading("T-1", str(minute), T0, at(minute), {"vip": True, **fields}), at(minute), state, terms)


def seen(case: Case, reading: Reading, now: datetime, state: State | None, terms: object = SMALL) -> Intake:
    what = observe(FIELDS, case, reading, now)
    return intake(TABLE, case, what, now, fields=FIELDS, open_contract=terms, open_state=state)  # type: ignore[arg-type]


def small(**changes: Any) -> tuple[Case, State]:
    """An open escalation of `small` on a ticket that `big` takes as well once its amount is large."""
    reading = Reading("T-1", "1", T0, T0, {"vip": True, "priority": "high"})
    first = intake(TABLE, None, observe(FIELDS, None, reading, T0), T0, fields=FIELDS)
    return opened_case(first.case, "small", "E-1", T0), accepted(contract=SMALL, **changes).live


def test_the_other_opens_with_whoever_was_accountable() -> None:
    case, state = small()
    found = look(case, 1, state, priority="low", amount=20)
    assert found.notes == (cmd.NoteOtherMatch(template="big", supersede=True),)
    assert found.succeeds is not None
    assert (found.succeeds.template, found.succeeds.keeper, found.opens) == ("big", "ann", None)
    assert found.case.superseded == ("small>big",)


def test_two_templates_do_not_take_a_ticket_from_each_other_while_nobody_changes_it() -> None:
    case, state = small()
    taken = look(case, 1, state, priority="low", amount=20).case
    taken = opened_case(closed_case(TABLE, taken, "small", at(1)), "big", "E-2", at(1))
    late = replace(taken, outcome="slow")
    unchanged = look(late, 2, state, BIG, priority="high", amount=20)
    assert unchanged.succeeds is not None, "somebody changed its priority"
    still = replace(late, reading={**late.reading, "priority": "high"}, superseded=("small>big",))
    again = look(still, 2, state, BIG, priority="high", amount=20)
    assert [note.supersede for note in again.notes if isinstance(note, cmd.NoteOtherMatch)] == [False]
    assert again.succeeds is None
    assert again.case.superseded == ("small>big",)


@pytest.mark.parametrize(("amount", "left"), [(20, ("small>big",)), (30, ())], ids=["nobody", "somebody"])
def test_once_somebody_changes_it_templates_may_take_it_from_each_other_again(
    amount: int, left: tuple[str, ...]
) -> None:
    case, state = small()
    taken = look(case, 1, state, priority="low", amount=20).case
    taken = opened_case(closed_case(TABLE, taken, "small", at(1)), "big", "E-2", at(1))
    found = look(replace(taken, superseded=("small>big",)), 2, state, BIG, priority="low", amount=amount)
    assert found.succeeds is None
    assert found.case.superseded == left


def test_time_alone_may_let_another_take_over_once() -> None:
    """The same version read again: nobody has changed anything."""
    case, state = small()
    slow = replace(case, reading={**case.reading, "priority": "low", "amount": 20}, outcome="small")
    reading = Reading("T-1", slow.version, T0, T0, {"vip": True, "priority": "low", "amount": 20})
    case = replace(slow, outcome="big")
    assert seen(case, reading, at(1), state).notes == ()
    pending = replace(slow, reading={**slow.reading, "status": "pending"}, changed_at={"status": T0})
    pending = replace(pending, outcome="small", reading={"vip": True, "status": "pending", **TIMES})
    again = Reading("T-1", pending.version, T0, T0, {"vip": True, "status": "pending"})
    found = seen(pending, again, at(60), state)
    assert found.succeeds is not None
    assert found.succeeds.template == "slow"
    barred = seen(replace(pending, superseded=("slow>small",)), again, at(60), state)
    assert (barred.succeeds, barred.case.superseded) == (None, ("slow>small",))


def test_the_fallback_takes_nothing_over() -> None:
    case, state = small()
    found = look(case, 1, state, priority="low")
    assert found.notes == (cmd.NoteOtherMatch(template="rest"),)
    assert found.succeeds is None


def test_what_is_resolved_or_unknown_is_not_taken_over() -> None:
    case, _ = small()
    assert look(case, 1, resolved().live, priority="low", amount=20).succeeds is None
    assert look(case, 1, None, priority="low", amount=20).succeeds is None


def test_a_merged_ticket_is_told_and_opens_nothing() -> None:
    case, state = small()
    reading = Reading("T-1", "2", T0, at(1), {"vip": True, "status": "solved"}, merged_into="T-2")
    found = seen(case, reading, at(1), state)
    assert found.notes == (cmd.NoteMerged(into="T-2"),)
    assert (found.outcome, found.case.merged_into) == (NoMatch(NoMatchReason.MERGED), "T-2")
    free = seen(replace(case, escalation=None), reading, at(1), None, None)
    assert (free.notes, free.opens) == ((), None)


def test_the_cases_of_both_tickets_follow() -> None:
    case, _ = small()
    old, new = moved_cases(replace(case, watch_due=T0), None, "T-2")
    assert (old.escalation, old.watch_due, new.ticket, new.escalation) == (None, None, "T-2", "E-1")
    known = Case("T-2", "7", T0, {"vip": True}, {}, closed_escalation="E-0", reopen_until=at(9))
    _, other = moved_cases(case, known, "T-2")
    assert (other.reading, other.escalation, other.closed_escalation) == ({"vip": True}, "E-1", None)
