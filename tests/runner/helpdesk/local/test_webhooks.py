"""Webhooks over the network: at least once, in order per ticket, and a bad one does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from runner.clock import RealClocks
from runner.helpdesk.local.database import Database
from runner.helpdesk.local.queue import Delivery, Queue
from runner.helpdesk.local.storage import Origin, Storage
from runner.helpdesk.local.webhooks import Deliverer, RetrySchedule, signature
from tests.runner.helpdesk.lines import Hook, Receiver
from tests.runner.helpdesk.running import IMPATIENT, SECRET, InThread, client, options

PENDING = {"Authorization": "Bearer token-of-ann"}


def versions(hooks: list[Hook], ticket: str) -> list[int]:
    return [hook.json["version"] for hook in hooks if hook.json["ticket"] == ticket]


def test_every_change_comes_signed_and_in_order(tmp_path: Path) -> None:
    with Receiver() as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(receiver.url + "/hook",))
        with InThread(chosen) as running, client(running.url) as helpdesk:
            helpdesk.create({"subject": "a"}, "a")
            helpdesk.create({"subject": "b"}, "b")
            for number in range(10):
                helpdesk.set_fields("T-1000", {"n": number}, f"set-{number}")
            helpdesk.note("T-1001", "seen", "note")
            hooks = receiver.wait_taken(13)
    assert versions(hooks, "T-1000") == list(range(1, 12))
    assert versions(hooks, "T-1001") == [1, 2]
    for hook in hooks:
        assert hook.headers["X-Helpdesk-Signature"] == signature(SECRET, hook.body)
        assert hook.json["actor"] == "runner"
        assert set(hook.json) == {"ticket", "version", "at", "actor"}
    assert len({hook.headers["X-Helpdesk-Delivery"] for hook in hooks}) == 13


@pytest.mark.parametrize("status", [500, 503, 404, 302, 429])
def test_a_receiver_that_fails_first_gets_it_again(tmp_path: Path, status: int) -> None:
    with Receiver(lambda _hook, number: status if number < 3 else None) as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(receiver.url,))
        with InThread(chosen) as running, client(running.url) as helpdesk:
            helpdesk.create({"subject": "a"}, "a")
            helpdesk.set_fields("T-1000", {"n": 1}, "set")
            hooks = receiver.wait_taken(2)
            assert versions(receiver.wait_for(lambda seen: len(seen) == 5), "T-1000") == [1, 1, 1, 1, 2]
    assert versions(hooks, "T-1000") == [1, 2]


@pytest.mark.parametrize("status", [400, 503])
def test_a_ticket_that_is_refused_does_not_hold_up_the_others(tmp_path: Path, status: int) -> None:
    with Receiver(lambda hook, _number: status if hook.json["ticket"] == "T-1000" else None) as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(receiver.url,))
        with InThread(chosen) as running, client(running.url) as helpdesk:
            for number in range(5):
                helpdesk.create({"subject": "x"}, f"create-{number}")
                helpdesk.set_fields("T-1000", {"n": number}, f"set-{number}")
            taken = receiver.wait_taken(4)
            seen = receiver.wait_for(lambda hooks: len(versions(hooks, "T-1000")) > 2)
    assert [hook.json["ticket"] for hook in taken] == ["T-1001", "T-1002", "T-1003", "T-1004"]
    assert set(versions(seen, "T-1000")) == {1}


def test_a_receiver_that_is_away_does_not_hold_up_another(tmp_path: Path) -> None:
    with Receiver() as away:
        nobody = away.url
    with Receiver() as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(nobody, receiver.url))
        with InThread(chosen) as running, client(running.url) as helpdesk:
            for number in range(20):
                helpdesk.create({"subject": "x"}, f"create-{number}")
            assert len(receiver.wait_taken(20)) == 20


def test_one_bad_moment_does_not_end_the_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    due, failures = Queue.due, [OSError("the disk is away")]

    def bad_once(queue: Queue, now: float, limit: int) -> tuple[Delivery, ...]:
        if failures:
            raise failures.pop()
        return due(queue, now, limit)

    monkeypatch.setattr(Queue, "due", bad_once)
    with Receiver() as receiver:
        chosen = options(tmp_path / "desk", subscriptions=(receiver.url,))
        with InThread(chosen) as running, client(running.url) as helpdesk:
            helpdesk.create({"subject": "a"}, "a")
            receiver.wait_taken(1)
    assert "the disk is away" in caplog.text


def test_a_subscription_made_later_hears_of_later_changes(tmp_path: Path) -> None:
    with Receiver() as receiver, InThread(options(tmp_path / "desk")) as running, client(running.url) as helpdesk:
        helpdesk.create({"subject": "before"}, "before")
        made = httpx.put(f"{running.url}/subscriptions", json={"url": receiver.url}, headers=PENDING, trust_env=False)
        assert made.status_code == 200
        helpdesk.create({"subject": "after"}, "after")
        assert [hook.json["ticket"] for hook in receiver.wait_taken(1)] == ["T-1001"]


class Later(RealClocks):
    """Machine time that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def machine_seconds(self) -> float:
        return self.seconds


@contextmanager
def sending(
    path: Path, clocks: Later, receiver: str, schedule: RetrySchedule
) -> Iterator[tuple[Storage, Queue, Deliverer]]:
    """A store and a deliverer whose thread does not run: the test sends by hand."""
    database = Database(path)
    queue = Queue(database)
    queue.subscribe(receiver)
    deliverer = Deliverer(queue, clocks, SECRET, schedule=schedule, jitter=lambda: 1.0)
    try:
        yield Storage(database, clocks, lambda: None), queue, deliverer
    finally:
        deliverer.stop()
        database.close()


def test_the_wait_doubles_up_to_a_bound(tmp_path: Path) -> None:
    clocks = Later()
    schedule = RetrySchedule(first_seconds=1.0, most_seconds=5.0)
    with Receiver(lambda *_: 500) as receiver, sending(tmp_path / "desk", clocks, receiver.url, schedule) as parts:
        storage, queue, deliverer = parts
        assert deliverer.send_due() is None
        storage.create(Origin("ann"), {})
        waits = []
        for _ in range(5):
            wait = deliverer.send_due()
            assert wait is not None
            waits.append(wait)
            clocks.seconds += wait / 2
            assert deliverer.send_due() == pytest.approx(wait / 2)
            clocks.seconds += wait / 2
        assert waits == pytest.approx([1, 2, 4, 5, 5])
        assert len(receiver.wait_for(lambda hooks: len(hooks) >= 5)) == 5
        assert queue.undelivered() == 1


def test_a_receiver_that_is_away_is_asked_once_a_wait_however_much_waits(tmp_path: Path) -> None:
    clocks = Later()
    schedule = RetrySchedule(first_seconds=1.0, most_seconds=60.0)
    with Receiver(lambda *_: 503) as receiver, sending(tmp_path / "desk", clocks, receiver.url, schedule) as parts:
        storage, queue, deliverer = parts
        for _ in range(10):
            storage.create(Origin("ann"), {})
        waits = []
        for _ in range(4):
            wait = deliverer.send_due()
            assert wait is not None
            waits.append(wait)
            clocks.seconds += wait
        assert waits == pytest.approx([1, 2, 4, 8])
        assert len(receiver.wait_for(lambda hooks: len(hooks) >= 4)) == 4
        assert queue.undelivered() == 10


def test_after_two_days_it_is_given_up_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clocks = Later()
    with Receiver(lambda *_: 500) as receiver, sending(tmp_path / "desk", clocks, receiver.url, IMPATIENT) as parts:
        storage, queue, deliverer = parts
        storage.create(Origin("ann"), {})
        deliverer.send_due()
        clocks.seconds += 48 * 3600 - 1
        deliverer.send_due()
        assert queue.undelivered() == 1
        clocks.seconds += 2
        assert deliverer.send_due() is None
        assert queue.undelivered() == 0
    assert "T-1000 given up after 2 attempts" in caplog.text


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 4.0), (0.5, 6.0), (1.0, 8.0)])
def test_jitter_spreads_over_the_upper_half(jitter: float, wait: float) -> None:
    assert RetrySchedule(first_seconds=1.0).wait_seconds(3, jitter) == wait


def test_many_attempts_do_not_overflow() -> None:
    assert RetrySchedule().wait_seconds(10**9, 1.0) == 60.0
