"""A whole runner in this process: the real service over HTTP, a real local helpdesk, a real store, a stepped clock."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from runner.clock import RealClocks, SteppedClocks
from runner.demo.stepping import Stepper
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import Applied
from runner.service.server import Service, ServiceOptions, listen
from runner.service.tokens import issue_token
from runner.service.workers import Pace
from runner.store import SqliteStore, Store
from tests.runner.helpdesk.running import CONTROL, SECRET, InThread, client, options
from tests.runner.service.company import BILLING, START, governance
from tests.runner.service.receiving import Receiver

PEOPLE_SECRET = "people's secret, long enough"
FAR = 4_000_000_000
"""Seconds since 1970; no test lives that long."""
PACE = Pace(tick_seconds=0.01, follow_seconds=0.05, poll_seconds=600, retry_seconds=(0.05, 0.1, 0.2))


class Running:
    """Use in a `with`. `stepped` False runs the runner in real time, with the helpdesk's clock still standing."""

    def __init__(self, folder: Path, *, stepped: bool = True) -> None:
        self._stack = ExitStack()
        self._stop = threading.Event()
        self._stepped = stepped
        self._folder = folder
        self.repository = governance(folder / "repo")

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        self.receiver = enter(Receiver())
        chosen = options(self._folder / "desk.db", control_token=CONTROL)
        self.desk_url = enter(InThread(chosen, SteppedClocks(START))).url
        self.helpdesk: LocalHelpdesk = enter(client(self.desk_url))
        self.customer: LocalHelpdesk = enter(client(self.desk_url, "ann"))
        clocks = SteppedClocks(START) if self._stepped else RealClocks()
        self.store: Store = SqliteStore.open(self._folder / "surety.db")
        names = ("SURETY_CHAT_WEBHOOK", "SURETY_PAGER_WEBHOOK", "SURETY_EMAIL_WEBHOOK")
        self.service = Service(
            ServiceOptions(
                repo=self.repository.folder,
                ref="main",
                secret=PEOPLE_SECRET,
                control_token=CONTROL if self._stepped else None,
                environment={name: self.receiver.url(name.split("_")[1].lower()) for name in names},
                folder=self._folder,
                pace=PACE,
                seed=1 if self._stepped else None,
            ),
            self.store,
            self.helpdesk,
            clocks,
        )
        self._stack.callback(self.service.stop)
        self.service.start()
        bound = enter(socket.create_server(("127.0.0.1", 0)))
        self.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        ready = threading.Event()
        http = threading.Thread(target=listen, args=(self.service.app, bound, self._stop, ready.set))
        http.start()
        self._stack.callback(http.join)
        self._stack.callback(self._stop.set)
        assert ready.wait(20)
        self.http = enter(httpx.Client(base_url=self.url, timeout=20, trust_env=False))
        self._subscribe()
        self.stepper = Stepper(self.url, self.desk_url, CONTROL, START, patience_seconds=20)
        self._stack.callback(self.stepper.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _subscribe(self) -> None:
        token = {"Authorization": "Bearer token-of-ann"}
        body = {"url": f"{self.url}/hooks/helpdesk"}
        answer = httpx.put(f"{self.desk_url}/subscriptions", json=body, headers=token, trust_env=False)
        assert answer.is_success, answer.text

    def move(self, instant: datetime) -> None:
        self.stepper.move(instant)
        self.stepper.settle()

    def as_(self, person: str, expires: int = FAR, secret: str = PEOPLE_SECRET) -> dict[str, str]:
        """The headers of a person."""
        return {"Authorization": f"Bearer {issue_token(secret, person, expires)}"}

    def get(self, path: str, person: str = "ravi-menon", **query: Any) -> Any:
        answer = self.http.get(path, params=query, headers=self.as_(person))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, escalation: str, action: str, person: str, body: Mapping[str, Any], key: str = "") -> httpx.Response:
        headers = self.as_(person) | ({"Idempotency-Key": key} if key else {})
        return self.http.post(f"/api/escalations/{escalation}/{action}", json=body, headers=headers)

    def did(self, escalation: str, action: str, person: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """An act that goes well, and all that follows from it."""
        answer = self.post(escalation, action, person, body)
        assert answer.status_code == 200, answer.text
        self.stepper.settle()
        found: dict[str, Any] = answer.json()
        return found

    def ticket(self, subject: str, fields: Mapping[str, Any] = BILLING) -> str:
        made = self.customer.create({**fields, "subject": subject}, f"made {subject}")
        assert isinstance(made, Applied)
        self.stepper.settle()
        return made.ref

    def opened(self, subject: str, fields: Mapping[str, Any] = BILLING) -> str:
        """The escalation of a new ticket."""
        return str(self.get(f"/api/cases/{self.ticket(subject, fields)}")["escalation"])

    def accepted(self, subject: str, fields: Mapping[str, Any] = BILLING) -> tuple[str, str]:
        """An escalation that was accepted, and by whom."""
        escalation = self.opened(subject, fields)
        view = self.get(f"/api/escalations/{escalation}")
        who = str(view["accountable"])
        answers = dict.fromkeys(view["checklist"], True)
        self.did(escalation, "accept", who, {"offer": view["offers"][0]["offer"], "answers": answers})
        return escalation, who

    def timeline(self, escalation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/escalations/{escalation}")["timeline"]
        return found

    def bodies(self, escalation: str) -> bytes:
        """Every decision's bytes."""
        with self.store.reader() as reader:
            return b"\n".join(body for _, body, _ in reader.decisions(escalation))


SIGNED_WITH = SECRET
