"""A roster that changes: whoever is away or gone is asked no more, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.roster_form import AbsenceOf, OverrideOf, PersonOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.replay import Verdict
from runner.engine.state import Phase, accountable
from runner.engine.words import in_words
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    PEOPLE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    contract,
    exhausted,
    handed,
    opened,
    resolved,
    roster,
    troubled,
    turning,
)

NOTE = cmd.NoteRoster()


def off(*people: str, minutes: float = 20, hours: float = 48) -> tuple[AbsenceOf, ...]:
    """People who are away from this minute on."""
    return tuple(away(person, at(minutes), hours) for person in people)


def after(make: Callable[..., Life], *absences: AbsenceOf, without: tuple[str, ...] = (), **changes: Any) -> Life:
    """A life whose roster is another one from now on; `without` are those who have left the company."""
    life = make()
    people = {name: PersonOf(jobs=jobs) for name, jobs in PEOPLE.items() if name not in without}
    plain: dict[str, Any] = {"people": people, **changes}
    life.roster = roster(*absences, **plain)
    return life


def troubled_by(name: str = "vendor") -> Callable[[], Life]:
    return lambda: troubled(name)


def owning() -> Life:
    """Carl owns the vendor's trouble."""
    life = troubled()
    life.do(cmd.Accept(offer=life.live.offer_count, answers=YES), "carl", when=at(15))
    return life


def given_away() -> Life:
    """Dora has given it to cora."""
    life = accepted()
    life.do(cmd.Override(action="give", text=TEXT, to="cora"), "dora", when=at(10), jobs=("duty-manager",))
    return life


def stood_in() -> Life:
    """Boss is away, so ceo holds what nobody accepted."""
    return after(exhausted, *off("boss", minutes=-60))


def with_stand_in() -> dict[str, Any]:
    """Ann's own substitute is cora, hers is dora, and hers is ann again."""
    jobs = {name: PersonOf(jobs=each) for name, each in PEOPLE.items()}
    chain = {"ann": "cora", "cora": "dora", "dora": "ann"}
    return {"people": {name: each.model_copy(update={"substitute": chain.get(name)}) for name, each in jobs.items()}}


PASSED = ["ladder offer 2 to ben: absent", "tell ben: offer", "tell boss: failover"]
ASKED_ANEW = ["repeat 0", "ladder offer 2 to ben: absent", "tell ben: offer", "tell ann: released"]


@table(
    Row(
        "who is offered the first rung is away",
        lambda: after(opened, *off("ann")),
        NOTE,
        at(20),
        ["offer 1 ends: absent", *PASSED],
    ),
    Row("not yet", lambda: after(opened, *off("ann", minutes=21)), NOTE, at(20), []),
    Row("no more", lambda: after(opened, *off("ann", minutes=10, hours=0.1)), NOTE, at(20), []),
    Row("others are away", lambda: after(opened, *off("abe", "carl", "dora")), NOTE, at(20), []),
    Row(
        "who is asked has left the company",
        lambda: after(opened, without=("ann",)),
        NOTE,
        at(20),
        ["offer 1 ends: unknown_ref", "ladder offer 2 to ben: unknown_ref", "tell ben: offer", "tell boss: failover"],
    ),
    Row(
        "a substitute stands in on the same rung",
        lambda: after(opened, *off("ann"), **with_stand_in()),
        NOTE,
        at(20),
        ["offer 1 ends: absent", "ladder offer 2 to cora: absent", "tell cora: offer", "tell boss: failover"],
    ),
    Row(
        "the first stand-in is away as well",
        lambda: after(opened, *off("ann", "cora"), **with_stand_in()),
        NOTE,
        at(20),
        ["offer 1 ends: absent", "ladder offer 2 to dora: absent", "tell dora: offer", "tell boss: failover"],
    ),
    Row(
        "the chain of stand-ins goes in a circle",
        lambda: after(opened, *off("ann", "cora", "dora"), **with_stand_in()),
        NOTE,
        at(20),
        ["offer 1 ends: absent", *PASSED],
    ),
    Row(
        "everybody below the escalation owner is away",
        lambda: after(opened, *off("ann", "ben")),
        NOTE,
        at(20),
        [
            "offer 1 ends: absent",
            "skip secondary: absent",
            "ladder offer 2 to boss: absent",
            "tell boss: offer",
        ],
    ),
    Row(
        "the last of the ladder is away, and the ladder begins again",
        lambda: after(until_boss, *off("boss", minutes=100)),
        NOTE,
        at(100),
        [
            "offer 3 ends: absent",
            "repeat 1",
            "ladder offer 4 to ann: repeated",
            "tell ann: offer",
            "tell ceo: failover",
        ],
    ),
    Row(
        "the holder is away",
        lambda: after(accepted, *off("ann")),
        NOTE,
        at(20),
        ["OwnerReleased ann: absent", *ASKED_ANEW, "tell boss: failover"],
    ),
    Row(
        "the holder has left the company, and is not told",
        lambda: after(accepted, without=("ann",)),
        NOTE,
        at(20),
        [
            "OwnerReleased ann: unknown_ref",
            "repeat 0",
            "ladder offer 2 to ben: unknown_ref",
            "tell ben: offer",
            "tell boss: failover",
        ],
    ),
    Row(
        "somebody stands in for the holder",
        lambda: after(accepted, *off("ann"), **with_stand_in()),
        NOTE,
        at(20),
        [
            "OwnerReleased ann: absent",
            "repeat 0",
            "ladder offer 2 to cora: absent",
            "tell cora: offer",
            "tell ann: released",
            "tell boss: failover",
        ],
    ),
    Row(
        "the holder from the last rung is away: it begins at the first",
        lambda: after(held_by_boss, *off("boss", minutes=100)),
        NOTE,
        at(100),
        [
            "OwnerReleased boss: absent",
            "repeat 0",
            "ladder offer 4 to ann: absent",
            "tell ann: offer",
            "tell boss: released",
            "tell ceo: failover",
        ],
    ),
    Row(
        "the holder is away while a handoff waits",
        lambda: after(handed, *off("ann")),
        NOTE,
        at(20),
        [
            "OwnerReleased ann: absent",
            "offer 2 ends: superseded",
            "repeat 0",
            "ladder offer 3 to ben: absent",
            "tell ben: offer",
            "tell ann: released",
            "tell boss: failover",
        ],
    ),
    Row("who accepted although away goes on", lambda: after(accepted, *off("ann", minutes=4)), NOTE, at(20), []),
    Row(
        "the holder of what is resolved is away",
        lambda: after(resolved, *off("ann", minutes=65)),
        NOTE,
        at(65),
        ["OwnerAway: absent", "tell boss: owner_away"],
    ),
    Row(
        "the receiver of a handoff is away",
        lambda: after(handed, *off("carl")),
        NOTE,
        at(20),
        ["offer 2 ends: absent", "tell ann: returned", "tell boss: returned"],
    ),
    Row(
        "the receiver of a handoff has left the company",
        lambda: after(handed, without=("carl",)),
        NOTE,
        at(20),
        ["offer 2 ends: unknown_ref", "tell ann: returned", "tell boss: returned"],
    ),
    Row(
        "whom a manager gave it is away",
        lambda: after(given_away, *off("cora")),
        NOTE,
        at(20),
        ["offer 2 ends: absent", "ladder offer 3 to boss: absent", "tell boss: offer"],
    ),
    Row(
        "the path owner who is asked is away",
        lambda: after(troubled_by(), *off("carl")),
        NOTE,
        at(20),
        ["offer 2 ends: absent", "exception 1 is boss's: absent", "tell boss: exception"],
    ),
    Row(
        "the path owner who took it is away",
        lambda: after(owning, *off("carl")),
        NOTE,
        at(20),
        ["exception 1 is boss's: absent", "tell boss: exception"],
    ),
    Row("a path owner is not away", lambda: after(owning, *off("cora")), NOTE, at(20), []),
    Row(
        "the escalation owner, who owns the recovery, is away",
        lambda: after(troubled_by("lost"), *off("boss")),
        NOTE,
        at(20),
        ["exception 1 is ceo's: absent", "tell ceo: exception"],
    ),
    Row(
        "nobody but the last resort is left for the recovery, and is away as well",
        lambda: after(recovered_by_ceo, *off("boss", "ceo", minutes=5)),
        NOTE,
        at(30),
        [],
    ),
    Row(
        "the substitute is away: the next one is named",
        lambda: after(opened, *off("ben")),
        NOTE,
        at(20),
        ["substitute now: boss"],
    ),
    Row(
        "the only substitute left is the one there is",
        lambda: after(opened, *off("ben", "boss", "ceo", minutes=-5)),
        NOTE,
        at(20),
        ["substitute now: ceo"],
    ),
    Row(
        "nobody accepted, and the escalation owner is away",
        lambda: after(exhausted, *off("boss", minutes=250)),
        NOTE,
        at(250),
        ["offer 7 ends: roster_moved", "ladder offer 8 to ceo: roster_moved", "tell ceo: offer"],
    ),
    Row("nobody accepted, and others are away", lambda: after(exhausted, *off("ann", "ben")), NOTE, at(250), []),
)
def test_a_change_of_the_roster(row: Row) -> None:
    life = play(row)
    before = len(life.rows)
    assert not life.do(NOTE).events, "told again, nothing follows"
    assert len(life.rows) == before
    assert life.live.phase.over or accountable(life.live)


def until_boss() -> Life:
    """Ann and ben did not answer; boss is asked since 90 minutes."""
    life = opened()
    life.until(at(95))
    return life


def held_by_boss() -> Life:
    life = until_boss()
    life.accept()
    return life


def recovered_by_ceo() -> Life:
    """Boss has been away for long, so that the last resort owns what nobody could be asked for."""
    life = accepted()
    life.roster = roster(*off("boss", minutes=5))
    life.do(cmd.RaiseException(exception_class="lost", text=TEXT), "ann", when=at(10))
    return life


def test_each_reason_stands_in_the_record_with_its_rule() -> None:
    life = after(opened, *off("ann"))
    outcome = life.do(NOTE, when=at(20))
    ended = outcome.one(ev.OfferEnded)
    assert (ended.reason, ended.rule, ended.due) == (Reason.ABSENT, "small#/owners/primary", None)
    released = after(accepted, *off("ann")).do(NOTE, when=at(20)).one(ev.OwnerReleased)
    assert (released.reason, released.rule) == (Reason.ABSENT, "small#/owners/primary")


def test_who_comes_back_gets_nothing_back() -> None:
    life = after(opened, *off("ann", hours=1))
    life.do(NOTE, when=at(20))
    assert accountable(life.live) == "ben"
    assert not life.do(NOTE, when=at(80)).events
    assert not life.do(NOTE, when=at(81)).events
    assert accountable(life.live) == "ben"


def test_the_offer_of_what_nobody_accepted_goes_to_the_escalation_owner_as_soon_as_that_is_another() -> None:
    life = after(exhausted, *off("boss", minutes=250, hours=1))
    life.do(NOTE, when=at(250))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "ceo")
    life.do(NOTE, when=at(310))
    assert accountable(life.live) == "boss", "the last resort stands in only while nobody else can"


def test_who_is_told_of_an_owner_who_is_away_is_told_once_for_each_owner() -> None:
    life = after(resolved, *off("ann", minutes=65))
    assert life.do(NOTE, when=at(65)).events
    assert not life.do(NOTE, when=at(66)).events
    line = in_words(ev.OwnerAway(reason=Reason.ABSENT, rule="x", person="ann"), {"ann": "Ann"})
    assert line == "Ann is away while it waits to be closed"


def test_nobody_is_told_of_what_is_over() -> None:
    life = accepted()
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(10))
    assert life.do(NOTE).rejected is not None


def test_a_rung_that_a_new_revision_empties_keeps_who_is_asked_and_is_skipped_from_then_on() -> None:
    """The offer was made to a person, who is still there; the rotation has ended."""
    life = opened()
    over = turning(("ann", "abe"), "2027-01-05T09:00", days=7)
    life.roster = roster(rotations={**life.roster.form.rotations, "desk": over})
    assert not life.do(NOTE, when=at(10)).events
    assert accountable(life.live) == "ann"
    outcome = life.do(cmd.Reject(offer=1, why="no_capacity"), "ann", when=at(20))
    assert accountable(life.live) == "ben"
    life.until(at(120))
    skipped = [event for _, event in life.events if isinstance(event, ev.RungSkipped)]
    assert [(each.rung, each.reason) for each in skipped] == [("primary", Reason.NOT_ON_CALL)]
    assert outcome.rejected is None
    assert life.replay().verdict is Verdict.IDENTICAL


def test_a_rung_whose_rotation_a_new_revision_removes_is_nobody_with_the_reason() -> None:
    life = opened()
    life.roster = roster(rotations={"desk": life.roster.form.rotations["desk"]})
    life.do(cmd.Reject(offer=1, why="no_capacity"), "ann", when=at(20))
    (skipped,) = [event for _, event in life.events if isinstance(event, ev.RungSkipped)]
    assert (skipped.rung, skipped.reason) == ("secondary", Reason.UNKNOWN_REF)
    assert accountable(life.live) == "boss"


def test_a_person_on_two_rungs_is_asked_once_in_a_pass_and_leaves_both_at_once() -> None:
    life = Life(contract=contract(owners={"secondary": OwnerRef(person="ann")}))
    life.open()
    life.roster = roster(*off("ann"))
    outcome = life.do(NOTE, when=at(20))
    assert outcome.story == [
        "offer 1 ends: absent",
        "skip secondary: absent",
        "ladder offer 2 to boss: absent",
        "tell boss: offer",
    ]


def test_an_absence_that_is_deleted_and_made_again_takes_away_once() -> None:
    life = opened()
    for minute, absences in ((20, off("ann")), (25, ()), (30, off("ann", minutes=30)), (35, off("ann", minutes=30))):
        life.roster = roster(*absences)
        life.do(NOTE, when=at(minute))
    ended = [event for _, event in life.events if isinstance(event, ev.OfferEnded)]
    assert [(each.offer, each.reason) for each in ended] == [(1, Reason.ABSENT)]
    assert accountable(life.live) == "ben"
    assert life.replay().verdict is Verdict.IDENTICAL


def test_an_override_of_the_rotation_takes_nothing_from_who_is_asked() -> None:
    """A shift changes, whatever the reason: whoever is asked goes on being asked."""
    life = opened()
    over = OverrideOf(person="carl", start=at(10), end=at(300))
    desk = life.roster.form.rotations["desk"].model_copy(update={"overrides": (over,)})
    life.roster = roster(rotations={**life.roster.form.rotations, "desk": desk})
    assert not life.do(NOTE, when=at(20)).events


def those_left(gone: set[str]) -> dict[str, Any]:
    """The company without some people; a rotation of nobody is no more, as the compiler would have it."""
    desk = [name for name in ("ann", "abe") if name not in gone]
    rotations = {"desk": turning(desk, "2026-01-05T09:00", days=7)} if desk else {}
    if "ben" not in gone:
        rotations["backup"] = turning(("ben",), "2026-01-05T00:00", zone="UTC")
    return {
        "people": {name: PersonOf(jobs=jobs) for name, jobs in PEOPLE.items() if name not in gone},
        "teams": {"net": tuple(name for name in ("carl", "cora") if name not in gone)},
        "rotations": rotations,
    }


PERSON = st.sampled_from(["ann", "abe", "ben", "boss", "carl", "cora", "dora", "ceo"])
LIVES = st.sampled_from([opened, accepted, handed, troubled, owning, given_away, exhausted, resolved, until_boss])


@given(LIVES, st.sets(PERSON), st.sets(PERSON, max_size=3))
def test_nobody_who_is_away_or_gone_goes_on_being_asked(
    make: Callable[[], Life], missing: set[str], gone: set[str]
) -> None:
    """Except the last resort, who is accountable even when absent; and the record replays."""
    life = make()
    now = max(life.now, at(20))
    start = (now - at(0)).total_seconds() / 60
    life.roster = roster(*off(*missing, minutes=start), **those_left(gone - {"ceo"}))
    life.do(NOTE, when=now)
    state, unavailable = life.live, (missing | gone) - {"ceo"}
    assert accountable(state) is not None
    if state.phase is not Phase.RESOLVED:
        assert accountable(state) not in unavailable
    assert not {offer.to for offer in state.offers.values()} & unavailable
    assert not {each.owner for each in state.exceptions.values() if each.owned} & unavailable
    assert state.substitute not in unavailable
    assert not life.do(NOTE).events, "once is enough"
    assert life.replay().verdict is Verdict.IDENTICAL


@pytest.mark.parametrize("make", [opened, accepted, handed, troubled, owning, exhausted, resolved])
def test_a_roster_that_says_the_same_changes_nothing(make: Callable[[], Life]) -> None:
    life = make()
    life.roster = roster(*off("ann", minutes=100_000))
    before = life.live
    assert not life.do(NOTE).events
    assert life.live is before
