"""Decisions on semantics that no other test shows: what takes no time, moves nothing, pages nobody. See the page."""

from __future__ import annotations

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import accountable, next_deadline
from tests.runner.engine.worlds import (
    DESK,
    HOUR,
    MINUTE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    contract,
    handed,
    opened,
    roster,
    turning,
)


def test_a_shift_that_begins_within_the_timebox_takes_nothing_away() -> None:
    """Abe's shift begins at 10:00; ann was asked at 09:00 for two hours."""
    rotations = {
        "desk": turning(("ann", "abe"), "2026-03-02T10:00", zone="UTC"),
        "backup": turning(("ben",), "2026-01-05T00:00", zone="UTC"),
    }
    ladder = (("primary", 2 * HOUR), ("secondary", 30 * MINUTE), ("escalation_owner", 30 * MINUTE))
    life = opened(contract=contract(ladder=ladder), roster=roster(rotations=rotations))
    life.do(cmd.NoteRoster(), when=at(61))
    life.until(at(90))
    assert [offer.to for offer in life.live.offers.values()] == ["ann"]
    assert life.world().on_call(DESK, at(90)) != life.world().on_call(DESK, at(0))
    assert life.do(cmd.Accept(offer=1, answers=YES), "ann").rejected is None


def test_the_next_pass_asks_whoever_is_on_call_then() -> None:
    rotations = {
        "desk": turning(("ann", "abe"), "2026-03-02T10:00", zone="UTC"),
        "backup": turning(("ben",), "2026-01-05T00:00", zone="UTC"),
    }
    life = opened(roster=roster(rotations=rotations))
    life.until(at(120))
    asked = [event.to for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert asked == ["ann", "ben", "boss", "abe"]


def test_a_handoff_moves_neither_the_outcome_nor_the_ladder() -> None:
    life = handed()
    before = life.live
    life.accept("carl")
    after = life.live
    assert (after.outcome_due, after.rung, after.ladder_pass) == (before.outcome_due, before.rung, before.ladder_pass)
    life.do(cmd.Escalate(offer=None, text=TEXT), "carl", when=at(30))
    assert accountable(life.live) == "ben"


def test_a_manager_who_gives_it_accepts_for_nobody_and_does_not_begin_the_ladder_again() -> None:
    life = accepted()
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(30))
    assert (life.live.phase.value, life.live.holder, life.live.accepted_at) == ("offered", None, None)
    life.until(at(90))
    asked = [event.to for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert asked == ["ann", "carl", "boss"]


def test_what_matches_again_pages_nobody() -> None:
    life = accepted()
    before = len(life.events)
    life.do(cmd.NoteOtherMatch(template="other"), when=at(20))
    assert [type(event).__name__ for _, event in life.events[before:]] == ["OtherMatchNoted"]


def test_once_it_is_accepted_nobody_else_is_asked() -> None:
    life = accepted()
    before = len(life.events)
    life.until(at(479))
    assert not [event for _, event in life.events[before:] if isinstance(event, ev.OwnerOffered | ev.DeliveryRequested)]


def test_no_timer_is_kept_beside_the_state() -> None:
    life = handed()
    due = next_deadline(life.live)
    life.reload()
    assert next_deadline(life.live) == due == at(40)


def test_after_years_it_is_still_reminded() -> None:
    life = Life(contract=contract(repeat=0))
    life.open()
    life.until(at(240))
    life.now = at(3 * 365 * 24 * 60)
    life.drain()
    due = next_deadline(life.live)
    assert due is not None
    assert due > life.now
