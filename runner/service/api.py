"""The HTTP API: owners act, machines report, operators look. No write without a token, no traceback for any input."""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runner.clock import ClockWentBackError
from runner.contract.diagnostic import printable
from runner.contract.values import format_instant, parse_instant
from runner.engine.kpis import DIMENSIONS
from runner.engine.overlay import OverlayReason, OverlayRefused
from runner.engine.reasons import CommandRejected
from runner.helpdesk.port import BadHook, HelpdeskError
from runner.service.body import within_reach
from runner.service.decider import UnknownEscalation
from runner.service.overlaid import NotTheirs
from runner.service.people import Desk, KeyReused, NotAllowed
from runner.service.requests import BODIES, misfits
from runner.service.roster_desk import AbsenceBody, EndBody, RosterBody, RosterDesk, SwapBody
from runner.service.tokens import TokenError, person_of
from runner.service.writer import WriterStopped
from runner.store.port import StoreError

__all__ = ["Api", "Readiness", "make_app"]

_log = logging.getLogger(__name__)
_MAX_BODY = 1 << 20
_DRAINED_AT_MOST = 16 * _MAX_BODY  # read and thrown away, so that a client that is still sending sees our answer
_PAGE = 500
_WEEK = timedelta(days=7)
"""How far key figures look back unless asked otherwise."""


class _HttpError(Exception):
    def __init__(self, status: int, error: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.error, self.detail = status, error, detail


@dataclass(frozen=True, slots=True)
class Readiness:
    """What keeps the service from being ready, by part, empty when it is; and what else somebody should see to."""

    reasons: Mapping[str, str]
    notices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Api:
    """What the routes need. `secret` signs people's tokens; `control_token` guards `step`, both None in real time."""

    desk: Desk
    roster: RosterDesk
    secret: str
    control_token: str | None
    ready: Callable[[], Readiness]
    metrics_text: Callable[[], bytes]
    pending: Callable[[float], Mapping[str, Any]]
    """What waits to be done; waits so many seconds for nothing to."""
    wake: Callable[[], None]
    step: Callable[[datetime, bool], datetime] | None = None
    """Moves contract time and says what it is then. With True deadlines are withheld until the next move, so that what
    people do at an instant comes before what falls due at it. Raises ClockWentBackError."""


def make_app(api: Api) -> Starlette:
    """The application."""
    routes = [
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/readyz", _plainly(api, _readyz), methods=["GET"]),
        Route("/metrics", _plainly(api, _metrics), methods=["GET"]),
        Route("/hooks/helpdesk", _with_body(api, _hook), methods=["POST"]),
        Route("/api/cases/{ticket}", _with_body(api, _case), methods=["GET"]),
        Route("/api/kpis", _with_body(api, _kpis), methods=["GET"]),
        Route("/api/roster", _with_body(api, _roster), methods=["GET"]),
        Route("/api/absences", _with_body(api, _enter(AbsenceBody)), methods=["POST"]),
        Route("/api/swaps", _with_body(api, _enter(SwapBody)), methods=["POST"]),
        Route("/api/absences/{number:int}/end", _with_body(api, _enter(EndBody)), methods=["POST"]),
        Route("/api/swaps/{number:int}/end", _with_body(api, _enter(EndBody)), methods=["POST"]),
        Route("/api/escalations", _with_body(api, _list), methods=["GET"]),
        Route("/api/escalations/{escalation}", _with_body(api, _show), methods=["GET"]),
        Route("/api/escalations/{escalation}/checklist", _with_body(api, _checklist), methods=["GET"]),
        Route("/api/escalations/{escalation}/{action}", _with_body(api, _act), methods=["POST"]),
    ]
    if api.control_token is not None and api.step is not None:
        routes += [
            Route("/clock", _with_body(api, _clock), methods=["PUT"]),
            Route("/pending", _with_body(api, _pending), methods=["GET"]),
        ]
    return Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_found})


Handler = Callable[[Api, Request, bytes], Response]


def _with_body(api: Api, handler: Handler) -> Callable[[Request], Any]:
    """The body read within its limit, the handler on a thread, and every error as JSON with a sentence."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request)
            return await run_in_threadpool(handler, api, request, body)
        except _HttpError as error:
            return _said(error.status, error.error, error.detail)
        except TokenError as error:
            return _said(401, "unauthorized", str(error), {"WWW-Authenticate": "Bearer"})
        except (NotAllowed, NotTheirs) as error:
            return _said(403, "not_allowed", str(error))
        except UnknownEscalation:
            return _said(404, "unknown_escalation", "there is no such escalation; see GET /api/escalations")
        except HelpdeskError as error:
            return _said(503, "helpdesk_unavailable", f"{error}; try again")
        except StoreError as error:
            return _said(503, "store_unavailable", error.message)
        except WriterStopped:
            return _said(503, "stopping", "the runner is being stopped; try again")
        except ClientDisconnect:
            return _said(400, "bad_request", "the body did not arrive in full")
        except Exception:  # noqa: BLE001 - whatever it was, the caller must learn that nobody knows the outcome
            _log.exception("%s %s failed", request.method, request.url.path)
            detail = "the runner failed and its log says why; look at the escalation before you try again"
            return _said(500, "failed", detail)

    return endpoint


def _said(status: int, error: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """What went wrong. A detail may quote what came in, which may hold what cannot be sent."""
    return JSONResponse({"error": error, "detail": printable(detail)}, status, dict(headers or {}))


def _plainly(api: Api, handler: Callable[[Api], Response]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        del request
        return await run_in_threadpool(handler, api)

    return endpoint


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= _MAX_BODY:
            parts.append(part)
        elif size > _DRAINED_AT_MOST:
            break
    if size > _MAX_BODY:
        raise _HttpError(413, "too_large", f"a body has at most {_MAX_BODY} bytes")
    return b"".join(parts)


async def _healthz(request: Request) -> Response:
    del request
    return JSONResponse({"ok": True})


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    detail = f"there is no {request.method} {request.url.path}; see GET /api/escalations"
    return _said(status, "not_found", detail)


def _readyz(api: Api) -> Response:
    found = api.ready()
    answer = {"ready": not found.reasons, "reasons": dict(found.reasons), "notices": dict(found.notices)}
    return JSONResponse(answer, 503 if found.reasons else 200)


def _metrics(api: Api) -> Response:
    return Response(api.metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _hook(api: Api, request: Request, body: bytes) -> Response:
    try:
        count = api.desk.hook(dict(request.headers), body)
    except BadHook as error:
        raise _HttpError(400, "bad_webhook", str(error)) from None
    return JSONResponse({"tickets": count}, 202)


def _person(api: Api, request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenError("send your token as  Authorization: Bearer …")
    person = person_of(api.secret, token.strip(), api.desk.clocks.machine_seconds())
    api.desk.known(person)
    return person


def _list(api: Api, request: Request, body: bytes) -> Response:
    del body
    person = _person(api, request)
    query = request.query_params
    unknown = sorted(set(query) - {"mine", "open", "after", "limit"})
    if unknown:
        raise _HttpError(400, "unknown_parameter", f"{', '.join(unknown)}; known: mine, open, after, limit")
    limit = query.get("limit", "100")
    if not re.fullmatch("[0-9]{1,9}", limit) or not 1 <= int(limit) <= _PAGE:
        raise _HttpError(400, "bad_parameter", f"limit is a number from 1 to {_PAGE}")
    mine, only_open = _switch(query, "mine", "false"), _switch(query, "open", "true")
    return JSONResponse(api.desk.list(person if mine else None, only_open, query.get("after", ""), int(limit)))


def _kpis(api: Api, request: Request, body: bytes) -> Response:
    del body
    _person(api, request)
    query = request.query_params
    unknown = sorted(set(query) - {"by", "since", "until"})
    if unknown:
        raise _HttpError(400, "unknown_parameter", f"{', '.join(unknown)}; known: by, since, until")
    by = next((each for each in DIMENSIONS if each == query.get("by", "template")), None)
    if by is None:
        raise _HttpError(400, "bad_parameter", f"by is one of {', '.join(DIMENSIONS)}")
    until = _instant(query, "until", api.desk.clocks.now() + timedelta(microseconds=1))
    since = _instant(query, "since", until - _WEEK)
    return JSONResponse(api.desk.kpis(since, until, by))


def _instant(query: Mapping[str, str], name: str, default: datetime) -> datetime:
    try:
        return within_reach(parse_instant(query[name])) if name in query else default
    except ValueError:
        said = f"{name} is an instant such as 2026-03-03T09:00:00Z, in the years 2000 to 2199"
        raise _HttpError(400, "bad_parameter", said) from None


def _switch(query: Mapping[str, str], name: str, default: str) -> bool:
    given = query.get(name, default)
    if given not in ("true", "false"):
        raise _HttpError(400, "bad_parameter", f"{name} is true or false")
    return given == "true"


def _show(api: Api, request: Request, body: bytes) -> Response:
    del body
    _person(api, request)
    return JSONResponse(api.desk.show(request.path_params["escalation"]))


def _checklist(api: Api, request: Request, body: bytes) -> Response:
    del body
    _person(api, request)
    return JSONResponse(api.desk.checklist(request.path_params["escalation"]))


def _case(api: Api, request: Request, body: bytes) -> Response:
    del body
    _person(api, request)
    found = api.desk.case(request.path_params["ticket"])
    if found is None:
        raise _HttpError(404, "unknown_ticket", "this ticket was never seen; is it in the helpdesk?")
    return JSONResponse(found)


def _roster(api: Api, request: Request, body: bytes) -> Response:
    del body
    _person(api, request)
    unknown = sorted(set(request.query_params) - {"at"})
    if unknown:
        raise _HttpError(400, "unknown_parameter", f"{', '.join(unknown)}; known: at")
    return JSONResponse(api.roster.show(_instant(request.query_params, "at", api.desk.clocks.now())))


def _enter(kind: type[RosterBody]) -> Handler:
    """What takes one sort of entry of the overlay in."""

    def handler(api: Api, request: Request, body: bytes) -> Response:
        person, data = _person(api, request), _json(body)
        if kind is EndBody:
            data = {**data, "number": request.path_params["number"]}
        try:
            asked = kind.model_validate(data)
        except ValidationError as error:
            raise _HttpError(422, "bad_request", misfits(kind, error)) from None
        try:
            done = api.roster.enter(person, asked, _key(request))
        except OverlayRefused as refused:
            unknown = refused.reason is OverlayReason.UNKNOWN_ENTRY
            raise _HttpError(404 if unknown else 409, refused.reason.value, refused.detail) from None
        except KeyReused as error:
            raise _HttpError(422, "key_reused", str(error)) from None
        api.wake()
        return JSONResponse(done)

    return handler


def _key(request: Request) -> str:
    key: str = request.headers.get("idempotency-key", "")
    if len(key) > 200:  # noqa: PLR2004
        raise _HttpError(400, "bad_request", "an Idempotency-Key has at most 200 characters")
    return key


def _act(api: Api, request: Request, body: bytes) -> Response:
    person = _person(api, request)
    action = request.path_params["action"]
    if action not in BODIES:
        raise _HttpError(404, "unknown_action", f"actions: {', '.join(BODIES)}")
    data = _json(body)
    try:
        asked = BODIES[action].model_validate(data)
    except ValidationError as error:
        raise _HttpError(422, "bad_request", misfits(BODIES[action], error)) from None
    try:
        done = api.desk.act(request.path_params["escalation"], person, asked, _key(request))
    except CommandRejected as refused:
        raise _HttpError(409, refused.reason.value, refused.detail) from None
    except KeyReused as error:
        raise _HttpError(422, "key_reused", str(error)) from None
    api.wake()
    return JSONResponse(done)


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
        json.dumps(data, ensure_ascii=False).encode()  # half a character, as JSON can hold, is no text
    except (ValueError, RecursionError):
        raise _HttpError(400, "not_json", "the body is not JSON") from None
    if not isinstance(data, dict):
        raise _HttpError(400, "not_json", "the body is a JSON object")
    return data


def _control(api: Api, request: Request) -> None:
    given = request.headers.get("x-control-token", "")
    if api.control_token is None or not hmac.compare_digest(given.encode(), api.control_token.encode()):
        raise _HttpError(401, "unauthorized", "send the control token as  X-Control-Token")


def _clock(api: Api, request: Request, body: bytes) -> Response:
    _control(api, request)
    asked = _json(body)
    hold = asked.get("hold", False)
    if api.step is None or asked.keys() - {"now", "hold"} or not isinstance(hold, bool):
        raise _HttpError(400, "bad_request", "give now, and hold as true or false")
    try:
        now = api.step(parse_instant(asked.get("now")), hold)
    except (ClockWentBackError, ValueError) as error:
        raise _HttpError(400, "bad_instant", str(error)) from None
    api.wake()
    return JSONResponse({"now": format_instant(now)})


def _pending(api: Api, request: Request, body: bytes) -> Response:
    del body
    _control(api, request)
    wait = request.query_params.get("wait", "0")
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", wait):
        raise _HttpError(400, "bad_parameter", "wait is a number of seconds below 100")
    return JSONResponse(dict(api.pending(float(wait))))
