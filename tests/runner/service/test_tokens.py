"""Tokens: good for one person, until a time, under one secret; anything else is refused with what to do."""

from __future__ import annotations

import pytest

from runner.service.tokens import MIN_SECRET, TokenError, issue_token, person_of

SECRET = "s" * 32
GOOD = issue_token(SECRET, "anna-keller", 1000)


def forged(*, person: str = "anna-keller", expires: str = "1000", signature: str | None = None) -> str:
    return f"surety1.{person}.{expires}.{GOOD.rsplit('.', 1)[1] if signature is None else signature}"


def test_a_token_names_its_person_until_it_expires() -> None:
    assert person_of(SECRET, GOOD, 999.9) == "anna-keller"


@pytest.mark.parametrize("now", [1000.0, 1000.1, 9e9])
def test_it_expires(now: float) -> None:
    with pytest.raises(TokenError, match="has expired: ask the operator for a new one"):
        person_of(SECRET, GOOD, now)


@pytest.mark.parametrize(
    ("token", "word"),
    [
        (forged(person="miriam-okafor"), "another person"),
        (forged(expires="99999"), "a longer life"),
        (forged(signature=""), "no signature"),
        (forged(signature="A" * 43), "a made-up signature"),
        (forged(signature="ä" * 43), "letters that no signature has"),
        (issue_token("another secret, long enough", "anna-keller", 1000), "another secret"),
        (GOOD[:-1], "cut short"),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_forged(token: str, word: str) -> None:
    with pytest.raises(TokenError, match="not valid here: ask the operator for a new one"):
        person_of(SECRET, token, 0)


@pytest.mark.parametrize("token", ["", "x", "surety1", "surety1.anna.1000", f"{GOOD}.more", GOOD.replace("1", "2", 1)])
def test_no_token_at_all(token: str) -> None:
    with pytest.raises(TokenError, match=r"this is not a token: .*surety-runner token issue PERSON"):
        person_of(SECRET, token, 0)


def test_an_expiry_that_is_no_number_never_holds() -> None:
    with pytest.raises(TokenError, match="expired"):
        person_of(SECRET, issue_token(SECRET, "anna-keller", "soon"), 0)  # type: ignore[arg-type]


def test_no_message_holds_the_token_or_the_secret() -> None:
    for token in (GOOD[:-1], "nonsense-token"):
        with pytest.raises(TokenError) as caught:
            person_of(SECRET, token, 0)
        assert token not in str(caught.value)
        assert SECRET not in str(caught.value)


def test_a_secret_has_a_length() -> None:
    assert MIN_SECRET >= 16
