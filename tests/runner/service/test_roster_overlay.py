"""The overlay in the service: what people enter counts at once, reaches open escalations, and survives what fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from runner.contract.canonical import digest_of
from runner.engine import commands as cmd
from runner.engine.overlay import AbsenceEntry, EndEntry, OverlayReason, OverlayRefused, OverrideEntry, Span, SwapEntry
from runner.engine.state import accountable
from runner.service.decider import Decider
from runner.service.overlaid import NotTheirs
from runner.service.replaying import replay_store
from runner.service.roster_notes import RosterMark
from runner.store import SqliteStore, Store, StoreError
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, MIRIAM, START, TOMASZ, YES, Office, active, at, revision

MANAGER = "david-lindqvist"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "surety.db")
    yield made
    made.close()


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def absence(person: str = ANNA, start: float = 0, end: float = 8) -> AbsenceEntry:
    return AbsenceEntry(person=person, start=at(start), end=at(end))


def enter(office: Office, what: Span | EndEntry, person: str = MIRIAM) -> int:
    with office.store.transaction() as tx:
        return office.decider.enter(tx, what, id=office.ids.new(office.clocks.now()), person=person).number


def note(office: Office, limit: int = 200) -> int:
    with office.store.transaction() as tx:
        return office.decider.note_roster(tx, limit)


def settle(office: Office, limit: int = 200) -> None:
    """Tell all of the roster as it is now."""
    for _ in range(20):
        note(office, limit)
    assert roster_due(office) is None or roster_due(office) > office.clocks.now()  # type: ignore[operator]


def roster_due(office: Office) -> datetime | None:
    with office.store.reader() as reader:
        return office.decider.roster_due(reader)


def asked(office: Office, escalation: str) -> str | None:
    return accountable(office.state(escalation))


def stamps(office: Office, escalation: str) -> list[str]:
    return [row.stamp.roster for row in office.rows(escalation)]


def restarted(office: Office) -> None:
    """What another process begins with: nothing but the store."""
    office.decider = Decider(lambda: office.active, office.clocks, office.ids, office.metrics)


def test_an_absence_counts_for_the_next_offer_and_the_record_replays(office: Office) -> None:
    plain = office.open("T-1")
    enter(office, absence())
    escalation = office.open("T-2")
    assert (asked(office, plain), asked(office, escalation)) == (ANNA, TOMASZ)
    before, now = stamps(office, plain)[0], stamps(office, escalation)[0]
    assert before == revision().roster.digest != now
    with office.store.reader() as reader:
        assert digest_of(reader.roster(now)) == now
    assert replay_store(office.store).identical


def test_it_reaches_an_open_escalation(office: Office) -> None:
    escalation = office.open("T-1")
    settle(office)
    enter(office, absence())
    assert roster_due(office) == START
    assert note(office) == 1
    assert asked(office, escalation) == TOMASZ
    row = office.rows(escalation)[-1]
    assert (row.command.args.type, row.command.actor, row.command.source) == ("NoteRoster", "surety:roster", "roster")
    assert note(office) == 0, "told once"
    assert replay_store(office.store).identical


def test_it_reaches_it_at_the_beginning_of_the_absence_and_never_before(office: Office) -> None:
    escalation = office.open("T-1")
    enter(office, absence(start=0.25, end=2))
    settle(office)
    rows = len(office.rows(escalation))
    assert roster_due(office) == at(0.25)
    office.move(0.25, seconds=-1)
    assert note(office) == 0
    assert len(office.rows(escalation)) == rows
    office.move(0.25)
    assert note(office) == 1
    assert asked(office, escalation) == TOMASZ
    assert roster_due(office) == at(2)
    office.move(2)
    assert note(office) == 0, "who comes back changes nothing"
    assert asked(office, escalation) == TOMASZ


def test_nothing_is_written_where_it_touches_nothing(office: Office) -> None:
    escalation = office.open("T-1")
    settle(office)
    rows = len(office.rows(escalation))
    enter(office, absence("claire-dubois"))
    settle(office)
    assert len(office.rows(escalation)) == rows
    assert roster_due(office) == at(8)


def test_without_an_open_escalation_there_is_nobody_to_tell(office: Office) -> None:
    settle(office)
    enter(office, absence(start=1))
    settle(office)
    assert roster_due(office) is None


def test_many_are_told_a_slice_at_a_time_over_a_restart(office: Office) -> None:
    opened = [office.open(f"T-{number}") for number in range(5)]
    settle(office)
    enter(office, absence())
    assert note(office, 2) > 0
    assert [asked(office, each) for each in opened] == [TOMASZ] * 2 + [ANNA] * 3
    restarted(office)
    assert roster_due(office) == START
    assert note(office, 2) > 0
    assert note(office, 2) == 1
    assert note(office, 2) == 0
    assert [asked(office, each) for each in opened] == [TOMASZ] * 5
    with office.store.reader() as reader:
        assert RosterMark.read(reader) == RosterMark(stamps(office, opened[0])[-1], START, None)


def test_what_changes_while_they_are_told_is_told_after(office: Office) -> None:
    opened = [office.open(f"T-{number}") for number in range(4)]
    settle(office)
    enter(office, absence())
    note(office, 2)
    enter(office, absence(TOMASZ))
    settle(office, 2)
    assert {asked(office, each) for each in opened} == {MIRIAM}


def test_another_process_has_written_it(office: Office) -> None:
    escalation = office.open("T-1")
    settle(office)
    other = Office.__new__(Office)
    vars(other).update(vars(office))
    restarted(other)
    enter(other, absence())
    assert note(office) == 1, "seen in the next transaction"
    assert asked(office, escalation) == TOMASZ
    second = office.open("T-2")
    assert stamps(office, second) == [stamps(office, escalation)[-1]]


class Abandon(Exception):
    """Ends a transaction that is not to be kept."""


def test_what_was_not_committed_counts_for_nothing(office: Office) -> None:
    def fail() -> None:
        with office.store.transaction() as tx:
            office.decider.enter(tx, absence(), id="x", person=MIRIAM)
            raise Abandon

    with pytest.raises(Abandon):
        fail()
    escalation = office.open("T-1")
    assert asked(office, escalation) == ANNA
    assert stamps(office, escalation) == [revision().roster.digest]
    assert enter(office, absence(TOMASZ)) == 1
    assert replay_store(office.store).identical


def test_a_roster_is_kept_also_when_the_first_to_need_it_failed(office: Office) -> None:
    enter(office, absence())
    restarted(office)

    def fail() -> None:
        with office.store.transaction() as tx:
            office.decider.note_roster(tx, 1)
            raise Abandon

    with pytest.raises(Abandon):
        fail()
    office.open("T-1")
    office.move(1)
    office.open("T-2")
    assert replay_store(office.store).identical


def test_an_entry_is_kept_over_a_restart_and_can_be_ended(office: Office) -> None:
    assert enter(office, absence(), ANNA) == 1
    restarted(office)
    assert asked(office, office.open("T-1")) == TOMASZ
    office.move(1)
    assert enter(office, EndEntry(entry=1, end=at(1)), ANNA) == 2
    assert asked(office, office.open("T-2")) == ANNA
    with pytest.raises(OverlayRefused) as refused:
        enter(office, EndEntry(entry=1, end=at(1)), ANNA)
    assert refused.value.reason is OverlayReason.NOT_SHORTER
    assert replay_store(office.store).identical


@pytest.mark.parametrize(
    ("word", "what", "person", "may"),
    [
        ("for oneself", absence(), ANNA, True),
        ("for another", absence(), TOMASZ, False),
        ("an escalation owner for another", absence(), MIRIAM, True),
        ("a job that governance names", absence(), MANAGER, True),
        ("taking a shift", OverrideEntry(rotation="accounting", person=TOMASZ, start=at(), end=at(1)), TOMASZ, True),
        ("giving a shift", OverrideEntry(rotation="accounting", person=TOMASZ, start=at(), end=at(1)), ANNA, False),
        (
            "swapping with who agrees",
            SwapEntry(rotation="accounting", person=TOMASZ, instead_of=ANNA, start=at(), end=at(1)),
            TOMASZ,
            True,
        ),
        (
            "pushing a shift onto somebody",
            SwapEntry(rotation="accounting", person=TOMASZ, instead_of=ANNA, start=at(), end=at(1)),
            ANNA,
            False,
        ),
    ],
)
def test_who_may(office: Office, word: str, what: Span, person: str, may: bool) -> None:
    if may:
        assert enter(office, what, person) == 1, word
        return
    with pytest.raises(NotTheirs, match=f"only {what.person} or a manager may say this; managers now: .*{MIRIAM}"):
        enter(office, what, person)
    with office.store.reader() as reader:
        assert reader.overlay() == []


def test_a_new_epoch_whose_roster_is_another_reaches_them_too(office: Office) -> None:
    """Anna has left the company."""
    escalation = office.open("T-1")
    settle(office)
    form = revision().roster
    left = form.but(
        people={name: each for name, each in form.people.items() if name != ANNA},
        rotations={name: each for name, each in form.rotations.items() if name != "accounting"},
    )
    found = replace(revision(), roster=left)
    with office.store.transaction() as tx:
        epoch = replace(office.active.epoch, epoch=8, roster=left.digest)
        assert tx.activate(7, epoch, {}, left.canonical)
    office.active = replace(active(found, {}), epoch=epoch)
    assert note(office) == 1
    assert asked(office, escalation) == TOMASZ
    ended = [event for event in office.rows(escalation)[-1].events if event.type == "OfferEnded"]
    assert [each.reason.value for each in ended] == ["unknown_ref"]
    assert replay_store(office.store).identical


def test_an_overlay_that_was_changed_counts_up_to_there_and_takes_nothing_more(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "surety.db")
    office = Office(store)
    enter(office, absence(TOMASZ))
    enter(office, absence())
    with store._file.write() as session:
        session.run("UPDATE overlay SET body = CAST(replace(body, 'anna', 'emma') AS BLOB) WHERE number = 2")
    restarted(office)
    assert asked(office, office.open("T-1")) == ANNA
    assert "entry 2 of the overlay does not follow" in office.decider.stuck["overlay"]
    with pytest.raises(StoreError, match="restore a copy"):
        enter(office, absence("claire-dubois"))
    found = replay_store(store)
    assert (found.identical, found.unknown) == (False, False)
    assert "0 of 1 escalations did not replay\n  overlay at entry 2: tampered: " in found.as_text()
    store.close()


def test_a_roster_whose_bytes_were_changed_cannot_be_judged_by(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "surety.db")
    office = Office(store)
    enter(office, absence(TOMASZ))
    digest = stamps(office, office.open("T-1"))[-1]
    with store._file.write() as session:
        session.run("UPDATE roster SET body = CAST(replace(body, 'tomasz', 'thomas') AS BLOB) WHERE digest = ?", digest)
    found = replay_store(store)
    assert (found.identical, found.verdicts) == (False, {"data_changed": 1})
    store.close()


def test_a_fault_in_one_does_not_keep_the_others_from_being_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = office.open("T-1"), office.open("T-2")
    settle(office)
    enter(office, absence())
    whole = office.decider._advance

    def faulty(tx: Any, stream: Any, *rest: Any) -> Any:
        if stream.escalation == first:
            raise KeyError("a fault of this program")
        return whole(tx, stream, *rest)

    monkeypatch.setattr(office.decider, "_advance", faulty)
    note(office)
    assert (asked(office, first), asked(office, second)) == (ANNA, TOMASZ)
    assert first in office.decider.stuck


def test_a_holder_who_goes_away_is_released(office: Office) -> None:
    escalation = office.open("T-1")
    settle(office)
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=dict(YES)))
    office.move(1)
    enter(office, absence(start=1), ANNA)
    note(office)
    assert asked(office, escalation) == TOMASZ
    assert "OwnerReleased" in office.events(escalation)
