"""Commands: what people, time, the helpdesk and effects ask of an escalation. Imperative; free text only as digests."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from runner.engine.commands.acceptance import (
    AcceptanceArgs,
    Clarify,
    CompleteChecklist,
    Resume,
    Snooze,
    Unaccept,
    Wait,
)
from runner.engine.commands.base import Scalar, TextRef, TicketFacts
from runner.engine.commands.outside import NoteLinked, NoteMerged, NoteReopened, OutsideArgs, Reopen
from runner.engine.commands.people import (
    Accept,
    Cancel,
    Close,
    EndException,
    Escalate,
    HandOver,
    Override,
    PeopleArgs,
    Progress,
    RaiseException,
    Reject,
    Resolve,
)
from runner.engine.commands.questions import Answer
from runner.engine.commands.recovery import AddTask, AttachPostmortem, FinishTask, RecoveryArgs, Task
from runner.engine.commands.undo import FailUndo, RollBack, SucceedUndo, UndoArgs
from runner.engine.commands.world import (
    Deliver,
    FailDelivery,
    FailRecord,
    FailStep,
    NoteBack,
    NoteChanged,
    NoteDrift,
    NoteGone,
    NoteOtherMatch,
    NoteRoster,
    NoteSolvedOutside,
    Open,
    SucceedStep,
    Tick,
    WorldArgs,
    WriteRecord,
)

__all__ = [
    "Accept",
    "AddTask",
    "Answer",
    "Args",
    "AttachPostmortem",
    "Cancel",
    "Clarify",
    "Close",
    "Command",
    "CompleteChecklist",
    "Deliver",
    "EndException",
    "Escalate",
    "FailDelivery",
    "FailRecord",
    "FailStep",
    "FailUndo",
    "FinishTask",
    "HandOver",
    "NoteBack",
    "NoteChanged",
    "NoteDrift",
    "NoteGone",
    "NoteLinked",
    "NoteMerged",
    "NoteOtherMatch",
    "NoteReopened",
    "NoteRoster",
    "NoteSolvedOutside",
    "Open",
    "Override",
    "Progress",
    "RaiseException",
    "Reject",
    "Reopen",
    "Resolve",
    "Resume",
    "RollBack",
    "Scalar",
    "Snooze",
    "SucceedStep",
    "SucceedUndo",
    "Task",
    "TextRef",
    "Tick",
    "TicketFacts",
    "Unaccept",
    "Wait",
    "WriteRecord",
]

Args = Annotated[
    PeopleArgs | Answer | AcceptanceArgs | RecoveryArgs | WorldArgs | UndoArgs | OutsideArgs,
    Field(discriminator="type"),
]


class Command(BaseModel):
    """A command with who gave it: `jobs` are the actor's jobs at that moment; `source` says by which way it came."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # few read commands

    id: str
    actor: str
    jobs: tuple[str, ...] = ()
    source: str
    args: Args

    @property
    def human(self) -> bool:
        """Whether a person gave it; refusals of people are recorded."""
        return not self.actor.startswith("surety:")
