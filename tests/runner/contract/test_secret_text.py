"""What looks like a secret is found and blacked out; what only sounds like one is left alone.

The secrets are drawn here from a seed, so that none stands in git.
"""

from __future__ import annotations

import random
import string
from itertools import pairwise

import pytest

from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.secret_text import Secret, blacked_out, secrets_in, text_of, without_secrets
from tests.runner.contract.repository import load, put

_DRAW = random.Random(20260303)
_ANY = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def drawn(length: int, alphabet: str = _ANY) -> str:
    return "".join(_DRAW.choice(alphabet) for _ in range(length))


GITHUB = "ghp_" + drawn(36)
PEM = "-----BEGIN {0}PRIVATE KEY-----\nMIIE{1}\n{2}\n-----END {0}PRIVATE KEY-----"
SECRETS = [
    ("a GitHub token", GITHUB),
    ("a GitHub token", "github_pat_" + drawn(60)),
    ("a GitLab token", "glpat-" + drawn(20)),
    ("a GitLab token", "glsoat-" + drawn(20)),
    ("an AWS key", "AKIA" + drawn(16, string.ascii_uppercase + "234567")),
    ("a Slack token", "xoxb-123456789012-" + drawn(24)),
    ("a Slack token", "xapp-1-" + drawn(30)),
    ("a Google key", "AIza" + drawn(35)),
    ("a Google key", "GOCSPX-" + drawn(28)),
    ("a Stripe key", "sk_live_" + drawn(24)),
    ("a Stripe key", "whsec_" + drawn(32)),
    ("an access token", "npm_" + drawn(36)),
    ("an access token", "hf_" + drawn(34, string.ascii_letters)),
    ("an access token", "shpat_" + drawn(32, _HEX)),
    ("an access token", "SG." + drawn(22) + "." + drawn(43)),
    ("an access token", "dop_v1_" + drawn(64, _HEX)),
    ("a JSON web token", "eyJ" + drawn(20) + ".eyJ" + drawn(30) + "." + drawn(43)),
    ("the address of a webhook", "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/" + drawn(24)),
    ("the address of a webhook", "https://discord.com/api/webhooks/1234567890/" + drawn(68)),
    ("the address of a webhook", "https://api.telegram.org/bot123456789:" + drawn(35) + "/sendMessage"),
    (
        "the address of a webhook",
        "https://chat.corp.internal/hooks/" + drawn(26, string.ascii_lowercase + string.digits),
    ),
    ("a private key", PEM.format("RSA ", drawn(60), drawn(40))),
    ("a private key", PEM.format("OPENSSH ", drawn(60), drawn(40))),
    ("a private key", PEM.format("", drawn(60), drawn(40))),
    ("a private key", "key: b3BlbnNzaC1rZXktdjEAAAAABG5vbmU" + drawn(40)),
    ("a password in an address", "postgres://app:" + drawn(9) + "@db.bank.internal/tickets"),
    ("a password in an address", "redis://:" + drawn(9) + "@cache"),
    ("a password in an address", "https://svc:" + "Zx81kQ0" + "pLmW9@chat.example.com/hook"),
    ("a password in an address", '"https:\\/\\/svc:' + "Zx81kQ0" + 'pLmW9@chat.corp.internal\\/hook"'),
    ("a password", "Passwort " + "Zx81kQ0" + "pLmW9!"),
    ("a password", "the password is `" + "Zx81kQ0" + "pLmW9`"),
    ("a password", "text: >-\n  Das Passwort lautet\n  " + "Zx81kQ0" + "pLmW9!"),
    ("a password", "Kennwort: |\n  " + "Zx81kQ0" + "pLmW9!"),
    ("a password", "Kennwort: Sommer-2026"),
    ("a token in an address", "https://relay.corp.internal/in?room=7&token=" + drawn(24)),
    ("a password", "password: Sommer-2026"),
    ("a password", "DB_PASSWORD=" + "Sommer" + "2026"),
    ("a password", '{"passwd": "h7x pq".replace}'.replace("h7x pq", "h7x+pq")),
    ("a password", "  # the passphrase = 'q1w2e3'"),
    ("a token", "api_key: " + drawn(24)),
    ("a token", "clientSecret: '" + drawn(30) + "'"),
    ("a token", '"access-token": "' + drawn(40, _HEX) + '"'),
]
HARMLESS = [
    ("the name of an environment variable", "url_env: SURETY_CHAT_WEBHOOK"),
    ("the name of an environment variable", "secret_env: CHAT_SIGNING_KEY"),
    ("the name of an environment variable", "token: CHAT_BOT_TOKEN_2026"),
    ("Liquid", 'password: "{{ ticket.password_2026 }}"'),
    ("an input of a block", "token: $token_2026_ab12"),
    ("a shell variable", "postgres://app:${DB_PASSWORD}@db.corp"),
    ("a public key", "keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + drawn(42) + " ann@corp]"),
    ("a public key", "-----BEGIN PUBLIC KEY-----\nMIIB" + drawn(60) + "\n-----END PUBLIC KEY-----"),
    ("a certificate", "-----BEGIN CERTIFICATE-----\nMIIB" + drawn(60)),
    ("a digest", "token: sha256:" + drawn(64, _HEX)),
    ("a commit", "commit: " + drawn(40, _HEX)),
    ("an id", "id: 0193" + drawn(28, _HEX)),
    ("an address that nobody has", "https://bot:hunter2@chat.example.com/in"),
    ("an address that nobody has", "https://bot:open-sesame@relay.test"),
    ("a sentence", "Reset the password within 15m and tell 3 people of it."),
    ("a sentence", "The password of account-4711 was changed."),
    ("a form of an address", "https://user:password@chat.corp.internal"),
    ("a form of an address", "https://user:<password>@chat.corp.internal"),
    ("a mail address", "mail: ann@chat.corp.internal"),
    ("a port", "http://localhost:8080/at/@home"),
    ("an example", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("an example", "ghp_" + "x" * 40),
    ("a repetition", "glpat-" + "aaaa" * 6),
    ("a sentence", "question: Did you reset the password? It was: forgotten"),
    ("a sentence", "secret: the one that everybody knows 123"),
    ("a mapping", "token: {type: text, summary: What was drawn.}"),
    ("a name", "secret: customer-confirmation-2026"),
    ("a name", "secret: version2beta-of-the-customers"),
    ("a word", "password: text"),
    ("a time", "token: 2026-03-03T09:00:00Z"),
    ("a time", "password: 14d"),
    ("a type of answer", "answers: {password: boolean}"),
    ("a key that is none", "sort_key: priority2descending1"),
    ("an address", "token: https://vault.corp.internal/a1b2c3"),
]


@pytest.mark.parametrize(("sort", "text"), SECRETS, ids=lambda each: each if each[:2] in ("a ", "an", "th") else "")
def test_a_secret_is_found_in_a_value_and_in_a_comment(sort: str, text: str) -> None:
    for before, after in (("", ""), ("summary: x\n# see ", "\nkind: People\n"), ("message: 'ü ", " and more'")):
        whole = before + text + after
        found = secrets_in(whole.encode())
        assert [each.sort for each in found] == [sort], whole
        assert len(before) <= found[0].start < found[0].end <= len(before + text)


@pytest.mark.parametrize(("what", "text"), HARMLESS)
def test_what_only_sounds_like_a_secret_is_left_alone(what: str, text: str) -> None:
    assert secrets_in(text.encode()) == (), what


def test_blacking_out_keeps_lines_and_columns() -> None:
    text = f"a: 1\nb: {GITHUB}  # ü\n{PEM.format('', 'abc', 'def')}\nc: 2\n"
    dark = blacked_out(text, secrets_in(text.encode()))
    assert GITHUB not in dark
    assert "abc" not in dark
    assert [len(line) for line in dark.split("\n")] == [len(line) for line in text.split("\n")]
    assert dark.startswith(f"a: 1\nb: {'*' * len(GITHUB)}  # ü\n-----BEGIN PRIVATE KEY-----\n***")
    assert dark.endswith("\nc: 2\n")


def test_several_in_one_file_come_in_order_and_none_inside_another() -> None:
    text = f"token: {GITHUB}\nurl: https://a:{GITHUB}@corp.internal\n"
    found = secrets_in(text.encode())
    assert list(found) == sorted(found)
    assert len(found) == 2
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_a_file_that_is_no_utf_8_or_begins_with_a_mark_is_looked_at_all_the_same() -> None:
    for data in (b"\xef\xbb\xbf" + GITHUB.encode(), b"\xff" + b" " + GITHUB.encode()):
        (found,) = secrets_in(data)
        assert text_of(data)[found.start : found.end] == GITHUB


@pytest.mark.parametrize("piece", ["password=", "eyJ", "://a:", "-----BEGIN PRIVATE KEY", "a-a_", "token: x", "?key="])
def test_no_text_takes_long(piece: str) -> None:
    assert isinstance(secrets_in((piece * (200_000 // len(piece))).encode()), tuple)  # minutes, if it were quadratic


def test_a_finding_does_not_repeat_a_secret() -> None:
    at = Location("policies/people.yaml", 1, 1)
    told = Diagnostic("SUR104", Severity.ERROR, f"`{GITHUB}` is not a zone", at, f"not {GITHUB}")
    (kept,) = without_secrets([told], [f"zone: {GITHUB}".encode()])
    assert (kept.message, kept.help) == ("`***` is not a zone", "not ***")
    assert without_secrets([told], [b"zone: Europe/Berlin"]) == [told]
    assert without_secrets([], [GITHUB.encode()]) == []


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(GITHUB.replace("p_", "p\\x5f", 1), id="a character by its number"),
        pytest.param(f"\\u0067{GITHUB[1:]}", id="the first by its number"),
        pytest.param(f"{GITHUB[:9]}\\\n      {GITHUB[9:]}", id="parted by a line break"),
    ],
)
def test_escapes_hide_no_secret(written: str) -> None:
    whole = f'a: "ü \\t {written} \\\\x"\nb: 1\n'
    (found,) = secrets_in(whole.encode())
    assert (found.sort, whole[found.start : found.end]) == ("a GitHub token", written)
    (kept,) = without_secrets([_told(f"`{GITHUB}` is not a zone")], [whole.encode()])
    assert kept.message == "`***` is not a zone"


def test_an_escape_that_is_none_changes_nothing() -> None:
    for text in (rf"\\x67{GITHUB[1:]}", rf"\U00FFFFFF{GITHUB[1:]}", r"\ud800", "\\"):
        assert secrets_in(text.encode()) == (), text


def _told(message: str) -> Diagnostic:
    return Diagnostic("SUR104", Severity.ERROR, message, Location("policies/people.yaml", 1, 1))


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        pytest.param(GITHUB, "***", id="as it is"),
        pytest.param(GITHUB.lower(), "***", id="in small letters, as texts are compared"),
        pytest.param(GITHUB.lower().replace("_", "-"), "***", id="as a name that might be meant"),
        pytest.param(f"contact {GITHUB[:20]}…", "contact ***…", id="cut off"),
        pytest.param(f"{GITHUB[:9].upper()}… {GITHUB[:12]}…", "***… ***…", id="cut off twice"),
        pytest.param("a great … height", "a great … height", id="something else"),
        pytest.param("ghp", "ghp", id="too short to say anything"),
    ],
)
def test_no_spelling_of_a_secret_is_repeated(shown: str, left: str) -> None:
    (kept,) = without_secrets([_told(shown)], [f"zone: {GITHUB}".encode()])
    assert kept.message == left


def test_a_short_password_is_no_reason_to_black_out_words() -> None:
    (kept,) = without_secrets([_told("AB-1x., ab 1x")], [b"password: aB-1x."])
    assert kept.message == "***, ab 1x"


def test_the_gate_does_not_repeat_one_either() -> None:
    found = load(put("policies/governance.yaml", "audit_authority: cyd", f"audit_authority: {GITHUB.lower()}"))
    assert found.findings  # lower case is no token any more: it is shown
    found = load(put("policies/rotations.yaml", "  first:\n", f"  first:\n    {GITHUB}: 1\n"))
    assert found.findings
    assert not any(GITHUB in each.message + each.help for each in found.findings)


def test_a_secret_says_where_it_is_and_not_what() -> None:
    (found,) = secrets_in(f"password: {'Sommer'}-2026".encode())
    assert found == Secret(10, 21, "a password")
    assert "Sommer" not in repr(found)
