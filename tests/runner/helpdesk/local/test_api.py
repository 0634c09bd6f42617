"""The HTTP interface as a stranger with a token meets it: strict, with a sentence for every refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.clock import SteppedClocks
from runner.helpdesk.local.instants import read_instant
from tests.runner.helpdesk.running import CONTROL, InThread, options

NINE = "2026-03-02T09:00:00.000000Z"
TEN = "2026-03-02T10:00:00.000000Z"


@contextmanager
def at_nine(store: Path) -> Iterator[httpx.Client]:
    """A helpdesk in stepped time at nine, and a client with a token."""
    chosen = options(store, control_token=CONTROL)
    headers = {"Authorization": "Bearer token-of-ann"}
    with (
        InThread(chosen, SteppedClocks(read_instant(NINE))) as running,
        httpx.Client(base_url=running.url, headers=headers, trust_env=False) as client,
    ):
        yield client


@pytest.fixture
def http(tmp_path: Path) -> Iterator[httpx.Client]:
    """A fresh one."""
    with at_nine(tmp_path / "desk.sqlite") as client:
        yield client


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One with the ticket T-1000, for many requests that must change nothing; looked at afterwards."""
    with at_nine(tmp_path_factory.mktemp("untouched") / "desk.sqlite") as client:
        client.post("/tickets", json={"fields": {}})
        pending = {"X-Control-Token": CONTROL}
        before = client.get("/tickets").json(), client.get("/pending", headers=pending).json()
        yield client
        assert (client.get("/tickets").json(), client.get("/pending", headers=pending).json()) == before


def step(http: httpx.Client, now: object, token: str = CONTROL) -> httpx.Response:
    return http.put("/clock", json={"now": now}, headers={"X-Control-Token": token})


def refused(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    found = response.json()
    assert isinstance(found["error"], str)
    return str(found["error"])


def test_a_ticket_through_its_life(http: httpx.Client) -> None:
    made = http.post("/tickets", json={"fields": {"subject": "x", "account.tier": "gold", "none": None}})
    assert made.status_code == 201
    assert made.headers["Location"] == "/tickets/T-1000"
    assert made.json() == {"id": "T-1000", "version": 1, "changed": ["account.tier", "subject"]}
    step(http, TEN)
    assert http.patch("/tickets/T-1000", json={"fields": {"subject": None, "n": 1}, "expect": 1}).json() == {
        "id": "T-1000",
        "version": 2,
        "changed": ["n", "subject"],
    }
    assert http.get("/tickets/T-1000").json() == {
        "id": "T-1000",
        "version": 2,
        "created_at": NINE,
        "updated_at": TEN,
        "fields": {"account.tier": "gold", "n": 1},
        "deleted": False,
    }
    assert http.post("/tickets/T-1000/comments", json={"text": "seen", "public": True}).status_code == 201
    assert http.delete("/tickets/T-1000").json() == {"id": "T-1000", "deleted": True}
    refused(http.get("/tickets/T-1000"), 404)
    refused(http.delete("/tickets/T-1000"), 404)
    assert http.post("/tickets", json={"fields": {}}).json()["id"] == "T-1001"


def test_history_is_complete_and_outlives_the_ticket(http: httpx.Client) -> None:
    http.post("/tickets", json={"fields": {"a": 1}})
    step(http, TEN)
    http.patch("/tickets/T-1000", json={"fields": {"a": True, "b": ["x"]}})
    http.post("/tickets/T-1000/comments", json={"text": "seen", "public": False})
    http.delete("/tickets/T-1000")
    entries = http.get("/tickets/T-1000/history").json()["entries"]
    assert all(entry["actor"] == "ann" for entry in entries)
    assert [{name: value for name, value in entry.items() if name != "actor"} for entry in entries] == [
        {"at": NINE, "kind": "created", "version": 1},
        {"at": NINE, "kind": "field", "version": 1, "field": "a", "old": None, "new": 1},
        {"at": TEN, "kind": "field", "version": 2, "field": "a", "old": 1, "new": True},
        {"at": TEN, "kind": "field", "version": 2, "field": "b", "old": None, "new": ["x"]},
        {"at": TEN, "kind": "comment", "version": 3, "text": "seen", "public": False},
        {"at": TEN, "kind": "deleted", "version": 4},
    ]
    assert http.get("/tickets/T-1000/history?limit=2").json()["entries"] == entries[-2:]


def test_a_replay_says_that_it_is_one(http: httpx.Client) -> None:
    body = {"fields": {"a": 1}, "key": "k"}
    first, second = http.post("/tickets", json=body), http.post("/tickets", json=body)
    assert first.json() == second.json()
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    other = {"Authorization": "Bearer token-of-runner"}
    assert "another write" in refused(http.post("/tickets", json=body, headers=other), 422)


def test_a_conflict_tells_the_version(http: httpx.Client) -> None:
    http.post("/tickets", json={"fields": {}})
    answer = http.patch("/tickets/T-1000", json={"fields": {"a": 1}, "expect": 7})
    assert answer.status_code == 409
    assert answer.json()["version"] == 1


def test_an_older_ticket_may_be_brought_in_but_none_from_the_future(http: httpx.Client) -> None:
    made = http.post("/tickets", json={"fields": {}, "created_at": "2026-03-01T12:00:00+01:00"})
    assert made.status_code == 201
    ticket = http.get("/tickets/T-1000").json()
    assert (ticket["created_at"], ticket["updated_at"]) == ("2026-03-01T11:00:00.000000Z", NINE)
    assert "later than now" in refused(http.post("/tickets", json={"fields": {}, "created_at": TEN}), 422)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "empty"),
        (b"{", 400, "not JSON: .* line 1, column 2"),
        (b"\xff", 400, "UTF-8"),
        (b"[]", 400, "not an object"),
        (b"[" * 100_000, 400, "JSON|nested"),
        (b'{"fields": {"a": NaN}}', 400, "NaN is not JSON"),
        (b'{"fields": {"a": 1, "a": 2}}', 400, "'a' stands twice"),
        (b'{"fields": {"a": ' + b"9" * 5000 + b"}}", 400, "cannot|JSON"),
        (b'{"field": {}}', 400, "unknown key 'field'"),
        (b'{"key": "k"}', 400, "'fields' is missing"),
        (b'{"fields": []}', 422, "fields must be an object"),
        (b'{"fields": {"a": {"b": 1}}}', 422, "field 'a' has a value of a kind"),
        (b'{"fields": {"a": [1]}}', 422, "list of strings"),
        (b'{"fields": {"a": 1e999}}', 422, "field 'a'"),
        (b'{"fields": {"a": 9007199254740992}}', 422, "too many digits"),
        (b'{"fields": {"a": "\\ud800"}}', 422, "surrogate"),
        (b'{"fields": {"": 1}}', 422, "not a field name"),
        (b'{"fields": {"a..b": 1}}', 422, "not a field name"),
        (b'{"fields": {"a b": 1}}', 422, "not a field name"),
        (b'{"fields": {"' + b"n" * 65 + b'": 1}}', 422, "too long"),
        (b'{"fields": {}, "key": ""}', 422, "key must be"),
        (b'{"fields": {}, "key": "a\\nb"}', 422, "key must be"),
        (b'{"fields": {}, "key": 5}', 422, "key must be"),
        (b'{"fields": {}, "created_at": "2026-03-01"}', 422, "created_at: .* not an instant"),
        (b'{"fields": {}, "created_at": 5}', 422, "created_at must be"),
        (b'{"fields": {' + b",".join(b'"f%d": 1' % n for n in range(201)) + b"}}", 422, "too many"),
        (b'{"fields": {"a": "' + b"x" * 2**20 + b'"}}', 413, "too large"),
    ],
)
def test_a_bad_body_is_refused(untouched: httpx.Client, body: bytes, status: int, told: str) -> None:
    sentence = refused(untouched.post("/tickets", content=body), status)
    assert re.search(told, sentence), sentence


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/tickets?satus=open", 400, "unknown query parameter 'satus': allowed here: cursor"),
        ("GET", "/tickets?limit=1&limit=2", 400, "stands twice"),
        ("GET", "/tickets?limit=0", 400, "limit must be"),
        ("GET", "/tickets?limit=1001", 400, "limit must be"),
        ("GET", "/tickets?limit=x", 400, "limit must be"),
        ("GET", "/tickets?cursor=5", 400, "cursor must be"),
        ("GET", "/tickets?cursor=0000000000000000-5", 410, "another store"),
        ("GET", "/tickets?updated_after=noon", 422, "updated_after"),
        ("GET", "/tickets?key=", 422, "key must be"),
        ("GET", "/tickets?key=k&limit=1", 400, "key stands alone"),
        ("GET", "/tickets/T-1000?fields=a", 400, "allowed here: none"),
        ("GET", "/tickets/1000", 404, "no such ticket"),
        ("GET", "/tickets/T-0", 404, "no such ticket"),
        ("GET", "/tickets/T-1001/history", 404, "no such ticket"),
        ("GET", "/tickets/", 404, "nothing at this path"),
        ("GET", "/nowhere", 404, "nothing at this path"),
        ("PUT", "/tickets", 405, "PUT is not allowed"),
        ("DELETE", "/subscriptions", 400, "url is missing"),
        ("DELETE", "/subscriptions?url=http://h/", 404, "no such subscription"),
    ],
)
def test_a_bad_address_is_refused(untouched: httpx.Client, method: str, path: str, status: int, told: str) -> None:
    assert told in refused(untouched.request(method, path), status)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/tickets/T-1000", {"fields": {}, "expect": "1"}, "expect must be"),
        ("/tickets/T-1000", {"fields": {}, "expect": True}, "expect must be"),
        ("/tickets/T-1000/comments", {"text": "", "public": True}, "text is empty"),
        ("/tickets/T-1000/comments", {"text": 5, "public": True}, "text must be a string"),
        ("/tickets/T-1000/comments", {"text": "x", "public": "no"}, "public must be"),
        ("/subscriptions", {"url": "ftp://h/"}, "url must be"),
        ("/subscriptions", {"url": "http://user@h/"}, "url must be"),
        ("/subscriptions", {"url": "http://[::1"}, "url must be"),
        ("/subscriptions", {"url": "http://h:99999/"}, "url must be"),
        ("/subscriptions", {"url": None}, "url must be"),
    ],
)
def test_a_bad_value_is_refused(untouched: httpx.Client, path: str, body: dict[str, Any], told: str) -> None:
    method = "PUT" if path == "/subscriptions" else "POST" if path.endswith("comments") else "PATCH"
    assert told in refused(untouched.request(method, path, json=body), 422)


def test_a_body_where_none_belongs_is_refused(untouched: httpx.Client) -> None:
    assert "takes no body" in refused(untouched.request("DELETE", "/tickets/T-1000", json={"why": "no"}), 400)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic token-of-ann", "Bearer nobody", "Bearer \xe9"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tickets"),
        ("GET", "/tickets/T-1000"),
        ("GET", "/tickets/T-1000/history"),
        ("POST", "/tickets"),
        ("PATCH", "/tickets/T-1000"),
        ("DELETE", "/tickets/T-1000"),
        ("POST", "/tickets/T-1000/comments"),
        ("PUT", "/subscriptions"),
        ("DELETE", "/subscriptions"),
        ("GET", "/whoami"),
        ("PUT", "/clock"),
        ("GET", "/pending"),
    ],
)
def test_nothing_without_a_known_token(untouched: httpx.Client, header: str, method: str, path: str) -> None:
    headers = [(b"authorization", header.encode("latin-1")), (b"x-control-token", b"nobody")]
    answer = httpx.request(method, f"{untouched.base_url}{path}", headers=headers, json={"fields": {}}, trust_env=False)
    assert "token" in refused(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "nobody" not in answer.text


def test_a_persons_token_does_not_control_the_clock(http: httpx.Client) -> None:
    refused(step(http, TEN, token="token-of-ann"), 401)
    refused(http.get("/whoami", headers={"Authorization": f"Bearer {CONTROL}"}), 401)


def test_health_needs_no_token(http: httpx.Client) -> None:
    assert httpx.get(f"{http.base_url}/healthz", trust_env=False).json() == {"status": "ok"}


def test_whoami_tells_actor_and_contract_time(http: httpx.Client) -> None:
    assert http.get("/whoami").json() == {"actor": "ann", "now": NINE}


def test_the_change_feed_continues_at_its_cursor(http: httpx.Client) -> None:
    for _ in range(3):
        http.post("/tickets", json={"fields": {}})
    first = http.get("/tickets", params={"limit": 2}).json()
    assert ([row["id"] for row in first["tickets"]], first["more"]) == (["T-1000", "T-1001"], True)
    http.patch("/tickets/T-1000", json={"fields": {"a": 1}})
    second = http.get("/tickets", params={"cursor": first["cursor"]}).json()
    assert ([row["id"] for row in second["tickets"]], second["more"]) == (["T-1002", "T-1000"], False)
    http.delete("/tickets/T-1001")
    third = http.get("/tickets", params={"cursor": second["cursor"]}).json()
    assert [(row["id"], row["deleted"], row["fields"]) for row in third["tickets"]] == [("T-1001", True, {})]
    assert http.get("/tickets", params={"cursor": third["cursor"]}).json() == {
        "tickets": [],
        "cursor": third["cursor"],
        "more": False,
    }


def test_updated_after_is_strict(http: httpx.Client) -> None:
    http.post("/tickets", json={"fields": {}})
    step(http, TEN)
    http.post("/tickets", json={"fields": {}})
    found = http.get("/tickets", params={"updated_after": NINE}).json()["tickets"]
    assert [row["id"] for row in found] == ["T-1001"]
    assert http.get("/tickets", params={"updated_after": TEN}).json()["tickets"] == []


def test_subscribing_twice_is_one_subscription(http: httpx.Client) -> None:
    first = http.put("/subscriptions", json={"url": "http://127.0.0.1:9/hook"})
    second = http.put("/subscriptions", json={"url": "http://127.0.0.1:9/hook"})
    assert first.json() == second.json()
    http.post("/tickets", json={"fields": {}})
    pending = {"X-Control-Token": CONTROL}
    assert http.get("/pending", headers=pending).json()["undelivered_webhooks"] == 1
    assert http.delete("/subscriptions", params={"url": "http://127.0.0.1:9/hook"}).status_code == 200
    assert http.get("/pending", headers=pending).json()["undelivered_webhooks"] == 0


def test_the_stepped_clock_never_goes_back(http: httpx.Client) -> None:
    assert step(http, TEN).json() == {"now": TEN}
    assert step(http, TEN).json() == {"now": TEN}
    assert "never goes back" in refused(step(http, NINE), 400)
    assert http.get("/whoami").json()["now"] == TEN
    refused(step(http, "noon"), 422)
    refused(step(http, 5), 422)


def test_progress_rises_with_whatever_happens(http: httpx.Client) -> None:
    def progress() -> int:
        found = http.get("/pending", headers={"X-Control-Token": CONTROL}).json()
        assert found["undelivered_webhooks"] == 0
        return int(found["progress"])

    seen = [progress()]
    http.post("/tickets", json={"fields": {}})
    seen.append(progress())
    http.patch("/tickets/T-1000", json={"fields": {"a": 1}})
    seen.append(progress())
    http.post("/tickets/T-1000/comments", json={"text": "x", "public": True})
    seen.append(progress())
    http.delete("/tickets/T-1000")
    seen.append(progress())
    assert seen == sorted(set(seen))
    http.get("/tickets")
    assert progress() == seen[-1]


def test_there_is_no_stepping_in_real_time(tmp_path: Path) -> None:
    with InThread(options(tmp_path / "desk.sqlite")) as running:
        for method, path in (("PUT", "/clock"), ("GET", "/pending")):
            headers = {"X-Control-Token": CONTROL, "Authorization": "Bearer token-of-ann"}
            answer = httpx.request(method, running.url + path, headers=headers, trust_env=False)
            assert answer.status_code == 404


def test_a_failure_inside_is_a_500_with_a_sentence_and_a_log(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("runner.helpdesk.local.storage.Storage.get", broken)
    assert "look whether anything was written" in refused(http.get("/tickets/T-1000"), 500)
    assert "the disk is full" in caplog.text
    assert json.loads(http.get("/healthz").content) == {"status": "ok"}


def test_a_ticket_becomes_part_of_another(http: httpx.Client) -> None:
    for subject in ("one", "two", "three"):
        http.post("/tickets", json={"fields": {"subject": subject}})
    merged = http.post("/tickets/T-1000/merge", json={"into": "T-1001", "key": "m"})
    assert merged.json() == {"id": "T-1000", "version": 2, "changed": ["merged_into"]}
    assert http.get("/tickets/T-1000").json()["fields"] == {"subject": "one", "merged_into": "T-1001"}
    again = http.post("/tickets/T-1000/merge", json={"into": "T-1001", "key": "m"})
    assert again.headers["Idempotent-Replay"] == "true"
    last = http.get("/tickets/T-1000/history").json()["entries"][-1]
    assert (last["field"], last["old"], last["new"]) == ("merged_into", None, "T-1001")


@pytest.mark.parametrize(
    ("ref", "into", "status", "why"),
    [
        ("T-1001", "T-1001", 422, "cannot be merged into itself"),
        ("T-1000", "T-1002", 422, "T-1000 is part of T-1001 already"),
        ("T-1002", "T-1000", 422, "T-1000 is part of T-1001 already: merge that one"),
        ("T-1002", "T-9999", 404, "no such ticket"),
        ("T-9999", "T-1002", 404, "no such ticket"),
        ("T-1002", 7, 422, "into must be the id of a ticket"),
    ],
)
def test_a_ticket_that_cannot_be_merged(http: httpx.Client, ref: str, into: object, status: int, why: str) -> None:
    for subject in ("one", "two", "three"):
        http.post("/tickets", json={"fields": {"subject": subject}})
    http.post("/tickets/T-1000/merge", json={"into": "T-1001"})
    assert why in refused(http.post(f"/tickets/{ref}/merge", json={"into": into}), status)


def test_only_merging_says_that_a_ticket_is_part_of_another(http: httpx.Client) -> None:
    fields = {"fields": {"merged_into": "T-1001"}}
    http.post("/tickets", json={"fields": {}})
    assert "is written by merging" in refused(http.post("/tickets", json=fields), 422)
    assert "is written by merging" in refused(http.patch("/tickets/T-1000", json=fields), 422)
