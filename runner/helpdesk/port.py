"""The port through which everything else speaks to a helpdesk, and the values that cross it.

A helpdesk is not to be believed: hints are never facts, a status is never proof, and an answer that did not come is
`Unknown`, not a failure. This module holds no logic and does no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

__all__ = [
    "Applied",
    "BadHook",
    "Check",
    "Conflict",
    "CursorLost",
    "Denied",
    "FieldValue",
    "Fields",
    "Gone",
    "Helpdesk",
    "HelpdeskDenied",
    "HelpdeskError",
    "HelpdeskUnavailable",
    "Hint",
    "HistoryEntry",
    "HistoryKind",
    "NoChange",
    "Outcome",
    "Page",
    "Partial",
    "Rejected",
    "Report",
    "Throttled",
    "Ticket",
    "Unknown",
]

FieldValue: TypeAlias = str | int | float | bool | tuple[str, ...] | None
Fields: TypeAlias = Mapping[str, FieldValue]
HistoryKind: TypeAlias = Literal["created", "field", "comment", "deleted"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One reading of a ticket.

    `version` is opaque and only ever compared for equality. A field without a value is left out of `fields`.
    Both times are aware UTC instants on the helpdesk's contract clock. `url` is for people. `merged_into` is the ticket
    of which this one has become part, None while it stands for itself.
    """

    ref: str
    version: str
    created_at: datetime
    updated_at: datetime
    fields: Fields
    url: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The ticket was deleted, never existed or is out of our sight; helpdesks do not tell these apart."""

    ref: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have happened to a ticket: read it again. `at` is when, or None when the helpdesk did not say."""

    ref: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the change feed, oldest first. `cursor` continues after it; `more` asks to go on at once."""

    hints: tuple[Hint, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened to a ticket.

    `field`, `old` and `new` are set for kind `field`, `text` for kind `comment`. `version` is the version of the ticket
    that this entry brought about, or None where the helpdesk does not tell.
    """

    at: datetime
    actor: str
    kind: HistoryKind
    field: str | None = None
    old: FieldValue = None
    new: FieldValue = None
    text: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One question of a self-test and its answer; `detail` says what to do when it is not ok."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a self-test.

    `actor` is whom the helpdesk takes us for, `helpdesk_now` what its contract clock shows; None when it would not say.
    """

    actor: str | None
    helpdesk_now: datetime | None
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed; false when there was none."""
        return bool(self.checks) and all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class Applied:
    """The write took effect and reading back agrees. `version` is the version that this write brought about."""

    ref: str
    version: str


@dataclass(frozen=True, slots=True)
class NoChange:
    """The ticket already was as wanted; `version` is the version at which it was."""

    ref: str
    version: str


@dataclass(frozen=True, slots=True)
class Partial:
    """The helpdesk said yes, reading back says otherwise: some fields were not taken, or were stored differently."""

    ref: str
    version: str
    applied: tuple[str, ...]
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: the ticket has moved on from the expected version to `version`."""

    ref: str
    version: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was written, and sending the same again would not help. `reason` is a sentence for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing was written: our identity may not do this. `reason` is a sentence for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nothing was written; ask again after this many seconds of machine time."""

    retry_after_seconds: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """The write was sent and nobody knows whether it took effect: `find_by_key` before anything is sent again."""

    reason: str


Outcome: TypeAlias = Applied | NoChange | Partial | Conflict | Rejected | Denied | Gone | Throttled | Unknown


class HelpdeskError(Exception):
    """A helpdesk could not be asked. Nothing was written."""


class HelpdeskUnavailable(HelpdeskError):
    """Transient: no connection, no answer in time, or too busy. `retry_after_seconds` is None when it did not say."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class HelpdeskDenied(HelpdeskError):
    """Permanent until someone acts: the helpdesk refuses our identity or our question."""


class CursorLost(HelpdeskError):
    """The change feed does not know this cursor any more: start again with None and compare every open case."""


class BadHook(ValueError):
    """A webhook that must not be believed; the message says why and what to do. It holds no secret."""


class Helpdesk(Protocol):
    """What a runner needs from a helpdesk. Synchronous; one adapter is shared by many threads.

    Reads raise `HelpdeskUnavailable` on transient trouble and `HelpdeskDenied` when the helpdesk refuses us.

    Writes are idempotent by `key` (1 to 200 printable characters, one key for one write, for ever): the same write with
    the same key has one effect and one outcome. A write raises `HelpdeskUnavailable` only if it was never sent; once
    it may have been, the answer is an `Outcome`. Every write is read back and compared field by field before it is
    called `Applied`. Writing a field as None clears it.
    """

    def selftest(self) -> Report:
        """Ask who we are and whether filters with impossible values find nothing; to be run before any other call."""
        ...

    def get(self, ref: str) -> Ticket | Gone:
        """Read one ticket."""
        ...

    def changes(self, cursor: str | None, limit: int) -> Page:
        """Hints of what changed after `cursor` (None: since the beginning), at least once each, deletions included.

        `limit` is 1 to 1,000 hints; a page may be shorter although there is more. Raises `CursorLost`.
        """
        ...

    def parse_hook(self, headers: Mapping[str, str], body: bytes) -> tuple[Hint, ...]:
        """Check the signature of a webhook's exact bytes and return its hints; raises `BadHook`."""
        ...

    def history(self, ref: str, limit: int) -> tuple[HistoryEntry, ...]:
        """The newest `limit` (1 to 1,000) entries, newest last; empty when the ticket is not known."""
        ...

    def find_by_key(self, key: str) -> tuple[str, ...]:
        """The tickets on which a write with this key took effect, whatever kind of write it was."""
        ...

    def create(self, fields: Fields, key: str) -> Outcome:
        """Create a ticket."""
        ...

    def set_fields(self, ref: str, fields: Fields, key: str, expect: str | None = None) -> Outcome:
        """Set these fields and leave the others; with `expect` only if the ticket still has that version."""
        ...

    def note(self, ref: str, text: str, key: str, *, public: bool = False) -> Outcome:
        """Add a comment, by default one that the requester does not see."""
        ...
