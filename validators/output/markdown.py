"""Text for Markdown in which nothing taken from a file can become markup, a link, a mention or a reference."""

from __future__ import annotations

import re
from typing import Final

from runner.contract.diagnostic import printable_lines

__all__ = ["code", "fenced", "words"]

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()#+\-.!|~$]")
_NOTHING: Final = "<!-- -->"
"""Parts what GitHub would otherwise make a mention, a reference or a link of."""
_LIVE: Final = re.compile(r"(@)(?=\w)|(#)(?=\d)|(GH)(?=-\d)|(:)(?=//)|(www)(?=\.)", re.IGNORECASE)
_TICKED: Final = re.compile(r"`([^`\n]+)`")


def words(text: str) -> str:
    """Prose on one line: what stands between backticks becomes code, the rest plain text."""
    parts = _TICKED.split(" ".join(printable_lines(text).split("\n")))
    return "".join(code(part) if index % 2 else _plain(part) for index, part in enumerate(parts))


def code(text: str) -> str:
    """A piece of code on one line, also in a table."""
    escaped = _entities(" ".join(printable_lines(text).split("\n")))
    return f"<code>{_MARKUP.sub(lambda found: f'&#{ord(found[0])};', escaped)}</code>"


def fenced(text: str, language: str = "") -> str:
    """Lines of code between fences that the text cannot close; ends with a line break."""
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}\n"


def _plain(text: str) -> str:
    parted = _LIVE.sub(lambda found: f"{found[0]}\0", text)
    escaped = _MARKUP.sub(lambda found: f"\\{found[0]}", _entities(parted))
    return escaped.replace("\0", _NOTHING)


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
