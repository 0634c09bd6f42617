"""What managers may do to anything, with a written rationale; and what the world notes beside."""

from __future__ import annotations

from functools import partial

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable, next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
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

TAKE = cmd.Override(action="take", text=TEXT)
CANCEL = cmd.Cancel(text=TEXT)


def give(to: str | None) -> cmd.Override:
    return cmd.Override(action="give", text=TEXT, to=to)


def shut(code: str | None) -> cmd.Override:
    return cmd.Override(action="close", text=TEXT, code=code)


def given_to_carl(**changes: object) -> Life:
    """Boss took it from ann, who held it, and gave it to carl."""
    life = accepted(**changes)
    life.do(give("carl"), "boss", when=at(10))
    return life


def given_untold_twice(**changes: object) -> Life:
    """Carl was asked three times, and no message was ever taken."""
    life = given_to_carl(answers=(), **changes)
    life.until(at(130))
    return life


def given_and_away(**changes: object) -> Life:
    """Carl was never told, and is away now."""
    life = given_to_carl(answers=(), **changes)
    life.roster = roster(away("carl"))
    return life


def given_after_boss_was_asked(**changes: object) -> Life:
    """Boss, who is asked as the last rung, gives it to carl."""
    life = opened(**changes)
    life.until(at(90))
    life.do(give("carl"), "boss", when=at(100))
    return life


def given_while_boss_is_away(**changes: object) -> Life:
    life = given_to_carl(**changes)
    life.roster = roster(away("boss"))
    return life


@table(
    Row(
        "take what is offered",
        opened,
        TAKE,
        at(5),
        ["offer 1 ends: override", "OwnerTook boss: override", "tell ann: override"],
        "boss",
    ),
    Row("take what is held", accepted, TAKE, at(10), ["OwnerTook boss: override", "tell ann: override"], "boss"),
    Row(
        "take what is on its way",
        handed,
        TAKE,
        at(12),
        ["offer 2 ends: override", "OwnerTook boss: override", "tell ann: override"],
        "boss",
    ),
    Row(
        "take out of exhaustion",
        exhausted,
        TAKE,
        at(250),
        ["offer 7 ends: override", "OwnerTook ceo: override", "tell boss: override", "substitute now: ladder_end"],
        "ceo",
    ),
    Row(
        "given away by the last resort while the escalation owner is away",
        partial(opened, roster=roster(away("boss"))),
        cmd.Override(action="give", text=TEXT, to="ben"),
        at(5),
        [
            "offer 1 ends: override",
            "OwnerReleased ann: override",
            "ladder offer 2 to ben: override",
            "tell ben: offer",
            "tell ann: override",
        ],
        "ceo",
    ),
    Row(
        "take what is resolved: it is open again",
        resolved,
        TAKE,
        at(61),
        ["OwnerTook boss: override", "tell ann: override"],
        "boss",
    ),
    Row("the last resort may", accepted, TAKE, at(10), ["OwnerTook ceo: override", "tell ann: override"], "ceo"),
    Row(
        "the job may",
        accepted,
        TAKE,
        at(10),
        ["OwnerTook dora: override", "tell ann: override"],
        "dora",
        ("duty-manager",),
    ),
    Row("the job not held at that moment", accepted, TAKE, at(10), RejectReason.NOT_ALLOWED, "dora"),
    Row("the holder may not", accepted, TAKE, at(10), RejectReason.NOT_ALLOWED, "ann"),
    Row(
        "the escalation owner who is away may not",
        partial(accepted, roster=roster(away("boss"))),
        TAKE,
        at(10),
        RejectReason.NOT_ALLOWED,
        "boss",
    ),
    Row("after the end", closed, TAKE, at(80), RejectReason.NOT_OPEN, "boss"),
    Row(
        "taking begins the accepted steps",
        partial(opened, contract=contract(runbook={"accepted": (step(),)})),
        TAKE,
        at(5),
        [
            "offer 1 ends: override",
            "OwnerTook boss: override",
            "tell ann: override",
            "run accepted#1",
            "step accepted#1/0",
        ],
        "boss",
    ),
    Row(
        "give away what another is asked for",
        opened,
        give("carl"),
        at(5),
        [
            "offer 1 ends: override",
            "OwnerReleased ann: override",
            "ladder offer 2 to carl: override",
            "tell carl: offer",
            "tell ann: override",
        ],
        "boss",
    ),
    Row(
        "give away what another holds",
        accepted,
        give("carl"),
        at(10),
        ["OwnerReleased ann: override", "ladder offer 2 to carl: override", "tell carl: offer", "tell ann: override"],
        "boss",
    ),
    Row(
        "give it back to the one who holds it: a fresh offer",
        accepted,
        give("ann"),
        at(10),
        ["OwnerReleased ann: override", "ladder offer 2 to ann: override", "tell ann: offer"],
        "boss",
    ),
    Row(
        "give away what one holds oneself",
        exhausted,
        give("carl"),
        at(250),
        [
            "offer 7 ends: override",
            "OwnerReleased boss: override",
            "ladder offer 8 to carl: override",
            "tell carl: offer",
        ],
        "boss",
    ),
    Row(
        "give away what is resolved",
        resolved,
        give("carl"),
        at(65),
        ["OwnerReleased ann: override", "ladder offer 2 to carl: override", "tell carl: offer", "tell ann: override"],
        "boss",
    ),
    Row("give to nobody", accepted, give(None), at(10), RejectReason.RECEIVER_UNAVAILABLE, "boss"),
    Row("give to nobody known", accepted, give("zoe"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "boss"),
    Row("give to what is no name", accepted, give("Zoe, please"), at(10), RejectReason.RECEIVER_UNAVAILABLE, "boss"),
    Row(
        "the one it was given to does not answer: the escalation owner",
        given_to_carl,
        cmd.Tick(),
        at(70),
        ["offer 2 ends: no_answer", "ladder offer 3 to boss: no_answer", "tell boss: offer"],
    ),
    Row(
        "the one it was given to was never told: the same person again",
        partial(given_to_carl, answers=()),
        cmd.Tick(),
        at(70),
        ["offer 2 ends: not_told", "ladder offer 3 to carl again: not_told", "tell carl: offer", "tell boss: not_told"],
    ),
    Row(
        "never told, as often as the limit allows: the escalation owner",
        given_untold_twice,
        cmd.Tick(),
        at(190),
        ["offer 4 ends: not_told", "ladder offer 5 to boss: not_told", "tell boss: offer"],
    ),
    Row(
        "never told, and away now: the escalation owner",
        given_and_away,
        cmd.Tick(),
        at(70),
        ["offer 2 ends: not_told", "ladder offer 3 to boss: not_told", "tell boss: offer"],
    ),
    Row(
        "no answer, and the escalation owner was asked already in this pass: asked again",
        given_after_boss_was_asked,
        cmd.Tick(),
        at(160),
        ["offer 4 ends: no_answer", "ladder offer 5 to boss: no_answer", "tell boss: offer"],
    ),
    Row(
        "no answer, and the escalation owner is away: the last resort",
        given_while_boss_is_away,
        cmd.Tick(),
        at(70),
        [
            "offer 2 ends: no_answer",
            "skip escalation_owner: absent",
            "exhausted, ceo holds",
            "ladder offer 3 to ceo: last_resort",
            "tell ceo: offer",
        ],
    ),
    Row(
        "the one it was given to passes it up",
        given_to_carl,
        cmd.Escalate(offer=2, text=TEXT),
        at(20),
        ["offer 2 ends: escalated", "ladder offer 3 to boss: escalated", "tell boss: offer"],
        "carl",
    ),
    Row(
        "the one it was given to says no",
        given_to_carl,
        cmd.Reject(offer=2, why="not_mine"),
        at(20),
        ["offer 2 ends: rejected_not_mine", "ladder offer 3 to boss: rejected_not_mine", "tell boss: offer"],
        "carl",
    ),
    Row(
        "close without proof",
        opened,
        shut("no_error"),
        at(5),
        ["EscalationClosed: override", "tell ann: ended"],
        "boss",
    ),
    Row("close without a code", opened, shut(None), at(5), RejectReason.UNKNOWN_CODE, "boss"),
    Row("close with a code of one's own", opened, shut("whatever"), at(5), RejectReason.UNKNOWN_CODE, "boss"),
    Row(
        "close, and the closing steps begin",
        partial(troubled, contract=contract(runbook={"closed": (step(),)})),
        shut("fixed"),
        at(15),
        ["EscalationClosed: override", "tell ann: ended", "run closed#1", "step closed#1/0"],
        "boss",
    ),
    Row("cancel", opened, CANCEL, at(5), ["EscalationCancelled: cancelled", "tell ann: ended"], "boss"),
    Row(
        "cancel in trouble",
        troubled,
        CANCEL,
        at(15),
        ["EscalationCancelled: cancelled", "tell ann: ended"],
        "dora",
        ("duty-manager",),
    ),
    Row(
        "cancel what is resolved",
        resolved,
        CANCEL,
        at(65),
        ["EscalationCancelled: cancelled", "tell ann: ended"],
        "boss",
    ),
    Row("cancel what is exhausted", exhausted, CANCEL, at(250), ["EscalationCancelled: cancelled"], "boss"),
    Row("cancel by the holder", accepted, CANCEL, at(10), RejectReason.NOT_ALLOWED, "ann"),
    Row(
        "the ticket is gone",
        accepted,
        cmd.NoteGone(),
        at(10),
        ["TicketGone: gone", "ExceptionRaised: gone", "exception 1 is boss's: gone", "tell boss: gone"],
    ),
    Row(
        "another template matched: kept",
        accepted,
        cmd.NoteOtherMatch(template="big"),
        at(10),
        ["OtherMatchNoted: other_match"],
    ),
    Row(
        "another template matched after the end",
        closed,
        cmd.NoteOtherMatch(template="big"),
        at(80),
        RejectReason.NOT_OPEN,
    ),
)
def test_override(row: Row) -> None:
    play(row)


def test_the_rationale_is_in_the_record() -> None:
    taken = opened().do(TAKE, "boss").one(ev.OwnerTook)
    assert (taken.text, taken.reason, taken.rule) == (TEXT, Reason.OVERRIDE, "governance#/override_jobs")


def test_what_is_taken_back_from_resolved_runs_its_clock_again() -> None:
    life = resolved()
    life.do(TAKE, "boss", when=at(65))
    assert (life.live.phase, accountable(life.live)) == (Phase.ACCEPTED, "boss")
    assert next_deadline(life.live) == at(480)


def test_the_outcome_that_fell_due_while_resolved_is_missed_once_it_is_open_again() -> None:
    life = resolved()
    life.until(at(500))
    life.do(TAKE, "boss")
    missed = life.tick().one(ev.OutcomeMissed)
    assert (missed.due, missed.remind_at) == (at(480), at(560))


@pytest.mark.parametrize(("command", "phase"), [(shut("fixed"), Phase.CLOSED), (CANCEL, Phase.CANCELLED)])
@pytest.mark.parametrize("given", [opened, accepted, exhausted, handed, troubled, resolved])
def test_the_end_leaves_nothing_open(given: object, command: cmd.Args, phase: Phase) -> None:
    life: Life = given()  # type: ignore[operator]
    assert life.do(command, "boss", when=at(300)).rejected is None
    state = life.live
    assert (state.phase, state.offers, state.exceptions, state.remind_at) == (phase, {}, {}, None)
    assert accountable(state) is None
    assert next_deadline(state) is None


def test_whoever_had_it_last_stands_on_the_closed_ticket() -> None:
    life = accepted()
    life.do(CANCEL, "boss", when=at(10))
    assert life.live.record == ("cancelled", "ann", at(5))


def test_a_given_offer_may_be_accepted() -> None:
    life = given_to_carl()
    assert life.do(cmd.Accept(offer=2, answers=YES), "carl").rejected is None
    assert accountable(life.live) == "carl"


def test_given_again_and_again_it_still_ends_with_the_escalation_owner() -> None:
    life = given_to_carl(contract=contract(repeat=0))
    life.until(at(80))
    assert life.live.offers[3].to == "boss"
    life.do(give("cora"), "dora", when=at(81), jobs=("duty-manager",))
    life.until(at(300))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "boss")


@pytest.mark.parametrize("command", [cmd.Tick(), cmd.Reject(offer=2, why="not_mine")])
def test_the_end_of_a_given_offer_names_the_right_by_which_it_was_given(command: cmd.Args) -> None:
    ended = given_to_carl().do(command, "carl", when=at(70)).one(ev.OfferEnded)
    expected = "governance#/override_jobs" if isinstance(command, cmd.Tick) else "small#/accept"
    assert ended.rule == expected
