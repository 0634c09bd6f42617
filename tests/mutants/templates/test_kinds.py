"""What each kind makes of a small template, and what its mutants are called."""

from __future__ import annotations

import copy
from typing import Any

from tests.mutants.templates.kinds import KINDS, Shipped, edits
from tests.mutants.templates.places import at, changed, places, without
from tests.mutants.templates.reasons import Reason

SHIPPED = Shipped(
    values={"type": ("question", "billing"), "priority": ("low", "high")},
    rooms=("on-call", "finance"),
    actions=("open", "shut"),
    uses={"outer": ("inner",), "inner": ()},
)
TEMPLATE: dict[str, Any] = {
    "schema": "surety/v1",
    "kind": "Template",
    "name": "small",
    "summary": "What readers read stays as it is.",
    "trigger": {"on": ["ticket.created"], "when": {"type": "billing", "not": {"priority": "low"}}},
    "owners": {"primary": {"rotation": "first"}, "escalation_owner": {"role": "head-of-operations"}},
    "accept": {"within": "2h", "repeat": 1},
    "runbook": {
        "open": [
            {"use": "tell", "with": {"room": "on-call", "message": "{{ owner.name }}, please look."}},
            {"set_fields": {"priority": "high"}, "undo": "restore", "on_error": "stop"},
            {"create_ticket": {"subject": "x", "body": "y", "task": True}, "undo": {"never": "It stays."}},
        ]
    },
}
BLOCK: dict[str, Any] = {"schema": "surety/v1", "kind": "Block", "name": "inner", "steps": [{"note": {"text": "x"}}]}


def made(kind: str, plain: dict[str, Any] = TEMPLATE) -> dict[str, dict[str, Any]]:
    return {edit.label: edit.plain for edit in edits(plain, SHIPPED) if edit.kind == kind}


def test_places_have_names_that_say_what_is_written() -> None:
    labels = [each.label for each in places(TEMPLATE)]
    assert "runbook/open/use=tell/with/room" in labels
    assert "runbook/open/set_fields=priority/undo" in labels
    assert "trigger/on/ticket.created" in labels
    assert not [label for label in labels if "summary" in label or label in {"schema", "kind", "name"}]
    assert len(labels) == len(set(labels))


def test_a_copy_is_changed_and_never_the_document() -> None:
    before = copy.deepcopy(TEMPLATE)
    assert at(changed(TEMPLATE, ("accept", "within"), "3h"), ("accept", "within")) == "3h"
    assert "within" not in without(TEMPLATE, ("accept", "within"))["accept"]
    list(edits(TEMPLATE, SHIPPED))
    assert before == TEMPLATE


def test_whatever_is_written_is_left_out() -> None:
    found = made("drop")
    assert found.keys() == {each.label for each in places(TEMPLATE)}
    assert "undo" not in found["runbook/open/set_fields=priority/undo"]["runbook"]["open"][1]
    assert len(found["runbook/open/use=tell"]["runbook"]["open"]) == 2


def test_neighbours_change_places() -> None:
    found = made("swap")
    assert found["owners: primary and escalation_owner"]["owners"]["primary"] == {"role": "head-of-operations"}
    steps = found["runbook/open: use=tell and set_fields=priority"]["runbook"]["open"]
    assert [next(iter(step)) for step in steps] == ["set_fields", "use", "create_ticket"]


def test_times_and_numbers_become_larger() -> None:
    found = made("loosen")
    assert found["accept/within: 2h to 4h"]["accept"]["within"] == "4h"
    assert found["accept/repeat: 1 to 2"]["accept"]["repeat"] == 2
    assert len(found) == 2


def test_hours_of_a_calendar_become_longer() -> None:
    plain = {"kind": "Calendars", "calendars": {"office": {"hours": {"monday": ["09:00-17:00"]}}}}
    found = made("loosen", plain)
    assert list(found) == ["calendars/office/hours/monday: 09:00-17:00 to 08:00-18:00"]


def test_conditions_and_their_parts_are_turned_round() -> None:
    found = made("negate")
    whens = {label: plain["trigger"]["when"] for label, plain in found.items()}
    assert whens["trigger/when"] == {"not": {"type": "billing", "not": {"priority": "low"}}}
    assert whens["trigger/when/type"] == {"not": {"any": [{"priority": "low"}, {"type": "billing"}]}}
    assert whens["trigger/when/not"] == {"type": "billing", "priority": "low"}


def test_somebody_else_is_meant() -> None:
    found = made("people")
    assert found["owners/primary to head-of-operations"]["owners"]["primary"] == {"role": "head-of-operations"}
    assert found["owners/escalation_owner to support-lead"]["owners"]["escalation_owner"] == {"role": "support-lead"}


def test_words_of_a_few_and_flags_become_others() -> None:
    found = made("otherwise")
    assert found.keys() == {"runbook/open/create_ticket/create_ticket/task to False"}, (
        "what leaving it out does is left"
    )


def test_what_is_taken_back_no_longer_is() -> None:
    found = made("undo")
    assert list(found) == ["runbook/open/set_fields=priority/undo to never"]


def test_values_rooms_and_texts() -> None:
    assert "trigger/when/type: billing to question" in made("values")
    assert "runbook/open/set_fields=priority/set_fields/priority: high to low" in made("values")
    assert list(made("ways")) == ["runbook/open/use=tell/with/room: on-call to finance"]
    (blank,) = made("blank").values()
    assert blank["runbook"]["open"][0]["with"]["message"] == "(…), please look."


def test_loops() -> None:
    assert made("loop", BLOCK).keys() == {"uses inner", "uses outer"}
    found = made("loop")
    assert found["accept/repeat: 9"]["accept"]["repeat"] == 9
    again = found["runbook/open/create_ticket/create_ticket opens it again"]
    assert again["runbook"]["open"][2]["create_ticket"]["fields"] == {"type": "billing"}


def test_every_kind_makes_something() -> None:
    kinds = {edit.kind for edit in (*edits(TEMPLATE, SHIPPED), *edits(BLOCK, SHIPPED))}
    assert kinds == KINDS.keys()


def test_a_reason_is_given_by_name_or_by_pattern() -> None:
    reason = Reason("because", ("small: drop metrics*", "blocks/x: drop a"))
    assert reason.fits("small: drop metrics/handoffs")
    assert reason.fits("blocks/x: drop a")
    assert not reason.fits("blocks/x: drop ab")
