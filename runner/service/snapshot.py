"""A ticket at an instant, as text: its fields and its last history entries, read from the helpdesk."""

from __future__ import annotations

from collections.abc import Sequence

from runner.contract.values import format_instant
from runner.helpdesk.port import FieldValue, HistoryEntry, Ticket

__all__ = ["snapshot_text"]

_LONGEST = 500
"""Characters of one value; a snapshot is for reading."""


def snapshot_text(ticket: Ticket, history: Sequence[HistoryEntry]) -> str:
    """The lines to append to a note, beginning with a blank line."""
    lines = ["", "", f"Fields of {ticket.ref} at {format_instant(ticket.updated_at)} (version {ticket.version}):"]
    lines += [f"  {name}: {_show(value)}" for name, value in sorted(ticket.fields.items())]
    lines += ["", f"Last {len(history)} history entries:"]
    lines += [f"  {format_instant(entry.at)} {entry.actor}: {_entry(entry)}" for entry in history]
    return "\n".join(lines)


def _entry(entry: HistoryEntry) -> str:
    if entry.kind == "field":
        return f"{entry.field}: {_show(entry.old)} → {_show(entry.new)}"
    if entry.kind == "comment":
        return f"comment: {_show(entry.text)}"
    return entry.kind


def _show(value: FieldValue) -> str:
    if value is None:
        return "nothing"
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
