"""What a whole life shows of undoing (8): what stopped runs did is taken back in reverse, once, or somebody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from runner.engine import events as ev
from tests.runner.engine.guarantees import Seen, hold
from tests.runner.engine.worlds import Life

NAME = "undone"


def check_undone(life: Life, made: int) -> None:
    """8: the log of changes and what became of each of them, told from the events alone."""
    book = _Book()
    for at, event in life.events:
        book.read(at, event)
    hold(NAME, not life.live.rollbacks, f"still rolling back: {sorted(life.live.rollbacks)}")
    left = [key for key in book.log if book.run_of(key) in book.stopped and key not in book.reported]
    hold(NAME, not left, f"done by runs that stopped, and nobody cares: {left}")
    hold(NAME, not book.lost_quietly, f"could not be undone, and nobody was told: {book.lost_quietly}")


class _Book:
    """What was changed and not dealt with yet, in the order in which it was done."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.given_up: dict[str, list[str]] = {}
        self.undone: set[str] = set()
        self.reported: set[str] = set()
        self.kept: dict[str, set[str]] = {}
        self.way: dict[str, str] = {}
        self.stopped: set[str] = set()
        self.scope: dict[str, str | None] = {}
        self.lost_quietly: list[str] = []

    def run_of(self, key: str) -> str:
        return key.rpartition("/")[0]

    def read(self, at: datetime, event: Any) -> None:  # noqa: PLR0912 - one line for each sort of event
        key = f"{getattr(event, 'run', '')}/{getattr(event, 'step', '')}"
        match event:
            case ev.ChangeLogged():
                self._settle(key)
                self.way[key] = event.undo
                if event.undo != "settled":
                    self.log.append(key)
            case ev.RunEnded() if event.reason.value == "stopped":
                self.stopped.add(event.run)
            case ev.RollbackStarted():
                self.scope[event.rollback] = event.run
                self.stopped |= {event.run} if event.run is not None else {self.run_of(each) for each in self.log}
            case ev.UndoRequested() if event.attempt == 1:
                self._in_reverse(event.rollback, key)
            case ev.StepUndone():
                hold(NAME, key not in self.undone, f"{key} was undone twice")
                self.undone.add(key)
                self._settle(key)
            case ev.StepReleased():
                self._settle(key)
            case ev.StepKept():
                self.reported.add(key)
                self.kept.setdefault(event.rollback, set()).add(key)
                if self.way[key] not in ("restore", "action"):
                    self._settle(key)
            case ev.UndoFailed() if not event.again:
                self.given_up.setdefault(event.rollback, []).append(key)
            case ev.RollbackEnded():
                self._ended(at, event)
            case ev.ExceptionRaised() if event.exception_class == "not_undone":
                self._told(at)
            case ev.DeliveryRequested() if event.about == "not_undone":
                self._told(at)
            case _:
                pass

    def _in_reverse(self, rollback: str, key: str) -> None:
        scope, tried = self.scope[rollback], {*self.given_up.get(rollback, ()), *self.kept.get(rollback, ())}
        left = [each for each in self.log if scope in (None, self.run_of(each)) and each not in tried]
        hold(NAME, left and left[-1] == key, f"{key} is undone before {left[-1:]}")

    def _settle(self, key: str) -> None:
        self.log = [each for each in self.log if each != key]

    def _ended(self, at: datetime, event: ev.RollbackEnded) -> None:
        lost = [key for key in self.given_up.get(event.rollback, ()) if key in self.log]
        hold(NAME, set(event.not_undone) >= set(lost), f"{lost} could not be undone, the end says {event.not_undone}")
        self.reported |= set(lost)
        for key in lost:
            if self.way[key] not in ("restore", "action"):  # there is nothing to try again
                self._settle(key)
        if lost:
            self.lost_quietly.append(event.rollback)

    def _told(self, at: datetime) -> None:
        self.lost_quietly = self.lost_quietly[:-1]


def check_logged(seen: Seen) -> None:
    """8: a step that changed the world, and says how it was before, is in the log once it is done."""
    for event in seen.done.events:
        if isinstance(event, ev.StepSucceeded):
            point, _, _ = event.run.partition("#")
            step = seen.contract.runbook[point][event.step]
            changed = step.changes or step.undo is not None or step.undo_by is not None
            key = (event.run, event.step)
            noted = [e for e in seen.done.events if isinstance(e, ev.ChangeLogged) and (e.run, e.step) == key]
            before = seen.before
            known = before is not None and (
                f"{event.run}/{event.step}" in before.taken_back
                or any(change.key == f"{event.run}/{event.step}" for change in before.changes)
            )
            hold(
                NAME, not changed or noted or known, f"{event.run}/{event.step} changed something, and nobody noted it"
            )
    standing = [each.key for each in seen.state.changes]
    hold(NAME, len(standing) == len(set(standing)), f"noted twice: {standing}")
