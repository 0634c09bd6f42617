"""Events: what was decided. Past tense, each with its reason and the rule behind it. People are ids, texts digests."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from runner.engine.events.acceptance import (
    AcceptanceEvent,
    ChecklistCompleted,
    ClarificationAsked,
    ClarificationGiven,
    ClarificationMissed,
    ReminderSnoozed,
    WaitingEnded,
    WaitingStarted,
)
from runner.engine.events.base import About, EventBase, made
from runner.engine.events.endings import (
    EndingsEvent,
    EscalationCancelled,
    EscalationClosed,
    OutcomeResolved,
    PostmortemAttached,
    RemediationAsked,
    RemediationEnded,
    RemediationOverdue,
    ResolutionRefused,
    VerificationFailed,
)
from runner.engine.events.exceptions import (
    ExceptionEnded,
    ExceptionOverdue,
    ExceptionOwned,
    ExceptionRaised,
    ExceptionsEvent,
    TaskAdded,
    TaskFinished,
    TaskOverdue,
)
from runner.engine.events.messages import (
    DeliveryFailed,
    DeliveryRequested,
    DeliveryTaken,
    MessagesEvent,
    ResultIgnored,
)
from runner.engine.events.outside import (
    EscalationReopened,
    OutcomeReopened,
    OutsideEvent,
    TicketLinked,
    TicketMerged,
)
from runner.engine.events.ownership import (
    EscalationOpened,
    LadderExhausted,
    LadderRepeated,
    OfferAccepted,
    OfferEnded,
    OutcomeMissed,
    OwnerAway,
    OwnerOffered,
    OwnerReleased,
    OwnershipEvent,
    OwnersNamed,
    OwnerTook,
    ProgressAwaited,
    ProgressMissed,
    ProgressShown,
    Reminded,
    RungSkipped,
    SubstituteNamed,
)
from runner.engine.events.questions import QuestionAnswered, QuestionAsked, QuestionRenewed, QuestionsEvent
from runner.engine.events.ticket import (
    DriftFound,
    FieldsRequested,
    OtherMatchNoted,
    RecordConfirmed,
    RecordFailed,
    RecordRequested,
    RestoreRequested,
    TicketBack,
    TicketEvent,
    TicketGone,
)
from runner.engine.events.undo import (
    ChangeLogged,
    RollbackEnded,
    RollbackStarted,
    StepKept,
    StepReleased,
    StepUndone,
    UndoEvent,
    UndoFailed,
    UndoRequested,
    WayBack,
)
from runner.engine.events.work import (
    PageAnswered,
    PageUnanswered,
    RunEnded,
    RunStarted,
    StepFailed,
    StepRequested,
    StepSucceeded,
    WorkEvent,
)

__all__ = [
    "EVENT_TYPES",
    "About",
    "ChangeLogged",
    "ChecklistCompleted",
    "ClarificationAsked",
    "ClarificationGiven",
    "ClarificationMissed",
    "DeliveryFailed",
    "DeliveryRequested",
    "DeliveryTaken",
    "DriftFound",
    "EscalationCancelled",
    "EscalationClosed",
    "EscalationOpened",
    "EscalationReopened",
    "Event",
    "EventBase",
    "ExceptionEnded",
    "ExceptionOverdue",
    "ExceptionOwned",
    "ExceptionRaised",
    "FieldsRequested",
    "LadderExhausted",
    "LadderRepeated",
    "OfferAccepted",
    "OfferEnded",
    "OtherMatchNoted",
    "OutcomeMissed",
    "OutcomeReopened",
    "OutcomeResolved",
    "OwnerAway",
    "OwnerOffered",
    "OwnerReleased",
    "OwnerTook",
    "OwnersNamed",
    "PageAnswered",
    "PageUnanswered",
    "PostmortemAttached",
    "ProgressAwaited",
    "ProgressMissed",
    "ProgressShown",
    "QuestionAnswered",
    "QuestionAsked",
    "QuestionRenewed",
    "RecordConfirmed",
    "RecordFailed",
    "RecordRequested",
    "RemediationAsked",
    "RemediationEnded",
    "RemediationOverdue",
    "Reminded",
    "ReminderSnoozed",
    "ResolutionRefused",
    "RestoreRequested",
    "ResultIgnored",
    "RollbackEnded",
    "RollbackStarted",
    "RunEnded",
    "RunStarted",
    "RungSkipped",
    "StepFailed",
    "StepKept",
    "StepReleased",
    "StepRequested",
    "StepSucceeded",
    "StepUndone",
    "SubstituteNamed",
    "TaskAdded",
    "TaskFinished",
    "TaskOverdue",
    "TicketBack",
    "TicketGone",
    "TicketLinked",
    "TicketMerged",
    "UndoFailed",
    "UndoRequested",
    "VerificationFailed",
    "WaitingEnded",
    "WaitingStarted",
    "WayBack",
    "made",
]

EventUnion = (
    OwnershipEvent
    | AcceptanceEvent
    | ExceptionsEvent
    | EndingsEvent
    | TicketEvent
    | WorkEvent
    | UndoEvent
    | QuestionsEvent
    | MessagesEvent
    | OutsideEvent
)
Event = Annotated[EventUnion, Field(discriminator="type")]
EVENT_TYPES: tuple[type[EventBase], ...] = get_args(EventUnion)
