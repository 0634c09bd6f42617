"""Names and people, ours and the helpdesk's, both ways; and a snapshot as text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runner.contract.policies import Fields, People
from runner.helpdesk.port import HistoryEntry, Ticket
from runner.service.fieldmap import FieldMap
from runner.service.snapshot import snapshot_text
from tests.runner.service.company import START

FIELDS = Fields.model_validate(
    {
        "schema": "surety/v1",
        "kind": "Fields",
        "fields": {
            "subject": {"type": "text", "summary": "s"},
            "tier": {"type": "choice", "values": ["a", "b"], "summary": "s", "helpdesk": {"local": "cf_tier"}},
            "status": {"type": "choice", "values": ["new", "done"], "summary": "s", "helpdesk": {"local": "state"}},
            "priority": {"type": "choice", "values": ["low", "high"], "ordered": True, "summary": "s"},
            "amount": {"type": "number", "summary": "s"},
            "vip": {"type": "boolean", "summary": "s"},
            "owner": {"type": "person", "summary": "s", "helpdesk": {"local": "cf_owner"}},
            "mood": {
                "type": "choice",
                "values": ["calm", "angry"],
                "summary": "s",
                "helpdesk": {"local": {"field": "cf_mood", "values": {"angry": "3 - Angry"}}},
            },
            "es": {"type": "text", "summary": "s"},
            "ea": {"type": "instant", "summary": "s"},
        },
        "lifecycle": {"field": "status", "done": ["done"], "reopen_to": "new"},
        "record": {"state": "es", "owner": "owner", "accepted_at": "ea"},
        "priority": "priority",
    }
)
PEOPLE = People.model_validate(
    {
        "schema": "surety/v1",
        "kind": "People",
        "people": {
            "ann": {"name": "Ann", "zone": "UTC", "jobs": ["x"], "contacts": {"m": "a"}, "helpdesk": {"local": "u-1"}},
            "ben": {"name": "Ben", "zone": "UTC", "jobs": ["x"], "contacts": {"m": "b"}},
        },
        "teams": {},
    }
)
LOCAL, OTHER = FieldMap(FIELDS, PEOPLE, "local"), FieldMap(FIELDS, PEOPLE, "other")


def ticket(**fields: Any) -> Ticket:
    return Ticket("T-1", "4", START, START + timedelta(hours=1), fields, "http://desk/T-1")


@pytest.mark.parametrize(("ours", "theirs"), [("angry", "3 - Angry"), ("calm", "calm")])
def test_values_that_are_called_otherwise_there_are_ours_here(ours: str, theirs: str) -> None:
    assert LOCAL.reading(ticket(cf_mood=theirs)).fields == {"mood": ours}
    assert LOCAL.theirs({"mood": ours}) == {"cf_mood": theirs}
    assert OTHER.theirs({"mood": ours}) == {"mood": ours}


def test_a_ticket_is_done_by_the_value_that_it_has_there() -> None:
    plain = FIELDS.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    plain["fields"]["status"]["helpdesk"] = {"local": {"field": "state", "values": {"done": "Erledigt"}}}
    mapped = FieldMap(Fields.model_validate(plain), PEOPLE, "local")
    assert mapped.done(ticket(state="Erledigt"))
    assert not mapped.done(ticket(state="new"))


def test_a_reading_has_our_names_and_people() -> None:
    given = {"subject": "s", "cf_tier": "a", "state": "new", "amount": 1.5, "vip": False, "cf_owner": "u-1", "more": 1}
    found = LOCAL.reading(ticket(**given))
    assert found.fields == {"subject": "s", "tier": "a", "status": "new", "amount": 1.5, "vip": False, "owner": "ann"}
    assert (found.ticket, found.version, found.created_at) == ("T-1", "4", START)
    assert found.updated_at == START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("u-1", "ann"), ("ben", "ben"), ("stranger", "stranger"), ("ann", "ann"), (None, None)]
)
def test_a_person_that_is_not_ours_stays_as_it_is(theirs: str | None, ours: str | None) -> None:
    assert LOCAL.reading(ticket(cf_owner=theirs)).fields.get("owner") == ours


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"tier": "b", "subject": "x"}, {"cf_tier": "b", "subject": "x"}),
        ({"owner": "ann"}, {"cf_owner": "u-1"}),
        ({"owner": "ben"}, {"cf_owner": "ben"}),
        ({"owner": None, "vip": True, "amount": 2}, {"cf_owner": None, "vip": True, "amount": 2}),
        ({"undeclared": "x"}, {"undeclared": "x"}),
        ({"subject": ["a", "list"]}, {}),
    ],
)
def test_our_values_get_their_names(ours: dict[str, object], theirs: dict[str, object]) -> None:
    assert LOCAL.theirs(ours) == theirs


def test_another_helpdesk_has_other_names() -> None:
    assert OTHER.theirs({"tier": "a", "owner": "ann"}) == {"tier": "a", "owner": "ann"}
    assert OTHER.reading(ticket(tier="a", owner="u-1")).fields == {"tier": "a", "owner": "u-1"}


def test_there_and_back_is_the_same() -> None:
    ours = {"subject": "s", "tier": "a", "owner": "ann", "amount": 3, "vip": True}
    assert LOCAL.reading(ticket(**LOCAL.theirs(ours))).fields == ours


@pytest.mark.parametrize(("fields", "done"), [({"state": "done"}, True), ({"state": "new"}, False), ({}, False)])
def test_done_is_what_the_lifecycle_says_in_the_helpdesks_field(fields: dict[str, str], done: bool) -> None:
    assert LOCAL.done(ticket(**fields)) is done


def test_a_snapshot_is_the_fields_and_the_last_entries_for_reading() -> None:
    history = (
        HistoryEntry(START, "ann", "created"),
        HistoryEntry(START, "ann", "field", "state", None, "new"),
        HistoryEntry(START, "ben", "comment", text="first line\nsecond"),
        HistoryEntry(START, "ben", "comment", text="x" * 900),
    )
    text = snapshot_text(ticket(state="new", tags=("a", "b"), empty=None), history)
    assert text.splitlines() == [
        "",
        "",
        "Fields of T-1 at 2026-03-03T09:00:00.000000Z (version 4):",
        "  empty: nothing",
        "  state: new",
        "  tags: a, b",
        "",
        "Last 4 history entries:",
        "  2026-03-03T08:00:00.000000Z ann: created",
        "  2026-03-03T08:00:00.000000Z ann: state: nothing → new",
        "  2026-03-03T08:00:00.000000Z ben: comment: first line second",
        f"  2026-03-03T08:00:00.000000Z ben: comment: {'x' * 500}…",
    ]
