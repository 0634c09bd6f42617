"""The state after events of proof and endings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import Remedy, State

__all__ = ["APPLY"]


def _resolved(new: State, event: ev.OutcomeResolved) -> None:
    new.evidence = {**new.evidence, **event.evidence}
    new.proven_tasks = len(new.tasks)
    new.remind_at = event.remind_at
    new.away = None


def _over(new: State, event: ev.EscalationClosed | ev.EscalationCancelled) -> None:
    new.replaced = isinstance(event, ev.EscalationCancelled) and event.instead is not None
    new.previous = new.holder or new.previous
    new.holder = new.keeper = None
    new.closed_at = new.now
    new.remind_at = None
    new.offers = {}
    new.exceptions = {}
    new.not_undone = {}
    new.remedies = {}
    new.pages = {}


def _postmortem_attached(new: State, event: ev.PostmortemAttached) -> None:
    new.postmortem = (event.text, event.remediation_owner)


def _remediation_asked(new: State, event: ev.RemediationAsked) -> None:
    asked = Remedy(event.check, event.to, event.due, event.words)
    new.remedies = {**new.remedies, event.check: asked}


def _remediation_overdue(new: State, event: ev.RemediationOverdue) -> None:
    late = replace(new.remedies[event.check], to=event.to, due=event.next_due)
    new.remedies = {**new.remedies, event.check: late}


def _remediation_ended(new: State, event: ev.RemediationEnded) -> None:
    new.remedies = {check: each for check, each in new.remedies.items() if check != event.check}


APPLY: Mapping[str, Apply] = {
    "PostmortemAttached": _postmortem_attached,
    "RemediationAsked": _remediation_asked,
    "RemediationOverdue": _remediation_overdue,
    "RemediationEnded": _remediation_ended,
    "OutcomeResolved": _resolved,
    "EscalationClosed": _over,
    "EscalationCancelled": _over,
}
