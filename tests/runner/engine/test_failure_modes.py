"""The ten failure modes: each leaves its signal, is met by itself, and stays within its bound."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from runner.contract.nodes import to_plain
from runner.contract.source import load
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.decision import read_decision
from runner.engine.reasons import Reason
from runner.engine.state import accountable, next_deadline
from tests.architecture.project import ROOT
from tests.runner.engine.test_kpis import of
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
    hand_over,
    handoff,
    opened,
    roster,
    without,
)

MONTH = 30 * 24 * 60


def told(life: Life) -> list[tuple[datetime, str, str]]:
    return [(now, event.to, event.about) for now, event in life.events if isinstance(event, ev.DeliveryRequested)]


def test_nobody_is_told_of_the_same_thing_more_often_than_reminders_allow() -> None:
    life = opened()
    life.until(at(MONTH))
    heard: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for now, to, about in told(life):
        if about != "offer":
            heard[to, about].append(now)
    every = timedelta(seconds=life.contract.limits.remind_every)
    reminders = heard["boss", "reminder"]
    assert len(reminders) > 500
    assert all(after - before >= every for before, after in pairwise(reminders))
    assert max(Counter((now, to, about) for now, to, about in told(life)).values()) == 1
    offers = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert sum(about == "offer" for _, _, about in told(life)) == len(offers)
    quiet = accepted()
    before = len(told(quiet))
    quiet.until(at(479))
    assert len(told(quiet)) == before


def test_two_systems_that_disagree_stop_at_the_limit() -> None:
    """The ticket is set to solved again and again, although nothing is proven."""
    life = accepted()
    for hour in range(1, 6):
        life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(60 * hour))
    restored = [event for _, event in life.events if isinstance(event, ev.RestoreRequested)]
    found = [event for _, event in life.events if isinstance(event, ev.VerificationFailed)]
    assert (len(restored), len(found)) == (life.contract.limits.restores_at_most, 5)
    assert life.live.phase.value == "accepted"
    disagreeing = life.facts(record={"x_state": "closed", "x_owner": "ann"})
    refused = life.do(cmd.Resolve(evidence={}, facts=disagreeing), "ann")
    assert "x_state is 'closed', the record says 'accepted'" in refused.detail


def test_a_silent_night_reaches_the_escalation_owner_in_time() -> None:
    life = Life(now=datetime.fromisoformat("2026-03-07T02:00:00+00:00"))
    begin = life.now
    life.open(created_at=begin)
    life.until(begin + timedelta(hours=8))
    known = min(now for now, to, _ in told(life) if to == "boss")
    assert known - begin <= timedelta(seconds=life.contract.limits.manager_knows_within)
    assert accountable(life.live) == "boss"
    assert of(life).counts["failovers"] == 5
    assert [e.reason for _, e in life.events if isinstance(e, ev.OfferEnded)] == [Reason.NO_ANSWER] * 6


def test_whoever_points_at_whom_one_person_answers_for_it() -> None:
    life = accepted(contract=contract(handoff=handoff(at_most=20)))
    answering = [accountable(life.live)]
    for sender, to in (("ann", "carl"), ("carl", "ann"), ("ann", "carl")):
        life.do(hand_over(to), sender)
        answering.append(accountable(life.live))  # the sender until the receiver accepts
        life.accept()
        answering.append(accountable(life.live))
    assert answering == ["ann", "ann", "carl", "carl", "ann", "ann", "boss"]
    bounced = [event for _, event in life.events if isinstance(event, ev.OwnerOffered)][-1]
    assert (bounced.reason, of(life).counts["handoffs"]) == (Reason.BOUNCED, 3)
    decided = life.do(cmd.Override(action="give", text=TEXT, to="cora"), "boss").one(ev.OwnerReleased)
    assert (decided.reason, decided.text) == (Reason.OVERRIDE, TEXT)


def test_the_handoff_after_the_last_goes_to_the_escalation_owner() -> None:
    life = accepted(contract=contract(handoff=handoff(at_most=2)))
    reasons = []
    for to in ("carl", "cora", "dora"):
        offer = life.do(hand_over(to), life.live.holder or "").one(ev.OwnerOffered)
        reasons.append((offer.to, offer.reason))
        life.accept()
    assert reasons == [("carl", "handed_over"), ("cora", "handed_over"), ("boss", "handoff_limit")]
    assert of(life).counts["handoffs"] == 3


@pytest.mark.parametrize(
    ("missing", "answers", "skipped"),
    [
        ((), "ann", 0),
        (("ann",), "ben", 1),
        (("ann", "ben"), "boss", 2),
        (("ann", "ben", "boss"), "ceo", 3),
        (("ann", "ben", "boss", "ceo"), "ceo", 3),
    ],
)
def test_from_the_first_instant_somebody_answers_for_it(missing: tuple[str, ...], answers: str, skipped: int) -> None:
    life = Life(roster=roster(*map(away, missing)))
    life.open(created_at=at(-16))
    named = next(event for _, event in life.events if isinstance(event, ev.OwnersNamed))
    assert (accountable(life.live), named.late_seconds) == (answers, 60)
    assert len(named.absent) == len([name for name in missing if name != "ceo"])
    found = of(life)
    assert (found.counts["skipped"], found.times["time_to_first_owner"]) == (skipped, 16 * 60)
    assert next_deadline(life.live) is not None


def test_a_fight_over_the_status_ends() -> None:
    life = accepted()
    for hour in range(1, 21):
        life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(20 * hour))
    writes = [event for _, event in life.events if isinstance(event, ev.RestoreRequested)]
    assert len(writes) == 2
    assert life.live.holder == "ann"


def test_of_two_who_act_at_once_one_succeeds() -> None:
    life = opened()
    first = life.do(cmd.Accept(offer=1, answers=YES), "ann")
    second = life.do(cmd.Accept(offer=1, answers=YES), "ann")
    rejected = life.do(cmd.Reject(offer=1, why="not_mine"), "ann")
    assert (first.rejected, second.rejected, rejected.rejected) == (None, "offer_ended", "offer_ended")
    late = life.do(cmd.SucceedStep(run="open#9", step=0, attempt=1)).one(ev.ResultIgnored)
    assert (late.reason, life.live.holder) == (Reason.STALE, "ann")


@pytest.mark.parametrize(
    ("word", "answers", "longest"),
    [
        ("everybody is told, nobody acts", ("deliveries", "steps", "writes"), HOUR),
        ("nobody acts after the acceptance either", ("deliveries", "steps", "writes"), 3 * HOUR),
    ],
)
def test_however_silent_people_are_the_runner_is_not(word: str, answers: tuple[str, ...], longest: int) -> None:
    terms = contract(progress_within=box(3 * HOUR))
    life = (accepted if "after" in word else opened)(contract=terms, answers=answers)
    life.until(at(MONTH))
    assert next_deadline(life.live) is not None
    silence = of(life, MONTH).times["longest_silence"]
    assert silence is not None
    assert silence <= longest, word


def test_what_no_channel_takes_is_no_secret() -> None:
    life = without(opened(answers=()), "deliveries")
    life.do(cmd.FailDelivery(delivery=1, why="x"))
    assert [each.exception_class for each in life.live.exceptions.values()] == ["undelivered"]
    assert of(life).counts["undelivered"] == 1
    life.until(at(3 * 24 * 60))
    assert accountable(life.live) == "boss"


def test_every_act_of_a_person_leaves_a_row() -> None:
    life = opened()
    acts: list[tuple[cmd.Args, str]] = [
        (cmd.Accept(offer=1, answers={}), "ann"),
        (cmd.Accept(offer=1, answers=YES), "ben"),
        (cmd.Accept(offer=1, answers=YES), "ann"),
        (cmd.Progress(text=TEXT), "ann"),
        (cmd.Cancel(text=TEXT), "ann"),
    ]
    for args, actor in acts:
        life.do(args, actor)
    rows = [row for row in (read_decision(body) for _, body, _ in life.rows) if row.command.human]
    said = [(row.command.actor, row.command.args.type, (row.rejected or {}).get("reason")) for row in rows]
    assert said == [
        ("ann", "Accept", "checklist_incomplete"),
        ("ben", "Accept", "not_yours"),
        ("ann", "Accept", None),
        ("ann", "Progress", None),
        ("ann", "Cancel", "not_allowed"),
    ]
    assert all(event.rule and event.reason for row in rows for event in row.events)
    assert life.replay().verdict == "identical"


def test_the_page_says_the_bounds_that_are_shipped() -> None:
    page = (ROOT / "docs" / "failure-modes.md").read_text(encoding="utf-8")
    root = load((ROOT / "policies" / "limits.yaml").read_bytes(), "limits.yaml").root
    assert root is not None
    limits = to_plain(root)
    assert isinstance(limits, dict)
    said = set(re.findall(r"`(\w+)` \((\w+)\)", page))
    assert {name for name, _ in said} >= {"remind_every", "restores_at_most", "manager_knows_within", "named_within"}
    assert said == {(name, str(limits[name])) for name, _ in said}
