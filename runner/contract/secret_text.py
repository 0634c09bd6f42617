"""Finds what looks like a secret in text, and blacks it out. Keeps no secret, prints none, tries none out.

A quick look over the bytes of a file says whether there is anything to look at, and nearly always there is not. What
it points at is judged by its shape and, where a shape alone says little, by how random it looks.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from runner.contract.diagnostic import Diagnostic

__all__ = ["Secret", "blacked_out", "hiding", "secrets_in", "text_of", "without_secrets"]


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """A piece of a text that looks like a secret: where it begins, where it ends, what it seems to be.

    Offsets count code points of `text_of`; the end is exclusive. The secret itself is not kept.
    """

    start: int
    end: int
    sort: str


_HINT: Final = re.compile(
    rb"""A(?:KIA|SIA|Iza|AAA) | SG\.
    | -(?:----BEGIN\x20|(?<=glpat-)|(?<=gl[a-z][a-z]-)(?=[\w-]{20})|(?<=gl(?:soa|cba|age)t-)|(?<=xox[a-z]-)|(?<=xapp-)
        |(?<=GOCSPX-)|(?<=sk-)(?=[\w-]{20})|AgE)
    | _(?:(?<=gh[oprsu]_)|pat_|live_|test_|v1_|(?<=whsec_)|(?<=npm_)|(?<=hf_)|(?<=shp[a-z][a-z]_))
    | \.(?:eyJ|slack\.com/|office\.com/w|zapier\.com/) | /(?:webhooks/|hooks/|bot[0-9])
    | :(?://[^\s/:@"'<>]*:[^\s/@"'<>]+@)
    | =(?<=(?i:key|sig|ure)=)""",
    re.VERBOSE,
)
_WORDS: Final = (b"passw", b"passph", b"kennw", b"secret", b"token", b"credential", b"key")
_NOUN: Final = "pass(?:wor[dt]|wd|phrase)|kennwort"
_KEYED: Final = re.compile(
    rb"""(?:pass(?:wor[dt]|wd|phrase)|kennwort|secret|token|credentials?|[a-z][_-]?key)["']?[ \t]*[:=]
    | (?:pass(?:wor[dt]|wd|phrase)|kennwort)["'`]?\s(?=[\s\S]{0,120}[0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
"""The quick look. Each branch of the hint begins with a character that is rare in prose, and the words are looked for
as such: 20 ns a byte together, a tenth of what the shapes themselves would take."""


def secrets_in(data: bytes) -> tuple[Secret, ...]:
    """Every piece of a file that looks like a secret, in order, none inside another."""
    every = list(_candidates(text_of(data))) if _may_hold(data) else []
    if b"\\" in data:
        text, places = _as_read(text_of(data))
        if _may_hold(text.encode(errors="replace")):
            every += [Secret(places[each.start], places[each.end], each.sort) for each in _candidates(text)]
    found: list[Secret] = []
    for each in sorted(every, key=lambda each: (each.start, -each.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return tuple(found)


def text_of(data: bytes) -> str:
    """The text of a file as positions count it: without a byte order mark; what is not UTF-8 is replaced."""
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff")


def blacked_out(text: str, found: Iterable[Secret]) -> str:
    """The text with an asterisk for each character of a secret; its length and its lines stay."""
    pieces, at = [], 0
    for each in found:
        pieces += [text[at : each.start], re.sub(r"[^\r\n]", "*", text[each.start : each.end])]
        at = each.end
    return "".join([*pieces, text[at:]])


def hiding(files: Iterable[bytes]) -> Callable[[str], str] | None:
    """Puts three asterisks in the place of each secret of the files that a text repeats; None if they hold none."""
    hidden = set[str]()
    for data in files:
        found = secrets_in(data)
        text = text_of(data) if found else ""
        for each in found:
            hidden |= _pieces(text[each.start : each.end])
    if not hidden:
        return None
    longest_first = sorted(hidden, key=lambda each: (-len(each), each))
    secret = re.compile("|".join(map(_spelt, longest_first)), re.IGNORECASE)
    return lambda text: _without_cut(secret.sub("***", text), longest_first)


def without_secrets(findings: Iterable[Diagnostic], files: Iterable[bytes]) -> list[Diagnostic]:
    """The findings, with three asterisks for each secret of the files that they would repeat."""
    every = list(findings)
    dark = hiding(files) if every else None
    if dark is None:
        return every
    return [
        replace(each, message=dark(each.message), help=dark(each.help), pointer=dark(each.pointer)) for each in every
    ]


_SHORT: Final = 3
"""A piece of a secret up to this length may be anything, also a part of other words."""


_LONG: Final = 8
"""A piece with so many letters and digits is the same secret however its other characters are spelt."""


def _pieces(secret: str) -> set[str]:
    """The lines of a secret, as they are written and as they are read."""
    lines = (line.strip() for text in (secret, _as_read(secret)[0]) for line in text.splitlines())
    return {each for line in lines if len(line) > _SHORT for each in (line, line.casefold())}


def _spelt(piece: str) -> str:
    """The pattern of a piece of a secret, also as a name made of it has it: `ghp_X1` as `ghp-x1`."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", piece) if word]
    exactly = re.escape(piece)
    return f"{exactly}|{'[^A-Za-z0-9]+'.join(words)}" if sum(map(len, words)) >= _LONG else exactly


def _without_cut(text: str, pieces: Iterable[str]) -> str:
    """The text without beginnings of secrets that were cut off at an ellipsis."""
    head, *rest = text.split("…")
    for tail in rest:
        end = head.casefold()
        cut = max((_overlap(end, piece.casefold()) for piece in pieces), default=0)
        head = f"{head[: len(head) - cut]}***…{tail}" if cut else f"{head}…{tail}"
    return head


def _overlap(text: str, piece: str) -> int:
    """With how many characters of the beginning of the piece the text ends, if more than a few."""
    for size in range(min(len(text), len(piece)), _SHORT, -1):
        if text.endswith(piece[:size]):
            return size
    return 0


_ESCAPED: Final = re.compile(
    r"""\\(?: (?P<break>(?:\r\n?|\n)[ \t]*) | (?P<as_is>[/\\])
        | x(?P<x>[0-9A-Fa-f]{2}) | u(?P<u>[0-9A-Fa-f]{4}) | U(?P<U>00[01][0-9A-Fa-f]{5}) )""",
    re.VERBOSE,
)
"""How a text between double quotes may part or disguise what it says."""


def _as_read(text: str) -> tuple[str, Sequence[int]]:
    """The text without escapes, and where in the given one each of its characters begins; one more for the end."""
    if "\\" not in text:
        return text, range(len(text) + 1)
    pieces, places, at = [], list[int](), 0
    for each in _ESCAPED.finditer(text):
        pieces.append(text[at : each.start()])
        places += range(at, each.start())
        at = each.end()
        code = each["x"] or each["u"] or each["U"]
        if each["break"] is None and (code is None or int(code, 16) <= sys.maxunicode):
            pieces.append(each["as_is"] if code is None else chr(int(code, 16)))
            places.append(each.start())
    return "".join([*pieces, text[at:]]), [*places, *range(at, len(text) + 1)]


def _may_hold(data: bytes) -> bool:
    if _HINT.search(data) is not None:
        return True
    small = data.lower()
    return any(word in small for word in _WORDS) and _KEYED.search(data) is not None


def _candidates(text: str) -> Iterator[Secret]:
    for sort, pattern, looks_like_one in _SHAPES:
        for match in pattern.finditer(text):
            group = next(name for name, value in match.groupdict().items() if name.startswith("secret") and value)
            if looks_like_one(match, match[group]):
                yield Secret(*match.span(group), sort)


def _always(_match: re.Match[str], value: str) -> bool:
    return bool(value.strip())


def _shaped(_match: re.Match[str], value: str) -> bool:
    """Whether a value of an unmistakable shape is more than an example of it."""
    return not _STANDS_FOR.search(value) and _bits(value) >= _BITS


def _drawn(_match: re.Match[str], value: str) -> bool:
    """Whether a value looks as if it was drawn at random, rather than made of words."""
    return not _STANDS_FOR.search(value) and _bits(value) >= _BITS and _alternates(value)


def _thought_up(_match: re.Match[str], value: str) -> bool:
    """Whether a value looks like a password that somebody thought up: no words, number, time or name."""
    if _STANDS_FOR.search(value) or _ORDINARY.fullmatch(value):
        return False
    sorts = sum(bool(re.search(sort, value)) for sort in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))
    return sorts > 1 and len(set(value)) > _SHORT


def _in_address(match: re.Match[str], value: str) -> bool:
    """Whether what stands before the @ is meant: not where an author only shows that something belongs there.

    At a host that nobody has, only what was drawn at random is.
    """
    shown = _STANDS_FOR.search(value) or value.casefold() in _SPOKEN or set(value) <= set("*.…x")
    return not shown and (_RESERVED.fullmatch(match["host"]) is None or _drawn(match, value))


_B64: Final = "[A-Za-z0-9_-]"
_START: Final = "(?<![A-Za-z0-9])"
_LITERAL: Final = r"""["']?[ \t]*[:=][ \t]*
    (?: "(?P<secret>[^"\n]{6,})" | '(?P<secret_1>[^'\n]{6,})' | (?P<secret_2>[^\s,"'\[\]{}&*|>!%#][^\s,\]}"']{5,}) )"""
"""A value on the same line as its key, as YAML, JSON or a shell would have it."""
_Judge = Callable[[re.Match[str], str], bool]
_SHAPES: Final[tuple[tuple[str, re.Pattern[str], _Judge], ...]] = tuple(
    (sort, re.compile(pattern, re.VERBOSE), judge)
    for sort, pattern, judge in (
        (
            "a private key",
            r"""-----BEGIN[ ](?P<of>[A-Z0-9 ]{0,30}PRIVATE[ ]KEY(?:[ ]BLOCK)?)-----
                (?P<secret>(?:[^-]|-(?!----))*)""",
            _always,
        ),
        ("a private key", r"(?P<secret>b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]*)", _always),
        ("an AWS key", _START + r"(?P<secret>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])", _shaped),
        ("a Google key", _START + rf"(?P<secret>AIza{_B64}{{35}}|GOCSPX-{_B64}{{28}})(?!{_B64})", _shaped),
        ("a GitHub token", _START + r"(?P<secret>gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})", _shaped),
        (
            "a GitLab token",
            _START + rf"(?P<secret>gl(?:pat|dt|rt|ptt|ft|soat|cbt|imt|agent)-{_B64}{{20,}})",
            _shaped,
        ),
        ("a Slack token", _START + r"(?P<secret>(?:xox[a-z]|xapp-[0-9])-[A-Za-z0-9-]{20,})", _shaped),
        (
            "a Stripe key",
            _START + r"(?P<secret>[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})",
            _shaped,
        ),
        (
            "an access token",
            _START
            + rf"""(?P<secret>npm_[A-Za-z0-9]{{36}} | pypi-AgE{_B64}{{40,}} | hf_[A-Za-z]{{34}}
                | do[opr]_v1_[a-f0-9]{{64}}
                | sk-(?:ant|proj|svcacct)-{_B64}{{20,}} | sk-[A-Za-z0-9]{{40,}} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{{32}}
                | SG\.{_B64}{{16,}}\.{_B64}{{16,}} )""",
            _shaped,
        ),
        (
            "a JSON web token",
            _START + rf"(?P<secret>eyJ{_B64}{{8,}}\.eyJ{_B64}{{4,}}\.{_B64}*)",
            _shaped,
        ),
        (
            "the address of a webhook",
            r"""(?: hooks\.slack\.com/(?:services|workflows|triggers)/ | discord(?:app)?\.com/api/webhooks/[0-9]+/
                | webhook\.office\.com/webhookb2/ | hooks\.zapier\.com/hooks/catch/ | /hooks/(?=[a-z0-9]{26}\b)
                | api\.telegram\.org/bot(?=[0-9]+:) ) (?P<secret>[A-Za-z0-9@:/_-]{16,})""",
            _shaped,
        ),
        (
            "a password in an address",
            r"""://[^\s/:@"'<>]*:(?P<secret>[^\s/@"'<>]+)@(?P<host>[A-Za-z0-9.-]*)""",
            _in_address,
        ),
        (
            "a token in an address",
            r"""[?&;](?:[a-z_]*token|[a-z_]*key|sig|signature|[a-z_]*secret|pass[a-z]*)=
                (?P<secret>[^\s&;"'<>\#]{8,})""",
            _drawn,
        ),
        ("a password", rf"(?i:{_NOUN})" + _LITERAL, _thought_up),
        (
            "a password",
            rf"""(?i:{_NOUN})["'`]?(?:[ \t]*[:=][ \t]*[>|][+-]?)?\s{{1,40}}
                (?:(?i:is|ist|lautet)\s{{1,40}})?["'`]?(?P<secret>[^\s"'`]{{8,64}})""",
            _drawn,
        ),
        (
            "a token",
            r"(?i:secret|token|credentials?|(?:api|access|private|routing|integration|signing|encryption|account)[_-]?key)"
            + _LITERAL,
            _drawn,
        ),
    )
)
"""What it seems to be, how it is written, and what it must look like besides."""
_RESERVED: Final = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|net|org|edu))?|invalid|test)\.?", re.IGNORECASE)
"""Hosts that nobody has. *Source:* RFC 2606, RFC 6761."""
_STANDS_FOR: Final = re.compile(
    r"""\{\{ | \{% | \$ | < | \*\*\* | … | \.\.\. | [xX]{4}
    | (?i:example|placeholder|redacted|change-?me|your[_-]|dummy|sample)
    | \A(?:sha(?:1|224|256|384|512)|md5)[-:] | \A(?:[a-z][a-z0-9+.-]*:)?// | \A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T|\Z)
    | \A(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\Z | \A(?:ssh-(?:rsa|ed25519|dss)|ecdsa-|sk-(?:ssh|ecdsa)-)""",
    re.VERBOSE,
)
"""Liquid, inputs of a block, digests, addresses, names of environment variables, public keys, and what shows a form."""
_ORDINARY: Final = re.compile(r".*\s.*|[a-z]+(?:[-_.][a-z]+)*[.!?]?|[0-9:.+-]+|[0-9]+[smhd]", re.IGNORECASE)
"""Sentences, names and words, numbers and times."""
_SPOKEN: Final = frozenset(("password", "passwd", "pass", "secret", "token", "pw", "pwd", "x-oauth-basic"))
_BITS: Final = 2.5
"""Bits a character: sixteen hexadecimal digits drawn at random have 3.2 on average, `aaaa1111` has 1."""


def _bits(value: str) -> float:
    """The Shannon entropy of the characters, in bits each."""
    size = len(value)
    return -sum(number / size * math.log2(number / size) for number in Counter(value).values())


def _alternates(value: str) -> bool:
    """Whether letters and digits, or small and capital letters, change places as they never do in names and words."""
    sorts = ["0" if ch.isdigit() else "a" if ch.islower() else "A" if ch.isupper() else "-" for ch in value]
    changes = sum(one != two and "-" not in (one, two) and (one, two) != ("A", "a") for one, two in pairwise(sorts))
    return changes > 2  # noqa: PLR2004 - `version2beta` has two
