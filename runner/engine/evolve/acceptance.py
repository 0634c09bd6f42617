"""The state after events that surround an acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import Clarification, State, Waiting

__all__ = ["APPLY"]


def _checklist_completed(new: State, event: ev.ChecklistCompleted) -> None:
    new.checklist_due, new.answers = None, event.answers


def _clarification_asked(new: State, event: ev.ClarificationAsked) -> None:
    new.clarification = Clarification(event.offer, event.person, event.due)
    new.clarified = (*new.clarified, event.person)
    new.offers = {**new.offers, event.offer: replace(new.offers[event.offer], due=None, quiet=False)}
    new.write_count = event.write
    new.writes = (*new.writes, event.write)


def _clarification_over(new: State, event: ev.ClarificationGiven | ev.ClarificationMissed) -> None:
    del event
    new.clarification = None


def _waiting_started(new: State, event: ev.WaitingStarted) -> None:
    new.waiting = Waiting(event.for_, new.now, event.until, event.outcome_left)


def _waiting_ended(new: State, event: ev.WaitingEnded) -> None:
    new.waited = event.waited
    new.outcome_due = event.outcome_due


def _reminder_snoozed(new: State, event: ev.ReminderSnoozed) -> None:
    new.remind_at = event.remind_at


APPLY: Mapping[str, Apply] = {
    "ChecklistCompleted": _checklist_completed,
    "ClarificationAsked": _clarification_asked,
    "ClarificationGiven": _clarification_over,
    "ClarificationMissed": _clarification_over,
    "WaitingStarted": _waiting_started,
    "WaitingEnded": _waiting_ended,
    "ReminderSnoozed": _reminder_snoozed,
}
