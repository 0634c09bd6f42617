"""Assertions over time and in the end: exact to the instant, looked at after every decision, never vacuously true."""

from __future__ import annotations

import pytest

from tests.validators.repositories import complaints, document_of, pointed_at, revision, scenario_text, tried
from validators.simulate import run_scenario

ACCEPTED = 'acts: [{at: "11:30", do: accept, by: tomasz-nowak}]\n'
"""Anna is asked at 09:00, Tomasz at 11:00, who accepts."""


@pytest.mark.parametrize(
    "body",
    [
        "always: [{accountable: somebody}]",
        "always: [{template: enterprise-billing, while: open}]",
        'always: [{state: offered, until: "11:30"}]',
        'always: [{owner: tomasz-nowak, from: "11:00"}]',
        'always: [{notified: [], from: "11:30:01", until: "23:00"}]',
        "always: [{owner: tomasz-nowak, while: [accepted]}]",
        "never: [{owner: miriam-okafor}]",
        "never: [{state: offered, owner: miriam-okafor}]",
        'never: [{owner: anna-keller, from: "11:00"}]',
        "never: [{state: exhausted}, {state: cancelled}]",
        "never: [{exceptions: [data-missing]}]",
        "never: [{notified: [grace-mwangi]}]",
        'never: [{rooms: [finance-ops], from: "09:00:01", until: "11:30"}]',
        "eventually: [{owner: tomasz-nowak}]",
        "eventually: [{owner: tomasz-nowak, within: 2h}]",
        'eventually: [{state: accepted, after: "11:00", within: 30m}]',
        "eventually: [{notified: [miriam-okafor]}]",
        "eventually: [{fields: {escalation_owner: tomasz-nowak}}]",
        "ends: {state: accepted, owner: tomasz-nowak}",
        'ends: {state: accepted, at: "11:30", kpis: {failovers: 1}}',
    ],
)
def test_what_holds_passes(body: str) -> None:
    result = tried(f'{ACCEPTED}{body}\nexpect: [{{at: "23:00", state: accepted}}]')
    assert result.passed, complaints(result)


@pytest.mark.parametrize(
    ("body", "where", "complaint"),
    [
        (
            "always: [{owner: anna-keller}]",
            "anna-keller",
            "owner is not as always at Tue 2026-03-03 11:00:00: expected anna-keller; got tomasz-nowak",
        ),
        (
            'always: [{state: offered, until: "11:30:01"}]',
            "offered",
            "state is not as always at Tue 2026-03-03 11:30:00: expected offered; got accepted",
        ),
        (
            "always: [{notified: []}]",
            "[]",
            "notified is not as always at Tue 2026-03-03 09:00:00: expected nobody; got anna-keller",
        ),
        (
            "never: [{state: accepted}]",
            "{state: accepted}",
            (
                "what must never be is so at Tue 2026-03-03 11:30:00: expected never state accepted; "
                "got state accepted, owner tomasz-nowak"
            ),
        ),
        (
            "never: [{notified: [miriam-okafor]}]",
            "{notified: [miriam-okafor]}",
            (
                "what must never be is so at Tue 2026-03-03 11:00:00: expected never notified miriam-okafor; "
                "got state offered, owner tomasz-nowak, notified david-lindqvist, miriam-okafor, tomasz-nowak"
            ),
        ),
        (
            'never: [{owner: anna-keller, from: "10:59:59"}]',
            '{owner: anna-keller, from: "10:59:59"}',
            (
                "what must never be is so at Tue 2026-03-03 10:59:59: expected never owner anna-keller; "
                "got state offered, owner anna-keller"
            ),
        ),
        (
            "eventually: [{state: accepted, within: 2h}]",
            "{state: accepted, within: 2h}",
            (
                "what must come true has not come true at Tue 2026-03-03 11:00:00: "
                "expected state accepted by Tue 2026-03-03 11:00:00; got state offered, owner tomasz-nowak"
            ),
        ),
        (
            "eventually: [{state: resolved}]",
            "{state: resolved}",
            (
                "what must come true has not come true at Tue 2026-03-03 23:00:00: "
                "expected state resolved by Tue 2026-03-03 23:00:00; got state accepted, owner tomasz-nowak"
            ),
        ),
        (
            "ends: {state: resolved}",
            "resolved",
            "state is not as expected in the end, at Tue 2026-03-03 23:00:00: expected resolved; got accepted",
        ),
        (
            'ends: {state: accepted, at: "11:00"}',
            '"11:00"',
            (
                "at is not as expected in the end, at Tue 2026-03-03 23:00:00: "
                "expected Tue 2026-03-03 11:00:00; got Tue 2026-03-03 11:30:00"
            ),
        ),
        (
            "ends: {code: refunded, impact: 5}",
            "refunded",
            "code is not as expected in the end, at Tue 2026-03-03 23:00:00: expected refunded; got none",
        ),
    ],
)
def test_what_does_not_hold_fails_at_the_first_instant_with_what_was_there(
    body: str, where: str, complaint: str
) -> None:
    text = scenario_text(f'{ACCEPTED}{body}\nexpect: [{{at: "23:00", state: accepted}}]')
    result = run_scenario(revision(), *document_of(text))
    assert complaints(result)[0] == f"SUR603 {complaint}"
    assert pointed_at(text, result.failures[0].diagnostic) == where
    assert result.failures[0].around, "the owner timeline is shown around it"


def test_a_state_of_less_than_an_instant_is_seen() -> None:
    """Nobody holds it between a rejection and the next offer, all in one decision; the offer itself is what is seen."""
    body = """
        acts: [{at: "09:30", do: reject, by: anna-keller, why: not_mine}]
        always: [{accountable: somebody}]
        never: [{owner: anna-keller, from: "09:30"}]
        eventually: [{owner: tomasz-nowak, reason: rejected_not_mine, within: 30m}]
    """
    assert tried(body).passed


def test_a_span_begins_when_everything_due_by_its_first_instant_is_done() -> None:
    body = """
        acts:
          - {at: "10:00", do: update, fields: {subject: Please hurry}}
          - {at: "10:00", do: accept, by: anna-keller}
        always: [{state: accepted, from: "10:00"}]
        never: [{state: offered, from: "10:00"}]
    """
    assert tried(body).passed


def test_closed_with_its_code_and_impact() -> None:
    body = """
        acts:
          - {{at: "09:30", do: override_close, by: miriam-okafor, code: no_error, text: It was right.}}
        ends: {{state: closed, code: {code}, at: "09:30"}}
        always: [{{accountable: somebody, until: "09:30"}}]
        never: [{{accountable: somebody, from: "09:30"}}]
    """
    assert tried(body.format(code="no_error")).passed
    assert "expected refunded; got no_error" in complaints(tried(body.format(code="refunded")))[0]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("always: [{owner: anna-keller, while: [waiting]}]", "{owner: anna-keller, while: [waiting]}"),
        ('never: [{state: exhausted, from: "23:00", until: "22:00"}]', '"22:00"'),
        ('always: [{state: none, until: "09:00"}]', '{state: none, until: "09:00"}'),
    ],
)
def test_what_is_never_looked_at_fails(body: str, where: str) -> None:
    text = scenario_text(f'{ACCEPTED}{body}\nexpect: [{{at: "23:00", state: accepted}}]')
    result = run_scenario(revision(), *document_of(text))
    assert [each.diagnostic.code for each in result.failures] == ["SUR606"]
    assert pointed_at(text, result.failures[0].diagnostic) == where


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("always: [{owner: ana}]", "SUR601 there is no person `ana`"),
        ('never: [{state: offered, from: "2026-02-30 10:00"}]', "SUR602 there is no date 2026-02-30"),
        ("eventually: [{template: billing}]", "SUR601 there is no template `billing`"),
        ('eventually: [{state: offered, after: "2026-03-29 02:30"}]', "SUR602 2026-03-29 02:30:00 does not exist"),
        ("ends: {code: done}", "SUR601 there is no resolution code `done`"),
        ("ends: {state: closed, ticket: other}", "SUR601 there is no ticket `other`"),
        ('owners: [{at: "09:00", owner: ana, reason: first_rung}]', "SUR601 there is no person `ana`"),
        ('owners: [{at: "09:00", owner: anna-keller, reason: luck}]', "SUR601 there is no reason `luck`"),
    ],
)
def test_names_and_times_are_checked_everywhere(body: str, complaint: str) -> None:
    assert complaints(tried(body))[0].startswith(complaint)


@pytest.mark.parametrize("body", ["always: [{while: open}]", "ends: {}", "never: [{kpis: {failovers: 0}}]", "acts: []"])
def test_what_asserts_nothing_or_cannot_be_asserted_is_no_scenario(body: str) -> None:
    with pytest.raises(AssertionError, match=r"SUR10[1-4]"):
        tried(body)


def test_the_time_in_ends_is_said_to_be_that_of_the_state() -> None:
    ends = 'ends: {state: accepted, at: "12:00"}'
    result = run_scenario(revision(), *document_of(scenario_text(f"{ACCEPTED}{ends}")))
    assert "`at` is when it came into the state in which it ends" in (result.failures[0].diagnostic.help or "")
