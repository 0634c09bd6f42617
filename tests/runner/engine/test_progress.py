"""Progress: whatever the holder does counts, silence is reminded once, and then the acceptance lapses."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    contract,
    exhausted,
    hand_over,
    handed,
    handoff,
    opened,
    resolved,
    roster,
    step,
    troubled,
)

WATCHED = contract(progress_within=BoxOf(seconds=HOUR, calendar=None))
PROGRESS = cmd.Progress(text=TEXT)
SHOWN = ["ProgressShown: progress", "ProgressAwaited: progress"]
SILENT = ["ann is silent: no_progress", "tell ann: no_progress", "tell boss: no_progress"]
LAPSED = ["OwnerReleased ann: no_progress", "repeat 0", "ladder offer 2 to ann: no_progress", "tell ann: offer"]


def watched() -> Life:
    """Ann accepted after five minutes; the first hour ends at 65 minutes."""
    return accepted(contract=WATCHED)


def reminded(**changes: object) -> Life:
    """Ann was silent, and reminded at 65 minutes; it lapses at 125."""
    life = accepted(**{"contract": WATCHED, **changes})
    life.until(at(65))
    return life


def lapsing_handoff() -> Life:
    """Ann asked carl at once, who does not answer, and was silent herself until the reminder."""
    life = accepted(contract=contract(progress_within=box(HOUR), handoff=handoff(accept_within=box(3 * HOUR))))
    life.do(hand_over("carl"), "ann", when=at(5))
    life.until(at(65))
    return life


def taken() -> Life:
    """Boss, who is the escalation owner, took it."""
    life = opened(contract=WATCHED)
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(5))
    return life


@table(
    Row("the holder shows it", watched, PROGRESS, at(30), SHOWN, "ann"),
    Row("at the very instant", watched, PROGRESS, at(65), SHOWN, "ann"),
    Row("late, but before anything else", watched, PROGRESS, at(70), SHOWN, "ann"),
    Row("after the reminder", reminded, PROGRESS, at(100), SHOWN, "ann"),
    Row("where it does not lapse", accepted, PROGRESS, at(30), SHOWN[:1], "ann"),
    Row("by somebody else", watched, PROGRESS, at(30), RejectReason.NOT_YOURS, "boss"),
    Row("before accepting", partial(opened, contract=WATCHED), PROGRESS, at(3), RejectReason.NOT_YOURS, "ann"),
    Row("out of exhaustion", partial(exhausted, contract=WATCHED), PROGRESS, at(241), RejectReason.NOT_YOURS, "boss"),
    Row("when resolved", partial(resolved, contract=WATCHED), PROGRESS, at(61), RejectReason.WRONG_STATE, "ann"),
    Row("a minute too early to be late", watched, cmd.Tick(), at(64), []),
    Row("silence is reminded", watched, cmd.Tick(), at(65), SILENT),
    Row("the escalation owner is reminded once", taken, cmd.Tick(), at(65), ["boss is silent: no_progress", SILENT[2]]),
    Row("silence after the reminder", reminded, cmd.Tick(), at(125), [*LAPSED, "tell boss: failover"]),
    Row(
        "another is asked, and the one who lapsed is told",
        partial(reminded, roster=roster(away("ann", at(100)))),
        cmd.Tick(),
        at(125),
        [
            "OwnerReleased ann: no_progress", "repeat 0", "skip primary: absent", "ladder offer 2 to ben: no_progress",
            "tell ben: offer", "tell boss: rung_skipped", "tell ann: released", "tell boss: failover",
        ],
    ),
    Row(
        "with the failover's steps",
        partial(reminded, contract=contract(progress_within=box(HOUR), runbook={"failover": (step("note"),)})),
        cmd.Tick(),
        at(125),
        [*LAPSED, "run failover#1", "step failover#1/0", "tell boss: failover"],
    ),
    Row(
        "an open handoff ends with it",
        lapsing_handoff,
        cmd.Tick(),
        at(125),
        [
            "OwnerReleased ann: no_progress", "offer 2 ends: superseded", "repeat 0",
            "ladder offer 3 to ann: no_progress", "tell ann: offer", "tell boss: failover",
        ],
    ),
)  # fmt: skip
def test_progress(row: Row) -> None:
    play(row)


def test_someone_is_accountable_all_along() -> None:
    life = reminded()
    assert accountable(life.live) == "ann"
    life.until(at(125))
    assert (life.live.phase, accountable(life.live), life.live.holder) == (Phase.OFFERED, "ann", None)
    life.until(at(185))
    assert accountable(life.live) == "ben"


@pytest.mark.parametrize(
    ("word", "life", "args", "actor"),
    [
        ("a handoff", watched, hand_over("carl"), "ann"),
        ("an exception", watched, cmd.RaiseException(exception_class="vendor", text=TEXT), "ann"),
        ("its end", partial(troubled, contract=WATCHED), cmd.EndException(exception=1, text=TEXT), "ann"),
        ("taking a handoff", partial(handed, contract=WATCHED), cmd.Accept(offer=2, answers=YES), "carl"),
        ("taking it as a manager", watched, cmd.Override(action="take", text=TEXT), "boss"),
    ],
)
def test_whatever_the_holder_does_counts(word: str, life: partial[Life], args: cmd.Args, actor: str) -> None:
    found = life()
    found.do(args, actor, when=at(20))
    assert found.live.progress_due == at(80), word


@pytest.mark.parametrize(
    ("word", "args", "actor"),
    [
        ("what is refused", cmd.RaiseException(exception_class="flood", text=TEXT), "ann"),
        ("what another does", cmd.RaiseException(exception_class="vendor", text=TEXT), "boss"),
        ("what the helpdesk says", cmd.NoteOtherMatch(template="big"), "surety:helpdesk"),
    ],
)
def test_anything_else_does_not(word: str, args: cmd.Args, actor: str) -> None:
    life = watched()
    life.do(args, actor, when=at(20))
    assert life.live.progress_due == at(65), word


def test_a_reminder_is_given_again_after_progress() -> None:
    life = reminded()
    life.do(PROGRESS, "ann", when=at(100))
    life.until(at(160))
    missed = [event for _, event in life.events if isinstance(event, ev.ProgressMissed)]
    assert [(event.due, event.lapses_at) for event in missed] == [(at(65), at(125)), (at(160), at(220))]


def test_after_an_outage_it_is_still_reminded_first() -> None:
    """Overdue twice over: the breach is dated when it was due, and the second hour counts from now."""
    life = watched()
    life.now = at(300)
    missed = life.tick().one(ev.ProgressMissed)
    assert (missed.due, missed.lapses_at) == (at(65), at(360))
    assert life.tick().events == ()


def test_the_lapse_is_dated() -> None:
    life = reminded()
    life.now = at(200)
    assert life.tick().one(ev.OwnerReleased).due == at(125)


def test_nothing_lapses_when_resolved_and_again_when_it_is_taken_back() -> None:
    life = resolved(contract=WATCHED)
    assert life.live.progress_due is None
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(90))
    assert life.live.progress_due == at(150)


def test_silence_is_counted_in_business_hours() -> None:
    office = CalendarOf(zone="Europe/Berlin", week=(((540, 1020),),) * 5 + ((), ()), closed=())
    within = BoxOf(seconds=2 * HOUR, calendar="office")
    life = opened(
        contract=contract(progress_within=within, calendars={"office": office}, outcome=200 * HOUR),
        now=datetime(2026, 3, 6, 15, 30, tzinfo=UTC),
    )
    life.accept()
    assert life.live.progress_due == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # Monday, 10:30 in Berlin


def test_an_acceptance_may_lapse_again_and_the_ladder_begins_from_its_first_pass() -> None:
    life = opened(contract=WATCHED)
    life.until(at(240))
    life.accept("boss")
    assert life.live.ladder_pass == 1
    life.until(at(360))
    assert (accountable(life.live), life.live.ladder_pass) == ("ann", 0)
    assert life.live.remind_at is None
