"""What people ask on the way to an end: tasks of exceptions, begun and done, and the post-mortem. Texts are digests."""

from __future__ import annotations

from typing import Literal

from runner.contract.values import Instant
from runner.engine.commands.base import ArgsBase, TextRef

__all__ = ["AddTask", "AttachPostmortem", "FinishTask", "RecoveryArgs", "Task"]


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


class AttachPostmortem(ArgsBase):
    """What went wrong and what follows from it, with who sees to that."""

    type: Literal["AttachPostmortem"] = "AttachPostmortem"
    text: TextRef
    remediation_owner: str


RecoveryArgs = AddTask | FinishTask | AttachPostmortem
