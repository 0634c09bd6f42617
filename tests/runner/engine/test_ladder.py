"""The ladder: timeouts, failover, repeats, exhaustion, reminders, people not told, and changes of roster."""

from __future__ import annotations

from functools import partial

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.state import Phase, accountable, next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    DAY,
    GHOST,
    HOUR,
    Life,
    accepted,
    at,
    away,
    contract,
    exhausted,
    hand_over,
    limits,
    opened,
    resolved,
    roster,
    step,
)

TICK = cmd.Tick()
TO_BEN = ["offer 1 ends: no_answer", "ladder offer 2 to ben: no_answer", "tell ben: offer", "tell boss: failover"]


def asked_last(**changes: object) -> Life:
    """Boss is asked, in the first pass."""
    life = opened(**changes)
    life.until(at(90))
    return life


def second_pass(**changes: object) -> Life:
    """Boss is asked, in the last pass."""
    life = opened(**changes)
    life.until(at(210))
    return life


def resolved_by_boss(**changes: object) -> Life:
    """Boss took it and has proven the outcome after an hour."""
    life = accepted(**changes)
    life.do(cmd.Override(action="take", text="b" * 64), "boss", when=at(10))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "boss", when=at(60))
    return life


def untold(**changes: object) -> Life:
    """No message was ever taken."""
    return opened(answers=("steps", "writes"), **changes)


def untold_twice(**changes: object) -> Life:
    life = untold(**changes)
    life.until(at(120))
    return life


def moved(life_of: object, *absences: object, **changes: object) -> Life:
    """The same life after the roster changed."""
    life: Life = life_of(**changes)  # type: ignore[operator]
    life.roster = roster(*absences)  # type: ignore[arg-type]
    return life


@table(
    Row("a second early, nothing", opened, TICK, at(60, seconds=-1), []),
    Row("at the instant it falls due", opened, TICK, at(60), TO_BEN),
    Row("hours late, one rung at a time", opened, TICK, at(600), TO_BEN),
    Row(
        "the failover steps begin once the next was asked",
        partial(opened, contract=contract(runbook={"failover": (step("notify", who="previous_owner"),)})),
        TICK,
        at(60),
        [*TO_BEN, "run failover#1", "step failover#1/0 for ann"],
    ),
    Row(
        "the end of the first pass",
        asked_last,
        TICK,
        at(120),
        [
            "offer 3 ends: no_answer",
            "repeat 1",
            "ladder offer 4 to ann: repeated",
            "tell ann: offer",
            "tell boss: failover",
        ],
    ),
    Row(
        "the end of the last pass",
        second_pass,
        TICK,
        at(240),
        ["offer 6 ends: no_answer", "exhausted, boss holds", "ladder offer 7 to boss: ladder_end", "tell boss: offer"],
    ),
    Row(
        "no repeat was wanted",
        partial(asked_last, contract=contract(repeat=0)),
        TICK,
        at(120),
        ["offer 3 ends: no_answer", "exhausted, boss holds", "ladder offer 4 to boss: ladder_end", "tell boss: offer"],
    ),
    Row("exhausted: told again and again", exhausted, TICK, at(300), ["Reminded: still_open", "tell boss: reminder"]),
    Row(
        "accepted: silence until the outcome is due",
        accepted,
        TICK,
        at(479),
        [],
    ),
    Row(
        "the outcome's own time passes",
        accepted,
        TICK,
        at(480),
        ["OutcomeMissed: outcome_overdue", "tell boss: outcome_overdue"],
    ),
    Row(
        "resolved, not closed: the holder is told too",
        resolved,
        TICK,
        at(120),
        ["Reminded: still_open", "tell boss: reminder", "tell ann: reminder"],
    ),
    Row(
        "resolved by the escalation owner: one reminder",
        resolved_by_boss,
        TICK,
        at(120),
        ["Reminded: still_open", "tell boss: reminder"],
    ),
    Row(
        "nobody could be told: the rung is tried again",
        untold,
        TICK,
        at(60),
        ["offer 1 ends: not_told", "ladder offer 2 to ann again: not_told", "tell ann: offer", "tell boss: not_told"],
    ),
    Row(
        "untold beyond the limit: the next rung",
        untold_twice,
        TICK,
        at(180),
        ["offer 3 ends: not_told", "ladder offer 4 to ben: not_told", "tell ben: offer", "tell boss: failover"],
    ),
    Row(
        "no retries at all",
        partial(untold, contract=contract(limits=limits(untold_retries=0))),
        TICK,
        at(60),
        ["offer 1 ends: not_told", "ladder offer 2 to ben: not_told", "tell ben: offer", "tell boss: failover"],
    ),
    Row(
        "tried again, the rung means who stands there now",
        partial(untold, now=at(6 * 24 * 60 - 61)),  # a minute before the handover at 09:00 in Berlin
        TICK,
        at(6 * 24 * 60),
        ["offer 1 ends: not_told", "ladder offer 2 to abe again: not_told", "tell abe: offer", "tell boss: not_told"],
    ),
    Row(
        "tried again, and nobody stands there any more",
        partial(moved, untold, away("ann")),
        TICK,
        at(60),
        [
            "offer 1 ends: not_told",
            "skip primary: absent",
            "ladder offer 2 to ben: not_told",
            "tell ben: offer",
            "tell boss: rung_skipped",
            "tell boss: failover",
        ],
    ),
    Row(
        "the next rung went away meanwhile",
        partial(moved, opened, away("ben")),
        TICK,
        at(60),
        ["offer 1 ends: no_answer", "skip secondary: absent", "ladder offer 2 to boss: no_answer", "tell boss: offer"],
    ),
    Row(
        "exhausted, and the escalation owner is another now: that person gets the offer",
        partial(moved, exhausted, away("boss")),
        TICK,
        at(300),
        [
            "Reminded: still_open",
            "offer 7 ends: roster_moved",
            "ladder offer 8 to ceo: roster_moved",
            "tell ceo: offer",
        ],
    ),
)
def test_time_passes(row: Row) -> None:
    play(row)


def test_the_breach_is_dated_when_it_fell_due_and_the_next_timebox_starts_now() -> None:
    life = opened()
    outcome = life.tick(at(600))
    assert outcome.one(ev.OfferEnded).due == at(60)
    assert outcome.one(ev.OwnerOffered).due == at(630)


def test_what_is_overdue_is_handled_oldest_first() -> None:
    life = opened(contract=contract(outcome=2 * HOUR, runbook={"open": (step(),)}), answers=("deliveries", "writes"))
    life.now = at(600)
    firsts = [outcome.story[0] for outcome in life.drain()]
    assert firsts == ["step open#1/0 fails: timed_out", "offer 1 ends: no_answer", "OutcomeMissed: outcome_overdue"]


def test_offers_come_before_other_deadlines_of_the_same_instant() -> None:
    life = opened(contract=contract(outcome=HOUR))
    life.now = at(60)
    assert [outcome.story[0] for outcome in life.drain()] == [
        "offer 1 ends: no_answer",
        "OutcomeMissed: outcome_overdue",
    ]


def test_two_extra_passes_mean_three_passes() -> None:
    life = opened(contract=contract(repeat=2))
    life.until(at(60 * 24))
    offers = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert [offer.to for offer in offers] == ["ann", "ben", "boss"] * 3 + ["boss"]
    assert life.live.phase is Phase.EXHAUSTED


def test_the_exhausted_are_reminded_for_ever() -> None:
    life = exhausted()
    life.until(at(3 * 24 * 60))
    reminded = [now for now, event in life.events if isinstance(event, ev.Reminded)]
    assert len(reminded) > 60
    assert accountable(life.live) == "boss"
    assert next_deadline(life.live) is not None


def test_the_missed_outcome_is_told_again_whoever_holds_it() -> None:
    life = accepted()
    life.until(at(600))
    told = [(now, event.about) for now, event in life.events if isinstance(event, ev.DeliveryRequested)][1:]
    assert told == [(at(480), "outcome_overdue"), (at(540), "reminder"), (at(600), "reminder")]


def test_accepting_out_of_exhaustion_ends_the_reminders_until_the_outcome_is_due() -> None:
    life = exhausted()
    assert life.accept().story == ["boss accepts 7: accepted"]
    assert life.live.remind_at is None
    assert next_deadline(life.live) == at(480)


def test_being_told_late_counts_when_the_timebox_ends() -> None:
    life = untold()
    life.do(cmd.Deliver(delivery=1, channel="mail"), when=at(59))
    assert life.live.offers[1].told
    assert life.tick(at(60)).story == TO_BEN


def test_a_failed_message_does_not_count_as_told() -> None:
    life = untold()
    outcome = life.do(cmd.FailDelivery(delivery=1, why="no channel"), when=at(2))
    assert outcome.story[0] == "DeliveryFailed: undelivered"
    assert outcome.story[-1] == "tell boss: undelivered"
    assert life.tick(at(60)).story[0] == "offer 1 ends: not_told"


def test_trying_again_is_bounded_even_if_nobody_can_ever_be_told() -> None:
    life = untold()
    life.until(at(60 * 24))
    offers = [event for _, event in life.events if isinstance(event, ev.OwnerOffered) and event.due is not None]
    assert len(offers) == 2 * 3 * 3  # two passes, three rungs, one try and two more
    assert life.live.phase is Phase.EXHAUSTED


def test_a_pass_in_which_nobody_could_be_asked_is_not_repeated() -> None:
    life = accepted()
    life.roster = roster(away("ben"), away("boss"), away("abe"), away("ann"))
    outcome = life.do(cmd.Escalate(offer=None, text="b" * 64), "ann", when=at(10))
    assert outcome.story == [
        "OwnerReleased ann: escalated",
        "skip secondary: absent",
        "skip escalation_owner: absent",
        "repeat 1",  # ann was asked in this pass, so it is repeated
        "skip primary: absent",
        "skip secondary: absent",
        "skip escalation_owner: absent",
        "exhausted, ceo holds",
        "ladder offer 2 to ceo: last_resort",
        "tell ceo: offer",
    ]
    assert life.live.phase is Phase.EXHAUSTED


def test_a_year_late_is_caught_up_in_order() -> None:
    life = opened()
    life.now = at(0) + 365 * (at(24 * 60) - at(0))
    first = life.drain()
    assert first[0].story[0] == "offer 1 ends: no_answer"
    assert [outcome.events[0].reason for outcome in first] == [Reason.NO_ANSWER, Reason.OUTCOME_OVERDUE]
    assert life.live.offers[2].due == life.now + (at(30) - at(0))


def test_the_holder_is_reminded_of_nothing_while_time_is_left() -> None:
    life = accepted(contract=contract(outcome=3 * DAY))
    life.do(hand_over("carl"), "ann", when=at(20))
    life.accept()
    assert life.until(at(60 * 24 * 2)) == []


def test_the_message_about_a_skipped_rung_says_why_and_by_which_rule() -> None:
    skipped = Life(contract(owners={"primary": GHOST}))
    told = [e for e in skipped.open().events if isinstance(e, ev.DeliveryRequested) and e.about == "rung_skipped"]
    assert [(e.to, e.reason, e.rule) for e in told] == [("boss", Reason.UNKNOWN_REF, "small#/owners/primary")]


def test_escalating_names_the_rule_of_the_next_rung() -> None:
    life = accepted()
    outcome = life.do(cmd.Escalate(offer=None, text="b" * 64), "ann", when=at(10))
    assert outcome.one(ev.OwnerReleased).rule == "small#/owners/secondary"
    asked = opened()
    ended = asked.do(cmd.Escalate(offer=1, text="b" * 64), "ann", when=at(10)).one(ev.OfferEnded)
    assert (ended.reason, ended.rule) == (Reason.ESCALATED, "small#/owners/secondary")


def test_the_last_resort_stands_in_by_the_rule_of_governance() -> None:
    life = Life(roster=roster(away("ann"), away("ben"), away("boss")))
    outcome = life.open()
    found = [(e.reason, e.rule) for e in outcome.events if isinstance(e, ev.LadderExhausted | ev.OwnerOffered)]
    assert found == [(Reason.LAST_RESORT, "governance#/last_resort")] * 2


def test_an_exhausted_ladder_whose_escalation_owner_is_there_names_the_last_rung() -> None:
    found = [(e.reason, e.rule) for _, e in exhausted().events if isinstance(e, ev.LadderExhausted)]
    assert found == [(Reason.LADDER_END, "small#/owners/escalation_owner")]
