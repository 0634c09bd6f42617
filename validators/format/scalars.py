"""How one value is written: plain where that is safe in every YAML reader, else in quotes, or as a block of lines.

Looks at one scalar at a time and never at what it means in its document.
"""

from __future__ import annotations

import re
from typing import Final

from runner.contract.core_schema import STR, NumberOutOfRange, resolve
from runner.contract.layout import Part
from runner.contract.nodes import Style

__all__ = ["STEP", "WIDTH", "flat_key", "flat_scalar", "folded", "is_text", "kept_block", "literal"]

WIDTH: Final = 120
"""Columns that a line may have where it can be broken."""
STEP: Final = 2
"""Columns that a value stands deeper than its key or its dash."""

_OTHER_READERS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"})
"""What YAML 1.1 takes for something else than text; *Source:* yaml.org/type. As keys these are text for all editors."""
_LIKE_A_NUMBER = re.compile(r"[-+.]*[0-9][-+0-9_.,: TZtzeExXoObB]*")
"""Dates, times, numbers and what is made of them: other readers, and people, may take them for more than text."""
_SAFE_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[A-Za-z0-9])")
_UNSAFE = re.compile(r":(?:\s|$)|\s#|^\s|\s$|^(?:---|\.\.\.)")
_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}]|:(?=[^\w/.-])")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_BREAKS = re.compile(r"\r\n|\r|\n")
_WORD_GAP = re.compile(r"(?<=[^ ]) (?=[^ ])")


def is_text(part: Part) -> bool:
    """Whether a scalar without a tag is text, and no number, boolean or null."""
    if part.style is not Style.PLAIN:
        return True
    try:
        return resolve(part.text)[0] == STR
    except NumberOutOfRange:
        return True


def flat_scalar(part: Part, source: str, *, flow: bool) -> str:
    """A scalar or an alias on one line, with its anchor and tag."""
    if part.sort == "alias":
        return f"*{part.text}"
    if any(each.startswith("!") for each in part.properties):
        written = source[part.body : part.end]
        plain_line = not _BREAKS.search(written) and part.style not in {Style.LITERAL, Style.FOLDED}
        value = written if plain_line else _quoted(part.text)
    elif is_text(part):
        value = _flat_text(part.text, flow=flow)
    else:
        value = "null" if part.text in {"", "~", "Null", "NULL"} else part.text
        value = value.lower() if value.lower() in {"true", "false"} else value
    return " ".join([*part.properties, value])


def flat_key(part: Part, source: str, *, flow: bool) -> str:
    """A key with its colon. What YAML 1.1 takes for a boolean needs no quotes here: `on` is a key of the language."""
    if part.sort == "alias":
        return f"*{part.text} :"
    if not part.properties and part.text.casefold() in {"y", "n", "yes", "no", "on", "off"}:
        return f"{part.text}:"
    return f"{flat_scalar(part, source, flow=flow)}:"


def literal(part: Part, indent: int) -> list[str] | None:
    """The header and the lines of a text as a literal block; None if it cannot be one without tricks."""
    if not _fits_block(part.text):
        return None
    head = "|" + _indicator(part.text) + ("" if part.text.endswith("\n") else "-")
    return [head, *_indented(part.text.removesuffix("\n").split("\n"), indent)]


def folded(part: Part, indent: int) -> list[str] | None:
    """A text of one line, folded at the width; None if folding would change it or bring nothing."""
    text = part.text
    if "\n" in text or text != text.strip() or not _fits_block(text):
        return None
    lines: list[str] = [""]
    for word in _WORD_GAP.split(text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and indent + len(longer) > WIDTH:
            lines.append(word)
        else:
            lines[-1] = longer
    return [">-", *_indented(lines, indent)] if len(lines) > 1 else None


def kept_block(part: Part, source: str, indent: int) -> list[str] | None:
    """A literal or folded block as it is written, moved to an indentation; None if it must be written otherwise."""
    if part.style is Style.LITERAL:
        return literal(part, indent)
    if not _fits_block(part.text):
        return None
    header, *lines = _BREAKS.split(source[part.body : part.end].rstrip())
    first = next(line for line in lines if line.strip(" "))
    told = re.search(r"[1-9]", header.partition("#")[0])
    depth = len(first) - len(first.lstrip(" "))
    if told is not None:  # the number counts from the indentation of what the block stands in, which it does not say
        depth = min(len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" "))
        depth = min(depth, len(first) - _leading_blanks(part.text) - len(first.lstrip(" ")))
    if any(not line.strip(" ") and len(line) > depth for line in lines):
        return None
    bare = [line[depth:] for line in lines]
    head = ">" + _indicator(part.text) + ("" if part.text.endswith("\n") else "-")
    return [head, *_indented(bare, indent)]


def _leading_blanks(text: str) -> int:
    text = text.lstrip("\n")
    return len(text) - len(text.lstrip(" "))


def _indicator(text: str) -> str:
    """The indentation in the header of a block, needed where its first line begins with a blank."""
    return str(STEP) if _leading_blanks(text) else ""


def _fits_block(text: str) -> bool:
    """Whether a text can be a block of lines that any editor leaves as it is."""
    lines = text.removesuffix("\n").split("\n")
    return bool(lines[-1].strip(" ")) and all(
        (line.isprintable() or not line) and (line.strip(" ") or not line) and not line.endswith(" ") for line in lines
    )


def _indented(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]


def _flat_text(text: str, *, flow: bool) -> str:
    if _is_plain(text, flow=flow):
        return text
    if ("'" not in text or '"' in text) and text.isprintable() and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return _quoted(text)


def _is_plain(text: str, *, flow: bool) -> bool:
    if not text or not text.isprintable() or text.casefold() in _OTHER_READERS or not _SAFE_START.match(text):
        return False
    if _UNSAFE.search(text) or (flow and _UNSAFE_IN_FLOW.search(text)) or _LIKE_A_NUMBER.fullmatch(text):
        return False
    try:
        return resolve(text)[0] == STR
    except NumberOutOfRange:
        return False


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(ch) for ch in text) + '"'


def _escaped(ch: str) -> str:
    if ch in _ESCAPES:
        return _ESCAPES[ch]
    if ch.isprintable():
        return ch
    return re.sub(r"^\\u00", r"\\x", f"\\u{ord(ch):04x}") if ch <= "\uffff" else f"\\U{ord(ch):08x}"
