"""Decisions on semantics that show in a whole ticket's life. See the page."""

from __future__ import annotations

import pytest

from tests.validators.repositories import complaints, tried


@pytest.mark.parametrize(
    ("word", "fields"),
    [
        ("out of the scope", "{type: task}"),
        ("of a template of its own", "{account.tier: standard}"),
        ("less urgent", "{priority: low}"),
        ("more urgent", "{priority: urgent}"),
    ],
)
def test_what_becomes_of_the_ticket_changes_no_ladder_that_is_under_way(word: str, fields: str) -> None:
    result = tried(f"""
        acts: [{{at: "09:30", do: update, fields: {fields}}}]
        expect:
          - {{at: "10:59", template: enterprise-billing, state: offered, owner: anna-keller, next_deadline: "11:00"}}
          - {{at: "11:00", owner: tomasz-nowak, reason: no_answer, next_deadline: "13:00"}}
    """)
    assert result.passed, (word, complaints(result))
