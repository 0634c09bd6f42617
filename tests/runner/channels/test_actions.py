"""Sending actions: what goes over the wire, what of an answer is kept, which variables are missing."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runner.channels import ActionError, ActionSender, Call, scalars, unset_action_variables
from runner.contract.policies import Actions, NamedAction
from tests.runner.engine.worlds import contract, step

SECRET = "k7-of-nobody-in-particular"
CALL = Call("lock", {"item": "A"}, "E-1", "T-1", "E-1:4:0")


class Far:
    """Another system: keeps requests, answers what a test says."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes, dict[str, str]] = (200, b"{}", {})
        self.slow = threading.Event()
        self.slow.set()
        far = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                far.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
                far.slow.wait(10)
                status, answer, headers = far.answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign] # those who wait no longer hang up
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/x?token=Zq8vR2kLw0T5nB7yP1cD"


@pytest.fixture
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.slow.set()
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


def named(**more: Any) -> NamedAction:
    plain = {"summary": "Locks.", "sender": "webhook", "url_env": "FAR_URL", "secret_env": "FAR_KEY", **more}
    return NamedAction.model_validate(plain)


@pytest.fixture
def sender(far: Far) -> Iterator[ActionSender]:
    made = ActionSender({"FAR_URL": far.url, "FAR_KEY": SECRET}, lambda: 1772524800.9)
    yield made
    made.close()


def test_one_signed_request_with_everything_that_is_needed(far: Far, sender: ActionSender) -> None:
    far.answer = (200, b'{"version": "v7", "nested": {"a": 1}}', {})
    assert sender.send(named(), CALL) == {"version": "v7", "nested": {"a": 1}}
    [(headers, body)] = far.requests
    assert json.loads(body) == {
        "action": "lock", "inputs": {"item": "A"}, "escalation": "E-1", "ticket": "T-1", "key": "E-1:4:0",
    }  # fmt: skip
    assert (headers["idempotency-key"], headers["surety-timestamp"]) == ("E-1:4:0", "1772524800")
    wanted = hmac.new(SECRET.encode(), b"1772524800." + body, hashlib.sha256).hexdigest()
    assert headers["surety-signature"] == f"sha256={wanted}"


def test_without_a_key_it_is_not_signed(far: Far, sender: ActionSender) -> None:
    sender.send(named(secret_env=None), CALL)
    assert "surety-signature" not in far.requests[0][0]


@pytest.mark.parametrize(
    ("status", "said", "permanent", "unknown", "after"),
    [
        (301, "lock was refused: 301 Moved Permanently", True, False, None),
        (404, "lock was refused: 404 Not Found", True, False, None),
        (423, "lock was refused: 423 Locked", True, False, None),
        (499, "lock was refused: 499", True, False, None),
        (429, "lock is put off: 429 Too Many Requests", False, False, 7.0),
        (500, "lock failed there: 500 Internal Server Error", False, False, None),
        (504, "lock failed there: 504 Gateway Timeout", False, True, None),
    ],
)
def test_a_status_in_words(  # noqa: PLR0917
    far: Far, sender: ActionSender, status: int, said: str, permanent: bool, unknown: bool, after: float | None
) -> None:  # fmt: skip
    far.answer = (status, SECRET.encode(), {"Retry-After": "7"})
    with pytest.raises(ActionError) as raised:
        sender.send(named(), CALL)
    error = raised.value
    assert (str(error), error.permanent, error.unknown, error.after_seconds) == (said, permanent, unknown, after)


def test_no_answer_in_time_means_that_nobody_knows(far: Far, sender: ActionSender) -> None:
    far.slow.clear()
    with pytest.raises(ActionError) as raised:
        sender.send(named(timeout="1s"), CALL)
    assert str(raised.value) == "lock was not answered within 1 s: nobody knows whether it was done"
    assert (raised.value.unknown, raised.value.permanent) == (True, False)
    assert raised.value.__cause__ is None, "the address stands in what is below"


@pytest.mark.parametrize("answer", [b"", b"[1]", b"no", b'"x"', b"[" * 100_000, b'{"a": "' + b"x" * (1 << 20) + b'"}'])
def test_what_is_no_small_object_is_no_result(far: Far, sender: ActionSender, answer: bytes) -> None:
    far.answer = (200, answer, {})
    assert sender.send(named(), CALL) == {}


def test_what_of_an_answer_is_kept() -> None:
    answer = {
        "text": "v7", "number": 3, "share": 0.5, "yes": True, "nothing": None, "long": "x" * 257, "nested": {},
        "list": [], "two words": 1, "was.priority": "x", "task": True, "ticket": "T-9", "branch": "b", "huge": 2**60,
        "endless": float("inf"), "half": "\ud800", "lines": "a\nb",
    }  # fmt: skip
    assert scalars(answer) == {"text": "v7", "number": 3, "share": 0.5, "yes": True, "nothing": None}
    assert len(scalars({f"key{number}": number for number in range(50)})) == 20


def test_variables_that_are_missing_for_actions_that_contracts_use() -> None:
    lock = {"summary": "Locks.", "sender": "webhook", "url_env": "FAR_URL", "secret_env": "FAR_KEY"}
    read = {**lock, "url_env": "LOGS_URL", "secret_env": None}
    actions = {"lock": lock, "unlock": lock, "logs": read, "unused": {**read, "url_env": "NOBODY_ASKS"}}
    policy = Actions.model_validate({"schema": "surety/v1", "kind": "Actions", "actions": actions})
    steps = (
        step("action", args={"action": "lock", "with": {}}, undo_by="unlock"),
        step("attach", args={"what": "logs", "source": "logs"}),
        step(),
    )
    used = [contract(runbook={"open": steps})]
    assert unset_action_variables(policy, used, {}) == {"lock": "FAR_URL", "unlock": "FAR_URL", "logs": "LOGS_URL"}
    assert unset_action_variables(policy, used, {"FAR_URL": "x", "LOGS_URL": "x"}) == {
        "lock": "FAR_KEY",
        "unlock": "FAR_KEY",
    }
    assert unset_action_variables(policy, used, {"FAR_URL": "x", "FAR_KEY": "x", "LOGS_URL": "x"}) == {}
    assert unset_action_variables(None, used, {}) == {}
