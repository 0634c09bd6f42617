"""Starting the service from options: every thing that can be wrong at the start becomes one sentence that says what to do."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from runner.channels import ChannelSetupError
from runner.clock import Clocks, SteppedClocks
from runner.contract.diagnostic import render_text
from runner.helpdesk.local_client import LocalHelpdesk
from runner.revision import TreeError, find_repository
from runner.service.active import RevisionRefused
from runner.service.server import Service, ServiceOptions, listen
from runner.service.workers import Pace
from runner.store.port import StoreError
from runner.store.sqlite import SqliteStore

__all__ = ["Launch", "LaunchError", "launch"]

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


def launch(options: Launch) -> None:
    """Run until asked to stop; raises LaunchError if it cannot start."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        repo = options.repo if options.repo is not None else find_repository(Path.cwd())
        helpdesk = LocalHelpdesk(options.helpdesk_url, options.helpdesk_token, options.webhook_secret)
    except (TreeError, ValueError) as error:
        raise LaunchError(str(error)) from None
    bound = _bind(options.address)
    try:
        store = SqliteStore.open(options.location)
    except StoreError as error:
        bound.close()
        raise LaunchError(str(error)) from None
    for notice in store.notices:
        logging.getLogger(__name__).warning("%s", notice)
    service = Service(_service_options(options, repo), store, helpdesk, options.clocks)
    try:
        service.start()
        host, port = bound.getsockname()[:2]
        listen(
            service.app,
            bound,
            threading.Event(),
            lambda: print(f"runner: listening on http://{host}:{port}", flush=True),
        )
    except RevisionRefused as error:
        raise LaunchError(_explain(error)) from None
    except (TreeError, StoreError, ChannelSetupError) as error:
        raise LaunchError(str(error)) from None
    finally:
        service.stop()
        helpdesk.close()
        bound.close()


def _service_options(options: Launch, repo: Path) -> ServiceOptions:
    stepped = isinstance(options.clocks, SteppedClocks)
    pace = Pace(
        tick_seconds=_STEPPED_TICK if stepped else Pace().tick_seconds,
        poll_seconds=options.poll_seconds,
        follow_seconds=options.follow_seconds,
        retry_seconds=options.retry_seconds,
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
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the highest port
        raise LaunchError(f"--listen is HOST:PORT, for example 127.0.0.1:8080; found {address!r}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host.strip("[]"), int(port)))
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise LaunchError(
                f"{address} is in use: stop what listens there, or choose another with --listen"
            ) from None
        raise LaunchError(f"{address} cannot be listened on: {error.strerror}") from None
    return bound


def _explain(error: RevisionRefused) -> str:
    if not error.findings:
        return str(error)
    return f"{error}\n\n{render_text(error.findings, lambda _file, _line: None, colour=False)}"
