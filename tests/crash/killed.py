"""A program: the runner, which kills itself at the n-th pass of a named point: `killed.py POINT N serve …`.

The product knows nothing of this: the points are functions of it that are wrapped here before it starts.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from runner.channels import ActionSender
from runner.cli import main
from runner.helpdesk.local_client import LocalHelpdesk
from runner.service.active import Follower
from runner.service.decider import Decider
from runner.service.people import Desk
from runner.service.performer import Performer
from runner.service.workers import OutboxWorker
from runner.service.writer import Writer
from runner.store.sqlite_transaction import SqliteTransaction


@dataclass(frozen=True)
class Point:
    """Just before or just after a method of the runner."""

    owner: type
    method: str
    before: bool
    meaning: str


POINTS = {
    "commit-effect": Point(OutboxWorker, "_perform", True, "after commit, before effect"),
    "commit-answer": Point(Writer, "_finish", True, "after commit, before anybody knows of it"),
    "effect-settle": Point(Performer, "perform", False, "after effect, before settle"),
    "note-settle": Point(LocalHelpdesk, "note", False, "after a note was written, before settle"),
    "ticket-settle": Point(LocalHelpdesk, "create", False, "after a ticket was created, before settle"),
    "batch-decision": Point(SqliteTransaction, "append", False, "inside a batch, with a decision written"),
    "batch-result": Point(SqliteTransaction, "settle", False, "inside a batch, with a result written"),
    "batch-case": Point(SqliteTransaction, "put_case", True, "inside a batch, between decision and case"),
    "batch-inbox": Point(Decider, "drain", False, "inside a batch, with the inbox drained"),
    "act-answer": Point(Desk, "act", False, "after a person's command, before the answer"),
    "activation": Point(Follower, "_activate", False, "after the switch to a revision"),
    "action-ask": Point(ActionSender, "send", True, "after commit, before another system is asked"),
    "action-answer": Point(ActionSender, "send", False, "after another system did it, before settle"),
    "field-settle": Point(LocalHelpdesk, "set_fields", False, "after fields were written, before settle"),
}


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()
    raise AssertionError("it is dead")


def _arm(point: Point, passes: int) -> None:
    real: Callable[..., Any] = getattr(point.owner, point.method)
    count = itertools.count(1)

    def wrapped(*args: Any, **named: Any) -> Any:
        last = next(count) == passes
        if last and point.before:
            _die()
        try:
            return real(*args, **named)
        finally:  # also when it refuses
            if last:
                _die()

    setattr(point.owner, point.method, wrapped)


if __name__ == "__main__":
    _, name, passes, *rest = sys.argv
    _arm(POINTS[name], int(passes))
    sys.argv = ["surety-runner", *rest]
    main()
