"""What the adapter makes of trouble: lost answers, refusals, lies, and servers that are no helpdesk."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.helpdesk import (
    Applied,
    CursorLost,
    Denied,
    FieldValue,
    HelpdeskDenied,
    HelpdeskError,
    HelpdeskUnavailable,
    Hint,
    Outcome,
    Partial,
    Rejected,
    Throttled,
    Unknown,
)
from runner.helpdesk.local_client import LocalHelpdesk
from tests.runner.helpdesk.conformance import created, read
from tests.runner.helpdesk.lines import Fault, Line
from tests.runner.helpdesk.running import SECRET, InThread, client, options


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with InThread(options(tmp_path / "desk.sqlite")) as running:
        yield running.url


@pytest.fixture(scope="module")
def kept_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One helpdesk for many tests that each use a key of their own."""
    with InThread(options(tmp_path_factory.mktemp("kept") / "desk.sqlite")) as running:
        yield running.url


def answered(status: int, body: bytes = b"{}", **headers: str) -> Fault:
    return Fault(answer=(status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (answered(429, Retry_After="7"), Throttled(7.0)),
        (answered(429), Throttled(5.0)),
        (answered(429, Retry_After="Fri, 01 Jan 2027 00:00:00 GMT"), Throttled(5.0)),
        (answered(429, Retry_After="-3"), Throttled(5.0)),
        (answered(429, Retry_After="nan"), Throttled(5.0)),
        (answered(429, Retry_After="1e12"), Throttled(3600.0)),
        (answered(403, b'{"error": "not yours"}'), Denied("not yours")),
        (answered(401, b"<html>"), Denied("it gave no reason; check the address of the helpdesk")),
        (answered(422, b'{"error": "no"}'), Rejected("the helpdesk answered 422: no")),
        (answered(302, b"", Location="http://elsewhere/"), None),
    ],
)
def test_a_refused_write_wrote_nothing(kept_url: str, fault: Fault, outcome: Outcome | None) -> None:
    with Line(kept_url, fault) as line, client(line.url) as helpdesk:
        found = helpdesk.create({"subject": "x"}, "key")
        assert found == outcome or (outcome is None and isinstance(found, Rejected))
        assert helpdesk.find_by_key("key") == ()


@pytest.mark.parametrize(
    "fault", [answered(500), answered(503, b"busy"), answered(408), answered(200, b"<html>"), answered(201, b"[1]")]
)
def test_an_answer_that_proves_nothing_is_unknown(url: str, fault: Fault) -> None:
    with Line(url, fault) as line, client(line.url) as helpdesk:
        assert isinstance(helpdesk.create({"subject": "x"}, "key"), Unknown)
        assert isinstance(helpdesk.create({"subject": "x"}, "key"), Applied)


def test_no_answer_in_time_is_unknown(url: str) -> None:
    with Line(url, Fault(hang=True)) as line, client(line.url, timeout_seconds=0.2) as helpdesk:
        outcome = helpdesk.create({"subject": "x"}, "key")
    assert isinstance(outcome, Unknown)
    assert "ReadTimeout" in outcome.reason


def test_a_write_that_is_never_sent_twice(url: str) -> None:
    with Line(url, Fault(lose_answer=True)) as line, client(line.url) as helpdesk:
        helpdesk.create({"subject": "x"}, "key")
        assert line.requests == [("POST", "/tickets")]


def test_a_write_taken_but_not_read_back_is_unknown(url: str) -> None:
    faults = (Fault(), answered(500))
    with client(url) as direct, Line(url, *faults, reads=True) as line, client(line.url) as helpdesk:
        outcome = helpdesk.create({"subject": "x"}, "key")
        assert isinstance(outcome, Unknown)
        assert "could not be read back" in outcome.reason
        (ref,) = direct.find_by_key("key")
    with Line(url, *faults, reads=True) as line, client(line.url) as helpdesk:
        assert isinstance(helpdesk.note(ref, "text", "note"), Unknown)


def test_nobody_listening_is_unavailable_and_nothing_was_sent() -> None:
    with socket.socket() as held:  # bound but not listening: connections are refused
        held.bind(("127.0.0.1", 0))
        with client(f"http://127.0.0.1:{held.getsockname()[1]}") as helpdesk:
            with pytest.raises(HelpdeskUnavailable, match="could not be reached"):
                helpdesk.create({"subject": "x"}, "key")
            with pytest.raises(HelpdeskUnavailable, match="could not be asked"):
                helpdesk.get("T-1000")
            with pytest.raises(HelpdeskUnavailable):
                helpdesk.selftest()


def _touched(name: str, value: FieldValue) -> Fault:
    def touch(body: bytes) -> bytes:
        found: dict[str, Any] = json.loads(body)
        if value is None:
            del found["fields"][name]
        else:
            found["fields"][name] = value
        return json.dumps(found).encode()

    return Fault(touch=touch)


def test_fields_that_were_not_taken_make_it_partial(url: str) -> None:
    with client(url) as direct, Line(url, _touched("status", None)) as line, client(line.url) as helpdesk:
        ref = created(direct, status="open")
        wanted = {"owner": "ben", "status": "bogus"}
        assert helpdesk.set_fields(ref, wanted, "key") == Partial(ref, "2", ("owner",), ("status",))
        assert read(direct, ref).fields["status"] == "open"


def test_fields_that_were_stored_differently_make_it_partial(url: str) -> None:
    with Line(url, _touched("flag", 1)) as line, client(line.url) as helpdesk:
        outcome = helpdesk.create({"flag": True, "subject": "x"}, "key")
        assert outcome == Partial("T-1000", "1", ("subject",), ("flag",))


def test_a_note_that_was_not_stored_is_partial(url: str) -> None:
    def touch(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "text": "something else"}).encode()

    with client(url) as direct, Line(url, Fault(touch=touch)) as line, client(line.url) as helpdesk:
        ref = created(direct)
        assert helpdesk.note(ref, "what I said", "key") == Partial(ref, "2", (), ("text",))


def test_what_cannot_be_written_is_rejected(url: str) -> None:
    with client(url) as helpdesk:
        ref = created(helpdesk)
        assert isinstance(helpdesk.set_fields(ref, {"n": float("nan")}, "nan"), Rejected)
        assert isinstance(helpdesk.set_fields(ref, {"bad name": "x"}, "name"), Rejected)
        assert isinstance(helpdesk.set_fields(ref, {"n": 1}, ""), Rejected)
        assert isinstance(helpdesk.set_fields(ref, {"n": 1}, "key", expect="one"), Rejected)
        assert isinstance(helpdesk.set_fields(ref, {"n": "\ud800"}, "half"), Rejected)
        assert isinstance(helpdesk.note(ref, " \n", "empty"), Rejected)
        assert isinstance(helpdesk.note(ref, "x" * 2**21, "large"), Rejected)
        assert read(helpdesk, ref).version == "1"


def test_every_kind_of_value_comes_back_as_it_was(url: str) -> None:
    fields: dict[str, FieldValue] = {
        "account.tier": "enterprise",
        "due-at": "ünïcode ☃ \x00 \u2028",
        "count": 2**53 - 1,
        "share": 0.1,
        "flag": False,
        "tags": ("a", "b"),
        "none": (),
        "gone": None,
        "n" * 64: "long name",
    }
    with client(url) as helpdesk:
        assert isinstance(helpdesk.create(fields, "key"), Applied)
        assert dict(read(helpdesk, "T-1000").fields) == {n: v for n, v in fields.items() if v is not None}


def test_a_wrong_token_is_denied_and_says_what_to_do(url: str) -> None:
    with LocalHelpdesk(url, "token-of-nobody", SECRET) as helpdesk:
        with pytest.raises(HelpdeskDenied, match="not known here: check it"):
            helpdesk.get("T-1000")
        outcome = helpdesk.create({"subject": "x"}, "key")
        report = helpdesk.selftest()
    assert isinstance(outcome, Denied)
    assert "token-of-nobody" not in outcome.reason
    assert not report.ok
    assert report.actor is None


def test_selftest_notices_a_foreign_identity(url: str) -> None:
    with LocalHelpdesk(url, "token-of-ann", SECRET, actor="runner") as helpdesk:
        report = helpdesk.selftest()
    assert [check.name for check in report.checks if not check.ok] == ["identity"]


def test_selftest_notices_filters_that_match_everything(url: str) -> None:
    everything = b'{"tickets": [{"id": "T-1"}], "cursor": "x", "more": false}'
    faults = (Fault(), answered(200, everything), answered(200, everything))
    with Line(url, *faults, reads=True) as line, client(line.url) as helpdesk:
        report = helpdesk.selftest()
    assert [check.name for check in report.checks if not check.ok] == ["impossible key", "unknown filter"]


def test_selftest_does_not_take_trouble_for_an_answer(url: str) -> None:
    with Line(url, Fault(), Fault(), answered(500), reads=True) as line, client(line.url) as helpdesk:
        with pytest.raises(HelpdeskUnavailable):
            helpdesk.selftest()
        assert len(line.requests) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answered(500), HelpdeskUnavailable),
        (answered(408), HelpdeskUnavailable),
        (answered(403), HelpdeskDenied),
        (answered(400), HelpdeskError),
        (answered(200, b"<html>"), HelpdeskError),
        (answered(200, b"[" * 100_000), HelpdeskError),
        (answered(200, b"{}"), HelpdeskError),
        (answered(200, b'{"id": "T-1", "version": 1, "created_at": "x", "updated_at": "x"}'), HelpdeskError),
        (answered(301, b""), HelpdeskError),
    ],
)
def test_a_read_that_fails_says_so(kept_url: str, fault: Fault, error: type[HelpdeskError]) -> None:
    with (
        Line(kept_url, fault, reads=True) as line,
        client(line.url) as helpdesk,
        pytest.raises(HelpdeskError) as caught,
    ):
        helpdesk.get("T-1000")
    assert type(caught.value) is error


def test_a_field_of_an_unknown_kind_is_an_answer_not_understood(url: str) -> None:
    at = '"2026-03-02T09:00:00Z"'
    ticket = f'{{"id": "T-1", "version": 1, "created_at": {at}, "updated_at": {at}, "fields": {{"a": {{}}}}}}'
    fault = answered(200, ticket.encode())
    told = "cannot be understood"
    with (
        Line(url, fault, reads=True) as line,
        client(line.url) as helpdesk,
        pytest.raises(HelpdeskError, match=told),
    ):
        helpdesk.get("T-1")


def test_a_busy_helpdesk_says_when_to_come_back(url: str) -> None:
    busy = answered(429, Retry_After="3")
    with (
        Line(url, busy, reads=True) as line,
        client(line.url) as helpdesk,
        pytest.raises(HelpdeskUnavailable) as caught,
    ):
        helpdesk.get("T-1000")
    assert caught.value.retry_after_seconds == 3.0


def test_a_cursor_of_another_store_is_lost(url: str, tmp_path: Path) -> None:
    with client(url) as helpdesk:
        created(helpdesk)
        cursor = helpdesk.changes(None, 10).cursor
        assert helpdesk.changes(cursor, 10).hints == ()
    with InThread(options(tmp_path / "other.sqlite")) as other, client(other.url) as helpdesk:
        with pytest.raises(CursorLost, match="start again without a cursor"):
            helpdesk.changes(cursor, 10)
        with pytest.raises(HelpdeskError, match="cursor must be"):
            helpdesk.changes("nonsense", 10)


@pytest.mark.parametrize(
    ("url", "token", "secret"),
    [
        ("127.0.0.1:80", "t", "s"),
        ("ftp://127.0.0.1", "t", "s"),
        ("http://", "t", "s"),
        ("http://h/?a=b", "t", "s"),
        ("http://h", "", "s"),
        ("http://h", "a\nb", "s"),
        ("http://h", "é", "s"),
        ("http://h", "t", ""),
    ],
)
def test_options_that_can_never_work_are_refused(url: str, token: str, secret: str) -> None:
    with pytest.raises(ValueError, match=r"helpdesk|secret"):
        LocalHelpdesk(url, token, secret)


def test_the_url_of_a_ticket_is_below_that_of_the_helpdesk(url: str) -> None:
    with client(url + "/") as helpdesk:
        ref = created(helpdesk)
        assert read(helpdesk, ref).url == f"{url}/tickets/{ref}"
        assert helpdesk.changes(None, 1).hints == (Hint(ref, read(helpdesk, ref).updated_at),)
