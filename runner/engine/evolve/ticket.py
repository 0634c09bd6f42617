"""The state after events of the ticket and its record."""

from __future__ import annotations

from collections.abc import Mapping

from runner.engine import events as ev
from runner.engine.evolve.base import Apply
from runner.engine.state import State

__all__ = ["APPLY"]


def _restore_requested(new: State, event: ev.RestoreRequested) -> None:
    new.restores += 1
    new.write_count = event.write
    new.writes = (*new.writes, event.write)


def _record_requested(new: State, event: ev.RecordRequested) -> None:
    new.record = (event.state, event.owner, event.accepted_at)
    new.rewrite_at = None
    new.write_count = new.record_write = event.write
    new.writes = (*new.writes, event.write)


_FLAGS_KEPT = 20
"""Values that were reported; an older one is reported again, which is better than a state without end."""


def _drift_found(new: State, event: ev.DriftFound) -> None:
    if event.answer == "flag":
        new.flagged = (*new.flagged, *event.fields.items())[-_FLAGS_KEPT:]
    elif event.answer == "restore":
        names = ("record",) if event.subject == "record" else event.fields
        new.restored = {**new.restored, **{name: new.restored.get(name, 0) + 1 for name in names}}
    elif event.subject == "fields":
        new.written = {name: value for name, value in {**new.written, **event.fields}.items() if value is not None}


def _fields_requested(new: State, event: ev.FieldsRequested) -> None:
    new.write_count = event.write
    new.writes = (*new.writes, event.write)


def _record_confirmed(new: State, event: ev.RecordConfirmed) -> None:
    new.settled += 1
    new.writes = tuple(write for write in new.writes if write != event.write)
    if event.write == new.record_write:
        new.unwritten = False


def _record_failed(new: State, event: ev.RecordFailed) -> None:
    new.settled += 1
    new.writes = tuple(write for write in new.writes if write != event.write)
    newest = new.record_write
    if event.write == newest or (event.write < newest and newest in new.writes):  # else a newer one stands there
        new.unwritten = True
    if event.retry_at is not None:
        new.rewrite_at = event.retry_at


def _ticket_back(new: State, event: ev.TicketBack) -> None:
    del event
    new.gone = False


def _ticket_gone(new: State, event: ev.TicketGone) -> None:
    del event
    new.gone = True
    new.rewrite_at = None


APPLY: Mapping[str, Apply] = {
    "RestoreRequested": _restore_requested,
    "DriftFound": _drift_found,
    "FieldsRequested": _fields_requested,
    "RecordRequested": _record_requested,
    "RecordConfirmed": _record_confirmed,
    "RecordFailed": _record_failed,
    "TicketGone": _ticket_gone,
    "TicketBack": _ticket_back,
}
