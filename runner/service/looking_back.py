"""What was there before a step wrote, and whether afterwards all is as it should be: read from the helpdesk, told to
the log. Writes nothing, and fails no step that was done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.contract.secret_text import blacked_out, secrets_in
from runner.contract.values import parse_instant
from runner.helpdesk.port import FieldValue, Gone, HelpdeskError, Ticket
from runner.helpdesk.readback import differing, same_value
from runner.service.means import Job, Means
from runner.service.snapshot import snapshot_text
from runner.store.port import Text

__all__ = ["LONGEST", "look_back", "masked", "was"]

LONGEST = 256
"""Bytes of a text that may stand in the record; longer ones stand beside it, under their digest."""
_ENTRIES = 20
"""History entries of a snapshot: what happened around the step."""
_SEARCHED = 100


def was(means: Means, job: Job, ticket: Ticket, ours: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Text]]:
    """What the fields that are about to be written hold now, for the log; what is long or private as a text beside it.

    A try after the first may find what the one before it wrote: then the history says what was there.
    """
    fields = means.active().fields
    before = fields.reading(ticket).fields
    again = job.claimed.attempt > 1 or job.payload["attempt"] > 1
    said: dict[str, Any] = {}
    texts: dict[str, Text] = {}
    for name, value in ours.items():
        held = before.get(name)
        if again and not differing(fields.theirs({name: value}), ticket.fields):
            held = _earlier(means, job, ticket, name, value)
        declared = fields.fields.fields.get(name)
        plain = held if isinstance(held, str | int | float | bool) else None
        private = declared is not None and declared.personal
        if plain is not None and (private or (isinstance(plain, str) and len(plain.encode()) > LONGEST)):
            kept = means.aside(json.dumps(plain, ensure_ascii=False), f"{job.claimed.key}:was:{name}")
            said[f"was_text.{name}"] = next(iter(kept))
            texts |= kept
        else:
            said[f"was.{name}"] = plain
    return said, texts


def _earlier(means: Means, job: Job, ticket: Ticket, name: str, value: object) -> object:
    """What a field held before it was last set to a value since the escalation opened; the value if it never was."""
    fields = means.active().fields
    (theirs, wanted), *_ = fields.theirs({name: value}).items()
    since = parse_instant(job.payload["opened_at"])
    for entry in reversed(means.helpdesk.history(ticket.ref, _SEARCHED)):
        if entry.kind == "field" and entry.field == theirs and entry.at >= since:
            if not same_value(entry.new, wanted):
                break
            there: dict[str, FieldValue] = {**ticket.fields, theirs: entry.old}
            return fields.reading(replace(ticket, fields=there)).fields.get(name)
    return value


def look_back(means: Means, job: Job, ours: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Text]]:
    """Whether the ticket is as it should be after a step that wrote `ours`, and a snapshot of it beside the record.

    `differs` names what somebody changed meanwhile; the record's own fields are compared while nothing of ours is under
    way. Says nothing if the helpdesk does not answer: what was done is done.
    """
    claimed = job.claimed
    try:
        ticket = means.helpdesk.get(claimed.ticket)
        history = means.helpdesk.history(claimed.ticket, _ENTRIES)
    except HelpdeskError:
        return {}, {}
    if isinstance(ticket, Gone):
        return {}, {}
    theirs = means.active().fields.theirs
    expected = {**_record(means, job), **ours}
    differs = [name for name, value in expected.items() if differing(theirs({name: value}), ticket.fields)]
    kept = means.aside(masked(snapshot_text(ticket, history).strip()), f"{claimed.key}:snapshot")
    said: dict[str, Any] = {"consistent": not differs, "snapshot": next(iter(kept))}
    return said | ({"differs": ", ".join(sorted(differs))[:LONGEST]} if differs else {}), kept


def _record(means: Means, job: Job) -> dict[str, Any]:
    """What the record's fields are known to say; nothing while they are being written."""
    state = means.state(job.claimed.escalation)
    if state is None or state.record is None or state.writes or state.unwritten:
        return {}
    names = job.contract.record
    return {names.state: state.record[0], names.owner: state.record[1]}


def masked(text: str) -> str:
    """The text with what looks like a secret blacked out."""
    return blacked_out(text, secrets_in(text.encode(errors="replace")))
