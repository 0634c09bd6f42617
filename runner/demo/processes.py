"""The demo's processes: the local helpdesk and the runner, each a real program on loopback, started and ended here."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from runner.clock import RealClocks
from runner.contract.values import format_instant

__all__ = ["ProcessError", "Program", "Secrets", "start_helpdesk", "start_runner"]

_PATIENCE_SECONDS = 60.0
_ADDRESS = re.compile(rb"listening on (http://\S+)")


class ProcessError(Exception):
    """A program did not start or did not end well; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made afresh for each run; nothing outlives it."""

    people: str = field(default_factory=lambda: secrets.token_hex(32))
    runner_token: str = field(default_factory=lambda: secrets.token_hex(16))
    customer_token: str = field(default_factory=lambda: secrets.token_hex(16))
    webhook: str = field(default_factory=lambda: secrets.token_hex(16))
    control: str = field(default_factory=lambda: secrets.token_hex(16))
    actions: str = field(default_factory=lambda: secrets.token_hex(16))


class Program:
    """A program that prints the address at which it listens, and that ends when this process does, even by SIGKILL."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        self._stderr = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runner.cli", *arguments, "--until-stdin-closes"],
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            stdin=subprocess.PIPE,  # never written to; the system closes it when this process is gone
        )
        self._found = threading.Event()
        self.url = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            match = _ADDRESS.search(line)
            if match:
                self.url = match[1].decode()
                self._found.set()
        self._found.set()

    def wait_ready(self) -> str:
        """The address once it listens; raises ProcessError if it ended first."""
        if not self._found.wait(_PATIENCE_SECONDS) or not self.url:
            self.stop()
            raise ProcessError(f"the {self.name} did not start:\n{self.last_words()}")
        return self.url

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def last_words(self, lines: int = 20) -> str:
        """The end of its log."""
        text = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(text[-lines:])

    def stop(self) -> int:
        """Ask it to end, and end it if it does not; its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._stderr.close()
        return self._process.returncode

    def wait(self) -> None:
        """Wait until it ends by itself."""
        self._process.wait()


def start_helpdesk(
    folder: Path, keys: Secrets, start: datetime | None, webhook: str, listen: str = "127.0.0.1:0"
) -> Program:
    """The local helpdesk on a free port; `start` None runs it in real time."""
    arguments = ["helpdesk", "--store", str(folder / "helpdesk.db"), "--listen", listen, "--webhook", webhook]
    return Program("helpdesk", arguments + _clock(start), _environment(keys), folder / "helpdesk.log")


def start_runner(
    folder: Path,
    keys: Secrets,
    start: datetime | None,
    *,
    repo: Path,
    helpdesk: str,
    listen: str,
    channels: Mapping[str, str],
    lease_seconds: float | None = None,
) -> Program:
    """The runner; in stepped time with repeatable ids and short waits between tries.

    `lease_seconds` is how long an effect that a dead runner had begun is left alone; as the runner has it, if None.
    """
    arguments = [
        "serve",
        *("--repo", str(repo)),
        *("--ref", "main"),
        *("--store", f"sqlite:///{folder / 'runner.db'}"),
        *("--helpdesk", helpdesk),
        *("--listen", listen),
    ]
    if start is not None:
        arguments += ["--seed", "1", "--retry-seconds", "0.05,0.1,0.2"]
    if lease_seconds is not None:
        arguments += ["--lease-seconds", str(lease_seconds)]
    return Program("runner", arguments + _clock(start), {**_environment(keys), **channels}, folder / "runner.log")


def _clock(start: datetime | None) -> list[str]:
    return ["--clock", "stepped", "--start", format_instant(start)] if start is not None else []


def _environment(keys: Secrets) -> dict[str, str]:
    return {
        "SURETY_SECRET": keys.people,
        "SURETY_HELPDESK_TOKEN": keys.runner_token,
        "SURETY_HELPDESK_TOKENS": f"surety={keys.runner_token},customer={keys.customer_token}",
        "SURETY_WEBHOOK_SECRET": keys.webhook,
        "SURETY_CONTROL_TOKEN": keys.control,
    }


def free_port() -> int:
    """A port of loopback that is free now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def expiry_seconds(days: int) -> int:
    """Machine time in so many days, for tokens."""
    return int(RealClocks().machine_seconds()) + days * 86400
