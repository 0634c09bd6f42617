"""A contract is closed: what it needs is in it, what belongs to the active epoch is not, and its bytes are its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.canonical import canonical, digest_of
from runner.contract.contract import Contract
from runner.contract.load import load_revision
from runner.contract.nodes import to_plain
from runner.contract.roster_form import RosterForm
from runner.contract.source import load as load_yaml
from tests.runner.contract.repository import MINIMAL, Drop, Edit, MemoryFiles, add, drop, put, revision

BILLING = "templates/billing/template.yaml"
PEOPLE, ROTATIONS, CALENDARS = "policies/people.yaml", "policies/rotations.yaml", "policies/calendars.yaml"
ABSENCES = "policies/absences.yaml"
OVERRIDE = b"""\
    overrides:
      - {person: cyd, from: "2026-03-02T09:00:00Z", until: "2026-03-04T09:00:00Z", reason: A course.}
"""
VERSION = b"""\
    versions:
      - effective_from: "2026-06-01 09:00"
        members: [ben]
        starts: "2026-06-01"
        handover: {every: day, at: "09:00"}
"""
SWAP = b"""\
swaps:
  - {rotation: first, person: cyd, instead_of: ann, from: "2026-03-02T09:00:00Z", until: "2026-03-04T09:00:00Z"}
"""
LIMITS, FIELDS, EXCEPTIONS = "policies/limits.yaml", "policies/fields.yaml", "policies/exceptions.yaml"
CHECKLISTS, EVIDENCE, CHANNELS = "policies/checklists.yaml", "policies/evidence.yaml", "policies/channels.yaml"
CODES, GOVERNANCE, ANNOUNCE = (
    "policies/resolution_codes.yaml",
    "policies/governance.yaml",
    "templates/blocks/announce.yaml",
)


def digests(*edits: Edit | Drop) -> dict[str, str]:
    return {name: contract.digest for name, contract in revision(*edits).contracts.items()}


def plain(name: str, *edits: Edit | Drop) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(revision(*edits).contracts[name].canonical)
    return data


@pytest.mark.parametrize(
    "edit",
    [
        put(PEOPLE, "name: Ann Archer", "name: Anna Archer"),
        put(PEOPLE, "chat: ben@chat.example.com", "mail: ben@example.com"),
        put(PEOPLE, "zone: Europe/Paris", "zone: Asia/Tokyo"),
        put(PEOPLE, "members: [ann, ben]", "members: [ben, ann]"),
        put(PEOPLE, "teams:", "  dee: {name: Dee, zone: Europe/Oslo, contacts: {chat: dee}}\nteams:"),
        put(ROTATIONS, "members: [ann, ben]", "members: [ben]"),
        put(ABSENCES, 'until: "2026-02-09', 'until: "2026-03-09'),
        put(CHANNELS, "CHAT_WEBHOOK", "OTHER_WEBHOOK"),
        put(CHANNELS, '"#counter"', '"#till"'),
        put(CALENDARS, 'monday: ["22:00-24:00"]', 'monday: ["21:00-24:00"]'),
        put(CALENDARS, "The hours of the office.", "When somebody is there."),
        put(CALENDARS, "2027-12-31", "2028-12-31"),
        put(CHECKLISTS, "Does anybody ask this?", "Nobody asks this?"),
        put(EVIDENCE, "A picture.", "Two pictures."),
        put(EXCEPTIONS, "within: 2d", "within: 3d"),
        put(CODES, "The customer has the money.", "Money was sent."),
        put(GOVERNANCE, "gatekeepers: [ben]", "gatekeepers: [ann]"),
        put(GOVERNANCE, "last_resort: cyd", "last_resort: ben"),
        put(LIMITS, "repeat_at_most: 2", "repeat_at_most: 3"),
        put(LIMITS, "low: 8h", "low: 9h"),
        put(FIELDS, "How much money.", "The amount."),
        put(FIELDS, "{type: text, summary: The title.}", "{type: text, summary: The title., helpdesk: {local: title}}"),
        put("policies/routing.yaml", "not: solved", "not: [solved]"),
        put("templates/rest/template.yaml", "summary: Everything else.", "summary: The rest."),
        put("templates/blocks/announce.yaml", "Post to a room, then keep it in the ticket.", "Tell a room."),
        put(ANNOUNCE, "What to say.", "Words."),
    ],
    ids=lambda edit: f"{edit.path.split('/')[-1]}: {edit.new}"[:60],
)  # fmt: skip
def test_what_a_template_does_not_use_or_must_not_hold_leaves_its_digest(edit: Edit) -> None:
    assert digests(edit)["billing"] == digests()["billing"]


@pytest.mark.parametrize(
    "edit",
    [
        put(CALENDARS, '"2026-01-01": New Year', '"2026-01-01": New Year\n      "2026-01-06": Epiphany'),
        put(CALENDARS, 'friday: ["09:00-12:00"]', 'friday: ["09:00-13:00"]'),
        put(CALENDARS, "The hours of the office.\n    zone: Europe/Berlin", "The hours.\n    zone: Europe/Vienna"),
        put(CHECKLISTS, "Is it clear what to do?", "Do you know what to do?"),
        put(EVIDENCE, "Link to the reply.", "The reply."),
        put(EVIDENCE, "field: reply_link", "field: subject"),
        put(EXCEPTIONS, "time: 8h", "time: 9h"),
        put(EXCEPTIONS, "owner: {team: desk}", "owner: {person: ann}"),
        put(LIMITS, "remind_every: 2h", "remind_every: 1h"),
        put(LIMITS, "step_within: 10m", "step_within: 11m"),
        put(FIELDS, "reopen_to: open", "reopen_to: pending"),
        put(GOVERNANCE, "override_jobs: [manager]", "override_jobs: [clerk]"),
        put(BILLING, "  within: 1h\n", "  within: 59m\n"),
        put(BILLING, "  within: 1h\n", "  within: 1h\n  progress_within: 4h\n"),
        put(BILLING, "primary: {rotation: first}", "primary: {person: ann}"),
        put(ANNOUNCE, "Announced: ", "Posted: "),
        put(ANNOUNCE, "default: 5", "default: 6"),
    ],
    ids=lambda edit: f"{edit.path.split('/')[-1]}: {edit.new}"[:60],
)
def test_what_a_template_uses_is_in_its_digest(edit: Edit) -> None:
    assert digests(edit)["billing"] != digests()["billing"]


def test_no_name_and_no_contact_of_a_person_is_in_a_contract() -> None:
    for contract in revision().contracts.values():
        text = contract.canonical.decode()
        for word in ("Archer", "Baker", "Cooper", "example.com", "CHAT_WEBHOOK", "#counter", "members", "Europe/Paris"):
            assert word not in text


def test_people_are_in_a_contract_only_where_the_template_refers_to_them() -> None:
    assert {
        name for name in ("ann", "ben", "cyd") if f'"{name}"'.encode() in revision().contracts["rest"].canonical
    } == {
        "ann",
        "ben",
        "cyd",
    }
    assert not any(f'"{name}"'.encode() in revision().contracts["billing"].canonical for name in ("ann", "ben", "cyd"))


def test_defaults_are_written_out() -> None:
    found = plain("billing")
    assert found["repeat"] == 0
    assert found["rearm"] is None
    assert found["progress_within"] is None
    assert found["when_overdue"] == "remind"
    assert found["on_other_match"] == "keep"
    assert [rung["name"] for rung in found["ladder"]] == ["primary", "secondary", "escalation_owner"]
    assert found["exceptions"]["data-missing"]["within"] == {"seconds": 8 * 3600, "calendar": "office"}
    assert found["exceptions"]["data-missing"]["owner"] == {
        "person": None,
        "role": None,
        "rotation": None,
        "team": "desk",
    }
    step = found["runbook"]["accepted"][0]
    assert (step["via"], step["room"], step["on_leave"], step["task"]) == ([], None, "cancel", False)


def test_a_calendar_that_only_progress_counts_in_is_taken_in() -> None:
    within = "  within: 1h\n  progress_within: {time: 8h, calendar: office}\n"
    found = plain("billing", put(BILLING, "  within: 1h\n", within))
    assert found["progress_within"] == {"seconds": 8 * 3600, "calendar": "office"}
    assert "office" in found["calendars"]


def test_what_a_template_says_replaces_what_the_class_says() -> None:
    found = plain("rest")["exceptions"]["data-missing"]
    assert (found["within"], found["owner"]["team"]) == ({"seconds": 4 * 3600, "calendar": None}, "desk")
    other = put("templates/rest/template.yaml", "{within: 4h}", "{owner: {role: manager}}")
    found = plain("rest", other)["exceptions"]["data-missing"]
    assert (found["within"]["seconds"], found["owner"]["role"], found["owner"]["team"]) == (8 * 3600, "manager", None)


def test_only_the_calendars_in_use_are_in_it_with_minutes_and_dates() -> None:
    assert plain("rest")["calendars"] == {}
    monday, friday = [[540, 720], [780, 1020]], [[540, 720]]
    assert plain("billing")["calendars"] == {
        "office": {
            "zone": "Europe/Berlin",
            "week": [monday, [], [], [], friday, [], []],
            "closed": ["2026-01-01"],
            "open": {},
        }
    }
    by_exception = put("templates/rest/template.yaml", "{within: 4h}", "{}")
    assert list(plain("rest", by_exception)["calendars"]) == ["office"]


def test_limits_are_seconds() -> None:
    assert plain("billing")["limits"] == {
        "named_within": 900,
        "manager_knows_within": 10800,
        "remind_every": 7200,
        "untold_retries": 1,
        "restores_at_most": 2,
        "snooze_at_most": 86400,
        "step_within": 600,
    }


def test_a_contract_is_what_its_bytes_say() -> None:
    for contract in revision().contracts.values():
        again = Contract.load(contract.canonical)
        assert again == contract
        assert (again.canonical, again.digest) == (contract.canonical, contract.digest)
        assert again.condition == contract.condition
        assert contract.digest == digest_of(contract.canonical)


def test_a_contract_at_hand_and_one_read_back_list_in_the_same_order() -> None:
    """Messages of refused commands name classes and rungs in order, and stand in the record."""
    classes = put(BILLING, "  data-missing: {}\n", "  legal-hold: {}\n  data-missing: {}\n")
    contract = revision(classes).contracts["billing"]
    again = Contract.load(contract.canonical)
    assert list(again.exceptions) == list(contract.exceptions) == ["data-missing", "legal-hold"]
    assert list(again.owners) == list(contract.owners)
    assert list(again.runbook) == list(contract.runbook)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":2}', b"\xff"])
def test_other_bytes_are_no_contract_and_no_roster(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's, Unicode's and pydantic's are all of them
        Contract.load(data)
    with pytest.raises(ValueError):  # noqa: PT011
        RosterForm.load(data)


def test_two_loads_give_the_same_bytes() -> None:
    first, second = revision(), revision()
    assert first.roster.canonical == second.roster.canonical
    assert {n: c.canonical for n, c in first.contracts.items()} == {n: c.canonical for n, c in second.contracts.items()}


def test_comments_and_layout_change_nothing() -> None:
    comment = put(BILLING, "trigger:\n", "# When?\ntrigger:   # this is when\n\n")
    layout = put(
        BILLING,
        "    type: billing\n    priority: [normal, high]",
        "    {'type': \"billing\", priority:\n      [normal,\n       high]}",
    )
    assert digests(comment, layout) == digests()


PLAIN: dict[str, Any] = {path: to_plain(node) for path, data in MINIMAL.items() if (node := load_yaml(data, path).root)}


@st.composite
def shuffled(draw: st.DrawFn, value: Any) -> Any:
    """The same data with the keys of every mapping in another order."""
    if isinstance(value, dict):
        return {key: draw(shuffled(value[key])) for key in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [draw(shuffled(each)) for each in value]
    return value


@settings(max_examples=12)
@given(st.data())
def test_the_order_of_keys_changes_nothing(data: st.DataObject) -> None:
    templates = [path for path in PLAIN if path.startswith("templates/")]
    files: dict[str, bytes | None] = dict(MINIMAL)
    for path in (*templates, CALENDARS, LIMITS, EXCEPTIONS, FIELDS, CHECKLISTS):
        files[path] = json.dumps(data.draw(shuffled(PLAIN[path]), label=path)).encode()
    loaded = load_revision(MemoryFiles(files)).revision
    assert loaded is not None
    assert {name: contract.digest for name, contract in loaded.contracts.items()} == digests()


# The roster


def test_contacts_and_names_do_not_name_a_roster() -> None:
    same = revision().roster.digest
    for edit in (
        put(PEOPLE, "name: Ann Archer", "name: Anna"),
        put(PEOPLE, "ben@chat.example.com", "benjamin@chat.example.com"),
        put(PEOPLE, "zone: Europe/Paris", "zone: Asia/Tokyo"),
        put(ROTATIONS, "Whoever is asked first.", "First."),
    ):
        assert revision(edit).roster.digest == same


@pytest.mark.parametrize(
    "edit",
    [
        put(PEOPLE, "zone: Europe/Paris\n    jobs: [clerk]", "zone: Europe/Paris\n    jobs: [manager]"),
        put(PEOPLE, "members: [ann, ben]", "members: [ben, ann]"),
        put(ROTATIONS, "members: [ann, ben]", "members: [ben, ann]"),
        put(ABSENCES, 'until: "2026-02-09', 'until: "2026-02-10'),
        put(GOVERNANCE, "last_resort: cyd", "last_resort: ben"),
        add(ROTATIONS, MINIMAL[ROTATIONS].replace(b"every: week", b"every: day")),
        add(ROTATIONS, MINIMAL[ROTATIONS].replace(b'at: "09:00"}', b'at: "09:00", on: tuesday}')),
        add(ROTATIONS, MINIMAL[ROTATIONS] + b"    apart_from: [first]\n"),
        add(ROTATIONS, MINIMAL[ROTATIONS] + b"    only: [{days: [monday]}]\n"),
        add(ROTATIONS, MINIMAL[ROTATIONS] + OVERRIDE),
        add(ROTATIONS, MINIMAL[ROTATIONS] + VERSION),
        add(ABSENCES, MINIMAL[ABSENCES] + SWAP),
        put(PEOPLE, "zone: Europe/Paris", "zone: Europe/Paris\n    substitute: cyd"),
        drop(ABSENCES),
    ],
    ids=[
        "job",
        "team",
        "rotation",
        "absence",
        "last resort",
        "shift",
        "weekday",
        "apart",
        "hours",
        "override",
        "version",
        "swap",
        "substitute",
        "nobody away",
    ],
)
def test_who_is_on_call_names_a_roster(edit: Edit) -> None:
    assert revision(edit).roster.digest != revision().roster.digest


def test_a_roster_in_full() -> None:
    roster = revision().roster
    assert json.loads(roster.canonical) == {
        "format": 2,
        "people": {
            name: {"jobs": [job], "substitute": None}
            for name, job in (("ann", "clerk"), ("ben", "clerk"), ("cyd", "manager"))
        },
        "teams": {"desk": ["ann", "ben"]},
        "rotations": {
            name: {
                "zone": "Europe/Berlin",
                "versions": [
                    {
                        "effective_from": None,
                        "layers": [
                            {
                                "members": members,
                                "starts": "2026-01-05T09:00",
                                "anchor": "2026-01-05T09:00",
                                "length_minutes": 10080,
                                "only": [],
                            }
                        ],
                    }
                ],
                "overrides": [],
                "apart_from": [],
            }
            for name, members in (("first", ["ann", "ben"]), ("second", ["ben", "ann"]))
        },
        "absences": [{"person": "ann", "start": "2026-02-02T08:00:00.000000Z", "end": "2026-02-09T08:00:00.000000Z"}],
        "swaps": [],
        "last_resort": "cyd",
        "jobs": {"clerk": ["ann", "ben"], "manager": ["cyd"]},
    }
    assert RosterForm.load(roster.canonical) == roster
    assert roster.digest == digest_of(roster.canonical)


# Canonical JSON


def test_canonical_json_is_sorted_dense_utf_8() -> None:
    value = {"b": [1, 2.5, True, None], "a": {"ü": 'é\n"', "Z": {}}}
    assert canonical(value) == '{"a":{"Z":{},"ü":"é\\n\\""},"b":[1,2.5,true,null]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_canonical_json_has_no_number_that_json_has_not(value: object) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        canonical(value)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes"])
def test_canonical_json_holds_json_data_only(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
