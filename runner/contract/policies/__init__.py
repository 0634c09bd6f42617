"""The policy kinds: what all templates must obey or draw on. Shapes only; the compiler checks references."""

from __future__ import annotations

from runner.contract.policies.absences import Absence, Absences, Swap
from runner.contract.policies.actions import ActionInput, Actions, NamedAction
from runner.contract.policies.calendars import Calendar, Calendars, Holidays
from runner.contract.policies.catalogues import (
    ChecklistItem,
    Checklists,
    EvidenceKind,
    EvidenceKinds,
    ExceptionClass,
    ExceptionClasses,
    ResolutionCodes,
)
from runner.contract.policies.channels import Channel, Channels, Room
from runner.contract.policies.fields import Fields, FieldThere, Lifecycle, RecordFields, TicketField
from runner.contract.policies.governance import (
    Approvals,
    AuditTurn,
    BlastRadius,
    ChangeWindows,
    Freeze,
    Governance,
    PathTier,
    Retention,
)
from runner.contract.policies.limits import Limits, Target, Targets
from runner.contract.policies.people import People, Person, Team
from runner.contract.policies.rotations import (
    Handover,
    Layer,
    Override,
    Rotation,
    Rotations,
    RotationVersion,
    Window,
)
from runner.contract.policies.routing import Routing
from runner.contract.policies.words import Date, FieldName, Metric, Version, Weekday, Zone

__all__ = [
    "Absence",
    "Absences",
    "ActionInput",
    "Actions",
    "Approvals",
    "AuditTurn",
    "BlastRadius",
    "Calendar",
    "Calendars",
    "ChangeWindows",
    "Channel",
    "Channels",
    "ChecklistItem",
    "Checklists",
    "Date",
    "EvidenceKind",
    "EvidenceKinds",
    "ExceptionClass",
    "ExceptionClasses",
    "FieldName",
    "FieldThere",
    "Fields",
    "Freeze",
    "Governance",
    "Handover",
    "Holidays",
    "Layer",
    "Lifecycle",
    "Limits",
    "Metric",
    "NamedAction",
    "Override",
    "PathTier",
    "People",
    "Person",
    "RecordFields",
    "ResolutionCodes",
    "Retention",
    "Room",
    "Rotation",
    "RotationVersion",
    "Rotations",
    "Routing",
    "Swap",
    "Target",
    "Targets",
    "Team",
    "TicketField",
    "Version",
    "Weekday",
    "Window",
    "Zone",
]
