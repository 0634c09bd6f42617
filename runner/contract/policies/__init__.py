"""The policy kinds: what all templates must obey or draw on. Shapes only; the compiler checks references."""

from __future__ import annotations

from runner.contract.policies.calendars import Calendar, Calendars
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
from runner.contract.policies.fields import Fields, Lifecycle, RecordFields, TicketField
from runner.contract.policies.governance import Governance
from runner.contract.policies.limits import Limits
from runner.contract.policies.people import People, Person, Team
from runner.contract.policies.rotations import Absence, Handover, Rotation, Rotations
from runner.contract.policies.routing import Routing
from runner.contract.policies.words import Date, FieldName, Version, Weekday, Zone

__all__ = [
    "Absence",
    "Calendar",
    "Calendars",
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
    "Fields",
    "Governance",
    "Handover",
    "Lifecycle",
    "Limits",
    "People",
    "Person",
    "RecordFields",
    "ResolutionCodes",
    "Room",
    "Rotation",
    "Rotations",
    "Routing",
    "Team",
    "TicketField",
    "Version",
    "Weekday",
    "Zone",
]
