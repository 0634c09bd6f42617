"""Texts that are nearly YAML: made of what YAML is made of, and real documents with a few things changed."""

from __future__ import annotations

import json
import random
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["PIECES", "SUITE", "SUITE_FILE", "any_bytes", "any_text", "shipped"]

ROOT: Final = Path(__file__).resolve().parents[2]
SUITE_FILE: Final = ROOT / "tests/runner/contract/fixtures/yaml-test-suite/cases.json"
SUITE: Final[Sequence[dict[str, Any]]] = json.loads(SUITE_FILE.read_bytes())
"""Cases of the YAML test suite: `id`, `name`, `fail` (it is no YAML), `yaml`, and `json`, its value, or null."""
PIECES: Final = (
    *("a", "b: ", "- ", "? ", ": ", "[", "]", "{", "}", ", ", ",", "-", "?", ":", "a:b", "a: b", "x y", " ", "  "),
    *("\n", "\n", "\n", "\n  ", "\n  ", "\n    ", "\n\n", "\n \n", "\n   \n", "\r\n", "\r\n  ", "\r", "\t", "\n\t"),
    *("k:\n  ", "k: v\n", "- x\n", "- - ", "- a: 1\n  b: 2\n", "{a: b}", "[a, b]", "{a}", "{a: b,\n  c: d}", '"a":1'),
    *('"', "'", "'x'", '"y"', "'it''s'", '"a\\"b"', '"a\n b"', "'a\n\n b'", '"\\x41"', '"\\ud800"', "\\", "\\n"),
    *("|\n", "|\n  ", ">-\n  ", ">\n", "|+\n  ", "|2\n", ">1-\n", ">\n\n  x\n", "a\n  b", "# c\n", " # c\n  ", "#"),
    *("---\n", "--- ", "...\n", "%YAML 1.2\n", "%", "<<: ", "&x ", "*x ", "!t ", "!!int ", "!", "&", "*", "@", "`"),
    *("1", "-1", "0x1", "1.5", "1e999", ".nan", "null", "true", "yes", "on:", "1:30", "~", "=", "-x", "?x", ":x"),
    *("ä", "漢", "😀", "\u2028", "\x85", "\ufeff", "\0", "\x1b", "http://x", "$in", "{{ a | default: 'b' }}"),
)
"""What YAML is made of, and what it stumbles over."""


@cache
def shipped() -> tuple[str, ...]:
    """The texts of all shipped policies and templates."""
    files = sorted(path for part in ("policies", "templates") for path in (ROOT / part).rglob("*.yaml"))
    return tuple(path.read_text(encoding="utf-8") for path in files)


def any_text(pick: random.Random) -> str:
    """A text: half of the time pieces in a row, else some lines of a real document, spoilt in up to three places."""
    if pick.random() < 0.5:
        return "".join(pick.choice(PIECES) for _ in range(pick.randint(1, 14)))
    text = pick.choice((pick.choice(shipped()), str(pick.choice(SUITE)["yaml"])))
    lines = text.splitlines(keepends=True)
    if len(lines) > 8 and pick.random() < 0.8:
        start = pick.randrange(len(lines) - 3)
        text = textwrap.dedent("".join(lines[start : start + pick.randint(3, 12)]))
    for _ in range(pick.randint(0, 3)):
        text = _spoilt(pick, text)
    return text


def any_bytes(pick: random.Random) -> bytes:
    """The bytes of a text, now and then in another encoding or with a byte changed."""
    text = any_text(pick)
    way = pick.random()
    if way < 0.02:
        return text.encode(pick.choice(("utf-16", "utf-16-le", "utf-32", "latin-1")), errors="replace")
    data = text.encode(errors="surrogatepass")
    if way < 0.06 and data:
        place = pick.randrange(len(data))
        data = data[:place] + pick.randbytes(1) + data[place + 1 :]
    return b"\xef\xbb\xbf" + data if way > 0.98 else data


def _spoilt(pick: random.Random, text: str) -> str:
    at, way = pick.randint(0, len(text)), pick.random()
    if way < 0.4:
        return text[:at] + pick.choice(PIECES) + text[at:]
    if way < 0.7:
        return text[:at] + text[at + pick.randint(1, 3) :]
    if way < 0.85:
        return text[:at] + pick.choice(PIECES) + text[at + 1 :]
    source = pick.randint(0, len(text))
    return text[:at] + text[source : source + pick.randint(1, 20)] + text[at:]
