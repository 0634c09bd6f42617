"""The edges of the network for tests: a receiver of webhooks, and a line to a server on which things go wrong."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

WAIT_SECONDS = 20.0


class Server:
    """An HTTP server on a free port of the loopback, answering with `handle`, while the context is open."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outer.handle(self, body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815 - the names of the base class

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@dataclass(frozen=True)
class Hook:
    headers: Mapping[str, str]
    body: bytes
    taken: bool

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


class Receiver(Server):
    """Takes webhooks. `refuse` decides by webhook and its number from 0: a status, or None to take it with 204."""

    def __init__(self, refuse: Callable[[Hook, int], int | None] | None = None) -> None:
        super().__init__()
        self._refuse = refuse or (lambda _hook, _number: None)
        self._changed = threading.Condition()
        self._hooks: list[Hook] = []

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._changed:
            hook = Hook(dict(request.headers), body, taken=True)
            status = self._refuse(hook, len(self._hooks))
            self._hooks.append(Hook(hook.headers, body, taken=status is None))
            self._changed.notify_all()
        request.send_response(status or 204)
        request.end_headers()

    def wait_for(self, enough: Callable[[list[Hook]], bool]) -> list[Hook]:
        """All that came, in order of arrival, as soon as it is enough."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self._hooks), WAIT_SECONDS), self._hooks
            return list(self._hooks)

    def wait_taken(self, count: int) -> list[Hook]:
        """Those that were taken, as soon as there are so many."""
        return [hook for hook in self.wait_for(lambda hooks: sum(h.taken for h in hooks) >= count) if hook.taken]


@dataclass(frozen=True)
class Fault:
    """What happens to one write. With an `answer` the server is not asked; `touch` changes the body on the way."""

    lose_answer: bool = False
    answer: tuple[int, Mapping[str, str], bytes] | None = None
    touch: Callable[[bytes], bytes] | None = None
    hang: bool = False


class Line(Server):
    """A line to `target` on which the next writes, or with `reads` the next requests of any kind, meet faults."""

    def __init__(self, target: str, *faults: Fault, reads: bool = False) -> None:
        super().__init__()
        self._target = target
        self._faults = deque(faults)
        self._reads = reads
        self._over = threading.Event()
        self.requests: list[tuple[str, str]] = []

    def __exit__(self, *details: object) -> None:
        self._over.set()
        super().__exit__(*details)

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.requests.append((request.command, request.path))
        matters = self._reads or request.command != "GET"
        fault = self._faults.popleft() if matters and self._faults else Fault()
        if fault.hang:
            self._over.wait(WAIT_SECONDS)
            return
        if fault.answer is not None:
            self._reply(request, *fault.answer)
            return
        headers = {name: value for name, value in request.headers.items() if name in {"Authorization", "Content-Type"}}
        content = fault.touch(body) if fault.touch else body
        answer = httpx.request(
            request.command, self._target + request.path, content=content, headers=headers, trust_env=False
        )
        if not fault.lose_answer:
            self._reply(request, answer.status_code, {}, answer.content)

    @staticmethod
    def _reply(request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes) -> None:
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
