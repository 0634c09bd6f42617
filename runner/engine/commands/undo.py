"""Taking back what a runbook changed: asked for by people, and the results as they come back from the world."""

from __future__ import annotations

from typing import Literal

from runner.engine.commands.base import ArgsBase, TextRef

__all__ = ["FailUndo", "RollBack", "SucceedUndo", "UndoArgs"]


class RollBack(ArgsBase):
    """Take back what a run did, the last first; with `run` None what the whole runbook did so far."""

    type: Literal["RollBack"] = "RollBack"
    run: str | None
    text: TextRef


class SucceedUndo(ArgsBase):
    """A step was taken back; fields in `left` were changed by others since and stay so."""

    type: Literal["SucceedUndo"] = "SucceedUndo"
    rollback: str
    run: str
    step: int
    attempt: int
    left: tuple[str, ...] = ()


class FailUndo(ArgsBase):
    """A step could not be taken back."""

    type: Literal["FailUndo"] = "FailUndo"
    rollback: str
    run: str
    step: int
    attempt: int
    why: str


UndoArgs = RollBack | SucceedUndo | FailUndo
