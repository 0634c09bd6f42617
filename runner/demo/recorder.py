"""A receiver that plays chat, pager and mail relay, and the systems in which runbooks act, for the demo and for tests.

It takes everything once, by its idempotency key.
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from runner.demo.systems import ACTION_VARIABLES, Systems

__all__ = ["Recorder"]

_MAX_BODY = 1 << 20
_ACTIONS = "actions"
_NOT_HERE = 404


class Recorder:
    """Listens on loopback; `url(channel)` is where a channel's messages go, `systems` what actions find."""

    def __init__(self, secret: str = "") -> None:
        self.systems = Systems(secret)
        self._lock = threading.Lock()
        self._messages: dict[str, dict[str, Any]] = {}
        self._received = 0
        self._refusals: dict[str, list[int]] = {}
        self.out_of_reach: set[str] = set()
        """The people to whom no channel takes a message."""
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if not 0 < length <= _MAX_BODY:
                    self._answer(400)
                    return
                body = self.rfile.read(length)
                if self.path.strip("/") == _ACTIONS:
                    status, answer = recorder.systems.answer(dict(self.headers.items()), body)
                    self._answer(status, json.dumps(answer).encode())
                    return
                try:
                    message = json.loads(body)
                except ValueError:
                    self._answer(400)
                    return
                channel = self.path.strip("/")
                refusal = recorder.next_refusal(channel, str(message.get("person", "")))
                if refusal is None:
                    recorder.take(channel, message)
                self._answer(refusal or 204)

            def _answer(self, status: int, body: bytes = b"") -> None:
                with suppress(ConnectionError):  # whoever asked may have stopped waiting
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, channel: str) -> str:
        """The address of a channel."""
        return f"http://127.0.0.1:{self._server.server_port}/{channel}"

    def action_variables(self) -> dict[str, str]:
        """The environment variables with which the shipped actions find the systems here."""
        found = dict.fromkeys(ACTION_VARIABLES, self.url(_ACTIONS))
        return found | ({"SURETY_ACTIONS_SECRET": self.systems.secret} if self.systems.secret else {})

    def refuse(self, channel: str, *statuses: int) -> None:
        """The next messages on a channel are answered so, and nothing is taken."""
        with self._lock:
            self._refusals.setdefault(channel, []).extend(statuses)

    def next_refusal(self, channel: str, person: str) -> int | None:
        """The status with which a message to a person that came now is refused; None if it is taken."""
        with self._lock:
            if person in self.out_of_reach:
                return _NOT_HERE
            waiting = self._refusals.get(channel)
            return waiting.pop(0) if waiting else None

    def take(self, channel: str, message: dict[str, Any]) -> None:
        """A message came."""
        with self._lock:
            self._received += 1
            self._messages.setdefault(str(message.get("key")), {**message, "channel": channel})

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every message once, in the order of first arrival."""
        with self._lock:
            return list(self._messages.values())

    @property
    def repeats(self) -> int:
        """How many arrived again."""
        with self._lock:
            return self._received - len(self._messages)

    def close(self) -> None:
        """Stop listening."""
        self.systems.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
