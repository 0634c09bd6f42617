"""The state after events of proof and endings."""

from __future__ import annotations

from collections.abc import Mapping

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import State

__all__ = ["APPLY"]


def _resolved(new: State, event: ev.OutcomeResolved) -> None:
    new.evidence = {**new.evidence, **event.evidence}
    new.remind_at = event.remind_at


def _over(new: State, event: ev.EscalationClosed | ev.EscalationCancelled) -> None:
    new.replaced = isinstance(event, ev.EscalationCancelled) and event.instead is not None
    new.previous = new.holder or new.previous
    new.holder = new.keeper = None
    new.closed_at = new.now
    new.remind_at = None
    new.offers = {}
    new.exceptions = {}
    new.pages = {}


APPLY: Mapping[str, Apply] = {
    "OutcomeResolved": _resolved,
    "EscalationClosed": _over,
    "EscalationCancelled": _over,
}
