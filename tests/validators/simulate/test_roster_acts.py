"""Scenarios in which the roster changes while an escalation is open: what it takes away, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runner.contract.roster_form import AbsenceOf
from runner.engine.overlay import AbsenceEntry, OverlayRefused
from runner.engine.replay import Verdict, replay
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.validators.repositories import complaints, revision, tried
from validators.simulate.simulation import Simulation

T0 = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
BILLING: dict[str, object] = {"type": "billing", "account.tier": "enterprise", "priority": "high", "status": "new"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            """
            acts: [{at: "09:30", do: absent, who: anna-keller, until: "17:00"}]
            expect: [{at: "09:30", owner: tomasz-nowak, reason: absent, recorded: [absent]}]
            """,
            id="who is asked goes away",
        ),
        pytest.param(
            """
            acts: [{at: "09:30", do: absent, who: tomasz-nowak, until: "17:00"}]
            expect:
              - {at: "09:30", owner: anna-keller}
              - {at: "11:00", owner: miriam-okafor, reason: no_answer, recorded: [absent, no_answer]}
            """,
            id="who would have been next is away when it comes to that",
        ),
        pytest.param(
            """
            absences: [{person: anna-keller, from: "10:15", until: "17:00"}]
            expect:
              - {at: "10:14:59", owner: anna-keller}
              - {at: "10:15", owner: tomasz-nowak, reason: absent}
            """,
            id="an absence that is known in advance begins",
        ),
        pytest.param(
            """
            acts:
              - {at: "09:10", do: accept, by: anna-keller}
              - {at: "09:30", do: absent, who: anna-keller, until: "17:00"}
            expect: [{at: "09:30", state: offered, owner: tomasz-nowak, reason: absent}]
            """,
            id="the holder goes away",
        ),
        pytest.param(
            """
            acts:
              - {at: "09:30", do: absent, who: anna-keller, until: "17:00"}
              - {at: "09:40", do: back, who: anna-keller}
              - {at: "09:45", do: reject, by: tomasz-nowak, why: no_capacity}
            expect:
              - {at: "09:40", owner: tomasz-nowak}
              - {at: "09:45", owner: miriam-okafor}
              - {at: "12:00", owner: anna-keller, reason: repeated}
            """,
            id="who comes back gets nothing back, and is asked again in the next pass",
        ),
        pytest.param(
            """
            acts:
              - at: "08:30"
                do: swap
                who: sofia-rossi
                rotation: accounting
                instead_of: anna-keller
                until: "17:00"
            expect: [{at: "09:00", owner: sofia-rossi, reason: first_rung}]
            """,
            id="a swap counts for what opens later",
        ),
        pytest.param(
            """
            acts: [{at: "08:30", do: swap, who: sofia-rossi, rotation: accounting, until: "09:00"}]
            expect: [{at: "09:00", owner: anna-keller}]
            """,
            id="an hour is over at its end",
        ),
        pytest.param(
            """
            acts: [{at: "08:30", do: swap, who: sofia-rossi, rotation: accounting, until: "09:00:01"}]
            expect: [{at: "09:30", owner: sofia-rossi}]
            """,
            id="a shift that ends takes no offer away",
        ),
        pytest.param(
            """
            acts:
              - {at: "09:30", do: absent, who: anna-keller, until: "09:00", refused: ends_before_it_begins}
              - {at: "09:30", do: back, who: anna-keller, refused: unknown_entry}
            expect: [{at: "09:30", owner: anna-keller}]
            """,
            id="what makes no sense is refused",
        ),
    ],
)
def test_a_scenario_with_a_roster_that_changes(body: str) -> None:
    result = tried(body)
    assert result.passed, complaints(result)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            'acts: [{at: "09:30", do: absent, who: anna-keller, until: "09:00"}]',
            "SUR604 an act went otherwise at Tue 2026-03-03 09:30:00: expected `absent` to make sense; got refused",
        ),
        (
            'acts: [{at: "09:30", do: absent, who: anna-keller, until: "10:00", refused: overlaps}]',
            "expected `absent` to be refused as overlaps; got no refusal",
        ),
        ('acts: [{at: "09:30", do: absent, who: nobody, until: "10:00"}]', "SUR601 there is no person `nobody`"),
        (
            'acts: [{at: "09:30", do: swap, who: anna-keller, rotation: acounting, until: "10:00"}]',
            "SUR601 there is no rotation `acounting`",
        ),
    ],
)
def test_an_act_that_goes_otherwise_is_a_failure(body: str, complaint: str) -> None:
    found = complaints(tried(f'{body}\nexpect: [{{at: "09:30", state: offered}}]'))
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("act", "key"),
    [("do: absent, who: a", "until"), ("do: back", "who"), ('do: swap, who: a, until: "10:00"', "rotation")],
)
def test_an_act_says_all_that_it_needs(act: str, key: str) -> None:
    with pytest.raises(AssertionError, match=f"needs `{key}`"):
        tried(f'acts: [{{at: "09:30", {act}}}]\nexpect: [{{at: "09:30", state: offered}}]')


def test_every_decision_replays_under_the_roster_of_its_time() -> None:
    simulation = Simulation(revision())
    simulation.create("T-1", dict(BILLING), T0)
    later = T0 + timedelta(minutes=30)
    simulation.enter(AbsenceEntry(person="anna-keller", start=later, end=later + timedelta(hours=1)), later)
    simulation.run(T0 + timedelta(days=2), including=True)
    life = simulation.lives["T-1/1"]
    rows = [(each.seq, each.body, each.hash) for each in life.decisions]
    rosters = simulation.rosters.by_digest
    verdict = replay(rows, lambda _: life.contract, lambda digest, _t, now: RosterWorld(now, rosters[digest], zone))
    assert verdict.verdict is Verdict.IDENTICAL
    assert len(rosters) == 2
    with pytest.raises(OverlayRefused):
        simulation.back("anna-keller", T0 + timedelta(days=2))


def test_absences_that_are_known_count_under_a_digest_of_their_own() -> None:
    plain = Simulation(revision())
    away = Simulation(revision(), [AbsenceOf(person="anna-keller", start=T0, end=T0 + timedelta(hours=1))])
    assert plain.rosters.stamp.roster != away.rosters.stamp.roster
