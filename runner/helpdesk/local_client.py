"""The adapter to the local helpdesk, over HTTP.

It never sends a write twice by itself, believes no status without reading back, and reads neither the environment nor
a clock. Thread-safe; close it when done.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from runner.helpdesk.local.instants import read_instant
from runner.helpdesk.local_exchange import Exchange, understood
from runner.helpdesk.port import (
    Applied,
    BadHook,
    Check,
    Fields,
    FieldValue,
    Gone,
    HelpdeskDenied,
    HelpdeskError,
    HelpdeskUnavailable,
    Hint,
    HistoryEntry,
    HistoryKind,
    NoChange,
    Outcome,
    Page,
    Partial,
    Rejected,
    Report,
    Ticket,
    Unknown,
)
from runner.helpdesk.readback import differing, held_at

__all__ = ["LocalHelpdesk"]

_SIGNATURE_HEADER = "x-helpdesk-signature"
_REF = re.compile(r"T-[1-9][0-9]{0,17}")
_HOOK_AT_MOST = 64 * 1024
_HISTORY_AT_MOST = 1000
_KINDS: Mapping[str, HistoryKind] = {"created": "created", "field": "field", "comment": "comment", "deleted": "deleted"}
_MERGED = "merged_into"
"""The field in which the helpdesk says of which ticket one has become part."""
_IMPOSSIBLE_KEY = "selftest: no write ever has this key"


class LocalHelpdesk:
    """A `Helpdesk` at `url`, for the actor to whom `token` belongs.

    `timeout_seconds` bounds each wait for the network. With `actor`, the self-test fails unless the helpdesk takes us
    for that actor. Raises `ValueError` for options that can never work.
    """

    def __init__(
        self, url: str, token: str, webhook_secret: str, *, timeout_seconds: float = 5.0, actor: str | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is not the address of a helpdesk: write it like http://127.0.0.1:8081")
        if not token or not token.isascii() or not token.isprintable():
            raise ValueError("the helpdesk's token is empty or holds characters that a header cannot carry")
        if not webhook_secret:
            raise ValueError("the webhook secret is empty: give the one that the helpdesk signs with")
        self._url = url.rstrip("/")
        self._secret = webhook_secret.encode()
        self._actor = actor
        self._exchange = Exchange(self._url, token, timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._exchange.close()

    def selftest(self) -> Report:
        """See `Helpdesk.selftest`; a refusal is a failed check, trouble on the way raises `HelpdeskUnavailable`."""
        try:
            me = self._exchange.read("/whoami") or {}
        except HelpdeskDenied as error:
            return Report(None, None, (Check("identity", ok=False, detail=str(error)),))
        with understood():
            actor, now = str(me["actor"]), read_instant(me["now"])
        known = self._actor in {None, actor}
        told = f"the helpdesk takes us for {actor!r}" + ("" if known else f", not for {self._actor!r}: check the token")
        found = self.find_by_key(_IMPOSSIBLE_KEY)
        nothing = "finds nothing" if not found else f"finds {len(found)} tickets: searching by key cannot be trusted"
        strict = self._refuses_unknown_filter()
        refused = "is refused" if strict else "is ignored: a mistyped filter would match every ticket"
        checks = (
            Check("identity", ok=known, detail=told),
            Check("impossible key", ok=not found, detail=f"a key that no write has {nothing}"),
            Check("unknown filter", ok=strict, detail=f"a filter that does not exist {refused}"),
        )
        return Report(actor, now, checks)

    def get(self, ref: str) -> Ticket | Gone:
        """See `Helpdesk.get`."""
        found = self._exchange.read(_path(ref)) if _can_be(ref) else None
        if found is None:
            return Gone(ref)
        with understood():
            merged_into = found["fields"].get(_MERGED)
            return Ticket(
                ref=found["id"],
                version=str(found["version"]),
                created_at=read_instant(found["created_at"]),
                updated_at=read_instant(found["updated_at"]),
                fields=MappingProxyType({name: _value(value) for name, value in found["fields"].items()}),
                url=f"{self._url}{_path(ref)}",
                merged_into=None if merged_into is None else str(merged_into),
            )

    def changes(self, cursor: str | None, limit: int) -> Page:
        """See `Helpdesk.changes`."""
        query = {"limit": str(limit)} if cursor is None else {"limit": str(limit), "cursor": cursor}
        found = self._exchange.read("/tickets", query) or {}
        with understood():
            hints = tuple(Hint(row["id"], read_instant(row["updated_at"])) for row in found["tickets"])
            return Page(hints, str(found["cursor"]), bool(found["more"]))

    def parse_hook(self, headers: Mapping[str, str], body: bytes) -> tuple[Hint, ...]:
        """See `Helpdesk.parse_hook`."""
        given = next((value for name, value in headers.items() if name.lower() == _SIGNATURE_HEADER), None)
        if given is None:
            raise BadHook("there is no X-Helpdesk-Signature header: send webhooks only from the helpdesk itself")
        if len(body) > _HOOK_AT_MOST:
            raise BadHook(f"the webhook is larger than {_HOOK_AT_MOST} bytes: it is not one of this helpdesk")
        made = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made.encode(), given.strip().encode("utf-8", "surrogateescape")):
            raise BadHook("the signature is wrong: give the helpdesk and the runner the same webhook secret")
        return (_hint(body),)

    def history(self, ref: str, limit: int) -> tuple[HistoryEntry, ...]:
        """See `Helpdesk.history`; a deleted ticket keeps its history."""
        found = self._exchange.read(f"{_path(ref)}/history", {"limit": str(limit)}) if _can_be(ref) else None
        with understood():
            return tuple(_entry(line) for line in found["entries"]) if found is not None else ()

    def find_by_key(self, key: str) -> tuple[str, ...]:
        """See `Helpdesk.find_by_key`."""
        found = self._exchange.read("/tickets", {"key": key}) or {}
        with understood():
            return tuple(str(row["id"]) for row in found["tickets"])

    def create(self, fields: Fields, key: str) -> Outcome:
        """See `Helpdesk.create`."""
        answer = self._exchange.write("POST", "/tickets", {"fields": dict(fields), "key": key})
        return self._read_back(answer, fields, is_new=True) if isinstance(answer, dict) else answer

    def set_fields(self, ref: str, fields: Fields, key: str, expect: str | None = None) -> Outcome:
        """See `Helpdesk.set_fields`."""
        if not _can_be(ref):
            return Gone(ref)
        body: dict[str, Any] = {"fields": dict(fields), "key": key}
        if expect is not None:
            if not re.fullmatch(r"[0-9]{1,18}", expect):
                return Rejected(f"{expect!r} is not a version of a ticket here: read the ticket again")
            body["expect"] = int(expect)
        answer = self._exchange.write("PATCH", _path(ref), body, ref)
        return self._read_back(answer, fields, is_new=False) if isinstance(answer, dict) else answer

    def note(self, ref: str, text: str, key: str, *, public: bool = False) -> Outcome:
        """See `Helpdesk.note`."""
        if not _can_be(ref):
            return Gone(ref)
        body = {"text": text, "key": key, "public": public}
        answer = self._exchange.write("POST", f"{_path(ref)}/comments", body, ref)
        if not isinstance(answer, dict):
            return answer
        try:
            with understood():
                version = str(answer["version"])
            entries = self.history(ref, _HISTORY_AT_MOST)
        except HelpdeskError as error:
            return Unknown(f"the note was taken, but could not be read back: {error}")
        if any(entry.kind == "comment" and entry.text == text and entry.version == version for entry in entries):
            return Applied(ref, version)
        return Partial(ref, version, (), ("text",))

    def _read_back(self, answer: Mapping[str, Any], wanted: Fields, *, is_new: bool) -> Outcome:
        """What a write that was taken really did: by the ticket now, or by its history if others wrote since."""
        try:
            with understood():
                ref, version, changed = str(answer["id"]), int(answer["version"]), bool(answer["changed"])
            ticket = self.get(ref)
            if isinstance(ticket, Gone):
                return ticket
            missing = differing(wanted, ticket.fields)
            if missing and int(ticket.version) > version:
                later = self.history(ref, _HISTORY_AT_MOST)
                missing = tuple(name for name in missing if not held_at(later, version, name, wanted[name]))
        except HelpdeskError as error:
            return Unknown(f"the write was taken, but could not be read back: {error}")
        if missing:
            return Partial(ref, str(version), tuple(sorted(set(wanted) - set(missing))), missing)
        return Applied(ref, str(version)) if changed or is_new else NoChange(ref, str(version))

    def _refuses_unknown_filter(self) -> bool:
        try:
            self._exchange.read("/tickets", {"no_such_filter": "1", "limit": "1"})
        except HelpdeskUnavailable:
            raise
        except HelpdeskError:
            return True
        return False


def _can_be(ref: str) -> bool:
    """Whether a ticket can be called so; anything else, like `..`, would ask for another path."""
    return _REF.fullmatch(ref) is not None


def _path(ref: str) -> str:
    return f"/tickets/{ref}"


def _value(value: object) -> FieldValue:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a field of kind {type(value).__name__}")


def _entry(line: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        at=read_instant(line["at"]),
        actor=str(line["actor"]),
        kind=_KINDS[line["kind"]],
        field=line.get("field"),
        old=_value(line.get("old")),
        new=_value(line.get("new")),
        text=line.get("text"),
        version=str(line["version"]),
    )


def _hint(body: bytes) -> Hint:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadHook("the webhook is not JSON: check that nothing on the way rewrites it") from None
    ref = found.get("ticket") if isinstance(found, dict) else None
    if not isinstance(ref, str) or not _can_be(ref):
        raise BadHook("the webhook names no ticket: its JSON must be an object with ticket, like T-1000")
    at = found.get("at")
    try:
        return Hint(ref, None if at is None else read_instant(at))
    except (ValueError, TypeError):
        raise BadHook(
            "the webhook's time cannot be read: at must be like 2026-03-02T09:00:00Z, or be left out"
        ) from None
