"""Webhooks as the local adapter reads them: the signature first, then the JSON, then the ticket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.helpdesk import BadHook, Hint
from runner.helpdesk.local.instants import read_instant
from runner.helpdesk.local.webhooks import SIGNATURE_HEADER, signature
from runner.helpdesk.local_client import LocalHelpdesk

SECRET = "made-up"


@pytest.fixture(scope="module")
def helpdesk() -> Iterator[LocalHelpdesk]:
    with LocalHelpdesk("http://127.0.0.1:1", "token", SECRET) as made:
        yield made


def signed(body: bytes) -> dict[str, str]:
    return {SIGNATURE_HEADER: signature(SECRET, body)}


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b'{"ticket": "T-1000"}', Hint("T-1000")),
        (b'{"ticket": "T-1000", "at": null, "more": [1]}', Hint("T-1000")),
        (
            b'{"ticket": "T-7", "at": "2026-03-02T09:00:00Z"}',
            Hint("T-7", read_instant("2026-03-02T09:00:00Z")),
        ),
    ],
)
def test_a_good_hook_is_one_hint(helpdesk: LocalHelpdesk, body: bytes, hint: Hint) -> None:
    assert helpdesk.parse_hook(signed(body), body) == (hint,)
    assert helpdesk.parse_hook({SIGNATURE_HEADER.lower(): signature(SECRET, body)}, body) == (hint,)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"ticket=T-1000", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[]", "names no ticket"),
        (b"null", "names no ticket"),
        (b"{}", "names no ticket"),
        (b'{"ticket": 1000}', "names no ticket"),
        (b'{"ticket": "../T-1"}', "names no ticket"),
        (b'{"ticket": "T-1", "at": "yesterday"}', "time cannot be read"),
        (b'{"ticket": "T-1", "at": 5}', "time cannot be read"),
        (b'{"ticket": "T-1"}' + b" " * 70_000, "larger than"),
    ],
)
def test_a_bad_hook_says_what_to_do(helpdesk: LocalHelpdesk, body: bytes, told: str) -> None:
    with pytest.raises(BadHook, match=told) as caught:
        helpdesk.parse_hook(signed(body), body)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("given_signature", ["", "sha256=", "sha256=00", "☃", "sha1=" + "0" * 40])
def test_a_wrong_signature_comes_before_everything_else(helpdesk: LocalHelpdesk, given_signature: str) -> None:
    with pytest.raises(BadHook, match="same webhook secret"):
        helpdesk.parse_hook({SIGNATURE_HEADER: given_signature}, b"not JSON")


def test_another_secret_is_a_wrong_signature(helpdesk: LocalHelpdesk) -> None:
    body = b'{"ticket": "T-1000"}'
    with pytest.raises(BadHook, match="signature is wrong"):
        helpdesk.parse_hook({SIGNATURE_HEADER: signature("other", body)}, body)


@given(st.binary(max_size=200))
def test_no_signed_bytes_do_anything_but_hint_or_be_refused(helpdesk: LocalHelpdesk, body: bytes) -> None:
    try:
        (hint,) = helpdesk.parse_hook(signed(body), body)
    except BadHook:
        return
    assert hint.ref.startswith("T-")
