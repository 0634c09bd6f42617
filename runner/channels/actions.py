"""Named actions in other systems: one signed request each, and what the answer means. Never tries again by itself.

No address, key or answer stands in any message: other systems put secrets into all three.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx

from runner.channels.senders import is_web_address
from runner.contract.contract import Contract
from runner.contract.policies import Actions, NamedAction

__all__ = [
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "ActionError",
    "ActionSender",
    "Call",
    "scalars",
    "signature",
    "unset_action_variables",
]

TIMESTAMP_HEADER: Final = "Surety-Timestamp"
SIGNATURE_HEADER: Final = "Surety-Signature"
_ANSWER_AT_MOST: Final = 1 << 20  # bytes; more is no answer to one request
_KEYS_AT_MOST: Final = 20
_BYTES_AT_MOST: Final = 256
"""What of an answer goes into the record: twenty short values, as many as any message could use."""
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RESERVED: Final = frozenset(("ticket", "task", "assignee", "branch", "consistent", "differs", "snapshot"))
"""Results that mean something to the engine; another system has no say in them."""
_LATER: Final = frozenset((408, 425, 429))
_DOUBTFUL: Final = frozenset((502, 504))  # something between lost the answer
_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Call:
    """What the other system is told: the action, its inputs, for which escalation and ticket, under which key."""

    action: str
    inputs: Mapping[str, Any]
    escalation: str
    ticket: str
    key: str


class ActionError(Exception):
    """An action was not carried out. `permanent`: asking again is in vain; `unknown`: it may have been, after all."""

    def __init__(
        self, message: str, *, permanent: bool = False, unknown: bool = False, after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.after_seconds = after_seconds


class ActionSender:
    """Carries out actions. `environment` holds addresses and keys by the names that the policy gives; thread-safe.

    Each request has an `Idempotency-Key`, the machine time in seconds as `Surety-Timestamp`, and, where the action
    names a key, `Surety-Signature`: `sha256=` and the HMAC-SHA256 of the timestamp, a dot and the exact body, in hex.
    """

    def __init__(self, environment: Mapping[str, str], machine_seconds: Callable[[], float]) -> None:
        self._environment = environment
        self._machine_seconds = machine_seconds
        self._client = httpx.Client(trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def send(self, action: NamedAction, call: Call) -> dict[str, Any]:
        """Carry it out; the JSON object of the answer, empty if there is none. Raises ActionError."""
        url = self._address(action, call.action)
        body = json.dumps(asdict(call), ensure_ascii=False, sort_keys=True).encode()
        timestamp = str(int(self._machine_seconds()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": call.key,
            TIMESTAMP_HEADER: timestamp,
        }
        if action.secret_env is not None:
            headers[SIGNATURE_HEADER] = signature(self._secret(action.secret_env, call.action), timestamp, body)
        try:
            with self._client.stream("POST", url, content=body, headers=headers, timeout=action.timeout) as answer:
                _judge(call.action, answer)
                return _read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ActionError(f"{call.action} cannot be reached ({type(error).__name__})") from None
        except httpx.HTTPError:
            message = f"{call.action} was not answered within {action.timeout} s: nobody knows whether it was done"
            raise ActionError(message, unknown=True) from None

    def _address(self, action: NamedAction, name: str) -> str:
        url = self._environment.get(action.url_env, "")
        if not url:
            raise ActionError(f"the action {name} has no address: set {action.url_env}", permanent=True)
        if not is_web_address(url):
            raise ActionError(f"the action {name} has no web address: look at {action.url_env}", permanent=True)
        return url

    def _secret(self, variable: str, name: str) -> str:
        secret = self._environment.get(variable, "")
        if not secret:
            raise ActionError(f"the action {name} cannot be signed: set {variable}", permanent=True)
        return secret


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header for these exact bytes sent at this time."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _judge(name: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if answer.is_success:
        return
    try:
        said = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        said = str(status)
    if answer.is_server_error:
        raise ActionError(f"{name} failed there: {said}", unknown=status in _DOUBTFUL)
    if status in _LATER:
        after = answer.headers.get("Retry-After", "")
        raise ActionError(f"{name} is put off: {said}", after_seconds=float(after) if after.isdecimal() else None)
    raise ActionError(f"{name} was refused: {said}", permanent=True)


def _read(answer: httpx.Response) -> dict[str, Any]:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > _ANSWER_AT_MOST:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def scalars(answer: Mapping[str, Any]) -> dict[str, str | int | float | bool | None]:
    """What of an answer is a result: up to twenty plain values under plain names, texts of at most 256 bytes."""
    found = {name: value for name, value in answer.items() if _KEY.fullmatch(name) and name not in _RESERVED}
    return dict([(name, value) for name, value in found.items() if _is_small(value)][:_KEYS_AT_MOST])


def _is_small(value: object) -> bool:
    match value:
        case str():
            return len(value.encode(errors="replace")) <= _BYTES_AT_MOST and value.isprintable()
        case float():
            return math.isfinite(value)
        case bool() | None:
            return True
        case int():
            return abs(value) <= _EXACT
        case _:
            return False


def unset_action_variables(
    actions: Actions | None, contracts: Iterable[Contract], environment: Mapping[str, str]
) -> dict[str, str]:
    """The actions that contracts use and that cannot be carried out, with the variable that is not set."""
    declared = actions.actions if actions is not None else {}
    used = {name for contract in contracts for name in _used(contract)}
    missing: dict[str, str] = {}
    for name in sorted(used & declared.keys()):
        for variable in (declared[name].url_env, declared[name].secret_env):
            if variable is not None and not environment.get(variable):
                missing.setdefault(name, variable)
    return missing


def _used(contract: Contract) -> Iterable[str]:
    for steps in contract.runbook.values():
        for step in steps:
            yield from (str(name) for name in (step.args.get("action"), step.args.get("source"), step.undo_by) if name)
