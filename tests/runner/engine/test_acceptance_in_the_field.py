"""What went wrong in the field around accepting: both orders of one instant, two presses, nobody there, long pauses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, WaitingOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable, next_deadline
from tests.runner.engine.worlds import (
    DAY,
    GHOST,
    HOUR,
    PEOPLE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    contract,
    exhausted,
    opened,
    roster,
)

ACCEPT = cmd.Accept(offer=1, answers=YES)


def test_an_acceptance_at_the_instant_of_the_deadline_that_is_decided_first_counts_as_in_time() -> None:
    life = opened()
    taken = life.do(ACCEPT, "ann", when=at(60)).one(ev.OfferAccepted)
    assert (taken.reason, taken.late_seconds) == (Reason.ACCEPTED, 0)
    assert life.tick(at(60)).events == ()
    assert (life.live.phase, accountable(life.live)) == (Phase.ACCEPTED, "ann")


def test_an_acceptance_at_the_instant_of_the_deadline_that_is_decided_second_is_told_whose_it_is() -> None:
    life = opened()
    life.tick(at(60))
    late = life.do(ACCEPT, "ann", when=at(60))
    assert (late.rejected, accountable(life.live)) == (RejectReason.OFFER_ENDED, "ben")
    assert "ben" in late.detail


@pytest.mark.parametrize("order", list(itertools.permutations(("accept", "unaccept", "tick"))))
def test_in_any_order_there_is_one_outcome_and_one_owner(order: tuple[str, ...]) -> None:
    life = opened()
    for each in order:
        if each == "accept":
            life.do(ACCEPT, "ann", when=at(60))
        elif each == "unaccept":
            life.do(cmd.Unaccept(), "ann", when=at(60))
        else:
            life.tick(at(60))
        assert accountable(life.live) is not None
        assert sum(offer.purpose == "ladder" for offer in life.live.offers.values()) <= 1


@pytest.mark.parametrize("holder", [True, False])
def test_escalate_now_pressed_twice_asks_one_more_person_and_no_two(holder: bool) -> None:
    life = accepted() if holder else opened()
    press = cmd.Escalate(offer=None if holder else 1, text=TEXT)
    assert life.do(press, "ann", when=at(6)).rejected is None
    again = life.do(press, "ann", when=at(6))
    assert again.rejected is (RejectReason.NOT_YOURS if holder else RejectReason.OFFER_ENDED)
    offered = [event.to for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert (offered, accountable(life.live)) == (["ann", "ben"], "ben")


def test_a_rung_that_resolves_to_nobody_is_skipped_at_once_and_told() -> None:
    life = Life(contract(owners={"secondary": GHOST}))
    life.open()
    story = life.tick(at(60)).story
    assert story == [
        "offer 1 ends: no_answer",
        "skip secondary: unknown_ref",
        "ladder offer 2 to boss: no_answer",
        "tell boss: offer",
    ]


def test_a_ladder_that_resolves_to_nobody_is_the_last_resorts_at_once() -> None:
    life = Life(contract(owners={"primary": GHOST, "secondary": GHOST, "escalation_owner": GHOST}))
    life.open()
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "ceo")
    assert next_deadline(life.live) is not None


def test_the_holder_who_waits_and_goes_away_does_not_take_the_wait_along() -> None:
    life = accepted(contract=contract(waiting=WaitingOf(at_most=box(DAY), then="owner")))
    life.do(cmd.Wait(for_="customer", text=TEXT), "ann", when=at(10))
    life.roster = roster(away("ann", at(20)))
    life.do(cmd.NoteRoster(), when=at(20))
    assert (life.live.phase, accountable(life.live), life.live.waiting) == (Phase.OFFERED, "ben", None)
    assert life.live.outcome_due == at(490)


@given(
    acts=st.lists(
        st.sampled_from(("wait", "resume", "changed", "accept", "escalate", "snooze", "raise", "tick", "gone", "back")),
        max_size=12,
    ),
    missing=st.sets(st.sampled_from(sorted(PEOPLE)), max_size=8),
    at_most=st.sampled_from((60, HOUR, DAY)),
    then=st.sampled_from(("owner", "escalation_owner")),
    step=st.sampled_from((1, 599, HOUR)),
)
def test_a_paused_chain_always_goes_on(acts: list[str], missing: set[str], at_most: int, then: str, step: int) -> None:
    """Whatever happens meanwhile: while it waits there is an end of it, and once that has come it waits no more."""
    terms = contract(waiting=WaitingOf(at_most=BoxOf(seconds=at_most, calendar=None), then=then), outcome=4 * HOUR)  # type: ignore[arg-type]
    life = accepted(contract=terms)
    for number, each in enumerate(acts):
        life.roster = roster(*map(away, sorted(missing))) if number % 3 == 2 else roster()
        when = at(10, seconds=number * step)
        holder = life.live.holder or accountable(life.live) or "boss"
        given: dict[str, tuple[cmd.Args, str]] = {
            "wait": (cmd.Wait(for_="customer", text=TEXT), holder),
            "resume": (cmd.Resume(), holder),
            "changed": (cmd.NoteChanged(fields=("x",)), "surety:helpdesk"),
            "accept": (cmd.Accept(offer=max(life.live.offers, default=0), answers=YES), holder),
            "escalate": (cmd.Escalate(offer=None, text=TEXT), holder),
            "snooze": (cmd.Snooze(until=at(2000), text=TEXT), "boss"),
            "raise": (cmd.RaiseException(exception_class="vendor", text=TEXT), holder),
            "tick": (cmd.Tick(), "surety:clock"),
            "gone": (cmd.NoteGone(), "surety:helpdesk"),
            "back": (cmd.NoteBack(), "surety:helpdesk"),
        }
        life.do(*given[each], when=when)
        wait = life.live.waiting
        assert (wait is not None) == (life.live.phase is Phase.WAITING)
        due = next_deadline(life.live)
        assert due is not None
        assert wait is None or due <= wait.until
    if life.live.waiting is not None:
        life.until(max(life.now, life.live.waiting.until))
    assert life.live.phase is not Phase.WAITING
    assert life.live.waited <= at_most


def test_a_reminder_put_off_comes_also_when_nobody_is_left() -> None:
    life = exhausted()
    life.do(cmd.Snooze(until=at(600), text=TEXT), "boss", when=at(250))
    life.roster = roster(*map(away, PEOPLE))
    life.until(at(600))
    assert any(isinstance(event, ev.Reminded) for now, event in life.events if now == at(600))
