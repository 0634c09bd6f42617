"""The API's edges: who may, what is refused before it is decided, webhooks, stepped time, what operators look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from runner.contract.values import format_instant
from runner.engine import commands as cmd
from runner.helpdesk.local.webhooks import signature
from runner.service import people as people_module
from runner.service.requests import BODIES
from runner.service.writer import WriterStopped
from runner.store import StoreError
from tests.runner.helpdesk.running import CONTROL
from tests.runner.service.company import ANNA, BILLING, START, YES
from tests.runner.service.serving import SIGNED_WITH, Running
from tests.runner.service.waiting import wait_until

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def escalation(running: Running) -> str:
    return running.opened("the one of this module")


# Who may

READS = ["/api/escalations", f"/api/escalations/{UNKNOWN}", "/api/cases/T-1000"]
WRITES = [f"/api/escalations/{UNKNOWN}/{action}" for action in (*BODIES, "nonsense")]
BAD_TOKENS: dict[str, tuple[dict[bytes, bytes], str]] = {
    "no token": ({}, "send your token as  Authorization: Bearer"),
    "another scheme": ({b"Authorization": b"Basic YTpi"}, "send your token as"),
    "an empty one": ({b"Authorization": b"Bearer"}, "send your token as"),
    "not a token": ({b"Authorization": b"Bearer token-of-ann"}, "surety-runner token issue PERSON"),
    "not even letters": ({b"Authorization": b"Bearer surety1.a.1.\xe9"}, "not valid here"),
}


@pytest.mark.parametrize("word", BAD_TOKENS)
@pytest.mark.parametrize(("method", "path"), [*(("GET", path) for path in READS), *(("POST", path) for path in WRITES)])
def test_nothing_is_read_or_written_without_a_token(running: Running, method: str, path: str, word: str) -> None:
    headers, detail = BAD_TOKENS[word]
    answer = running.http.request(method, path, headers=headers, json={"text": "x"} if method == "POST" else None)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert detail in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", WRITES)
def test_an_old_or_forged_token_writes_nothing(running: Running, path: str) -> None:
    old = running.http.post(path, json={}, headers=running.as_(ANNA, expires=1000))
    forged = running.http.post(path, json={}, headers=running.as_(ANNA, secret="somebody else's secret"))
    assert (old.status_code, forged.status_code) == (401, 401)
    assert "expired" in old.json()["detail"]
    assert "not valid here" in forged.json()["detail"]


def test_a_person_who_is_not_in_the_people_file_may_not(running: Running) -> None:
    answer = running.http.get("/api/escalations", headers=running.as_("nobody-here"))
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert "nobody-here is not in the people file of the active revision" in answer.json()["detail"]


def test_the_control_token_is_nobodys_and_nobodys_is_not_the_control_token(running: Running) -> None:
    as_person = running.http.get("/api/escalations", headers={"Authorization": f"Bearer {CONTROL}"})
    as_control = running.http.get("/pending", headers=running.as_(ANNA))
    assert (as_person.status_code, as_control.status_code) == (401, 401)


# What is refused before it is decided


def act(running: Running, escalation: str, content: bytes | str, action: str = "accept") -> httpx.Response:
    return running.http.post(f"/api/escalations/{escalation}/{action}", content=content, headers=running.as_(ANNA))


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"offer=1", "the body is not JSON"),
        (b'{"offer": 1', "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b'{"offer": ' + b"9" * 5000 + b"}", "the body is not JSON"),
        (b'{"text": "\\ud800"}', "the body is not JSON"),
        (b'{"\\udfff": 1}', "the body is not JSON"),
        (b"[1]", "the body is a JSON object"),
        (b'"accept"', "the body is a JSON object"),
        (b"null", "the body is a JSON object"),
    ],
    ids=[
        "a form",
        "cut off",
        "no text",
        "nested",
        "a huge number",
        "half a character",
        "half a name",
        "a list",
        "a string",
        "null",
    ],
)
def test_a_body_that_is_no_json_object(running: Running, escalation: str, content: bytes, detail: str) -> None:
    answer = act(running, escalation, content)
    assert (answer.status_code, answer.json()) == (400, {"error": "not_json", "detail": detail})


BAD_BODIES: list[tuple[str, Any, str]] = [
    ("accept", {}, "the key `offer` is missing (add offer: …)"),
    ("accept", {"offer": "1", "answers": {}}, "`offer` must be a whole number, found the text `1`"),
    ("accept", {"offer": True, "answers": {}}, "`offer` must be a whole number, found `true`"),
    ("accept", {"offer": -1, "answers": {}}, "`offer` is -1; the least allowed is 0"),
    ("accept", {"offer": 1, "answers": {"scope_clear": "x" * 101}}, "put a text under `texts`"),
    ("accept", {"offer": 1, "answers": {"scope_clear": [1]}}, "an answer is true, false, a number up to"),
    ("accept", {"offer": 1, "texts": {"scope_clear": ""}}, "`scope_clear` is empty"),
    ("wait", {"for": "lunch", "text": "x"}, "`lunch` is not allowed for `for` (allowed: customer, date"),
    ("wait", {"for": "date", "until": "soon", "text": "x"}, "`soon` is not an instant"),
    ("snooze", {"until": "2026-03-03T10:00:00", "text": "x"}, "has no zone"),
    (
        "accept",
        {"offer": 1, "answers": {str(n): True for n in range(60)}},
        "`answers` has too many entries: at most 50",
    ),
    ("accept", {"offer": 1, "answer": {}}, "unknown key `answer` (did you mean `answers`? allowed: answers, texts,"),
    ("accept", {"offer": 1, "answers": {}, "\u202e": 1}, "unknown key `\\u202e`"),
    ("reject", {"offer": 1, "why": "too tired"}, "`too tired` is not allowed for `why` (allowed: not_mine, incomplete"),
    ("reject", {"offer": 1, "why": "not_mine", "text": ""}, "`text` is empty"),
    ("reject", {"offer": 1, "why": "not_mine", "text": "   "}, "`text` is empty"),
    ("escalate", {"text": "x" * 10_001}, "`text` has 10001 characters; at most 10000 are allowed"),
    ("hand-over", {"to": "x" * 101}, "`to` has 101 characters; at most 100 are allowed"),
    ("hand-over", {"to": "x", "expected_at": "tomorrow"}, "`tomorrow` is not an instant (write it with a zone"),
    ("hand-over", {"to": "x", "expected_at": "2026-03-03T10:00:00"}, "has no zone"),
    ("hand-over", {"to": "x", "artifacts": ["a"] * 51}, "`artifacts` has too many entries: at most 50"),
    ("raise-exception", {"exception_class": "data-missing"}, "the key `text` is missing"),
    ("override", {"action": "steal", "text": "x"}, "`steal` is not allowed for `action` (allowed: take, give, close)"),
    ("override", {"action": "take"}, "the key `text` is missing"),
    ("resolve", {"evidence": {"invoice_id": 7}}, "`invoice_id` must be a text, found the number `7`"),
    ("close", {"code": "refunded", "impact": 10.5}, "`impact` must be a whole number"),
    ("close", {"code": "refunded", "impact": 10**13}, "the most allowed is 1000000000000"),
    ("close", {"code": "a text about +49 170 " * 10}, "`code` has 210 characters; at most 100 are allowed"),
    ("cancel", {}, "the key `text` is missing"),
]
"""A name in a body stands in the record for good, so it must not be a place for texts; "yes" is not an answer."""


@pytest.mark.parametrize(("action", "body", "detail"), BAD_BODIES, ids=lambda value: str(value)[:40])
def test_a_body_that_does_not_fit(running: Running, escalation: str, action: str, body: Any, detail: str) -> None:
    answer = act(running, escalation, json.dumps(body), action)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_request")
    assert detail in answer.json()["detail"]


def test_what_does_not_fit_is_not_in_the_record(running: Running, escalation: str) -> None:
    assert not [row for row in running.timeline(escalation) if row["source"] == "api"]


def test_a_body_has_an_end(running: Running, escalation: str) -> None:
    for size in ((1 << 20) + 1, 3 << 20):
        answer = act(running, escalation, b" " * size)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
        assert "at most 1048576 bytes" in answer.json()["detail"]
    assert act(running, escalation, b" " * ((1 << 20) - 1)).status_code == 400


def test_a_key_has_an_end(running: Running, escalation: str) -> None:
    answer = running.post(escalation, "accept", ANNA, {"offer": 1, "answers": YES}, key="k" * 201)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


@pytest.mark.parametrize("action", sorted(BODIES))
def test_an_escalation_that_is_not_there(running: Running, action: str) -> None:
    fitting: dict[str, dict[str, Any]] = {
        "accept": {"offer": 1, "answers": {}},
        "complete-checklist": {},
        "unaccept": {},
        "wait": {"for": "customer", "text": "x"},
        "snooze": {"until": "2026-03-03T10:00:00Z", "text": "x"},
        "answer": {"offer": 1},
        "reject": {"offer": 1, "why": "not_mine"},
        "hand-over": {"to": "x"},
        "raise-exception": {"exception_class": "x", "text": "x"},
        "end-exception": {"exception": 1, "text": "x"},
        "add-task": {"exception": 1, "title": "x", "owner": "x"},
        "finish-task": {"exception": 1, "task": 1},
        "attach-postmortem": {"text": "x", "remediation_owner": "x"},
        "override": {"action": "take", "text": "x"},
        "resolve": {},
        "close": {"code": "x"},
    }
    answer = running.post(UNKNOWN, action, ANNA, fitting.get(action, {"text": "x"}))
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_escalation")


def test_other_things_that_are_not_there(running: Running, escalation: str) -> None:
    headers = running.as_(ANNA)
    nothing = running.http.get(f"/api/escalations/{UNKNOWN}", headers=headers)
    action = running.post(escalation, "forget", ANNA, {})
    case = running.http.get("/api/cases/T-99999", headers=headers)
    path = running.http.get("/api/nonsense", headers=headers)
    method = running.http.delete(f"/api/escalations/{escalation}", headers=headers)
    found = [(answer.status_code, answer.json()["error"]) for answer in (nothing, action, case, path, method)]
    assert found == [
        (404, "unknown_escalation"), (404, "unknown_action"), (404, "unknown_ticket"), (404, "not_found"),
        (405, "not_found"),
    ]  # fmt: skip
    assert action.json()["detail"].startswith("actions: accept, answer, reject, ")
    assert "see GET /api/escalations" in path.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "1.5", "", "\N{SUPERSCRIPT TWO}"])
def test_a_list_has_bounds(running: Running, limit: str) -> None:
    answer = running.http.get("/api/escalations", params={"limit": limit}, headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_parameter")


def test_a_list_takes_no_filter_that_it_does_not_know(running: Running) -> None:
    answer = running.http.get("/api/escalations", params={"owner": ANNA}, headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["detail"]) == (400, "owner; known: mine, open, after, limit")


# Trouble inside


@pytest.mark.parametrize(
    ("trouble", "status", "error"),
    [
        (StoreError("the disk is full", "make room"), 503, "store_unavailable"),
        (WriterStopped(), 503, "stopping"),
        (ZeroDivisionError("secret detail"), 500, "failed"),
    ],
    ids=["the store", "the end", "a fault"],
)
def test_trouble_inside_is_said_without_a_traceback(
    running: Running, escalation: str, monkeypatch: pytest.MonkeyPatch, *, trouble: Exception, status: int, error: str
) -> None:
    def fails(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(people_module.Desk, "show", fails)
    answer = running.http.get(f"/api/escalations/{escalation}", headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_helpdesk_that_is_away_is_said(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    escalation, _ = running.accepted("away")
    exchange = running.helpdesk._exchange
    with httpx.Client(base_url="http://127.0.0.1:9", trust_env=False) as nowhere, monkeypatch.context() as patch:
        patch.setattr(exchange, "_client", nowhere)
        answer = running.post(escalation, "resolve", ANNA, {"evidence": {}})
    assert (answer.status_code, answer.json()["error"]) == (503, "helpdesk_unavailable")
    assert answer.json()["detail"].endswith("; try again")


# Webhooks


def hook(running: Running, body: bytes, signed: str | None = None) -> httpx.Response:
    headers = {"X-Helpdesk-Signature": signed} if signed is not None else {}
    return running.http.post("/hooks/helpdesk", content=body, headers=headers)


def test_a_signed_webhook_is_taken(running: Running) -> None:
    body = b'{"ticket": "T-1000"}'
    answer = hook(running, body, signature(SIGNED_WITH, body))
    assert (answer.status_code, answer.json()) == (202, {"tickets": 1})


@pytest.mark.parametrize(
    ("body", "secret", "detail"),
    [
        (b"not json", SIGNED_WITH, "the webhook is not JSON"),
        (b'{"ticket": "../admin"}', SIGNED_WITH, "names no ticket"),
        (b"[]", SIGNED_WITH, "names no ticket"),
        (b'{"ticket": "T-1000"}', "another secret", "the signature is wrong"),
        (b'{"ticket": "T-1000"}', None, "there is no X-Helpdesk-Signature header"),
        (b" " * (65 * 1024), SIGNED_WITH, "larger than"),
    ],
    ids=["not JSON", "a path", "a list", "wrong signature", "no signature", "too large"],
)
def test_a_webhook_that_must_not_be_believed(running: Running, body: bytes, secret: str | None, detail: str) -> None:
    answer = hook(running, body, signature(secret, body) if secret is not None else None)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_webhook")
    assert detail in answer.json()["detail"]


def test_a_webhook_for_what_is_not_there_changes_nothing(running: Running) -> None:
    body = b'{"ticket": "T-77777"}'
    assert hook(running, body, signature(SIGNED_WITH, body)).status_code == 202
    running.stepper.settle()
    assert running.http.get("/api/cases/T-77777", headers=running.as_(ANNA)).status_code == 404


# Operators


def test_health_readiness_and_metrics_need_no_token(running: Running, escalation: str) -> None:
    assert running.http.get("/healthz").json() == {"ok": True}
    ready = running.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reasons": {}, "notices": {}})
    metrics = running.http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    lines = metrics.text.splitlines()
    assert 'surety_events_total{reason="first_rung",type="OwnerOffered"} ' in metrics.text
    assert "surety_active_epoch 0.0" in lines
    assert "surety_revision_refused 0.0" in lines
    assert 'surety_pending{queue="dead"} 0.0' in lines
    assert 'surety_webhooks_total{result="taken"}' in metrics.text
    assert 'surety_webhooks_total{result="refused"}' in metrics.text
    assert ANNA not in metrics.text
    assert escalation not in metrics.text


def test_a_loop_that_fails_makes_it_unready_until_it_goes_well(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def fails(*_: object) -> None:
            raise StoreError("the disk is full", "make room")

        patch.setattr(type(running.service._decider), "drain", fails)
        wait_until(lambda: running.http.get("/readyz").status_code == 503)
        answer = running.http.get("/readyz").json()
        assert not answer["ready"]
        assert "decide" in answer["reasons"]
        told = set(answer["reasons"].values())
        assert told == {"StoreError: the disk is full: make room"}, "others may share the transaction that failed"
        assert running.http.get("/healthz").status_code == 200, "it lives, and need not be restarted"
    wait_until(lambda: running.http.get("/readyz").status_code == 200)


def test_an_escalation_that_is_stuck_is_shown(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running.service._decider._stuck, UNKNOWN, "AssertionError: no end")
    answer = running.http.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, {}), "all others go on"
    assert answer.json()["notices"] == {UNKNOWN: "AssertionError: no end"}


def test_a_helpdesk_that_does_not_answer_and_channels_without_address_are_noticed(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(running.service._contact, "trouble", "the helpdesk could not be asked: ConnectError")
        patch.setitem(running.service._options.environment, "SURETY_CHAT_WEBHOOK", "")
        answer = running.http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    notices = answer.json()["notices"]
    assert notices["helpdesk"] == "the helpdesk could not be asked: ConnectError"
    assert notices["channel chat"] == "nobody is reached by it: set SURETY_CHAT_WEBHOOK"


def test_a_refused_revision_is_in_the_metrics_and_the_next_good_one_is_used(running: Running) -> None:
    limits = (running.repository.folder / "policies/limits.yaml").read_text(encoding="utf-8")
    running.repository.commit({"policies/limits.yaml": limits.replace("remind_every: 2h", "remind_every: often")})
    wait_until(lambda: "surety_revision_refused 1.0" in running.http.get("/metrics").text)
    assert "surety_active_epoch 0.0" in running.http.get("/metrics").text
    answer = running.http.get("/readyz")
    assert answer.status_code == 200, "the last good one serves"
    assert "cannot run, it has 1 error" in answer.json()["notices"]["revision"]
    running.repository.commit({"policies/limits.yaml": limits})
    wait_until(lambda: "surety_active_epoch 2.0" in running.http.get("/metrics").text)
    assert "surety_revision_refused 0.0" in running.http.get("/metrics").text


# Stepped time


def clock(running: Running, body: dict[str, Any], token: str = CONTROL) -> httpx.Response:
    return running.http.put("/clock", json=body, headers={"X-Control-Token": token})


@pytest.mark.parametrize("token", ["", "wrong", "wröng"])
def test_time_is_moved_only_with_the_control_token(running: Running, token: str) -> None:
    headers = {b"X-Control-Token": token.encode()}
    put = running.http.put("/clock", json={"now": format_instant(START)}, headers=headers)
    got = running.http.get("/pending", headers=headers)
    assert [(a.status_code, a.json()["error"]) for a in (put, got)] == [(401, "unauthorized")] * 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "bad_instant"),
        ({"now": "2026-03-03"}, "bad_instant"),
        ({"now": 17}, "bad_instant"),
        ({"now": format_instant(START - timedelta(seconds=1))}, "bad_instant"),
        ({"now": format_instant(START), "hold": "yes"}, "bad_request"),
        ({"now": format_instant(START), "fast": True}, "bad_request"),
    ],
)
def test_a_clock_takes_an_instant_that_is_not_before(running: Running, body: dict[str, Any], error: str) -> None:
    answer = clock(running, body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_what_people_do_at_an_instant_comes_before_what_falls_due_at_it(running: Running) -> None:
    """The last test but one that moves time: two hours, the timebox of an offer."""
    escalation = running.opened("held")
    due = running.get(f"/api/escalations/{escalation}")["offers"][0]["accept_by"]
    running.stepper.move(START + timedelta(hours=2), hold=True)
    assert due == format_instant(START + timedelta(hours=2))
    running.stepper.settle()
    assert running.get(f"/api/escalations/{escalation}")["accountable"] == ANNA
    assert running.post(escalation, "accept", ANNA, {"offer": 1, "answers": YES}).status_code == 200
    running.move(START + timedelta(hours=2))
    view = running.get(f"/api/escalations/{escalation}")
    assert (view["state"], view["holder"]) == ("accepted", ANNA)
    accepted = next(row for row in view["timeline"] if row["command"] == "Accept")
    assert accepted["events"][0]["reason"] == "accepted", "in time, at the very instant"


def test_what_waits_is_told(running: Running) -> None:
    now = START + timedelta(hours=2)
    pending = running.http.get("/pending", headers={"X-Control-Token": CONTROL}).json()
    queues = ("inbox", "outbox_ready", "outbox_leased", "outbox_waiting", "hints", "dead")
    assert [pending[queue] for queue in queues] == [0] * len(queues)
    assert pending["now"] == format_instant(now)
    assert pending["next_deadline"] > pending["now"]
    before = pending["progress"]
    running.opened("progress")
    assert running.http.get("/pending", headers={"X-Control-Token": CONTROL}).json()["progress"] > before


def test_in_real_time_there_is_nothing_to_step(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Running(tmp_path_factory.mktemp("real"), stepped=False) as real:
        headers = {"X-Control-Token": CONTROL}
        answers = [
            real.http.put("/clock", json={"now": format_instant(START)}, headers=headers),
            real.http.get("/pending", headers=headers),
        ]
        assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(404, "not_found")] * 2
        real.customer.create({**BILLING, "subject": "real"}, "real")
        wait_until(lambda: bool(real.get("/api/escalations")["escalations"]))
        [found] = real.get("/api/escalations")["escalations"]
        assert found["opened_at"] > "2026-03-04", "by the clock on the wall"
        wait_until(lambda: real.get(f"/api/escalations/{found['id']}")["offers"][0]["told"])


def test_a_tick_is_no_act_of_a_person() -> None:
    assert not {"tick", "open", "deliver"} & set(BODIES)
    assert cmd.Tick().type == "Tick"
