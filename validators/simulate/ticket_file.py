"""Reads a ticket from JSON: `{at, before?, changed_at?, after}`, or a flat object that is `after`. Opens no file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from runner.contract.diagnostic import nearest, printable
from runner.contract.values import parse_instant
from validators.simulate.explain import TicketCase

__all__ = ["TicketError", "read_ticket"]

_KEYS: Final = ("at", "before", "changed_at", "after")
_LEFT_OUT: Final = ", so it is left out"
_BUILTIN: Final = ("created_at", "updated_at")


class TicketError(ValueError):
    """A text is no ticket; the message says why, and what to write."""


def read_ticket(
    text: str, fields: Collection[str], now: datetime, at: datetime | None = None
) -> tuple[TicketCase, tuple[str, ...]]:
    """The ticket, and notices about what of it is not used: a flat object may come from a helpdesk, with more in it.

    Where `after` is said, all else must be right too, since a slip would ask another question. `at` beats the one in
    the text, and `now` stands in for both. Raises TicketError.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TicketError(f"is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise TicketError('is not an object; write {"priority": "high", …} or {"at": …, "before": …, "after": {…}}')
    whole = "after" in document
    after = _object(document["after"] if whole else document, "after")
    before = _object(document["before"], "before") if whole and document.get("before") is not None else None
    if whole:
        for key in document:
            if key not in _KEYS:
                near = nearest(key, _KEYS)
                hint = f"; did you mean `{near}`?" if near else f"; it may have {', '.join(_KEYS)}"
                raise TicketError(f"has the unknown key `{printable(key)}`{hint}")
        if at is None and "at" in document:
            at = _instant(document["at"], "at")
    else:
        _refuse_half(document, fields)
    at = at or now
    created = _instant(after["created_at"], "created_at") if "created_at" in after else at
    updated = _instant(after["updated_at"], "updated_at") if "updated_at" in after else at
    if created > at:
        raise TicketError(f"is created at {created.isoformat()}, after the instant at which it is looked at")
    held = _object(document["changed_at"], "changed_at") if whole and "changed_at" in document else {}
    if held and before is None:
        raise TicketError("says in `changed_at` since when fields are as they are, but not in `before` what they were")
    changed = {name: _instant(value, f"changed_at of {name}") for name, value in held.items()}
    for name, since in changed.items():
        if not created <= since <= at:
            raise TicketError(f"says that {name} changed at {since.isoformat()}, before its creation or after the look")
    earlier = _instant(before["updated_at"], "updated_at") if before and "updated_at" in before else None
    notices = _notices(after, {**(before or {}), **held}, fields)
    if notices and whole:
        raise TicketError(f"does not fit: {notices[0].replace(_LEFT_OUT, '')}")
    case = TicketCase(at, created, min(updated, at), after, before, earlier, changed)
    return case, tuple(notices)


def _refuse_half(document: Mapping[str, object], fields: Collection[str]) -> None:
    """A flat object is the fields of a ticket, and names one at least; `at` and the like belong beside `after`."""
    for key in _KEYS:
        if key in document and key not in fields:
            form = f'{{"{key}": …, "after": {{…}}}}'
            raise TicketError(f"has `{key}` but no `after`; write {form}, with the fields of the ticket in `after`")
    if document and not {*fields, *_BUILTIN} & document.keys():
        name = min(document)
        near = nearest(name, fields)
        known = f"did you mean `{near}`?" if near else f"fields: {', '.join(sorted(fields))}"
        raise TicketError(f"has no ticket field, only such as `{printable(name)}`; {known}")


def _object(value: Any, name: str) -> dict[str, object]:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        raise TicketError(f"needs an object of fields for `{name}`")
    return value


def _instant(value: object, name: str) -> datetime:
    try:
        return parse_instant(value)
    except ValueError as error:
        raise TicketError(f"has a wrong `{name}`: {error}") from None


def _notices(after: Mapping[str, object], before: Mapping[str, object], fields: Collection[str]) -> list[str]:
    found = []
    for name in sorted({*after, *before} - set(fields) - set(_BUILTIN)):
        near = nearest(name, fields)
        hint = f"; did you mean `{near}`?" if near else ""
        found.append(f"there is no ticket field `{printable(name)}`{_LEFT_OUT}{hint}")
    return found
