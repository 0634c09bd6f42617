"""The service as a whole: started twice over the same files, ended, and what is told when HTTP fails by itself."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
import uvicorn

from runner.clock import SteppedClocks
from runner.helpdesk.local_client import LocalHelpdesk
from runner.service.server import Service, ServiceOptions, listen
from runner.service.workers import Pace
from runner.store import SqliteStore
from tests.runner.contract.repository import MINIMAL
from tests.runner.revision.conftest import Repository
from tests.runner.service.company import START

SECRET = "people's secret, long enough"


def service(folder: Path, *, environment: dict[str, str] | None = None, seed: int | None = 1) -> Service:
    options = ServiceOptions(
        repo=folder / "repo",
        ref="main",
        secret=SECRET,
        environment=environment if environment is not None else {"CHAT_WEBHOOK": "http://127.0.0.1:9/"},
        folder=folder,
        pace=Pace(tick_seconds=0.01, follow_seconds=0.01, poll_seconds=600),
        seed=seed,
    )
    helpdesk = LocalHelpdesk("http://127.0.0.1:9", "token", "secret", timeout_seconds=0.1)
    return Service(options, SqliteStore.open(folder / "s.db"), helpdesk, SteppedClocks(START))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Repository(tmp_path / "repo").commit(MINIMAL, "genesis")
    return tmp_path


def test_a_second_start_in_repeatable_time_makes_other_ids(folder: Path) -> None:
    made = []
    for _ in range(2):
        running = service(folder)
        running.start()
        made.append(running._desk._ids.new(START))
        running.stop()
    assert made[0] != made[1], "an id is never used twice over one store"


def test_stopping_before_the_start_or_twice_is_fine(folder: Path) -> None:
    running = service(folder)
    running.stop()
    running.stop()


def test_what_is_not_running_is_not_ready(folder: Path) -> None:
    running = service(folder)
    assert set(running._ready().reasons) == {"decide", "read", "effects", "poll", "follow", "revision"}
    running.start()
    assert running._ready().reasons == {}
    running.stop()


def test_a_channel_that_reaches_nobody_is_said_once_however_often_revisions_change(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = service(folder, environment={})
    running.start()
    repository = Repository(folder / "repo")
    for number in range(2):
        repository.commit({f"templates/note-{number}.md": "x"})
        running._follower.follow()
    running.stop()
    said = [record.getMessage() for record in caplog.records if "has no address" in record.getMessage()]
    assert said == ["channel chat has no address, so nobody is reached by it: set CHAT_WEBHOOK"]


def test_http_that_ends_by_itself_is_a_failure_and_no_silence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def falls_over(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        self.started = True

    monkeypatch.setattr(uvicorn.Server, "run", falls_over)
    running = service(folder)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        assert listen(running.app, bound, threading.Event(), lambda: None) is False
    running.stop()


def test_http_that_never_starts_is_not_announced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[str] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    running = service(folder)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        assert listen(running.app, bound, threading.Event(), lambda: announced.append("ready")) is False
    running.stop()
    assert announced == []


def test_an_action_without_its_variables_is_said_at_the_start_and_noticed(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = "templates/billing/template.yaml"
    step = b"runbook:\n  open:\n    - action: {run: reset-password, with: {account: x}}\n"
    acting = MINIMAL[path].replace(b"runbook:\n  open:\n", step)
    Repository(folder / "repo").commit({path: acting})
    running = service(folder)
    running.start()
    notices = running._ready().notices
    running.stop()
    said = [record.getMessage() for record in caplog.records if "cannot be carried out" in record.getMessage()]
    assert said == [
        f"the action {name} cannot be carried out, and steps that need it fail: set RESET_URL"
        for name in ("reset-password", "restore-password")
    ]
    assert notices["action reset-password"] == "steps that need it fail: set RESET_URL"
