"""The roster over HTTP: entering absences and swaps, ending them, seeing who is on call; what is refused, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.contract.values import format_instant
from runner.service.replaying import replay_store
from tests.runner.service.company import ANNA, BILLING, MIRIAM, TOMASZ, at
from tests.runner.service.serving import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(Path(tmp_path_factory.mktemp("roster"))) as made:
        yield made


def post(running: Running, path: str, person: str, body: Mapping[str, Any], key: str = "") -> httpx.Response:
    headers = running.as_(person) | ({"Idempotency-Key": key} if key else {})
    return running.http.post(f"/api/{path}", json=body, headers=headers)


def done(running: Running, path: str, person: str, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    answer = post(running, path, person, body, key)
    assert answer.status_code == 200, answer.text
    running.stepper.settle()
    found: dict[str, Any] = answer.json()
    return found


def hour(count: float) -> str:
    return format_instant(at(count))


def test_an_absence_from_beginning_to_end(running: Running) -> None:
    escalation = running.opened("asked before the absence")
    shown = running.get("/api/roster")
    assert shown["rotations"]["accounting"] == {"person": ANNA, "reason": None, "why": None, "passed_over": {}}
    assert shown["templates"]["enterprise-billing"]["primary"]["person"] == ANNA
    assert (shown["overlay"], shown["last_resort"]) == ([], "helen-park")
    entered = done(running, "absences", ANNA, {"until": hour(4)})
    number = entered.pop("number")
    assert entered == {
        "type": "absence", "person": ANNA, "from": hour(0), "until": hour(4), "by": ANNA, "repeated": False,
    }  # fmt: skip
    assert running.get(f"/api/escalations/{escalation}")["accountable"] == TOMASZ, "at once, without anybody's doing"
    shown = running.get("/api/roster")
    assert shown["rotations"]["accounting"] == {
        "person": None, "reason": "absent", "why": "absent", "passed_over": {ANNA: "absent"},
    }  # fmt: skip
    assert shown["overlay"] == [
        {"number": number, "type": "absence", "person": ANNA, "from": hour(0), "until": hour(4)}
    ]
    assert shown["next_change"] == hour(4)
    assert running.get("/api/roster", at=hour(5))["rotations"]["accounting"]["person"] == ANNA
    ended = done(running, f"absences/{number}/end", MIRIAM, {})
    assert (ended["type"], ended["entry"], ended["until"], ended["by"]) == ("end", number, hour(0), MIRIAM)
    assert running.get("/api/roster")["rotations"]["accounting"]["person"] == ANNA
    assert running.get("/api/roster")["overlay"] == []
    assert replay_store(running.store).identical


def test_a_shift_for_an_hour(running: Running) -> None:
    body = {"rotation": "accounting", "from": hour(10), "until": hour(11)}
    entered = done(running, "swaps", TOMASZ, body)
    assert (entered["type"], entered["person"], entered["rotation"]) == ("override", TOMASZ, "accounting")
    inside = running.get("/api/roster", at=hour(10))["rotations"]["accounting"]
    assert (inside["person"], inside["passed_over"]) == (
        TOMASZ,
        {ANNA: "an override of the rotation names another person"},
    )
    assert running.get("/api/roster", at=hour(11))["rotations"]["accounting"]["person"] == ANNA
    done(running, f"swaps/{entered['number']}/end", TOMASZ, {"until": hour(10.5)})
    assert running.get("/api/roster", at=hour(10.5))["rotations"]["accounting"]["person"] == ANNA


def test_a_swap_of_shifts(running: Running) -> None:
    body = {"rotation": "accounting", "instead_of": ANNA, "from": hour(20), "until": hour(30)}
    entered = done(running, "swaps", TOMASZ, body)
    assert (entered["type"], entered["instead_of"]) == ("swap", ANNA)
    found = running.get("/api/roster", at=hour(25))["rotations"]["accounting"]
    assert (found["person"], found["passed_over"]) == (TOMASZ, {ANNA: "another person has taken over the shift"})


def test_the_same_request_again_is_one_entry(running: Running) -> None:
    body = {"person": "sofia-rossi", "until": hour(1)}
    first = done(running, "absences", MIRIAM, body, "key-1")
    again = done(running, "absences", MIRIAM, body, "key-1")
    assert again == {**first, "repeated": True}
    other = post(running, "absences", MIRIAM, {**body, "until": hour(2)}, "key-1")
    assert (other.status_code, other.json()["error"]) == (422, "key_reused")
    end = done(running, f"absences/{first['number']}/end", MIRIAM, {}, "key-2")
    assert done(running, f"absences/{first['number']}/end", MIRIAM, {}, "key-2") == {**end, "repeated": True}
    assert post(running, "absences", MIRIAM, body, "k" * 201).status_code == 400


@pytest.mark.parametrize(
    ("path", "person", "body", "status", "error", "words"),
    [
        ("absences", TOMASZ, {"person": ANNA, "until": hour(9)}, 403, "not_allowed", f"only {ANNA} or a manager"),
        ("absences", MIRIAM, {"person": "nobody", "until": hour(9)}, 409, "unknown_person", "there is nobody `nobody`"),
        ("absences", ANNA, {"until": hour(-1)}, 409, "ends_before_it_begins", "later than `from`"),
        ("absences", ANNA, {"from": hour(-2), "until": hour(-1)}, 409, "in_the_past", "what has been stays"),
        ("absences", ANNA, {"from": hour(-2), "until": hour(1)}, 409, "in_the_past", "leave `from` out"),
        ("absences/99/end", ANNA, {}, 404, "unknown_entry", "there is no absence, swap or override 99"),
        ("absences/none/end", ANNA, {}, 404, "not_found", "there is no POST"),
        ("swaps", ANNA, {"rotation": "x", "until": hour(1)}, 409, "unknown_rotation", "there are: accounting,"),
        (
            "swaps",
            ANNA,
            {"rotation": "accounting", "instead_of": ANNA, "until": hour(1)},
            409,
            "with_oneself",
            "cannot swap with themselves",
        ),
        ("absences", ANNA, {"until": "tomorrow"}, 422, "bad_request", "not an instant"),
        ("absences", ANNA, {}, 422, "bad_request", "until"),
        ("absences", ANNA, {"until": hour(1), "why": "ill"}, 422, "bad_request", "why"),
    ],
)
def test_what_is_refused(  # noqa: PLR0917 - a table
    running: Running, path: str, person: str, body: Mapping[str, Any], status: int, error: str, words: str
) -> None:
    answer = post(running, path, person, body)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert words in answer.json()["detail"]


def test_overlapping_absences_are_refused(running: Running) -> None:
    done(running, "absences", "nadia-haddad", {"from": hour(50), "until": hour(60)})
    answer = post(running, "absences", "nadia-haddad", {"from": hour(55), "until": hour(70)})
    assert (answer.status_code, answer.json()["error"]) == (409, "overlaps")
    assert "let one begin where the other ends" in answer.json()["detail"]
    done(running, "absences", "nadia-haddad", {"from": hour(60), "until": hour(70)})


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"at": "noon"}, "bad_parameter"),
        ({"at": "9999-12-31T23:59:59Z"}, "bad_parameter"),
        ({"when": "now"}, "unknown_parameter"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(running: Running, query: dict[str, str], error: str) -> None:
    answer = running.http.get("/api/roster", params=query, headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_nobody_without_a_token_sees_or_says_anything(running: Running) -> None:
    assert running.http.get("/api/roster").status_code == 401
    assert running.http.post("/api/absences", json={"until": hour(1)}).status_code == 401


def test_it_falls_due_by_itself(running: Running) -> None:
    """The last of this file: it moves the clock."""
    running.move(at(75))
    escalation = running.opened("asked before the absence begins", {**BILLING, "account.name": "Later"})
    done(running, "absences", ANNA, {"from": hour(75.5), "until": hour(80)})
    pending = running.http.get("/pending", headers={"X-Control-Token": running.service._options.control_token or ""})
    assert pending.json()["next_roster"] == hour(75.5)
    assert running.get(f"/api/escalations/{escalation}")["accountable"] == ANNA
    running.move(at(75.5))
    assert running.get(f"/api/escalations/{escalation}")["accountable"] == TOMASZ
    assert "NoteRoster" in [row["command"] for row in running.timeline(escalation)]
    assert replay_store(running.store).identical
