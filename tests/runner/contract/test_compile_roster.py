"""Rotations as they are compiled: the short form and the long one, hours of the week, hand-overs, keys."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from runner.contract import policies as pol
from runner.contract.compile_roster import compile_roster
from runner.contract.misfit import Unfit
from runner.contract.policies.people import _public_key  # its errors are in the golden files of bad repositories
from runner.contract.roster_form import LayerOf, RosterForm
from tests.runner.contract.repository import MINIMAL, add, load, put

PEOPLE = pol.People.model_validate(
    {
        "schema": "surety/v1",
        "kind": "People",
        "people": {
            name: {"name": name, "zone": "Europe/Berlin", "contacts": {"chat": name}} for name in ("ann", "ben", "cyd")
        },
    }
)
GOVERNANCE = pol.Governance.model_validate(
    {
        "schema": "surety/v1", "kind": "Governance", "gatekeepers": ["ann"], "audit_authority": "ben",
        "last_resort": "cyd", "override_jobs": ["boss"],
    }
)  # fmt: skip
DAY = {"every": "day", "at": "09:00"}
SHORT: dict[str, Any] = {"members": ["ann", "ben"], "starts": "2026-01-08", "handover": DAY}
WEEK = 7 * 1440


def compiled(**turning: Any) -> RosterForm:
    rotation = {"summary": "Turns.", "zone": "Europe/Berlin", **turning}
    rotations = pol.Rotations.model_validate(
        {"schema": "surety/v1", "kind": "Rotations", "rotations": {"turn": rotation}}
    )
    return compile_roster(PEOPLE, rotations, None, GOVERNANCE)


def layer(**turning: Any) -> LayerOf:
    (version,) = compiled(**{**SHORT, **turning}).rotations["turn"].versions
    (only,) = version.layers
    return only


def test_the_short_form_is_one_layer() -> None:
    assert compiled(**SHORT).canonical == compiled(layers=[SHORT]).canonical


@pytest.mark.parametrize(
    ("every", "minutes"), [("day", 1440), ("week", WEEK), ("3d", 3 * 1440), ("12h", 720), ("14d", 2 * WEEK)]
)
def test_shifts_are_minutes_of_the_clock(every: str, minutes: int) -> None:
    assert layer(handover={"every": every, "at": "09:00"}).length_minutes == minutes


@pytest.mark.parametrize(
    ("on", "anchor"),
    [
        (None, "2026-01-08T09:00"),
        ("thursday", "2026-01-08T09:00"),
        ("monday", "2026-01-05T09:00"),
        ("friday", "2026-01-02T09:00"),
    ],
)
def test_a_weekday_of_the_handover_makes_the_first_shift_shorter(on: str | None, anchor: str) -> None:
    """8 January 2026 is a Thursday."""
    found = layer(handover={"every": "week", "at": "09:00", **({"on": on} if on else {})})
    assert (found.starts, found.anchor) == ("2026-01-08T09:00", anchor)


@pytest.mark.parametrize(
    ("word", "only", "minutes"),
    [
        ("none: always", [], ()),
        ("a day", [{"days": ["tuesday"]}], ((1440, 2880),)),
        ("two days in a row are one stretch", [{"days": ["tuesday", "wednesday"]}], ((1440, 4320),)),
        ("hours of a day", [{"days": ["monday"], "from": "09:00", "until": "17:00"}], ((540, 1020),)),
        ("over midnight", [{"days": ["monday"], "from": "18:00", "until": "08:00"}], ((1080, 1920),)),
        ("until midnight", [{"days": ["monday"], "from": "18:00", "until": "00:00"}], ((1080, 1440),)),
        (
            "over the end of the week",
            [{"days": ["sunday"], "from": "18:00", "until": "08:00"}],
            ((0, 480), (6 * 1440 + 1080, WEEK)),
        ),
        ("a whole day from an hour on", [{"days": ["monday"], "from": "09:00", "until": "09:00"}], ((540, 1980),)),
        (
            "several that overlap",
            [
                {"days": ["monday"], "from": "09:00", "until": "12:00"},
                {"days": ["monday"], "from": "11:00", "until": "13:00"},
            ],
            ((540, 780),),
        ),
        ("every day from midnight to midnight: always", [{"from": "00:00", "until": "00:00"}], ()),
        (
            "the weekend in pieces",
            [{"days": ["friday"], "from": "18:00", "until": "00:00"}, {"days": ["saturday", "sunday"]}],
            ((4 * 1440 + 1080, WEEK),),
        ),
    ],
)
def test_hours_of_the_week(word: str, only: list[object], minutes: tuple[tuple[int, int], ...]) -> None:
    assert layer(only=only).only == minutes, word


def test_versions_and_overrides_come_in_order() -> None:
    overrides = [
        {"person": "ben", "from": f"2026-03-0{day}T09:00:00Z", "until": f"2026-03-0{day + 1}T09:00:00Z", "reason": "x"}
        for day in (5, 2)
    ]
    later = {"effective_from": "2026-06-01 09:00", "layers": [SHORT, SHORT]}
    form = compiled(**SHORT, versions=[later], overrides=overrides, apart_from=["other"]).rotations["turn"]
    assert [each.effective_from for each in form.versions] == [None, "2026-06-01T09:00"]
    assert [len(each.layers) for each in form.versions] == [1, 2]
    assert [each.start.day for each in form.overrides] == [2, 5]
    assert form.apart_from == ("other",)


def test_why_there_is_an_override_is_not_in_the_roster() -> None:
    span = {"person": "ben", "from": "2026-03-02T09:00:00Z", "until": "2026-03-04T09:00:00Z"}
    first, second = (compiled(**SHORT, overrides=[{**span, "reason": reason}]) for reason in ("Illness.", "A course."))
    assert first.digest == second.digest


def public_key(sort: str = "ssh-ed25519", body: bytes = bytes(36)) -> str:
    data = len(sort).to_bytes(4, "big") + sort.encode() + body
    return f"{sort} {base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        public_key(),
        public_key() + " anna@laptop",
        public_key("sk-ssh-ed25519@openssh.com", bytes(60)),
        public_key("ssh-rsa", bytes(270)),
    ],
)
def test_public_keys(text: str) -> None:
    assert _public_key(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        public_key()[:-8],
        public_key("ssh-dss", bytes(400)),
        public_key().replace("ssh-ed25519", "ssh-rsa"),
        public_key() + "\nssh-ed25519 AAAA",
        " " + public_key(),
        "ssh-ed25519 !!!!",
    ],
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(Unfit):
        _public_key(text)


def test_a_private_key_is_not_repeated() -> None:
    secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"
    for text in (secret, "b3BlbnNzaC1rZXk"):
        with pytest.raises(Unfit) as refused:
            _public_key(text)
        assert "b3BlbnNzaC1rZXk" not in str(refused.value)


VERSIONS = """\
    versions:
      - {effective_from: "2026-04-01 09:00", members: [ben], starts: "2026-04-01", handover: {every: day, at: "09:00"}}
      - {effective_from: "2026-05-01 09:00", members: [ann], starts: "2026-05-01", handover: {every: day, at: "09:00"}}
    overrides:
      - {person: ben, from: "2026-03-03T09:00:00Z", until: "2026-03-04T09:00:00Z", reason: A course.}
      - {person: cyd, from: "2026-03-04T09:00:00Z", until: "2026-03-05T09:00:00Z", reason: The same course.}
"""
SWAPS = """\
swaps:
  - {rotation: first, person: ben, instead_of: ann, from: "2026-03-03T09:00:00Z", until: "2026-03-04T09:00:00Z"}
  - {rotation: first, person: cyd, instead_of: ann, from: "2026-03-04T09:00:00Z", until: "2026-03-05T09:00:00Z"}
  - {rotation: second, person: cyd, instead_of: ann, from: "2026-03-03T09:00:00Z", until: "2026-03-05T09:00:00Z"}
  - {rotation: first, person: ann, instead_of: ben, from: "2026-03-03T09:00:00Z", until: "2026-03-05T09:00:00Z"}
"""
HOLIDAYS = '    holidays: {country: DE, subdivision: BE, except: ["Labor Day"]}\n    closed:\n'


def test_what_follows_in_order_is_good() -> None:
    """Spans that touch, swaps of others or elsewhere, an exchange, a chain of substitutes, a known holiday."""
    found = load(
        add("policies/rotations.yaml", MINIMAL["policies/rotations.yaml"].decode() + VERSIONS),
        add("policies/absences.yaml", MINIMAL["policies/absences.yaml"].decode() + SWAPS),
        put("policies/people.yaml", "zone: Europe/Berlin", "zone: Europe/Berlin\n    substitute: ben"),
        put("policies/people.yaml", "zone: Europe/Paris", "zone: Europe/Paris\n    substitute: cyd"),
        put("policies/calendars.yaml", "    closed:\n", HOLIDAYS),
        put("policies/calendars.yaml", "calendars:\n", "first_year: 2026\ncalendars:\n"),
    )
    assert found.findings == ()
    assert found.revision is not None
    assert len(found.revision.roster.swaps) == 4
    assert "2026-05-01" not in found.revision.contracts["billing"].calendars["office"].closed
