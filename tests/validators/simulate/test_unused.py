"""What a scenario holds and does not need: found by running it without, and never where it is what is tried."""

from __future__ import annotations

import pytest

from tests.validators.repositories import INVOICE, complaints, tried

EXPECT = '\nexpect: [{at: "12:00", owner: tomasz-nowak}]'
AWAY = 'absences: [{{person: {0}, from: "{1}", until: "{2}"}}]'


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (AWAY.format("anna-keller", "18:00", "19:00"), "SUR609 the absence of anna-keller changes nothing"),
        (AWAY.format("helen-park", "09:00", "10:30"), "SUR609 the absence of helen-park changes nothing"),
        ('acts: [{at: "10:00", do: update, fields: {priority: high}}]', "SUR610 `update` changes nothing"),
        ('acts: [{at: "10:00", do: undelivered, who: helen-park}]', "SUR610 `undelivered` changes nothing"),
        ('acts: [{at: "10:00", do: step_fails, step: page}]', "SUR610 `step_fails` changes nothing"),
        ('acts: [{at: "10:00", do: step_works, step: notify}]', "SUR610 `step_works` changes nothing"),
        ('acts: [{at: "10:00", do: absent, who: helen-park, until: "10:30"}]', "SUR610 `absent` changes nothing"),
        ("actions: {open_room: {room: R-7}}", "SUR609 what open_room answers changes nothing"),
    ],
)
def test_what_changes_nothing_fails(body: str, complaint: str) -> None:
    found = complaints(tried(body + EXPECT))
    assert [each.startswith(complaint) for each in found] == [True], found


@pytest.mark.parametrize(
    "body",
    [
        AWAY.format("tomasz-nowak", "10:00", "11:00"),
        AWAY.format("helen-park", "10:00", "11:00"),  # over at the very instant at which somebody is asked
        'acts: [{at: "10:00", do: update, fields: {subject: Something else}}]',
        'acts: [{at: "10:00", do: undelivered, who: tomasz-nowak}]',
        'acts: [{at: "08:59", do: step_fails, step: set_fields}]',
    ],
)
def test_what_has_a_part_in_the_story_passes(body: str) -> None:
    result = tried(body + EXPECT)
    assert result.passed, complaints(result)


def test_an_absence_that_changes_something_passes() -> None:
    expect = '\nexpect: [{at: "09:00", owner: tomasz-nowak, recorded: [absent]}]'
    assert tried(AWAY.format("anna-keller", "08:00", "10:00") + expect).passed


@pytest.mark.parametrize(
    ("besides", "complaint"),
    [
        (AWAY.format("anna-keller", "18:00", "19:00"), "SUR609 the absence of anna-keller changes nothing"),
        (AWAY.format("anna-keller", "07:00", "08:00"), "SUR609 the absence of anna-keller changes nothing"),
        ('acts: [{at: "18:00", do: absent, who: anna-keller, until: "19:00"}]', "SUR610 `absent` changes nothing"),
    ],
)
def test_what_one_absence_does_speaks_for_no_other_of_the_same_person(besides: str, complaint: str) -> None:
    away = '{at: "09:02", do: absent, who: anna-keller, until: "10:00"}'
    acts = besides.replace("acts: [", f"acts: [{away}, ") if "acts:" in besides else f"acts: [{away}]\n{besides}"
    found = complaints(tried(acts + '\nexpect: [{at: "09:02", owner: tomasz-nowak}]'))
    assert [each.startswith(complaint) for each in found] == [True], found
    assert tried(f"acts: [{away}]" + '\nexpect: [{at: "09:02", owner: tomasz-nowak}]').passed


def test_a_ticket_without_a_part_fails() -> None:
    other = INVOICE + 'other:\n  at: "09:00"\n  fields: {type: task, priority: low, status: new}\n'
    expect = 'expect: [{{at: "09:00", ticket: {0}, state: {1}}}]'
    assert complaints(tried(expect.format("invoice", "offered"), other)) == [
        "SUR609 the ticket other has no part in the story: everything happens as it would without"
    ]
    assert tried(expect.format("other", "none"), other).passed


def test_an_expectation_before_its_ticket_fails() -> None:
    found = complaints(tried('expect: [{at: "08:59:59", state: none}]'))
    assert found == ["SUR606 there is no ticket invoice before Tue 2026-03-03 09:00:00, so there is nothing to look at"]


def test_after_the_end_of_everything_the_same_need_not_be_said_twice() -> None:
    body = """
        acts: [{{at: "09:30", do: override_close, by: miriam-okafor, code: no_error, text: It was right.}}]
        expect:
          - {{at: "09:30", state: closed}}
          - {{at: "2026-03-10 09:00", state: closed}}
          {0}
    """
    assert tried(body.format("")).passed
    assert tried(body.format('- {at: "2026-03-11 09:00", notified: []}')).passed
    found = complaints(tried(body.format('- {at: "2026-03-11 09:00", state: closed}')))
    assert found == [
        "SUR606 nothing can happen any more after Tue 2026-03-03 09:30:00, so this can only repeat what was seen"
    ]


def test_nothing_is_said_of_fixtures_where_something_else_fails() -> None:
    found = complaints(
        tried(AWAY.format("helen-park", "09:00", "10:30") + EXPECT.replace("tomasz-nowak", "helen-park"))
    )
    assert [each[:6] for each in found] == ["SUR603"]
