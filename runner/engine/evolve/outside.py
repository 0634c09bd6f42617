"""The state after events of a ticket's life in the helpdesk."""

from __future__ import annotations

from collections.abc import Mapping

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import State

__all__ = ["APPLY"]

_LINKS_KEPT = 5
"""The last tickets of one cause; all of them stand in the record."""


def _outcome_reopened(new: State, event: ev.OutcomeReopened) -> None:
    del event
    if not new.outcome_missed:
        new.remind_at = None


def _reopened(new: State, event: ev.EscalationReopened) -> None:
    """As at the opening; what was done, created and waited for before stays."""
    new.outcome_due, new.outcome_missed = event.outcome_due, False
    new.rung = new.ladder_pass = new.untold = 0
    new.asked, new.offered_in_pass = (event.first,) if event.first is not None else (), False
    new.accepted_at = new.closed_at = new.substitute = None
    new.handoffs = new.planned = new.restores = 0
    new.giver, new.bounced, new.clarified = None, (), ()
    new.evidence, new.restored, new.flagged = {}, {}, ()
    new.failed_tasks = new.unreached = ()


def _merged(new: State, event: ev.TicketMerged) -> None:
    new.ticket = event.ticket
    new.written = {}
    new.gone = False


def _linked(new: State, event: ev.TicketLinked) -> None:
    new.linked = event.number
    new.last_linked = (*new.last_linked, event.ticket)[-_LINKS_KEPT:]
    new.write_count = event.write
    new.writes = (*new.writes, event.write)


APPLY: Mapping[str, Apply] = {
    "OutcomeReopened": _outcome_reopened,
    "EscalationReopened": _reopened,
    "TicketMerged": _merged,
    "TicketLinked": _linked,
}
