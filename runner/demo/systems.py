"""The other systems that runbooks act in, played: customer database, publishing, rooms, feed of changes, logs.

They do what named actions ask, once for each idempotency key, check signatures, and fail as a script says. For the demo
and for tests; nothing of a real system is known here.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runner.channels.actions import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature

__all__ = ["ACTION_VARIABLES", "Asked", "Item", "Refusal", "Systems"]

ACTION_VARIABLES: Final = (
    "SURETY_ROOMS_WEBHOOK",
    "SURETY_CHANGES_WEBHOOK",
    "SURETY_CRM_WEBHOOK",
    "SURETY_PUBLISHING_WEBHOOK",
)
"""Where the shipped actions find their systems; `SURETY_ACTIONS_SECRET` holds the key."""
_LONGEST_WAIT = 60.0


class Refusal(Exception):
    """The system does not do it; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: `repeated` if its key had come before."""

    action: str
    inputs: Mapping[str, Any]
    key: str
    repeated: bool


@dataclass(slots=True)
class Item:
    """A published item: its versions with their contents, oldest first, and which one is out."""

    versions: dict[str, str]
    published: str
    locked: bool = False

    @property
    def hash(self) -> str:
        """That of the version that is out."""
        return self.hash_of(self.published)

    def hash_of(self, version: str) -> str:
        """The SHA-256 of a version, in hex."""
        return hashlib.sha256(self.versions[version].encode()).hexdigest()


@dataclass(slots=True)
class _Script:
    """How the next requests of an action go."""

    statuses: list[int] = field(default_factory=list)
    unchanged: int = 0
    lost: int = 0


class Systems:
    """All of them behind one address; thread-safe. What they hold may be set and looked at."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret
        self.items: dict[str, Item] = {}
        self.leads: dict[str, str] = {}
        self.rooms: dict[str, bool] = {}
        """By id, whether it is open."""
        self.changes: list[dict[str, Any] | str] = []
        self.sync_logs: list[dict[str, Any] | str] = []
        self.publishing_logs: list[dict[str, Any] | str] = []
        self.asked: list[Asked] = []
        self._answered: dict[str, dict[str, Any]] = {}
        self._scripts: dict[str, _Script] = {}
        self._lock = threading.Lock()
        self._held = threading.Event()
        self._held.set()

    def fail(self, action: str, *statuses: int) -> None:
        """The next requests of an action are answered so, and nothing is done."""
        self._script(action).statuses += statuses

    def leave_unchanged(self, action: str, times: int = 1) -> None:
        """The next requests of an action are answered well, and nothing is done."""
        self._script(action).unchanged += times

    def lose_answers(self, action: str, times: int = 1) -> None:
        """The next requests of an action are done, and their answers get lost on the way."""
        self._script(action).lost += times

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self._held.clear()

    def release(self) -> None:
        """Answer again."""
        self._held.set()

    def done(self, action: str) -> list[Mapping[str, Any]]:
        """The inputs of each request of an action, those that came again left out."""
        return [each.inputs for each in self.asked if each.action == action and not each.repeated]

    def publish(self, item: str, version: str) -> int:
        """What somebody there tries: the status, 423 while the item is locked."""
        with self._lock:
            if self.items[item].locked:
                return 423
            self.items[item].published = version
            return 200

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and answer to a request; 504 stands for an answer that got lost."""
        self._held.wait(_LONGEST_WAIT)
        if self.secret:
            wanted = signature(self.secret, headers.get(TIMESTAMP_HEADER, ""), body)
            if headers.get(SIGNATURE_HEADER) != wanted:
                return 401, {}
        try:
            said = json.loads(body)
            action, inputs, key = str(said["action"]), dict(said["inputs"]), str(said["key"])
        except (ValueError, KeyError, TypeError):
            return 400, {}
        with self._lock:
            return self._answer(action, inputs, key)

    def _answer(self, action: str, inputs: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        script = self._script(action)
        self.asked.append(Asked(action, inputs, key, key in self._answered))
        if script.statuses:
            return script.statuses.pop(0), {}
        if key not in self._answered:
            if script.unchanged:
                script.unchanged -= 1
                return 200, {}
            try:
                self._answered[key] = _DEEDS[action](self, inputs)
            except KeyError:
                return 404, {}
            except Refusal as refused:
                return refused.status, {}
        if script.lost:
            script.lost -= 1
            return 504, {}
        return 200, self._answered[key]

    def _script(self, action: str) -> _Script:
        return self._scripts.setdefault(action, _Script())


def _open_room(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    room = str(inputs.get("room") or f"R-{len(systems.rooms) + 1}")
    systems.rooms[room] = True
    return {"room": room, "name": inputs.get("name", "")}


def _close_room(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    if not systems.rooms[inputs["room"]]:
        raise Refusal(409)
    systems.rooms[inputs["room"]] = False
    return {}


def _lock(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    item = systems.items[inputs["item"]]
    item.locked = True
    return {"version": item.published, "hash": item.hash}


def _unlock(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    item = systems.items[inputs["item"]]
    item.locked = False
    return {"version": item.published, "hash": item.hash}


def _read_publication(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    item = systems.items[inputs["item"]]
    names = list(item.versions)
    position = names.index(item.published)
    before = names[position - 1] if position else None
    said = {"version": item.published, "hash": item.hash, "before": before, "locked": item.locked}
    return said if before is None else {**said, "before_hash": item.hash_of(before)}


def _roll_back(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    before = _read_publication(systems, inputs)
    if before["before"] is None:
        raise Refusal(409)
    item = systems.items[inputs["item"]]
    item.published = before["before"]
    return {"version": item.published, "hash": item.hash, "before": before["version"]}


def _publish_version(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    item = systems.items[inputs["item"]]
    if inputs["before"] not in item.versions:
        raise Refusal(404)
    before, item.published = item.published, inputs["before"]
    return {"version": item.published, "hash": item.hash, "before": before}


def _publish(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    if systems.items[inputs["item"]].locked:
        raise Refusal(423)
    return _publish_version(systems, {**inputs, "before": inputs["version"]})


def _move_lead(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    before = systems.leads[inputs["lead"]]
    systems.leads[inputs["lead"]] = inputs["queue"]
    return {"before": before, "queue": inputs["queue"]}


def _restore_lead(systems: Systems, inputs: dict[str, Any]) -> dict[str, Any]:
    return _move_lead(systems, {**inputs, "queue": inputs["before"]})


_DEEDS: Final[Mapping[str, Callable[[Systems, dict[str, Any]], dict[str, Any]]]] = {
    "open_room": _open_room,
    "close_room": _close_room,
    "read_changes": lambda systems, inputs: {"entries": systems.changes[-int(inputs.get("last", 50)) :]},
    "read_sync_logs": lambda systems, inputs: {"entries": systems.sync_logs[-int(inputs.get("last", 50)) :]},
    "move_lead": _move_lead,
    "restore_lead": _restore_lead,
    "lock_publishing": _lock,
    "unlock_publishing": _unlock,
    "read_publishing_logs": lambda systems, inputs: {
        "entries": systems.publishing_logs[-int(inputs.get("last", 50)) :]
    },
    "read_publication": _read_publication,
    "roll_back_publication": _roll_back,
    "publish_version": _publish_version,
    "publish": _publish,
}
