"""Read-only pages of the local helpdesk for people, behind a login with a token.

Nothing can be changed here. Whatever a ticket holds is shown as text, never as markup; the pages need no scripts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from runner.clock import Clocks
from runner.helpdesk.local.html import POLICY, Markup, markup, page
from runner.helpdesk.local.sessions import Sessions
from runner.helpdesk.local.storage import Entry, NoTicketError, Row, Storage, ticket_number
from runner.helpdesk.local.values import FieldJson

__all__ = ["COOKIE", "Pages"]

COOKIE = "helpdesk_session"

_LISTED = 100
_HISTORY = 500
_FORM_AT_MOST = 4096
_SUBJECTS = ("subject", "title", "summary", "short_description")  # what helpdesks call the line that names a ticket
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Pages:
    """The pages. `holder` gives the actor of a token, None for an unknown one."""

    def __init__(self, storage: Storage, clocks: Clocks, holder: Callable[[str], str | None]) -> None:
        self._storage = storage
        self._holder = holder
        self._sessions = Sessions(clocks)

    def routes(self) -> tuple[Route, ...]:
        """All pages but the ticket's, which shares its path with the API."""
        return (
            Route("/", self.tickets, methods=["GET"]),
            Route("/login", self.login, methods=["POST"]),
            Route("/logout", self.logout, methods=["POST"]),
        )

    async def tickets(self, request: Request) -> Response:
        """The tickets, the last changed first."""
        actor = self._sessions.actor(request.cookies.get(COOKIE))
        if actor is None:
            return _login_page()
        before = request.query_params.get("before")
        if before is not None and not re.fullmatch(r"[0-9]{1,18}", before):
            return _message_page(400, "No such page", "The number in the address is not one. Go back to the list.")
        rows = await run_in_threadpool(self._storage.newest, None if before is None else int(before), _LISTED)
        return _shown(page("Tickets", _ticket_list(rows, is_first=before is None), actor))

    async def ticket(self, request: Request) -> Response:
        """One ticket with its history."""
        actor = self._sessions.actor(request.cookies.get(COOKIE))
        if actor is None:
            return _login_page(401)
        try:
            row = await run_in_threadpool(self._storage.get, ticket_number(request.path_params["id"]))
            entries = await run_in_threadpool(self._storage.history, row.number, _HISTORY)
        except NoTicketError:
            return _message_page(404, "No such ticket", "It was deleted or never existed.")
        return _shown(page(f"T-{row.number}", _ticket_page(row, entries), actor))

    async def login(self, request: Request) -> Response:
        """Begin a session with a token."""
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > _FORM_AT_MOST:
                return _message_page(413, "Too much", "The form is larger than a token can be.")
        token = parse_qs(data.decode("utf-8", "replace")).get("token", [""])[0].strip()
        actor = self._holder(token)
        if actor is None:
            return _login_page(401, "This token is not known here. Check that it was copied in full.")
        response = RedirectResponse("/", 303, _HEADERS)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, self._sessions.begin(actor), httponly=True, samesite="strict", secure=secure)
        return response

    async def logout(self, request: Request) -> Response:
        """End the session."""
        self._sessions.end(request.cookies.get(COOKIE))
        response = RedirectResponse("/", 303, _HEADERS)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response


def _shown(content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(content, status, _HEADERS)


def _message_page(status: int, title: str, sentence: str) -> HTMLResponse:
    return _shown(page(title, markup('<p>{}</p><p><a href="/">All tickets</a></p>', sentence), None), status)


def _login_page(status: int = 200, problem: str = "") -> HTMLResponse:
    told = markup('<p role="alert" class="problem">{}</p>', problem) if problem else Markup("")
    form = markup(
        '{}<form method="post" action="/login" class="login"><label for="token">Token</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>'
        '<button type="submit">Log in</button></form>',
        told,
    )
    return _shown(page("Log in", form, None), status)


def _ticket_list(rows: tuple[Row, ...], *, is_first: bool) -> Markup:
    if not rows:
        return markup("<p>{}</p>", "There are no tickets yet." if is_first else "There are no older tickets.")
    lines = [
        markup(
            '<tr><th scope="row"><a href="/tickets/T-{}">T-{}</a></th>'
            "<td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            row.number,
            row.number,
            _subject(row.fields),
            _text(row.fields.get("status")),
            _text(row.fields.get("priority")),
            _time(row.updated_at),
        )
        for row in rows
    ]
    older = markup('<p><a href="/?before={}" rel="next">Older tickets</a></p>', rows[-1].change)
    return markup(
        '<table><caption>Last changed first</caption><thead><tr><th scope="col">Ticket</th><th scope="col">Subject</th>'
        '<th scope="col">Status</th><th scope="col">Priority</th><th scope="col">Changed</th></tr></thead>'
        "<tbody>{}</tbody></table>{}",
        Markup("").join(lines),
        older if len(rows) == _LISTED else Markup(""),
    )


def _ticket_page(row: Row, entries: tuple[Entry, ...]) -> Markup:
    fields = [
        markup('<tr><th scope="row">{}</th><td>{}</td></tr>', name, _text(value))
        for name, value in sorted(row.fields.items())
    ]
    history = [
        markup("<li><p>{} · <strong>{}</strong> {}</p>{}</li>", _time(entry.at), entry.actor, *_told(entry))
        for entry in entries
    ]
    return markup(
        '<p class="subject">{}</p><p>Version {} · created {} · changed {}</p>'
        "<h2>Fields</h2><table><tbody>{}</tbody></table><h2>History</h2><ol>{}</ol>",
        _subject(row.fields),
        row.version,
        _time(row.created_at),
        _time(row.updated_at),
        Markup("").join(fields),
        Markup("").join(history),
    )


def _told(entry: Entry) -> tuple[str, Markup]:
    """What a line of history says, and what stands under it."""
    detail: Mapping[str, Any] = entry.detail
    if entry.kind == "comment":
        said = "commented for all to see" if detail["public"] else "noted internally"
        return said, markup('<p class="text">{}</p>', detail["text"])
    if entry.kind == "field":
        old, new = _text(detail["old"]) or "nothing", _text(detail["new"]) or "nothing"
        return "changed", markup("<p><code>{}</code>: {} → {}</p>", detail["field"], old, new)
    return f"{entry.kind} this ticket", Markup("")


def _subject(fields: Mapping[str, FieldJson]) -> str:
    return next((_text(fields[name]) for name in _SUBJECTS if name in fields), "(no subject)")


def _time(at: str) -> Markup:
    return markup('<time datetime="{}">{}</time>', at, f"{at[:10]} {at[11:19]} UTC")


def _text(value: FieldJson) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
