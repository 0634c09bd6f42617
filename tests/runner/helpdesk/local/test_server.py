"""The local helpdesk as a process: how it starts, how it refuses to, how it ends, and what a crash leaves."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.clock import Clocks, RealClocks, SteppedClocks
from runner.helpdesk import Applied, HelpdeskUnavailable, Unknown
from runner.helpdesk.local.database import Database
from runner.helpdesk.local.instants import read_instant
from runner.helpdesk.local.server import serve
from tests.runner.helpdesk.conformance import created, read
from tests.runner.helpdesk.lines import Receiver
from tests.runner.helpdesk.running import CONTROL, InThread, Process, client, options


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with Process(options(tmp_path / "desk")) as process, client(process.url) as helpdesk:
        created(helpdesk)
        assert process.signal(number) == (0, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk"]


def test_killed_while_many_write_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    outcomes: dict[int, str] = {}

    def write(url: str, numbers: range) -> None:
        with client(url) as helpdesk:
            for number in numbers:
                try:
                    outcome = helpdesk.create({"number": number}, f"key-{number}")
                except HelpdeskUnavailable:
                    return
                if isinstance(outcome, Unknown):
                    return
                assert isinstance(outcome, Applied)
                outcomes[number] = outcome.ref
                if len(outcomes) >= 60:
                    enough.set()

    enough = threading.Event()
    with Process(options(tmp_path / "desk")) as process:
        threads = [threading.Thread(target=write, args=(process.url, range(start, 100_000, 4))) for start in range(4)]
        for thread in threads:
            thread.start()
        assert enough.wait(20)
        process.kill()
        for thread in threads:
            thread.join()
    with Process(options(tmp_path / "desk")) as process, client(process.url) as helpdesk:
        for number, ref in outcomes.items():
            assert helpdesk.find_by_key(f"key-{number}") == (ref,)
            assert read(helpdesk, ref).fields == {"number": number}
        for number in range(max(outcomes) + 8):
            outcome = helpdesk.create({"number": number}, f"key-{number}")
            assert isinstance(outcome, Applied)
            assert outcomes.setdefault(number, outcome.ref) == outcome.ref
        page = helpdesk.changes(None, 1000)
        assert sorted(hint.ref for hint in page.hints) == sorted(outcomes.values())


def test_webhooks_that_wait_survive_a_kill(tmp_path: Path) -> None:
    away = threading.Event()
    away.set()
    with Receiver(lambda *_: 503 if away.is_set() else None) as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(receiver.url,))
        with Process(chosen) as process, client(process.url) as helpdesk:
            ref = created(helpdesk)
            helpdesk.set_fields(ref, {"n": 1}, "set")
            receiver.wait_for(bool)
            process.kill()
        away.clear()
        with Process(options(tmp_path / "desk")):
            hooks = receiver.wait_for(lambda seen: any(hook.taken and hook.json["version"] == 2 for hook in seen))
    taken = [hook.json["version"] for hook in hooks if hook.taken]
    assert taken == sorted(taken)  # the one that was on its way at the kill may have come twice
    assert set(taken) == {1, 2}


def test_a_restart_in_between_keeps_the_cursor(tmp_path: Path) -> None:
    with InThread(options(tmp_path / "desk")) as running, client(running.url) as helpdesk:
        created(helpdesk, "one")
        cursor = helpdesk.changes(None, 10).cursor
        created(helpdesk, "two")
    with InThread(options(tmp_path / "desk")) as running, client(running.url) as helpdesk:
        assert [hint.ref for hint in helpdesk.changes(cursor, 10).hints] == ["T-1001"]


def test_it_ends_in_order_although_stopped_at_once(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    lines: list[str] = []
    assert serve(options(tmp_path / "desk"), RealClocks(), stop, announce=lines.append) == 0
    assert len(lines) == 1


def test_ipv6_is_written_as_an_address(tmp_path: Path) -> None:
    with InThread(options(tmp_path / "desk", listen="[::1]:0")) as running:
        assert running.url.startswith("http://[::1]:")
        assert httpx.get(f"{running.url}/healthz", trust_env=False).status_code == 200


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        address = f"127.0.0.1:{held.getsockname()[1]}"
        process = Process(options(tmp_path / "desk", listen=address))
        code, out, err = process.end()
        process.kill()
    assert (code, out) == (2, "")
    assert err == (
        f"helpdesk: {address} is in use: stop the program that listens there, "
        "or listen on another port (0 takes a free one)\n"
    )
    assert list(tmp_path.iterdir()) == []


def _newer(path: Path) -> None:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


REAL = RealClocks()
STEPPED = SteppedClocks(read_instant("2026-03-02T09:00:00Z"))


@pytest.mark.parametrize(
    ("changes", "clocks", "prepare", "told"),
    [
        ({"tokens": {}}, REAL, None, "there is no token"),
        ({"tokens": {"": "ann"}}, REAL, None, "there is no token"),
        ({"tokens": {"t": ""}}, REAL, None, "there is no token"),
        ({"webhook_secret": ""}, REAL, None, "no webhook secret"),
        ({"control_token": CONTROL}, REAL, None, "only a stepped clock takes one"),
        ({}, STEPPED, None, "needs a control token"),
        ({"subscriptions": ("nowhere",)}, REAL, None, "url must be"),
        ({"listen": "8080"}, REAL, None, "write HOST:PORT"),
        ({"listen": ":8080"}, REAL, None, "write HOST:PORT"),
        ({"listen": "127.0.0.1:99999"}, REAL, None, "write HOST:PORT"),
        ({"listen": "127.0.0.1:http"}, REAL, None, "write HOST:PORT"),
        ({"listen": "[::1.:0"}, REAL, None, "is not known"),
        ({}, REAL, _newer, "newer version"),
        ({}, REAL, lambda path: path.mkdir(), "cannot be opened"),
    ],
)
def test_it_refuses_to_start_with_one_line(  # noqa: PLR0917 - two fixtures and a row of the table
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    clocks: Clocks,
    prepare: Callable[[Path], None] | None,
    told: str,
) -> None:
    if prepare:
        prepare(tmp_path / "desk")
    stop = threading.Event()
    assert serve(options(tmp_path / "desk", **changes), clocks, stop, announce=lambda _: stop.set()) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert told in err
    assert err.startswith("helpdesk: ")
    assert err.count("\n") == 1


def test_options_do_not_show_their_secrets(tmp_path: Path) -> None:
    shown = repr(options(tmp_path, control_token=CONTROL))
    assert all(secret not in shown for secret in ("token-of-ann", "made-up"))


def test_the_handlers_of_signals_come_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop = threading.Event()
    assert serve(options(tmp_path / "desk"), RealClocks(), stop, announce=lambda _: os.kill(os.getpid(), 15)) == 0
    assert stop.is_set()
    assert signal.getsignal(signal.SIGTERM) is before
