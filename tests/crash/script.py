"""The script: fifteen tickets and what people and customers do with them, at instants that no deadline falls on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
END = START + timedelta(hours=4, minutes=5)
"""Long enough for an outcome that is overdue; everything that is open then stays open."""


@dataclass(frozen=True)
class Create:
    """A customer writes."""

    ticket: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """Somebody changes the ticket in the helpdesk, None: deletes it. `task`: the task ticket that it made instead."""

    ticket: str
    fields: Mapping[str, Any] | None
    task: bool = False


@dataclass(frozen=True)
class Act:
    """A person acts through the API. `by` None is whoever is accountable; `refused` is the reason that is expected."""

    ticket: str
    action: str
    body: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    refused: str | None = None


Step = Create | Change | Act

BILLING = {
    "type": "billing", "priority": "high", "status": "new", "account.tier": "enterprise", "account.name": "Acme",
    "revenue_at_risk": 120000,
}  # fmt: skip
CRITICAL = {
    "type": "incident", "priority": "urgent", "severity": "critical", "status": "open", "account.tier": "enterprise",
}  # fmt: skip
WHOLE = {"type": "billing", "priority": "urgent", "status": "new", "account.tier": "business", "group": "Desk"}
"""What the template beside the shipped ones takes; tickets of one account are one cause."""
URGENT = {"type": "question", "priority": "urgent", "status": "open"}
LATE = {"type": "question", "priority": "high", "status": "open", "sla_due_at": "2026-03-03T07:50:00Z"}
TEXT = {"text": "as agreed on the phone"}
HANDOFF = {
    "to": "sofia-rossi",
    "reason": "I leave at noon",
    "next_step": "call them",
    "artifacts": ["notes of the call"],
    "expected_at": "2026-03-03T15:00:00Z",
}
TASK = {"title": "find the order", "owner": "erik-johansen"}
PROOF = {"invoice_id": "INV-17b", "customer_confirmation": "mail of noon"}


def _at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return START.replace(hour=int(hours), minute=int(minutes))


def _create(ticket: str, fields: Mapping[str, Any]) -> Create:
    return Create(ticket, {"subject": f"About {ticket}", **fields})


_LINES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (
        "08:00",
        (
            *(_create(f"billing-{number}", BILLING) for number in range(1, 5)),
            *(_create(f"critical-{number}", CRITICAL) for number in range(1, 3)),
            *(_create(f"urgent-{number}", URGENT) for number in range(1, 3)),
            *(_create(f"late-{number}", LATE) for number in range(1, 3)),
            _create("quiet-1", {**URGENT, "priority": "low"}),
            _create("quiet-2", {**BILLING, "account.tier": "trial"}),
            _create("whole-1", {**WHOLE, "account.name": "Acme"}),
            _create("whole-2", {**WHOLE, "account.name": "Beta"}),
        ),
    ),
    (
        "08:03",
        (
            Act("critical-1", "accept"),
            Act("billing-1", "accept"),
            Act("billing-2", "reject", {"why": "no_capacity", "text": "on a train"}),
            Act("billing-3", "accept", by="david-lindqvist", refused="not_yours"),
            Act("billing-3", "accept"),
            Act("urgent-1", "accept"),
            Act("urgent-2", "override", {"action": "take", **TEXT}, by="helen-park"),
            _create("whole-3", {**WHOLE, "account.name": "Acme"}),
            Act("whole-1", "reject", {"why": "incomplete", "text": "which invoice?"}),
            Act("whole-2", "accept", {"answers": {}}),
        ),
    ),
    (
        "08:22",
        (
            Act("late-1", "accept"),
            Act("billing-2", "accept"),
            Act("billing-1", "raise-exception", {"exception_class": "data-missing", **TEXT}),
            Act("billing-3", "escalate", TEXT),
            Change("quiet-1", {"priority": "urgent"}),
            Change("urgent-1", {"status": "solved"}),
            Act("whole-1", "clarify", {"text": "the last one"}, by="ravi-menon"),
            Act("whole-2", "complete-checklist", {"answers": {"has_evidence": True, "scope_clear": True}}),
            Act("whole-2", "answer", {"answers": {"decision": "credit"}, "texts": {"why": "so"}}, by="david-lindqvist"),
            Change("whole-2", {"group": "Another"}),
        ),
    ),
    (
        "09:17",
        (
            Act("billing-1", "resolve", {"evidence": PROOF}, refused="exception_open"),
            Act("billing-1", "end-exception", {"exception": 1, **TEXT}),
            Change("billing-1", {"status": "solved"}, task=True),
            Act("billing-1", "resolve", {"evidence": PROOF}),
            Act("billing-2", "hand-over", HANDOFF),
            Act("late-1", "resolve", {"evidence": {"customer_update": "mail", "remediation_owner": "sam"}}),
            Act("urgent-2", "override", {"action": "close", "code": "duplicate", **TEXT}, by="helen-park"),
            Change("quiet-1", None),
            Act("whole-1", "accept"),
            Act("whole-1", "unaccept"),
            Act("whole-2", "roll-back", TEXT),
            Act("whole-2", "wait", {"for": "customer", **TEXT}),
        ),
    ),
    (
        "09:41",
        (
            Act("billing-1", "close", {"code": "refunded", "impact": 40000}),
            Act("billing-2", "accept", by="sofia-rossi"),
            Change("whole-2", {"subject": "They wrote"}),
            Act("whole-2", "raise-exception", {"exception_class": "data-missing", "tasks": [TASK], **TEXT}),
            Act("whole-2", "finish-task", {"exception": 1, "task": 1}, by="erik-johansen"),
            Act("late-1", "close", {"code": "answered"}, refused="not_verified"),
            Change("late-1", {"status": "solved"}, task=True),
            Change("critical-1", {"restored_at": "2026-03-03T09:40:00Z", "customer_confirmation": "call of 09:39"}),
        ),
    ),
    (
        "10:13",
        (
            Act("late-1", "close", {"code": "answered"}),
            Act("billing-2", "resolve", {"evidence": PROOF}),
            Change("critical-1", {"status": "solved"}),
            Change("billing-1", {"priority": "low"}),
            Act("whole-2", "end-exception", {"exception": 1, **TEXT}),
            Act("whole-2", "resolve", {"evidence": {"invoice_id": "INV-2"}}),
            Act("whole-2", "close", {"code": "refunded"}),
            Act("whole-1", "override", {"action": "close", "code": "duplicate", **TEXT}, by="helen-park"),
        ),
    ),
    (
        "10:47",
        (
            Act("billing-2", "close", {"code": "credited"}),
            Change("billing-1", {"priority": "high"}),
            Act("whole-2", "reopen", TEXT, by="miriam-okafor"),
        ),
    ),
)
SCRIPT: tuple[tuple[datetime, tuple[Step, ...]], ...] = tuple((_at(clock), steps) for clock, steps in _LINES)
