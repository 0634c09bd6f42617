"""What people ask of an open exception: tasks with owners, begun and done. Titles stand in the side table."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import ArgsBase, TextRef

__all__ = ["AddTask", "FinishTask", "RecoveryArgs", "Task"]


class Task(ArgsBase):
    """Something that one person is to do for recovery; `due` None: no earlier than the exception itself."""

    title: TextRef
    owner: str
    due: Instant | None = None


class AddTask(ArgsBase):
    """Add a task to an open exception."""

    type: Literal["AddTask"] = "AddTask"
    exception: int
    task: Task


class FinishTask(ArgsBase):
    """A task of an open exception is done."""

    type: Literal["FinishTask"] = "FinishTask"
    exception: int
    task: int
    text: TextRef | None = None


RecoveryArgs = AddTask | FinishTask
