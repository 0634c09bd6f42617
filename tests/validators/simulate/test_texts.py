"""What a scenario says of texts: what messages said, by which channel, and what was written to the ticket."""

from __future__ import annotations

import pytest

from runner.contract.load import Revision
from tests.validators.repositories import complaints, document_of, revision, scenario_text, tried
from tests.validators.simulate.test_questions import asking
from validators.check.names import check_names

STEPS = """
- notify: {room: finance-ops, message: "{{ owner.name }}, please accept {{ ticket.id }}."}
- notify: {who: {role: finance-manager}, via: [email], message: "Look at {{ ticket.id }}."}
- note: {text: "Priority {{ ticket.priority | default: 'unknown' }} at first."}
"""
TIMES = """
- notify: {room: finance-ops, message: "By {{ escalation.outcome_due }}, of {{ ticket.created_at }}."}
- notify: {who: {role: head-of-operations}, message: "To you by {{ escalation.outcome_due }}."}
- note: {text: "Since {{ escalation.opened_at }}, changed {{ ticket.updated_at }}."}
- set_fields: {sla_due_at: "{{ escalation.outcome_due }}", subject: "Due {{ escalation.outcome_due }}"}
  undo: restore
"""


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Revision:
    return asking(tmp_path_factory.mktemp("speaking"), STEPS)


def test_parts_of_what_was_said_and_written_hold(speaking: Revision) -> None:
    result = tried(
        """
        expect:
          - at: "09:00"
            said: ["please accept invoice.", Look at invoice]
            noted: [Priority high]
            channels: [chat, email]
          - {at: "10:00", channels: [], noted: [Priority high]}
        never:
          - {said: ["{{"]}
        """,
        of=speaking,
    )
    assert result.passed, complaints(result)


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ("said: [please take invoice]", "expected `please take invoice`; got"),
        ("said: [please accept, please take]", "expected `please take`; got"),
        ("noted: [Priority low]", "expected `Priority low`; got"),
        ("channels: [chat]", "expected chat; got chat, email"),
    ],
    ids=["said", "one of two", "noted", "channels are all of them"],
)
def test_what_was_not_said_is_shown_beside_what_was(speaking: Revision, expected: str, complaint: str) -> None:
    found = complaints(tried(f'expect:\n  - {{at: "09:00", {expected}}}\n', of=speaking))
    assert len(found) == 1
    assert complaint in found[0]
    if "said" in expected:
        assert "please accept invoice." in found[0]


def test_where_nothing_was_said_that_is_what_was_got(speaking: Revision) -> None:
    found = complaints(tried('expect:\n  - {at: "09:01", said: [please accept]}\n', of=speaking))
    assert found == [
        "SUR603 said is not as expected at Tue 2026-03-03 09:01:00: expected `please accept`; got nothing",
    ]


def test_something_that_must_never_be_said_is_found_when_it_is(speaking: Revision) -> None:
    found = complaints(tried("never:\n  - {said: [please accept]}\n", of=speaking))
    assert len(found) == 1
    assert found[0].startswith("SUR603")
    assert "please accept invoice." in found[0]


def test_something_is_said_in_time(speaking: Revision) -> None:
    result = tried('eventually:\n  - {noted: [Priority high], after: "09:00", within: 1m}\n', of=speaking)
    assert result.passed, complaints(result)


def test_a_channel_that_does_not_exist_is_a_name_of_nothing() -> None:
    found = check_names(revision(), *document_of(scenario_text('expect:\n  - {at: "09:00", channels: [pigeon]}\n')))
    assert [each.message for each in found] == ["there is no channel `pigeon`"]


def test_times_read_as_whoever_is_meant_sees_them_and_stay_exact_in_a_field_of_time(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """In a room and in a note as whoever is accountable does, here in Berlin; the service says the same."""
    of = asking(tmp_path_factory.mktemp("times"), TIMES)
    result = tried(
        """
        expect:
          - at: "09:00"
            said: ["By 2026-03-04 17:00 CET, of 2026-03-03 09:00 CET.", "To you by 2026-03-04 11:00 EST."]
            noted: ["Since 2026-03-03 09:00 CET, changed 2026-03-03 09:00 CET."]
            fields: {sla_due_at: "2026-03-04 17:00", subject: Due 2026-03-04 17:00 CET}
        """,
        of=of,
    )
    assert result.passed, complaints(result)
