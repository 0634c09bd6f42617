"""Taking back what a step wrote to the ticket: what was there is written again, unless somebody changed it since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.helpdesk.port import Gone
from runner.helpdesk.readback import differing
from runner.service.do_actions import undo_action
from runner.service.means import Means
from runner.service.outcomes import Done, Report, Retry, written
from runner.store.port import Claimed

__all__ = ["undo"]


def undo(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """Take a step back in the way that was logged for it."""
    if payload["undo"] == "action":
        return undo_action(means, claimed, payload, report)
    ticket = means.helpdesk.get(claimed.ticket)
    if isinstance(ticket, Gone):
        return Done(report("the ticket is gone", {}), failed=True)
    before = _before(means, claimed, payload["values"])
    if before is None:
        return Done(report("nobody knows what was there before", {}), failed=True)
    theirs = means.active().fields.theirs
    left = [
        name
        for name, old in before.items()
        if f"field.{name}" in payload["values"]
        and differing(theirs({name: payload["values"][f"field.{name}"]}), ticket.fields)
        and differing(theirs({name: old}), ticket.fields)
    ]
    wanted = theirs({name: old for name, old in before.items() if name not in left})
    if not differing(wanted, ticket.fields):
        return Done(report(None, {"left": left}))
    key = f"{claimed.escalation}:undo:{payload['rollback']}:{payload['run']}/{payload['step']}"
    again = replace(claimed, key=key, attempt=max(claimed.attempt, int(payload["attempt"])))
    if means.done_before(again):  # and somebody has changed it since
        return Done(report(None, {"left": left}))
    return written(means.helpdesk.set_fields(claimed.ticket, wanted, key), report, {"left": left})


def _before(means: Means, claimed: Claimed, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the fields held; None if that is not known any more."""
    found = {name.removeprefix("was."): value for name, value in values.items() if name.startswith("was.")}
    for name, digest in values.items():
        if name.startswith("was_text."):
            text = means.text(claimed.escalation, str(digest))
            if text is None:
                return None
            found[name.removeprefix("was_text.")] = json.loads(text)
    return found or None
