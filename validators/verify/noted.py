"""What is done, what comes back and what falls due is recorded as what it is. Written apart from the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.engine import commands as cmd
from runner.engine.state import State, deadlines
from validators.verify.explore import Edge

__all__ = ["recorded_as_it_is"]

_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Open": ("EscalationOpened",),
    "Accept": ("OfferAccepted",),
    "Unaccept": ("OwnerReleased",),
    "Reject": ("OfferEnded", "ClarificationAsked"),
    "Clarify": ("ClarificationGiven",),
    "CompleteChecklist": ("ChecklistCompleted",),
    "Progress": ("ProgressShown",),
    "Snooze": ("ReminderSnoozed",),
    "Wait": ("WaitingStarted",),
    "Resume": ("WaitingEnded",),
    "HandOver": ("OwnerOffered",),
    "Answer": ("QuestionAnswered",),
    "RaiseException": ("ExceptionRaised",),
    "EndException": ("ExceptionEnded",),
    "AddTask": ("TaskAdded",),
    "FinishTask": ("TaskFinished",),
    "RollBack": ("RollbackStarted",),
    "Resolve": ("OutcomeResolved",),
    "Close": ("EscalationClosed",),
    "Cancel": ("EscalationCancelled",),
    "Reopen": ("EscalationReopened",),
    "Override": ("OwnerTook", "OwnerReleased", "EscalationClosed"),
    "AttachPostmortem": ("PostmortemAttached",),
    "NoteDrift": ("DriftFound",),
    "NoteSolvedOutside": ("OutcomeResolved", "VerificationFailed"),
    "NoteReopened": ("OutcomeReopened",),
    "NoteMerged": ("TicketMerged", "EscalationCancelled"),
    "NoteGone": ("TicketGone",),
    "NoteBack": ("TicketBack",),
    "NoteLinked": ("TicketLinked",),
    "NoteOtherMatch": ("OtherMatchNoted", "EscalationCancelled"),
    "SucceedStep": ("StepSucceeded", "ResultIgnored"),
    "FailStep": ("StepFailed", "ResultIgnored"),
    "SucceedUndo": ("StepUndone", "ResultIgnored"),
    "FailUndo": ("UndoFailed", "ResultIgnored"),
}
"""Of these events one at least says what a command was."""
_DEADLINES: Final[Mapping[str, tuple[str, ...]]] = {
    "checklist": ("OwnerReleased",),
    "clarification": ("ClarificationMissed",),
    "exception": ("ExceptionOverdue",),
    "outcome": ("OutcomeMissed",),
    "progress": ("ProgressMissed", "OwnerReleased"),
    "record": ("RecordRequested",),
    "remedy": ("RemediationOverdue",),
    "remind": ("Reminded",),
    "task": ("TaskOverdue",),
    "undo": ("UndoFailed",),
    "waiting": ("WaitingEnded",),
}
"""And of these what has fallen due."""
_RESULTS: Final = frozenset(
    ("Deliver", "FailDelivery", "WriteRecord", "FailRecord", "FailStep", "SucceedUndo", "FailUndo")
)
"""What always has a consequence; a step that waits may be looked at in vain."""


def recorded_as_it_is(edge: Edge) -> str | None:
    """Whatever has a consequence is in the record by its own name; what comes back always is."""
    if edge.refused is not None:
        return None
    args = edge.move.args if edge.move is not None else None
    name = args.type if args is not None else "Open"
    if not edge.events:
        return f"{name} came, and there is no word of it" if name in _RESULTS else None
    wanted = _wanted(name, args, edge.before)
    if not wanted:
        return None
    for kind in edge.kinds:
        if kind in wanted:
            return None
    return f"{_due(edge.before) if name == 'Tick' else name} is not recorded as {' or '.join(wanted)}"


def _wanted(name: str, args: cmd.Args | None, before: State | None) -> tuple[str, ...]:
    if name == "Tick":
        return _DEADLINES.get(_due(before), ())
    if name not in _RESULTS:
        return _COMMANDS.get(name, ())
    match args:
        case cmd.Deliver() if before is not None:
            return ("DeliveryTaken",) if args.delivery in before.deliveries else ("ResultIgnored",)
        case cmd.FailDelivery() if before is not None:
            return ("DeliveryFailed",) if args.delivery in before.deliveries else ("ResultIgnored",)
        case cmd.WriteRecord() if before is not None:
            return ("RecordConfirmed",) if args.write in before.writes else ("ResultIgnored",)
        case cmd.FailRecord() if before is not None:
            return ("RecordFailed",) if args.write in before.writes else ("ResultIgnored",)
    return _COMMANDS.get(name, ())


def _due(before: State | None) -> str:
    first = min(deadlines(before), default=None) if before is not None else None
    return first.sort if first is not None else ""
