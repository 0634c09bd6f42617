"""The rules of ladders, rooms and times, case by case on the minimal repository."""

from __future__ import annotations

from datetime import date

import pytest

from runner.contract.diagnostic import Diagnostic
from tests.runner.contract.repository import Edit, add, load, put
from tests.validators.repositories import shipped
from validators.check.registry import RuleModule
from validators.check.rules import (
    acceptance_in_business_time,
    broadcast_names_nobody,
    contradicting_times,
    outcome_shorter_than_ladder,
    rung_left_out,
    rung_without_anybody,
    timebox_never_elapses,
)
from validators.check.subject import Subject

TODAY = date(2026, 3, 3)
BILLING, REST, BLOCK = "templates/billing/template.yaml", "templates/rest/template.yaml", "templates/blocks/alarm.yaml"
LIMITS, PEOPLE = "policies/limits.yaml", "policies/people.yaml"
CALENDARS, EXCEPTIONS = "policies/calendars.yaml", "policies/exceptions.yaml"
WIDE = (
    put(LIMITS, "accept_within: {low: 8h, normal: 4h, high: 2h}", "accept_within: {low: 5d, normal: 5d, high: 3d}"),
    put(LIMITS, "manager_knows_within: 3h", "manager_knows_within: 4d"),
)
OFFICE_HOUR = put(BILLING, "accept:\n  within: 1h", "accept:\n  within: {time: 1h, calendar: office}")
ALL_FIVE_DAYS = put(LIMITS, WIDE[0].old or "", "accept_within: {low: 5d, normal: 5d, high: 5d}")
OUTCOME = "  within: {time: 16h, calendar: office}"
MINE: tuple[RuleModule, ...] = (
    acceptance_in_business_time, broadcast_names_nobody, contradicting_times, outcome_shorter_than_ladder,
    rung_left_out, rung_without_anybody, timebox_never_elapses,
)  # fmt: skip


def found(rule: RuleModule, *edits: Edit, today: date = TODAY) -> list[Diagnostic]:
    return sorted(rule.check(Subject(load(*edits), today)))


def told(rule: RuleModule, *edits: Edit) -> list[tuple[str, str]]:
    """Code and pointer of each finding."""
    return [(each.code, each.pointer) for each in found(rule, *edits)]


@pytest.mark.parametrize("rule", MINE, ids=lambda rule: rule.RULES[0].code)
@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2026, 12, 20), date(2027, 12, 31)])
def test_the_shipped_company_is_good(rule: RuleModule, day: date) -> None:
    assert not list(rule.check(Subject(shipped(), day)))


@pytest.mark.parametrize("rule", MINE, ids=lambda rule: rule.RULES[0].code)
def test_nothing_is_raised_for_documents_that_are_wrong(rule: RuleModule) -> None:
    broken = add(CALENDARS, "schema: surety/v1\nkind: Calendars\nhorizon: '2026-99-99'\ncalendars:\n  office:\n"
                 "    summary: x\n    zone: Mars/Base\n    hours: {monday: ['29:00-28:00']}\n")  # fmt: skip
    for edits in (
        [broken, OFFICE_HOUR],
        [add(PEOPLE, "a: b\n")],
        [add(LIMITS, "kind: Limits\n")],
        [add(CALENDARS, "")],
    ):
        list(rule.check(Subject(load(*edits), TODAY)))


@pytest.mark.parametrize(
    ("word", "ladder", "pointers"),
    [
        ("all", "[primary, secondary, escalation_owner]", []),
        ("straight up", "[primary, escalation_owner]", []),
        ("without the primary", "[secondary, escalation_owner]", ["/ladder/0"]),
        ("the manager alone", "[escalation_owner]", ["/ladder/0"]),
        ("with a time of its own", "[{rung: secondary, within: 1h}, escalation_owner]", ["/ladder/0/rung"]),
    ],
)
def test_a_ladder_without_its_first_rung(word: str, ladder: str, pointers: list[str]) -> None:
    edit = put(REST, "ladder: [primary, escalation_owner]", f"ladder: {ladder}")
    assert told(rung_left_out, edit) == [("SUR513", each) for each in pointers], word


NIGHT = put(
    "policies/rotations.yaml", "    summary: Whoever is asked second.\n",
    '    summary: Whoever is asked second.\n    only: [{from: "20:00", until: "07:00"}]\n',
)  # fmt: skip


@pytest.mark.parametrize(
    ("word", "edits", "expected"),
    [
        ("a night rotation after an hour of the clock: often enough", [NIGHT], []),
        ("a night rotation after an office hour: never", [NIGHT, *WIDE, OFFICE_HOUR], ["/owners/secondary"]),
        ("the rotation begins just as the office closes",
         [put("policies/rotations.yaml", "    summary: Whoever is asked second.\n",
              '    summary: Whoever is asked second.\n    only: [{from: "17:00", until: "07:00"}]\n'),
          *WIDE, OFFICE_HOUR],
         []),
        ("who is away all the while",
         [add("policies/absences.yaml", "schema: surety/v1\nkind: Absences\nabsences:\n"
              '  - {person: cyd, from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}\n')],
         ["/owners/escalation_owner", "/owners/escalation_owner"]),
        ("who is away for a week", [add("policies/absences.yaml", "schema: surety/v1\nkind: Absences\nabsences:\n"
              '  - {person: cyd, from: "2026-04-01T00:00:00Z", until: "2026-04-08T00:00:00Z"}\n')], []),
        ("a path owner who is away",
         [add("policies/absences.yaml", "schema: surety/v1\nkind: Absences\nabsences:\n"
              '  - {person: cyd, from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}\n'),
          put(BILLING, "{role: manager}", "{person: ben}"), put(REST, "escalation_owner: {person: cyd}",
                                                                "escalation_owner: {person: ben}"),
          put(REST, "secondary: {person: ben}", "secondary: {person: cyd}"),
          put(REST, "data-missing: {within: 4h}", "data-missing: {owner: {person: cyd}}\n  legal-hold: {}")],
         ["/exceptions/data-missing/owner", "/exceptions/legal-hold"]),
    ],
)  # fmt: skip
def test_a_rung_at_which_nobody_can_be_asked(word: str, edits: list[Edit], expected: list[str]) -> None:
    assert told(rung_without_anybody, *edits) == [("SUR514", each) for each in expected], word


@pytest.mark.parametrize(
    ("word", "text", "silent"),
    [
        ("nobody", "Look at {{ ticket.id }}.", True),
        ("only in words", "The owner.name must act.", True),
        ("whoever is accountable", "{{ owner.name }}, look at {{ ticket.id }}.", False),
        ("with a filter", "{{ previous.name | default: 'somebody' }} did not accept.", False),
        ("by the rung", "{{ owners.secondary.name }} is next.", False),
        ("a person outright", "Cyd Cooper decides.", False),
        ("a person's id", "@cyd decides.", False),
        ("part of a word", "Encyd is not a person.", True),
    ],
)
def test_a_message_to_a_room(word: str, text: str, silent: bool) -> None:
    good = put(BLOCK, "Somebody was woken for {{ ticket.id }}.", text)
    assert bool(found(broadcast_names_nobody, good)) is silent, word


def test_a_message_that_a_block_posts_is_shown_where_it_is_written_once() -> None:
    (only,) = found(broadcast_names_nobody)
    assert (only.location and only.location.file, only.pointer) == (BLOCK, "/steps/1/with/message")


def test_a_message_after_the_end_asks_nobody_for_anything() -> None:
    fine = put(BLOCK, "Somebody was woken", "{{ owner.name }} was woken")
    closed = put(BILLING, "  resolved:\n", "  closed:\n    - notify: {room: counter, message: Over.}\n  resolved:\n")
    assert told(broadcast_names_nobody, fine, closed) == []


def test_a_person_who_is_a_room() -> None:
    fine = put(BLOCK, "Somebody was woken", "{{ owner.name }} was woken")
    room = put(PEOPLE, "ben@chat.example.com", '"#counter"')
    assert told(broadcast_names_nobody, fine, room) == [("SUR515", "/people/ben/contacts/chat")]


@pytest.mark.parametrize(
    ("word", "edits", "codes"),
    [
        ("no calendar", [], []),
        ("an office hour, which can last for days", [OFFICE_HOUR], ["SUR701", "SUR702"]),
        ("limits that allow it", [OFFICE_HOUR, ALL_FIVE_DAYS, WIDE[1]], []),
        ("the strictest priority counts", [OFFICE_HOUR, *WIDE], ["SUR701"]),
        ("a priority that does not come", [OFFICE_HOUR, *WIDE, put(BILLING, "[normal, high]", "[normal]")], []),
        ("a ladder that begins with the manager", [put(REST, "[primary, escalation_owner]", "[escalation_owner]"),
         put(REST, "accept:\n  within: 2h", "accept:\n  within: {time: 2h, calendar: office}")], ["SUR701"]),
        ("the outcome is due first, and tells the manager",
         [OFFICE_HOUR, put(BILLING, OUTCOME, "  within: 2h")], ["SUR701"]),
        ("what is too long as written is for the gate",
         [put(BILLING, "accept:\n  within: 1h", "accept:\n  within: {time: 5h, calendar: office}")], []),
        ("a document elsewhere is broken", [OFFICE_HOUR, add(EXCEPTIONS, "kind: ExceptionClasses\n")],
         ["SUR701", "SUR702"]),
    ],
)  # fmt: skip
def test_accepting_in_business_time(word: str, edits: list[Edit], codes: list[str]) -> None:
    assert [code for code, _ in told(acceptance_in_business_time, *edits)] == codes, word


def test_the_bound_is_printed_with_how_it_is_made_up() -> None:
    message = next(each.message for each in found(acceptance_in_business_time, OFFICE_HOUR) if each.code == "SUR702")
    assert message.startswith("for 3 days 17 hours it can be that nobody has accepted")
    assert "an offer of Monday 2026-03-09 17:00 (Europe/Berlin) ends Friday 2026-03-13 10:00" in message


def test_the_bound_says_that_the_outcome_came_first() -> None:
    edits = (OFFICE_HOUR, put(BILLING, OUTCOME, "  within: 4h"))
    message = next(each.message for each in found(acceptance_in_business_time, *edits) if each.code == "SUR702")
    assert message.startswith("for 4 hours it can be that nobody has accepted")
    assert "before that time of 1h of `office` is up, the outcome is due: opened Monday 2026-03-09 17:00" in message


@pytest.mark.parametrize(
    ("word", "outcome", "repeat", "code"),
    [
        ("more than enough", "16h", 0, ""),
        ("just enough", "3h", 0, ""),
        ("less than a pass", "179m", 0, "SUR703"),
        ("less than all passes", "8h", 2, "SUR707"),
        ("just enough for all", "9h", 2, ""),
        ("office hours of one day: as it opens", "{time: 2h, calendar: office}", 0, "SUR703"),
        ("office hours over lunch: enough", "{time: 3h, calendar: office}", 0, ""),
    ],
)
def test_an_outcome_and_its_ladder(word: str, outcome: str, repeat: int, code: str) -> None:
    edits = [put(BILLING, OUTCOME, f"  within: {outcome}")]
    edits += [put(BILLING, "  checklist: [clear]\n", f"  checklist: [clear]\n  repeat: {repeat}\n")]
    assert [each for each, _ in told(outcome_shorter_than_ladder, *edits)] == ([code] if code else []), word


ONCE = put(CALENDARS, "  night:\n", '  once:\n    summary: A sale.\n    zone: Europe/Berlin\n    hours: {}\n'
           '    open: {"2026-05-02": ["08:00-20:00"]}\n  never:\n    summary: Nothing.\n    zone: UTC\n    hours: {}\n'
           '  night:\n')  # fmt: skip


@pytest.mark.parametrize(
    ("word", "time", "words"),
    [
        ("long, but it ends", "{time: 400h, calendar: office}", ""),
        (
            "beyond the horizon",
            "{time: 999h, calendar: office}",
            "that begin today do not end before Monday 2028-01-31",
        ),
        ("a calendar without hours", "{time: 1h, calendar: never}", "that begin today do not end within ten years"),
        ("extra hours alone", "{time: 1h, calendar: once}", "that begin after its last hours never end"),
        ("no calendar", "400d", ""),
    ],
)
def test_a_time_that_never_ends(word: str, time: str, words: str) -> None:
    messages = [each.message for each in found(timebox_never_elapses, ONCE, put(BILLING, OUTCOME, f"  within: {time}"))]
    assert [words in message for message in messages] == ([True] if words else []), (word, messages)


def test_a_recovery_time_that_never_ends_is_shown_at_its_class() -> None:
    edit = put(EXCEPTIONS, "{time: 8h, calendar: office}", "{time: 8h, calendar: never}")
    assert told(timebox_never_elapses, ONCE, edit) == [("SUR704", "/classes/data-missing/within/calendar")]


@pytest.mark.parametrize(
    ("word", "edits", "pointers"),
    [
        ("reminders rarer than silence is allowed",
         [put(LIMITS, "step_within: 10m", "step_within: 10m\nsilence_at_most: 1h")], ["/remind_every"]),
        ("as often", [put(LIMITS, "step_within: 10m", "step_within: 10m\nsilence_at_most: 2h")], []),
        ("a higher priority that waits longer", [put(LIMITS, "{low: 8h, normal: 4h, high: 2h}",
                                                     "{low: 8h, normal: 4h, high: 5h}")], ["/accept_within/high"]),
        ("a handoff that outlasts the outcome", [put(REST, "accept_within: 1h", "accept_within: 25h")],
         ["/handoff/accept_within"]),
        ("a handoff in open hours that always outlasts a day", [put(REST, "accept_within: 1h",
          "accept_within: {time: 11h, calendar: office}")], ["/handoff/accept_within"]),
        ("a handoff in open hours that may", [put(REST, "accept_within: 1h",
          "accept_within: {time: 3h, calendar: office}")], []),
        ("an acceptance that lapses too late", [put(REST, "  checklist: [clear]",
          "  checklist: [clear]\n  progress_within: 2d")], ["/accept/progress_within"]),
        ("targets", [add("policies/targets.yaml", "schema: surety/v1\nkind: Targets\nevery:\n"
          "  time_to_acknowledge: {median: 4h, p90: 2h}\n  time_to_resolution: {median: 2h, p90: 4h}\n"
          "templates:\n  rest:\n    time_to_acknowledge: {median: 2h, p90: 1h}\n")],
         ["/every/time_to_acknowledge/median", "/templates/rest/time_to_acknowledge/median"]),
    ],
)  # fmt: skip
def test_times_that_contradict_each_other(word: str, edits: list[Edit], pointers: list[str]) -> None:
    assert told(contradicting_times, *edits) == [("SUR706", each) for each in pointers], word
