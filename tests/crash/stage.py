"""The stage: helpdesk, recorder and runner as real programs over files in a folder. The runner may die any moment."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from runner.contract.values import format_instant
from runner.demo.actors import Customers, Owners
from runner.demo.processes import Secrets, expiry_seconds, free_port
from runner.demo.recorder import Recorder
from runner.demo.repository import make_repository
from runner.demo.stepping import Stepper
from runner.demo.systems import Item
from runner.service.tokens import issue_token
from tests.company import COMPANY
from tests.crash import desk, killed
from tests.crash.script import START

PATIENCE_SECONDS = 60.0
OBSERVER = "ravi-menon"


class Process:
    """A program that prints the address at which it listens, or dies before."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self._stderr = log.open("ab")
        self._timer: threading.Timer | None = None
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            stdin=subprocess.DEVNULL,
        )

    def ready(self) -> str | None:
        """Its address, None if it died first."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        return line.split()[-1] if "listening on" in line else None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def dead(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        if not self.dead:
            os.kill(self._process.pid, signal.SIGKILL)
        self.gone()

    def kill_later(self, seconds: float) -> None:
        """From outside, at some moment of machine time."""
        self._timer = threading.Timer(seconds, lambda: None if self.dead else os.kill(self.pid, signal.SIGKILL))
        self._timer.start()

    def dies_within(self, seconds: float) -> bool:
        """Whether it is dead, or will be in a moment."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> int:
        """Ask it to end; its exit code."""
        if self._timer is not None:
            self._timer.cancel()
        if not self.dead:
            self._process.terminate()
        return self.gone()

    def gone(self) -> int:
        """Wait until it is dead."""
        code = self._process.wait(PATIENCE_SECONDS)
        if self._timer is not None:
            self._timer.cancel()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._stderr.close()
        return code


def _repository(folder: Path) -> Path:
    """The tests' company with one more template, for what its own leave out."""
    repository = make_repository(folder / "repository", [], COMPANY)
    (repository / "templates/whole").mkdir()
    shutil.copy(Path(__file__).with_name("template.yaml"), repository / "templates/whole/template.yaml")
    routing = repository / "policies/routing.yaml"
    text = routing.read_text(encoding="utf-8")
    assert "order: [" in text
    routing.write_text(text.replace("order: [", "order: [whole, "), encoding="utf-8")
    who = ["-c", "user.name=Crash", "-c", "user.email=crash@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["add", "."], [*who, "commit", "-qm", "One more template"]):
        subprocess.run(["git", "-C", str(repository), *arguments], check=True)
    return repository


class Stage:
    """Everything that outlives the runner, and the runner of the moment. `now` is the contract time of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = Secrets()
        self.now = START
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._repository = _repository(folder)
        self.recorder = Recorder(self.keys.actions)
        self.recorder.systems.items["A"] = Item({"v6": "six", "v7": "seven"}, "v7")
        self.recorder._server.handle_error = lambda *_: None  # type: ignore[method-assign] # the dead hang up in the middle
        self._desk = self._start_desk()
        found = self._desk.ready()
        assert found is not None, (folder / "helpdesk.log").read_text()
        self.desk_url = found
        self.customers = Customers(self.desk_url, self.keys.customer_token)
        self.owners = Owners(self.url, self.keys)
        self.stepper = Stepper(self.url, self.desk_url, self.keys.control, START, patience_seconds=PATIENCE_SECONDS)
        self.runner: Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(AssertionError):
            if self.runner is not None:
                self.runner.kill()
        self._desk.kill()
        self.recorder.close()
        for each in (self.customers, self.owners, self.stepper):
            each.close()

    @property
    def store(self) -> Path:
        return self.folder / "runner.db"

    def log(self) -> str:
        return (self.folder / "runner.log").read_text(encoding="utf-8", errors="replace")

    def _start_desk(self) -> Process:
        given = {
            "start": format_instant(START),
            "store": str(self.folder / "helpdesk.db"),
            "listen": "127.0.0.1:0",
            "tokens": {self.keys.runner_token: "surety", self.keys.customer_token: "customer"},
            "webhook_secret": self.keys.webhook,
            "control_token": self.keys.control,
            "subscriptions": [f"{self.url}/hooks/helpdesk"],
        }
        return Process(["-m", desk.__name__, json.dumps(given)], {}, self.folder / "helpdesk.log")

    def start_runner(self, at: tuple[str, int] | None = None, kill_after_seconds: float | None = None) -> bool:
        """Start it over the same files at the present instant; False if it died before it listened.

        `at` is the point and pass at which it kills itself; with `kill_after_seconds` it is killed from outside.
        """
        program = ["-m", "runner.cli"] if at is None else ["-m", killed.__name__, at[0], str(at[1])]
        options = [
            "serve",
            *("--repo", str(self._repository), "--ref", "main"),
            *("--store", f"sqlite:///{self.store}", "--helpdesk", self.desk_url, "--listen", f"127.0.0.1:{self._port}"),
            *("--clock", "stepped", "--start", format_instant(self.now), "--seed", "1"),
            *("--retry-seconds", "0.05,0.1,0.2,0.4", "--lease-seconds", "0.3"),
        ]
        channels = {f"SURETY_{name.upper()}_WEBHOOK": self.recorder.url(name) for name in ("chat", "pager", "email")}
        channels |= self.recorder.action_variables()
        secrets = {
            "SURETY_SECRET": self.keys.people,
            "SURETY_HELPDESK_TOKEN": self.keys.runner_token,
            "SURETY_WEBHOOK_SECRET": self.keys.webhook,
            "SURETY_CONTROL_TOKEN": self.keys.control,
        }
        runner = self.runner = Process([*program, *options], {**secrets, **channels}, self.folder / "runner.log")
        if kill_after_seconds is not None:
            runner.kill_later(kill_after_seconds)
        return runner.ready() is not None

    def act(self, escalation: str, action: str, person: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        """Have a person do something; status and answer. With the same key it happens once, however often asked."""
        token = issue_token(self.keys.people, person, expiry_seconds(1))
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        url = f"{self.url}/api/escalations/{escalation}/{action}"
        answer = httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)
        return answer.status_code, answer.json()

    def move(self, instant: datetime) -> None:
        """Move both clocks."""
        self.stepper.move(instant)
        self.now = instant
