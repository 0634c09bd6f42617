"""What steps changed in the world, and how that is taken back."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import Scalar, TextRef
from runner.engine.events.base import EventBase

__all__ = [
    "ChangeLogged",
    "RollbackEnded",
    "RollbackStarted",
    "StepKept",
    "StepReleased",
    "StepUndone",
    "UndoEvent",
    "UndoFailed",
    "UndoRequested",
    "WayBack",
]

WayBack = Literal["restore", "action", "never", "none", "unknown", "settled"]
"""How a step is taken back: by writing what was there, by an action, on purpose not at all, by nothing that is known.

`unknown`: nobody knows whether it was done. `settled`: it has itself taken something back, so nothing is left to undo.
"""


class ChangeLogged(EventBase):
    """A step changed the world; `values` are what undoing it needs: what was there, or the inputs of the action."""

    type: Literal["ChangeLogged"] = "ChangeLogged"
    run: str
    step: int
    undo: WayBack
    values: dict[str, Scalar]


class StepReleased(EventBase):
    """What a step did was taken back by a later step of the runbook."""

    type: Literal["StepReleased"] = "StepReleased"
    run: str
    step: int
    by_run: str
    by_step: int


class RollbackStarted(EventBase):
    """What a run did (None: every run) is taken back, the last first. `text` is the rationale, None if it stopped."""

    type: Literal["RollbackStarted"] = "RollbackStarted"
    rollback: str
    run: str | None
    by: str
    text: TextRef | None


class UndoRequested(EventBase):
    """A step is to be taken back by `due`."""

    type: Literal["UndoRequested"] = "UndoRequested"
    rollback: str
    run: str
    step: int
    attempt: int
    due: Instant


class StepUndone(EventBase):
    """A step was taken back; fields in `left` were changed by others since, and stay as those wrote them."""

    type: Literal["StepUndone"] = "StepUndone"
    rollback: str
    run: str
    step: int
    left: tuple[str, ...] = ()


class StepKept(EventBase):
    """What a step did stays on purpose."""

    type: Literal["StepKept"] = "StepKept"
    rollback: str
    run: str
    step: int


class UndoFailed(EventBase):
    """A step could not be taken back; `again` if that is tried once more."""

    type: Literal["UndoFailed"] = "UndoFailed"
    rollback: str
    run: str
    step: int
    why: str
    again: bool


class RollbackEnded(EventBase):
    """A rollback is over: how many steps it undid, how many it kept on purpose, and which could not be undone."""

    type: Literal["RollbackEnded"] = "RollbackEnded"
    rollback: str
    undone: int
    kept: int
    not_undone: tuple[str, ...]


UndoEvent = (
    ChangeLogged | StepReleased | RollbackStarted | UndoRequested | StepUndone | StepKept | UndoFailed | RollbackEnded
)
