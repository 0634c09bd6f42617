"""Starting the service from options. Whatever can be wrong at the start becomes a sentence that says what to do."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from runner.clock import Clocks, SteppedClocks
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import Helpdesk, HelpdeskError
from runner.revision import TreeError, find_repository
from runner.service.active import RevisionRefused
from runner.service.server import Service, ServiceOptions, listen
from runner.service.workers import Pace
from runner.store.port import StoreError
from runner.store.sqlite import SqliteStore

__all__ = ["Launch", "LaunchError", "launch"]

_log = logging.getLogger(__name__)
_BACKLOG = 128
_LAST_PORT = 65535
_STEPPED_TICK = 0.02
"""Machine seconds between looks in stepped time, where somebody waits for each to come out empty."""


class LaunchError(Exception):
    """The service cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that the command line and the environment give."""

    repo: Path | None
    ref: str
    location: str
    helpdesk_url: str
    address: str
    secret: str = field(repr=False)
    helpdesk_token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    control_token: str | None = field(repr=False)
    clocks: Clocks
    retry_seconds: tuple[float, ...]
    poll_seconds: float
    follow_seconds: float
    seed: int | None
    lease_seconds: float = 60.0


def launch(options: Launch) -> None:
    """Run until asked to stop; raises LaunchError if it cannot start."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        repo = options.repo if options.repo is not None else find_repository(Path.cwd())
        helpdesk = LocalHelpdesk(options.helpdesk_url, options.helpdesk_token, options.webhook_secret)
    except (TreeError, ValueError) as error:
        raise LaunchError(str(error)) from None
    with helpdesk, _bind(options.address) as bound:
        _check(helpdesk, options.helpdesk_url)
        try:
            store = SqliteStore.open(options.location)
        except StoreError as error:
            raise LaunchError(str(error)) from None
        for notice in store.notices:
            _log.warning("%s", notice)
        try:
            ended_well = _run(Service(_service_options(options, repo), store, helpdesk, options.clocks), bound)
        except RevisionRefused as error:
            raise LaunchError(error.explained()) from None
        except (TreeError, StoreError) as error:
            raise LaunchError(str(error)) from None
        if not ended_well:
            raise LaunchError("the HTTP server ended by itself; its log says why")


def _run(service: Service, bound: socket.socket) -> bool:
    try:
        service.start()
        return listen(service.app, bound, threading.Event(), lambda: _announce(bound))
    finally:
        service.stop()


def _announce(bound: socket.socket) -> None:
    host, port = bound.getsockname()[:2]
    sys.stdout.write(f"runner: listening on http://{f'[{host}]' if ':' in host else host}:{port}\n")
    sys.stdout.flush()


def _check(helpdesk: Helpdesk, url: str) -> None:
    """Refuse a helpdesk that answers, but not as it must. One that does not answer may be started later."""
    try:
        report = helpdesk.selftest()
    except HelpdeskError as error:
        _log.warning("the helpdesk at %s cannot be asked yet, and is asked again: %s", url, error)
        return
    if not report.ok:
        wrong = "; ".join(check.detail for check in report.checks if not check.ok)
        raise LaunchError(f"the helpdesk at {url} cannot be used (see --helpdesk, SURETY_HELPDESK_TOKEN): {wrong}")


def _service_options(options: Launch, repo: Path) -> ServiceOptions:
    stepped = isinstance(options.clocks, SteppedClocks)
    pace = Pace(
        tick_seconds=_STEPPED_TICK if stepped else Pace().tick_seconds,
        poll_seconds=options.poll_seconds,
        follow_seconds=options.follow_seconds,
        retry_seconds=options.retry_seconds,
        lease_seconds=options.lease_seconds,
    )
    return ServiceOptions(
        repo=repo,
        ref=options.ref,
        secret=options.secret,
        control_token=options.control_token,
        pace=pace,
        seed=options.seed,
    )


def _bind(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise LaunchError(f"--listen is HOST:PORT, for example 127.0.0.1:8080; found {address!r}")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise LaunchError(
            f"--listen: {host!r} is not known here; use an address of this machine, like 127.0.0.1"
        ) from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(where)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise LaunchError(_why_not(address, error)) from None
    return bound


def _why_not(address: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{address} is in use: stop what listens there, or choose another with --listen (port 0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return f"listening on {address} is not permitted: choose a port above 1023 with --listen"
    return f"{address} cannot be listened on ({error.strerror}): choose an address of this machine with --listen"
