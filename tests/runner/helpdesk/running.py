"""Real local helpdesks for tests: in a thread, and as a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runner.clock import Clocks, RealClocks
from runner.helpdesk.local.server import Options, serve
from runner.helpdesk.local.webhooks import RetrySchedule
from runner.helpdesk.local_client import LocalHelpdesk

TOKENS = {"token-of-runner": "runner", "token-of-ann": "ann"}
SECRET = "made-up webhook secret"
CONTROL = "made-up control token"
IMPATIENT = RetrySchedule(first_seconds=0.01, most_seconds=0.05)
START_SECONDS = 20.0


def options(store: Path, **changes: Any) -> Options:
    return Options(
        **{
            "store": store,
            "listen": "127.0.0.1:0",
            "tokens": TOKENS,
            "webhook_secret": SECRET,
            "retry": IMPATIENT,
            **changes,
        }
    )


def client(url: str, actor: str = "runner", **changes: Any) -> LocalHelpdesk:
    token = next(token for token, holder in TOKENS.items() if holder == actor)
    return LocalHelpdesk(url, token, SECRET, **changes)


class InThread:
    """A local helpdesk in a thread of this process, for as long as the context is open."""

    def __init__(self, chosen: Options, clocks: Clocks | None = None) -> None:
        self._options = chosen
        self._clocks = clocks or RealClocks()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.code: int | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(START_SECONDS)
        assert self.url, "it did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        assert self.code == 0

    def _run(self) -> None:
        try:
            self.code = serve(self._options, self._clocks, self._stop, announce=self._announce)
        finally:
            self._ready.set()

    def _announce(self, line: str) -> None:
        assert line.startswith("helpdesk: listening on http://")
        self.url = line.removeprefix("helpdesk: listening on ")
        self._ready.set()


class Process:
    """A local helpdesk in a process of its own; `stop` and `kill` end it, leaving the context kills it."""

    def __init__(self, chosen: Options) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-W", "error", str(Path(__file__).with_name("launch.py")), _as_json(chosen)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline()
        self.url = line.strip().removeprefix("helpdesk: listening on ")

    def __enter__(self) -> Self:
        assert self.url.startswith("http://"), self.end()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def signal(self, number: int) -> tuple[int, str, str]:
        """Send a signal and wait; returns exit code, further output, errors."""
        os.kill(self._popen.pid, number)
        return self.end()

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; returns exit code, further output, errors."""
        out, err = self._popen.communicate(timeout=START_SECONDS)
        return self._popen.returncode, out, err

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._popen.poll() is None:
            self.signal(signal.SIGKILL)
        for stream in (self._popen.stdout, self._popen.stderr):
            if stream is not None:
                stream.close()


def _as_json(chosen: Options) -> str:
    return json.dumps({**asdict(chosen), "store": str(chosen.store)})
