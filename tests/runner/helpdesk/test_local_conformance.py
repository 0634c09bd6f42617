"""The adapter to the local helpdesk, against a real one over the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from runner.helpdesk import Helpdesk
from tests.runner.helpdesk.conformance import Bench, HelpdeskConformance
from tests.runner.helpdesk.lines import Fault, Line, Receiver
from tests.runner.helpdesk.running import InThread, client, options


class LocalBench:
    actor = "runner"

    def __init__(self, url: str, receiver: Receiver, stack: ExitStack) -> None:
        self._url = url
        self._receiver = receiver
        self._stack = stack
        self.helpdesk: Helpdesk = stack.enter_context(client(url, actor=self.actor))
        self.foreign: Helpdesk = stack.enter_context(client(url, "ann"))

    def losing(self, answers: int) -> Helpdesk:
        line = self._stack.enter_context(Line(self._url, *[Fault(lose_answer=True)] * answers))
        return self._stack.enter_context(client(line.url))

    def remove(self, ref: str) -> None:
        headers = {"Authorization": "Bearer token-of-ann"}
        assert httpx.delete(f"{self._url}/tickets/{ref}", headers=headers, trust_env=False).status_code == 200

    def merge(self, ref: str, into: str) -> None:
        headers = {"Authorization": "Bearer token-of-ann"}
        made = httpx.post(f"{self._url}/tickets/{ref}/merge", json={"into": into}, headers=headers, trust_env=False)
        assert made.status_code == 200

    def next_hook(self) -> tuple[Mapping[str, str], bytes]:
        hook = self._receiver.wait_taken(1)[0]
        return hook.headers, hook.body


class TestLocalHelpdesk(HelpdeskConformance):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with ExitStack() as stack:
            receiver = stack.enter_context(Receiver())
            chosen = options(tmp_path / "desk.sqlite", subscriptions=(receiver.url,))
            yield LocalBench(stack.enter_context(InThread(chosen)).url, receiver, stack)
