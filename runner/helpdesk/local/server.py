"""Running the local helpdesk as a process: its options, its socket, its threads, and a clean end.

This is where the parts are wired together. It installs signal handlers only when it runs in the main thread.
"""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from runner.clock import Clocks, SteppedClocks
from runner.helpdesk.local.api import Desk
from runner.helpdesk.local.app import make_app
from runner.helpdesk.local.database import Database, StoreError
from runner.helpdesk.local.queue import Queue
from runner.helpdesk.local.storage import Storage
from runner.helpdesk.local.values import BadValueError, checked_receiver
from runner.helpdesk.local.webhooks import Deliverer, RetrySchedule

__all__ = ["Options", "serve"]

_BACKLOG = 128
_LAST_PORT = 65535
_KEEP_ALIVE_SECONDS = 75  # longer than any client keeps an idle connection, so that it never writes into a closed one
_START_POLL_SECONDS = 0.005
_END_SECONDS = 5  # what requests still running get to finish


class UsageError(Exception):
    """The options cannot be served; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `listen` is HOST:PORT, port 0 takes a free one; `tokens` maps a bearer token to its actor.

    `control_token` is needed with a stepped clock and must be None with a real one. `subscriptions` are receivers of
    webhooks that are added at the start; those of earlier runs in the same `store` stay.
    """

    store: Path
    listen: str
    tokens: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(repr=False)
    control_token: str | None = field(default=None, repr=False)
    subscriptions: tuple[str, ...] = ()
    webhook_timeout_seconds: float = 5.0
    retry: RetrySchedule = field(default_factory=RetrySchedule)


def serve(
    options: Options,
    clocks: Clocks,
    stop_event: threading.Event,
    *,
    announce: Callable[[str], None] | None = None,
) -> int:
    """Serve until `stop_event` is set or SIGTERM or SIGINT comes; returns the exit code of the process.

    0 after a clean end, 1 when the server failed, 2 when it could not start: then one line on stderr says what to do.
    `announce` gets the line that tells the address, once connections are accepted (None: it goes to stdout).
    """
    try:
        _check(options, clocks)
        listening = _listen(options.listen)
    except (UsageError, BadValueError) as error:
        return _refuse(str(error))
    with listening:
        try:
            database = Database(options.store)
        except StoreError as error:
            return _refuse(str(error))
        try:
            with _signals_set(stop_event), _desk_open(options, clocks, database) as desk:
                server = _server(make_app(desk, clocks, options.tokens, options.control_token))
                tell = announce or _print
                return _serve_http(server, listening, stop_event, lambda: tell(_line(listening)))
        finally:
            database.close()


@contextmanager
def _desk_open(options: Options, clocks: Clocks, database: Database) -> Iterator[Desk]:
    """The parts behind the HTTP interface, with webhooks being sent for as long as it is open."""
    queue = Queue(database)
    for url in options.subscriptions:
        queue.subscribe(url)
    timeout = options.webhook_timeout_seconds
    deliverer = Deliverer(queue, clocks, options.webhook_secret, timeout_seconds=timeout, schedule=options.retry)
    deliverer.start()
    try:
        yield Desk(Storage(database, clocks, deliverer.wake), queue, clocks)
    finally:
        deliverer.stop()


def _server(app: Starlette) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_END_SECONDS,
    )
    return uvicorn.Server(config)


def _serve_http(
    server: uvicorn.Server, listening: socket.socket, stop_event: threading.Event, ready: Callable[[], None]
) -> int:
    """Run the HTTP server in a thread of its own, so that signals stay ours; wait for the end."""
    ended = threading.Event()

    def run() -> None:
        try:
            server.run(sockets=[listening])
        finally:
            ended.set()
            stop_event.set()

    thread = threading.Thread(target=run, name="http")
    thread.start()
    while thread.is_alive() and not server.started:  # to stop it while it starts would leave its sockets open
        thread.join(_START_POLL_SECONDS)
    if server.started:
        ready()
    stop_event.wait()
    failed = ended.is_set()  # it never ends by itself
    server.should_exit = True
    thread.join()
    return int(failed)


def _check(options: Options, clocks: Clocks) -> None:
    if not options.tokens or not all(options.tokens) or not all(options.tokens.values()):
        raise UsageError("there is no token: give at least one token with the name of its holder")
    if not options.webhook_secret:
        raise UsageError("there is no webhook secret: give one, so that receivers can check who sends")
    if isinstance(clocks, SteppedClocks) != bool(options.control_token):
        raise UsageError("a stepped clock needs a control token, and only a stepped clock takes one")
    for url in options.subscriptions:
        checked_receiver(url)


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise UsageError(f"{address!r} is not an address: write HOST:PORT, like 127.0.0.1:8081")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise UsageError(f"the host {host!r} is not known: use an address of this machine, like 127.0.0.1") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(_why_not(address, error)) from None
    return listening


def _why_not(address: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{address} is in use: stop the program that listens there, or listen on another port (0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return f"listening on {address} is not permitted: take a port above 1023"
    return f"listening on {address} is not possible ({error.strerror}): use an address of this machine"


def _line(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"helpdesk: listening on http://{f'[{host}]' if ':' in host else host}:{port}"


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"helpdesk: {sentence}\n")
    return 2


@contextmanager
def _signals_set(stop_event: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set the event; what was there before comes back at the end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=stop_event.set).start()  # the interrupted thread may hold the lock of the event

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
