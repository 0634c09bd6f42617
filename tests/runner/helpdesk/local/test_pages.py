"""The pages for people: only after a login, and nothing in a ticket becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from runner.clock import RealClocks
from runner.helpdesk.local.html import Markup, markup
from runner.helpdesk.local.sessions import Sessions
from tests.runner.helpdesk.running import InThread, client, options

EVIL = "<script>alert('x')</script>\"&{}"
PERSON = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with InThread(options(tmp_path / "desk")) as running:
        yield running.url


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=PERSON, follow_redirects=True, trust_env=False) as made:
        yield made


def login(browser: httpx.Client, token: str = "token-of-ann") -> httpx.Response:
    return browser.post("/login", data={"token": token})


def test_without_a_login_there_is_only_the_form(url: str, browser: httpx.Client) -> None:
    with client(url) as helpdesk:
        helpdesk.create({"subject": "secret matter"}, "key")
    for path, status in (("/", 200), ("/tickets/T-1000", 401)):
        page = browser.get(path)
        assert page.status_code == status
        assert 'name="token"' in page.text
        assert "secret matter" not in page.text


def test_a_login_sets_a_cookie_that_is_not_the_token(browser: httpx.Client) -> None:
    page = login(browser)
    assert page.status_code == 200
    assert "ann" in page.text
    cookie = page.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "token-of-ann" not in cookie


@pytest.mark.parametrize("token", ["", "nobody", "é"])
def test_a_wrong_token_is_said_and_lets_nobody_in(browser: httpx.Client, token: str) -> None:
    page = login(browser, token)
    assert page.status_code == 401
    assert 'role="alert"' in page.text
    assert "Set-Cookie" not in page.headers
    assert 'name="token"' in browser.get("/").text


def test_a_form_that_is_too_large_is_refused(browser: httpx.Client) -> None:
    assert login(browser, "x" * 5000).status_code == 413


def test_a_logout_ends_the_session_for_every_copy_of_the_cookie(browser: httpx.Client) -> None:
    login(browser)
    kept = dict(browser.cookies)
    assert 'name="token"' in browser.post("/logout").text
    browser.cookies.update(kept)
    assert 'name="token"' in browser.get("/").text


def test_a_made_up_cookie_is_nobody(browser: httpx.Client) -> None:
    browser.cookies.set("helpdesk_session", "token-of-ann")
    assert 'name="token"' in browser.get("/").text


def test_what_a_ticket_holds_is_text(url: str, browser: httpx.Client) -> None:
    with client(url) as helpdesk:
        helpdesk.create({"subject": EVIL, "status": EVIL, "n": 5, "tags": (EVIL, "b"), "flag": True}, "a")
        helpdesk.note("T-1000", EVIL, "note", public=True)
        helpdesk.note("T-1000", "inside", "inside")
    login(browser)
    listed, shown = browser.get("/"), browser.get("/tickets/T-1000")
    for page in (listed, shown):
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;{}" in page.text
    for told in ("commented for all to see", "noted internally", "created this ticket", "true", "Version 3"):
        assert told in shown.text


def test_the_list_goes_on_to_older_tickets(url: str, browser: httpx.Client) -> None:
    login(browser)
    assert "There are no tickets yet." in browser.get("/").text
    with client(url) as helpdesk:
        for number in range(101):
            helpdesk.create({"subject": f"number {number}"}, f"key-{number}")
    first = browser.get("/").text
    assert first.count("<tr>") == 101
    (older,) = re.findall(r'href="(/\?before=\d+)"', first)
    second = browser.get(older).text
    assert "number 0<" in second
    assert second.count("<tr>") == 2
    assert "There are no older tickets." in browser.get("/?before=1").text
    assert browser.get("/?before=x").status_code == 400


def test_a_ticket_that_is_not_there_is_a_page_too(browser: httpx.Client) -> None:
    login(browser)
    for ref in ("T-1000", "nonsense"):
        page = browser.get(f"/tickets/{ref}")
        assert page.status_code == 404
        assert "No such ticket" in page.text


def test_a_program_with_a_token_gets_json_from_the_same_address(url: str, browser: httpx.Client) -> None:
    with client(url) as helpdesk:
        helpdesk.create({"subject": "x"}, "key")
    answer = browser.get("/tickets/T-1000", headers={"Authorization": "Bearer token-of-ann"})
    assert answer.json()["id"] == "T-1000"


def test_a_session_does_not_open_the_api(browser: httpx.Client) -> None:
    login(browser)
    assert browser.get("/tickets").status_code == 401
    assert browser.post("/tickets", json={"fields": {}}).status_code == 401


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in {"meta", "input", "br"}:
            self.open.append(tag)
        self.outside += [value or "" for name, value in attrs if name in {"href", "src", "action"} and value[:1] != "/"]  # type: ignore[index]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_pages_are_whole_need_nothing_from_outside_and_say_so(url: str, browser: httpx.Client) -> None:
    with client(url) as helpdesk:
        helpdesk.create({"subject": EVIL, "priority": None}, "a")
        helpdesk.set_fields("T-1000", {"subject": None, "x": ""}, "b")
    pages = [browser.get("/"), login(browser), browser.get("/tickets/T-1000"), browser.get("/tickets/T-1")]
    for page in pages:
        reader = Reader()
        reader.feed(page.text)
        assert reader.open == []
        assert reader.outside == []
        assert {"title", "h1", "main"} <= reader.seen
        assert '<html lang="en">' in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_markup_escapes_all_but_markup() -> None:
    assert markup("<p title='{}'>{}</p>", "'\"<>&", Markup("<b>")).text == (
        "<p title='&#x27;&quot;&lt;&gt;&amp;'><b></p>"
    )


def test_sessions_end_after_a_working_day_and_are_bounded() -> None:
    class Later(RealClocks):
        seconds = 0.0

        def machine_seconds(self) -> float:
            return self.seconds

    clocks = Later()
    sessions = Sessions(clocks)
    first = sessions.begin("ann")
    assert sessions.actor(first) == "ann"
    clocks.seconds = 12 * 3600.0
    assert sessions.actor(first) is None
    second = sessions.begin("ann")
    for _ in range(1000):
        sessions.begin("ben")
    assert sessions.actor(second) is None
    assert sessions.actor(None) is None
