"""The service as a process: everything wired together in one place, started, and ended cleanly."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from runner.channels import Sender, make_senders, unset_action_variables, unset_variables
from runner.clock import Clocks, SteppedClocks
from runner.contract.contract import Contract
from runner.contract.policies import Channels
from runner.contract.values import format_instant
from runner.helpdesk.port import Helpdesk
from runner.service.active import Follower
from runner.service.api import Api, Readiness, make_app
from runner.service.decider import Decider
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.service.people import Desk
from runner.service.performer import Performer
from runner.service.roster_desk import RosterDesk
from runner.service.workers import (
    Contact,
    Loop,
    OutboxWorker,
    Pace,
    decide_due,
    follow_ref,
    poll_changes,
    read_tickets,
)
from runner.service.writer import Writer
from runner.store.port import Store, Transaction

__all__ = ["Service", "ServiceOptions", "listen"]

_log = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS = 0.001
"""Between looks at whether nothing waits any more, for somebody who steps the clock."""
_START_POLL_SECONDS = 0.005
_END_SECONDS = 5
"""What requests still running get to finish."""


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """How to run. `environment` holds channel addresses; `folder` is where file channels write."""

    repo: Path
    ref: str
    secret: str = field(repr=False)
    helpdesk_name: str = "local"
    control_token: str | None = field(default=None, repr=False)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    folder: Path = field(default_factory=Path.cwd)
    pace: Pace = field(default_factory=Pace)
    seed: int | None = None


class Service:
    """All parts of one runner. Build, `start`, then serve `app`, then `stop`."""

    def __init__(self, options: ServiceOptions, store: Store, helpdesk: Helpdesk, clocks: Clocks) -> None:
        self._options = options
        self._store = store
        self._clocks = clocks
        self._held = False
        self._pause = threading.Event()
        self._metrics = Metrics()
        self._writer = Writer(store)
        self._writer.start()
        self._unreachable: set[str] = set()
        self._contact = Contact()
        ids = Ids() if options.seed is None else Ids(options.seed, self._writer.call(_count_starts))
        self._follower = self._make_follower(clocks)
        self._decider = Decider(lambda: self._follower.active, clocks, ids, self._metrics)
        self._performer = Performer(
            helpdesk,
            lambda: self._follower.active,
            self._contract,
            store,
            environment=options.environment,
            clocks=clocks,
            ids=ids,
        )
        self._outbox = OutboxWorker(self._writer, self._performer, clocks, self._metrics, options.pace)
        self._loops = self._make_loops(helpdesk)
        self._decider.on_write = self._wake_effects
        self._outbox.after = self._loops["decide"].wake
        self._desk = Desk(
            store=store,
            writer=self._writer,
            helpdesk=helpdesk,
            decider=self._decider,
            active=lambda: self._follower.active,
            clocks=clocks,
            ids=ids,
            metrics=self._metrics,
            on_hint=self._loops["read"].wake,
        )
        self._helpdesk = helpdesk
        self._roster_desk = RosterDesk(
            store=store,
            writer=self._writer,
            decider=self._decider,
            active=lambda: self._follower.active,
            clocks=clocks,
            ids=ids,
        )

    def _make_follower(self, clocks: Clocks) -> Follower:
        options = self._options
        return Follower(
            options.repo,
            options.ref,
            helpdesk=options.helpdesk_name,
            senders=self._senders,
            clocks=clocks,
            writer=self._writer,
        )

    def _senders(self, channels: Channels) -> dict[str, Sender]:
        """Senders of a revision. A channel without an address reaches nobody; that is said once."""
        environment = self._options.environment
        senders = make_senders(channels, environment, self._options.folder)
        for name, variable in unset_variables(channels, environment).items():
            if name not in self._unreachable:
                self._unreachable.add(name)
                _log.warning("channel %s has no address, so nobody is reached by it: set %s", name, variable)
        return senders

    def _make_loops(self, helpdesk: Helpdesk) -> dict[str, Loop]:
        pace = self._options.pace
        reading = read_tickets(
            store=self._store,
            writer=self._writer,
            helpdesk=helpdesk,
            decider=self._decider,
            active=lambda: self._follower.active,
            clocks=self._clocks,
            metrics=self._metrics,
            contact=self._contact,
            pace=pace,
        )
        steps: dict[str, tuple[Callable[[], bool], float]] = {
            "decide": (lambda: decide_due(self._writer, self._decider, held=lambda: self._held), pace.tick_seconds),
            "read": (reading, pace.tick_seconds),
            "effects": (self._outbox, pace.tick_seconds),
            "poll": (lambda: poll_changes(self._writer, helpdesk, self._metrics, self._contact), pace.poll_seconds),
            "follow": (lambda: follow_ref(self._follower), pace.follow_seconds),
        }
        return {name: Loop(name, step, pause, self._clocks) for name, (step, pause) in steps.items()}

    def _contract(self, digest: str) -> Contract:
        with self._store.reader() as reader:
            return self._decider.contract(reader, digest)

    def _wake_effects(self) -> None:
        self._loops["effects"].wake()

    def _step(self, now: datetime, held: bool) -> datetime:  # noqa: FBT001 - a switch
        """Move contract time, on the writer's thread: so it never moves within a decision."""
        clocks = self._clocks
        if not isinstance(clocks, SteppedClocks):
            raise TypeError("time is real here")

        def piece(tx: Transaction) -> None:
            del tx
            clocks.set(now)
            self._held = held

        self._writer.call(piece)
        return clocks.now()

    def _wake(self) -> None:
        for name in ("decide", "read", "effects"):
            self._loops[name].wake()

    def start(self) -> None:
        """Activate a revision and begin to work. What waited is drained before deadlines are handled.

        Raises RevisionRefused or TreeError when there is no revision to run.
        """
        self._follower.start()
        for name, variable in self._unset_actions().items():
            _log.warning("the action %s cannot be carried out, and steps that need it fail: set %s", name, variable)
        for name in ("read", "effects", "poll", "follow", "decide"):
            self._loops[name].start()

    def stop(self) -> None:
        """End every loop, finish what was submitted, close the store."""
        for loop in self._loops.values():
            if loop.running:
                loop.stop()
        self._outbox.close()
        self._performer.close()
        self._writer.stop()
        self._follower.close()
        self._store.close()

    @property
    def app(self) -> Starlette:
        """The HTTP application."""
        return make_app(
            Api(
                desk=self._desk,
                roster=self._roster_desk,
                secret=self._options.secret,
                control_token=self._options.control_token,
                ready=self._ready,
                metrics_text=self._metrics_text,
                pending=self._pending,
                wake=self._wake,
                step=self._step if isinstance(self._clocks, SteppedClocks) else None,
            )
        )

    def _ready(self) -> Readiness:
        reasons = {name: loop.failed for name, loop in self._loops.items() if loop.failed is not None}
        for name, loop in self._loops.items():
            if not loop.running:
                reasons[name] = "not running"
        if not self._follower.started:
            return Readiness({**reasons, "revision": "no revision is active yet"}, {})
        return Readiness(reasons, self._notices())

    def _notices(self) -> dict[str, str]:
        """What somebody should see to although the service goes on."""
        channels = self._follower.active.revision.policies.channels
        unset = unset_variables(channels, self._options.environment)
        notices = {f"channel {name}": f"nobody is reached by it: set {variable}" for name, variable in unset.items()}
        for name, variable in self._unset_actions().items():
            notices[f"action {name}"] = f"steps that need it fail: set {variable}"
        if self._contact.trouble is not None:
            notices["helpdesk"] = self._contact.trouble
        for ticket, why in dict(self._contact.unread).items():
            notices[f"ticket {ticket}"] = f"nothing can be made of it: {why}"
        if self._follower.refused is not None:
            commit, refused = self._follower.refused
            notices["revision"] = f"{commit} is refused, the last good one stays active: {refused}"
        return notices | self._decider.stuck

    def _unset_actions(self) -> dict[str, str]:
        revision = self._follower.active.revision
        return unset_action_variables(revision.policies.actions, revision.contracts.values(), self._options.environment)

    def _metrics_text(self) -> bytes:
        with self._store.reader() as reader:
            pending = reader.pending()
        refused = self._follower.refused is not None
        return self._metrics.text(pending, self._follower.active.epoch.epoch, refused=refused)

    def _pending(self, wait_seconds: float) -> dict[str, Any]:
        end = self._clocks.monotonic_seconds() + wait_seconds
        while not (found := self._look())["resting"] and self._clocks.monotonic_seconds() < end:
            self._pause.wait(_LOOK_AGAIN_SECONDS)
        return found

    def _look(self) -> dict[str, Any]:
        now = self._clocks.now()
        with self._store.reader() as reader:
            pending, due, watch = reader.pending(), reader.next_due(), reader.next_watch()
            roster = self._decider.roster_due(reader)
        late = not self._held and any(at is not None and at <= now for at in (due, watch, roster))
        return {
            "resting": pending.drained and not late,
            "inbox": pending.inbox,
            "outbox_ready": pending.outbox_ready,
            "outbox_leased": pending.outbox_leased,
            "outbox_waiting": pending.outbox_waiting,
            "hints": pending.hints,
            "dead": pending.dead,
            "now": format_instant(now),
            "next_deadline": format_instant(due) if due is not None else None,
            "next_watch": format_instant(watch) if watch is not None else None,
            "next_roster": format_instant(roster) if roster is not None else None,
            "progress": self._decider.written,
        }


def _count_starts(tx: Transaction) -> int:
    """How often this store was served before in repeatable stepped time."""
    before = int(tx.cursor("starts") or 0)
    tx.set_cursor("starts", str(before + 1))
    return before


def listen(app: Starlette, address: socket.socket, stop: threading.Event, ready: Callable[[], None]) -> bool:
    """Serve an application on a bound socket until `stop` is set or SIGTERM or SIGINT comes.

    `ready` is called once connections are accepted. False if the server failed by itself.
    """
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=_END_SECONDS
    )
    server = uvicorn.Server(config)
    ended = threading.Event()

    def run() -> None:
        try:
            server.run(sockets=[address])
        finally:
            ended.set()
            stop.set()

    thread = threading.Thread(target=run, name="http", daemon=True)

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        threading.Thread(target=stop.set).start()  # the interrupted thread may hold the lock of the event

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
    thread.start()
    while thread.is_alive() and not server.started:
        thread.join(_START_POLL_SECONDS)
    if server.started:
        ready()
    stop.wait()
    failed = ended.is_set()  # it never ends by itself
    server.should_exit = True
    thread.join()
    return not failed
