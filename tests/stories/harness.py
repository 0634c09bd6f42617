"""Acting a story out: the real runner and the local helpdesk as programs, in stepped time, and a recorder that plays
chat, pager, mail and the systems in which runbooks act. Knows no story, and judges nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from runner.contract.load import Revision, load_revision
from runner.contract.local_time import LocalTimes
from runner.contract.values import format_instant, parse_instant
from runner.demo.actors import Customers, Owners
from runner.demo.processes import Program, Secrets, free_port, start_helpdesk, start_runner
from runner.demo.recorder import Recorder
from runner.demo.repository import make_repository
from runner.demo.stepping import Stepper
from runner.revision import FolderTree, bundled_data
from runner.service.fieldmap import FieldMap

__all__ = ["OBSERVER", "Happened", "Said", "Stage"]

OBSERVER = "ravi-menon"
"""Who looks at escalations without having a part in them."""
PATIENCE_SECONDS = 60.0
_PAGE = "500"


@cache
def shipped() -> Revision:
    """What the runner of every stage follows, but for who is absent."""
    loaded = load_revision(FolderTree(bundled_data()), scenarios=False)
    assert loaded.revision is not None, loaded.findings
    return loaded.revision


@dataclass(frozen=True)
class Happened:
    """An event of the record, with the decision that it belongs to; `data` as the API shows it."""

    at: datetime
    type: str
    reason: str
    data: Mapping[str, Any]
    actor: str

    def __getitem__(self, key: str) -> Any:
        return self.data[key]


@dataclass(frozen=True)
class Said:
    """A message that the recorder took, and the contract time at which it came."""

    at: datetime
    channel: str
    to: str
    room: str
    accountable: str
    about: str
    ticket: str
    subject: str
    text: str


class _Recorder(Recorder):
    """Notes at which contract time a message came."""

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        self._now = now
        super().__init__(secret)

    def take(self, channel: str, message: dict[str, Any]) -> None:
        super().take(channel, {**message, "at": self._now()})


class Stage:
    """Everything that is up during a story, from `start` (a local time) on. Use it in a `with`.

    Times are local to `zone`: `09:00` on the first `day`, or `2026-03-04 09:00`. Every webhook of the helpdesk is
    delivered twice. What people do at an instant comes before what falls due at it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        day: str,
        start: str,
        zone: str = "Europe/Berlin",
        absences: tuple[tuple[str, str, str], ...] = (),
        lease_seconds: float | None = None,
    ) -> None:
        self.folder = folder
        self.times = LocalTimes(zone, day)
        self.keys = Secrets()
        self._port = free_port()
        self._stack = ExitStack()
        self._now = self.times.instant(start)
        self._held = False
        self._lease = lease_seconds
        self._tickets = 0
        away = [(person, self.times.instant(begin), self.times.instant(end)) for person, begin, end in absences]
        self.repository = make_repository(folder / "repository", away)
        self.revision = shipped()
        self.recorder = _Recorder(self.keys.actions, lambda: self._now)
        self.recorder._server.handle_error = lambda *_: None  # type: ignore[method-assign] # the killed hang up
        self.systems = self.recorder.systems

    def __enter__(self) -> Self:
        with ExitStack() as stack:  # what is up already goes down again if the rest does not come up
            stack.callback(self.recorder.close)
            hook = f"http://127.0.0.1:{self._port}/hooks/helpdesk"
            desk = start_helpdesk(self.folder, self.keys, self._now, hook)
            stack.callback(desk.stop)
            self.desk_url = desk.wait_ready()
            self._desk = httpx.Client(
                base_url=self.desk_url,
                headers={"Authorization": f"Bearer {self.keys.customer_token}"},
                timeout=30,
                trust_env=False,
            )
            stack.callback(self._desk.close)
            self._desk.put("/subscriptions", json={"url": f"{hook}?again"}).raise_for_status()
            self.customers = Customers(self.desk_url, self.keys.customer_token)
            stack.callback(self.customers.close)
            url = f"http://127.0.0.1:{self._port}"
            self.owners = Owners(url, self.keys)
            stack.callback(self.owners.close)
            self.stepper = Stepper(url, self.desk_url, self.keys.control, self._now, patience_seconds=PATIENCE_SECONDS)
            stack.callback(self.stepper.close)
            self._runner: Program | None = None
            self.start_runner()
            stack.callback(lambda: self._runner and self._runner.stop())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # the runner

    @property
    def store(self) -> Path:
        """The runner's database."""
        return self.folder / "runner.db"

    def log(self) -> str:
        """What the runner has said."""
        return (self.folder / "runner.log").read_text(encoding="utf-8", errors="replace")

    def start_runner(self) -> None:
        """Start the runner over its files at the present instant, and wait until nothing waits to be done."""
        channels = {f"SURETY_{name.upper()}_WEBHOOK": self.recorder.url(name) for name in ("chat", "pager", "email")}
        self._runner = start_runner(
            self.folder,
            self.keys,
            self._now,
            repo=self.repository,
            helpdesk=self.desk_url,
            listen=f"127.0.0.1:{self._port}",
            channels=channels | self.recorder.action_variables(),
            lease_seconds=self._lease,
        )
        self._runner.wait_ready()
        self.stepper.settle()

    def stop_runner(self) -> None:
        """End the runner as an operator does."""
        assert self._runner is not None
        assert self._runner.stop() == 0, self.log()[-4000:]
        self._runner = None

    def kill_runner(self) -> None:
        """End the runner as a power cut does."""
        assert self._runner is not None
        os.kill(self._runner.pid, signal.SIGKILL)
        self._runner.stop()
        self._runner = None

    def without_runner(self, clock: str) -> None:
        """Let time pass for the helpdesk alone, while the runner is down."""
        assert self._runner is None, "the runner is up"
        self._now = self.times.instant(clock)
        headers = {"X-Control-Token": self.keys.control}
        self._desk.put("/clock", json={"now": format_instant(self._now)}, headers=headers).raise_for_status()
        self._held = False

    # time

    def at(self, clock: str) -> datetime:
        """The instant of a local time."""
        return self.times.instant(clock)

    def go(self, clock: str) -> None:
        """Handle everything before `clock`, then stand there with deadlines withheld: people act first."""
        instant = self.at(clock)
        self._handle(instant, including=False)
        self._step(instant, hold=True)

    def see(self, clock: str) -> None:
        """Handle everything up to and at `clock`."""
        instant = self.at(clock)
        self._handle(instant, including=True)
        if self._now < instant:
            self._step(instant)

    def _handle(self, until: datetime, *, including: bool) -> None:
        if self._held:
            self._step(self._now)
        while True:
            due = self.stepper.next_instant()
            if due is None or due > until or (due == until and not including):
                return
            self._step(max(due, self._now))

    def _step(self, instant: datetime, *, hold: bool = False) -> None:
        self._now, self._held = instant, hold
        self.stepper.move(instant, hold=hold)
        self.stepper.settle()

    # customers and colleagues in the helpdesk

    def create(self, **fields: Any) -> str:
        """Somebody writes a ticket; `account_tier` stands for the field `account.tier`. Its number."""
        self._tickets += 1
        given = {name.replace("account_", "account."): value for name, value in fields.items()}
        ref = self.customers.create(self._values(given), f"story:{self._tickets}")
        self.stepper.settle()
        return ref

    def update(self, ref: str, **fields: Any) -> None:
        """Somebody changes a ticket by hand."""
        self.customers.update(ref, self._values(fields))
        self.stepper.settle()

    def comment(self, ref: str, text: str) -> None:
        """Somebody writes an internal comment."""
        self._desk.post(f"/tickets/{ref}/comments", json={"text": text, "public": False}).raise_for_status()
        self.stepper.settle()

    def _values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return self.times.fields(self.revision.policies.fields.fields, fields)

    def ticket(self, ref: str) -> dict[str, Any]:
        """The fields of a ticket by the helpdesk's own API, persons under our names."""
        answer = self._desk.get(f"/tickets/{ref}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()["fields"]
        people = FieldMap(self.revision.policies.fields, self.revision.policies.people, "local")
        persons = {name for name, field in people.fields.fields.items() if field.type == "person"}
        theirs = {each.helpdesk.get("local", name): name for name, each in self.revision.policies.people.people.items()}
        return {name: theirs.get(value, value) if name in persons else value for name, value in found.items()}

    def notes(self, ref: str) -> list[str]:
        """The comments on a ticket by the helpdesk's own API, oldest first."""
        answer = self._desk.get(f"/tickets/{ref}/history", params={"limit": "1000"})
        answer.raise_for_status()
        return [str(entry["text"]) for entry in answer.json()["entries"] if entry.get("text")]

    # owners

    def act(self, ref: str, action: str, by: str, refused: str | None = None, **body: Any) -> dict[str, Any]:
        """Somebody acts on the ticket's escalation through the API; the answer. The offer is the one made to them."""
        found = self.escalation(ref)
        if action in ("accept", "reject", "answer") and "offer" not in body:
            mine = [each["offer"] for each in found["offers"] if each["to"] == by]
            body["offer"] = mine[-1] if mine else 0
        status, answer = self.owners.post(found["id"], action, by, body)
        assert (status, answer.get("error")) == ((409, refused) if refused else (200, None)), (action, by, answer)
        self.stepper.settle()
        return answer

    def escalations(self) -> list[dict[str, Any]]:
        """All escalations, open or over, in the order of their opening."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.owners.get("/api/escalations", OBSERVER, open="false", after=after, limit=_PAGE)
            found += page["escalations"]
            if page["next"] is None:
                return found
            after = page["next"]

    def escalation(self, ref: str) -> dict[str, Any]:
        """The last escalation of a ticket."""
        found = [each for each in self.escalations() if each["ticket"] == ref]
        assert found, f"{ref} has no escalation"
        return found[-1]

    def case(self, ref: str) -> dict[str, Any]:
        """What routing said of a ticket last."""
        return self.owners.get(f"/api/cases/{ref}", OBSERVER)

    # the record

    def timeline(self, ref: str) -> list[dict[str, Any]]:
        """Every decision of the last escalation of a ticket."""
        shown = self.owners.get(f"/api/escalations/{self.escalation(ref)['id']}", OBSERVER)
        rows: list[dict[str, Any]] = shown["timeline"]
        return rows

    def happened(self, ref: str, *types: str) -> list[Happened]:
        """The events of these types of the last escalation of a ticket, of all types if none are given."""
        return [
            Happened(parse_instant(row["at"]), event["type"], event["reason"], event, row["actor"])
            for row in self.timeline(ref)
            for event in row["events"]
            if not types or event["type"] in types
        ]

    def texts(self, ref: str, command: str) -> list[dict[str, Any]]:
        """The free texts of the commands of a type, as the record shows them."""
        return [row["texts"] for row in self.timeline(ref) if row["command"] == command and row["refused"] is None]

    # messages

    def said(self, clock: str | None = None, *, to: str | None = None, about: str | None = None) -> list[Said]:
        """The messages that came at an instant, to somebody, about something; those to a room have no `to`."""
        found = [
            Said(
                each["at"],
                each["channel"],
                "" if each["address"].startswith("#") else each["person"],
                each["address"] if each["address"].startswith("#") else "",
                each["accountable"],
                each["about"],
                each["ticket"],
                each["subject"],
                each["text"],
            )
            for each in self.recorder.messages
        ]
        return [
            each
            for each in found
            if (clock is None or each.at == self.at(clock)) and to in (None, each.to) and about in (None, each.about)
        ]

    def told(self, clock: str) -> set[str]:
        """Everybody, and every room, to whom a message came at an instant."""
        return {each.to or each.room for each in self.said(clock)}
