"""A receiver that plays chat, pager and mail relay for the demo: takes every message once, by its idempotency key."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Recorder"]

_MAX_BODY = 1 << 20


class Recorder:
    """Listens on loopback; `url(channel)` is where a channel's messages go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, dict[str, Any]] = {}
        self._received = 0
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if not 0 < length <= _MAX_BODY:
                    self._answer(400)
                    return
                try:
                    message = json.loads(self.rfile.read(length))
                except ValueError:
                    self._answer(400)
                    return
                recorder.take(self.path.strip("/"), message)
                self._answer(204)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, channel: str) -> str:
        """The address of a channel."""
        return f"http://127.0.0.1:{self._server.server_port}/{channel}"

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
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
