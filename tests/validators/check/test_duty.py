"""The rules that look ahead: what they see in the shipped company on any day, and at the edges of spans and changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from runner.contract.load import Revision, load_revision
from runner.contract.values import OwnerRef
from runner.engine.coverage import coverage
from runner.engine.roster import Person
from tests.runner.contract.repository import MINIMAL, Edit, MemoryFiles, add, edited, put
from tests.validators.repositories import company as standing
from tests.validators.repositories import shipped
from validators.check.duty import DAYS, Duty
from validators.check.registry import ask
from validators.check.subject import Subject

ROTATIONS, ABSENCES, PEOPLE = "policies/rotations.yaml", "policies/absences.yaml", "policies/people.yaml"
LOOK_AHEAD = {"SUR510", "SUR511", "SUR512", "SUR710", "SUR711", "SUR713"}
TODAY = date(2026, 3, 3)


def company() -> Revision:
    revision = standing().revision
    assert revision is not None
    return revision


def found(*edits: Edit, today: date = TODAY) -> list[tuple[str, str]]:
    """Code and message of what the look ahead finds in the minimal repository, edited."""
    loaded = load_revision(edited(*edits))
    return [(each.code, each.message) for each in ask(Subject(loaded, today), LOOK_AHEAD.__contains__)]


def test_the_shipped_company_is_clean_whenever_one_looks() -> None:
    """Each rule looks at a stretch of the same line, so the whole line is looked at once."""
    revision = company()
    duty = Duty(revision, date(2025, 11, 1))
    start, end = duty.start, duty.start + timedelta(days=3 * 366)
    every = {ref: coverage(duty.roster, ref, start, end) for ref in duty.asked}
    every |= {ref: coverage(duty.roster, ref, start, end) for ref in map(rotation, revision.roster.rotations)}
    for ref, pieces in every.items():
        assert all(isinstance(piece.who, Person) for piece in pieces), ref
    for contract in revision.contracts.values():
        for one, other in combinations(contract.ladder, 2):
            assert not any(
                left.who.id == right.who.id and max(left.start, right.start) < min(left.end, right.end)
                for left in every[one.owner]
                for right in every[other.owner]
                if isinstance(left.who, Person) and isinstance(right.who, Person)
            ), (contract.name, one.name, other.name)
    for name in revision.roster.rotations:
        assert duty.odd_handovers(name) == ()


@pytest.mark.parametrize("day", ["2025-12-01", "2026-03-03", "2026-11-21", "2026-12-20", "2027-08-01"])
def test_the_rules_find_nothing_in_the_shipped_company(day: str) -> None:
    assert ask(Subject(shipped(), date.fromisoformat(day)), LOOK_AHEAD.__contains__) == ()


def rotation(name: str) -> OwnerRef:
    return OwnerRef(rotation=name)


def test_it_looks_ninety_days_ahead_and_no_further() -> None:
    duty = Duty(company(), TODAY)
    assert (duty.start, duty.end) == (datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert DAYS == 90
    away = add(ABSENCES, absences(("cyd", "2026-06-01", "2026-06-05")))
    assert found(away) == []
    assert [code for code, _ in found(away, today=TODAY + timedelta(days=1))] == ["SUR713"]


def absences(*entries: tuple[str, str, str]) -> str:
    lines = [f'  - {{person: {p}, from: "{a}T00:00:00Z", until: "{b}T00:00:00Z"}}\n' for p, a, b in entries]
    return "schema: surety/v1\nkind: Absences\nabsences:\n" + "".join(lines)


def test_without_a_valid_revision_nothing_is_said() -> None:
    assert found(put(PEOPLE, "zone: Europe/Paris", "zone: Europe/Pariss")) == []
    assert found(put(ROTATIONS, "    members: [ben, ann]\n", "    members: [ben, dee]\n")) == []


def test_a_rotation_that_has_not_begun_is_empty_until_it_does() -> None:
    text = MINIMAL[ROTATIONS].decode().replace('starts: "2026-01-05"', 'starts: "2026-03-09"')
    (first, second) = found(add(ROTATIONS, text))
    assert first[0] == second[0] == "SUR510"
    assert first[1] == (
        "nobody is on call in `first` from Tuesday 2026-03-03 01:00 (Europe/Berlin) until Monday 2026-03-09 09:00 "
        "(Europe/Berlin), in UTC 2026-03-03T00:00 to 2026-03-09T08:00: "
        "it is nobody's turn in the rotation at that time"
    )


def test_a_gap_that_does_not_end_in_time_is_called_longer() -> None:
    text = MINIMAL[ROTATIONS].decode().replace('starts: "2026-01-05"', 'starts: "2027-01-04"')
    assert all("or longer" in message for _, message in found(add(ROTATIONS, text)))


def test_nobody_is_left_of_a_rotation_that_is_kept_apart() -> None:
    text = MINIMAL[ROTATIONS].decode().replace("members: [ben, ann]", "members: [ann]\n    apart_from: [first]")
    ((code, message),) = found(add(ROTATIONS, text))
    assert code == "SUR510"
    assert "every member in turn is away, or on call where this rotation is kept apart from" in message
    assert "more times in 90 days" in message


def test_a_substitute_fills_the_gap_unless_the_same_rung_has_that_person() -> None:
    away = add(ABSENCES, absences(("ben", "2026-03-10", "2026-03-12")))
    assert {code for code, _ in found(away)} == {"SUR510"}
    by_boss = put(PEOPLE, "zone: Europe/Paris", "zone: Europe/Paris\n    substitute: cyd")
    ((code, message),) = found(away, by_boss)
    assert code == "SUR511"
    assert message.startswith(
        "primary (rotation first) and escalation owner (role manager) are both `cyd`, standing in for `ben` from"
    )


def test_two_people_away_are_both_named() -> None:
    away = add(ABSENCES, absences(("ben", "2026-03-10", "2026-03-12"), ("cyd", "2026-03-10", "2026-03-12")))
    substitute = put(PEOPLE, "zone: Europe/Paris", "zone: Europe/Paris\n    substitute: cyd")
    messages = dict(found(away, substitute))
    assert messages["SUR510"].endswith("`ben`, `cyd` are away")
    assert "`cyd` is away nobody stands in as the escalation owner of `billing`" in messages["SUR713"]


@pytest.mark.parametrize(
    ("word", "people"),
    [
        ("a member", {"ben"}),
        ("whoever is asked last", {"cyd"}),
    ],
)
def test_whoever_may_be_asked_must_be_reached(word: str, people: set[str]) -> None:
    edits = [put(PEOPLE, f"chat: {name}@chat.example.com", f"mail: {name}@example.com") for name in people]
    assert [code for code, _ in found(*edits)] == ["SUR512"], word


def test_a_substitute_must_be_reached_as_well_and_a_bystander_need_not() -> None:
    bystander = put(
        PEOPLE, "teams:", "  dee: {name: Dee, zone: Europe/Oslo, contacts: {mail: dee@example.com}}\nteams:"
    )
    assert found(bystander) == []
    ((code, message),) = found(bystander, put(PEOPLE, "zone: Europe/Paris", "zone: Europe/Paris\n    substitute: dee"))
    assert code == "SUR512"
    assert "may be asked as the substitute of `ben`" in message


def test_an_odd_hand_over_is_found_in_the_layer_of_the_version() -> None:
    turns = 'members: [ann], starts: "2026-01-05", handover: {every: day, at: "%s"}'
    version = (
        '    apart_from: [second]\n    versions:\n      - effective_from: "2026-02-01 09:00"\n        layers:\n'
        f"          - {{{turns % '09:00'}}}\n          - {{{turns % '02:30'}}}\n"
    )
    text = MINIMAL[ROTATIONS].decode().replace("  second:", version + "  second:")
    loaded = load_revision(MemoryFiles({**MINIMAL, ROTATIONS: text.encode()}))
    codes = {"SUR710", "SUR711"}
    places = {(each.code, each.pointer) for each in ask(Subject(loaded, TODAY), codes.__contains__)}
    assert places == {(code, "/rotations/first/versions/0/layers/1/handover/at") for code in codes}


def test_the_minimal_company_is_clean() -> None:
    assert found() == []


@pytest.mark.parametrize("today", [date.min, date(1, 12, 31), date(1969, 12, 31), date(9999, 1, 1), date.max])
def test_no_day_is_too_early_or_too_late_to_ask(today: date) -> None:
    subject = Subject(standing(), today)
    assert subject.duty is not None
    assert subject.duty.end - subject.duty.start == timedelta(days=DAYS)
    assert isinstance(ask(subject), tuple)
