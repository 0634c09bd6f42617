"""What each request of the local helpdesk means: from checked parameters to the store and back to plain JSON.

It runs in worker threads and knows of no web framework; who asks has been checked before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.clock import Clocks, ClockWentBackError, SteppedClocks
from runner.helpdesk.local.instants import read_instant, write_instant
from runner.helpdesk.local.queue import Queue
from runner.helpdesk.local.storage import MERGED, Origin, Row, Storage, Written, ticket_name, ticket_number
from runner.helpdesk.local.values import (
    BadValueError,
    FieldJson,
    checked_fields,
    checked_key,
    checked_receiver,
    checked_text,
)

__all__ = [
    "Answer",
    "Call",
    "Desk",
    "RefusedError",
    "add_comment",
    "change_ticket",
    "create_ticket",
    "delete_ticket",
    "get_history",
    "get_pending",
    "get_ticket",
    "list_tickets",
    "merge_ticket",
    "set_clock",
    "subscribe",
    "unsubscribe",
    "who_am_i",
]

_LIMIT_DEFAULT = 100
_LIMIT_MOST = 1000


class RefusedError(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(
        self,
        status: int,
        sentence: str,
        *,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.more = more or {}
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the requests work on."""

    storage: Storage
    queue: Queue
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class Call:
    """A request: who asks, the ticket of the path ("" for none), query and body with known names only."""

    actor: str
    ref: str
    query: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def create_ticket(desk: Desk, call: Call) -> Answer:
    """`POST /tickets`."""
    created_at = call.body.get("created_at")
    born = None if created_at is None else _instant(created_at, "created_at")
    fields = _written_fields(call)
    written = desk.storage.create(Origin(call.actor, checked_key(call.body.get("key"))), fields, born)
    return _written(written, 201, {"Location": f"/tickets/{ticket_name(written.number)}"})


def get_ticket(desk: Desk, call: Call) -> Answer:
    """`GET /tickets/{id}`."""
    return Answer(_ticket(desk.storage.get(ticket_number(call.ref))))


def change_ticket(desk: Desk, call: Call) -> Answer:
    """`PATCH /tickets/{id}`."""
    expect = call.body.get("expect")
    if expect is not None and (not isinstance(expect, int) or isinstance(expect, bool)):
        raise BadValueError("expect must be the version of the ticket, a number")
    origin = Origin(call.actor, checked_key(call.body.get("key")))
    return _written(desk.storage.change(origin, ticket_number(call.ref), _written_fields(call), expect))


def merge_ticket(desk: Desk, call: Call) -> Answer:
    """`POST /tickets/{id}/merge`."""
    into = call.body["into"]
    if not isinstance(into, str):
        raise BadValueError("into must be the id of a ticket, like T-1000")
    origin = Origin(call.actor, checked_key(call.body.get("key")))
    return _written(desk.storage.merge(origin, ticket_number(call.ref), ticket_number(into)))


def delete_ticket(desk: Desk, call: Call) -> Answer:
    """`DELETE /tickets/{id}`."""
    written = desk.storage.delete(Origin(call.actor), ticket_number(call.ref))
    return Answer({"id": ticket_name(written.number), "deleted": True})


def add_comment(desk: Desk, call: Call) -> Answer:
    """`POST /tickets/{id}/comments`."""
    public = call.body["public"]
    if not isinstance(public, bool):
        raise BadValueError("public must be true or false")
    text = checked_text(call.body["text"], "text")
    if not text.strip():
        raise BadValueError("text is empty: write what there is to say")
    origin = Origin(call.actor, checked_key(call.body.get("key")))
    return _written(desk.storage.comment(origin, ticket_number(call.ref), text, public=public), 201)


def get_history(desk: Desk, call: Call) -> Answer:
    """`GET /tickets/{id}/history`, newest last."""
    entries = desk.storage.history(ticket_number(call.ref), _limit(call))
    lines = [
        {"at": entry.at, "actor": entry.actor, "kind": entry.kind, "version": entry.version, **entry.detail}
        for entry in entries
    ]
    return Answer({"entries": lines})


def list_tickets(desk: Desk, call: Call) -> Answer:
    """`GET /tickets`: the change feed, or with `key` the ticket that a key belongs to."""
    if "key" in call.query:
        if len(call.query) > 1:
            raise RefusedError(400, "key stands alone: ask without cursor, limit and updated_after")
        key = checked_key(call.query["key"])
        return Answer({"tickets": [_ticket(row) for row in desk.storage.find_by_key(key or "")]})
    updated_after = call.query.get("updated_after")
    since = None if updated_after is None else _instant(updated_after, "updated_after")
    found = desk.storage.changes(_position(desk.storage, call.query.get("cursor")), _limit(call), since)
    tickets = [_ticket(row) for row in found.rows]
    return Answer({"tickets": tickets, "cursor": f"{desk.storage.identity}-{found.last}", "more": found.more})


def who_am_i(desk: Desk, call: Call) -> Answer:
    """`GET /whoami`."""
    return Answer({"actor": call.actor, "now": write_instant(desk.clocks.now())})


def subscribe(desk: Desk, call: Call) -> Answer:
    """`PUT /subscriptions`."""
    found = desk.queue.subscribe(checked_receiver(call.body["url"]))
    return Answer({"id": found.id, "url": found.url})


def unsubscribe(desk: Desk, call: Call) -> Answer:
    """`DELETE /subscriptions`."""
    if "url" not in call.query:
        raise RefusedError(400, "the query parameter url is missing: name the receiver to remove")
    if not desk.queue.unsubscribe(call.query["url"]):
        raise RefusedError(404, "there is no such subscription")
    return Answer({"url": call.query["url"], "deleted": True})


def set_clock(desk: Desk, call: Call) -> Answer:
    """`PUT /clock`, in stepped time."""
    if not isinstance(desk.clocks, SteppedClocks):
        raise RefusedError(404, "this helpdesk runs in real time")
    instant = _instant(call.body["now"], "now")
    try:
        desk.clocks.set(instant)
    except ClockWentBackError as error:
        raise RefusedError(400, f"time never goes back: {error}") from None
    return Answer({"now": write_instant(desk.clocks.now())})


def get_pending(desk: Desk, _call: Call) -> Answer:
    """`GET /pending`, in stepped time: what is still to be delivered, and a count of all that happened."""
    return Answer({"undelivered_webhooks": desk.queue.undelivered(), "progress": desk.storage.progress()})


def _written_fields(call: Call) -> dict[str, FieldJson]:
    fields = checked_fields(call.body["fields"])
    if MERGED in fields:
        raise BadValueError(f"{MERGED} is written by merging: send POST /tickets/ID/merge")
    return fields


def _limit(call: Call) -> int:
    text = call.query.get("limit")
    if text is None:
        return _LIMIT_DEFAULT
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= _LIMIT_MOST:
        raise RefusedError(400, f"limit must be a number from 1 to {_LIMIT_MOST}")
    return int(text)


def _position(storage: Storage, cursor: str | None) -> int:
    """The change number that a cursor stands for; a cursor of another store must not pass for one of this."""
    if cursor is None:
        return 0
    match = re.fullmatch(r"([0-9a-f]{16})-([0-9]{1,18})", cursor)
    if match is None:
        raise RefusedError(400, "cursor must be one that this helpdesk gave out; leave it away to start")
    if match[1] != storage.identity or int(match[2]) > storage.last_change():
        raise RefusedError(410, "this cursor belongs to another store: start again without a cursor")
    return int(match[2])


def _instant(value: object, name: str) -> datetime:
    if not isinstance(value, str):
        raise BadValueError(f"{name} must be an instant in a string, like 2026-03-02T09:00:00Z")
    try:
        return read_instant(value)
    except ValueError as error:
        raise BadValueError(f"{name}: {error}") from None


def _ticket(row: Row) -> dict[str, Any]:
    return {
        "id": ticket_name(row.number),
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "fields": {} if row.deleted else dict(row.fields),
        "deleted": row.deleted,
    }


def _written(written: Written, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    body = {"id": ticket_name(written.number), "version": written.version, "changed": list(written.changed)}
    replay = {"Idempotent-Replay": "true"} if written.replayed else {}
    return Answer(body, status, {**(headers or {}), **replay})
