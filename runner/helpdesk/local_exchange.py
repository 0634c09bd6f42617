"""One HTTP exchange with the local helpdesk, and what its end means: for a read, for a write that was or was not sent.

It never repeats a request: whether to send again is for whoever holds the idempotency key.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from runner.helpdesk.port import (
    Conflict,
    CursorLost,
    Denied,
    Gone,
    HelpdeskDenied,
    HelpdeskError,
    HelpdeskUnavailable,
    Outcome,
    Rejected,
    Throttled,
    Unknown,
)

__all__ = ["Exchange", "understood"]

_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_WRITTEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_KEEP_ALIVE_SECONDS = 5.0  # shorter than the server's, so that we never write into a connection that it closes
_RETRY_AFTER_DEFAULT_SECONDS = 5.0  # for a 429 that does not give a number
_RETRY_AFTER_MOST_SECONDS = 3600.0


@contextmanager
def understood() -> Iterator[None]:
    """Turn a failure to make sense of an answer into a `HelpdeskError`."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HelpdeskError(
            f"the helpdesk's answer cannot be understood ({error!r}): is its version the same?"
        ) from None


class Exchange:
    """Sends requests below `url`; thread-safe. `timeout_seconds` bounds each wait for the network."""

    def __init__(self, url: str, token: str, timeout_seconds: float) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout_seconds,
            limits=httpx.Limits(max_connections=100, keepalive_expiry=_KEEP_ALIVE_SECONDS),
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """The object at `path`, None when there is none. Raises `HelpdeskError` and its kinds."""
        try:
            response = self._client.get(path, params=query)
        except httpx.HTTPError as error:
            raise HelpdeskUnavailable(f"the helpdesk could not be asked: {_told(error)}") from None
        status = response.status_code
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status in _REFUSED:
            raise HelpdeskDenied(f"the helpdesk refuses us: {_sentence(response)}")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise HelpdeskUnavailable("the helpdesk asks us to wait", _retry_after_seconds(response))
        if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise HelpdeskUnavailable(f"the helpdesk answered {status}: {_sentence(response)}")
        if status == HTTPStatus.GONE:
            raise CursorLost(_sentence(response))
        if status != HTTPStatus.OK:
            raise HelpdeskError(f"the helpdesk answered {status}: {_sentence(response)}")
        found = _object(response)
        if found is None:
            raise HelpdeskError("the helpdesk's answer is not a JSON object: is this the address of the helpdesk?")
        return found

    def write(
        self, method: str, path: str, body: Mapping[str, Any], ref: str | None = None
    ) -> dict[str, Any] | Outcome:
        """What the helpdesk says it wrote, or the outcome when it did not. `ref` is the ticket, None for a new one.

        Raises `HelpdeskUnavailable` if the request was certainly not sent.
        """
        try:
            content = json.dumps(body, allow_nan=False).encode()
        except ValueError:
            return Rejected("a field holds a number that is not finite, which JSON cannot carry")
        try:
            response = self._client.request(method, path, content=content, headers={"Content-Type": "application/json"})
        except _NEVER_SENT as error:
            raise HelpdeskUnavailable(f"the helpdesk could not be reached: {_told(error)}") from None
        except httpx.HTTPError as error:
            return Unknown(f"no answer came: {_told(error)}")
        if response.status_code in _WRITTEN:
            return _object(response) or Unknown("the answer is not a JSON object: is this the address of the helpdesk?")
        return _not_written(response, ref)


def _not_written(response: httpx.Response, ref: str | None) -> Outcome:
    status = response.status_code
    if status in _REFUSED:
        return Denied(_sentence(response))
    if status == HTTPStatus.NOT_FOUND and ref is not None:
        return Gone(ref)
    if status == HTTPStatus.CONFLICT and ref is not None:
        return Conflict(ref, str((_object(response) or {}).get("version", "")))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(_retry_after_seconds(response))
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unknown(f"the helpdesk answered {status}: {_sentence(response)}")
    return Rejected(f"the helpdesk answered {status}: {_sentence(response)}")


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _sentence(response: httpx.Response) -> str:
    """What the helpdesk gives as the reason; never more than a line or two, and nothing of what we sent."""
    found = (_object(response) or {}).get("error")
    return str(found)[:500] if found else "it gave no reason; check the address of the helpdesk"


def _told(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__} {error}".strip()


def _retry_after_seconds(response: httpx.Response) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return _RETRY_AFTER_DEFAULT_SECONDS
    if not math.isfinite(seconds) or seconds < 0:
        return _RETRY_AFTER_DEFAULT_SECONDS
    return min(seconds, _RETRY_AFTER_MOST_SECONDS)
