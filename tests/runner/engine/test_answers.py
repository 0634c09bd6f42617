"""What people answer: accept, reject, escalate; and what is refused, with the state untouched."""

from __future__ import annotations

import json
from functools import partial

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.decide import decide
from runner.engine.decision import Stamp, advance
from runner.engine.reasons import CommandRejected, RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    BOSS,
    MACHINE,
    TEXT,
    YES,
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
    step,
    troubled,
)

ACCEPT = cmd.Accept(offer=1, answers=YES)


def failed_over(**changes: object) -> Life:
    """Ann did not answer; ben is asked since the first hour."""
    life = opened(**changes)
    life.tick(at(60))
    return life


def with_ben(**changes: object) -> Life:
    life = failed_over(**changes)
    life.accept()
    return life


def with_boss(**changes: object) -> Life:
    """Boss holds it, asked by the ladder."""
    life = opened(**changes)
    life.until(at(90))
    life.accept()
    return life


def on_the_last_rung(**changes: object) -> Life:
    """Ceo stood in for boss and holds it; boss is back."""
    life = Life(roster=roster(away("boss", hours=5)), **changes)  # type: ignore[arg-type]
    life.open()
    life.until(at(180))
    life.accept()
    life.now = at(301)
    return life


@table(
    Row("in time", opened, ACCEPT, at(5), ["ann accepts 1: accepted"], "ann"),
    Row("at the very instant, decided before the tick", opened, ACCEPT, at(60), ["ann accepts 1: accepted"], "ann"),
    Row("late, the offer still open", opened, ACCEPT, at(61), ["ann accepts 1: accepted_late"], "ann"),
    Row("days late, the offer still open", opened, ACCEPT, at(9999), ["ann accepts 1: accepted_late"], "ann"),
    Row("late, the offer has ended", failed_over, ACCEPT, at(61), RejectReason.OFFER_ENDED, "ann"),
    Row("by another person", opened, ACCEPT, at(5), RejectReason.NOT_YOURS, "ben"),
    Row("by the machine", opened, ACCEPT, at(5), RejectReason.NOT_YOURS),
    Row("an offer that never was", opened, cmd.Accept(offer=2, answers=YES), at(5), RejectReason.UNKNOWN_OFFER, "ann"),
    Row("an offer of number 0", opened, cmd.Accept(offer=0, answers=YES), at(5), RejectReason.UNKNOWN_OFFER, "ann"),
    Row("twice", accepted, ACCEPT, at(6), RejectReason.OFFER_ENDED, "ann"),
    Row("no answers", opened, cmd.Accept(offer=1, answers={}), at(5), RejectReason.CHECKLIST_INCOMPLETE, "ann"),
    Row(
        "one answer missing",
        opened,
        cmd.Accept(offer=1, answers={"understood": True}),
        at(5),
        RejectReason.CHECKLIST_INCOMPLETE,
        "ann",
    ),
    Row(
        "one answer is no",
        opened,
        cmd.Accept(offer=1, answers={"understood": True, "reachable": False}),
        at(5),
        RejectReason.CHECKLIST_INCOMPLETE,
        "ann",
    ),
    Row(
        "the accepted steps begin",
        partial(opened, contract=contract(runbook={"accepted": (step("notify", who="owner"),)})),
        ACCEPT,
        at(5),
        ["ann accepts 1: accepted", "run accepted#1", "step accepted#1/0 for ann"],
        "ann",
    ),
    Row(
        "in exhaustion there is no lateness",
        exhausted,
        cmd.Accept(offer=7, answers=YES),
        at(999),
        ["boss accepts 7: accepted"],
        "boss",
    ),
    Row("after the end", closed, ACCEPT, at(90), RejectReason.NOT_OPEN, "ann"),
    Row("before the opening", Life, ACCEPT, at(0), RejectReason.NOT_OPEN),
)
def test_accept(row: Row) -> None:
    if row.given is Life:
        assert Life().do(row.command).rejected is row.expected  # type: ignore[arg-type]
        return
    play(row)


@pytest.mark.parametrize(
    ("when", "late"),
    [
        (at(5), 0),
        (at(60), 0),
        (at(60, seconds=0.9), 0),
        (at(60, seconds=1), 1),
        (at(61), 60),
    ],
)
def test_lateness_is_recorded_in_whole_seconds(when: object, late: int) -> None:
    taken = opened().do(ACCEPT, "ann", when=when).one(ev.OfferAccepted)  # type: ignore[arg-type]
    assert taken.late_seconds == late


def test_only_the_questions_of_the_checklist_are_recorded() -> None:
    life = opened()
    taken = life.do(cmd.Accept(offer=1, answers={**YES, "made_up": True, "other": False}), "ann")
    assert taken.one(ev.OfferAccepted).answers == YES


def test_no_checklist_needs_no_answers() -> None:
    life = opened(contract=contract(checklist=()))
    assert life.do(cmd.Accept(offer=1, answers={}), "ann").rejected is None


def test_what_is_missing_is_named_with_the_way_out() -> None:
    outcome = opened().do(cmd.Accept(offer=1, answers={"understood": True}), "ann")
    assert "reachable" in outcome.detail
    assert "understood" not in outcome.detail
    assert "reject the offer" in outcome.detail


def reject(why: str, offer: int = 1) -> cmd.Reject:
    return cmd.Reject(offer=offer, why=why, text=TEXT)  # type: ignore[arg-type]


@table(
    *(
        Row(
            why,
            opened,
            reject(why),
            at(5),
            [
                f"offer 1 ends: rejected_{why}",
                f"ladder offer 2 to ben: rejected_{why}",
                "tell ben: offer",
                "tell boss: failover",
            ],
            "ann",
        )
        for why in ("not_mine", "incomplete", "no_capacity", "conflict")
    ),
    Row("by another person", opened, reject("conflict"), at(5), RejectReason.NOT_YOURS, "boss"),
    Row("after it ended", failed_over, reject("conflict"), at(61), RejectReason.OFFER_ENDED, "ann"),
    Row("an unknown offer", opened, reject("conflict", 3), at(5), RejectReason.UNKNOWN_OFFER, "ann"),
    Row("what one holds", accepted, reject("conflict"), at(6), RejectReason.OFFER_ENDED, "ann"),
    Row("in exhaustion nobody is left", exhausted, reject("not_mine", 7), at(241), RejectReason.NOBODY_ABOVE, "boss"),
    Row(
        "a handoff returns to its sender",
        handed,
        reject("no_capacity", 2),
        at(12),
        ["offer 2 ends: rejected_no_capacity", "tell ann: returned", "tell boss: returned"],
        "carl",
    ),
    Row(
        "an exception becomes the escalation owner's",
        troubled,
        reject("not_mine", 2),
        at(12),
        ["offer 2 ends: rejected_not_mine", "exception 1 is boss's: rejected_not_mine", "tell boss: exception"],
        "carl",
    ),
)
def test_reject(row: Row) -> None:
    play(row)


UP = cmd.Escalate(offer=None, text=TEXT)


@table(
    Row(
        "the one who is asked",
        opened,
        cmd.Escalate(offer=1, text=TEXT),
        at(5),
        ["offer 1 ends: escalated", "ladder offer 2 to ben: escalated", "tell ben: offer", "tell boss: failover"],
        "ann",
    ),
    Row(
        "the holder",
        accepted,
        UP,
        at(6),
        ["OwnerReleased ann: escalated", "ladder offer 2 to ben: escalated", "tell ben: offer", "tell boss: failover"],
        "ann",
    ),
    Row(
        "the holder, with a handoff on its way",
        handed,
        UP,
        at(12),
        [
            "offer 2 ends: superseded",
            "OwnerReleased ann: escalated",
            "ladder offer 3 to ben: escalated",
            "tell ben: offer",
            "tell boss: failover",
        ],
        "ann",
    ),
    Row(
        "the failover steps begin",
        partial(accepted, contract=contract(runbook={"failover": (step(),)})),
        UP,
        at(6),
        [
            "OwnerReleased ann: escalated",
            "ladder offer 2 to ben: escalated",
            "tell ben: offer",
            "tell boss: failover",
            "run failover#1",
            "step failover#1/0",
        ],
        "ann",
    ),
    Row(
        "the substitute, to the escalation owner",
        with_ben,
        UP,
        at(70),
        ["OwnerReleased ben: escalated", "ladder offer 3 to boss: escalated", "tell boss: offer"],
        "ben",
    ),
    Row(
        "who stood in on the last rung, when the escalation owner is back",
        on_the_last_rung,
        UP,
        at(302),
        ["OwnerReleased ceo: escalated", "ladder offer 6 to boss: escalated", "tell boss: offer"],
        "ceo",
    ),
    Row("the escalation owner, who is the last", with_boss, UP, at(91), RejectReason.NOBODY_ABOVE, "boss"),
    Row("not the holder", accepted, UP, at(6), RejectReason.NOT_YOURS, "ben"),
    Row("a manager, who has other means", accepted, UP, at(6), RejectReason.NOT_YOURS, "boss"),
    Row("asked, but naming no offer", opened, UP, at(6), RejectReason.NOT_YOURS, "ann"),
    Row("another's offer", opened, cmd.Escalate(offer=1, text=TEXT), at(6), RejectReason.NOT_YOURS, "ben"),
    Row("an offer that ended", failed_over, cmd.Escalate(offer=1, text=TEXT), at(61), RejectReason.OFFER_ENDED, "ann"),
    Row("in exhaustion", exhausted, cmd.Escalate(offer=7, text=TEXT), at(241), RejectReason.NOBODY_ABOVE, "boss"),
    Row("a handoff's receiver", handed, cmd.Escalate(offer=2, text=TEXT), at(12), RejectReason.NOBODY_ABOVE, "carl"),
    Row("resolved already", resolved, UP, at(61), RejectReason.WRONG_STATE, "ann"),
)
def test_escalate(row: Row) -> None:
    play(row)


def test_the_one_who_escalated_is_accountable_no_more() -> None:
    life = accepted()
    life.do(UP, "ann")
    assert accountable(life.live) == "ben"
    assert (life.live.phase, life.live.accepted_at, life.live.previous) == (Phase.OFFERED, None, "ann")


def test_a_refusal_of_a_person_is_recorded_and_one_of_the_machine_is_not() -> None:
    life = opened()
    rows = len(life.rows)
    life.do(ACCEPT, MACHINE)
    assert len(life.rows) == rows
    outcome = life.do(ACCEPT, "ben")
    row = json.loads(life.rows[-1][1])
    assert row["rejected"] == {"reason": "not_yours", "detail": outcome.detail}
    assert row["events"] == []
    assert row["command"]["actor"] == "ben"


def test_deciding_alone_raises_and_tells_the_reason() -> None:
    life = opened()
    command = cmd.Command(id="x", actor="ben", source="test", args=ACCEPT)
    with pytest.raises(CommandRejected, match="not_yours: offer 1 is made to ann") as refused:
        decide(life.contract, life.state, command, life.world())
    assert refused.value.reason is RejectReason.NOT_YOURS


def test_deciding_alone_gives_the_events_of_the_row() -> None:
    life = opened()
    command = cmd.Command(id="x", actor="ann", source="test", args=ACCEPT)
    expected = decide(life.contract, life.state, command, life.world())
    assert life.do(ACCEPT, "ann").events == expected


def test_time_that_went_back_is_refused_by_decide_and_mended_by_advance() -> None:
    life = accepted()
    life.now = at(1)
    tick = cmd.Command(id="x", actor="boss", source="test", args=cmd.Override(action="take", text=TEXT))
    with pytest.raises(ValueError, match="time went back"):
        decide(life.contract, life.state, tick, life.world())
    done = advance(
        life.contract, life.state, tick, life.world(),
        escalation="E-1", seq=9, prev="", stamp=Stamp("r", 1, "test"),
    )  # fmt: skip
    assert done is not None
    assert done.state is not None
    assert done.state.now == at(5)


def test_a_refused_first_command_leaves_no_row() -> None:
    life = Life()
    assert life.do(ACCEPT, "ann").rejected is RejectReason.NOT_OPEN
    assert life.rows == []


def test_the_ladder_may_have_one_rung() -> None:
    life = opened(contract=contract(ladder=(("escalation_owner", 600),), owners={"escalation_owner": BOSS}))
    assert life.do(reject("not_mine"), "boss").story == [
        "offer 1 ends: rejected_not_mine",
        "repeat 1",
        "ladder offer 2 to boss: repeated",
        "tell boss: offer",
    ]


def test_a_decision_without_end_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.engine.draft.MAX_EVENTS", 3)
    with pytest.raises(AssertionError, match="a decision without end"):
        Life().open()
