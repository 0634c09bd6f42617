"""Opening: who is named, who is asked first, and what happens when nobody is there."""

from __future__ import annotations

from functools import partial

import pytest

from runner.contract.contract import BoxOf, CalendarOf
from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.events import StepRequested
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    BACKUP,
    BOSS,
    DESK,
    GHOST,
    Life,
    at,
    away,
    contract,
    opened,
    opening,
    roster,
    step,
)

FIRST = ["ladder offer 1 to ann: first_rung", "tell ann: offer"]


@table(
    Row("all present", Life, opening(), at(0), FIRST),
    Row(
        "primary absent",
        partial(Life, roster=roster(away("ann"))),
        opening(),
        at(0),
        [
            "skip primary: absent",
            "ladder offer 1 to ben: first_rung",
            "tell ben: offer",
            "tell boss: rung_skipped",
        ],
    ),
    Row(
        "only the escalation owner is there: the offer itself tells",
        partial(Life, roster=roster(away("ann"), away("ben"))),
        opening(),
        at(0),
        ["skip primary: absent", "skip secondary: absent", "ladder offer 1 to boss: first_rung", "tell boss: offer"],
    ),
    Row(
        "nobody is there: exhausted at once, the last resort holds it",
        partial(Life, roster=roster(away("ann"), away("ben"), away("boss"))),
        opening(),
        at(0),
        [
            "skip primary: absent",
            "skip secondary: absent",
            "skip escalation_owner: absent",
            "exhausted, ceo holds",
            "ladder offer 1 to ceo: last_resort",
            "tell ceo: offer",
        ],
    ),
    Row(
        "even the last resort is away, and holds it all the same",
        partial(Life, roster=roster(away("ann"), away("ben"), away("boss"), away("ceo"))),
        opening(),
        at(0),
        [
            "skip primary: absent",
            "skip secondary: absent",
            "skip escalation_owner: absent",
            "exhausted, ceo holds",
            "ladder offer 1 to ceo: last_resort",
            "tell ceo: offer",
        ],
    ),
    Row(
        "a reference that no longer exists",
        partial(Life, contract(owners={"primary": OwnerRef(rotation="gone")})),
        opening(),
        at(0),
        [
            "skip primary: unknown_ref",
            "ladder offer 1 to ben: first_rung",
            "tell ben: offer",
            "tell boss: rung_skipped",
        ],
    ),
    Row(
        "a rung may be left out of the ladder",
        partial(Life, contract(ladder=(("primary", 600), ("escalation_owner", 600)))),
        opening(),
        at(0),
        FIRST,
    ),
    Row(
        "the runbook begins beside the ladder",
        partial(Life, contract(runbook={"open": (step(), step("notify", who="secondary"))}), answers=()),
        opening(),
        at(0),
        [*FIRST, "run open#1", "step open#1/0"],
    ),
    Row("twice", opened, opening(), at(1), RejectReason.ALREADY_OPEN),
)
def test_opening(row: Row) -> None:
    play(row)


def test_every_owner_is_named_with_the_reason_for_who_is_missing() -> None:
    life = Life(contract(owners={"secondary": GHOST}), roster(away("boss")))
    named = life.open().one(ev.OwnersNamed)
    assert named.owners == {"primary": "ann", "secondary": None, "escalation_owner": None}
    assert named.absent == {"secondary": Reason.UNKNOWN_REF, "escalation_owner": Reason.ABSENT}
    assert life.live.owners == named.owners


@pytest.mark.parametrize(
    ("word", "created", "observed", "late"),
    [
        ("at the limit", at(-15), "created", 0),
        ("a second beyond", at(-15, seconds=-1), "created", 1),
        ("found by polling an hour later", at(-60), "created", 45 * 60),
        ("matched later, when it was changed", at(-60), "updated", 0),
        ("matched later, by time", at(-60), "unchanged", 0),
    ],
)
def test_naming_is_late_by_the_creation_of_the_ticket(word: str, created: object, observed: str, late: int) -> None:
    named = Life().open(created_at=created, observed=observed).one(ev.OwnersNamed)
    assert named.late_seconds == late, word


@pytest.mark.parametrize(
    ("word", "owners", "missing", "substitute", "why"),
    [
        ("the next rung", {}, (), "ben", None),
        ("the one after, if the next is away", {}, ("ben",), "boss", None),
        ("the last resort, if nobody else is left", {}, ("ben", "boss"), "ceo", None),
        ("not the same person again", {"secondary": OwnerRef(person="ann")}, (), "boss", None),
    ],
)
def test_the_substitute_is_named(
    word: str, owners: dict[str, OwnerRef], missing: tuple[str, ...], substitute: str | None, why: Reason | None
) -> None:
    life = Life(contract(owners=owners), roster(*map(away, missing)))
    offered = life.open().one(ev.OwnerOffered)
    assert (offered.substitute, offered.no_substitute) == (substitute, why), word


@pytest.mark.parametrize(
    ("word", "owners", "missing", "why"),
    [
        ("the ladder ends", {"primary": GHOST, "secondary": GHOST, "escalation_owner": GHOST}, (), Reason.LADDER_END),
        ("the rest is away", {"primary": OwnerRef(person="ceo")}, ("ben", "boss"), Reason.ABSENT),
        (
            "the rest is the same person",
            {rung: OwnerRef(person="ceo") for rung in ("primary", "secondary", "escalation_owner")},
            (),
            Reason.ALREADY_ASKED,
        ),
    ],
)
def test_no_substitute_has_a_reason(
    word: str, owners: dict[str, OwnerRef], missing: tuple[str, ...], why: Reason
) -> None:
    life = Life(contract(owners=owners), roster(*map(away, missing)))
    offered = life.open().one(ev.OwnerOffered)
    assert offered.to == "ceo"
    assert (offered.substitute, offered.no_substitute) == (None, why), word


def test_one_person_on_two_rungs_is_asked_once_in_a_pass() -> None:
    life = opened(contract=contract(owners={"primary": BACKUP}))
    (expiry,) = life.until(at(60))
    assert expiry.story == [
        "offer 1 ends: no_answer",
        "skip secondary: already_asked",
        "ladder offer 2 to boss: no_answer",
        "tell boss: offer",
    ]


def test_one_person_on_every_rung_is_asked_once_in_each_pass() -> None:
    life = opened(contract=contract(owners={"primary": BOSS, "secondary": BOSS}))
    life.until(at(120))
    offered = [event.to for _, event in life.events if isinstance(event, ev.OwnerOffered)]
    assert offered == ["boss", "boss", "boss"]  # two passes, then the offer without end
    assert life.live.phase is Phase.EXHAUSTED


def test_the_outcome_is_due_in_the_hours_of_its_calendar() -> None:
    office = CalendarOf(zone="Europe/Berlin", week=(((540, 1020),),) * 5 + ((),) * 2, closed=())
    box = BoxOf(seconds=16 * 3600, calendar="office")
    life = opened(contract=contract(outcome=box, calendars={"office": office}))
    assert life.live.outcome_due == at(2 * 24 * 60)  # Tuesday 10:00 in Berlin: 7 h, then 8 h, then one of Thursday


def test_the_opening_says_who_is_accountable_on_the_ticket() -> None:
    life = Life(answers=())
    outcome = life.open()
    (record,) = [effect for effect in outcome.effects if effect.kind == "record"]
    assert record.payload["fields"] == {"x_state": "offered", "x_owner": "ann", "x_accepted": None}
    assert accountable(life.live) == "ann"


def test_a_step_for_a_rung_means_who_stands_there() -> None:
    who: tuple[dict[str, object], ...] = (
        {"who": DESK},
        {"who": "secondary"},
        {"who": GHOST},
        {"who": "owner"},
        {"who": "previous_owner"},
        {},
    )
    life = opened(contract=contract(runbook={"open": tuple(step("notify", **each) for each in who)}))
    asked = [event.who for _, event in life.events if isinstance(event, StepRequested)]
    assert asked == ["ann", "ben", "boss", "ann", "ann", None]
