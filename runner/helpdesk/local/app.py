"""The HTTP interface of the local helpdesk: JSON in, JSON out, strict about everything it is sent.

It checks who asks and what is asked, and hands over to the store in a worker thread. Every refusal is
`{"error": sentence}`; no message holds a token.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runner.clock import Clocks
from runner.helpdesk.local import api
from runner.helpdesk.local.api import Answer, Call, Desk, RefusedError
from runner.helpdesk.local.pages import Pages
from runner.helpdesk.local.storage import KeyReusedError, NoTicketError, VersionError
from runner.helpdesk.local.values import BadJsonError, BadValueError, read_object

__all__ = ["BODY_AT_MOST", "CONTROL_HEADER", "make_app"]

BODY_AT_MOST = 1024 * 1024
CONTROL_HEADER = "X-Control-Token"

_DRAINED_AT_MOST = 16 * BODY_AT_MOST  # read and thrown away, so that a client that is still sending sees our answer

_log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Door:
    """One line of the interface: what may be asked, with which parameters and keys, and who answers."""

    method: str
    path: str
    handler: Callable[[Desk, Call], Answer]
    query: frozenset[str] = frozenset()
    body: frozenset[str] | None = None
    required: frozenset[str] = frozenset()
    control: bool = False


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


_DOORS = (
    _Door("POST", "/tickets", api.create_ticket, body=_names("fields", "key", "created_at"), required=_names("fields")),
    _Door("GET", "/tickets", api.list_tickets, query=_names("updated_after", "cursor", "limit", "key")),
    _Door("GET", "/tickets/{id}", api.get_ticket),
    _Door(
        "PATCH", "/tickets/{id}", api.change_ticket, body=_names("fields", "key", "expect"), required=_names("fields")
    ),
    _Door("DELETE", "/tickets/{id}", api.delete_ticket),
    _Door("POST", "/tickets/{id}/merge", api.merge_ticket, body=_names("into", "key"), required=_names("into")),
    _Door(
        "POST",
        "/tickets/{id}/comments",
        api.add_comment,
        body=_names("text", "public", "key"),
        required=_names("text", "public"),
    ),
    _Door("GET", "/tickets/{id}/history", api.get_history, query=_names("limit")),
    _Door("GET", "/whoami", api.who_am_i),
    _Door("PUT", "/subscriptions", api.subscribe, body=_names("url"), required=_names("url")),
    _Door("DELETE", "/subscriptions", api.unsubscribe, query=_names("url")),
    _Door("PUT", "/clock", api.set_clock, body=_names("now"), required=_names("now"), control=True),
    _Door("GET", "/pending", api.get_pending, control=True),
)


def make_app(desk: Desk, clocks: Clocks, tokens: Mapping[str, str], control_token: str | None) -> Starlette:
    """The application. `tokens` maps a token to its actor; without `control_token` there is no stepping of time."""
    pages = Pages(desk.storage, clocks, lambda token: _holder(tokens, token))
    routes = [Route("/healthz", _healthz, methods=["GET"])]
    for door in _DOORS:
        if door.control and control_token is None:
            continue
        keys = {control_token: "control"} if door.control and control_token is not None else tokens
        endpoint = _endpoint(desk, door, keys)
        if door.path == "/tickets/{id}" and door.method == "GET":
            endpoint = _page_or(pages.ticket, endpoint)
        routes.append(Route(door.path, endpoint, methods=[door.method]))
    routes.extend(pages.routes())
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_door})
    app.router.redirect_slashes = False  # a wrong path is an error, not a hint at another one
    return app


def _endpoint(desk: Desk, door: _Door, tokens: Mapping[str, str]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            actor = _actor(request, tokens, control=door.control)
            query = _query(request, door)
            body = await _body(request, door)
            call = Call(actor, request.path_params.get("id", ""), query, body)
            answer = await run_in_threadpool(door.handler, desk, call)
        except RefusedError as refused:
            return JSONResponse({"error": str(refused), **refused.more}, refused.status, dict(refused.headers))
        except NoTicketError:
            return _refusal(404, "there is no such ticket, or not any more")
        except VersionError as conflict:
            return JSONResponse({"error": str(conflict), "version": conflict.version}, 409)
        except (BadValueError, KeyReusedError) as bad:
            return _refusal(422, str(bad))
        except BadJsonError as bad:
            return _refusal(400, str(bad))
        except ClientDisconnect:
            return _refusal(400, "the body did not arrive in full")
        except Exception:  # noqa: BLE001 - whatever it was, the caller must learn that the outcome is unknown
            _log.exception("%s %s failed", request.method, request.url.path)
            return _refusal(500, "the helpdesk failed and its log says why; look whether anything was written")
        return JSONResponse(answer.body, answer.status, dict(answer.headers))

    return endpoint


def _actor(request: Request, tokens: Mapping[str, str], *, control: bool) -> str:
    if control:
        given, how = request.headers.get(CONTROL_HEADER, ""), f"send the control token in the header {CONTROL_HEADER}"
    else:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        given, how = given.strip() if scheme.lower() == "bearer" else "", "send the header Authorization: Bearer TOKEN"
    if not given:
        raise RefusedError(401, f"this needs a token: {how}", headers={"WWW-Authenticate": "Bearer"})
    actor = _holder(tokens, given)
    if actor is None:
        sentence = "this token is not known here: check it against those that the helpdesk was started with"
        raise RefusedError(401, sentence, headers={"WWW-Authenticate": "Bearer"})
    return actor


def _holder(tokens: Mapping[str, str], given: str) -> str | None:
    """The actor of a token; takes equally long whichever token is nearly right."""
    found = None
    for token, actor in tokens.items():
        if hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape")):
            found = actor
    return found


def _query(request: Request, door: _Door) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in door.query:
            allowed = ", ".join(sorted(door.query)) or "none"
            raise RefusedError(400, f"unknown query parameter {name[:64]!r}: allowed here: {allowed}")
        if name in found:
            raise RefusedError(400, f"the query parameter {name!r} stands twice: send it once")
        found[name] = value
    return found


async def _body(request: Request, door: _Door) -> dict[str, Any]:
    data = await _read(request)
    if door.body is None:
        if data.strip():
            raise RefusedError(400, f"{door.method} {door.path} takes no body")
        return {}
    found = read_object(data)
    for name in found:
        if name not in door.body:
            raise RefusedError(400, f"unknown key {name[:64]!r}: allowed here: {', '.join(sorted(door.body))}")
    for name in sorted(door.required):
        if name not in found:
            raise RefusedError(400, f"the key {name!r} is missing")
    return found


async def _read(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= BODY_AT_MOST:
            parts.append(part)
        elif size > _DRAINED_AT_MOST:
            break
    if size > BODY_AT_MOST:
        raise RefusedError(413, f"the body is too large: at most {BODY_AT_MOST} bytes")
    return b"".join(parts)


def _page_or(page: Endpoint, endpoint: Endpoint) -> Endpoint:
    async def either(request: Request) -> Response:
        by_hand = "text/html" in request.headers.get("Accept", "") and "Authorization" not in request.headers
        return await (page if by_hand else endpoint)(request)

    return either


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _refusal(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, dict(headers or {}))


async def _no_such_door(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _refusal(error.status_code, f"{request.method} is not allowed on this path", error.headers)
    return _refusal(404, "there is nothing at this path")
