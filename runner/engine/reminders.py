"""Reminders that a manager puts off, for a while and with a reason. They are never switched off."""

from __future__ import annotations

from runner.contract.values import format_instant
from runner.engine import events as ev
from runner.engine.commands import Command, Snooze
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.handoffs import may_override
from runner.engine.reasons import CommandRejected, Reason, RejectReason

__all__ = ["snooze"]


def snooze(draft: Draft, command: Command, args: Snooze) -> None:
    """The escalation owner or a manager puts the next reminder off, as far as the limit allows."""
    if not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_ALLOWED, "only the escalation owner or a manager may put a reminder off")
    if draft.state.remind_at is None:
        raise CommandRejected(RejectReason.WRONG_STATE, "no reminder is to come, so there is nothing to put off")
    latest = draft.after(draft.contract.limits.snooze_at_most)
    if not draft.now < args.until <= latest:
        raise CommandRejected(
            RejectReason.SNOOZE_OUT_OF_BOUNDS,
            f"name an instant after now and not after {format_instant(latest)}, which is what the limits allow",
        )
    snoozed = made(
        ev.ReminderSnoozed,
        reason=Reason.SNOOZED,
        rule=limit_rule("snooze_at_most"),
        by=command.actor,
        remind_at=args.until,
        text=args.text,
    )
    draft.add(snoozed)
