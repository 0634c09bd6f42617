"""Ticket fields that are filled in: each value has the type of its field, or the step fails."""

from __future__ import annotations

import pytest

from runner.contract.filled import filled_fields
from runner.contract.policies import TicketField
from runner.contract.text import TextError, message_context
from runner.zones import zone

DECLARED = {
    name: TicketField.model_validate({"type": sort, "summary": "x"})
    for name, sort in (("amount", "number"), ("paused", "boolean"), ("due", "instant"), ("title", "text"))
}
TICKET = {"amount": 120000, "share": 0.5, "paused": True, "due": "2026-03-03T08:00:00Z", "title": "A"}


def filled(**written: object) -> dict[str, object]:
    context = message_context(
        ticket=TICKET, escalation={}, owner=None, previous=None, owners={}, accept_by=None, outcome="x", inputs={}
    )
    return filled_fields(written, DECLARED, context, zone("Europe/Berlin"))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("amount", "{{ ticket.amount }}", 120000),
        ("amount", "{{ ticket.share }}", 0.5),
        ("amount", " {{ ticket.amount }} ", 120000),
        ("amount", "{{ ticket.nothing | default: '' }}", None),
        ("paused", "{{ ticket.paused }}", True),
        ("due", "{{ ticket.due }}", "2026-03-03T08:00:00Z"),
        ("due", "{{ ticket.nothing | default: '' }}", None),
        ("title", "Due {{ ticket.due }}", "Due 2026-03-03 09:00 CET"),
        ("title", "{{ ticket.title }}", "A"),
        ("unknown", "{{ ticket.amount }}", "120000"),
        ("title", "as it is", "as it is"),
        ("amount", 7, 7),
        ("paused", None, None),
    ],
)
def test_a_value_has_the_type_of_its_field(field: str, text: object, value: object) -> None:
    found = filled(**{field: text})
    assert (found, type(found[field])) == ({field: value}, type(value))


@pytest.mark.parametrize(
    ("field", "words"), [("amount", "`amount` is a number"), ("paused", "`paused` is true or false")]
)
def test_what_fits_no_type_is_an_error(field: str, words: str) -> None:
    with pytest.raises(TextError, match=words):
        filled(**{field: "{{ ticket.title }}"})
